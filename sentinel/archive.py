"""Tables of archived texts: read in chunks, scored or turned into items, never held in memory whole.

Comes in: CSV (also .gz), JSONL, Parquet or plain lines. Goes out: the same rows with scores, or frames of items.
A door to pyarrow. Invariant: a result file is written aside and renamed, so it is whole or not there.
"""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sentinel.errors import TableError
from sentinel.records import ITEM_COLUMNS, LABELS
from sentinel.text import canonical_url, classifier_text, clean_text, item_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHUNK_ROWS = 16_384
SCORE_OUTPUT_COLUMNS = (*LABELS, "polarity", "label", "model_id")
STANDARD_STREAM = "-"
LINES_COLUMN = "text"

_CSV, _JSONL, _PARQUET, _LINES = "csv", "jsonl", "parquet", "lines"
_FORMATS = {".csv": _CSV, ".jsonl": _JSONL, ".ndjson": _JSONL, ".parquet": _PARQUET, ".pq": _PARQUET, ".txt": _LINES}


def read_chunks(source: str) -> Iterator[pd.DataFrame]:
    """Read a table in chunks of CHUNK_ROWS rows.

    Args:
        source: path ending in .csv, .csv.gz, .jsonl, .ndjson, .parquet or .txt; "-" for plain lines on standard input.

    Yields:
        Frames with the file's columns; text cells are kept as written, plain lines are the column "text".

    Raises:
        TableError: the file is missing, of no known kind, or cannot be read as what it claims to be.
    """
    if source == STANDARD_STREAM:
        yield from _read_lines(sys.stdin)
        return
    path = Path(source)
    kind = _format_of(path)
    try:
        if kind == _CSV:
            yield from pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig", chunksize=CHUNK_ROWS)
        elif kind == _PARQUET:
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(CHUNK_ROWS):
                    yield batch.to_pandas()
        else:
            with path.open(encoding="utf-8-sig") as stream:
                yield from _read_jsonl(stream, path) if kind == _JSONL else _read_lines(stream)
    except FileNotFoundError as error:
        raise TableError("no such file", where=source) from error
    except UnicodeDecodeError as error:
        raise TableError("not UTF-8 text", where=source, hint="save it as UTF-8") from error
    except (OSError, ValueError, pa.ArrowException) as error:
        raise TableError(f"cannot be read as {kind}: {str(error).splitlines()[0]}", where=source) from error


