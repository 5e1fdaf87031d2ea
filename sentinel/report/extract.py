"""Write rows of many days into one table, by the rules of the day's files: CSV, XLSX, Parquet or JSONL by its name."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sentinel.errors import ConfigError, ReportError, TableError
from sentinel.records import MOOD_COLUMNS
from sentinel.report.columns import columns_of
from sentinel.report.day_tables import table_facts
from sentinel.report.exports import DAILY_COLUMNS, ITEMS_COLUMNS, MOVED_COLUMNS, csv_parts, jsonl_parts
from sentinel.report.files import HINT, make_folder, named_as, place_file
from sentinel.report.moves import NO_MOVE, join_moves
from sentinel.report.parquet import write_parquet
from sentinel.report.rounded_day import round_items, round_moods
from sentinel.report.rounding import MOOD_DECIMALS, MOVE_DECIMALS
from sentinel.report.tables import daily_table, items_table
from sentinel.report.workbook import open_book

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date

    import pandas as pd

    from sentinel.report.columns import Column
    from sentinel.report.day import Movement

TableKind = Literal["items", "daily"]

STANDARD_OUTPUT = "-"
MAX_ROUNDING = 0.05
"""Six parts and their sum, each rounded to hundredths, lack less than this."""
SUFFIXES = (".csv", ".xlsx", ".parquet", ".jsonl")
_MEANINGS: dict[TableKind, dict[str, str]] = {
    "items": ITEMS_COLUMNS,
    "daily": DAILY_COLUMNS,
}


@dataclass(frozen=True)
class Extract:
    """What is to be written.

    Attributes:
        kind: items (a row per item) or daily (a row per topic and day).
        columns: those of items.csv or daily.csv that are wanted, in order.
        first: first day.
        last: last day.
        timezone: IANA name of the zone that days are counted in.
        model_id: whose scores the figures are made from.
    """

    kind: TableKind
    columns: tuple[Column, ...]
    first: date
    last: date
    timezone: str
    model_id: str

    @property
    def tells_moves(self) -> bool:
        """Say whether a column is wanted that tells what moved a mood, or on whom it rests."""
        return any(column.name in MOVED_COLUMNS for column in self.columns)


def choose_columns(kind: TableKind, names: Sequence[str] = ()) -> tuple[Column, ...]:
    """Describe the columns of a table that are wanted.

    Args:
        kind: of the table.
        names: of the columns, in order; without any, all.

    Raises:
        ConfigError: there is no column of a name, or it is named twice.
    """
    known = {column.name: column for column in columns_of(_MEANINGS[kind])}
    for place, name in enumerate(names):
        if name not in known:
            raise ConfigError(f"{kind} have no column {name!r}; there are {', '.join(known)}", where="--columns")
        if name in names[:place]:
            raise ConfigError(f"the column {name!r} is named twice", where="--columns")
    return tuple(known[name] for name in names or known)


def check_destination(destination: str) -> None:
    """Check that a table can be written under a name.

    Raises:
        TableError: it ends like no kind of table that is written.
    """
    if destination != STANDARD_OUTPUT and Path(destination).suffix.lower() not in SUFFIXES:
        raise TableError("not a kind of table this writes", where=destination, hint=f"use {', '.join(SUFFIXES)}")


def item_rows(items: pd.DataFrame, extract: Extract, day: date) -> Iterator[pd.DataFrame]:
    """Turn the items of a day, columns as in ``DayReport.items``, into rows of the table."""
    return items_table(round_items(items), day=day, timezone=extract.timezone, model_id=extract.model_id)


def daily_rows(moods: pd.DataFrame, extract: Extract, first: date, movement: Movement) -> pd.DataFrame:
    """Turn moods into rows of the table.

    Args:
        moods: columns MOOD_COLUMNS, not rounded; those of the seven days before ``first`` among them, where known.
        extract: what is to be written.
        first: earlier days are left out.
        movement: what moved the moods, and what was published; empty where no column of it is wanted.

    Returns:
        A frame with DAILY_COLUMNS. Moods are told as they were stored: where their change is another than the parts
        make, because news came in since, no parts are told.
    """
    rounded = round_moods(moods[list(MOOD_COLUMNS)], MOOD_DECIMALS)
    told = join_moves(rounded[rounded["day"] >= first], movement, extract.model_id, MOVE_DECIMALS)
    is_explained = (told["from_rounding"].abs() < MAX_ROUNDING) | (told["change"].isna() & told["from_new"].isna())
    parts = {name: told[name].where(is_explained, NO_MOVE[name]) for name in MOVED_COLUMNS if name != "published_mood"}
    return daily_table(told.assign(**parts), model_id=extract.model_id)


def write_extract(destination: str, extract: Extract, rows: Iterable[pd.DataFrame]) -> int:
    """Write rows as they come; a file appears whole at the end, or not at all.

    Args:
        destination: path, or "-" for CSV on standard output.
        extract: what is written.
        rows: a part of them at a time, with at least these columns.

    Returns:
        How many rows were written.

    Raises:
        ReportError: there are none, or the file cannot be written.
        TableError: a file of that name cannot be written, or a sheet cannot hold the rows.
    """
    check_destination(destination)
    parts = _Counted(rows)
    if not parts.begin():
        raise ReportError(
            f"there is nothing to export from {extract.first} to {extract.last}", hint=_HINTS[extract.kind]
        )
    if destination == STANDARD_OUTPUT:
        for content in csv_parts(extract.columns, parts):
            sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return parts.n_rows
    path = Path(destination)
    if not path.parent.is_dir():
        raise ReportError("there is no such folder", where=str(path.parent))
    aside = path.with_name(f".{path.name}.partial")
    try:
        with named_as(aside, path.parent):
            make_folder(aside)
            _WRITERS[path.suffix.lower()](aside / path.name, extract, parts)
            place_file(aside / path.name, path)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return parts.n_rows


_HINTS: dict[TableKind, str] = {
    "items": "items that the model has scored are exported; 'sentinel score' scores the others",
    "daily": "moods are those of the reports; 'sentinel report --from D --to D' makes them",
}


class _Counted:
    """Parts of a table, without empty ones, counted as they go by."""

    def __init__(self, frames: Iterable[pd.DataFrame]) -> None:
        self._frames = (frame for frame in frames if len(frame))
        self._first: pd.DataFrame | None = None
        self.n_rows = 0

    def begin(self) -> bool:
        """Read the first part; say whether there is one."""
        self._first = next(self._frames, None)
        return self._first is not None

    def __iter__(self) -> Iterator[pd.DataFrame]:
        if self._first is not None:
            self.n_rows += len(self._first)
            yield self._first
            self._first = None
        for frame in self._frames:
            self.n_rows += len(frame)
            yield frame


def _write_text(
    encode: Callable[[Sequence[Column], Iterable[pd.DataFrame]], Iterator[bytes]],
) -> Callable[[Path, Extract, Iterable[pd.DataFrame]], None]:
    def write(path: Path, extract: Extract, rows: Iterable[pd.DataFrame]) -> None:
        try:
            with path.open("wb") as file:
                file.writelines(encode(extract.columns, rows))
        except OSError as error:
            raise ReportError(
                f"cannot write the file: {error.strerror or error}", where=str(path), hint=HINT
            ) from error

    return write


def _write_parquet(path: Path, extract: Extract, rows: Iterable[pd.DataFrame]) -> None:
    facts = table_facts(extract.model_id, extract.timezone)
    facts |= {"sentinel.first_day": extract.first.isoformat(), "sentinel.last_day": extract.last.isoformat()}
    write_parquet(path, extract.columns, rows, facts=facts)


def _write_book(path: Path, extract: Extract, rows: Iterable[pd.DataFrame]) -> None:
    """Write a workbook; it says that it was made at the end of its last day, so that equal rows are equal files."""
    sheet = extract.kind.capitalize()
    title = f"{sheet} {extract.first} to {extract.last}"
    created = datetime.combine(extract.last, datetime.max.time(), UTC).replace(microsecond=0)
    with open_book(path, title=title, created=created) as book:
        book.add_table(sheet, extract.columns, rows)
        book.add_dictionary([(sheet, extract.columns)])


_WRITERS: dict[str, Callable[[Path, Extract, Iterable[pd.DataFrame]], None]] = {
    ".csv": _write_text(csv_parts),
    ".jsonl": _write_text(jsonl_parts),
    ".parquet": _write_parquet,
    ".xlsx": _write_book,
}
