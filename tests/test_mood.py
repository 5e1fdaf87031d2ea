from __future__ import annotations

import math
import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from mood_reference import FEEDS, ZONE, News, SlowMoods, build_frame, day_of, invent_news, topics_of, weights_of

from sentinel.mood import believable_times, bootstrap_mean, build_moods, local_days, weigh_items
from sentinel.records import LABELS, MOOD_COLUMNS, SCORED_ITEM_COLUMNS, TOPIC_COLUMNS, Feed

if TYPE_CHECKING:
    from collections.abc import Sequence

DAY = date(2026, 3, 20)
NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
GOOD, BAD, PLAIN = (0.1, 0.2, 0.7), (0.6, 0.3, 0.1), (0.1, 0.8, 0.1)


def _news(
    number: int,
    probabilities: tuple[float, float, float] | None = GOOD,
    *,
    days_ago: int = 0,
    feed: str = "markets-wire",
    story: str = "",
) -> News:
    first_seen = NOON - timedelta(days=days_ago) + timedelta(seconds=number)
    item_id = f"{days_ago:03}-{number:03}"
    return News(item_id, feed, story or item_id, first_seen, first_seen, probabilities)


def _moods(
    news: Sequence[News],
    *,
    first_day: date = DAY,
    interval_days: Sequence[date] = (),
    feeds: dict[str, Feed] = FEEDS,
    zone: str = "UTC",
) -> pd.DataFrame:
    weighed = weigh_items(build_frame(news), feeds, timezone=zone)
    return build_moods(weighed, first_day=first_day, last_day=DAY, interval_days=interval_days)


def _market(news: Sequence[News], *, feeds: dict[str, Feed] = FEEDS) -> pd.Series:
    moods = _moods(news, feeds=feeds)
    return moods[moods["topic_kind"] == "market"].iloc[0]


# Every formula against the slow reference


@pytest.mark.parametrize("seed", [1, 2])
def test_moods_equal_the_slow_reference(seed: int) -> None:
    news = invent_news(seed)
    first, last = date(2026, 5, 1), date(2026, 6, 10)  # ends after the last news
    weighed = weigh_items(build_frame(news), FEEDS, timezone=ZONE)
    moods = build_moods(weighed, first_day=first, last_day=last, interval_days=[])
    slow = SlowMoods(news, FEEDS, ZONE)
    topics = {topic for one in news for topic in topics_of(one, FEEDS)}
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    expected = pd.DataFrame(
        [
            {"day": day, "topic_kind": kind, "topic": topic, **slow.figures(kind, topic, day)}
            for day in days
            for kind, topic in sorted(topics)
            if slow.has_news(kind, topic, day)
        ]
    )
    actual = moods[expected.columns]
    assert actual["z"].notna().sum() > 30
    assert actual["usual_items"].notna().sum() > 100
    assert actual["mood"].isna().sum() > 20
    pd.testing.assert_frame_equal(actual, expected, check_dtype=False, rtol=1e-9, atol=1e-9)


def test_items_are_weighed_as_in_the_slow_reference() -> None:
    news = invent_news(3, n_items=300, n_days=20)
    weighed = weigh_items(build_frame(news), FEEDS, timezone=ZONE).set_index("item_id")
    weights = weights_of(news, FEEDS)
    for one in news:
        row = weighed.loc[one.item_id]
        assert row["day"] == day_of(one, ZONE)
        assert row["weight"] == pytest.approx(weights[one.item_id])
        if one.probabilities is None:
            assert np.isnan(row["polarity"])
            assert row["label"] == ""
        else:
            assert row["polarity"] == pytest.approx(one.polarity)
            assert row["label"] == ("negative", "neutral", "positive")[np.argmax(one.probabilities)]


def test_weighed_items_are_sorted_by_id() -> None:
    weighed = weigh_items(build_frame(invent_news(3, n_items=50)), FEEDS, timezone=ZONE)
    assert weighed["item_id"].is_monotonic_increasing
    assert weighed.index.tolist() == list(range(50))


