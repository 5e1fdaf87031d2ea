from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from mood_reference import FEED_NAMES, FEEDS, News, build_frame, day_of, invent_news

from sentinel.mood import bootstrap_mean, build_moods, weigh_items

DAY = date(2026, 3, 20)
ZONES = ("UTC", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe")


def _times(*, first: int, last: int) -> st.SearchStrategy[datetime]:
    """Give times between two days of March 2026."""
    seconds = st.integers(first * 86_400, last * 86_400)
    return seconds.map(lambda second: datetime(2026, 2, 28, tzinfo=UTC) + timedelta(seconds=second))


_shares = st.tuples(*[st.integers(0, 20)] * 3).filter(any)
_probabilities = _shares.map(lambda shares: tuple(share / sum(shares) for share in shares))
_news_without_id = st.builds(
    News,
    item_id=st.just(""),
    feed=st.sampled_from(FEED_NAMES),
    story_id=st.sampled_from(("merger", "strike", "dividend", "recall", "merger-2", "outage")),
    published=st.none() | _times(first=1, last=25),
    first_seen=_times(first=12, last=21),
    probabilities=st.none() | _probabilities,
)
news_lists = st.lists(_news_without_id, max_size=25).map(
    lambda news: [replace(one, item_id=f"{number:03}") for number, one in enumerate(news)]
)
few = settings(deadline=None, max_examples=12)


def _moods(news: list[News], *, zone: str = "UTC", first_day: date = DAY - timedelta(days=3)) -> pd.DataFrame:
    weighed = weigh_items(build_frame(news), FEEDS, timezone=zone)
    return build_moods(weighed, first_day=first_day, last_day=DAY, interval_days=[DAY])


@few
@given(news=news_lists, zone=st.sampled_from(ZONES))
def test_figures_stay_in_their_ranges(news: list[News], zone: str) -> None:
    moods = _moods(news, zone=zone)
    for name in ("mood", "low", "high", "trend"):
        assert moods[name].dropna().between(-100 - 1e-9, 100 + 1e-9).all()
    assert moods["breadth"].dropna().between(-1, 1).all()
    assert moods["dispersion"].dropna().between(0, 100 + 1e-9).all()
    assert (moods["n_stories"] <= moods["n_items"]).all()
    assert (moods["n_eff"] <= moods["n_stories"] + 1e-9).all()
    assert (moods["n_negative"] + moods["n_neutral"] + moods["n_positive"] == moods["n_items"]).all()


@few
@given(news=news_lists)
def test_mood_is_known_exactly_when_there_are_three_effective_stories(news: list[News]) -> None:
    moods = _moods(news)
    assert (moods["mood"].notna() == (moods["n_eff"].astype(float) >= 3 - 1e-9)).all()
    assert (moods["low"].notna() == moods["high"].notna()).all()
    assert moods.loc[moods["mood"].isna(), ["low", "high", "change", "z"]].isna().all(axis=None)


@few
@given(news=news_lists)
def test_interval_holds_the_mood(news: list[News]) -> None:
    # Equal polarities make all three equal but for rounding, hence the tolerance.
    moods = _moods(news).dropna(subset=["low"])
    assert (moods["low"] <= moods["mood"] + 1e-9).all()
    assert (moods["mood"] <= moods["high"] + 1e-9).all()


@settings(deadline=None, max_examples=100)
@given(
    stories=st.lists(st.tuples(st.floats(0.01, 5), st.floats(-1, 1, allow_subnormal=False)), min_size=3, max_size=60),
    seed=st.integers(0, 99),
)
def test_bootstrap_interval_holds_the_mean_of_any_news_that_is_enough(
    stories: list[tuple[float, float]], seed: int
) -> None:
    weight, polarity = np.array(stories).T
    if weight.sum() ** 2 / (weight**2).sum() < 3:
        return
    low, high = bootstrap_mean(np.column_stack([weight, weight * polarity]), seed=seed)
    mean = (weight * polarity).sum() / weight.sum()
    assert low - 1e-9 <= mean <= high + 1e-9


@few
@given(data=st.data())
def test_order_of_the_rows_changes_nothing(data: st.DataObject) -> None:
    frame = build_frame(invent_news(data.draw(st.integers(0, 9)), n_items=150, n_days=30))
    order = data.draw(st.permutations(range(len(frame))))
    moods = [
        build_moods(
            weigh_items(rows, FEEDS, timezone="UTC"),
            first_day=date(2026, 1, 25),
            last_day=date(2026, 2, 4),
            interval_days=[date(2026, 2, 1)],
        )
        for rows in (frame, frame.iloc[order])
    ]
    pd.testing.assert_frame_equal(moods[0], moods[1], check_exact=True)


@few
@given(data=st.data())
def test_order_of_the_weighed_rows_changes_nothing(data: st.DataObject) -> None:
    weighed = weigh_items(build_frame(invent_news(1, n_items=150, n_days=30)), FEEDS, timezone="UTC")
    order = data.draw(st.permutations(range(len(weighed))))
    span = {"first_day": date(2026, 1, 25), "last_day": date(2026, 2, 4)}
    moods = [build_moods(rows, **span, interval_days=[]) for rows in (weighed, weighed.iloc[order])]
    pd.testing.assert_frame_equal(moods[0], moods[1], check_exact=True)


@settings(deadline=None, max_examples=6)
@given(seed=st.integers(0, 99), n_days_more=st.integers(1, 40))
def test_day_has_the_same_row_whatever_span_is_asked_for(seed: int, n_days_more: int) -> None:
    weighed = weigh_items(build_frame(invent_news(seed, n_items=400, n_days=200)), FEEDS, timezone="UTC")
    day = date(2026, 6, 20)
    alone = build_moods(weighed, first_day=day, last_day=day, interval_days=[day])
    among = build_moods(
        weighed,
        first_day=day - timedelta(days=n_days_more),
        last_day=day + timedelta(days=n_days_more % 5),
        interval_days=[day],
    )
    among = among[among["day"] == day].reset_index(drop=True)
    pd.testing.assert_frame_equal(among, alone, check_exact=True)


@few
@given(news=news_lists, later=news_lists)
def test_news_of_later_days_changes_nothing_of_a_day(news: list[News], later: list[News]) -> None:
    of_day = [one for one in news if day_of(one, "UTC") <= DAY]
    after = [
        replace(
            one,
            item_id=f"later-{one.item_id}",
            first_seen=one.first_seen + timedelta(days=30),
            published=None,
        )
        for one in later
    ]
    pd.testing.assert_frame_equal(_moods([*of_day, *after]), _moods(of_day), check_exact=True)


@few
@given(news=news_lists)
def test_good_and_bad_swapped_turn_the_mood_around(news: list[News]) -> None:
    swapped = [replace(one, probabilities=one.probabilities and one.probabilities[::-1]) for one in news]
    moods, mirrored = _moods(news), _moods(swapped)
    for name in ("mood", "change", "trend", "momentum", "z"):
        np.testing.assert_allclose(mirrored[name].astype(float), -moods[name].astype(float), atol=1e-9)
    for name in ("n_items", "n_stories", "n_eff", "usual_items", "dispersion"):
        np.testing.assert_allclose(mirrored[name].astype(float), moods[name].astype(float), atol=1e-9)


@few
@given(news=news_lists, zone=st.sampled_from(ZONES))
def test_items_of_all_days_and_feeds_add_up_to_all_scored_items(news: list[News], zone: str) -> None:
    moods = _moods(news, zone=zone, first_day=date(2026, 2, 20))
    n_scored = sum(one.probabilities is not None and day_of(one, zone) <= DAY for one in news)
    for kind in ("market", "kind", "feed"):
        assert moods.loc[moods["topic_kind"] == kind, "n_items"].sum() == n_scored


@few
@given(
    n_stories=st.integers(3, 30),
    probabilities=_probabilities.filter(lambda shares: abs(shares[2] - shares[0]) > 0.01),
)
def test_mood_grows_with_the_number_of_stories_that_agree(
    n_stories: int, probabilities: tuple[float, float, float]
) -> None:
    today, yesterday = (datetime(2026, 3, day, 12, tzinfo=UTC) for day in (20, 19))
    fewer = [News(f"a{n:03}", "markets-wire", f"a{n}", None, yesterday, probabilities) for n in range(n_stories)]
    more = [News(f"b{n:03}", "markets-wire", f"b{n}", None, today, probabilities) for n in range(n_stories + 1)]
    moods = _moods([*fewer, *more])
    of_fewer, of_more = moods.loc[moods["topic_kind"] == "market", "mood"].abs()
    assert 0 < of_fewer < of_more < 100 * abs(probabilities[2] - probabilities[0])
