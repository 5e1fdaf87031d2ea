"""Score every row of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentinel.archive.tables import column_of, read_chunks
from sentinel.archive.writers import open_writer
from sentinel.records import LABELS
from sentinel.target import mark_name
from sentinel.text import classifier_text

if TYPE_CHECKING:
    from collections.abc import Callable

SCORE_OUTPUT_COLUMNS = (*LABELS, "polarity", "label", "model_id")


def classify_table(
    source: str,
    destination: str,
    *,
    text_column: str,
    score: Callable[[list[str]], np.ndarray],
    model_id: str,
    name_column: str = "",
    score_names: Callable[[list[str]], np.ndarray] | None = None,
) -> tuple[int, int]:
    """Score every row of a table and write it with SCORE_OUTPUT_COLUMNS added, row by row in the same order.

    A column of the input that has one of these names is kept as ``input_<name>`` (again ``input_`` while that is
    taken). A row without text gets empty scores.

    Args:
        source: as for ``read_chunks``.
        destination: path ending in .csv, .csv.gz, .jsonl or .parquet, or "-" for CSV on standard output.
        text_column: column with the text; of plain lines it is "text".
        score: texts -> float32 array of shape (n, 3), columns in LABELS order.
        model_id: written beside every score.
        name_column: column with a name that stands in the text, for which the text is to be scored; a row without one,
            or with one that is not there, is scored as a whole. Empty to score all rows so.
        score_names: as ``score``, of texts with a marked name (``sentinel.target``); goes with ``name_column``.

    Returns:
        How many rows were written, and how many of them have scores.

    Raises:
        TableError: the source cannot be read, lacks the column, or the destination cannot be written.
    """
    n_rows = n_scored = 0
    with open_writer(destination) as write:
        for chunk in read_chunks(source):
            texts = _strings(chunk, text_column, source)
            if score_names is None:
                probabilities = _score(texts, score)
            else:
                names = _strings(chunk, name_column, source)
                probabilities = _score_for_names(texts, names, score, score_names)
            scored = _add_scores(chunk, probabilities, model_id=model_id)
            write(scored)
            n_rows += len(scored)
            n_scored += int(scored["polarity"].notna().sum())
    return n_rows, n_scored


def _strings(chunk: pd.DataFrame, column: str, source: str) -> list[str]:
    return [value if isinstance(value, str) else "" for value in column_of(chunk, column, source)]


def _score(texts: list[str], score: Callable[[list[str]], np.ndarray]) -> np.ndarray:
    """Score those texts that say something; the rows of the others are NaN."""
    readable = np.array([classifier_text(text) != "" for text in texts], dtype=bool)
    probabilities = np.full((len(texts), len(LABELS)), np.nan, dtype=np.float32)
    if readable.any():
        probabilities[readable] = score(
            [text for text, is_readable in zip(texts, readable, strict=True) if is_readable]
        )
    return probabilities


def _score_for_names(
    texts: list[str],
    names: list[str],
    score: Callable[[list[str]], np.ndarray],
    score_names: Callable[[list[str]], np.ndarray],
) -> np.ndarray:
    """Score each text for its name, and as a whole where the name does not stand in it."""
    marked = [mark_name(text, name) for text, name in zip(texts, names, strict=True)]
    for_names = _score([text or "" for text in marked], score_names)
    as_a_whole = _score(["" if mark else text for text, mark in zip(texts, marked, strict=True)], score)
    return np.where(np.isnan(for_names), as_a_whole, for_names)


def _add_scores(chunk: pd.DataFrame, probabilities: np.ndarray, *, model_id: str) -> pd.DataFrame:
    readable = ~np.isnan(probabilities).any(axis=1)
    labels = np.full(len(chunk), "", dtype=object)
    labels[readable] = np.array(LABELS, dtype=object)[probabilities[readable].argmax(axis=1)]
    scored = chunk.rename(columns=_new_names(list(chunk.columns)))
    for position, label in enumerate(LABELS):
        scored[label] = probabilities[:, position]
    scored["polarity"] = scored["positive"] - scored["negative"]
    scored["label"] = pd.array(labels, dtype="str")
    scored["model_id"] = pd.array(np.where(readable, model_id, ""), dtype="str")
    return scored


def _new_names(columns: list[str]) -> dict[str, str]:
    """Find a free name for each column that has the name of a score."""
    new: dict[str, str] = {}
    for column in columns:
        if column in SCORE_OUTPUT_COLUMNS:
            name = f"input_{column}"
            while name in columns:
                name = f"input_{name}"
            new[column] = name
    return new