def test_item_has_the_kind_and_topics_of_its_feed() -> None:
    weighed = weigh_items(build_frame([_news(1)]), FEEDS, timezone=ZONE)
    assert weighed.loc[0, ["kind", "topics", "weight"]].tolist() == ["markets", "Equities,Energy", 1.0]


def test_item_of_an_unlisted_feed_weighs_one_and_is_of_kind_archive() -> None:
    weighed = weigh_items(build_frame([_news(1, feed="old-clippings")]), FEEDS, timezone=ZONE)
    assert weighed.loc[0, ["kind", "topics", "weight"]].tolist() == ["archive", "", 1.0]


def test_items_without_known_stories_are_stories_of_their_own() -> None:
    weighed = weigh_items(build_frame([_news(1), _news(2)], with_stories=False), FEEDS, timezone=ZONE)
    assert weighed["story_id"].tolist() == weighed["item_id"].tolist()
    assert weighed["weight"].tolist() == [1.0, 1.0]


def test_weighing_leaves_the_items_as_they_were() -> None:
    frame = build_frame(invent_news(3, n_items=20))
    before = frame.copy()
    weigh_items(frame, FEEDS, timezone=ZONE)
    pd.testing.assert_frame_equal(frame, before)


def test_kth_copy_of_a_story_weighs_three_quarters_to_the_k() -> None:
    copies = [_news(number, story="merger") for number in range(5)]
    weighed = weigh_items(build_frame(copies[::-1]), FEEDS, timezone=ZONE)
    assert weighed["weight"].tolist() == [0.75**k for k in range(5)]


def test_copies_are_counted_in_the_order_they_were_first_seen_across_days_and_feeds() -> None:
    late, early = _news(1, story="merger", feed="economy-desk"), _news(9, story="merger", days_ago=1)
    weighed = weigh_items(build_frame([late, early]), FEEDS, timezone=ZONE).set_index("item_id")
    assert weighed.loc[early.item_id, "weight"] == 1.0
    assert weighed.loc[late.item_id, "weight"] == pytest.approx(0.7 * 0.75)


def test_copies_of_a_story_lower_the_effective_number_of_stories() -> None:
    distinct = [_news(number) for number in range(6)]
    copied = [replace(one, story_id="merger") if number < 3 else one for number, one in enumerate(distinct)]
    told = 1 + 0.75 + 0.75**2
    assert _market(distinct)["n_eff"] == pytest.approx(6)
    assert _market(copied)["n_eff"] == pytest.approx((told + 3) ** 2 / (told**2 + 3))
    assert _market(copied)["n_stories"] == 4
    assert _market(copied)["n_items"] == 6
    assert _market(copied)["mood"] < _market(distinct)["mood"]


# Day of an item


@pytest.mark.parametrize(
    ("offset", "believed"),
    [
        (timedelta(days=-7), False),
        (timedelta(days=-7, microseconds=1), True),
        (timedelta(0), True),
        (timedelta(hours=1), True),
        (timedelta(hours=1, microseconds=1), False),
        (timedelta(days=-400), False),
        (timedelta(days=400), False),
    ],
    ids=str,
)
def test_published_counts_only_near_first_seen(offset: timedelta, *, believed: bool) -> None:
    first_seen = datetime(2026, 3, 20, 23, 30, tzinfo=UTC)
    published = first_seen + offset
    (time,) = believable_times(pd.Series([published]).dt.as_unit("us"), pd.Series([first_seen]).dt.as_unit("us"))
    assert time == (published if believed else first_seen)


def test_item_without_published_counts_when_it_was_first_seen() -> None:
    published = pd.Series(pd.to_datetime([None], utc=True))
    assert believable_times(published, pd.Series([NOON])).tolist() == [NOON]


