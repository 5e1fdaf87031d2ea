"""Write a day's report.xlsx: the page's figures with a chart, the rows of the CSV files, what every column means."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sentinel.report.columns import columns_of
from sentinel.report.exports import DAILY_COLUMNS, FEEDS_COLUMNS, ITEMS_COLUMNS
from sentinel.report.rounding import PAGE_MOOD_DECIMALS, is_known
from sentinel.report.tables import daily_table, feeds_table, items_table
from sentinel.report.view import history_rows
from sentinel.report.workbook import open_book

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from sentinel.report.columns import Column
    from sentinel.report.rounded_day import RoundedDay
    from sentinel.report.summary import DaySummary
    from sentinel.report.workbook import Cell

MAX_SHEET_ITEMS = 25_000
"""Items of a day that the sheet holds; writing the cells of a million takes minutes."""
HISTORY_COLUMNS = ("day", "mood", "low", "high", "trend", "n_items")
"""Columns of the history on the summary sheet: the page's figures."""


def write_day_book(path: Path, day: RoundedDay, summary: DaySummary) -> None:
    """Write the workbook of a day.

    Args:
        path: file to write.
        day: the rounded day.
        summary: its figures that outlive the page.

    Raises:
        ReportError: it cannot be written.
    """
    report = day.report
    model_id = report.model.model_id
    items, daily, feeds = (columns_of(meanings) for meanings in (ITEMS_COLUMNS, DAILY_COLUMNS, FEEDS_COLUMNS))
    shown = leading_items(day.items)
    with open_book(path, title=f"Market mood {report.day}", created=report.known_by) as book:
        history = [[_cell(row[name]) for name in HISTORY_COLUMNS] for row in history_rows(day)]
        notes = _notes(n_items=len(day.items), n_shown=len(shown))
        book.add_summary(summary.headline, _facts(day, summary), notes, _history_columns(daily), history)
        book.add_table("Items", items, items_table(shown, day=report.day, timezone=report.timezone, model_id=model_id))
        book.add_table("Daily", daily, [daily_table(day.table, model_id=model_id)])
        book.add_table("Feeds", feeds, [feeds_table(day.coverage, day=report.day)])
        book.add_dictionary([("Items", items), ("Daily", daily), ("Feeds", feeds)])


def leading_items(items: pd.DataFrame) -> pd.DataFrame:
    """Choose the items that a sheet holds: those that pull most at the mood, in the order of the day.

    Args:
        items: rounded items of a day.

    Returns:
        At most MAX_SHEET_ITEMS of them: the largest weight times polarity, either way.
    """
    if len(items) <= MAX_SHEET_ITEMS:
        return items
    pull = (items["weight"] * items["polarity"]).abs()
    ranked = pull.sort_values(ascending=False, kind="stable").head(MAX_SHEET_ITEMS)
    return items.loc[ranked.index.sort_values()]


def _notes(*, n_items: int, n_shown: int) -> list[str]:
    notes = ["Figures on this sheet are those of the page; the sheet Daily has two decimals, as daily.csv has."]
    if n_shown < n_items:
        notes.append(
            f"The sheet Items holds the {n_shown:,} of {n_items:,} items that pull most at the mood (weight times "
            "polarity); items.csv and items.parquet hold them all."
        )
    return notes


def _facts(day: RoundedDay, summary: DaySummary) -> list[tuple[str, Cell, str]]:
    """List what the day's page says at its top."""
    market = day.market
    figures = {"mood": "95 % interval in low and high", "low": "", "high": "", "change": "", "trend": "", "z": ""}
    counts = {"n_items": "items of the day", "n_stories": "stories they tell"}
    return [
        ("day", summary.day.isoformat(), ""),
        ("timezone", summary.timezone, "days are counted in it"),
        (
            "known_by",
            day.report.known_by.astimezone(UTC).replace(tzinfo=None, microsecond=0),
            "UTC; later news is left out",
        ),
        ("model_id", summary.model_id, day.report.model.name),
        *((name, _cell(market[name]), remark) for name, remark in figures.items()),
        *((name, int(market[name]) if is_known(market[name]) else None, remark) for name, remark in counts.items()),
        ("feeds", f"{summary.n_feeds_ok} of {summary.n_feeds}", "delivered"),
    ]


def _history_columns(daily: Sequence[Column]) -> list[Column]:
    """Describe the history's columns: those of daily.csv with the decimals of the page."""
    by_name = {column.name: column for column in daily}
    return [_with_page_decimals(by_name[name]) for name in HISTORY_COLUMNS]


def _with_page_decimals(column: Column) -> Column:
    return replace(column, decimals=PAGE_MOOD_DECIMALS.get(column.name, column.decimals))


def _cell(value: object) -> Cell:
    """Give a figure or day of a row as a cell takes it."""
    if isinstance(value, (int, float)):
        return value if is_known(value) else None
    return datetime.fromisoformat(str(value))
