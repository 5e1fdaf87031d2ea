"""One rule says what a cron expression is: the settings are checked by it, and the schedule is built from it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.cron import Cron, next_time, parse_cron, parse_when

BERLIN = ZoneInfo("Europe/Berlin")
SUNDAY = datetime(2026, 3, 1, tzinfo=UTC)

ALL_DAYS = tuple(range(1, 32))
ALL_MONTHS = tuple(range(1, 13))
ALL_WEEKDAYS = tuple(range(7))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("0 6 * * *", Cron((0,), (6,), ALL_DAYS, ALL_MONTHS, ALL_WEEKDAYS)),
        ("*/20 0-2 1,15 feb *", Cron((0, 20, 40), (0, 1, 2), (1, 15), (2,), ALL_WEEKDAYS)),
        ("5/25 22/1 * JAN-mar sat-sun", Cron((5, 30, 55), (22, 23), ALL_DAYS, (1, 2, 3), (0, 6))),
        ("0 0 */10 * 7", Cron((0,), (0,), (1, 11, 21, 31), ALL_MONTHS, (0,))),
        ("0 0 29 2 *", Cron((0,), (0,), (29,), (2,), ALL_WEEKDAYS)),
    ],
)
def test_parse_cron_lists_the_times_that_fit(expression: str, expected: Cron) -> None:
    assert parse_cron(expression) == expected


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("", "five fields"),
        ("0 6 * *", "five fields"),
        ("0 6 * * * *", "five fields"),
        ("@daily", "five fields"),
        ("60 6 * * *", "minute '60'"),
        ("0 24 * * *", "hour '24'"),
        ("0 6 32 * *", "day of month '32'"),
        ("0 6 0 * *", "day of month '0'"),
        ("0 6 * 13 *", "month '13'"),
        ("0 6 * mai *", "month 'mai'"),
        ("0 6 * * 8", "day of week '8'"),
        ("0 6 * * monday", "day of week 'monday'"),
        ("0 6 * * fri-mon,wed", "day of week 'fri-mon'"),
        ("0 6 * * *-3", "day of week '*-3'"),
        ("0 6 * * 1-", "day of week '1-'"),
        ("0 6 * * */0", "day of week '*/0'"),
        ("0 6 * * ,", "day of week ''"),
        ("*/60 6 * * *", "minute '*/60'"),
        ("30-10 6 * * *", "minute '30-10'"),
        ("x 6 * * *", "minute 'x'"),
        ("\u0663 6 * * *", "minute '\u0663'"),
        ("0 6 1 * mon", "restricts day of month and weekday: write two expressions"),
        ("0 6 1-7 * 1", "restricts day of month and weekday"),
        ("0 0 30 2 *", "never happens"),
        ("0 0 31 4,6,9,11 *", "never happens"),
    ],
)
def test_parse_cron_says_what_is_wrong_in_one_line(expression: str, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)) as caught:
        parse_cron(expression)
    assert str(caught.value).startswith(f"{expression!r} ")
    assert "\n" not in str(caught.value)


# --- when they fall due ----------------------------------------------------------------------------------------


def fires(expression: str, start: datetime, n_times: int, timezone: str = "UTC") -> list[datetime]:
    """Give the next times of an expression from a start on, in UTC, so that no two of one night look the same."""
    times: list[datetime] = []
    last = start - timedelta(microseconds=1)
    while len(times) < n_times:
        last = next_time(parse_cron(expression), last, ZoneInfo(timezone))
        times.append(last)
    return times


@pytest.mark.parametrize(
    ("weekday", "days"),
    [
        ("0", [1, 8]),
        ("7", [1, 8]),
        ("sun", [1, 8]),
        ("SUN", [1, 8]),
        ("1", [2, 9]),
        ("mon", [2, 9]),
        ("6", [7, 14]),
        ("1-5", [2, 3, 4, 5, 6, 9]),
        ("mon-fri", [2, 3, 4, 5, 6, 9]),
        ("6-7", [1, 7, 8, 14]),
        ("sat-sun", [1, 7, 8, 14]),
        ("5-7", [1, 6, 7, 8, 13]),
        ("0-6", [1, 2, 3, 4, 5, 6, 7, 8]),
        ("0-7", [1, 2, 3, 4, 5, 6, 7, 8]),
        ("*", [1, 2, 3, 4, 5, 6, 7, 8]),
        ("*/2", [1, 3, 5, 7, 8]),
        ("1-5/2", [2, 4, 6, 9]),
        ("1/2", [2, 4, 6, 9]),
        ("mon,wed,5", [2, 4, 6, 9]),
        ("0,7", [1, 8]),
    ],
)
def test_weekdays_are_those_of_cron(weekday: str, days: list[int]) -> None:
    expected = [datetime(2026, 3, day, 6, tzinfo=UTC) for day in days]
    assert fires(f"0 6 * * {weekday}", SUNDAY, len(days)) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("30 18 * * *", datetime(2026, 3, 1, 18, 30, tzinfo=UTC)),
        ("*/20 * * * *", datetime(2026, 3, 1, 0, 0, tzinfo=UTC)),
        ("0 0 15 * *", datetime(2026, 3, 15, tzinfo=UTC)),
        ("0 0 1 jan *", datetime(2027, 1, 1, tzinfo=UTC)),
        ("0 0 29 2 *", datetime(2028, 2, 29, tzinfo=UTC)),
        ("0 0 */10 * tue", datetime(2026, 3, 31, tzinfo=UTC)),
    ],
)
def test_the_other_fields_are_those_of_cron(expression: str, expected: datetime) -> None:
    assert next_time(parse_cron(expression), SUNDAY - timedelta(microseconds=1), ZoneInfo("UTC")) == expected


def test_next_time_counts_in_the_zone_that_is_given() -> None:
    due = next_time(parse_cron("0 6 * * *"), SUNDAY, BERLIN)
    assert due == datetime(2026, 3, 1, 6, tzinfo=BERLIN)
    assert due.tzinfo is UTC


@pytest.mark.parametrize(
    ("before", "expected"),
    [(datetime(2026, 3, 27, 12, tzinfo=BERLIN), [5, 4, 4]), (datetime(2026, 10, 23, 12, tzinfo=BERLIN), [4, 5, 5])],
    ids=["spring", "autumn"],
)
def test_a_morning_run_keeps_its_local_time_across_a_clock_change(before: datetime, expected: list[int]) -> None:
    times = fires("0 6 * * *", before, 3, "Europe/Berlin")
    assert [time.astimezone(BERLIN).hour for time in times] == [6, 6, 6]
    assert [time.hour for time in times] == expected


@pytest.mark.parametrize("minute", ["0", "30", "59"])
@pytest.mark.parametrize("hour", ["1", "2", "3"])
@pytest.mark.parametrize(
    "before", [datetime(2026, 3, 27, 12, tzinfo=BERLIN), datetime(2026, 10, 23, 12, tzinfo=BERLIN)]
)
def test_a_night_run_happens_once_on_each_day_around_a_clock_change(before: datetime, hour: str, minute: str) -> None:
    times = fires(f"{minute} {hour} * * *", before, 6, "Europe/Berlin")
    days = [time.astimezone(BERLIN).date() for time in times]
    assert days == [before.date() + timedelta(days=offset) for offset in range(1, 7)]


def test_an_hourly_run_happens_each_hour_of_both_nights() -> None:
    for night in (datetime(2026, 3, 28, 22, tzinfo=BERLIN), datetime(2026, 10, 24, 22, tzinfo=BERLIN)):
        times = fires("0 * * * *", night, 8, "Europe/Berlin")
        assert times == [night.astimezone(UTC) + timedelta(hours=offset) for offset in range(8)]


@settings(max_examples=40, deadline=None)
@given(
    minute=st.integers(0, 59),
    hour=st.integers(0, 23),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kolkata"]),
    first=st.dates(date(2024, 1, 1), date(2026, 11, 1)),
)
def test_a_daily_time_falls_due_once_on_every_day_of_any_zone(minute: int, hour: int, zone: str, first: date) -> None:
    start = datetime.combine(first, time(), ZoneInfo(zone))
    times = fires(f"{minute} {hour} * * *", start, 30, zone)
    assert [each.astimezone(ZoneInfo(zone)).date() for each in times] == [first + timedelta(days=n) for n in range(30)]


@pytest.mark.parametrize(
    ("text", "expected"), [("every 30m", 30), ("every 6h", 360), ("every 1d", 1440), ("every 90 m", 90)]
)
def test_an_interval_is_counted_from_the_last_time(text: str, expected: int) -> None:
    assert next_time(parse_when(text), SUNDAY, BERLIN) == SUNDAY + timedelta(minutes=expected)


@pytest.mark.parametrize("text", ["every", "every day", "every 0m", "every 5s", "every -5m", "every 5m 3h"])
def test_what_is_no_interval_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not an interval: write every 30m"):
        parse_when(text)