@pytest.mark.parametrize(
    ("time", "zone", "expected"),
    [
        ("2026-03-20T23:59:59Z", "UTC", date(2026, 3, 20)),
        ("2026-03-21T00:00:00Z", "UTC", date(2026, 3, 21)),
        ("2026-03-20T14:59:59Z", "Asia/Tokyo", date(2026, 3, 20)),
        ("2026-03-20T15:00:00Z", "Asia/Tokyo", date(2026, 3, 21)),
        # New York: UTC-5 until 8 March 2026 at 2:00, UTC-4 until 1 November 2026 at 2:00
        ("2026-03-08T04:59:59Z", "America/New_York", date(2026, 3, 7)),
        ("2026-03-08T05:00:00Z", "America/New_York", date(2026, 3, 8)),
        ("2026-03-09T03:59:59Z", "America/New_York", date(2026, 3, 8)),
        ("2026-03-09T04:00:00Z", "America/New_York", date(2026, 3, 9)),
        ("2026-11-01T03:59:59Z", "America/New_York", date(2026, 10, 31)),
        ("2026-11-01T04:00:00Z", "America/New_York", date(2026, 11, 1)),
        ("2026-11-02T04:59:59Z", "America/New_York", date(2026, 11, 1)),
        ("2026-11-02T05:00:00Z", "America/New_York", date(2026, 11, 2)),
        ("2025-12-31T10:00:00Z", "Pacific/Kiritimati", date(2026, 1, 1)),
        ("2026-03-20T18:30:00Z", "Asia/Kolkata", date(2026, 3, 21)),
    ],
)
def test_day_is_that_of_the_report_zone(time: str, zone: str, expected: date) -> None:
    times = pd.Series(pd.to_datetime([time], utc=True))
    assert local_days(times, timezone=zone).tolist() == [expected]


@pytest.mark.parametrize(("day", "n_hours"), [("2026-03-08", 23), ("2026-11-01", 25), ("2026-06-01", 24)])
def test_night_of_the_clock_change_loses_and_doubles_no_hour(day: str, n_hours: int) -> None:
    start = pd.Timestamp(day, tz="UTC") - pd.Timedelta(days=1)
    times = pd.Series(pd.date_range(start, periods=72, freq="h"))
    days = local_days(times, timezone=ZONE)
    assert (days == date.fromisoformat(day)).sum() == n_hours
    assert days.is_monotonic_increasing


# Mood, and when there is not enough news


@pytest.mark.parametrize("n_stories", [0, 1, 2])
@pytest.mark.parametrize("probabilities", [GOOD, PLAIN])
def test_mood_under_three_effective_stories_is_unknown_and_not_zero(
    n_stories: int, probabilities: tuple[float, float, float]
) -> None:
    yesterday = [_news(number, days_ago=1) for number in range(5)]
    row = _market([*yesterday, *(_news(number, probabilities) for number in range(n_stories))])
    assert row[["mood", "low", "high", "change", "z"]].isna().all()
    assert np.isfinite(row["trend"])
    assert (row["n_items"], row["n_stories"], row["n_eff"]) == (n_stories, n_stories, n_stories)


def test_many_copies_of_two_stories_are_not_enough_news() -> None:
    copies = [_news(number, story=f"story-{number % 2}") for number in range(30)]
    row = _market(copies)
    assert row["n_items"] == 30
    assert np.isnan(row["mood"])


@pytest.mark.parametrize("weight", [0.01, 0.1, 0.13, 0.3, 0.7, 1.0, 1.1, 3.0, 17.3])
def test_three_equal_stories_are_enough_news_whatever_their_weight(weight: float) -> None:
    feeds = {"markets-wire": replace(FEEDS["markets-wire"], weight=weight)}
    row = _market([_news(number) for number in range(3)], feeds=feeds)
    assert row["mood"] == pytest.approx(100 * 0.6 * 3 / 8)


def test_balanced_news_gives_a_mood_of_zero() -> None:
    assert _market([_news(n, (0.5, 0, 0.5)) for n in range(4)])["mood"] == 0


