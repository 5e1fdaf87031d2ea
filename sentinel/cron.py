"""Cron expressions: what their five fields say. Pure code, so that settings are checked by the rule that runs go by.

Source: crontab(5). Cron fires when the day of the month or the weekday fits where both are restricted; schedulers
differ on it, so an expression that restricts both is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

_DAYS_IN_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_PART = re.compile(
    r"(?:\*|(?P<first>[a-z]{3}|\d{1,2})(?:-(?P<last>[a-z]{3}|\d{1,2}))?)(?:/(?P<step>\d{1,2}))?", re.ASCII
)


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
