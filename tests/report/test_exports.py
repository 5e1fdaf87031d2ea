"""The tables open in a spreadsheet, say what their columns say, and start no formula."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from sentinel.records import MOOD_COLUMNS
from sentinel.report import write_day
from sentinel.report.exports import DAILY_COLUMNS, FEEDS_COLUMNS, ITEMS_COLUMNS, MOVED_COLUMNS

from .days import HOSTILE, LAST_DAY, build_day, mood_row

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_day(tmp_path_factory.mktemp("tables"), build_day(hostile=True)).parent


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@pytest.mark.parametrize(
    ("name", "columns"),
    [("items.csv", ITEMS_COLUMNS), ("daily.csv", DAILY_COLUMNS), ("feeds.csv", FEEDS_COLUMNS)],
)
def test_table_has_its_documented_columns_a_mark_and_crlf(folder: Path, name: str, columns: dict[str, str]) -> None:
    content = (folder / name).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\r\n")
    assert content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")
    assert content[3:].split(b"\r\n")[0].decode() == ",".join(columns)
    assert all(columns.values())


def test_daily_columns_are_those_of_the_moods_and_the_model() -> None:
    assert tuple(DAILY_COLUMNS) == (*MOOD_COLUMNS, "model_id", *MOVED_COLUMNS)


def test_items_csv_has_every_item_in_order_with_fixed_decimals(folder: Path) -> None:
    rows = read_csv(folder / "items.csv")
    items = build_day(hostile=True).items
    assert [row["item_id"] for row in rows] == list(items["item_id"])
    for row, polarity in zip(rows, items["polarity"], strict=True):
        assert row["polarity"] == f"{polarity:.4f}"
        assert all(re.fullmatch(r"\d\.\d{4}", row[label]) for label in ("negative", "neutral", "positive", "weight"))
        assert row["local_date"] == "2026-03-02"
        assert re.fullmatch(r"2026-03-02T\d\d:\d\d:00Z", row["first_seen"])
        assert row["url"] == "" or row["url"].startswith("https://")
        assert row["model_id"] == "3f9c21ab7d04"
    assert sum(row["published"] == "" for row in rows) == items["published"].isna().sum() > 0


def test_items_csv_gives_local_time_beside_utc(folder: Path) -> None:
    row = read_csv(folder / "items.csv")[1]
    assert (row["published"][11:16], row["local_time"]) != (row["local_time"][11:], "")
    local = pd.Timestamp(row["published"] or row["first_seen"]).tz_convert("Europe/Berlin")
    assert row["local_time"] == f"{local:%Y-%m-%d %H:%M}"


def test_items_csv_starts_no_formula_and_keeps_harmless_headlines(folder: Path) -> None:
    rows = read_csv(folder / "items.csv")
    titles = {row["title"] for row in rows}
    assert not [title for title in titles if title.startswith(("=", "+", "@"))]
    assert {"-5% fall in copper", f"'{HOSTILE[3]}", f"'{HOSTILE[5]}", HOSTILE[6]} <= titles


def test_daily_csv_has_the_day_alone_and_empty_cells_for_what_is_unknown(folder: Path) -> None:
    rows = read_csv(folder / "daily.csv")
    assert {row["day"] for row in rows} == {"2026-03-02"}
    (housing,) = [row for row in rows if row["topic"] == "Housing"]
    assert [housing[column] for column in ("mood", "low", "high", "change", "z")] == [""] * 5
    assert int(housing["n_items"]) > 0
    numbers = [row["mood"] for row in rows if row["mood"]]
    assert all(re.fullmatch(r"-?\d+\.\d\d", number) for number in numbers)
    assert any(number.startswith("-") for number in numbers)


def test_daily_csv_has_no_negative_zero(tmp_path: Path) -> None:
    moods = pd.DataFrame([mood_row(LAST_DAY, "market", "market", -0.001, 9, change=-0.004)])
    (row,) = read_csv(write_day(tmp_path, build_day(moods=moods)).parent / "daily.csv")
    assert (row["mood"], row["change"]) == ("0.00", "0.00")


def test_feeds_csv_names_the_reason_of_every_failure(folder: Path) -> None:
    rows = {row["feed"]: row for row in read_csv(folder / "feeds.csv")}
    assert rows["regulator-notices"]["reason"].startswith("HTTP 503")
    assert rows["regulator-notices"]["newest"] == ""
    assert re.fullmatch(r"2026-03-02T\d\d:\d\d:\d\dZ", rows["markets-wire"]["newest"])
