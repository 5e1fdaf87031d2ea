"""Say of every column of a table what it holds: its type, unit, decimals and meaning.

CSV, XLSX, Parquet and JSONL are written from these descriptions, and the dictionary sheet prints them, so that a column
is the same thing in every file. The type follows from the name and from ``rounding``; nothing is said twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sentinel.report.rounding import ITEM_DECIMALS, MOOD_DECIMALS, MOVE_DECIMALS

if TYPE_CHECKING:
    from collections.abc import Mapping

ColumnType = Literal["text", "number", "whole number", "date", "local time", "UTC time"]

_DATES = ("day", "local_date")
_LOCAL_TIMES = ("local_time",)
_UTC_TIMES = ("published", "first_seen", "newest", "edited_at")
_DECIMALS = {**ITEM_DECIMALS, **MOOD_DECIMALS, **MOVE_DECIMALS, "from_rounding": MOVE_DECIMALS["from_new"]}
_POINTS = "points of the scale -100 to +100"
_SHARE = "share, 0 to 1"
_UNITS = {
    **dict.fromkeys(("mood", "low", "high", "change", "trend", "momentum", "dispersion"), _POINTS),
    **dict.fromkeys((name for name in MOVE_DECIMALS if name != "n_panel_feeds"), _POINTS),
    "from_rounding": _POINTS,
    "disagreement": "percent",
    "n_panel_feeds": "feeds",
    **dict.fromkeys(("negative", "neutral", "positive"), _SHARE),
    "polarity": "difference of two shares, -1 to 1",
    "breadth": "difference of two shares, -1 to 1",
    "z": "standard deviations",
    "weight": "items of a feed of weight 1",
    "n_eff": "stories",
    "n_stories": "stories",
    "usual_items": "items",
}
_TYPE_UNITS: dict[ColumnType, str] = {
    "text": "",
    "number": "number",
    "whole number": "items",
    "date": "day in the report's time zone",
    "local time": "minute in the report's time zone",
    "UTC time": "time in UTC",
}


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        name: as in the header.
        type: what its cells hold.
        decimals: places behind the point of a number, else 0.
        unit: what a number counts, or a time is told in; empty for a text.
        meaning: what it says, in words.
    """

    name: str
    type: ColumnType
    decimals: int
    unit: str
    meaning: str

    @property
    def is_number(self) -> bool:
        """Say whether its cells can be added up."""
        return self.type in ("number", "whole number")


def columns_of(meanings: Mapping[str, str]) -> tuple[Column, ...]:
    """Describe the columns of a table.

    Args:
        meanings: by name, in order.

    Returns:
        One description per column.
    """
    return tuple(_describe(name, meaning) for name, meaning in meanings.items())


def _describe(name: str, meaning: str) -> Column:
    kind = _type_of(name)
    decimals = _DECIMALS[name] if kind == "number" else 0
    return Column(name, kind, decimals, _UNITS.get(name, _TYPE_UNITS[kind]), meaning)


def _type_of(name: str) -> ColumnType:
    if name in _DECIMALS:
        return "number"
    if name.startswith("n_"):
        return "whole number"
    if name in _DATES:
        return "date"
    if name in _LOCAL_TIMES:
        return "local time"
    return "UTC time" if name in _UTC_TIMES else "text"
