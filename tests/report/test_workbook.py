"""The workbook opens with typed cells, filters and a chart; no text of it is a formula or a link."""

from __future__ import annotations

import re
import zipfile
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow.parquet as pq
import pytest

from sentinel.errors import ReportError, TableError
from sentinel.report import day_book, workbook, write_day
from sentinel.report.columns import columns_of
from sentinel.report.exports import DAILY_COLUMNS, FEEDS_COLUMNS, ITEMS_COLUMNS
from sentinel.report.workbook import MAX_CHARACTERS, open_book
from sentinel.report.workbook_reader import read_sheet

from .days import HOSTILE, LAST_DAY, build_day

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SHEETS = ("Summary", "Items", "Daily", "Feeds", "Dictionary")
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  # as a sheet counts days, without a zone
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_day(tmp_path_factory.mktemp("book"), build_day(hostile=True)).parent


def parts(book: Path) -> dict[str, str]:
    with zipfile.ZipFile(book) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def rows_of(book: Path, sheet: str) -> list[dict[str, str | float]]:
    head, *rows = read_sheet(book, sheet)
    return [{str(head[place]): value for place, value in row.items()} for row in rows]


def write_texts(path: Path, texts: Sequence[str]) -> None:
    with open_book(path, title="texts", created=NEW_YEAR) as book:
        book.add_table("Items", columns_of({"title": "texts"}), [pd.DataFrame({"title": texts}, dtype=object)])


def test_book_has_its_sheets_with_frozen_heads_and_filters(folder: Path) -> None:
    content = parts(folder / "report.xlsx")
    assert tuple(re.findall(r'<sheet name="(\w+)"', content["xl/workbook.xml"])) == SHEETS
    for place in range(2, 6):
        sheet = content[f"xl/worksheets/sheet{place}.xml"]
        assert 'ySplit="1"' in sheet
        assert 'state="frozen"' in sheet
        assert "<autoFilter" in sheet


def test_book_has_no_formula_and_no_link(folder: Path) -> None:
    for name, content in parts(folder / "report.xlsx").items():
        if name.startswith("xl/worksheets/sheet"):
            assert "<f>" not in content
            assert "<hyperlink" not in content
    titles = {row["title"] for row in rows_of(folder / "report.xlsx", "Items")}
    assert set(HOSTILE[3:6]) <= titles


def test_book_draws_the_history_of_the_market(folder: Path) -> None:
    chart = parts(folder / "report.xlsx")["xl/charts/chart1.xml"]
    drawn = dict(re.findall(r"<c:tx>.*?<c:f>Summary!\$(\w)\$\d+</c:f>.*?<c:val>.*?<c:f>(.*?)</c:f>", chart))
    rows = list(read_sheet(folder / "report.xlsx", "Summary"))
    head = next(place for place, row in enumerate(rows) if row.get(1) == "mood" and row.get(0) == "day")
    assert list(rows[head].values()) == ["day", "mood", "low", "high", "trend", "n_items"]
    assert sorted(drawn) == ["B", "C", "D", "E"]
    assert len(rows) - head - 1 == 90
    bounds = [tuple(map(int, re.findall(r"\$[A-Z]\$(\d+)", cells))) for cells in drawn.values()]
    assert {end - begin + 1 for begin, end in bounds} == {90}


def test_cells_have_the_types_of_their_columns(folder: Path) -> None:
    table = pq.read_table(folder / "items.parquet").to_pylist()
    for row, expected in zip(rows_of(folder / "report.xlsx", "Items"), table, strict=True):
        assert row["local_date"] == (expected["local_date"] - EPOCH.date()).days
        local = EPOCH + timedelta(days=float(row["local_time"]))
        assert abs(local - expected["local_time"]) < timedelta(seconds=1)
        seen = (EPOCH + timedelta(days=float(row["first_seen"]))).replace(tzinfo=UTC)
        assert abs(seen - expected["first_seen"]) < timedelta(seconds=1)
        assert ("published" in row) == (expected["published"] is not None)
        assert all(type(row[name]) is float for name in ("polarity", "negative", "neutral", "positive", "weight"))
        assert all(type(row[name]) is str for name in ("item_id", "title", "model_id"))


