"""Lay out the moods of sectors over the last days as a table: a row for each sector, a column for each day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sentinel.report.rounded_day import Row, rows_of
from sentinel.report.topic_links import topic_path

if TYPE_CHECKING:
    from datetime import date

    from sentinel.report.rounded_day import RoundedDay

MAP_DAYS = 14


@dataclass(frozen=True)
class SectorMap:
    """Moods of sectors.

    Attributes:
        days: the columns, oldest first.
        rows: name of each sector, the place of its page, and its mood of each day; None on a day without news of it.
    """

    days: tuple[date, ...]
    rows: tuple[tuple[str, str, tuple[Row | None, ...]], ...]


def sector_map(day: RoundedDay) -> SectorMap | None:
    """Lay out the sectors that had enough news on one of the last MAP_DAYS days; None where there is none."""
    days = tuple(day.report.day - timedelta(days=ago) for ago in reversed(range(MAP_DAYS)))
    moods = day.moods[(day.moods["topic_kind"] == "sector") & (day.moods["day"] >= days[0])]
    known = sorted(set(moods.loc[moods["mood"].notna(), "topic"]))
    if not known:
        return None
    cells = {(row["topic"], row["day"]): row for row in rows_of(moods)}
    return SectorMap(
        days, tuple((name, topic_path(("sector", name)), tuple(cells.get((name, at)) for at in days)) for name in known)
    )
