"""The rows from which a classifier learns to read one name among several.

Comes in: labelled files with a name per row, and how many texts to make. Goes out: a frame whose texts have that name
marked (``sentinel.target``). Invariant: a headline stands in one split, whichever of its names a row asks about,
and in the same one as the headline without marks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sentinel.errors import TrainingError
from sentinel.model.training.augmentation import company_texts, without_leaks
from sentinel.model.training.datasets import LABELLED_COLUMNS, FileFacts, read_label_file, sha256, split_of
from sentinel.records import LABELS
from sentinel.target import mark_name
from sentinel.text import classifier_text, fingerprint

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sentinel.model.training.recipe import Companies, LabelFile

COMPANY_COLUMNS = (*LABELLED_COLUMNS, "disagrees")
"""``disagrees``: whether another name of the same headline has another label."""
MADE = "made companies"
_NAME = "entity"


def read_companies(
    settings: Companies, data_dir: Path, *, validation_share: float, test_share: float, seed: int
) -> tuple[pd.DataFrame, list[FileFacts]]:
    """Read the labelled names and make the texts that the recipe adds.

    Args:
        settings: files, and how many texts to make.
        data_dir: folder the paths are relative to.
        validation_share: part of all headlines for validation.
        test_share: part for test.
        seed: of what is made.

    Returns:
        A frame with COMPANY_COLUMNS, one row per headline and name, made ones last and all for training; and facts
        about each file.

    Raises:
        TrainingError: a file is missing, lacks a column, or has no usable row.
    """
    frames, facts = [], []
    for file in settings.labels:
        frame = _read_marked(file, data_dir / file.path)
        frames.append(frame)
        facts.append(FileFacts(file.name, len(frame), file.licence, file.source, sha256(data_dir / file.path)))
    rows = pd.concat(frames, ignore_index=True).drop_duplicates("text", ignore_index=True)
    rows["split"] = rows["fingerprint"].map(
        lambda key: split_of(key, validation_share=validation_share, test_share=test_share)
    )
    rows["disagrees"] = rows.groupby("fingerprint")["label"].transform("nunique") > 1
    held_out = set(rows.loc[rows["split"] != "train", "fingerprint"])
    made = _make(settings.generated_texts, held_out, seed=seed)
    both = pd.concat([rows, made], ignore_index=True)
    both["original"] = both["text"]
    both["label_id"] = both["label"].map(LABELS.index).astype("int64")
    return both[list(COMPANY_COLUMNS)], facts


def _read_marked(file: LabelFile, path: Path) -> pd.DataFrame:
    """Read one file and mark the names; rows whose text does not have the name are left out."""
    frame = read_label_file(path, extra=(_NAME,))
    frame["fingerprint"] = frame["text"].map(fingerprint)
    names = frame[_NAME].map(classifier_text)
    frame["text"] = [mark_name(text, name) for text, name in zip(frame["text"], names, strict=True)]
    frame["source"] = file.name
    frame = frame[frame["text"].notna() & (frame["fingerprint"] != "")]
    if frame.empty:
        raise TrainingError(f"no text has the name in its column {_NAME!r}", where=str(path))
    return frame


def _make(n_texts: int, held_out: set[str], *, seed: int) -> pd.DataFrame:
    pairs = without_leaks(company_texts(n_texts, seed=seed), held_out)
    made = pd.DataFrame(pairs, columns=["text", "label"], dtype="str")
    return made.assign(
        fingerprint=made["text"].map(fingerprint), source=MADE, split="train", disagrees=False
    ).drop_duplicates("text")


def by_source(rows: pd.DataFrame) -> Sequence[tuple[str, pd.DataFrame]]:
    """Group test rows as they are measured: each file, and of each the headlines whose names disagree."""
    test = rows[rows["split"] == "test"]
    groups: list[tuple[str, pd.DataFrame]] = []
    for source, of_file in test.groupby("source"):
        groups.append((str(source), of_file))
        if of_file["disagrees"].any():
            groups.append((f"{source} in disagreement", of_file[of_file["disagrees"]]))
    return groups
