"""Write workbooks with typed cells. The door to XlsxWriter.

Numbers are numbers, days and times are dates with an ISO format, texts are texts: nothing is ever taken for a formula
or made a link. Rows go to disk as they come, so that a large table needs little memory. Invariant: the same calls give
the same bytes, since the time of creation is given and not read from a clock.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from sentinel.errors import ReportError, TableError
from sentinel.report.cells import plain_line
from sentinel.report.files import HINT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from sentinel.report.columns import Column, ColumnType

    Cell = str | int | float | datetime | None

MAX_ROWS = 1_048_576
"""Rows of a sheet, its header among them."""
MAX_CHARACTERS = 32_767
"""Characters of a cell."""
FIRST_YEAR = 1900
"""Spreadsheets know no earlier time; one is written as text."""

_A4 = 9  # as the format counts sizes of paper
_CHART_SIZE = {"width": 760, "height": 380}
_WIDTHS = {
    **dict.fromkeys(("title", "edited_title", "text"), 80),
    **dict.fromkeys(("item_id", "story_id"), 34),
    **dict.fromkeys(("url", "reason", "stale"), 40),
    "meaning": 70,
    "topic": 28,
}
_TYPE_WIDTHS: dict[ColumnType, int] = {
    "text": 16,
    "number": 11,
    "whole number": 11,
    "date": 12,
    "local time": 17,
    "UTC time": 20,
}
_DATE_FORMATS: dict[ColumnType, str] = {
    "date": "yyyy-mm-dd",
    "local time": "yyyy-mm-dd hh:mm",
    "UTC time": "yyyy-mm-dd hh:mm:ss",
}


@contextmanager
def open_book(path: Path, *, title: str, created: datetime) -> Iterator[Book]:
    """Give a workbook that is written when the block ends.

    Args:
        path: file to write; its folder takes the rows meanwhile.
        title: what its properties call it.
        created: aware; what its properties give as its time.

    Raises:
        ReportError: it cannot be written.
    """
    options = {
        "constant_memory": True,
        "tmpdir": str(path.parent),
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    workbook = xlsxwriter.Workbook(str(path), options)
    try:
        with workbook:
            workbook.set_properties(
                {"title": plain_line(title), "created": created.astimezone(UTC).replace(tzinfo=None)}
            )
            yield Book(workbook, where=str(path))
    except (OSError, FileCreateError) as error:
        cause = error if isinstance(error, OSError) else error.args[0]
        because = getattr(cause, "strerror", None) or cause
        raise ReportError(f"cannot write the file: {because}", where=str(path), hint=HINT) from error
    finally:
        for sheet in workbook.worksheets():
            sheet.row_data_fh.close()  # XlsxWriter leaves the rows open where it fails


class Book:
    """A workbook that is being written, sheet by sheet."""

    def __init__(self, workbook: Any, *, where: str) -> None:
        self._workbook = workbook
        self._where = where
        self._bold = workbook.add_format({"bold": True})
        self._head = workbook.add_format({"bold": True, "bottom": 1})
        self._number_head = workbook.add_format({"bold": True, "bottom": 1, "align": "right"})
        self._formats: dict[str, Any] = {}

    def add_table(self, name: str, columns: Sequence[Column], frames: Iterable[pd.DataFrame]) -> int:
        """Add a sheet with a frozen header, filters and one typed row per row of the frames.

        Args:
            name: of the sheet.
            columns: its columns.
            frames: its rows, a part of them at a time, with these columns.

        Returns:
            How many rows there are.

        Raises:
            TableError: they are more than a sheet holds.
        """
        sheet = self._add_sheet(name, has_head=True)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, _WIDTHS.get(column.name, _TYPE_WIDTHS[column.type]))
            sheet.write_string(0, place, column.name, self._head_of(column))
        writers = [self._writer(sheet, column) for column in columns]
        n_rows = 0
        for frame in frames:
            if n_rows + len(frame) >= MAX_ROWS:
                raise TableError(
                    f"the rows do not fit into a sheet, which holds {MAX_ROWS - 1:,}",
                    where=self._where,
                    hint="write .csv or .parquet, or fewer days",
                )
            cells = [_python_values(frame[column.name], column) for column in columns]
            for row, values in enumerate(zip(*cells, strict=True), start=n_rows + 1):
                for place, value in enumerate(values):
                    if value is not None:
                        writers[place](row, place, value)
            n_rows += len(frame)
        sheet.autofilter(0, 0, max(n_rows, 1), len(columns) - 1)
        return n_rows

    def add_choices(
        self, name: str, columns: Sequence[Column], column: str, choices: Sequence[str], *, n_rows: int
    ) -> None:
        """Let the cells of a column take certain texts alone, chosen from a list; empty ones may stay empty.

        Args:
            name: of a sheet that ``add_table`` made.
            columns: its columns.
            column: name of one of them.
            choices: the texts.
            n_rows: rows of the table.
        """
        place = [each.name for each in columns].index(column)
        rule = {
            "validate": "list",
            "source": list(choices),
            "error_title": "No label",
            "error_message": f"Choose {', '.join(choices)}, or leave the cell empty.",
        }
        self._workbook.get_worksheet_by_name(name).data_validation(1, place, max(n_rows, 1), place, rule)

    def add_dictionary(self, tables: Sequence[tuple[str, Sequence[Column]]]) -> None:
        """Add the sheet that says what every column of the other sheets holds.

        Args:
            tables: name of the sheet and its columns.
        """
        sheet = self._add_sheet("Dictionary", has_head=True)
        for place, (head, width) in enumerate(
            (("Sheet", 12), ("Column", 16), ("Meaning", 80), ("Unit", 36), ("Type", 14), ("Decimals", 10))
        ):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, head, self._head)
        described = [(name, column) for name, columns in tables for column in columns]
        for row, (name, column) in enumerate(described, start=1):
            for place, text in enumerate((name, column.name, column.meaning, column.unit, column.type)):
                sheet.write_string(row, place, text)
            if column.type == "number":
                sheet.write_number(row, 5, column.decimals)
        sheet.autofilter(0, 0, len(described), 5)

    def add_summary(
        self,
        title: str,
        facts: Sequence[tuple[str, Cell, str]],
        notes: Sequence[str],
        columns: Sequence[Column],
        history: Sequence[Sequence[Cell]],
    ) -> None:
        """Add the first sheet: a sentence, facts, notes, a table of days, and a chart of it beside them.

        Args:
            title: the sentence.
            facts: name, value and remark of each; None is an empty cell.
            notes: sentences.
            columns: those of the table; the first is the day, and every "number" is a line of the chart.
            history: rows of the table, oldest first.
        """
        sheet = self._add_sheet("Summary", has_head=False)
        sheet.set_column(0, 0, 14)
        sheet.set_column(1, 1, 20)
        sheet.set_column(2, len(columns) - 1, 12)
        sheet.write_string(0, 0, _text(title), self._bold)
        for row, (name, value, remark) in enumerate(facts, start=2):
            sheet.write_string(row, 0, _text(name))
            self._write_fact(sheet, row, value)
            sheet.write_string(row, 2, _text(remark))
        for row, note in enumerate(notes, start=2 + len(facts)):
            sheet.write_string(row, 0, _text(note))
        head = 3 + len(facts) + len(notes)
        for place, column in enumerate(columns):
            sheet.write_string(head, place, column.name, self._head_of(column))
        writers = [self._writer(sheet, column) for column in columns]
        for row, cells in enumerate(history, start=head + 1):
            for place, value in enumerate(cells):
                if value is not None:
                    writers[place](row, place, value)
        if history:
            sheet.insert_chart(
                1, len(columns) + 1, self._chart(columns, head, head + len(history)), {"object_position": 2}
            )

    def _head_of(self, column: Column) -> Any:
        return self._number_head if column.is_number else self._head

    def _add_sheet(self, name: str, *, has_head: bool) -> Any:
        """Add a sheet that prints on A4 paper, as wide as a page."""
        sheet = self._workbook.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        if has_head:
            sheet.freeze_panes(1, 0)
            sheet.repeat_rows(0)
        return sheet

    def _write_fact(self, sheet: Any, row: int, value: Cell) -> None:
        if isinstance(value, datetime):
            sheet.write_datetime(row, 1, value, self._format("yyyy-mm-dd hh:mm:ss", align="left"))
        elif isinstance(value, str):
            sheet.write_string(row, 1, _text(value))
        elif value is not None:
            sheet.write_number(row, 1, value, self._format("General", align="left"))

    def _chart(self, columns: Sequence[Column], head: int, last: int) -> Any:
        """Draw the numbers of the table over its days: the first with marks, the others as lines."""
        chart = self._workbook.add_chart({"type": "line"})
        for place, column in enumerate(columns):
            if column.type != "number":
                continue
            is_bound = column.name in ("low", "high")
            chart.add_series(
                {
                    "name": ["Summary", head, place],
                    "categories": ["Summary", head + 1, 0, last, 0],
                    "values": ["Summary", head + 1, place, last, place],
                    "line": {"color": "#9aa5b1", "width": 1, "dash_type": "dash"} if is_bound else {"width": 2},
                    "marker": {"type": "circle", "size": 4} if column.name == "mood" else {"type": "none"},
                }
            )
        chart.set_title({"name": "Mood of the market by day"})
        chart.set_x_axis({"date_axis": True, "num_format": "yyyy-mm-dd", "label_position": "low"})
        chart.set_y_axis({"name": "mood, -100 to +100"})
        chart.set_legend({"position": "bottom"})
        chart.show_blanks_as("gap")
        chart.set_size(_CHART_SIZE)
        return chart

    def _writer(self, sheet: Any, column: Column) -> Callable[[int, int, Any], object]:
        if column.is_number:
            number = self._format("0" if not column.decimals else f"0.{'0' * column.decimals}")
            return lambda row, place, value: sheet.write_number(row, place, value, number)
        if column.type == "text":
            return lambda row, place, value: sheet.write_string(row, place, value)
        moment = self._format(_DATE_FORMATS[column.type], align="left")

        def write_time(row: int, place: int, value: datetime) -> None:
            if value.year < FIRST_YEAR:
                sheet.write_string(row, place, value.isoformat(sep=" "))
            else:
                sheet.write_datetime(row, place, value, moment)

        return write_time

    def _format(self, number_format: str, **look: str) -> Any:
        key = f"{number_format} {look}"
        if key not in self._formats:
            self._formats[key] = self._workbook.add_format({"num_format": number_format, **look})
        return self._formats[key]


def _python_values(values: pd.Series, column: Column) -> list[Any]:
    """Give the values of a column as XlsxWriter takes them; None is an empty cell."""
    if column.type == "text":
        return [_text(text) or None for text in values.tolist()]
    if column.is_number:
        return [value if math.isfinite(value) else None for value in values.tolist()]
    naive = values.dt.tz_convert(None) if column.type == "UTC time" else values
    return [None if moment is pd.NaT else moment.to_pydatetime() for moment in naive.dt.floor("s")]


def _text(text: str) -> str:
    """Write a text as one cell holds it, cut with an ellipsis where it is too long."""
    line = plain_line(text)
    return line if len(line) <= MAX_CHARACTERS else f"{line[: MAX_CHARACTERS - 1]}…"
