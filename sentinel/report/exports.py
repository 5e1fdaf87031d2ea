"""Write a day's tables as CSV for people with a spreadsheet.

UTF-8 with a byte order mark (or Excel on Windows garbles names), CRLF, RFC 4180 quoting, ISO dates, UTC
times as ``YYYY-MM-DDTHH:MM:SSZ``. An unknown figure is an empty cell, never 0. Text goes through
``cells.text_cell``; numbers are rounded by ``rounding`` and otherwise untouched. Columns are only ever
added, at the end.
"""

from __future__ import annotations

import csv
import io
import itertools
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sentinel.records import LABELS, MOOD_COLUMNS
from sentinel.report.cells import text_cell
from sentinel.report.rounding import ITEM_DECIMALS, MOOD_DECIMALS, MOVE_DECIMALS, is_known
from sentinel.text import canonical_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pandas as pd

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

_ROWS_PER_CHUNK = 5_000


def items_csv(items: pd.DataFrame, *, day: str, timezone: str, model_id: str) -> Iterator[bytes]:
    """Write items.csv.

    Args:
        items: rounded items, columns as in ``DayReport.items``.
        day: the report's day, ISO.
        timezone: IANA name of the report's time zone.
        model_id: model that scored them.

    Returns:
        The file's bytes in pieces.
    """
    columns: list[Iterable[str]] = [
        map(text_cell, items["item_id"]),
        itertools.repeat(day),
        items["time"].dt.tz_convert(ZoneInfo(timezone)).dt.strftime("%Y-%m-%d %H:%M").fillna(""),
        utc_texts(items["published"]),
        utc_texts(items["first_seen"]),
        *(map(text_cell, items[column]) for column in ("feed", "kind", "topics", "title")),
        (text_cell(canonical_url(url)) for url in items["url"]),
        items["label"],
        *(_fixed(items[column], ITEM_DECIMALS[column]) for column in ("polarity", *LABELS, "weight")),
        itertools.repeat(model_id),
        map(text_cell, items["companies"]),
        map(text_cell, items["story_id"]),
    ]
    return csv_chunks(list(ITEMS_COLUMNS), zip(*columns, strict=False))


def daily_csv(moods: pd.DataFrame, *, model_id: str) -> Iterator[bytes]:
    """Write daily.csv.

    Args:
        moods: rounded moods of the report's day with what moved them, columns MOOD_COLUMNS and MOVED_COLUMNS.
        model_id: model that scored the items.

    Returns:
        The file's bytes in pieces.
    """
    columns: list[Iterable[str]] = []
    for column in MOOD_COLUMNS:
        if column in MOOD_DECIMALS:
            columns.append(_fixed(moods[column], MOOD_DECIMALS[column]))
        elif column.startswith("n_"):
            columns.append(str(int(count)) for count in moods[column])
        else:
            columns.append(text_cell(str(text)) for text in moods[column])
    columns.append(itertools.repeat(model_id))
    for column in MOVED_COLUMNS:
        is_text = column.endswith("_feed") or column == "leans_on"
        decimals = MOVE_DECIMALS.get(column, MOVE_DECIMALS["from_new"])
        columns.append(map(text_cell, moods[column]) if is_text else _fixed(moods[column], decimals))
    return csv_chunks(list(DAILY_COLUMNS), zip(*columns, strict=False))


def feeds_csv(coverage: pd.DataFrame, *, day: str) -> Iterator[bytes]:
    """Write feeds.csv.

    Args:
        coverage: columns COVERAGE_COLUMNS.
        day: the report's day, ISO.

    Returns:
        The file's bytes in pieces.
    """
    columns: list[Iterable[str]] = [
        itertools.repeat(day),
        *(map(text_cell, coverage[column]) for column in ("feed", "kind", "outcome", "reason")),
        (str(int(count)) for count in coverage["n_items"]),
        utc_texts(coverage["newest"]),
        map(text_cell, coverage["stale"]),
    ]
    return csv_chunks(list(FEEDS_COLUMNS), zip(*columns, strict=False))


def csv_chunks(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Encode rows of finished cells, a few thousand at a time, so that a huge day needs little memory."""
    yield b"\xef\xbb\xbf" + _encode([header])
    remaining = iter(rows)
    while chunk := list(itertools.islice(remaining, _ROWS_PER_CHUNK)):
        yield _encode(chunk)


def utc_texts(times: pd.Series[pd.Timestamp]) -> Iterator[str]:
    """Write UTC times as ``YYYY-MM-DDTHH:MM:SSZ``; a missing one is empty."""
    yield from times.dt.strftime("%Y-%m-%dT%H:%M:%SZ").fillna("")


def _encode(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _fixed(values: pd.Series[float], decimals: int) -> Iterator[str]:
    return (f"{value:.{decimals}f}" if is_known(value) else "" for value in values)
