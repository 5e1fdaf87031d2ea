"""When a feed is asked again: what headers, hints, failures and clocks lead to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.feeds.cadence import (
    LONGEST,
    SHORTEST,
    is_due,
    must_ask_afresh,
    next_check_after_answer,
    next_check_after_failure,
)
from sentinel.feeds.hints import NO_HINTS, ScheduleHints
from sentinel.records import FeedState

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
HTTP_NOW = format_datetime(NOW, usegmt=True)


def in_http(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


def wait(headers: dict[str, str] | None = None, hints: ScheduleHints = NO_HINTS, now: datetime = NOW) -> timedelta:
    return next_check_after_answer(headers or {}, hints, now) - now


def wait_after_failure(status: int, headers: dict[str, str], n_failures: int = 1, feed: str = "wire") -> timedelta:
    return next_check_after_failure(status, headers, n_failures, feed=feed, now=NOW) - NOW


@pytest.mark.parametrize(
    ("headers", "minutes"),
    [
        ({}, 5),
        ({"cache-control": "public, max-age=3600"}, 54),
        ({"cache-control": "Max-Age = 3600, must-revalidate"}, 54),
        ({"cache-control": 'max-age="3600"'}, 54),
        ({"cache-control": "max-age=3600", "age": "1800"}, 27),
        ({"cache-control": "max-age=3600", "expires": in_http(NOW + 9 * HOUR)}, 54),
        ({"cache-control": "no-cache, max-age=3600"}, 5),
        ({"cache-control": "no-store"}, 5),
        ({"cache-control": "s-maxage=3600"}, 5),
        ({"cache-control": "max-age=-1"}, 5),
        ({"cache-control": "max-age=soon"}, 5),
        ({"expires": in_http(NOW + HOUR)}, 54),
        ({"expires": in_http(NOW + 3 * HOUR), "date": in_http(NOW + 2 * HOUR)}, 54),
        ({"expires": "0"}, 5),
        ({"expires": in_http(NOW - HOUR)}, 5),
        ({"expires": "Thu, 01 Jan 99999 00:00:00 GMT"}, 5),
        ({"cache-control": "max-age=10"}, 5),
        ({"cache-control": "max-age=999999999999"}, 24 * 60 - 15),
    ],
)
def test_wait_follows_the_headers_within_five_minutes_and_a_day(headers: dict[str, str], minutes: int) -> None:
    assert wait(headers) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("hints", "minutes"),
    [
        (ScheduleHints(ttl_minutes=60), 54),
        (ScheduleHints(ttl_minutes=1), 5),
        (ScheduleHints(update_period_s=7_200.0), 108),
        (ScheduleHints(ttl_minutes=60, update_period_s=7_200.0), 108),
        (ScheduleHints(ttl_minutes=10**8), 24 * 60 - 15),
    ],
)
def test_wait_follows_the_hints_of_the_body(hints: ScheduleHints, minutes: int) -> None:
    assert wait(hints=hints) == timedelta(minutes=minutes)


def test_wait_is_the_longest_that_headers_and_hints_ask_for() -> None:
    assert wait({"cache-control": "max-age=600"}, ScheduleHints(ttl_minutes=60)) == timedelta(minutes=54)


def test_wait_passes_over_hours_and_days_without_news() -> None:
    assert wait(hints=ScheduleHints(skip_hours=frozenset({12, 13, 14}))) == 3 * HOUR
    monday_night = NOW.replace(hour=23, minute=58)
    assert wait(hints=ScheduleHints(skip_days=frozenset({0})), now=monday_night) == timedelta(minutes=5)
    assert wait(hints=ScheduleHints(skip_days=frozenset({0}))) == 12 * HOUR


def test_wait_ends_within_a_day_whatever_is_to_be_passed_over() -> None:
    everything = ScheduleHints(skip_hours=frozenset(range(24)), skip_days=frozenset(range(7)))
    assert wait(hints=everything) == LONGEST - timedelta(minutes=15)


@given(
    control=st.text(alphabet="maxge-=0123456789, no", max_size=40),
    ttl=st.integers(0, 10**9),
    hours=st.frozensets(st.integers(0, 23)),
    days=st.frozensets(st.integers(0, 6)),
    now=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 (as Hypothesis asks)
)
def test_wait_lies_between_five_minutes_and_a_day_whatever_comes(
    control: str, ttl: int, hours: frozenset[int], days: frozenset[int], now: datetime
) -> None:
    hints = ScheduleHints(ttl_minutes=ttl, skip_hours=hours, skip_days=days)
    assert SHORTEST <= wait({"cache-control": control}, hints, now) <= LONGEST


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("value", "minutes"),
    [
        ("3600", 60),
        (in_http(NOW + HOUR), 60),
        ("Monday, 02-Mar-26 13:00:00 GMT", 60),
        ("Mon Mar  2 13:00:00 2026", 60),
        ("999999999", 24 * 60),
        (in_http(NOW + 400 * DAY), 24 * 60),
    ],
)
def test_retry_after_is_kept_to_the_second_and_capped_at_a_day(status: int, value: str, minutes: int) -> None:
    assert wait_after_failure(status, {"retry-after": value}) == timedelta(minutes=minutes)


def test_retry_after_as_a_time_is_read_by_the_server_clock() -> None:
    headers = {"retry-after": in_http(NOW + 7 * HOUR), "date": in_http(NOW + 5 * HOUR)}
    assert wait_after_failure(429, headers) == 2 * HOUR


@pytest.mark.parametrize("value", ["", "soon", "-5", "1.5", in_http(NOW - HOUR), "\u0663"])
def test_retry_after_that_says_nothing_leaves_the_usual_wait(value: str) -> None:
    assert wait_after_failure(429, {"retry-after": value}) == wait_after_failure(429, {})


def test_retry_after_counts_for_an_overload_alone() -> None:
    assert wait_after_failure(404, {"retry-after": "3600"}) < timedelta(minutes=6)


def test_wait_grows_with_every_failure_and_never_beyond_a_day() -> None:
    waits = [wait_after_failure(500, {}, n_failures) for n_failures in range(1, 40)]
    assert waits[0] == SHORTEST
    assert all(5 * 2**n * 0.67 <= waits[n].total_seconds() / 60 <= 5 * 2**n for n in range(1, 8))
    assert max(waits) < LONGEST
    assert min(waits[10:]) > 17 * HOUR


def test_wait_after_a_failure_differs_between_feeds_and_repeats_for_one() -> None:
    waits = [wait_after_failure(500, {}, 5, feed=f"feed-{n}") for n in range(50)]
    assert len(set(waits)) == 50
    assert waits[7] == wait_after_failure(500, {}, 5, feed="feed-7")


def state(**fields: object) -> FeedState:
    return FeedState("wire", "https://wire.example/rss", **fields)  # type: ignore[arg-type]


def test_a_feed_is_due_when_its_time_has_come_or_nothing_is_known() -> None:
    waiting = state(checked_at=NOW, next_check=NOW + HOUR)
    assert is_due(None, NOW)
    assert is_due(state(), NOW)
    assert [is_due(waiting, NOW + minutes * HOUR / 60) for minutes in (1, 59, 60, 61)] == [False, False, True, True]


def test_a_feed_is_due_when_the_clock_was_put_back() -> None:
    assert is_due(state(checked_at=NOW, next_check=NOW + HOUR), NOW - DAY)


@pytest.mark.parametrize("every", [timedelta(hours=hours) for hours in (0.25, 1, 6, 12, 22, 24, 30)])
def test_a_server_that_calls_its_body_unmodified_is_believed_for_a_day_at_most(every: timedelta) -> None:
    known, now, whole_at = state(), NOW, [NOW]
    known = state(checked_at=NOW, whole_at=NOW)
    for _ in range(200):
        now += every
        if must_ask_afresh(known, now):
            whole_at.append(now)
        known = state(checked_at=now, whole_at=whole_at[-1])
    gaps = {later - earlier for earlier, later in pairwise(whole_at)}
    assert max(gaps) <= max(DAY, every)
    assert max(gaps) > max(DAY, every) / 2 or every in gaps


@pytest.mark.parametrize("hour", [0, 6, 23])
@pytest.mark.parametrize("late_s", [0, 1, 40, 600])
def test_a_run_once_a_day_asks_every_feed_however_long_it_wants_to_be_left(hour: int, late_s: int) -> None:
    asked = NOW.replace(hour=hour) + timedelta(seconds=late_s)  # the run took a while to get there
    patient = ScheduleHints(ttl_minutes=100_000, skip_hours=frozenset(range(24)), skip_days=frozenset(range(7)))
    after_answer = next_check_after_answer({"cache-control": "max-age=31536000"}, patient, asked)
    after_failure = next_check_after_failure(500, {}, 30, feed="wire", now=asked)
    for next_check in (after_answer, after_failure):
        assert is_due(state(checked_at=asked, next_check=next_check), NOW.replace(hour=hour) + DAY)


def test_a_run_once_an_hour_asks_a_feed_that_wants_to_be_asked_once_an_hour() -> None:
    asked = NOW + timedelta(seconds=200)
    next_check = next_check_after_answer({"cache-control": "max-age=3600"}, NO_HINTS, asked)
    assert is_due(state(checked_at=asked, next_check=next_check), NOW + HOUR)
