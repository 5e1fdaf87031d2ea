"""How many stories are enough, and how far a mean of few stories is drawn towards 0."""

from __future__ import annotations

import numpy as np

SHRINKAGE_STORIES = 5.0
MIN_EFFECTIVE_STORIES = 3.0
ROUNDING = 1e-9


def effective_stories(sum_w: np.ndarray, sum_w2: np.ndarray) -> np.ndarray:
    """Count stories by their weights: (sum w)^2 / sum w^2; 0 where there are none.

    Source: Kish 1965, "Survey Sampling", section 11.7 (effective sample size).
    """
    return np.asarray(np.divide(sum_w**2, sum_w2, out=np.zeros_like(sum_w, dtype=float), where=sum_w2 > 0))


def is_enough(n_eff: np.ndarray) -> np.ndarray:
    """Say where the effective stories suffice for a figure."""
    return np.asarray(n_eff >= MIN_EFFECTIVE_STORIES - ROUNDING)


def shrink_factor(n_eff: np.ndarray) -> np.ndarray:
    """Give what a mean is multiplied by, n_eff / (n_eff + 5): below 1, and nearer to it the more stories there are.

    Source: Efron and Morris 1977, "Stein's Paradox in Statistics", Scientific American 236(5); 5 is a choice.
    """
    return np.asarray(n_eff / (n_eff + SHRINKAGE_STORIES))


def ratio(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """Divide; NaN where the divisor is 0."""
    return np.asarray(np.divide(top, bottom, out=np.full(np.shape(top), np.nan), where=bottom > 0))


def shrunk_mood(sum_ws: np.ndarray, sum_w: np.ndarray, n_eff: np.ndarray) -> np.ndarray:
    """Give the mood: weighted mean polarity, shrunk, x100; NaN under MIN_EFFECTIVE_STORIES."""
    return np.where(is_enough(n_eff), 100.0 * ratio(sum_ws, sum_w) * shrink_factor(n_eff), np.nan)
