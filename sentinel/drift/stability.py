"""How far a distribution has moved from another, and how far it moves by chance."""

from __future__ import annotations

import numpy as np

N_BINS = 10
_Z_95 = 1.644854  # one-sided
_ABSENT = 0.5


def psi(reference: np.ndarray, sample: np.ndarray) -> float:
    """Give the population stability index between two samples of a figure.

    Bins are the reference's deciles, fewer where values repeat. Half a value is added to every bin, so that one that
    is empty in a sample counts and is not infinite.

    Args:
        reference: float array of shape (n,).
        sample: float array of shape (m,).

    Returns:
        The sum of (p - q) ln(p / q) over the bins, 0 or more; NaN where either has no value. By custom under 0.1 is
        stable and from 0.25 on another population.

    Source: Siddiqi 2006, "Credit Risk Scorecards", chapter 8; it is the symmetric divergence of Jeffreys 1946.
    """
    if not len(reference) or not len(sample):
        return float("nan")
    edges = _edges(reference)
    p, q = (_shares(np.searchsorted(edges, values, side="right"), len(edges) + 1) for values in (sample, reference))
    return float(np.sum((p - q) * np.log(p / q)))


def psi_noise(reference: np.ndarray, sample: np.ndarray) -> float:
    """Give the index that two samples of one population stay under in 95 of 100 cases; NaN where either is empty.

    Source: Yurdakul 2018, "Statistical Properties of the Population Stability Index", chapter 3: the index by
    (1/n + 1/m) is chi-squared with a degree of freedom fewer than there are bins; its quantile by Wilson and Hilferty
    1931.
    """
    if not len(reference) or not len(sample):
        return float("nan")
    freedom = max(len(_edges(reference)), 1)
    step = 2.0 / (9.0 * freedom)
    return float(freedom * (1.0 - step + _Z_95 * step**0.5) ** 3 * (1.0 / len(reference) + 1.0 / len(sample)))


def _edges(reference: np.ndarray) -> np.ndarray:
    """Give the values that part the bins; the lowest value of all parts nothing."""
    edges = np.unique(np.quantile(reference, np.arange(1, N_BINS) / N_BINS))
    return np.asarray(edges[edges > reference.min()])


def _shares(bins: np.ndarray, n_bins: int) -> np.ndarray:
    counts = np.bincount(bins, minlength=n_bins) + _ABSENT
    return np.asarray(counts / counts.sum())
