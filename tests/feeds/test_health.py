"""A feed is missed when it is silent for longer than it ever is, and only then."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.feeds import FeedPast, assess_feed, gap_text, news_time
from sentinel.feeds.health import (
    CEILING_H,
    DEFAULT_LIMIT_H,
    FLOOR_H,
    HISTORY_DAYS,
    MARGIN,
    MIN_GAPS,
    NOT_A_FEED,
    counted_hours,
    learn_rhythm,
)
from sentinel.feeds.parse import parse_feed
from sentinel.feeds.parsed import ParseFailure

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
START = MONDAY - timedelta(days=HISTORY_DAYS)
HOUR = timedelta(hours=1)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def weekday_news(*hours: int, days: int = HISTORY_DAYS, end: datetime = MONDAY) -> list[datetime]:
    """Give times at some hours of every weekday before a time."""
    dates = [end - timedelta(days=day) for day in range(days, 0, -1)]
    return [date.replace(hour=hour, minute=10) for date in dates if date.weekday() < 5 for hour in hours]


def daily_news(every_h: int, end: datetime = MONDAY) -> list[datetime]:
    """Give times at equal gaps over the whole past, weekends included."""
    return [end - timedelta(hours=hours) for hours in range(HISTORY_DAYS * 24, 0, -every_h)]


def stale_reason(news_at: list[datetime], asked_at: datetime, failure: str = "") -> str:
    return assess_feed(FeedPast(tuple(news_at), START, asked_at, failure)).stale


# --- what counts as usual ------------------------------------------------------------------------------------------


def test_a_silence_within_what_is_usual_is_not_flagged() -> None:
    news = daily_news(6)
    assert stale_reason(news, news[-1] + 17 * HOUR) == ""


def test_a_silence_beyond_three_usual_gaps_is_flagged_with_its_reason() -> None:
    news = daily_news(6)
    assert news[-1] == datetime(2026, 3, 1, 18, tzinfo=UTC)
    assert (
        stale_reason(news, news[-1] + 19 * HOUR) == "no item since Sun 1 Mar 18:00 UTC; usually at least one every 6 h"
    )


def test_a_weekend_does_not_flag_a_feed_that_rests_at_weekends() -> None:
    news = weekday_news(8, 10, 12, 14, 16)
    assert news[-1] == datetime(2026, 2, 27, 16, 10, tzinfo=UTC)
    for hours in range(0, 72, 3):
        assert stale_reason(news, news[-1] + hours * HOUR) == ""


def test_a_weekday_feed_that_stays_silent_through_the_week_is_flagged() -> None:
    news = weekday_news(8, 10, 12, 14, 16)
    reason = stale_reason(news, MONDAY + timedelta(days=2, hours=20))
    assert reason == "no item since Fri 27 Feb 16:10 UTC; usually at least one every 16 h on weekdays"


def test_a_weekend_flags_a_feed_that_never_rests() -> None:
    news = [moment for moment in daily_news(1) if moment <= datetime(2026, 2, 27, 22, tzinfo=UTC)]
    assert stale_reason(news, MONDAY - 9 * HOUR).startswith("no item since Fri 27 Feb 22:00 UTC; usually")


def test_a_feed_that_rests_on_some_weekends_counts_their_hours_in_part() -> None:
    half = [moment for moment in daily_news(2) if moment.weekday() < 5 or moment.isocalendar().week % 2]
    assert 0.3 < learn_rhythm(half).weekend_weight < 0.7


def test_a_weekly_feed_may_be_silent_for_weeks() -> None:
    news = [MONDAY - timedelta(days=3 + 7 * week, hours=-9) for week in range(12, -1, -1)]
    rhythm = learn_rhythm(news)
    assert (rhythm.usual_gap_h, gap_text(rhythm)) == (120.0, "5 weekdays")
    assert stale_reason(news, news[-1] + timedelta(days=20)) == ""
    assert stale_reason(news, news[-1] + timedelta(days=22)) != ""


def test_a_batch_of_items_in_one_hour_is_no_haste() -> None:
    batches = [moment + timedelta(minutes=minute) for moment in weekday_news(9) for minute in range(0, 40, 2)]
    assert learn_rhythm(batches).usual_gap_h == 24.0


def test_one_outage_in_the_past_does_not_blunt_the_alarm() -> None:
    news = daily_news(3)
    with_outage = [moment for moment in news if not 20 <= (moment - news[0]).days < 26]
    assert learn_rhythm(with_outage).usual_gap_h == learn_rhythm(news).usual_gap_h == 3.0


def test_the_order_of_the_past_does_not_matter() -> None:
    news = weekday_news(8, 13, 17)
    shuffled = random.Random(3).sample(news, len(news))  # noqa: S311  # invented data
    assert learn_rhythm(shuffled) == learn_rhythm(news)
    assert stale_reason(shuffled, MONDAY + timedelta(days=9)) == stale_reason(news, MONDAY + timedelta(days=9))


# --- too little past -----------------------------------------------------------------------------------------------


def test_too_little_past_gets_a_patient_default() -> None:
    news = [MONDAY + hours * HOUR for hours in range(5)]
    rhythm = learn_rhythm(news)
    assert (rhythm.usual_gap_h, rhythm.limit_h, gap_text(rhythm)) == (None, DEFAULT_LIMIT_H, "")
    assert stale_reason(news, MONDAY + timedelta(days=17)) == ""
    assert stale_reason(news, MONDAY + timedelta(days=19)) == (
        "no item since Mon 2 Mar 04:00 UTC; too few are known to say what is usual"
    )


def test_a_feed_that_was_dead_when_it_was_first_asked_is_flagged_at_once() -> None:
    news = daily_news(6, end=MONDAY.replace(year=2019))
    reason = stale_reason(news, MONDAY)
    assert reason == "no item since Fri 1 Mar 2019 18:00 UTC; usually at least one every 6 h"


def test_a_slow_feed_is_judged_by_gaps_older_than_those_of_others() -> None:
    news = [MONDAY - timedelta(days=28 * number) for number in range(15)]
    rhythm = learn_rhythm(news)
    assert (rhythm.usual_gap_h, rhythm.limit_h) == (20 * 24, 60 * 24)
    assert stale_reason(news, MONDAY + timedelta(days=83)) == ""
    assert stale_reason(news, MONDAY + timedelta(days=85)) != ""


def test_a_feed_with_one_item_is_given_the_longest_time() -> None:
    assert learn_rhythm([MONDAY]).limit_h == CEILING_H


def test_a_feed_that_answers_but_never_has_an_item_is_flagged_after_the_default() -> None:
    def reason(days: int) -> str:
        return assess_feed(FeedPast((), MONDAY, MONDAY + timedelta(days=days))).stale

    assert reason(17) == ""
    assert reason(19) == "no item since Mon 2 Mar 00:00 UTC; too few are known to say what is usual"


def test_a_feed_that_nobody_asks_is_never_stale() -> None:
    assert assess_feed(FeedPast(tuple(daily_news(1)))).stale == ""


def test_a_monthly_feed_is_given_more_than_the_default() -> None:
    news = [MONDAY - timedelta(days=56), MONDAY - timedelta(days=28), MONDAY]
    assert learn_rhythm(news).limit_h == MARGIN * 20 * 24


# --- failures ------------------------------------------------------------------------------------------------------


def test_a_feed_that_turned_into_a_page_is_flagged_at_once() -> None:
    page = b"<html><head><title>Sign in</title></head><body>Please sign in</body></html>"
    found = parse_feed(page, "text/html", "https://w.example/")
    assert isinstance(found, ParseFailure)
    assert found.reason.startswith(NOT_A_FEED)
    news = daily_news(6)
    reason = stale_reason(news, news[-1] + HOUR, failure=found.reason)
    assert reason == "turned into something else than a feed; no item since Sun 1 Mar 18:00 UTC"


def test_an_address_that_never_was_a_feed_is_failing_and_not_stale() -> None:
    assert assess_feed(FeedPast((), None, MONDAY, f"{NOT_A_FEED}: text/html")).stale == ""


def test_a_feed_that_fails_for_longer_than_its_usual_gap_is_flagged() -> None:
    news = daily_news(6)
    assert stale_reason(news, news[-1] + 3 * HOUR, failure="HTTP 503 Service Unavailable") == ""
    assert stale_reason(news, news[-1] + 30 * HOUR, failure="HTTP 503 Service Unavailable") != ""


# --- times ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("published", "is_backlog", "expected"),
    [
        (None, False, MONDAY),
        (MONDAY - 5 * HOUR, False, MONDAY - 5 * HOUR),
        (MONDAY + HOUR / 2, False, MONDAY + HOUR / 2),
        (MONDAY + 2 * HOUR, False, MONDAY),
        (MONDAY - 100 * HOUR, False, MONDAY),
        (MONDAY - 100 * HOUR, True, MONDAY - 100 * HOUR),
    ],
    ids=["undated", "dated", "a little ahead", "of the future", "shown late", "backlog"],
)
def test_an_item_shows_life_when_it_claims_to_or_when_it_came(
    published: datetime | None, expected: datetime, *, is_backlog: bool
) -> None:
    assert news_time(published, MONDAY, is_backlog=is_backlog) == expected


@settings(deadline=None)
@given(MOMENTS, st.floats(0, 2_000), st.floats(0, 2_000), st.floats(0, 1))
def test_counted_hours_add_up_and_never_exceed_the_clocks(
    start: datetime, one: float, two: float, weight: float
) -> None:
    middle, end = start + one * HOUR, start + (one + two) * HOUR
    whole = counted_hours(start, end, weight)
    assert whole == pytest.approx(counted_hours(start, middle, weight) + counted_hours(middle, end, weight), abs=1e-6)
    assert -1e-6 <= whole <= (end - start) / HOUR + 1e-6
    assert counted_hours(start, end, 1.0) == pytest.approx((end - start) / HOUR, abs=1e-6)


@settings(deadline=None)
@given(st.floats(0, 1))
def test_a_week_counts_its_weekdays_and_the_weighted_weekend(weight: float) -> None:
    assert counted_hours(MONDAY, MONDAY + timedelta(days=7), weight) == pytest.approx(120 + 48 * weight)


@settings(deadline=None)
@given(st.lists(MOMENTS, max_size=80))
def test_a_rhythm_stays_within_floor_and_ceiling(news_at: list[datetime]) -> None:
    rhythm = learn_rhythm(news_at)
    assert FLOOR_H <= rhythm.limit_h <= CEILING_H
    assert 0 <= rhythm.weekend_weight <= 1


@settings(deadline=None)
@given(st.lists(st.floats(0, HISTORY_DAYS * 24), min_size=1, max_size=200))
def test_a_dead_feed_is_flagged_within_three_of_its_longest_gaps(hours: list[float]) -> None:
    news = sorted(START + hour * HOUR for hour in hours)
    rhythm = learn_rhythm(news)
    longest_h = max((counted_hours(*pair, 1.0) + 1 for pair in pairwise(news)), default=0.0)
    is_single = len({moment.replace(minute=0, second=0, microsecond=0) for moment in news}) == 1
    known_little_h = CEILING_H if is_single else DEFAULT_LIMIT_H if rhythm.usual_gap_h is None else 0.0
    bound_h = max(FLOOR_H, MARGIN * longest_h, known_little_h)
    clock_h = 7 * bound_h + 2  # a week counts as a day at least, whichever days have news
    assert stale_reason(news, news[-1] + clock_h * HOUR) != ""


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([1.0, 4.0, 12.0, 24.0]))
def test_a_feed_with_poisson_arrivals_is_rarely_flagged(seed: int, mean_gap_h: float) -> None:
    chance = random.Random(seed)  # noqa: S311  # invented data
    news, moment = [], START
    while moment < MONDAY + timedelta(days=HISTORY_DAYS):
        moment += chance.expovariate(1 / mean_gap_h) * HOUR
        news.append(moment)
    asked = [MONDAY + timedelta(hours=25 * number) for number in range(HISTORY_DAYS)]
    flagged = sum(bool(stale_reason([time for time in news if time <= at], at)) for at in asked)
    assert flagged <= 4


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
@pytest.mark.parametrize("night", [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)])
def test_a_night_on_which_clocks_are_changed_flags_nobody(zone: str, night: datetime) -> None:
    local = ZoneInfo(zone)
    dates = [(night - timedelta(days=day)).date() for day in range(HISTORY_DAYS, -5, -1)]
    news = [datetime(date.year, date.month, date.day, 9, tzinfo=local).astimezone(UTC) for date in dates]
    for at, following in pairwise(news[MIN_GAPS + 5 :]):
        for asked_at in (at + 8 * HOUR, following - HOUR / 60):
            assert stale_reason([time for time in news if time <= asked_at], asked_at) == ""
