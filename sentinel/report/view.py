"""Choose what the page of a rounded day lists: its history, its topics, the feeds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pandas as pd

from sentinel.report.rounded_day import Row, rows_of
from sentinel.report.sentence import minute_text
from sentinel.report.topic_links import topic_name

if TYPE_CHECKING:
    from sentinel.report.rounded_day import RoundedDay

MAX_TOPICS = 24
"""A table of more topics than this shows those with the most items; daily.csv has them all."""
MEASURES = {"macro_f1": "macro-F1", "ece": "calibration error (ECE)", "brier": "Brier score"}
"""Measures whose short names, as the model's manifest has them, are no words."""
MAX_COVERAGE_ROWS = 300
"""A table of more feeds than this shows those that failed first; feeds.csv has them all."""


def history_rows(day: RoundedDay) -> list[Row]:
    """List the market's moods of up to a year, oldest first."""
    return rows_of(day.history.sort_values("day", kind="stable"))


def topic_rows(day: RoundedDay, topic_kind: str) -> tuple[list[Row], int]:
    """List the day's moods of one kind of topic, most negative first, those without enough news last.

    Args:
        day: the rounded day.
        topic_kind: any but market; a company is called by name and ticker, and of companies those without enough news
            are listed only where none has enough.

    Returns:
        At most MAX_TOPICS rows, each with ``key``, its topic as in daily.csv, and how many were left to that file.
    """
    chosen = day.today[day.today["topic_kind"] == topic_kind]
    has_mood = chosen["mood"].notna()
    listed = chosen[has_mood] if topic_kind == "company" and has_mood.any() else chosen
    busiest = listed.sort_values(["n_items", "topic"], ascending=[False, True], kind="stable").head(MAX_TOPICS)
    names = dict(day.report.watched.names)
    busiest = busiest.assign(
        key=busiest["topic"], topic=[topic_name((topic_kind, key), names) for key in busiest["topic"]]
    )
    return rows_of(busiest.sort_values(["mood", "topic"], kind="stable")), len(chosen) - len(busiest)


def older_items(day: RoundedDay) -> int:
    """Count the items that their feeds date before the day they count on, because they were collected so late."""
    begin = datetime.combine(day.report.day, datetime.min.time(), ZoneInfo(day.report.timezone))
    return int((day.items["published"] < begin.astimezone(UTC)).sum())


def coverage_rows(day: RoundedDay) -> tuple[list[Row], int]:
    """List the feeds, those that failed first, then those not collected, then stale ones; each group by name.

    Args:
        day: the rounded day.

    Returns:
        At most MAX_COVERAGE_ROWS rows, and how many were left to feeds.csv.
    """
    zone = ZoneInfo(day.report.timezone)
    coverage = day.coverage
    order = {"failed": 0, "not collected": 2, "ok": 4}
    is_fresh = coverage["stale"] == ""
    ranked = coverage.assign(rank=coverage["outcome"].map(order).fillna(0) + is_fresh)
    rows = rows_of(ranked.sort_values(["rank", "feed"], kind="stable").head(MAX_COVERAGE_ROWS))
    for row in rows:
        row["newest"] = "" if pd.isna(row["newest"]) else minute_text(row["newest"].tz_convert(zone))
    return rows, len(ranked) - len(rows)


def metric_rows(metrics: dict[str, float]) -> list[tuple[str, str]]:
    """Write a model's measured figures: whole numbers whole, others with four significant digits."""
    return [
        (_metric_name(name), f"{int(value):,}" if float(value).is_integer() and abs(value) >= 2 else f"{value:.4g}")
        for name, value in sorted(metrics.items())
    ]


def _metric_name(name: str) -> str:
    data, _, measure = name.rpartition(" ")
    return f"{data} {MEASURES[measure]}" if measure in MEASURES else name
