"""Which texts are scored in one batch, and how large a batch may be: pure decisions about lengths and bytes.

Comes in: texts as token ids. Goes out: batches of one fixed shape. Texts of like length stand together, one behind the
other without padding between them, so a batch holds no wasted work but what is left over at its end. Invariant: every
batch has the same number of rows, whatever is in it, because matrix products round differently in different shapes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

TOKENS_PER_TEXT = 8
"""What a text is expected to have at least; batches of shorter ones are full before their tokens are."""
LONG_TEXT = 64
"""From this length on torch chooses how it attends by the number of texts, too, so each is a group of its own."""


@dataclass(frozen=True)
class Batch:
    """Texts that are scored together.

    Attributes:
        texts: int array of shape (n_texts,), which texts, in the order of the groups.
        token_ids: int64 array of shape (budget,), text after text; what follows the last one is 0.
        positions: int64 array of shape (budget,), place of each token in its text.
        last_rows: int64 array of shape (n_slots,), row of each text's last token; what follows the last one is 0.
        groups: (n_texts, length in tokens) of texts of one length that follow each other.
    """

    texts: np.ndarray
    token_ids: np.ndarray
    positions: np.ndarray
    last_rows: np.ndarray
    groups: tuple[tuple[int, int], ...]


def plan_batches(lengths: Sequence[int], budget: int) -> list[np.ndarray]:
    """Divide texts over batches, the longest first, so that what does not fit shows at once.

    Args:
        lengths: tokens of each text, 1 to ``budget``.
        budget: tokens of a batch.

    Returns:
        Which texts are in each batch, by falling length.
    """
    counts = np.asarray(lengths, dtype=np.int64)
    order = np.argsort(-counts, kind="stable")
    ends = np.cumsum(counts[order])
    batches, start, spent = [], 0, 0
    while start < len(order):
        stop = int(np.searchsorted(ends, spent + budget, side="right"))
        stop = min(stop, start + n_slots(budget))
        batches.append(order[start:stop])
        start, spent = stop, int(ends[stop - 1])
    return batches


def pack(rows: Sequence[Sequence[int]], texts: np.ndarray, budget: int) -> Batch:
    """Put texts one behind the other.

    Args:
        rows: token ids of all texts, none empty.
        texts: which of them, by falling length; together at most ``budget`` tokens.
        budget: tokens of a batch.

    Returns:
        The batch.
    """
    lengths = np.array([len(rows[text]) for text in texts], dtype=np.int64)
    ends = np.cumsum(lengths)
    token_ids, positions = np.zeros(budget, dtype=np.int64), np.zeros(budget, dtype=np.int64)
    token_ids[: ends[-1]] = np.concatenate([np.asarray(rows[text], dtype=np.int64) for text in texts])
    positions[: ends[-1]] = np.arange(ends[-1]) - np.repeat(ends - lengths, lengths)
    last_rows = np.zeros(n_slots(budget), dtype=np.int64)
    last_rows[: len(texts)] = ends - 1
    return Batch(texts, token_ids, positions, last_rows, _groups(lengths))


def _groups(lengths: np.ndarray) -> tuple[tuple[int, int], ...]:
    """Count texts of one length that follow each other; long ones stand alone."""
    values, counts = np.unique(-lengths, return_counts=True)
    groups: list[tuple[int, int]] = []
    for length, count in zip((-values).tolist(), counts.tolist(), strict=True):
        groups += [(1, length)] * count if length >= LONG_TEXT else [(count, length)]
    return tuple(groups)


def n_slots(budget: int) -> int:
    """Tell how many texts a batch can hold."""
    return max(1, budget // TOKENS_PER_TEXT)


def fitting_budget(free_bytes: int, bytes_per_token: int, *, most: int, least: int) -> int:
    """Find how many tokens a batch may have in the memory that is free.

    Args:
        free_bytes: free memory; half of it is left to others.
        bytes_per_token: what one token takes while it is scored.
        most: never more tokens than this.
        least: never fewer; a single text must fit.

    Returns:
        ``most`` halved until it fits, so that equal machines that are filled a little differently have equal batches.
    """
    budget = most
    while budget > least and budget * bytes_per_token > free_bytes // 2:
        budget = max(least, budget // 2)
    return budget


def smaller_budget(budget: int, *, least: int) -> int | None:
    """Halve a budget that did not fit; None where a single text would not fit any more."""
    return max(least, budget // 2) if budget > least else None
