"""Score one shard: its rows with scores, in one Parquet file that says of what and by which model it was made.

Comes in: a shard and a scorer. Goes out: a Parquet file with one row per row of the shard, in its order. What is
told of a finished shard stands in the file's own footer, so that a shard is finished if and only if its file is there.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sentinel.archive.folders import Folder, Shard
from sentinel.archive.rows import read_rows
from sentinel.archive.scores import SCORE_OUTPUT_COLUMNS
from sentinel.errors import TableError
from sentinel.records import LABELS
from sentinel.text import classifier_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sentinel.archive.memory import Score
    from sentinel.archive.rows import Chunk

ROW_COLUMN, REASON_COLUMN, LINE_COLUMN = "row", "reason", "line"
ADDED_COLUMNS = (ROW_COLUMN, *SCORE_OUTPUT_COLUMNS, REASON_COLUMN, LINE_COLUMN)
NO_TEXT, NOT_A_TEXT = "no text", "the text is no string"
SCORED_SUFFIX = ".parquet"
_FOOTER_KEY = b"sentinel.archive"


@dataclass(frozen=True)
class Work:
    """What an archive is scored by.

    Attributes:
        source: folder of the shards, path or URL.
        destination: folder of the scored shards, path or URL.
        text_column: column with the text; of plain lines it is "text".
        model_id: of the model that scores.
    """

    source: str
    destination: str
    text_column: str
    model_id: str


@dataclass(frozen=True)
class ShardRecord:
    """What is told of a shard, in the footer of its scored file and in the manifest.

    Attributes:
        name: of the shard.
        n_bytes: its size when it was read.
        modified_ns: when it had been written.
        model_id: which model scored it.
        text_column: where its texts were.
        n_rows: its rows.
        n_scored: those with scores.
        reasons: how many rows have none, by reason.
        failure: why the shard as a whole could not be scored; empty when it was.
    """

    name: str
    n_bytes: int
    modified_ns: int
    model_id: str
    text_column: str
    n_rows: int = 0
    n_scored: int = 0
    reasons: Mapping[str, int] | None = None
    failure: str = ""

    def is_of(self, shard: Shard) -> bool:
        """Tell whether the shard is the one that was read."""
        return (self.n_bytes, self.modified_ns) == (shard.n_bytes, shard.modified_ns)


def scored_name(name: str) -> str:
    """Name the file with a shard's scores: the shard's name, and that of Parquet where it is another kind."""
    return name if name.endswith(SCORED_SUFFIX) else f"{name}{SCORED_SUFFIX}"


def score_shard(work: Work, shard: Shard, score: Score) -> ShardRecord:
    """Score every row of a shard and write its file.

    Args:
        work: what an archive is scored by.
        shard: the shard.
        score: texts -> float32 array of shape (n, 3), columns in LABELS order.

    Returns:
        Its record; a shard that cannot be read has a failure and no file.
    """
    source, destination = Folder.open(work.source), Folder.open(work.destination)
    facts = (shard.name, shard.n_bytes, shard.modified_ns, work.model_id, work.text_column)
    chunks = read_rows(source, shard.name)
    try:
        first = _scored(next(chunks), work, shard.name, 0, score)
    except TableError as error:
        return ShardRecord(*facts, failure=str(error))
    counts: Counter[str] = Counter(first[REASON_COLUMN].to_pylist())
    n_rows = len(first)
    try:
        with (
            destination.write_aside(scored_name(shard.name)) as stream,
            pq.ParquetWriter(stream, first.schema, compression="zstd") as writer,
        ):
            writer.write_table(first)
            for chunk in chunks:
                scored = _scored(chunk, work, shard.name, n_rows, score)
                writer.write_table(scored)
                counts.update(scored[REASON_COLUMN].to_pylist())
                n_rows += len(scored)
            n_scored = counts.pop("", 0)
            record = ShardRecord(*facts, n_rows=n_rows, n_scored=n_scored, reasons=dict(sorted(counts.items())))
            writer.add_key_value_metadata({_FOOTER_KEY: json.dumps(asdict(record))})
    except TableError as error:
        return ShardRecord(*facts, failure=str(error))
    return record


def read_record(folder: Folder, name: str) -> ShardRecord | None:
    """Read what a scored file says of itself.

    Args:
        folder: the destination.
        name: of the shard.

    Returns:
        The record; None where there is no such file, or not one of these.
    """
    if not folder.exists(scored_name(name)):
        return None
    try:
        with folder.open_file(scored_name(name)) as stream, pq.ParquetFile(stream) as file:
            return ShardRecord(**json.loads(file.metadata.metadata[_FOOTER_KEY]))
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
        return None


def _scored(chunk: Chunk, work: Work, name: str, first_row: int, score: Score) -> pa.Table:
    """Add ADDED_COLUMNS to rows; a column of the input with one of these names is kept as ``input_<name>``."""
    reasons, texts = _usable(chunk, work.text_column, name)
    is_scored = np.array([not reason for reason in reasons], dtype=bool)
    probabilities = np.full((len(reasons), len(LABELS)), np.nan, dtype=np.float32)
    if texts:
        probabilities[is_scored] = score(texts)
    best = np.array(LABELS)[np.nan_to_num(probabilities).argmax(axis=1)]
    without = ~is_scored
    added: dict[str, Any] = {
        ROW_COLUMN: pa.array(np.arange(first_row, first_row + len(reasons), dtype=np.int64)),
        **{label: pa.array(probabilities[:, place], mask=without) for place, label in enumerate(LABELS)},
        "polarity": pa.array(probabilities[:, 2] - probabilities[:, 0], mask=without),
        "label": pa.array(best, pa.string(), mask=without),
        "model_id": pa.array(np.full(len(reasons), work.model_id), pa.string(), mask=without),
        REASON_COLUMN: pa.array(reasons, pa.string()),
        LINE_COLUMN: pa.array(chunk.lines, pa.string()),
    }
    named = chunk.table.rename_columns(free_names(chunk.table.column_names))
    for name, column in added.items():
        named = named.append_column(name, column)
    return named


def _usable(chunk: Chunk, text_column: str, name: str) -> tuple[list[str], list[str]]:
    """Give the reason why each row has no score, "" where it has one, and the cleaned texts of those that have."""
    if text_column not in chunk.table.column_names:
        found = ", ".join(chunk.table.column_names)
        what = f"has no column {text_column!r}; it has {found}"
        raise TableError(what, where=name, hint="name it with --text-column")
    reasons, texts = list(chunk.reasons), []
    for row, value in enumerate(chunk.table[text_column].to_pylist()):
        if reasons[row]:
            continue
        text = classifier_text(value) if isinstance(value, str) else ""
        if text:
            texts.append(text)
        else:
            reasons[row] = NO_TEXT if value is None or isinstance(value, str) else NOT_A_TEXT
    return reasons, texts


def free_names(names: list[str]) -> list[str]:
    """Give each column that has the name of an added one a name that is free."""
    taken = {*names, *ADDED_COLUMNS}
    new = []
    for name in names:
        free = name
        while free in ADDED_COLUMNS or (free != name and free in taken):
            free = f"input_{free}"
        taken.add(free)
        new.append(free)
    return new
