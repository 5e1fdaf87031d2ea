"""How new the words of a week are, counted in the byte pieces that the model reads.

The pieces of a bundle's tokenizer were learned from its training text: a word that was frequent there is one piece, one
that was not falls into several. So pieces per word tell of words that the training text lacked. Bits per piece tell of
words that the reference lacked, whatever the training text had.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_UNSEEN = 0.5


@dataclass(frozen=True)
class PieceCounts:
    """How often each piece occurs in some texts.

    Attributes:
        counts: int array of shape (n_pieces,), by the number of the piece; those behind its end occur never.
        n_words: words of the texts, parted by white space.
    """

    counts: np.ndarray
    n_words: int

    def __add__(self, other: PieceCounts) -> PieceCounts:
        """Put the texts of both together."""
        counts, others = _of_one_length(self.counts, other.counts)
        return PieceCounts(counts + others, self.n_words + other.n_words)

    def pieces_per_word(self) -> float:
        """Give the pieces that a word falls into; NaN without a word."""
        return float(self.counts.sum() / self.n_words) if self.n_words else float("nan")

    def bits_per_piece(self, reference: PieceCounts) -> float:
        """Give the mean surprisal of a piece, in bits, by how often it occurs in a reference.

        The order of the pieces says nothing here: a language model's surprisal would be lower, and tell of style as
        well as of words.

        Args:
            reference: of other texts.

        Returns:
            The cross entropy; NaN where either has no piece.

        Source: Shannon 1948, "A Mathematical Theory of Communication"; half a piece is added to every count
        (Krichevsky and Trofimov 1981, "The Performance of Universal Encoding"), so that a new one is not infinite.
        """
        if not self.counts.sum() or not reference.counts.sum():
            return float("nan")
        counts, known = _of_one_length(self.counts, reference.counts)
        smoothed = known + _UNSEEN
        return float((counts * -np.log2(smoothed / smoothed.sum())).sum() / counts.sum())


def _of_one_length(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    n_pieces = max(len(left), len(right))
    return np.pad(left, (0, n_pieces - len(left))), np.pad(right, (0, n_pieces - len(right)))