def test_feed_that_weighs_more_counts_more() -> None:
    feeds = {
        "markets-wire": replace(FEEDS["markets-wire"], weight=3.0),
        "press-wire": replace(FEEDS["press-wire"], weight=1.0),
    }
    news = [*(_news(n, (0, 0, 1)) for n in range(4)), *(_news(n + 9, (1, 0, 0), feed="press-wire") for n in range(4))]
    n_eff = 16**2 / (4 * 9 + 4)
    assert _market(news, feeds=feeds)["mood"] == pytest.approx(100 * 0.5 * n_eff / (n_eff + 5))


def test_items_without_a_score_are_left_out() -> None:
    scored = [_news(number, [GOOD, BAD, PLAIN][number % 3]) for number in range(7)]
    unscored = [_news(number, None, feed="press-wire") for number in range(20, 30)]
    pd.testing.assert_frame_equal(_moods([*scored, *unscored]), _moods(scored))


@pytest.mark.parametrize("news", [[], [_news(1, None)], [_news(1, days_ago=300)], [_news(1, days_ago=-1)]])
def test_no_scored_items_in_the_span_give_an_empty_frame(news: list[News]) -> None:
    moods = _moods(news)
    assert moods.empty
    assert tuple(moods.columns) == MOOD_COLUMNS


def test_frame_without_rows_and_types_gives_an_empty_frame() -> None:
    frame = pd.DataFrame(columns=list(SCORED_ITEM_COLUMNS))
    for name in ("published", "first_seen"):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    moods = build_moods(weigh_items(frame, FEEDS, timezone=ZONE), first_day=DAY, last_day=DAY, interval_days=[DAY])
    assert tuple(moods.columns) == MOOD_COLUMNS
    assert moods.empty


def test_moods_are_sorted_and_have_the_columns_and_types_of_the_contract() -> None:
    moods = _moods(invent_news(4, n_items=300, n_days=100), first_day=DAY - timedelta(days=9), zone=ZONE)
    assert tuple(moods.columns) == MOOD_COLUMNS
    keys = list(moods[["day", "topic_kind", "topic"]].itertuples(index=False, name=None))
    assert keys == sorted(set(keys))
    assert {str(moods[name].dtype) for name in MOOD_COLUMNS if name.startswith("n_") and name != "n_eff"} == {"int64"}
    assert moods.index.tolist() == list(range(len(moods)))


def test_topic_without_news_for_ninety_days_has_no_row() -> None:
    assert len(_moods([_news(n, days_ago=89) for n in range(5)])) > 0
    assert _moods([_news(n, days_ago=90) for n in range(5)]).empty


# Trend, momentum, change, z, usual counts


@pytest.mark.parametrize("days_ago", [0, 1, 7, 30])
def test_trend_weighs_an_item_by_its_age(days_ago: int) -> None:
    old = [_news(n, (0, 0, 1), days_ago=days_ago) for n in range(3)]
    new = [_news(n, (1, 0, 0)) for n in range(10, 13)]
    expected = 100 * (0.95**days_ago - 1) / (0.95**days_ago + 1)
    assert _market([*old, *new])["trend"] == pytest.approx(expected)


def test_trend_forgets_what_is_ninety_days_old() -> None:
    old, new = [_news(n, (0, 0, 1), days_ago=90) for n in range(9)], [_news(n, (1, 0, 0)) for n in range(3)]
    assert _market([*old, *new])["trend"] == pytest.approx(-100)


def test_trend_of_under_three_effective_stories_is_unknown() -> None:
    assert np.isnan(_market([_news(1), _news(2), _news(3, story="000-002")])["trend"])
    assert np.isnan(_market([_news(n, days_ago=day) for n, day in enumerate((0, 0, 5))])["trend"])
    assert np.isfinite(_market([_news(n, days_ago=day) for n, day in enumerate((0, 0, 5, 5))])["trend"])


def test_trend_of_many_thin_days_is_known() -> None:
    row = _market([_news(1, days_ago=day) for day in range(9)])
    assert np.isnan(row["mood"])
    assert row["trend"] == pytest.approx(60)


