"""Name the columns of the tables, and write tables as text: CSV for people with a spreadsheet, JSONL for programs.

CSV is UTF-8 with a byte order mark (or Excel on Windows garbles names), CRLF, RFC 4180 quoting, ISO dates, UTC times as
``YYYY-MM-DDTHH:MM:SSZ``. An unknown figure is an empty cell, never 0. Text goes through ``cells.text_cell``; numbers
are rounded by ``rounding`` and otherwise untouched. Columns are only ever added, at the end.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sentinel.report.csv_lines import TIME_TYPES, csv_header, csv_lines, time_cells

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pandas as pd

    from sentinel.report.columns import Column

ITEMS_COLUMNS = {
    "item_id": "stable name of the item, 32 hexadecimal digits",
    "local_date": "the report's day, in the report's time zone",
    "local_time": "when the item counts, in the report's time zone, YYYY-MM-DD HH:MM",
    "published": "time claimed by the feed, UTC; empty when it claims none",
    "first_seen": "time this program first met the item, UTC",
    "feed": "name of the feed",
    "kind": "kind of the feed",
    "topics": "topics of the item's feed, joined by commas",
    "title": "headline",
    "url": "link, http or https; empty when the feed gave none",
    "label": "most probable class: negative, neutral or positive",
    "polarity": "P(positive) - P(negative), -1 to 1, 4 decimals",
    "negative": "probability, 4 decimals",
    "neutral": "probability, 4 decimals",
    "positive": "probability, 4 decimals",
    "weight": "what the item counted in the market's mood, 4 decimals",
    "model_id": "model that scored it",
    "companies": "tickers of the companies that its text names, joined by commas",
    "story_id": "story it belongs to: the item_id of the item that led it",
    "edited_title": "what its feed changed the headline to; the scores are those of `title`; empty: not changed",
    "edited_at": "when the change was seen, UTC",
}
"""Columns of items.csv in order, each with its meaning: one row per item of the day."""

MOVED_COLUMNS = {
    "from_new": "part of the change that stories of this day alone made",
    "from_faded": "part that stories of the day before alone had",
    "from_ongoing": "part of stories of both days",
    "from_feeds": "part of feeds with news on one of the two days alone",
    "from_mix": "part of the other feeds' shares in the news",
    "from_amount": "part of more or less news, which shrinks the mood less or more",
    "from_rounding": "what the six parts before lack to sum to the change as printed",
    "panel_mood": "mood of the feeds with news on both days alone; empty: not enough news",
    "panel_change": "it minus that of the day before",
    "n_panel_feeds": "feeds with news on both days",
    "without_low": "lowest mood with any one feed left out; empty: not enough news without any of them",
    "without_low_feed": "the feed left out for it",
    "without_high": "highest mood with any one feed left out",
    "without_high_feed": "the feed left out for it",
    "leans_on": "heaviest feed without which there is not enough news; empty: none",
    "disagreement": "share of the spread of the feeds' mean polarities that is more than chance, 0 to 100",
    "published_mood": "mood as it was published when the day ended; empty: not enough news then",
}
"""Columns of daily.csv that tell what moved a mood, on whom it rests and what was published of it."""

DAILY_COLUMNS = {
    "day": "the report's day, in the report's time zone",
    "topic_kind": "market, topic, kind (of feed), feed, company, sector or theme",
    "topic": "name of the topic, or ticker of the company",
    "mood": "-100 to +100, 2 decimals; empty: not enough news",
    "low": "lower end of the 95 % interval",
    "high": "upper end of the 95 % interval",
    "change": "mood minus mood of the day before",
    "trend": "trailing mean of all items, weight 0.95 per day of age; empty under 3 effective stories",
    "momentum": "trend minus trend seven days earlier",
    "z": "mood against mean and standard deviation of the trailing 90 days",
    "breadth": "share of positive minus share of negative items, -1 to 1, 4 decimals",
    "dispersion": "standard deviation of the feeds' mean polarity, 0 to 100",
    "n_items": "items",
    "n_stories": "stories",
    "n_eff": "effective number of stories",
    "n_negative": "items labelled negative",
    "n_neutral": "items labelled neutral",
    "n_positive": "items labelled positive",
    "usual_items": "median number of items on that weekday over the trailing 90 days",
    "model_id": "model that scored the items",
    **MOVED_COLUMNS,
}
"""Columns of daily.csv in order, each with its meaning: one row per topic of the report's day."""

FEEDS_COLUMNS = {
    "day": "the report's day, in the report's time zone",
    "feed": "name of the feed",
    "kind": "kind of the feed",
    "outcome": "ok, failed or not collected",
    "reason": "why it failed; empty otherwise",
    "n_items": "items of the day from this feed",
    "newest": "newest time among them (as local_time of items.csv), UTC; empty when none",
    "stale": "why the feed counts as stale by the end of the day; empty when it does not",
}
"""Columns of feeds.csv in order, each with its meaning: one row per configured feed."""


def csv_parts(columns: Sequence[Column], frames: Iterable[pd.DataFrame]) -> Iterator[bytes]:
    """Write a table as CSV.

    Args:
        columns: its columns.
        frames: its rows, a part of them at a time, with these columns.

    Returns:
        The file's bytes in pieces.
    """
    yield b"\xef\xbb\xbf" + csv_header(columns)
    for frame in frames:
        yield csv_lines(columns, frame)


def jsonl_parts(columns: Sequence[Column], frames: Iterable[pd.DataFrame]) -> Iterator[bytes]:
    """Write a table as one JSON object a line: numbers, null for what is unknown, times as in the CSV, texts whole.

    Args:
        columns: its columns.
        frames: its rows, a part of them at a time, with these columns.

    Returns:
        The file's bytes in pieces.
    """
    names = [column.name for column in columns]
    for frame in frames:
        rows = zip(*(_json_values(frame[column.name], column) for column in columns), strict=True)
        text = "".join(json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) + "\n" for row in rows)
        yield text.encode(errors="replace")


def _json_values(values: pd.Series, column: Column) -> list[Any]:
    if column.type == "number":
        return [value if value == value else None for value in values.tolist()]
    if column.type in TIME_TYPES:
        return [text or None for text in time_cells(values, column).to_pylist()]
    return list(values.tolist())