def test_dictionary_says_what_every_column_of_every_sheet_is(folder: Path) -> None:
    listed = [(row["Sheet"], row["Column"], row["Meaning"]) for row in rows_of(folder / "report.xlsx", "Dictionary")]
    tables = (("Items", ITEMS_COLUMNS), ("Daily", DAILY_COLUMNS), ("Feeds", FEEDS_COLUMNS))
    assert listed == [(sheet, name, meaning) for sheet, table in tables for name, meaning in table.items()]
    for sheet, table in tables:
        assert list(next(iter(read_sheet(folder / "report.xlsx", sheet))).values()) == list(table)
        for row in rows_of(folder / "report.xlsx", "Dictionary"):
            assert bool(row["Unit"]) == (row["Type"] != "text")


def test_book_was_made_when_the_news_was_known_and_by_no_clock(folder: Path, tmp_path: Path) -> None:
    assert "2026-03-03T04:30:00Z" in parts(folder / "report.xlsx")["docProps/core.xml"]
    again = write_day(tmp_path, build_day(hostile=True)).parent
    assert (again / "report.xlsx").read_bytes() == (folder / "report.xlsx").read_bytes()
    assert (again / "items.parquet").read_bytes() == (folder / "items.parquet").read_bytes()


def test_sheet_of_a_large_day_has_what_pulls_most_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(day_book, "MAX_SHEET_ITEMS", 12)
    day = build_day()
    book = write_day(tmp_path, day).parent / "report.xlsx"
    pull = (day.items["weight"] * day.items["polarity"]).abs()
    strongest = day.items.loc[pull.nlargest(12).index].sort_values(["time", "item_id"])
    assert [row["item_id"] for row in rows_of(book, "Items")] == list(strongest["item_id"])
    said = " ".join(str(row.get(0)) for row in read_sheet(book, "Summary"))
    assert "holds the 12 of 60 items that pull most" in said
    assert "items.csv and items.parquet hold them all" in said


def test_a_table_that_no_sheet_holds_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_ROWS", 4)
    write_texts(tmp_path / "three.xlsx", ["a", "b", "c"])
    with pytest.raises(TableError, match=r"four\.xlsx: the rows do not fit into a sheet, which holds 3"):
        write_texts(tmp_path / "four.xlsx", ["a", "b", "c", "d"])


def test_texts_are_cut_where_a_cell_ends_and_stay_one_line(tmp_path: Path) -> None:
    texts = ["a" * MAX_CHARACTERS, "b" * (MAX_CHARACTERS + 1), "one\ntwo\x00\ud800", "_x000D_ & <b>", "  spaced  "]
    write_texts(tmp_path / "texts.xlsx", texts)
    cells = [row[0] for row in read_sheet(tmp_path / "texts.xlsx", "Items")][1:]
    assert cells == [texts[0], "b" * (MAX_CHARACTERS - 1) + "…", "one two", *texts[3:]]


def test_a_time_before_the_first_that_sheets_know_is_a_text(tmp_path: Path) -> None:
    days = pd.DataFrame({"day": pd.to_datetime([date(1899, 5, 1), LAST_DAY])})
    with open_book(tmp_path / "days.xlsx", title="days", created=NEW_YEAR) as book:
        book.add_table("Daily", columns_of({"day": "a day"}), [days])
    cells = [row[0] for row in read_sheet(tmp_path / "days.xlsx", "Daily")][1:]
    assert cells == ["1899-05-01 00:00:00", (LAST_DAY - EPOCH.date()).days]


def test_a_book_that_cannot_be_written_is_a_report_error(tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").mkdir()
    with pytest.raises(ReportError, match=r"book\.xlsx: cannot write the file"):
        write_texts(tmp_path / "book.xlsx", ["a"])
