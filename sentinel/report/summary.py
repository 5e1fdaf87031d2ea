"""The few figures of a day that outlive its page's making: summary.json, and the archive read from them.

A day exists, for the archive and for the links between pages, when its folder is named YYYY-MM-DD and holds a
summary.json that can be read. The file is written last, after the page it speaks for.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

SCHEMA_VERSION = 1
SUMMARY_NAME = "summary.json"


@dataclass(frozen=True)
class DaySummary:
    """One line of the archive.

    Attributes:
        day: the day.
        timezone: IANA name of the zone the day is a day in.
        known_by: time up to which news counted, ``YYYY-MM-DDTHH:MM:SSZ``.
        headline: the day in one sentence.
        mood: rounded as on the page, to one decimal; None for not enough news. So are the figures that follow.
        low: lower end of the 95 % interval.
        high: upper end of it.
        change: mood minus mood of the day before.
        trend: trailing mean.
        n_items: items of the day.
        n_feeds_ok: feeds that delivered.
        n_feeds: feeds that are configured.
        model_id: model that scored the items.
        is_point_in_time: whether ``known_by`` was asked for, so that later news of the day may be missing.
        is_sample: whether the news is the packaged sample's.
    """

    day: date
    timezone: str
    known_by: str
    headline: str
    mood: float | None
    low: float | None
    high: float | None
    change: float | None
    trend: float | None
    n_items: int
    n_feeds_ok: int
    n_feeds: int
    model_id: str
    is_point_in_time: bool
    is_sample: bool


def utc_text(moment: datetime) -> str:
    """Write an aware time as ``YYYY-MM-DDTHH:MM:SSZ``."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def summary_bytes(summary: DaySummary) -> bytes:
    """Write a summary as JSON with sorted keys and an end of line."""
    content = {**asdict(summary), "day": summary.day.isoformat(), "schema_version": SCHEMA_VERSION}
    return (json.dumps(content, indent=2, sort_keys=True, allow_nan=False) + "\n").encode()


def read_summary(folder: Path) -> DaySummary | None:
    """Read the summary in a day's folder.

    Args:
        folder: a folder of the reports directory.

    Returns:
        The summary; None when the folder is not a day's, or its summary is absent, damaged or foreign.
    """
    try:
        day = date.fromisoformat(folder.name)
        content = json.loads((folder / SUMMARY_NAME).read_bytes())
    except (ValueError, OSError, RecursionError):
        return None
    if not isinstance(content, dict) or day.isoformat() != folder.name:
        return None
    if content.get("schema_version") != SCHEMA_VERSION or content.get("day") != folder.name:
        return None
    values: dict[str, Any] = {field.name: content.get(field.name) for field in fields(DaySummary)}
    values["day"] = day
    return DaySummary(**values) if _is_sound(values) else None


def read_summaries(reports_dir: Path) -> list[DaySummary]:
    """Read every day on disk, oldest first."""
    try:
        folders = sorted(path for path in reports_dir.iterdir() if path.is_dir())
    except OSError:
        return []
    return [summary for folder in folders if (summary := read_summary(folder)) is not None]


def _is_sound(values: dict[str, Any]) -> bool:
    texts = (values["timezone"], values["known_by"], values["headline"], values["model_id"])
    figures = (values["mood"], values["low"], values["high"], values["change"], values["trend"])
    counts = (values["n_items"], values["n_feeds_ok"], values["n_feeds"])
    flags = (values["is_point_in_time"], values["is_sample"])
    return (
        all(isinstance(text, str) for text in texts)
        and all(type(count) is int for count in counts)
        and all(type(flag) is bool for flag in flags)
        and all(figure is None or (type(figure) in (int, float) and math.isfinite(figure)) for figure in figures)
    )
