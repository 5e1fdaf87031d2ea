"""Why a mood moved and on whom it rests: exact sums, and figures that single feeds cannot turn."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mood_reference import FEED_NAMES, FEEDS, News, SlowMoves, build_frame, invent_news, topics_of, weights_of

from sentinel.mood import build_contributions, build_moods, build_moves, usual_polarities, weigh_items
from sentinel.records import CONTRIBUTION_COLUMNS, MOVE_COLUMNS, TOPIC_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

DAY = date(2026, 3, 20)
YESTERDAY = DAY - timedelta(days=1)
NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
GOOD, BAD, PLAIN = (0.1, 0.2, 0.7), (0.6, 0.3, 0.1), (0.1, 0.8, 0.1)
PARTS = ["from_new", "from_faded", "from_ongoing", "from_feeds", "from_mix", "from_amount"]
USUAL = {"markets-wire": 0.2, "old-clippings": -0.3}
few = settings(deadline=None, max_examples=40)


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


_shares = st.tuples(*[st.integers(0, 20)] * 3).filter(any)
_two_days = st.lists(
    st.builds(
        _news,
        number=st.just(0),
        probabilities=_shares.map(lambda shares: tuple(share / sum(shares) for share in shares)),
        days_ago=st.integers(0, 1),
        feed=st.sampled_from(FEED_NAMES),
        story=st.sampled_from([f"story-{number}" for number in range(9)]),
    ),
    min_size=6,
    max_size=30,
).map(lambda news: [replace(one, item_id=f"{number:03}") for number, one in enumerate(news)])


def _weighed(news: Sequence[News]) -> pd.DataFrame:
    return weigh_items(build_frame(news), FEEDS, timezone="UTC")


def _market(news: Sequence[News]) -> pd.Series:
    moves = build_moves(_weighed(news), day=DAY, usual=USUAL)
    return moves[moves["topic_kind"] == "market"].iloc[0]


def _change(news: Sequence[News]) -> float:
    moods = build_moods(_weighed(news), first_day=DAY, last_day=DAY, interval_days=[])
    return float(moods.loc[moods["topic_kind"] == "market", "change"].iloc[0])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_moves_equal_the_slow_reference(seed: int) -> None:
    start = datetime(2026, 1, 5, tzinfo=UTC).date()
    news = invent_news(seed, n_items=150, n_days=4)
    weighed = _weighed(news)
    days = dict(zip(weighed["item_id"], weighed["day"], strict=True))
    weights = weights_of(news, FEEDS)
    for day in (start, start + timedelta(days=1), start + timedelta(days=2)):
        moves = build_moves(weighed, day=day, usual=USUAL)
        expected = []
        for topic in zip(moves["topic_kind"], moves["topic"], strict=True):
            of_topic = [one for one in news if one.probabilities and topic in topics_of(one, FEEDS)]
            before, now = (
                [one for one in of_topic if days[one.item_id] == wanted] for wanted in (day - timedelta(days=1), day)
            )
            expected.append(SlowMoves(before, now, weights, USUAL).figures())
        slow = pd.DataFrame(expected)
        assert day == start or slow["from_new"].notna().sum() >= 3
        pd.testing.assert_frame_equal(moves[slow.columns], slow, check_dtype=False, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("seed", [4, 5])
def test_contributions_equal_the_slow_reference(seed: int) -> None:
    news = [one for one in invent_news(seed, n_items=90, n_days=2) if one.probabilities]
    weighed = _weighed(news)
    day = date(2026, 1, 6)
    days = dict(zip(weighed["item_id"], weighed["day"], strict=True))
    before, now = ([one for one in news if days[one.item_id] == wanted] for wanted in (day - timedelta(days=1), day))
    expected = SlowMoves(before, now, weights_of(news, FEEDS), USUAL).contributions()
    contributions = build_contributions(weighed, day=day, usual=USUAL)
    assert tuple(contributions.columns) == CONTRIBUTION_COLUMNS
    actual = {(row.part, row.story_id): row.contribution for row in contributions.itertuples()}
    assert actual == pytest.approx(expected, rel=1e-9, abs=1e-9)


@few
@given(news=_two_days)
def test_parts_sum_to_the_change_of_every_topic(news: list[News]) -> None:
    weighed = _weighed(news)
    moods = build_moods(weighed, first_day=DAY, last_day=DAY, interval_days=[])
    both = moods.merge(build_moves(weighed, day=DAY, usual=USUAL), on=["day", "topic_kind", "topic"])
    assert len(both) == len(moods)
    np.testing.assert_allclose(both[PARTS].sum(axis=1, skipna=False), both["change"], rtol=0, atol=1e-9)


@few
@given(news=_two_days)
def test_contributions_of_stories_sum_to_their_parts(news: list[News]) -> None:
    contributions = build_contributions(_weighed(news), day=DAY, usual=USUAL)
    row = _market(news)
    sums = contributions.groupby("part")["contribution"].sum()
    for part in PARTS[:4]:
        if np.isnan(row[part]):
            assert contributions.empty
        else:
            assert sums.get(part, 0.0) == pytest.approx(row[part], abs=1e-9)


@few
@given(news=_two_days)
def test_days_exchanged_turn_every_part_around(news: list[News]) -> None:
    weighed = _weighed(news)
    turned = weighed.assign(day=[YESTERDAY if day == DAY else DAY for day in weighed["day"]])
    moves, back = (build_moves(frame, day=DAY, usual=USUAL).set_index("topic")[PARTS] for frame in (weighed, turned))
    back = back.rename(columns={"from_new": "from_faded", "from_faded": "from_new"})[PARTS]
    pd.testing.assert_frame_equal(moves, -back, rtol=0, atol=1e-9)


@few
@given(news=_two_days)
def test_same_news_on_both_days_moves_nothing(news: list[News]) -> None:
    weighed = _weighed(news)
    twice = pd.concat([weighed.assign(day=day, item_id=weighed["item_id"] + str(day)) for day in (DAY, YESTERDAY)])
    moves = build_moves(twice, day=DAY, usual=USUAL)
    np.testing.assert_allclose(moves[PARTS].dropna(), 0, atol=1e-9)
    np.testing.assert_allclose(moves["panel_change"].dropna(), 0, atol=1e-9)
    assert (moves.loc[moves["topic_kind"] == "market", "n_panel_feeds"] == len({one.feed for one in news})).all()


@few
@given(data=st.data())
def test_order_of_the_rows_changes_no_move(data: st.DataObject) -> None:
    weighed = _weighed(invent_news(6, n_items=60, n_days=2))
    shuffled = weighed.iloc[data.draw(st.permutations(range(len(weighed))))]
    day = date(2026, 1, 6)
    for build in (build_moves, build_contributions):
        pd.testing.assert_frame_equal(
            build(shuffled, day=day, usual=USUAL), build(weighed, day=day, usual=USUAL), check_exact=True
        )


def test_a_part_is_unknown_where_a_day_has_not_enough_news() -> None:
    thin = [_news(n, days_ago=1) for n in range(2)]
    assert _market([*thin, *(_news(n) for n in range(5))])[PARTS].isna().all()
    assert build_contributions(_weighed([*thin, *(_news(n) for n in range(5))]), day=DAY, usual=USUAL).empty


def test_a_feed_that_fell_silent_is_told_apart_from_news_that_faded() -> None:
    steady = [_news(n, PLAIN, days_ago=day) for day in (0, 1) for n in range(6)]
    gloomy = [_news(n + 50, BAD, days_ago=1, feed="old-clippings") for n in range(6)]
    row = _market([*steady, *gloomy])
    assert row["from_feeds"] > 5
    assert row["from_mix"] == pytest.approx(0)
    assert row["from_new"] == pytest.approx(-row["from_faded"])
    assert row["panel_change"] == pytest.approx(0)
    assert row["n_panel_feeds"] == 1


def test_bad_news_that_fades_lifts_the_mood_and_ordinary_news_after_it_does_not() -> None:
    bad = [_news(n, (0.8, 0.2, 0), days_ago=1) for n in range(6)]
    usual = [_news(n, (0.2, 0.4, 0.4)) for n in range(6)]  # as the feed usually is, +0.2
    row = _market([*bad, *usual])
    assert row["from_faded"] == pytest.approx(100 * 6 / 11)  # from -0.8 to +0.2
    assert row["from_new"] == pytest.approx(0)


def test_usual_polarity_is_the_trend_of_a_feed_before_both_days() -> None:
    past = [_news(n, GOOD, days_ago=2) for n in range(4)]
    moods = build_moods(
        _weighed([*past, _news(50, BAD, days_ago=2, feed="economy-desk"), *(_news(n, BAD) for n in range(9))]),
        first_day=DAY - timedelta(days=3),
        last_day=DAY,
        interval_days=[],
    )
    assert usual_polarities(moods, day=DAY) == pytest.approx({"markets-wire": 0.6})


def test_a_feed_that_tells_more_moves_the_mix_and_no_story() -> None:
    news = [
        *(_news(n, GOOD, days_ago=day) for day in (0, 1) for n in range(4)),
        *(_news(n + 50, BAD, days_ago=1, feed="old-clippings") for n in range(4)),
        *(_news(n + 50, BAD, feed="old-clippings") for n in range(12)),
    ]
    row = _market(news)
    assert row["from_mix"] < -5
    assert row["from_feeds"] == 0
    assert row["from_new"] == pytest.approx(-row["from_faded"])


def test_the_story_that_moved_the_mood_most_comes_first() -> None:
    steady = [_news(n, PLAIN, days_ago=day) for day in (0, 1) for n in range(6)]
    crash = [_news(30 + n, (1, 0, 0), story="crash") for n in range(4)]
    news = [*steady, *crash, _news(40, BAD)]
    contributions = build_contributions(_weighed(news), day=DAY, usual=USUAL)
    first = contributions[contributions["part"] == "from_new"].iloc[0]
    assert (first["story_id"], first["contribution"] < 0) == ("crash", True)
    assert contributions.loc[contributions["part"] == "from_new", "contribution"].sum() == pytest.approx(
        _market(news)["from_new"]
    )


def test_more_of_the_same_news_moves_the_mood_by_its_amount() -> None:
    news = [*(_news(n, days_ago=1) for n in range(4)), *(_news(n) for n in range(12))]
    row = _market(news)
    assert row["from_amount"] == pytest.approx(_change(news))
    assert row["from_amount"] == pytest.approx(60 * (12 / 17 - 4 / 9))


# One feed left out


@few
@given(news=_two_days)
def test_left_out_range_is_ordered_and_its_feeds_are_the_days_own(news: list[News]) -> None:
    moves = build_moves(_weighed(news), day=DAY, usual=USUAL).dropna(subset=["without_low"])
    assert (moves["without_low"] <= moves["without_high"]).all()
    heard = {one.feed for one in news if one.first_seen.date() == DAY}
    assert set(moves["without_low_feed"]) | set(moves["without_high_feed"]) <= heard


def test_left_out_range_names_the_feeds_at_its_ends() -> None:
    feeds = dict(zip(FEED_NAMES, (BAD, GOOD, PLAIN, PLAIN), strict=True))
    row = _market([_news(10 * k + n, feeds[name], feed=name) for k, name in enumerate(feeds) for n in range(5)])
    assert (row["without_low_feed"], row["without_high_feed"]) == ("economy-desk", "markets-wire")
    assert row["without_low"] < row["without_high"]
    assert row["leans_on"] == ""


def test_mood_of_one_feed_leans_on_it() -> None:
    row = _market([_news(n) for n in range(5)])
    assert np.isnan(row["without_low"])
    assert (row["without_low_feed"], row["leans_on"]) == ("", "markets-wire")


def test_mood_that_is_not_known_leans_on_nobody() -> None:
    assert _market([_news(1), _news(2)])["leans_on"] == ""


# Disagreement


@few
@given(news=_two_days)
def test_disagreement_is_a_share(news: list[News]) -> None:
    assert build_moves(_weighed(news), day=DAY, usual=USUAL)["disagreement"].dropna().between(0, 100).all()


def test_feeds_that_say_the_same_and_the_contrary_disagree_not_at_all_and_wholly() -> None:
    def told(*polarities: tuple[float, float, float]) -> float:
        pairs = zip(FEED_NAMES, polarities, strict=False)
        return _market([_news(10 * k + n, says, feed=name) for k, (name, says) in enumerate(pairs) for n in range(4)])[
            "disagreement"
        ]

    assert told(GOOD, GOOD, GOOD) == 0
    assert told(GOOD, BAD, GOOD) == 100
    assert np.isnan(told(GOOD))


def test_disagreement_of_feeds_with_one_item_each_is_unknown() -> None:
    row = _market([_news(n, (GOOD, BAD, PLAIN, GOOD)[n], feed=name) for n, name in enumerate(FEED_NAMES)])
    assert np.isnan(row["disagreement"])


def test_disagreement_of_feeds_that_differ_by_chance_is_small_on_the_whole() -> None:
    generator = np.random.default_rng(7)
    found = []
    for _ in range(40):
        shares = generator.dirichlet([2, 2, 2], 80)
        news = [_news(n, tuple(share), feed=FEED_NAMES[n % 4]) for n, share in enumerate(shares)]
        found.append(_market(news)["disagreement"])
    assert np.median(found) < 30


# Shape


def test_moves_have_the_columns_of_the_contract_and_a_row_per_topic_of_either_day() -> None:
    news = [_news(1, feed="economy-desk", days_ago=1), *(_news(n) for n in range(4))]
    topics = pd.DataFrame([("000-001", "company", "ACME", 0.5)], columns=list(TOPIC_COLUMNS))
    moves = build_moves(_weighed(news), day=DAY, usual=USUAL, topics=topics)
    assert tuple(moves.columns) == MOVE_COLUMNS
    assert list(zip(moves["topic_kind"], moves["topic"], strict=True)) == [
        ("company", "ACME"),
        ("feed", "economy-desk"),
        ("feed", "markets-wire"),
        ("kind", "economy"),
        ("kind", "markets"),
        ("market", "market"),
        ("topic", "Energy"),
        ("topic", "Equities"),
        ("topic", "Rates"),
    ]


@pytest.mark.parametrize("news", [[], [_news(1, None)], [_news(1, days_ago=2)]])
def test_two_days_without_scored_items_give_empty_frames(news: list[News]) -> None:
    assert tuple(build_moves(_weighed(news), day=DAY, usual=USUAL).columns) == MOVE_COLUMNS
    assert build_moves(_weighed(news), day=DAY, usual=USUAL).empty
    assert build_contributions(_weighed(news), day=DAY, usual=USUAL).empty
