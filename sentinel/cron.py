"""Cron expressions and intervals: what they say, and when they fall due next. Pure code without a clock.

Source: crontab(5). Cron fires when the day of the month or the weekday fits where both are restricted; schedulers
differ on it, so an expression that restricts both is refused. On the two nights of a clock change, as cron(8) of
Debian has it: a time that the clock skips comes as much later, one that it shows twice comes once; expressions for
every hour follow the hours that there are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import date
    from zoneinfo import ZoneInfo

_DAYS_IN_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_PART = re.compile(
    r"(?:\*|(?P<first>[a-z]{3}|\d{1,2})(?:-(?P<last>[a-z]{3}|\d{1,2}))?)(?:/(?P<step>\d{1,2}))?", re.ASCII
)


_EVERY = re.compile(r"every (\d{1,4}) ?(m|h|d)", re.ASCII)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_HOURS_A_DAY = 24
_MAX_DAYS_APART = 28 * 366  # 29 February on a given weekday, across a century that leaps none


@dataclass(frozen=True)
class Cron:
    """When to run: the minutes, hours, days, months and weekdays (0 is Sunday) that fit, ascending."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]


class _Field(NamedTuple):
    name: str
    lowest: int
    highest: int
    names: tuple[str, ...] = ()


MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAY_NAMES = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MINUTE, _HOUR = _Field("minute", 0, 59), _Field("hour", 0, 23)
_DAY, _MONTH = _Field("day of month", 1, 31), _Field("month", 1, 12, MONTH_NAMES)
_WEEKDAY = _Field("day of week", 0, 6, DAY_NAMES)


def parse_cron(expression: str) -> Cron:
    """Read an expression.

    Args:
        expression: five fields: minute, hour, day of month, month, day of week (0 or 7 is Sunday); months and weekdays
            also by the first three letters of their names.

    Returns:
        The times that fit.

    Raises:
        ValueError: it is no such expression, restricts both day of month and weekday, or names a day that no year has.
    """
    fields = expression.lower().split()
    if len(fields) != 5:
        raise _refusal(expression, "is not a cron expression of five fields: minute hour day month weekday")
    minute, hour, day, month, weekday = fields
    try:
        cron = Cron(
            minutes=_numbers(minute, _MINUTE),
            hours=_numbers(hour, _HOUR),
            days=_numbers(day, _DAY),
            months=_numbers(month, _MONTH),
            weekdays=_numbers(weekday, _WEEKDAY),
        )
    except ValueError as error:
        raise _refusal(expression, f"is not a cron expression: {error}") from error
    if not day.startswith("*") and not weekday.startswith("*"):
        raise _refusal(expression, "restricts day of month and weekday: write two expressions")
    if all(cron.days[0] > _DAYS_IN_MONTH[number - 1] for number in cron.months):
        raise _refusal(expression, "never happens")
    return cron


def parse_when(text: str) -> Cron | timedelta:
    """Read when something happens.

    Args:
        text: a cron expression, or an interval: ``every 30m``, ``every 6h``, ``every 1d``.

    Raises:
        ValueError: it is neither.
    """
    if not text.startswith("every"):
        return parse_cron(text)
    match = _EVERY.fullmatch(text)
    if not match or not int(match[1]):
        raise _refusal(text, "is not an interval: write every 30m, every 6h or every 1d")
    return int(match[1]) * _UNITS[match[2]]


def next_time(when: Cron | timedelta, last: datetime, zone: ZoneInfo) -> datetime:
    """Tell when something falls due after it last happened.

    Args:
        when: from ``parse_when``.
        last: when it last happened, aware.
        zone: zone that cron expressions are meant in; intervals need none.

    Returns:
        The first time after ``last``, aware UTC.
    """
    if isinstance(when, timedelta):
        return last.astimezone(UTC) + when
    first = last.astimezone(zone).date() - timedelta(days=1)  # a day that the clock left out comes a day later
    for offset in range(_MAX_DAYS_APART):
        day = first + timedelta(days=offset)
        later = [moment for moment in _moments(when, day, zone) if moment > last]
        if later:
            return min(later)
    msg = "this expression never happens"
    raise ValueError(msg)


def _moments(cron: Cron, day: date, zone: ZoneInfo) -> set[datetime]:
    """List what an expression means on a day, aware UTC."""
    weekday = (day.weekday() + 1) % 7  # Python counts from Monday
    if day.month not in cron.months or day.day not in cron.days or weekday not in cron.weekdays:
        return set()
    moments = set()
    for hour in cron.hours:
        for minute in cron.minutes:
            earlier = datetime.combine(day, time(hour, minute), zone)
            moments.add(earlier.astimezone(UTC))
            later = earlier.replace(fold=1)
            is_shown_twice = (later.utcoffset() or timedelta()) < (earlier.utcoffset() or timedelta())  # PEP 495
            if is_shown_twice and len(cron.hours) == _HOURS_A_DAY:
                moments.add(later.astimezone(UTC))
    return moments


def _refusal(expression: str, reason: str) -> ValueError:
    return ValueError(f"{expression!r} {reason}")


def _numbers(text: str, field: _Field) -> tuple[int, ...]:
    """List what a field allows; a Sunday that ends a range of weekdays is their 7."""
    chosen: set[int] = set()
    for part in text.split(","):
        numbers = _range(part, field)
        if not numbers:
            msg = f"{field.name} {part!r}"
            raise ValueError(msg)
        chosen.update(number % 7 if field is _WEEKDAY else number for number in numbers)
    return tuple(sorted(chosen))


def _range(part: str, field: _Field) -> range:
    """Count what a part of a field stands for, a step without an end to the field's end; nothing when it is none."""
    match = _PART.fullmatch(part)
    if not match:
        return range(0)
    first = _number(match["first"], field) if match["first"] else field.lowest
    last = _number(match["last"], field) if match["last"] else first
    if not match["first"] or (match["step"] and not match["last"]):
        last = field.highest
    elif field is _WEEKDAY and last == 0 < first:
        last = 7
    step = int(match["step"] or 1)
    highest = 7 if field is _WEEKDAY else field.highest
    fits = field.lowest <= first <= last <= highest and 1 <= step <= max(1, last - first)
    return range(first, last + 1, step) if fits else range(0)


def _number(word: str, field: _Field) -> int:
    """Read a number or a name; -1, which fits nowhere, when it is neither."""
    if word.isdigit():
        return int(word)
    return field.names.index(word) + field.lowest if word in field.names else -1
