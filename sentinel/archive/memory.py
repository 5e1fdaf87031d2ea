"""Scores of texts that were met before, as many as memory is given for."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from sentinel.records import LABELS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Score = Callable[[list[str]], np.ndarray]

REMEMBERED_TEXTS = 262_144
"""About 40 MB of names and scores."""
_NAME_BYTES = 16


class RememberedScores:
    """A scorer that is asked once for a text, unless so many others lay between that it was forgotten."""

    def __init__(self, score: Score, *, n_texts: int = REMEMBERED_TEXTS) -> None:
        self._score = score
        self._place_of: dict[bytes, int] = {}
        self._name_at: list[bytes] = [b""] * n_texts
        self._scores = np.empty((n_texts, len(LABELS)), dtype=np.float32)
        self._next = 0

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """Score texts; float32 of shape (n_texts, 3), columns in LABELS order."""
        names = [_name(text) for text in texts]
        unknown = {name: text for name, text in zip(names, texts, strict=True) if name not in self._place_of}
        row_of = {name: row for row, name in enumerate(unknown)}
        scores = np.empty((len(texts), len(LABELS)), dtype=np.float32)
        known = [row for row, name in enumerate(names) if name not in row_of]
        scores[known] = self._scores[[self._place_of[names[row]] for row in known]]
        if unknown:
            said = self._score(list(unknown.values()))
            fresh = [row for row, name in enumerate(names) if name in row_of]
            scores[fresh] = said[[row_of[names[row]] for row in fresh]]
            self._remember(unknown, said)
        return scores

    def _remember(self, names: Sequence[bytes] | dict[bytes, str], said: np.ndarray) -> None:
        for name, scores in zip(names, said, strict=True):
            self._place_of.pop(self._name_at[self._next], None)
            self._place_of[name], self._name_at[self._next] = self._next, name
            self._scores[self._next] = scores
            self._next = (self._next + 1) % len(self._name_at)


def _name(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_NAME_BYTES).digest()
