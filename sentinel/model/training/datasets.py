"""Read labelled texts, and split them so that no headline stands on two sides.

Comes in: the files a recipe names. Goes out: one frame. Invariant: texts with one fingerprint
(see ``sentinel.text.fingerprint``) are in one split only, whatever file they come from, and which split that
is depends on the text alone, so adding a file never moves a text from test to training.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentinel.errors import TrainingError
from sentinel.model.training.augmentation import (
    direction_texts,
    news_texts,
    swap_identities,
    vary_texts,
    without_leaks,
)
from sentinel.records import LABELS
from sentinel.text import classifier_text, fingerprint

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from sentinel.model.training.recipe import Augmentation, LabelFile

LABELLED_COLUMNS = ("text", "label", "label_id", "source", "fingerprint", "split", "original")
DIRECTION, NEWS, VARIATION, IDENTITY = "direction", "news", "variation", "identity"
"""Sources of the rows that are made for training. ``original`` is the text itself, and of a copy about somebody else
what it was copied from: the teachers read that, so that what they make of a name is not taught."""


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
        frame = read_label_file(path)
        frame["source"] = file.name
        frames.append(frame)
        facts.append(FileFacts(file.name, len(frame), file.licence, file.source, sha256(path)))
    labelled = pd.concat(frames, ignore_index=True)
    labelled["fingerprint"] = labelled["text"].map(fingerprint)
    labelled = labelled[labelled["fingerprint"] != ""].drop_duplicates("fingerprint", ignore_index=True)
    labelled["label_id"] = labelled["label"].map(LABELS.index)
    labelled["original"] = labelled["text"]
    labelled["split"] = labelled["fingerprint"].map(
        lambda key: split_of(key, validation_share=validation_share, test_share=test_share)
    )
    return labelled[list(LABELLED_COLUMNS)], facts


def training_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Choose the rows that are learnt from, of a frame with the column split."""
    return rows[rows["split"] == "train"]


def read_label_file(path: Path, *, extra: Sequence[str] = ()) -> pd.DataFrame:
    """Read the usable rows of one labelled file.

    Args:
        path: CSV with columns text and label.
        extra: further columns that it must have.

    Returns:
        A frame with text, brought to the form the classifier reads and never empty, label, and ``extra``; all str.

    Raises:
        TrainingError: the file is missing, lacks a column, or has no usable row.
    """
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise TrainingError("no such file", where=str(path), hint="give the data directory with --data") from error
    except (OSError, ValueError) as error:
        raise TrainingError(f"cannot be read as CSV: {error}", where=str(path)) from error
    columns = ["text", "label", *extra]
    missing = set(columns) - set(frame.columns)
    if missing:
        raise TrainingError(f"lacks the column {min(missing)!r}", where=str(path))
    frame = frame.loc[frame["label"].isin(LABELS), columns].copy()
    frame["text"] = frame["text"].map(classifier_text)
    frame = frame[frame["text"] != ""]
    if frame.empty:
        raise TrainingError(f"no row has a label among {', '.join(LABELS)}", where=str(path))
    return frame


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


def one_hot(label_ids: Sequence[int] | pd.Series) -> np.ndarray:
    """Turn labels into targets: float32 of shape (n, 3), 1 at the label, columns in LABELS order."""
    return np.eye(len(LABELS), dtype=np.float32)[np.asarray(label_ids, dtype=np.int64)]


def sha256(path: Path) -> str:
    """Hash a file; hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def with_augmentation(labelled: pd.DataFrame, settings: Augmentation, *, seed: int) -> pd.DataFrame:
    """Add texts made for training to the labelled ones.

    Args:
        labelled: frame with LABELLED_COLUMNS.
        settings: how many.
        seed: seed of what is made.

    Returns:
        A frame with LABELLED_COLUMNS: the labelled rows, then made ones, all of them in the training split and none
        like a validation or test text.
    """
    held_out = set(labelled.loc[labelled["split"] != "train", "fingerprint"])
    training = labelled[labelled["split"] == "train"]
    made = [
        _made(training, DIRECTION, direction_texts(settings.direction_texts, seed=seed)),
        _made(training, NEWS, news_texts(settings.news_texts, seed=seed)),
    ]
    copied = pd.concat([training, *made], ignore_index=True)
    for number in range(settings.variations):
        varied = vary_texts(training["text"].tolist(), seed=seed + number)
        made.append(training.assign(text=varied, source=VARIATION, original=varied))
    texts = copied["text"].tolist()
    swapped = [swap_identities(texts, seed=seed + number) for number in range(settings.identity_swaps)]
    made.extend(copied.assign(text=copies, source=IDENTITY) for copies in swapped)
    return _with_new(labelled, pd.concat(made, ignore_index=True), held_out)


def _made(like: pd.DataFrame, source: str, pairs: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Put made texts and their labels into a frame like another one."""
    made = pd.DataFrame({"text": [text for text, _ in pairs], "label": [label for _, label in pairs]}, dtype="str")
    return made.assign(source=source, split="train", original=made["text"]).reindex(columns=like.columns)


def _with_new(labelled: pd.DataFrame, made: pd.DataFrame, held_out: AbstractSet[str]) -> pd.DataFrame:
    """Add those made texts that are neither among the labelled ones nor like a held-out one, each once."""
    kept = set(without_leaks(list(zip(made["text"], made["label"], strict=True)), held_out))
    is_kept = [pair in kept for pair in zip(made["text"], made["label"], strict=True)]
    made = made[np.array(is_kept, dtype=bool)]
    made = made.assign(fingerprint=made["text"].map(fingerprint), label_id=made["label"].map(LABELS.index))
    made = made[~made["fingerprint"].isin(set(labelled["fingerprint"]))].drop_duplicates("fingerprint")
    made["label_id"] = made["label_id"].astype("int64")
    return pd.concat([labelled, made[list(LABELLED_COLUMNS)]], ignore_index=True)
