"""The simple systems a model is measured beside: which rows train them, and what they reach.

Comes in: the measured rows and, if there are any, rows to train on. Goes out: figures of each baseline on the measured
rows. Invariant: no headline, by its fingerprint, is both trained on and predicted.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sentinel.errors import TrainingError
from sentinel.figures import BaselineFigures
from sentinel.model.evaluation import (
    headline_figures,
    majority_probabilities,
    tfidf_probabilities,
    vader_probabilities,
)
from sentinel.records import LABELS
from sentinel.text import fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Predict = Callable[[Sequence[str], np.ndarray, Sequence[str]], np.ndarray]
    """Training texts, their label ids, texts -> float array of shape (n_texts, 3)."""

N_FOLDS = 5
FOLDS_WORDS = f"{N_FOLDS}-fold on these rows"
MAJORITY, VADER, TFIDF = "majority", "VADER", "TF-IDF + LR"


@dataclass(frozen=True)
class TrainingRows:
    """Rows that train the baselines.

    Attributes:
        name: where they come from, for a person.
        texts: cleaned texts.
        label_ids: int array of shape (n,), positions in LABELS.
    """

    name: str
    texts: list[str]
    label_ids: np.ndarray


def leave_out_shared(training: TrainingRows, texts: Sequence[str]) -> tuple[TrainingRows, int]:
    """Drop the training rows whose headline is among the measured ones.

    Args:
        training: rows to train on.
        texts: measured texts.

    Returns:
        The other rows, and how many were dropped.

    Raises:
        TrainingError: none are left.
    """
    measured = {fingerprint(text) for text in texts}
    kept = [position for position, text in enumerate(training.texts) if fingerprint(text) not in measured]
    if not kept:
        raise TrainingError("every headline in it is also in the measured file", where=training.name)
    rows = TrainingRows(training.name, [training.texts[position] for position in kept], training.label_ids[kept])
    return rows, len(training.texts) - len(kept)


def measure_baselines(
    texts: Sequence[str], label_ids: np.ndarray, training: TrainingRows | None
) -> tuple[tuple[BaselineFigures, ...], tuple[str, ...]]:
    """Measure majority vote, VADER and TF-IDF with logistic regression.

    Args:
        texts: measured texts.
        label_ids: int array of shape (n,), their labels.
        training: rows to train on, none of them among the measured ones; None for cross-fitting on the measured rows.

    Returns:
        Figures of each baseline that could be made, and a sentence on each reason why others could not.
    """
    trained_on = f"{len(training.texts):,} rows of {training.name}" if training else FOLDS_WORDS
    systems: dict[str, tuple[str, Predict]] = {
        MAJORITY: (trained_on, lambda _, ids, predicted: majority_probabilities(ids, len(predicted))),
        VADER: ("nothing: a lexicon", lambda _texts, _ids, predicted: vader_probabilities(predicted)),
        TFIDF: (trained_on, tfidf_probabilities),
    }
    found: list[BaselineFigures] = []
    left_out: dict[str, list[str]] = {}
    for name, (rows, predict) in systems.items():
        try:
            if training:
                probabilities = predict(training.texts, training.label_ids, texts)
            elif name == VADER:
                probabilities = predict((), label_ids, texts)
            else:
                probabilities = cross_fit(texts, label_ids, predict)
        except TrainingError as error:
            left_out.setdefault(str(error), []).append(name)
        else:
            found.append(BaselineFigures(name, rows, headline_figures(label_ids, probabilities)))
    return tuple(found), tuple(_left_out_words(left_out))


def _left_out_words(left_out: dict[str, list[str]]) -> Iterator[str]:
    for reason, names in left_out.items():
        yield f"{' and '.join(names)} {'are' if len(names) > 1 else 'is'} left out: {reason}"


def cross_fit(texts: Sequence[str], label_ids: np.ndarray, predict: Predict) -> np.ndarray:
    """Predict every text by a system that was trained on the folds it is not in.

    Args:
        texts: labelled texts.
        label_ids: int array of shape (n,).
        predict: trains on its first two arguments and predicts its third.

    Returns:
        float array of shape (n, 3).

    Raises:
        TrainingError: there are not two different headlines, or ``predict`` cannot be trained on a fold.
    """
    folds = assign_folds(texts, label_ids)
    if folds.max(initial=0) == 0:
        raise TrainingError("too few different texts or labels to train on")
    probabilities = np.zeros((len(texts), len(LABELS)))
    for fold in np.unique(folds):
        trained, held_out = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        probabilities[held_out] = predict(
            [texts[row] for row in trained.tolist()], label_ids[trained], [texts[row] for row in held_out.tolist()]
        )
    return probabilities


def assign_folds(texts: Sequence[str], label_ids: np.ndarray) -> np.ndarray:
    """Deal headlines into N_FOLDS folds, so that each has its share of every label.

    The same headline, by its fingerprint, is in one fold however often it occurs; which one follows from the rows
    alone, not from their order.

    Args:
        texts: labelled texts.
        label_ids: int array of shape (n,).

    Returns:
        int array of shape (n,), values below N_FOLDS.
    """
    prints = [fingerprint(text) for text in texts]
    label_of: dict[str, int] = {}
    for name, label_id in zip(prints, label_ids.tolist(), strict=True):
        label_of[name] = min(label_id, label_of.get(name, label_id))
    dealt = sorted(label_of, key=lambda name: (label_of[name], hashlib.sha256(name.encode()).hexdigest()))
    fold_of = {name: position % N_FOLDS for position, name in enumerate(dealt)}
    return np.array([fold_of[name] for name in prints], dtype=np.int64)
