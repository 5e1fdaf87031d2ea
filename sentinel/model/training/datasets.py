"""Read labelled texts and corpora, and split them so that no headline stands on two sides.

Comes in: the files a recipe names. Goes out: frames and lists of texts. Invariant: texts with one fingerprint
(see ``sentinel.text.fingerprint``) are in one split only, whatever file they come from, and which split that
is depends on the text alone, so adding a file never moves a text from test to training.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sentinel.errors import TrainingError
from sentinel.records import LABELS
from sentinel.text import classifier_text, fingerprint

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sentinel.model.training.recipe import CorpusFiles, LabelFile

LABELLED_COLUMNS = ("text", "label", "label_id", "source", "fingerprint", "split")


@dataclass(frozen=True)
class FileFacts:
    """What a manifest says about one file that was trained on."""

    name: str
    n_texts: int
    licence: str
    source: str
    sha256: str


def split_of(text_fingerprint: str, *, validation_share: float, test_share: float) -> str:
    """Choose train, validation or test for a text by its hash alone.

    Args:
        text_fingerprint: the normalised text.
        validation_share: part of all texts for validation, in [0, 1).
        test_share: part for test, in [0, 1).

    Returns:
        "train", "validation" or "test".
    """
    digest = hashlib.sha256(f"split:{text_fingerprint}".encode()).digest()
    position = int.from_bytes(digest[:8], "big") / 2**64
    if position < test_share:
        return "test"
    return "validation" if position < test_share + validation_share else "train"


def read_labelled(
    files: Sequence[LabelFile], data_dir: Path, *, validation_share: float, test_share: float
) -> tuple[pd.DataFrame, list[FileFacts]]:
    """Read labelled files into one frame with splits.

    Args:
        files: what to read; a text that stands in several keeps the first file's label.
        data_dir: folder their paths are relative to.
        validation_share: part of all texts for validation.
        test_share: part for test.

    Returns:
        A frame with LABELLED_COLUMNS, one row per distinct text in file order, and facts about each file.

    Raises:
        TrainingError: a file is missing, lacks a column, or has no usable row.
    """
    frames, facts = [], []
    for file in files:
        path = data_dir / file.path
        frame = _read_label_file(path)
        frame["source"] = file.name
        frames.append(frame)
        facts.append(FileFacts(file.name, len(frame), file.licence, file.source, _sha256(path)))
    labelled = pd.concat(frames, ignore_index=True)
    labelled["fingerprint"] = labelled["text"].map(fingerprint)
    labelled = labelled[labelled["fingerprint"] != ""].drop_duplicates("fingerprint", ignore_index=True)
    labelled["label_id"] = labelled["label"].map(LABELS.index)
    labelled["split"] = labelled["fingerprint"].map(
        lambda key: split_of(key, validation_share=validation_share, test_share=test_share)
    )
    return labelled[list(LABELLED_COLUMNS)], facts


def _read_label_file(path: Path) -> pd.DataFrame:
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise TrainingError("no such file", where=str(path), hint="give the data directory with --data") from error
    except (OSError, ValueError) as error:
        raise TrainingError(f"cannot be read as CSV: {error}", where=str(path)) from error
    missing = {"text", "label"} - set(frame.columns)
    if missing:
        raise TrainingError(f"lacks the column {min(missing)!r}", where=str(path))
    frame = frame.loc[frame["label"].isin(LABELS), ["text", "label"]].copy()
    frame["text"] = frame["text"].map(classifier_text)
    frame = frame[frame["text"] != ""]
    if frame.empty:
        raise TrainingError(f"no row has a label among {', '.join(LABELS)}", where=str(path))
    return frame


def read_corpora(
    corpora: Sequence[CorpusFiles], data_dir: Path, *, n_texts: int, excluded: set[str], seed: int
) -> tuple[list[str], list[FileFacts]]:
    """Draw distinct texts for pre-training, each corpus by its share.

    Args:
        corpora: what to read.
        data_dir: folder their patterns are relative to.
        n_texts: how many texts to draw in all; fewer come back where a corpus has fewer.
        excluded: fingerprints that must not be among them (validation and test texts).
        seed: seed of the draw.

    Returns:
        Texts in random order, and facts about each corpus.

    Raises:
        TrainingError: a pattern matches no file, or a file lacks the column.
    """
    generator = np.random.default_rng(seed)
    texts: list[str] = []
    facts = []
    seen = set(excluded)
    total_share = sum(corpus.share for corpus in corpora)
    for corpus in corpora:
        paths = _matching(data_dir, corpus.path)
        wanted = round(n_texts * corpus.share / total_share)
        drawn = _draw(paths, corpus.column, wanted, seen, generator)
        digest = hashlib.sha256("".join(_sha256(path) for path in paths).encode()).hexdigest()
        facts.append(FileFacts(corpus.path, len(drawn), corpus.licence, corpus.source, digest))
        texts.extend(drawn)
    return [texts[i] for i in generator.permutation(len(texts))], facts


def _draw(paths: list[Path], column: str, wanted: int, seen: set[str], generator: np.random.Generator) -> list[str]:
    raw: list[str] = []
    for path in paths:
        raw.extend(value for value in _read_column(path, column) if value)
    drawn: list[str] = []
    for index in generator.permutation(len(raw)):
        if len(drawn) == wanted:
            break
        text = classifier_text(raw[index])
        key = fingerprint(text)
        if key and key not in seen:
            seen.add(key)
            drawn.append(text)
    return drawn


def _matching(data_dir: Path, pattern: str) -> list[Path]:
    try:
        paths = sorted(data_dir.glob(pattern))
    except (NotImplementedError, ValueError) as error:  # an absolute or empty pattern
        raise TrainingError("not a pattern of files in the data directory", where=pattern) from error
    if not paths:
        raise TrainingError("no file matches", where=str(data_dir / pattern))
    return paths


def _read_column(path: Path, column: str) -> list[str | None]:
    try:
        if column not in pq.read_schema(path).names:
            raise TrainingError(f"lacks the column {column!r}", where=str(path))
        return list(pq.read_table(path, columns=[column]).column(0).cast(pa.string()).to_pylist())
    except (OSError, ValueError, NotImplementedError) as error:
        raise TrainingError(f"cannot be read as Parquet: {error}", where=str(path)) from error


def class_weights(label_ids: np.ndarray, *, power: float) -> np.ndarray:
    """Weigh classes by inverse frequency to a power, mean 1 over the rows.

    Args:
        label_ids: int array of shape (n,), positions in LABELS.
        power: 0 for equal weights, 1 for full inverse frequency.

    Returns:
        float32 array of shape (3,), in LABELS order.
    """
    counts = np.bincount(label_ids, minlength=len(LABELS)).astype(np.float64)
    weights = np.where(counts > 0, (counts.sum() / np.maximum(counts, 1.0)) ** power, 0.0)
    return np.asarray(weights * counts.sum() / (weights * counts).sum(), dtype=np.float32)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
