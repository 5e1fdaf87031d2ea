"""Tables that people fill in with labels: the headlines, and a column to choose in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sentinel.errors import ReportError, TableError
from sentinel.records import LABELS
from sentinel.report.columns import Column
from sentinel.report.exports import csv_parts
from sentinel.report.files import write_bytes, write_chunks
from sentinel.report.workbook import open_book

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

SHEET = "Labels"
STANDARD_OUTPUT = "-"
LABEL_SUFFIXES = (".csv", ".xlsx")
_MEANINGS = {
    "item_id": "names the item; leave it as it is",
    "day": "when it was first seen, UTC",
    "feed": "who told it",
    "text": "what the model reads",
    "label": f"what you say: {', '.join(LABELS)}; empty for nothing",
}
_COLUMNS = tuple(Column(name=name, type="text", decimals=0, unit="", meaning=_MEANINGS[name]) for name in _MEANINGS)


def check_label_sheet(destination: str) -> None:
    """Check that labels can be asked for in a file of this name.

    Raises:
        TableError: it ends like no kind of table that is written.
    """
    if destination != STANDARD_OUTPUT and Path(destination).suffix.lower() not in LABEL_SUFFIXES:
        raise TableError("not a kind of table this writes", where=destination, hint=f"use {', '.join(LABEL_SUFFIXES)}")


def write_label_sheet(destination: str, questions: pd.DataFrame, *, created: datetime) -> None:
    """Write headlines with a column to fill in; in a workbook it is a drop-down.

    Args:
        destination: path ending in .csv or .xlsx, or "-" for CSV on standard output.
        questions: columns item_id, text, feed and first_seen, aware UTC.
        created: aware; when a workbook says that it was made.

    Raises:
        TableError: the destination is no kind of table.
        ReportError: the file cannot be written.
    """
    check_label_sheet(destination)
    rows = questions[["item_id", "text", "feed"]].assign(
        day=[moment.date().isoformat() for moment in questions["first_seen"]], label=""
    )
    if destination == STANDARD_OUTPUT:
        for content in csv_parts(_COLUMNS, [rows]):
            sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    path = Path(destination)
    if not path.parent.is_dir():
        raise ReportError("there is no such folder", where=str(path.parent))
    if path.suffix.lower() == ".csv":
        write_chunks(path, csv_parts(_COLUMNS, [rows]))
        return
    with open_book(path, title="Headlines to label", created=created) as book:
        book.add_table(SHEET, _COLUMNS, [rows])
        book.add_choices(SHEET, _COLUMNS, "label", LABELS, n_rows=len(rows))
        book.add_dictionary([(SHEET, _COLUMNS)])


def write_training_table(path: Path, rows: pd.DataFrame) -> None:
    """Write labelled texts as training reads them: CSV, texts as they are.

    Args:
        path: .csv file.
        rows: columns text and label.

    Raises:
        TableError: the file ends like no CSV.
        ReportError: it cannot be written.
    """
    if path.suffix.lower() != ".csv":
        raise TableError("recipes read CSV", where=str(path), hint="use .csv")
    if not path.parent.is_dir():
        raise ReportError("there is no such folder", where=str(path.parent))
    write_bytes(path, rows[["text", "label"]].to_csv(index=False).encode("utf-8", errors="replace"))
