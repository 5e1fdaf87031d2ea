"""The gate before a day's files take their places: the same number stands in every one of them, or the day fails.

The files are read back as they were written, each by a reader of its own. Compared are

* the page: headline and key figures with summary.json, every row of its tables with daily.csv (as far as the page's
  digits go) and, digit by digit, with its charts; what is drawn in a row with the numbers beside it;
* the sheets of report.xlsx with the page's history, daily.csv, feeds.csv and items.csv;
* items.parquet with items.csv: every figure of every row;
* the counts of daily.csv and feeds.csv, and those of the hours of the page, with the rows of items.csv.

Figures are compared as numbers; texts only as far as they name a row.
"""

from __future__ import annotations

import csv
import json
import zipfile
from typing import TYPE_CHECKING, Any
from xml.parsers.expat import ExpatError

from sentinel.errors import DisagreementError
from sentinel.report.cells import text_cell
from sentinel.report.columns import columns_of
from sentinel.report.comparison import Told, expect_same, known, number_of
from sentinel.report.drawn_agreement import check_drawn
from sentinel.report.exports import DAILY_COLUMNS, FEEDS_COLUMNS
from sentinel.report.item_agreement import check_items
from sentinel.report.page_reader import PageTable, ReadPage, numbers_in, read_page
from sentinel.report.workbook_reader import read_sheet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sentinel.report.workbook_reader import CellValue

    Row = dict[str, str]
    Topic = tuple[str, str]

PAGE, SUMMARY, DAILY, FEEDS, BOOK = "index.html", "summary.json", "daily.csv", "feeds.csv", "report.xlsx"
CHART, HISTORY_SHEET = "the chart of index.html", "the summary of report.xlsx"
MARKET = ("market", "market")

_PAGE_STEP, _CSV_STEP = 0.1, 0.01
_WITHIN = {
    **dict.fromkeys(("mood", "low", "high", "trend", "z", "dispersion"), (_PAGE_STEP + _CSV_STEP) / 2),
    **dict.fromkeys(("change", "momentum"), _PAGE_STEP + _CSV_STEP),  # differences of two rounded figures
    "usual_items": (1.0 + _CSV_STEP) / 2,
}
"""How far a figure of the page may be from that of daily.csv: each is rounded once from the exact one."""
_WHOLE_POINT = (1.0 + _PAGE_STEP + _CSV_STEP) / 2
_KEYS = ("topic_kind", "topic", "feed")
"""Columns that name a row of daily.csv or feeds.csv."""
_KEY_FIGURES = {"Mood": "mood", "Change": "change", "Trend": "trend", "Items": "n_items"}


def check_agreement(folder: Path) -> None:
    """Check that the files of a day tell the same numbers.

    Args:
        folder: where they were written, all of them.

    Raises:
        DisagreementError: two of them differ, or one cannot be read back; the first difference is named.
    """
    try:
        page = read_page(folder / PAGE)
        summary = json.loads((folder / SUMMARY).read_bytes())
        daily = {(row["topic_kind"], row["topic"]): row for row in _csv_rows(folder / DAILY)}
        feeds = _csv_rows(folder / FEEDS)
        _check_summary(summary, page, daily.get(MARKET))
        _check_topics(page, daily)
        _check_sectors(page, summary["day"], daily)
        check_drawn(page)
        _check_charts(page)
        _check_history_sheet(page, folder / BOOK)
        _check_sheet(folder / BOOK, "Daily", DAILY, list(daily.values()), DAILY_COLUMNS)
        _check_sheet(folder / BOOK, "Feeds", FEEDS, feeds, FEEDS_COLUMNS)
        check_items(folder, summary["n_items"], daily, feeds, _hours(page))
    except (OSError, ValueError, KeyError, IndexError, zipfile.BadZipFile, ExpatError) as error:
        raise DisagreementError(
            f"a file cannot be read back: {type(error).__name__} {error}", where=str(folder)
        ) from error


