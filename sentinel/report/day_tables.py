"""Write the tables of a day: items, moods and feeds as CSV, the items as Parquet, all of them in one workbook."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sentinel.report.columns import columns_of
from sentinel.report.day_book import write_day_book
from sentinel.report.exports import DAILY_COLUMNS, FEEDS_COLUMNS, ITEMS_COLUMNS, csv_parts
from sentinel.report.files import write_chunks
from sentinel.report.parquet import write_parquet
from sentinel.report.tables import daily_table, feeds_table, items_table

if TYPE_CHECKING:
    from pathlib import Path

    from sentinel.report.rounded_day import RoundedDay
    from sentinel.report.summary import DaySummary

ITEMS_CSV, DAILY_CSV, FEEDS_CSV = "items.csv", "daily.csv", "feeds.csv"
ITEMS_PARQUET = "items.parquet"
WORKBOOK = "report.xlsx"
TABLES_VERSION = "1"


def write_day_tables(folder: Path, day: RoundedDay, summary: DaySummary) -> None:
    """Write the tables of a day into a folder.

    Args:
        folder: where to; it exists.
        day: the rounded day.
        summary: its figures that outlive the page.

    Raises:
        ReportError: a file cannot be written.
    """
    report = day.report
    model_id = report.model.model_id
    build_items = partial(items_table, day.items, day=report.day, timezone=report.timezone, model_id=model_id)
    items = columns_of(ITEMS_COLUMNS)
    write_chunks(folder / ITEMS_CSV, csv_parts(items, build_items()))
    facts = table_facts(model_id, report.timezone)
    facts |= {"sentinel.day": summary.day.isoformat(), "sentinel.known_by": summary.known_by}
    write_parquet(folder / ITEMS_PARQUET, items, build_items(), facts=facts)
    daily = daily_table(day.table, model_id=model_id)
    write_chunks(folder / DAILY_CSV, csv_parts(columns_of(DAILY_COLUMNS), [daily]))
    feeds = feeds_table(day.coverage, day=report.day)
    write_chunks(folder / FEEDS_CSV, csv_parts(columns_of(FEEDS_COLUMNS), [feeds]))
    write_day_book(folder / WORKBOOK, day, summary)


def table_facts(model_id: str, timezone: str) -> dict[str, str]:
    """Give what a Parquet file says of the figures in it."""
    return {
        "sentinel.schema_version": TABLES_VERSION,
        "sentinel.model_id": model_id,
        "sentinel.timezone": timezone,
    }