def test_momentum_is_the_trend_less_that_of_seven_days_ago() -> None:
    news = [_news(n, [GOOD, BAD, PLAIN][n % 3], days_ago=n * 3) for n in range(32)]
    moods = _moods(news, first_day=DAY - timedelta(days=7))
    trend = moods[moods["topic_kind"] == "market"].set_index("day")["trend"]
    assert _market(news)["momentum"] == pytest.approx(trend[DAY] - trend[DAY - timedelta(days=7)])


def test_momentum_is_unknown_within_the_first_week() -> None:
    assert np.isnan(_market([_news(n, days_ago=6) for n in range(3)])["momentum"])
    assert np.isfinite(_market([_news(n, days_ago=7) for n in range(3)])["momentum"])


def test_change_is_unknown_when_either_day_is() -> None:
    today, yesterday = [_news(n) for n in range(5)], [_news(n, BAD, days_ago=1) for n in range(5)]
    before = [_news(n, BAD, days_ago=2) for n in range(5)]
    assert _market([*today, *yesterday])["change"] == pytest.approx(100 * 0.5 * (0.6 + 0.5))
    assert np.isnan(_market([*today, *before])["change"])
    assert np.isnan(_market([*today, *yesterday[:2]])["change"])
    assert np.isnan(_market([*today[:2], *yesterday])["change"])


def _months(n_days: int) -> list[News]:
    """Give 4 stories on each of the n_days before DAY, good and bad days in turn, and an outstanding DAY."""
    past = [_news(n, GOOD if day % 2 else BAD, days_ago=day) for day in range(1, n_days + 1) for n in range(4)]
    return [*past, *(_news(n, (0, 0, 1)) for n in range(4))]


def test_z_needs_twenty_days() -> None:
    assert np.isnan(_market(_months(19))["z"])
    assert np.isfinite(_market(_months(20))["z"])


def test_z_compares_with_the_days_before_and_not_with_the_day_itself() -> None:
    # 20 moods of +-: mean (0.6 - 0.5) / 2, sd of two values that differ by 1.1, over n - 1
    shrink = 100 * 4 / 9
    mean, sd = shrink * 0.05, shrink * 0.55 * math.sqrt(20 / 19)
    assert _market(_months(20))["z"] == pytest.approx((shrink - mean) / sd)


def test_z_forgets_what_is_more_than_ninety_days_old() -> None:
    older = [_news(n, (1, 0, 0), days_ago=day) for day in (91, 92) for n in range(4)]
    assert _market([*_months(60), *older])["z"] == _market(_months(60))["z"]


@pytest.mark.parametrize("probabilities", [GOOD, (1 / 3, 1 / 3, 1 / 3), (0.123, 0.456, 0.421)])
def test_z_of_a_mood_that_never_moved_is_unknown(probabilities: tuple[float, float, float]) -> None:
    past = [_news(n, probabilities, days_ago=day) for day in range(1, 61) for n in range(3)]
    assert np.isnan(_market([*past, *(_news(n, probabilities) for n in range(3))])["z"])


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([], None),
        ([5, 9], None),
        ([5, 9, 7], 7),
        ([5, 9, 7, 100], 8),
        ([0, 0, 0, 6], 0),
        ([4, 0, 6], 4),
        ([1] * 5 + [9] * 7, 9),
        ([1] * 6 + [9] * 6 + [1] * 9, 5),  # what is 13 weeks old and older is forgotten
    ],
    ids=str,
)
def test_usual_items_is_the_median_count_of_that_weekday(counts: list[int], expected: float | None) -> None:
    same = [_news(n, days_ago=7 * (week + 1)) for week, count in enumerate(counts) for n in range(count)]
    other_weekdays = [_news(n, days_ago=day) for day in range(1, 15) if day % 7 for n in range(11)]
    usual = _market([_news(500), *same, *other_weekdays])["usual_items"]
    assert np.isnan(usual) if expected is None else usual == expected