def _csv_rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def _check_summary(summary: dict[str, Any], page: ReadPage, market: Row | None) -> None:
    """Compare summary.json with the top of the page, the day's row of its history, and the market of daily.csv."""
    if page.headline != summary["headline"]:
        raise DisagreementError(f"the headline is {page.headline!r} in {PAGE}, {summary['headline']!r} in {SUMMARY}")
    told = {name: known(summary[name]) for name in ("mood", "low", "high", "change", "trend", "n_items")}
    for label, name in _KEY_FIGURES.items():
        shown = next(iter(numbers_in(page.figures[label])), None)
        expect_same(f"{name} of the day", Told(PAGE, shown), Told(SUMMARY, told[name]))
    history = {row["day"]: row for row in _tables(page, "history")[0].rows}
    for name, value in _figures(history.get(summary["day"], {})).items():
        if name in told:  # others tell what was published, by this model or by another
            expect_same(f"{name} of the day", Told(f"the history of {PAGE}", value), Told(SUMMARY, told[name]))
    if market is not None:
        for name, value in told.items():
            _expect_as_rounded(f"{name} of the day", name, Told(SUMMARY, value), market)


def _check_topics(page: ReadPage, daily: dict[Topic, Row]) -> None:
    """Compare every row of the page's tables of topics, movers and disagreements with daily.csv."""
    for name in ("topics", "movers", "disagreements"):
        for table in _tables(page, name):
            for row in table.rows:
                _check_topic(row, daily)


def _check_topic(row: Row, daily: dict[Topic, Row]) -> None:
    what, told = _told_of(row, daily)
    figures = _figures(row)
    usual, move = (figures.pop(name, None) for name in ("usual", "move"))
    for name, value in figures.items():
        _expect_as_rounded(f"{name} of {what}", name, Told(PAGE, value), told)
    if usual is not None and figures["mood"] is not None:
        expect_same(f"the move of {what}", Told(PAGE, move), Told(f"mood and usual of {PAGE}", figures["mood"] - usual))


def _told_of(row: Row, daily: dict[Topic, Row]) -> tuple[str, Row]:
    """Find the row of daily.csv that a row of the page is about."""
    kind, _, topic = row["topic"].partition(":")
    told = daily.get((kind, text_cell(topic)))
    if told is None:
        raise DisagreementError(f"{kind} {topic} is in {PAGE} and not in {DAILY}")
    return f"{kind} {topic}", told


def _check_sectors(page: ReadPage, day: str, daily: dict[Topic, Row]) -> None:
    """Compare the day's column of the map of sectors, whole points, with daily.csv."""
    for table in _tables(page, "sectors"):
        for row in table.rows:
            shown = next(iter(numbers_in(row[day])), None)
            if row[day]:  # an empty field is a day without news of it
                what, told = _told_of(row, daily)
                mood = Told(DAILY, number_of(told["mood"]))
                expect_same(f"mood of {what}", Told(f"the map of {PAGE}", shown), mood, within=_WHOLE_POINT)


def _hours(page: ReadPage) -> dict[str, dict[str, int]]:
    """Read how many items each hour of the clock has: of all, and by label; empty where the page has no hours."""
    counts: dict[str, dict[str, int]] = {}
    for table in _tables(page, "hours"):
        for row in table.rows:
            of_row = counts.setdefault(row.pop("topic"), {})
            for name, text in row.items():
                clock = name[:2]  # an hour that comes twice is one on the clock
                of_row[clock] = of_row.get(clock, 0) + int(sum(numbers_in(text)))
    return {name: of_row for name, of_row in counts.items() if name.startswith("n_")}


def _check_charts(page: ReadPage) -> None:
    """Compare what the charts draw with the tables behind them."""
    checks = {"history": _check_history_chart, "volume": _check_volume_chart}
    for name, figure in page.charts.items():
        checks[name](figure, _tables(page, name)[0])


def _check_history_chart(figure: dict[str, Any], table: PageTable) -> None:
    drawn: dict[str, dict[str, float | None]] = {}
    for trace in figure["data"]:
        if not trace["name"].startswith(("Mood", "Trend")):
            _check_earlier(trace, table)
            continue
        bounds = trace.get("customdata")
        for place, day in enumerate(trace["x"]):
            of_day = drawn.setdefault(day, {})
            of_day["trend" if bounds is None else "mood"] = trace["y"][place]
            if bounds is not None:
                of_day["low"], of_day["high"] = bounds[place]
    expect_same("the number of days", Told(CHART, len(drawn)), Told(PAGE, len(table.rows)))
    for row in table.rows:
        figures = _figures(row)
        for name, value in drawn[row["day"]].items():
            expect_same(f"{name} of {row['day']}", Told(CHART, value), Told(PAGE, figures[name]))


