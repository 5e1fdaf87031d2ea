"""One rule says what a cron expression is: the settings are checked by it, and the schedule is built from it."""

from __future__ import annotations

import re

import pytest

from sentinel.cron import Cron, parse_cron

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
