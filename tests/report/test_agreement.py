"""A number that stands differently in two files of a day is found, wherever it was changed."""

from __future__ import annotations

import re
import shutil
import zipfile
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow.parquet as pq
import pytest

from sentinel.errors import DisagreementError
from sentinel.records import MOVE_COLUMNS, PUBLISHED_COLUMNS
from sentinel.report import DayReport, Movement, write_day
from sentinel.report.agreement import check_agreement
from sentinel.report.comparison import Told, expect_same

from .days import LAST_DAY, build_day, mood_row

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SHEETS = {"Summary": "sheet1", "Items": "sheet2", "Daily": "sheet3", "Feeds": "sheet4"}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_day(tmp_path_factory.mktemp("site"), full_day()).parent


def full_day() -> DayReport:
    """Build a day that fills every section: a sector that moved, parts of a change, another model."""
    report = build_day(hostile=True)
    days = [LAST_DAY - timedelta(days=ago) for ago in range(9)]
    sector = [mood_row(day, "sector", "industrials", 20.0 if day == LAST_DAY else -9.0, 15) for day in days]
    parts = {"from_new": 2.0, "from_faded": -1.0, "from_ongoing": 0.3, "from_feeds": 0.0, "from_mix": 0.1}
    market = report.moods[(report.moods["topic_kind"] == "market") & (report.moods["day"] == LAST_DAY)]
    parts["from_amount"] = float(market["change"].iloc[0]) - sum(parts.values())
    known = {"day": LAST_DAY, "topic_kind": "market", "topic": "market", "disagreement": 20.0}
    known |= dict.fromkeys(("without_low_feed", "without_high_feed", "leans_on"), "")
    moves = pd.DataFrame([{**known, **parts}], columns=list(MOVE_COLUMNS))
    told = {**known, "model_id": "old", "mood": 4.44, "published_at": pd.Timestamp(datetime(2026, 3, 1, tzinfo=UTC))}
    published = pd.DataFrame([{**told, "day": days[3]}, {**told, "day": days[2]}], columns=list(PUBLISHED_COLUMNS))
    return build_day(
        hostile=True,
        moods=pd.concat([report.moods, pd.DataFrame(sector)], ignore_index=True),
        movement=Movement(moves=moves, published=published),
    )


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
        edit("index.html", r"(data-chart=\"history\">.*?Trend.*?\"y\": ?\[)[-\d.]+", "55.5"),
        "trend of",
    ),
    "the chart of volumes": (edit("index.html", r"(data-chart=\"volume\">.*?\"y\": ?\[)\d+", "999"), "n_negative of"),
    "the chart of another model": (
        edit("index.html", r"(data-chart=\"history\">.*?published by model old.*?\"y\": ?\[)[-\d.]+", "5.5"),
        "mood of 2026-02-27 by model old",
    ),
    "the waterfall": (
        edit("index.html", r"(<rect class=\"positive\" x=\"[\d.]+%\" y=\"6\" width=\")[\d.]+", "3.3"),
        "part 2",
    ),
    "a part of the change": (edit("index.html", r"(New stories.*?<td class=\"n\">.*?\+)2\.0", "2.2"), "part 2 of"),
    "a bar": (edit("index.html", r"(<rect class=\"fill [^>]* width=\")[\d.]+", "1.1"), "mood of"),
    "the line of an interval": (edit("index.html", r"(<path class=\"whisker\" d=\"M)[\d.]+", "1.1"), "low of"),
    "a small line": (
        edit("index.html", r"(data-topic=\"sector:.*?class=\"points\" d=\"(?:M[\d.]+ [\d.]+h0)*M87\.0 )[\d.]+", "11.1"),
        "last mood of sector:industrials",
    ),
    "the map of sectors": (
        edit("index.html", r"(data-table=\"sectors\".*>)(?<=>)\+20(?=</a></td></tr>)", "+22"),
        "mood of sector industrials",
    ),
    "an hour": (
        edit("index.html", r"(data-topic=\"n_items\".*?of-hour-\d+\">)\d+", "61"),
        r"n_items of the hour \d\d:00 is 61",
    ),
    "a label of an hour": (
        edit("index.html", r"(data-topic=\"n_negative\".*?data-value=\"[1-9]\d*\">)\d+", "61"),
        r"n_negative of the hour",
    ),
    "a mover": (
        edit("index.html", r"(data-table=\"movers\".*?of-sector-industrials\">)\+20\.0", "+21.0"),
        "mood of sector",
    ),
    "a move": (edit("index.html", r"(data-table=\"movers\".*?</span> )\+29\.0", "+28.0"), "the move of sector"),
    "a disagreement": (
        edit("index.html", r"(data-table=\"disagreements\".*?<td class=\"n\" data-value=\"[\d.]+\">)[\d.]+", "99.9"),
        "dispersion of",
    ),
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
