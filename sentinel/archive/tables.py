"""Read tables in chunks. Every chunk of a file has the same columns, and a value is what the file says.

Parquet stays in Arrow's types, because pandas' own turn whole numbers beside an empty cell into fractions.
"""

from __future__ import annotations

import io
import json
import sys
import zlib
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sentinel.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK_ROWS = 16_384
STANDARD_STREAM = "-"
LINES_COLUMN = "text"

CSV, JSONL, PARQUET, LINES = "csv", "jsonl", "parquet", "lines"
_FORMATS = {".csv": CSV, ".jsonl": JSONL, ".ndjson": JSONL, ".parquet": PARQUET, ".pq": PARQUET, ".txt": LINES}


def read_chunks(source: str) -> Iterator[pd.DataFrame]:
    """Read a table in chunks of CHUNK_ROWS rows.

    Args:
        source: path ending in .csv, .csv.gz, .jsonl, .ndjson, .parquet or .txt; "-" for plain lines on standard input.

    Yields:
        Frames with the file's columns; text cells are kept as written, plain lines are the column "text". JSON objects
        may have different keys: each chunk has the keys of all.

    Raises:
        TableError: the file is missing, of no known kind, or cannot be read as what it claims to be.
    """
    kind = LINES if source == STANDARD_STREAM else format_of(Path(source))
    try:
        if source == STANDARD_STREAM:
            yield from _read_standard_input()
        elif kind == CSV:
            yield from _read_csv(Path(source))
        elif kind == PARQUET:
            yield from _read_parquet(Path(source))
        elif kind == JSONL:
            yield from _read_jsonl(Path(source))
        else:
            with Path(source).open(encoding="utf-8-sig") as stream:
                yield from _read_lines(stream)
    except FileNotFoundError as error:
        raise TableError("no such file", where=source) from error
    except UnicodeDecodeError as error:
        raise TableError("not UTF-8 text", where=source, hint="save it as UTF-8") from error
    except (OSError, ValueError, EOFError, zlib.error, pa.ArrowException) as error:
        cause = next(iter(str(error).splitlines()), type(error).__name__)
        raise TableError(f"cannot be read as {kind}: {cause}", where=source) from error


def format_of(path: Path) -> str:
    """Tell a kind of table by the end of its name: CSV, JSONL, PARQUET or LINES.

    Raises:
        TableError: it is none of them.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes[-2:] == [".csv", ".gz"]:
        return CSV
    kind = _FORMATS.get(suffixes[-1] if suffixes else "")
    if kind is None:
        raise TableError("not a kind of table this reads", where=str(path), hint="use .csv, .jsonl, .parquet or .txt")
    return kind


def column_of(chunk: pd.DataFrame, name: str, source: str) -> pd.Series:
    """Give a column of a chunk.

    Raises:
        TableError: there is none of that name.
    """
    if name not in chunk:
        raise TableError(
            f"has no column {name!r}; it has {', '.join(map(str, chunk.columns))}",
            where=source,
            hint="name its columns with the options --...-column",
        )
    return chunk[name]


def _read_csv(path: Path) -> Iterator[pd.DataFrame]:
    with pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig", chunksize=CHUNK_ROWS) as chunks:
        for chunk in chunks:
            if not isinstance(chunk.index, pd.RangeIndex):  # pandas took the first cells for names of rows
                raise TableError("its rows have more cells than its header", where=str(path))
            yield chunk


def _read_parquet(path: Path) -> Iterator[pd.DataFrame]:
    with pq.ParquetFile(path) as file:
        schema = file.schema_arrow
        double = next((name for name in schema.names if schema.names.count(name) > 1), None)
        if double is not None:
            raise TableError(f"has two columns named {double!r}", where=str(path))
        batches = file.iter_batches(CHUNK_ROWS) if file.metadata.num_rows else [schema.empty_table()]
        for batch in batches:
            yield batch.to_pandas(types_mapper=pd.ArrowDtype, ignore_metadata=True)


def _read_standard_input() -> Iterator[pd.DataFrame]:
    stream = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig")  # whatever the locale says
    try:
        yield from _read_lines(stream)
    finally:
        stream.detach()


def _read_lines(stream: IO[str]) -> Iterator[pd.DataFrame]:
    lines = (line.rstrip("\r\n") for line in stream)
    chunk = list(islice(lines, CHUNK_ROWS))
    yield pd.DataFrame({LINES_COLUMN: chunk}, dtype="str")
    while chunk := list(islice(lines, CHUNK_ROWS)):
        yield pd.DataFrame({LINES_COLUMN: chunk}, dtype="str")


def _read_jsonl(path: Path) -> Iterator[pd.DataFrame]:
    columns = list(dict.fromkeys(key for row in _jsonl_rows(path) for key in row))
    rows = _jsonl_rows(path)
    while chunk := list(islice(rows, CHUNK_ROWS)):
        yield pd.DataFrame(chunk, columns=columns, dtype=object)


def _jsonl_rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8-sig") as stream:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise TableError("not a JSON object", where=f"{path} line {number}") from error
            if not isinstance(row, dict):
                raise TableError("not a JSON object", where=f"{path} line {number}")
            if r"\ud" in line.lower():  # perhaps half of a surrogate pair, which no file can hold
                row = json.loads(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace"))
            yield row