@pytest.mark.parametrize(("days_ago", "expected"), [(90, 0), (91, None)])
def test_usual_items_are_counted_from_the_first_news_of_the_last_ninety_days(
    days_ago: int, expected: float | None
) -> None:
    usual = _market([_news(1), _news(2, days_ago=days_ago)])["usual_items"]
    assert np.isnan(usual) if expected is None else usual == expected


# Breadth, dispersion, counts, topics


def test_breadth_is_the_share_of_positive_less_that_of_negative_items() -> None:
    row = _market([*(_news(n, GOOD) for n in range(5)), *(_news(n, BAD) for n in range(5, 7)), _news(8, PLAIN)])
    assert row["breadth"] == pytest.approx((5 - 2) / 8)
    assert (row["n_positive"], row["n_negative"], row["n_neutral"], row["n_items"]) == (5, 2, 1, 8)


def test_breadth_of_a_day_without_items_is_unknown() -> None:
    assert np.isnan(_market([_news(1, days_ago=1)])["breadth"])


def test_dispersion_is_the_spread_of_the_feeds_means() -> None:
    one_feed = [_news(n, GOOD) for n in range(3)]
    assert np.isnan(_market(one_feed)["dispersion"])
    other = [_news(n + 9, (0.9, 0.1, 0), feed="press-wire") for n in range(2)]
    assert _market([*one_feed, *other])["dispersion"] == pytest.approx(100 * (0.6 + 0.9) / 2)
    same = [_news(n + 9, GOOD, feed="press-wire") for n in range(2)]
    assert _market([*one_feed, *same])["dispersion"] == pytest.approx(0)


def test_item_counts_for_the_market_its_feed_its_kind_and_each_topic() -> None:
    moods = _moods([_news(1), _news(2, feed="old-clippings")])
    counts = moods.set_index(["topic_kind", "topic"])["n_items"].to_dict()
    assert counts == {
        ("market", "market"): 2,
        ("kind", "markets"): 1,
        ("kind", "archive"): 1,
        ("feed", "markets-wire"): 1,
        ("feed", "old-clippings"): 1,
        ("topic", "Equities"): 1,
        ("topic", "Energy"): 1,
    }


# Interval


def test_intervals_are_given_for_the_market_and_on_the_days_asked_for() -> None:
    yesterday = DAY - timedelta(days=1)
    news = [_news(n, [GOOD, BAD, PLAIN][n % 3], days_ago=day) for day in (0, 1) for n in range(6)]
    moods = _moods(news, first_day=yesterday, interval_days=[DAY])
    wanted = (moods["day"] == DAY) | (moods["topic_kind"] == "market")
    assert moods["low"].notna().tolist() == moods["high"].notna().tolist() == wanted.tolist()


def test_interval_is_the_same_for_the_same_stories_and_differs_between_days() -> None:
    news = [_news(n, (1 - n / 40, 0, n / 40), days_ago=day) for day in (0, 1) for n in range(40)]
    yesterday = DAY - timedelta(days=1)
    moods = _moods(news, first_day=yesterday, interval_days=[yesterday, DAY])
    pd.testing.assert_frame_equal(moods, _moods(news, first_day=yesterday, interval_days=[yesterday, DAY]))
    assert np.ptp(moods["mood"]) < 1e-9  # the same polarities every day and in every topic
    assert moods["topic_kind"].nunique() > 2
    assert moods.groupby("day")[["low", "high"]].nunique().to_numpy().tolist() == [[1, 1], [1, 1]]
    assert moods["low"].nunique() == 2  # other stories, other draws


def test_intervals_equal_the_slow_reference() -> None:
    news = invent_news(8, n_items=120, n_days=2)
    day = date(2026, 1, 6)
    weighed = weigh_items(build_frame(news), FEEDS, timezone="UTC")
    moods = build_moods(weighed, first_day=day, last_day=day, interval_days=[day])
    slow = SlowMoods(news, FEEDS, "UTC")
    for row in moods.itertuples():
        expected = slow.interval(row.topic_kind, row.topic, day) or (np.nan, np.nan)
        np.testing.assert_allclose((row.low, row.high), expected, rtol=0, atol=1e-9)
    assert moods["low"].notna().sum() > 3


