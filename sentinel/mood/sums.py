"""Sum arrays by integer keys."""

from __future__ import annotations

import numpy as np

DENSE_KEYS_PER_ROW = 4
"""With as many possible keys for each row, a table of them takes no more memory than sorting the rows."""


def sum_by(key: np.ndarray, values: np.ndarray, n_keys: int) -> np.ndarray:
    """Sum values by key, 0 for a key without any: float array of shape (n_keys,)."""
    return np.bincount(key, weights=values, minlength=n_keys).astype(float)


def joint_codes(*parts: tuple[np.ndarray, int]) -> tuple[np.ndarray, list[np.ndarray]]:
    """Number the combinations of codes that occur, in the order of the codes.

    Args:
        parts: int codes from 0 on, all arrays of one length, each with how many codes there can be.

    Returns:
        The number of each row's combination, and the codes that each number stands for, an array per part.
    """
    key = np.zeros(len(parts[0][0]), dtype=np.int64)
    n_keys = 1
    for codes, n_codes in parts:
        key = key * max(n_codes, 1) + codes
        n_keys *= max(n_codes, 1)
    found, number = _number(key, n_keys)
    stands_for = []
    for _, n_codes in reversed(parts):
        stands_for.append(found % max(n_codes, 1))
        found = found // max(n_codes, 1)
    return number, stands_for[::-1]


def _number(key: np.ndarray, n_keys: int) -> tuple[np.ndarray, np.ndarray]:
    """Find the keys that occur, in order, and the place of each row's among them; few possible keys need no sorting."""
    if n_keys > DENSE_KEYS_PER_ROW * len(key):
        return np.unique(key, return_inverse=True)
    occurs = np.zeros(n_keys, dtype=bool)
    occurs[key] = True
    found = np.flatnonzero(occurs)
    place = np.zeros(n_keys, dtype=np.int64)
    place[found] = np.arange(len(found))
    return found, place[key]
