"""Fuse the probabilities of several models by stacking.

Comes in: one array of shape (n_texts, 3) from each member. Goes out: one such array. The fusion is a multinomial
logistic regression on the members' log-probabilities, fitted on texts that no member was trained on.

Source: Wolpert 1992, "Stacked Generalization".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sentinel.errors import ModelError, TrainingError
from sentinel.records import LABELS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FUSION = "fusion.json"
LEAST_PROBABILITY = 1e-4


@dataclass(frozen=True)
class Fusion:
    """Weights of a fusion.

    Attributes:
        members: names of the member models' folders inside the bundle, in the order of the weights.
        weights: float array of shape (3 * n_members, 3).
        bias: float array of shape (3,).
    """

    members: tuple[str, ...]
    weights: np.ndarray
    bias: np.ndarray

    def fuse(self, probabilities: Sequence[np.ndarray]) -> np.ndarray:
        """Fuse what the members say.

        Args:
            probabilities: an array of shape (n_texts, 3) from each member, in order.

        Returns:
            float32 array of shape (n_texts, 3), columns in LABELS order, rows sum to 1.
        """
        logits = _features(probabilities) @ self.weights + self.bias
        unnormalised = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(unnormalised / unnormalised.sum(axis=1, keepdims=True), dtype=np.float32)

    def save(self, path: Path) -> None:
        """Write it into a bundle's directory."""
        facts = {"members": self.members, "weights": self.weights.tolist(), "bias": self.bias.tolist()}
        (path / FUSION).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Fusion:
        """Read it from a bundle's directory.

        Raises:
            ModelError: it is missing or its numbers do not fit together.
        """
        try:
            facts = json.loads((path / FUSION).read_text(encoding="utf-8"))
            members = tuple(str(name) for name in facts["members"])
            weights = np.asarray(facts["weights"], dtype=np.float64)
            bias = np.asarray(facts["bias"], dtype=np.float64)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ModelError(f"cannot be read: {error}", where=str(path / FUSION)) from error
        is_inside = all((path / name).resolve().parent == path.resolve() for name in members)
        shapes = (weights.shape, bias.shape)
        if not is_inside or not members or shapes != ((len(LABELS) * len(members), len(LABELS)), (len(LABELS),)):
            raise ModelError("members and weights do not fit together", where=str(path / FUSION))
        return cls(members, weights, bias)


def fit_fusion(members: Sequence[str], probabilities: Sequence[np.ndarray], label_ids: np.ndarray) -> Fusion:
    """Fit a fusion on labelled texts that no member was trained on.

    Args:
        members: names.
        probabilities: an array of shape (n_texts, 3) from each member, in order.
        label_ids: int array of shape (n_texts,), positions in LABELS; every label occurs.

    Returns:
        The fusion.

    Raises:
        TrainingError: the ``train`` extra is not installed.
    """
    try:
        from sklearn.linear_model import LogisticRegression
    except ImportError as error:
        raise TrainingError("stacking needs more packages", hint="pip install 'sentinel-mood[train]'") from error
    model = LogisticRegression(C=1.0, max_iter=2_000).fit(_features(probabilities), label_ids)
    return Fusion(tuple(members), model.coef_.T, model.intercept_)


def _features(probabilities: Sequence[np.ndarray]) -> np.ndarray:
    """Put the members' log-probabilities side by side; float64 of shape (n_texts, 3 * n_members)."""
    return np.log(np.maximum(np.hstack(list(probabilities)).astype(np.float64), LEAST_PROBABILITY))
