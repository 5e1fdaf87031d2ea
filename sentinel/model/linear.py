"""TF-IDF with logistic regression as a bundle: what scikit-learn has learned, scored without it.

Comes in: cleaned texts. Goes out: a float32 array of shape (n_texts, 3), columns in LABELS order. The directory holds
``vocabulary.json`` (words and word pairs in the order of the columns) and ``model.safetensors`` (idf, weights, bias).
"""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from sentinel.errors import ModelError
from sentinel.records import LABELS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sentinel.model.bundle import Bundle

VOCABULARY = "vocabulary.json"
WEIGHTS = "model.safetensors"
WORD_PATTERN = r"(?u)\b\w\w+\b"
"""What scikit-learn's TfidfVectorizer takes for a word."""


class LinearScorer:
    """A loaded linear model over words and word pairs; sublinear term frequencies, rows of length 1."""

    def __init__(self, bundle: Bundle) -> None:
        try:
            terms = json.loads((bundle.path / VOCABULARY).read_text(encoding="utf-8"))
            weights = load_file(bundle.path / WEIGHTS)
            self._column_of_term = {str(term): column for column, term in enumerate(terms)}
            self._idf, self._weights, self._bias = weights["idf"], weights["weights"], weights["bias"]
        except (OSError, ValueError, TypeError, KeyError, SafetensorError) as error:
            raise ModelError(f"cannot be loaded: {error}", where=str(bundle.path)) from error
        n_terms = len(self._column_of_term)
        expected = ((n_terms,), (n_terms, len(LABELS)), (len(LABELS),))
        if (self._idf.shape, self._weights.shape, self._bias.shape) != expected:
            raise ModelError("weights and vocabulary do not fit together", where=str(bundle.path))
        self._temperature = bundle.temperature
        self._find_words = re.compile(WORD_PATTERN).findall

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Score cleaned texts; float32 array of shape (n_texts, 3), columns in LABELS order, rows sum to 1."""
        logits = np.stack([self._logits(text) for text in texts]) / self._temperature
        unnormalised = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(unnormalised / unnormalised.sum(axis=1, keepdims=True), dtype=np.float32)

    def _logits(self, text: str) -> np.ndarray:
        words = self._find_words(text.lower())
        counts = Counter(words)
        counts.update(f"{first} {second}" for first, second in itertools.pairwise(words))
        known = {self._column_of_term[term]: count for term, count in counts.items() if term in self._column_of_term}
        if not known:
            return np.asarray(self._bias, dtype=np.float64)
        columns = np.fromiter(known, dtype=np.int64)
        values = (1 + np.log(np.fromiter(known.values(), dtype=np.float64))) * self._idf[columns]
        return np.asarray(values / np.linalg.norm(values) @ self._weights[columns] + self._bias)


def save_linear(path: Path, *, terms: Sequence[str], idf: np.ndarray, weights: np.ndarray, bias: np.ndarray) -> None:
    """Write a linear model.

    Args:
        path: directory, made when missing.
        terms: words and word pairs.
        idf: float array of shape (n_terms,).
        weights: float array of shape (n_terms, 3), columns in LABELS order.
        bias: float array of shape (3,).
    """
    path.mkdir(parents=True, exist_ok=True)
    (path / VOCABULARY).write_text(json.dumps(list(terms), ensure_ascii=False), encoding="utf-8")
    arrays = {"idf": idf, "weights": weights, "bias": bias}
    save_file({name: np.ascontiguousarray(array, dtype=np.float32) for name, array in arrays.items()}, path / WEIGHTS)
