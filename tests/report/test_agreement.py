"""A number that stands differently in two files of a day is found, wherever it was changed."""

from __future__ import annotations

import re
import shutil
import zipfile
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from sentinel.errors import DisagreementError
from sentinel.report import write_day
from sentinel.report.agreement import check_agreement
from sentinel.report.comparison import Told, expect_same

from .days import build_day

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SHEETS = {"Summary": "sheet1", "Items": "sheet2", "Daily": "sheet3", "Feeds": "sheet4"}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_day(tmp_path_factory.mktemp("site"), build_day(hostile=True)).parent


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    return shutil.copytree(written, tmp_path / written.name)


def edit(name: str, pattern: str, replacement: str) -> Callable[[Path], None]:
    """Change the first match in a text file; group 1 is what stands before it."""

    def tamper(folder: Path) -> None:
        text = (folder / name).read_bytes().decode()
        changed, n_changed = re.subn(f"(?s){pattern}", rf"\g<1>{replacement}", text, count=1)
        assert n_changed == 1
        assert changed != text
        (folder / name).write_bytes(changed.encode())

    return tamper


def edit_sheet(sheet: str, pattern: str, replacement: str) -> Callable[[Path], None]:
    """Change the first match in the XML of a sheet."""

    def tamper(folder: Path) -> None:
        book, copy = folder / "report.xlsx", folder / "copy.xlsx"
        with zipfile.ZipFile(book) as source, zipfile.ZipFile(copy, "w") as target:
            for name in source.namelist():
                content = source.read(name)
                if name == f"xl/worksheets/{SHEETS[sheet]}.xml":
                    changed = re.sub(f"(?s){pattern}", rf"\g<1>{replacement}", content.decode(), count=1)
                    assert changed != content.decode()
                    content = changed.encode()
                target.writestr(name, content)
        copy.replace(book)

    return tamper


def edit_parquet(folder: Path) -> None:
    path = folder / "items.parquet"
    table = pq.read_table(path)
    place = table.schema.get_field_index("neutral")
    values = table.column("neutral").to_pylist()
    values[7] += 0.0001
    pq.write_table(table.set_column(place, table.schema.field(place), [values]), path)


def drop_last_line(name: str) -> Callable[[Path], None]:
    def tamper(folder: Path) -> None:
        lines = (folder / name).read_bytes().splitlines(keepends=True)
        (folder / name).write_bytes(b"".join(lines[:-1]))

    return tamper


TAMPERINGS = {
    "the headline": (edit("index.html", r"(<h1>[^<]*?)\d", "9999"), "the headline is"),
    "a key figure": (
        edit("index.html", r"(<dt>Mood</dt>\s*<dd class=\"value[^>]*>(?:<a[^>]*>)?)[-+\d.]+", "+99.9"),
        "mood of the day",
    ),
    "the count of items": (
        edit("index.html", r"(<dt>Items</dt>\s*<dd class=\"value[^>]*>(?:<a[^>]*>)?)\d+", "61"),
        "n_items of the day",
    ),
    "the page's history": (
        edit("index.html", r"(data-table=\"history\".*?>2026-02-20</a></td>.*?>)[-+]\d+\.\d", "+77.7"),
        "mood of 2026-02-20",
    ),
    "the page's topics": (
        edit("index.html", r"(data-kind=\"feed\".*?<tr data-topic.*?</td>.*?>)[-+]\d+\.\d", "+77.7"),
        "of feed",
    ),
    "the page's volumes": (
        edit("index.html", r"(data-table=\"volume\".*?<td>.*?<td class=\"n\">)\d+", "999"),
        "n_negative",
    ),
    "the chart of the history": (
        edit("index.html", r"(data-chart=\"history\">.*?\"y\": ?\[)[-\d.]+", "55.5"),
        "trend of",
    ),
    "the chart of volumes": (edit("index.html", r"(data-chart=\"volume\">.*?\"y\": ?\[)\d+", "999"), "n_negative of"),
    "the summary's mood": (edit("summary.json", r"(\"mood\": )[-\d.]+", "1.25"), "mood of the day"),
    "the summary's count": (edit("summary.json", r"(\"n_items\": )\d+", "61"), "n_items of the day"),
    "daily.csv": (edit("daily.csv", r"(\n[^\n]*,feed,[^\n,]*,)[-\d.]+", "66.66"), "mood of"),
    "a count of daily.csv": (edit("daily.csv", r"(,market,market,(?:[-\d.]*,){9})\d+", "61"), "n_items of"),
    "a row of daily.csv": (drop_last_line("daily.csv"), r"daily\.csv"),
    "feeds.csv": (edit("feeds.csv", r"(,ok,,)\d+", "61"), "n_items of"),
    "items.csv": (edit("items.csv", r"(\n[0-9a-f]{32},(?:[^\n,]*,){10,13})0\.\d{4}", "0.1234"), "of item"),
    "a label of items.csv": (edit("items.csv", r"(\r\n[^\n]*?,)negative", "neutral"), "label of row"),
    "a row of items.csv": (drop_last_line("items.csv"), r"items\.parquet has more rows than items\.csv"),
    "items.parquet": (edit_parquet, r"neutral of item .* in items\.csv and .* in items\.parquet"),
    "the sheet Items": (edit_sheet("Items", r"(<row r=\"9\".*?<v>0\.\d*?)\d</v>", "</v>"), "the sheet Items"),
    "an item of the sheet": (edit_sheet("Items", r"(<t>)0007", "f007"), "the sheet Items"),
    "the sheet Daily": (edit_sheet("Daily", r"(<c r=\"D3\"[^>]*><v>)[^<]*", "66.66"), "the sheet Daily"),
    "a topic of the sheet": (edit_sheet("Daily", r"(<c r=\"C3\"[^>]*><is><t>)[^<]*", "other"), "topic of row 2"),
    "the sheet Feeds": (edit_sheet("Feeds", r"(<c r=\"F2\"[^>]*><v>)[^<]*", "61"), "the sheet Feeds"),
    "the sheet Summary": (
        edit_sheet("Summary", r"(2026|<row.*?)(?<=<v>)[-\d.]+(?=</v></c></row></sheetData>)", "61"),
        "n_items of",
    ),
}


def test_files_of_a_day_agree(written: Path) -> None:
    check_agreement(written)


@pytest.mark.parametrize("place", TAMPERINGS)
def test_gate_finds_a_number_that_was_changed_in(folder: Path, place: str) -> None:
    tamper, message = TAMPERINGS[place]
    tamper(folder)
    with pytest.raises(DisagreementError, match=message) as caught:
        check_agreement(folder)
    assert caught.value.exit_code == 4
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["index.html", "summary.json", "daily.csv", "items.csv", "items.parquet", "report.xlsx"]
)
def test_gate_refuses_a_file_that_cannot_be_read(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"\x00half")
    with pytest.raises(DisagreementError):
        check_agreement(folder)


def test_difference_names_figure_files_and_both_values() -> None:
    with pytest.raises(DisagreementError, match=r"mood of tech is -3\.2 in index\.html and not told in daily\.csv"):
        expect_same("mood of tech", Told("index.html", -3.2), Told("daily.csv", None))
    expect_same("mood", Told("a", None), Told("b", None))
    expect_same("mood", Told("a", -4.2), Told("b", -4.25), within=0.05)