def _check_earlier(trace: dict[str, Any], table: PageTable) -> None:
    """Compare what another model published: each mood that is drawn with that of the table, which has no more."""
    model_id = trace["name"].rpartition(" ")[2]
    told = {row["day"]: _figures(row)[f"published-{model_id}"] for row in table.rows}
    drawn = dict(zip(trace["x"], trace["y"], strict=True))
    for day, value in told.items():
        expect_same(f"mood of {day} by model {model_id}", Told(CHART, drawn.get(day)), Told(PAGE, value))


def _check_volume_chart(figure: dict[str, Any], table: PageTable) -> None:
    rows = {row["day"]: _figures(row) for row in table.rows}
    for trace in figure["data"]:
        name = f"n_{trace['name']}"
        expect_same("the number of days", Told(CHART, len(trace["x"])), Told(PAGE, len(rows)))
        for day, value in zip(trace["x"], trace["y"], strict=True):
            expect_same(f"{name} of {day}", Told(CHART, value), Told(PAGE, rows[day][name]))


def _check_history_sheet(page: ReadPage, book: Path) -> None:
    """Compare the history of the workbook's first sheet, which its chart draws, with the page's."""
    rows = list(read_sheet(book, "Summary"))
    head = next(place for place, row in enumerate(rows) if row.get(0) == "day" and row.get(1) == "mood")
    names = [str(name) for name in rows[head].values()]
    history = _tables(page, "history")[0].rows[::-1]
    sheet = rows[head + 1 :]
    expect_same("the number of days", Told(HISTORY_SHEET, len(sheet)), Told(PAGE, len(history)))
    for row, cells in zip(history, sheet, strict=True):
        figures = _figures(row)
        for place, name in enumerate(names[1:], start=1):
            told = _number(cells.get(place))
            expect_same(f"{name} of {row['day']}", Told(HISTORY_SHEET, told), Told(PAGE, figures[name]))


def _check_sheet(book: Path, sheet: str, file: str, rows: Sequence[Row], meanings: Mapping[str, str]) -> None:
    """Compare a sheet with the CSV file that has the same rows: every number, and what names the row."""
    head, *written = read_sheet(book, sheet)
    numbers = {column.name for column in columns_of(meanings) if column.is_number}
    names = [str(name) for name in head.values()]
    there = f"the sheet {sheet} of {BOOK}"
    expect_same("the number of rows", Told(there, len(written)), Told(file, len(rows)))
    for number, (row, cells) in enumerate(zip(rows, written, strict=True), start=1):
        for place, name in enumerate(names):
            cell = cells.get(place)
            if name in _KEYS and text_cell(str(cell or "")) != row[name]:
                raise DisagreementError(f"{name} of row {number} is {cell!r} in {there} and {row[name]!r} in {file}")
            if name in numbers:
                told = Told(file, number_of(row[name]))
                expect_same(f"{name} of row {number}", Told(there, _number(cell)), told)


def _expect_as_rounded(what: str, name: str, told: Told, row: Row) -> None:
    expect_same(what, told, Told(DAILY, number_of(row[name])), within=_WITHIN.get(name, 0.0))


def _tables(page: ReadPage, name: str) -> list[PageTable]:
    return [table for table in page.tables if table.name == name]


def _figures(row: Row) -> dict[str, float | None]:
    """Read the figures of a row of a table: an interval is two of them, a text that is none is None."""
    figures: dict[str, float | None] = {}
    for name, text in row.items():
        found = numbers_in(text)
        if name == "interval":
            figures["low"], figures["high"] = found if len(found) == 2 else (None, None)
        elif name not in ("day", "topic", "drawn", "spark"):
            figures[name] = found[0] if found else None
    return figures


def _number(cell: CellValue | None) -> float | None:
    return cell if isinstance(cell, float) else None