def test_interval_is_that_of_a_plain_bootstrap_over_stories() -> None:
    news = invent_news(8, n_items=80, n_days=1)
    last = date(2026, 1, 5)
    weighed = weigh_items(build_frame(news), {}, timezone="UTC")
    moods = build_moods(weighed, first_day=last, last_day=last, interval_days=[])
    row = moods[moods["topic_kind"] == "market"].iloc[0]
    slow = SlowMoods(news, {}, "UTC")
    stories: dict[str, list[News]] = {}
    for one in slow.at("market", "market", last):
        stories.setdefault(one.story_id, []).append(one)
    generator = random.Random(1)  # noqa: S311  # a bootstrap
    means = []
    for _ in range(4_000):
        drawn = [one for story in generator.choices(list(stories), k=len(stories)) for one in stories[story]]
        total = sum(slow.weights[one.item_id] for one in drawn)
        means.append(sum(slow.weights[one.item_id] * one.polarity for one in drawn) / total)
    low, high = 100 * np.percentile(means, [2.5, 97.5]) * row["n_eff"] / (row["n_eff"] + 5)
    assert row["low"] == pytest.approx(low, abs=0.1 * (high - low))
    assert row["high"] == pytest.approx(high, abs=0.1 * (high - low))
    assert row["high"] - row["low"] > 5


def test_bootstrap_is_seeded() -> None:
    sums = np.random.default_rng(0).uniform(0.5, 1, size=(30, 2))
    assert bootstrap_mean(sums, seed=1).tolist() == bootstrap_mean(sums, seed=1).tolist()
    assert bootstrap_mean(sums, seed=1).tolist() != bootstrap_mean(sums, seed=2).tolist()


@pytest.mark.parametrize("n_stories", [15, 60])
def test_bootstrap_interval_covers_the_true_mean_about_as_often_as_it_says(n_stories: int) -> None:
    generator = np.random.default_rng(n_stories)
    hits = 0
    for trial in range(200):
        polarity = generator.beta(2, 1.4, size=n_stories) * 2 - 1
        weight = generator.choice([0.3, 1.0, 1.75], size=n_stories)
        low, high = bootstrap_mean(np.column_stack([weight, weight * polarity]), seed=trial)
        hits += low <= 2 * (2 / 3.4) - 1 <= high
    assert 0.88 <= hits / 200 <= 0.99


def test_bootstrap_of_more_stories_than_fit_at_once_is_drawn_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    sums = np.column_stack([np.ones(500), np.linspace(-1, 1, 500)])
    whole = bootstrap_mean(sums, seed=1)
    monkeypatch.setattr("sentinel.mood.interval.BOOTSTRAP_CELLS", 7_000)
    np.testing.assert_allclose(bootstrap_mean(sums, seed=1), whole, rtol=0, atol=1e-12)


def test_bootstrap_of_many_stories_draws_bundles_that_vary_as_the_stories_do() -> None:
    generator = np.random.default_rng(3)
    weight, polarity = generator.uniform(0.3, 1.7, size=30_000), generator.uniform(-1, 1, size=30_000)
    low, high = bootstrap_mean(np.column_stack([weight, weight * polarity]), seed=1)
    mean = np.average(polarity, weights=weight)
    error = np.sqrt((weight**2 * (polarity - mean) ** 2).sum()) / weight.sum()  # of a ratio, linearised
    assert low < mean < high
    assert (high - low) / (2 * 1.96 * error) == pytest.approx(1, abs=0.1)


# What texts speak of


