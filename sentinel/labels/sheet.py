"""Read tables that people filled in: CSV or XLSX, as their programs save them. The door to openpyxl.

Only two columns are read, by their heads, so that others may be moved, hidden or added.
"""

from __future__ import annotations

import csv
import io
import zipfile
from typing import TYPE_CHECKING, Any

from sentinel.errors import TableError
from sentinel.records import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

ITEM, LABEL = "item_id", "label"
MAX_BYTES = 50_000_000
_SEPARATORS = ",;\t"  # a spreadsheet takes what its country uses
_DIGITS = {str(place): label for place, label in enumerate(LABELS, start=1)}


def read_answers(path: Path) -> dict[str, str]:
    """Read which labels a table gives.

    Args:
        path: a file that ends in .csv or .xlsx, with the columns item_id and label; of a workbook the first sheet that
            has them.

    Returns:
        Label by item id; rows without a label are left out. A label is one of LABELS in any case, or its key 1, 2 or 3.

    Raises:
        TableError: it cannot be read, lacks a column, or holds a label that is none.
    """
    rows = _read_book(path) if path.suffix.lower() == ".xlsx" else _read_csv(path)
    answers: dict[str, str] = {}
    for number, (item_id, written) in rows:
        label = written.lower()
        label = _DIGITS.get(label, label)
        if label and label not in LABELS:
            raise TableError(
                f"{written[:40]!r} is none of {', '.join(LABELS)}",
                where=f"{path} row {number}",
                hint="correct that cell",
            )
        if item_id and label:
            answers[item_id] = label
    return answers


def _read_csv(path: Path) -> Iterator[tuple[int, tuple[str, str]]]:
    text = _decode(_content(path))
    head = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise TableError(f"cannot be read as csv: {error}", where=str(path)) from error
    return _pick(rows, path)


def _read_book(path: Path) -> Iterator[tuple[int, tuple[str, str]]]:
    import openpyxl  # here, because every command would wait for it
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(io.BytesIO(_content(path)), read_only=True, data_only=True)
        sheets = [list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets]
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, SyntaxError, EOFError) as error:
        raise TableError("cannot be read as xlsx", where=str(path), hint="save it as .xlsx or .csv") from error
    fitting = [rows for rows in sheets if rows and {ITEM, LABEL} <= set(map(_text, rows[0]))]
    return _pick(fitting[0] if fitting else [()], path)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise TableError(f"cannot be read: {error.strerror or error}", where=str(path)) from error
    if len(content) > MAX_BYTES:
        raise TableError(f"larger than {MAX_BYTES / 1e6:g} MB", where=str(path))
    return content


def _decode(content: bytes) -> str:
    """Decode a CSV file: UTF-8, or what spreadsheets of Western countries save."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _pick(rows: Iterable[Sequence[Any]], path: Path) -> Iterator[tuple[int, tuple[str, str]]]:
    """Give number, item id and label of every row."""
    remaining = iter(rows)
    heads = [_text(cell) for cell in next(remaining, ())]
    for name in (ITEM, LABEL):
        if name not in heads:
            raise TableError(f"has no column {name!r}", where=str(path), hint="keep the first row as it was written")
    places = (heads.index(ITEM), heads.index(LABEL))
    for number, row in enumerate(remaining, start=2):
        item_id, label = (_text(row[place]) if place < len(row) else "" for place in places)
        yield number, (item_id, label)


def _text(cell: Any) -> str:
    """Write a cell as text; a spreadsheet may hold the key 1 as the number 1.0."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else str(cell).strip()
