"""Write tables chunk by chunk, aside and then in place: CSV, JSONL or Parquet. Scores have six digits in text."""

from __future__ import annotations

import csv
import gzip
import json
import math
import os
import sys
from contextlib import contextmanager, suppress
from datetime import date, time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sentinel.archive.tables import JSONL, LINES, PARQUET, STANDARD_STREAM, format_of
from sentinel.errors import TableError
from sentinel.records import LABELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NUMBER_COLUMNS = (*LABELS, "polarity")
N_DIGITS = 6


@contextmanager
def open_writer(destination: str) -> Iterator[Callable[[pd.DataFrame], None]]:
    """Give a function that appends a frame to the destination, which appears whole at the end.

    Args:
        destination: path ending in .csv, .csv.gz, .jsonl or .parquet, or "-" for CSV on standard output.

    Raises:
        TableError: it cannot be written, or is of no known kind.
    """
    if destination == STANDARD_STREAM:
        yield _csv_writer(sys.stdout)
        return
    path = Path(destination)
    if format_of(path) == LINES:
        raise TableError("not a kind of table this writes", where=destination, hint="use .csv, .jsonl or .parquet")
    aside = path.with_name(f".{path.name}.part")
    try:
        with _open_aside(aside, path) as write:
            yield write
        with aside.open("rb") as written:
            os.fsync(written.fileno())
        aside.replace(path)
    except OSError as error:
        raise TableError(f"cannot be written: {error.strerror or error}", where=destination) from error
    except (pa.ArrowException, OverflowError) as error:
        cause = "; ".join(map(str, error.args))
        raise TableError(f"cannot be written: {cause}", where=destination, hint="write CSV or JSONL instead") from error
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)


@contextmanager
def _open_aside(aside: Path, path: Path) -> Iterator[Callable[[pd.DataFrame], None]]:
    kind = format_of(path)
    if kind == PARQUET:
        with _ParquetAppender(aside) as appender:
            yield appender.append
        return
    packed = path.suffix.lower() == ".gz"
    with gzip.open(aside, "wt", encoding="utf-8", newline="") if packed else _open_text(aside) as stream:
        yield _jsonl_writer(stream) if kind == JSONL else _csv_writer(stream)


def _open_text(path: Path) -> IO[str]:
    return path.open("w", encoding="utf-8", newline="")


def _csv_writer(stream: IO[str]) -> Callable[[pd.DataFrame], None]:
    first = True

    def write(frame: pd.DataFrame) -> None:
        nonlocal first
        shown = frame.copy()
        for name in shown:
            if _may_nest(shown[name].dtype):
                shown[name] = pd.Series(map(_csv_cell, shown[name].tolist()), index=shown.index, dtype=object)
        for name in NUMBER_COLUMNS:
            shown[name] = shown[name].map(f"{{:.{N_DIGITS}f}}".format, na_action="ignore")
        text = shown.to_csv(index=False, header=first, lineterminator="\n")
        if "\r" in text:  # a cell's own, which csv leaves bare and a reader takes for the end of the row
            text = shown.to_csv(index=False, header=first, lineterminator="\n", quoting=csv.QUOTE_ALL)
        stream.write(text)
        first = False

    return write


def _may_nest(dtype: Any) -> bool:
    return pd.api.types.is_object_dtype(dtype) or (
        isinstance(dtype, pd.ArrowDtype) and pa.types.is_nested(dtype.pyarrow_dtype)
    )


def _csv_cell(value: Any) -> Any:
    return _json_text(value) if isinstance(value, dict | list) else value


def _jsonl_writer(stream: IO[str]) -> Callable[[pd.DataFrame], None]:
    def write(frame: pd.DataFrame) -> None:
        rounded = frame.assign(**{name: frame[name].astype("float64").round(N_DIGITS) for name in NUMBER_COLUMNS})
        columns = [[_or_none(value) for value in rounded[name].tolist()] for name in rounded]
        stream.writelines(_json_text(dict(zip(rounded, row, strict=True))) + "\n" for row in zip(*columns, strict=True))

    return write


def _or_none(value: Any) -> Any:
    missing = value is pd.NA or value is pd.NaT or (isinstance(value, float) and not math.isfinite(value))
    return None if missing else value


def _json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_json_value)


def _json_value(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | time) else str(value)


class _ParquetAppender:
    """Appends frames to one Parquet file; a later frame that does not fit the schema widens it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()
        elif error is None:
            pq.write_table(pa.table({}), self._path)

    def append(self, frame: pd.DataFrame) -> None:
        """Write one row group."""
        table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, table.schema)
        elif table.schema != self._writer.schema:
            wider = pa.unify_schemas([self._writer.schema, table.schema], promote_options="permissive")
            if wider != self._writer.schema:
                self._writer.close()
                self._writer = self._rewritten(wider)
            table = table.cast(wider)
        self._writer.write_table(table)

    def _rewritten(self, schema: pa.Schema) -> pq.ParquetWriter:
        """Write what is there again: a column that was empty so far turns out to hold text, say."""
        narrow = self._path.with_name(f"{self._path.name}.narrow")
        self._path.replace(narrow)
        writer = pq.ParquetWriter(self._path, schema)
        try:
            with pq.ParquetFile(narrow) as file:
                for group in range(file.num_row_groups):
                    writer.write_table(file.read_row_group(group).cast(schema))
        finally:
            narrow.unlink()
        return writer