def _format_of(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes[-2:] == [".csv", ".gz"]:
        return _CSV
    kind = _FORMATS.get(suffixes[-1] if suffixes else "")
    if kind is None:
        raise TableError("not a kind of table this reads", where=str(path), hint="use .csv, .jsonl, .parquet or .txt")
    return kind


def _read_lines(stream: IO[str]) -> Iterator[pd.DataFrame]:
    rows: list[str] = []
    for line in stream:
        rows.append(line.rstrip("\r\n"))
        if len(rows) == CHUNK_ROWS:
            yield pd.DataFrame({LINES_COLUMN: rows})
            rows = []
    if rows:
        yield pd.DataFrame({LINES_COLUMN: rows})


def _read_jsonl(stream: IO[str], path: Path) -> Iterator[pd.DataFrame]:
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(stream, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise TableError("not a JSON object", where=f"{path} line {number}") from error
        if not isinstance(row, dict):
            raise TableError("not a JSON object", where=f"{path} line {number}")
        rows.append(row)
        if len(rows) == CHUNK_ROWS:
            yield pd.DataFrame(rows, dtype=object)
            rows = []
    if rows:
        yield pd.DataFrame(rows, dtype=object)


def classify_table(
    source: str,
    destination: str,
    *,
    text_column: str,
    score: Callable[[list[str]], np.ndarray],
    model_id: str,
) -> int:
    """Score every row of a table and write it with SCORE_OUTPUT_COLUMNS added, row by row in the same order.

    A column of the input that has one of these names is kept as ``input_<name>``. A row without text gets empty scores.

    Args:
        source: as for ``read_chunks``.
        destination: path ending in .csv, .jsonl or .parquet, or "-" for CSV on standard output.
        text_column: column with the text; of plain lines it is "text".
        score: texts -> float32 array of shape (n, 3), columns in LABELS order.
        model_id: written beside every score.

    Returns:
        How many rows were written.

    Raises:
        TableError: the source cannot be read, lacks the column, or the destination cannot be written.
    """
    n_rows = 0
    with _open_writer(destination) as write:
        for chunk in read_chunks(source):
            scored = _add_scores(chunk, source, text_column=text_column, score=score, model_id=model_id)
            write(scored)
            n_rows += len(scored)
    return n_rows


def _add_scores(
    chunk: pd.DataFrame, source: str, *, text_column: str, score: Callable[[list[str]], np.ndarray], model_id: str
) -> pd.DataFrame:
    texts = _column(chunk, text_column, source).map(lambda value: value if isinstance(value, str) else "")
    readable = np.array([classifier_text(text) != "" for text in texts], dtype=bool)
    probabilities = np.full((len(chunk), len(LABELS)), np.nan, dtype=np.float32)
    if readable.any():
        probabilities[readable] = score(texts[readable].tolist())
    labels = np.full(len(chunk), "", dtype=object)
    labels[readable] = np.array(LABELS, dtype=object)[probabilities[readable].argmax(axis=1)]
    scored = chunk.rename(columns={name: f"input_{name}" for name in SCORE_OUTPUT_COLUMNS if name in chunk})
    for position, label in enumerate(LABELS):
        scored[label] = probabilities[:, position]
    scored["polarity"] = scored["positive"] - scored["negative"]
    scored["label"] = labels
    scored["model_id"] = np.where(readable, model_id, "")
    return scored


def _column(chunk: pd.DataFrame, name: str, source: str) -> pd.Series:
    if name not in chunk:
        raise TableError(
            f"has no column {name!r}; it has {', '.join(map(str, chunk.columns))}",
            where=source,
            hint="name the column with --text-column",
        )
    return chunk[name]


@contextmanager
def _open_writer(destination: str) -> Iterator[Callable[[pd.DataFrame], None]]:
    """Give a function that appends a frame to the destination, which appears whole at the end."""
    if destination == STANDARD_STREAM:
        yield _csv_writer(sys.stdout)
        return
    path = Path(destination)
    kind = _format_of(path)
    aside = path.with_name(f".{path.name}.part")
    try:
        if kind == _PARQUET:
            with _ParquetAppender(aside) as appender:
                yield appender.append
        else:
            with aside.open("w", encoding="utf-8", newline="") as stream:
                yield _jsonl_writer(stream) if kind == _JSONL else _csv_writer(stream)
        aside.replace(path)
    except OSError as error:
        raise TableError(f"cannot be written: {error.strerror}", where=destination) from error
    finally:
        aside.unlink(missing_ok=True)


def _csv_writer(stream: IO[str]) -> Callable[[pd.DataFrame], None]:
    first = True

    def write(frame: pd.DataFrame) -> None:
        nonlocal first
        frame.to_csv(stream, index=False, header=first, lineterminator="\n", float_format="%.6f")
        first = False

    return write


def _jsonl_writer(stream: IO[str]) -> Callable[[pd.DataFrame], None]:
    def write(frame: pd.DataFrame) -> None:
        frame.to_json(stream, orient="records", lines=True, force_ascii=False, double_precision=6, date_format="iso")

    return write


class _ParquetAppender:
    """Appends frames to one Parquet file; the first frame sets the schema."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer is None:
            pq.write_table(pa.table({}), self._path)
        else:
            self._writer.close()

    def append(self, frame: pd.DataFrame) -> None:
        """Write one row group."""
        if self._writer is None:
            table = pa.Table.from_pandas(frame, preserve_index=False)
            self._writer = pq.ParquetWriter(self._path, table.schema)
        else:
            table = pa.Table.from_pandas(frame, schema=self._writer.schema, preserve_index=False)
        self._writer.write_table(table)


@dataclass(frozen=True)
class ArchivedItems:
    """A chunk of archived headlines.

    Attributes:
        items: frame with ITEM_COLUMNS, unique by item_id.
        n_rows: rows read.
        n_unusable: rows without text or without a readable time.
    """

    items: pd.DataFrame
    n_rows: int
    n_unusable: int


def read_archived_items(
    source: str, *, feed: str, text_column: str, time_column: str, timezone: str
) -> Iterator[ArchivedItems]:
    """Turn archived headlines into items whose first_seen is their published time.

    A column ``url`` or ``link`` gives the link where there is one. The id is that of a feed item: by canonical URL,
    else by title and day, so the same headline twice in a day is one item.

    Args:
        source: as for ``read_chunks``.
        feed: name of the feed they belong to.
        text_column: column with the headline.
        time_column: column with the time; numbers are refused, a time without zone is taken to be in ``timezone``.
        timezone: IANA name.

    Yields:
        One chunk of items after the other.

    Raises:
        TableError: the source cannot be read or lacks a column.
    """
    for chunk in read_chunks(source):
        titles = _column(chunk, text_column, source).map(
            lambda value: clean_text(value) if isinstance(value, str) else ""
        )
        times = _read_times(_column(chunk, time_column, source), timezone)
        links = next((chunk[name] for name in ("url", "link") if name in chunk), pd.Series("", index=chunk.index))
        urls = links.map(lambda value: canonical_url(value) if isinstance(value, str) else "")
        frame = pd.DataFrame({"title": titles, "published": times, "url": urls})
        usable = frame[(frame["title"] != "") & frame["published"].notna()].copy()
        usable["item_id"] = [
            item_id(feed=feed, guid="", url=url, title=title, day=published.date())
            for url, title, published in zip(usable["url"], usable["title"], usable["published"], strict=True)
        ]
        usable = usable.assign(feed=feed, guid="", summary="", text=usable["title"], first_seen=usable["published"])
        items = usable.drop_duplicates("item_id", ignore_index=True)[list(ITEM_COLUMNS)]
        yield ArchivedItems(items, len(frame), len(frame) - len(usable))


def _read_times(values: pd.Series, timezone: str) -> pd.Series:
    """Read times as aware UTC; NaT where unreadable. In the doubled hour of a clock change the first one is meant."""
    if not pd.api.types.is_datetime64_any_dtype(values):
        texts = values.astype("str")
        zoned = texts.str.contains(r"(?:Z|[+-]\d\d:?\d\d)\s*$", regex=True)
        aware = pd.to_datetime(texts.where(zoned), utc=True, errors="coerce", format="ISO8601")
        naive = pd.to_datetime(texts.where(~zoned), errors="coerce", format="ISO8601")
        return aware.fillna(_localize(naive, timezone)).astype("datetime64[us, UTC]")
    aware = values.dt.tz_convert("UTC") if values.dt.tz is not None else _localize(values, timezone)
    return aware.astype("datetime64[us, UTC]")


def _localize(times: pd.Series, timezone: str) -> pd.Series:
    first_of_two = np.ones(len(times), dtype=bool)
    local = times.dt.tz_localize(timezone, ambiguous=first_of_two, nonexistent="shift_forward")
    return pd.Series(local.dt.tz_convert("UTC"))


def read_labelled_texts(source: str, *, text_column: str, label_column: str) -> tuple[list[str], np.ndarray]:
    """Read the rows of a table whose label is one of LABELS.

    Args:
        source: as for ``read_chunks``.
        text_column: column with the text.
        label_column: column with the label.

    Returns:
        Texts, and an int array of shape (n,) with their labels' positions in LABELS.

    Raises:
        TableError: the source cannot be read, lacks a column, or has no such row.
    """
    texts: list[str] = []
    label_ids: list[int] = []
    for chunk in read_chunks(source):
        labels = _column(chunk, label_column, source)
        for text, label in zip(_column(chunk, text_column, source), labels, strict=True):
            if label in LABELS and isinstance(text, str):
                texts.append(text)
                label_ids.append(LABELS.index(label))
    if not texts:
        raise TableError(f"no row has a label among {', '.join(LABELS)}", where=source, hint="see --label-column")
    return texts, np.array(label_ids, dtype=np.int64)
