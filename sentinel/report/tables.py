"""Build the tables of a report: frames whose columns are exactly those that the files have, in order and typed.

Every file format is written from these frames, a few thousand rows at a time, so that a day of a million items needs
little memory more than its items do. Dates and local times are naive, UTC times aware, numbers rounded, texts whole.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pandas as pd

from sentinel.records import LABELS
from sentinel.text import canonical_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

ROWS_PER_PART = 20_000
"""Rows that are written at once."""

_PLAIN_LINK = re.compile(r"https?://[A-Za-z0-9.:-]+/[A-Za-z0-9/._~?=&%,;:+$!*()-]*")


def items_table(items: pd.DataFrame, *, day: date, timezone: str, model_id: str) -> Iterator[pd.DataFrame]:
    """Build the table of a day's items.

    Args:
        items: rounded items, columns as in ``DayReport.items``.
        day: the report's day.
        timezone: IANA name of the report's time zone.
        model_id: model that scored them.

    Returns:
        Frames of at most ROWS_PER_PART rows with the columns of ``exports.ITEMS_COLUMNS``.
    """
    zone = ZoneInfo(timezone)
    for start in range(0, max(len(items), 1), ROWS_PER_PART):
        part = items.iloc[start : start + ROWS_PER_PART]
        texts = {name: part[name] for name in ("feed", "kind", "topics", "title")}
        figures = {name: part[name] for name in ("polarity", *LABELS, "weight")}
        columns = {
            "item_id": part["item_id"],
            "local_date": pd.Timestamp(day),
            "local_time": part["time"].dt.tz_convert(zone).dt.tz_localize(None).dt.floor("min"),
            "published": part["published"],
            "first_seen": part["first_seen"],
            **texts,
            "url": [safe_link(url) for url in part["url"].tolist()],
            "label": part["label"],
            **figures,
            "model_id": model_id,
            "companies": part["companies"],
            "story_id": part["story_id"],
            "edited_title": part["edited_title"],
            "edited_at": part["edited_at"],
        }
        yield pd.DataFrame(columns, index=part.index)


def daily_table(moods: pd.DataFrame, *, model_id: str) -> pd.DataFrame:
    """Build the table of moods.

    Args:
        moods: rounded moods, columns MOOD_COLUMNS and, of a day's report, ``exports.MOVED_COLUMNS``.
        model_id: model that scored the items.

    Returns:
        The same rows with ``model_id``, the day as a time at midnight.
    """
    return moods.assign(day=pd.to_datetime(moods["day"]), model_id=model_id)


def feeds_table(coverage: pd.DataFrame, *, day: date) -> pd.DataFrame:
    """Build the table of feeds.

    Args:
        coverage: columns COVERAGE_COLUMNS.
        day: the report's day.

    Returns:
        A frame with the columns of ``exports.FEEDS_COLUMNS``.
    """
    table = coverage.assign(day=pd.Timestamp(day))
    return table[["day", "feed", "kind", "outcome", "reason", "n_items", "newest", "stale"]]


def safe_link(url: str) -> str:
    """Give a stored address where it is http(s), else nothing; what could end an attribute or a cell is encoded."""
    return url if _PLAIN_LINK.fullmatch(url) else canonical_url(url)
