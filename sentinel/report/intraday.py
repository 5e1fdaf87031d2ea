"""Name the hours of a day and choose which to show."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sentinel.report.rounded_day import Row, rows_of
from sentinel.report.rounding import PAGE_MOOD_DECIMALS, round_columns

if TYPE_CHECKING:
    from sentinel.report.day import DayReport


def hour_rows(report: DayReport) -> list[Row]:
    """List the hours of the day, from midnight to midnight in the report's zone.

    Returns:
        Rows with HOUR_COLUMNS, ``key`` (the place in the day) and ``name``: "02:00", and "02:00 CEST" beside
        "02:00 CET" on the night on which an hour comes twice; no row where the day had no news.
    """
    if not report.hours["n_items"].sum():
        return []
    zone = ZoneInfo(report.timezone)
    rows = rows_of(round_columns(report.hours, {name: PAGE_MOOD_DECIMALS[name] for name in ("mood", "low", "high")}))
    local = [row["start"].astimezone(zone) for row in rows]
    clocks = [f"{moment:%H:%M}" for moment in local]
    counts = Counter(clocks)
    for place, (row, clock, moment) in enumerate(zip(rows, clocks, local, strict=True)):
        row["key"] = str(place)
        row["name"] = f"{clock} {moment.tzname()}" if counts[clock] > 1 else clock
    return rows
