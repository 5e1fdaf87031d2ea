"""Lay the days on file out as a calendar: months of weeks, each day with its mood."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from sentinel.report.sentence import MONTHS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sentinel.report.summary import DaySummary


@dataclass(frozen=True)
class CalendarDay:
    """A day of a month; ``summary`` is None where no report of it is on file."""

    day: date
    summary: DaySummary | None


@dataclass(frozen=True)
class CalendarMonth:
    """A month with a day on file.

    Attributes:
        key: ``YYYY-MM``.
        name: for example "March 2026".
        weeks: from Monday to Sunday, None for days of other months.
    """

    key: str
    name: str
    weeks: tuple[tuple[CalendarDay | None, ...], ...]

    @property
    def year(self) -> str:
        """The year, as ``YYYY``."""
        return self.key[:4]

    @property
    def short_name(self) -> str:
        """The month's first three letters."""
        return self.name[:3]


def build_months(summaries: Sequence[DaySummary]) -> list[CalendarMonth]:
    """Lay days out by month, the newest month first; a month without a day on file is left out."""
    ordered = sorted(summaries, key=lambda summary: summary.day, reverse=True)
    return [
        _build_month(year, month, {summary.day: summary for summary in days})
        for (year, month), days in groupby(ordered, key=lambda summary: (summary.day.year, summary.day.month))
    ]


def _build_month(year: int, month: int, on_file: dict[date, DaySummary]) -> CalendarMonth:
    weeks = calendar.Calendar().monthdatescalendar(year, month)
    return CalendarMonth(
        key=f"{year:04d}-{month:02d}",
        name=f"{MONTHS[month - 1]} {year}",
        weeks=tuple(
            tuple(CalendarDay(day, on_file.get(day)) if day.month == month else None for day in week) for week in weeks
        ),
    )
