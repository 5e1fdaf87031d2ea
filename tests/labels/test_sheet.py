"""A table that was filled in comes back, whatever program saved it."""

from __future__ import annotations

import re
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import openpyxl
import pandas as pd
import pytest

from sentinel.errors import TableError
from sentinel.labels.sheet import read_answers
from sentinel.report.label_sheet import SHEET, write_label_sheet, write_training_table

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
QUESTIONS = pd.DataFrame(
    {
        "item_id": ["a1", "b2", "c3"],
        "text": ["Profit up", "=SUM(A1)", "Größe; with, marks"],
        "feed": "wire",
        "first_seen": [NOON] * 3,
    }
)
ANSWERS = {"a1": "positive", "c3": "negative"}


def fill_in(path: Path, labels: dict[str, Any]) -> None:
    """Open a workbook as a spreadsheet program does, write labels and save it."""
    book = openpyxl.load_workbook(path)
    sheet = book[SHEET]
    heads = [cell.value for cell in sheet[1]]
    for row in range(2, sheet.max_row + 1):
        item_id = sheet.cell(row, heads.index("item_id") + 1).value
        sheet.cell(row, heads.index("label") + 1).value = labels.get(item_id)
    book.save(path)


def test_a_workbook_offers_the_labels_as_a_list_and_takes_no_other(tmp_path: Path) -> None:
    path = tmp_path / "labels.xlsx"
    write_label_sheet(str(path), QUESTIONS, created=NOON)
    sheet = openpyxl.load_workbook(path)[SHEET]
    assert [cell.value for cell in sheet[1]] == ["item_id", "day", "feed", "text", "label"]
    assert [sheet.cell(row, 4).value for row in (2, 3, 4)] == list(QUESTIONS["text"])
    (rule,) = sheet.data_validations.dataValidation
    assert (rule.type, rule.formula1, str(rule.sqref)) == ("list", '"negative,neutral,positive"', "E2:E4")
    assert rule.showErrorMessage
    with zipfile.ZipFile(path) as archive:
        assert not re.search(rb"<f>", archive.read("xl/worksheets/sheet1.xml"))


def test_a_workbook_that_was_filled_in_gives_its_labels(tmp_path: Path) -> None:
    path = tmp_path / "labels.xlsx"
    write_label_sheet(str(path), QUESTIONS, created=NOON)
    assert read_answers(path) == {}
    fill_in(path, {"a1": "Positive ", "c3": 1})
    assert read_answers(path) == ANSWERS


@pytest.mark.parametrize(
    ("separator", "coding", "end"), [(",", "utf-8-sig", "\r\n"), (";", "cp1252", "\r\n"), ("\t", "utf-8", "\n")]
)
def test_a_csv_gives_its_labels_however_a_spreadsheet_saves_it(
    tmp_path: Path, separator: str, coding: str, end: str
) -> None:
    path = tmp_path / "labels.csv"
    rows = [["text", "label", "item_id"], ["Größe", "positive", "a1"], ["x", "", "b2"], ["y", "1", "c3"], ["short"]]
    path.write_bytes(end.join(separator.join(row) for row in rows).encode(coding))
    assert read_answers(path) == ANSWERS


def test_the_csv_that_is_written_is_one_that_is_read(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    write_label_sheet(str(path), QUESTIONS, created=NOON)
    text = path.read_text(encoding="utf-8-sig")
    assert "'=SUM(A1)" in text
    path.write_text(text.replace('marks",', 'marks",neutral'), encoding="utf-8")
    assert read_answers(path) == {"c3": "neutral"}


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"item_id,label\na1,great\n", "'great' is none of negative, neutral, positive"),
        ("a.csv", b"id,label\na1,positive\n", "has no column 'item_id'"),
        ("a.csv", b"", "has no column 'item_id'"),
        ("a.xlsx", b"PK no workbook", "cannot be read as xlsx"),
        ("a.xlsx", b"", "cannot be read as xlsx"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_whole(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(TableError, match=words):
        read_answers(path)


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="cannot be read: No such file"):
        read_answers(tmp_path / "none.csv")


def test_a_training_table_keeps_texts_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    write_training_table(path, pd.DataFrame({"text": ['=A "quoted", text'], "label": ["neutral"]}))
    assert path.read_text(encoding="utf-8") == 'text,label\n"=A ""quoted"", text",neutral\n'
    with pytest.raises(TableError, match="recipes read CSV"):
        write_training_table(tmp_path / "train.xlsx", pd.DataFrame({"text": ["a"], "label": ["neutral"]}))