def _topics(rows: Sequence[tuple[str, str, str, float]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(TOPIC_COLUMNS))


def test_an_item_weighs_in_a_topic_of_its_text_by_relevance() -> None:
    news = [_news(1, GOOD), _news(2, BAD), _news(3, GOOD, feed="economy-desk"), _news(4, PLAIN)]
    relevance = {"000-001": 1.0, "000-002": 0.5, "000-003": 0.6, "000-004": 0.9}
    topics = _topics([(item_id, "company", "ACME", share) for item_id, share in relevance.items()])
    weighed = weigh_items(build_frame(news), FEEDS, timezone="UTC")
    moods = build_moods(weighed, first_day=DAY, last_day=DAY, interval_days=[DAY], topics=topics)
    (acme,) = moods[moods["topic_kind"] == "company"].to_dict("records")
    weights = {one.item_id: relevance[one.item_id] * FEEDS[one.feed].weight for one in news}
    n_eff = sum(weights.values()) ** 2 / sum(weight**2 for weight in weights.values())
    mean = sum(weights[one.item_id] * one.polarity for one in news) / sum(weights.values())
    assert acme["n_eff"] == pytest.approx(n_eff)
    assert acme["mood"] == pytest.approx(100 * mean * n_eff / (n_eff + 5))
    assert acme["low"] < acme["mood"] < acme["high"]
    assert acme["n_items"] == 4


def test_relevance_of_a_topic_leaves_every_other_mood_alone() -> None:
    news = invent_news(4, n_items=200, n_days=20)
    weighed = weigh_items(build_frame(news), FEEDS, timezone="UTC")
    days = sorted(set(weighed["day"]))
    span = {"first_day": days[-3], "last_day": days[-1], "interval_days": days[-1:]}
    topics = _topics([(one.item_id, "theme", "rates", 0.3) for one in news[::2]])
    both = build_moods(weighed, **span, topics=topics)
    pd.testing.assert_frame_equal(
        both[both["topic_kind"] != "theme"].reset_index(drop=True), build_moods(weighed, **span)
    )


def test_a_topic_of_texts_has_a_row_on_days_with_such_news_alone() -> None:
    news = [_news(number, days_ago=days_ago) for days_ago in (0, 1, 2) for number in (1, 2, 3)]
    topics = _topics([(f"{days_ago:03}-001", "sector", "energy", 1.0) for days_ago in (0, 2)])
    weighed = weigh_items(build_frame(news), FEEDS, timezone="UTC")
    moods = build_moods(weighed, first_day=DAY - timedelta(days=2), last_day=DAY, interval_days=[], topics=topics)
    energy = moods[moods["topic_kind"] == "sector"]
    assert energy["day"].tolist() == [DAY - timedelta(days=2), DAY]
    assert energy["n_items"].tolist() == [1, 1]
    assert energy["trend"].isna().all()


def test_company_counts_what_a_headline_is_for_it_and_the_market_what_it_is() -> None:
    """Three headlines say bad things of LAN and, being good news in all, of nobody else."""
    news = [_news(number) for number in range(3)]
    topics = pd.DataFrame(
        [(item.item_id, "company", name, 0.5) for item in news for name in ("LAN", "OCK")], columns=list(TOPIC_COLUMNS)
    )
    shares = pd.DataFrame([BAD if name == "LAN" else (np.nan,) * 3 for name in topics["topic"]], columns=list(LABELS))
    weighed = weigh_items(build_frame(news), FEEDS, timezone="UTC")
    moods = build_moods(
        weighed, first_day=DAY, last_day=DAY, interval_days=[DAY], topics=topics.join(shares)
    ).set_index("topic")
    plain = build_moods(weighed, first_day=DAY, last_day=DAY, interval_days=[DAY], topics=topics).set_index("topic")
    assert moods.loc["LAN", "mood"] == pytest.approx(100 * (0.1 - 0.6) * 3 / 8)
    assert moods.loc["LAN", ["n_negative", "n_positive"]].tolist() == [3, 0]
    assert moods.loc["LAN", "low"] < 0
    pd.testing.assert_frame_equal(moods.drop("LAN"), plain.drop("LAN"))
