"""The rows of a shard, chunk by chunk as Arrow tables; a row that cannot be read is kept, with the reason.

Parquet keeps its types. A cell of CSV or JSONL is text: the string that stands there, else its JSON. Invariant: every
row of the file is in exactly one chunk, in the file's order; empty lines of CSV and JSONL are no rows.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zlib
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from sentinel.archive.folders import kind_of
from sentinel.archive.tables import CHUNK_ROWS, CSV, JSONL, LINES_COLUMN, PARQUET
from sentinel.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentinel.archive.folders import Folder

MAX_COLUMNS = 1_000
"""More keys than this in one JSONL file are values that were written as keys."""
_HALF = re.compile("[\ud800-\udfff]")
NOT_UTF_8, NO_OBJECT = "not UTF-8", "no JSON object"


class Chunk(NamedTuple):
    """Rows of a shard.

    Attributes:
        table: the columns of the file; null where a row could not be read.
        reasons: why a row could not be read, "" where it could; one per row.
        lines: what stands in the file for a row that could not be read, None for others; one per row.
    """

    table: pa.Table
    reasons: list[str]
    lines: list[str | None]


class _Row(NamedTuple):
    cells: Sequence[str | None] = ()
    reason: str = ""
    line: str | None = None


def read_rows(folder: Folder, name: str) -> Iterator[Chunk]:
    """Read a shard.

    Args:
        folder: where it is.
        name: its name; its end tells what it is.

    Yields:
        Chunks of at most CHUNK_ROWS rows, all with the same columns; one without rows where there are none.

    Raises:
        TableError: it cannot be read as what its name claims.
    """
    kind = kind_of(name)
    try:
        if kind == PARQUET:
            yield from _parquet_chunks(folder, name)
        elif kind == CSV:
            yield from _csv_chunks(folder, name)
        elif kind == JSONL:
            yield from _jsonl_chunks(folder, name)
        else:
            with _opened_text(folder, name) as lines:
                rows = (_plain_row(line.rstrip("\r\n")) for line in lines)
                yield from _chunks(rows, [LINES_COLUMN])
    except (OSError, ValueError, EOFError, zlib.error, csv.Error, pa.ArrowException) as error:
        cause = next(iter(str(error).splitlines()), type(error).__name__)
        raise TableError(f"cannot be read as {kind}: {cause}", where=name) from error


def _parquet_chunks(folder: Folder, name: str) -> Iterator[Chunk]:
    with folder.open_file(name) as stream, pq.ParquetFile(stream) as file:
        schema = file.schema_arrow.remove_metadata()
        _refuse_doubles(schema.names, name)
        if not file.metadata.num_rows:
            yield Chunk(schema.empty_table(), [], [])
        for batch in file.iter_batches(CHUNK_ROWS):
            table = pa.Table.from_batches([batch]).replace_schema_metadata()
            yield Chunk(table, [""] * len(table), [None] * len(table))


def _csv_chunks(folder: Folder, name: str) -> Iterator[Chunk]:
    with _opened_text(folder, name) as lines:
        taken: list[str] = []
        reader = csv.reader(_noted(lines, taken))
        names = next(reader, [])
        if any(_is_broken(cell) for cell in names):
            raise TableError("its header is not UTF-8", where=name, hint="save it as UTF-8")
        _refuse_doubles(names, name)
        yield from _chunks(_csv_rows(reader, taken, len(names)), names)


def _noted(lines: io.TextIOWrapper, taken: list[str]) -> Iterator[str]:
    for line in lines:
        taken.append(line)
        yield line


def _csv_rows(reader: Iterator[list[str]], taken: list[str], n_columns: int) -> Iterator[_Row]:
    """Give the rows of CSV; ``taken`` has the lines that were read for each."""
    while True:
        taken.clear()
        cells: list[str] = []
        try:
            cells = next(reader)
            reason = "" if len(cells) == n_columns else f"{len(cells)} cells under a header of {n_columns}"
        except StopIteration:
            return
        except csv.Error as error:  # a cell without end, say; the next line begins a row
            reason = f"no CSV: {error}"
        if not cells and not reason.startswith("no CSV"):
            continue
        line = "".join(taken).rstrip("\r\n")
        if _is_broken(line):
            reason = NOT_UTF_8
        yield _Row((), reason, _whole(line)) if reason else _Row(cells)


def _jsonl_chunks(folder: Folder, name: str) -> Iterator[Chunk]:
    """Read twice: a key may come first in the last line."""
    names: dict[str, None] = {}
    with _opened_text(folder, name) as lines:
        for line in lines:
            found = _json_object(line)
            names.update(dict.fromkeys(found or ()))
            if len(names) > MAX_COLUMNS:
                raise TableError(f"has more than {MAX_COLUMNS} different keys", where=name)
    with _opened_text(folder, name) as lines:
        rows = (_json_row(line, list(names)) for line in lines if line.strip())
        yield from _chunks(rows, list(names))


def _json_object(line: str) -> dict[str, object] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and not any(_is_broken(key) for key in found) else None


def _json_row(line: str, names: list[str]) -> _Row:
    if _is_broken(line):
        return _Row((), NOT_UTF_8, _whole(line.strip()))
    found = _json_object(line)
    if found is None:
        return _Row((), NO_OBJECT, line.strip())
    return _Row([_json_cell(found.get(name)) for name in names])


def _json_cell(value: object) -> str | None:
    if value is None:
        return None
    return _whole(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _plain_row(line: str) -> _Row:
    return _Row((), NOT_UTF_8, _whole(line)) if _is_broken(line) else _Row([line])


def _chunks(rows: Iterator[_Row], names: list[str]) -> Iterator[Chunk]:
    schema = pa.schema([(name, pa.string()) for name in names])
    taken = list(islice(rows, CHUNK_ROWS))
    while True:
        columns = [[row.cells[place] if row.cells else None for row in taken] for place in range(len(names))]
        table = pa.table([pa.array(column, pa.string()) for column in columns], schema=schema)
        yield Chunk(table, [row.reason for row in taken], [row.line for row in taken])
        taken = list(islice(rows, CHUNK_ROWS))
        if not taken:
            return


@contextmanager
def _opened_text(folder: Folder, name: str) -> Iterator[io.TextIOWrapper]:
    with folder.open_stream(name) as stream:
        yield io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")


def _is_broken(text: str) -> bool:
    """Tell whether a text holds half a character: bytes that are no UTF-8 are read as such."""
    return _HALF.search(text) is not None


def _whole(text: str) -> str:
    """Put a mark in the place of what is no character."""
    return _HALF.sub("\N{REPLACEMENT CHARACTER}", text)


def _refuse_doubles(names: list[str], where: str) -> None:
    double = next((name for name in names if names.count(name) > 1), None)
    if double is not None:
        raise TableError(f"has two columns named {double!r}", where=where)
