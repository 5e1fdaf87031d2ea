"""Correlations and means whose standard errors allow for dependence between neighbouring sessions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentinel.price_figures import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

MIN_PAIRS = 30
"""Fewer pairs than this give no estimate."""


def newey_west(scores: np.ndarray) -> float:
    """Give the standard error of the mean of a series that may depend on its past.

    Args:
        scores: float array of shape (n,), in order of time.

    Returns:
        Square root of the long-run variance over n.

    Source: Newey and West 1987, "A Simple, Positive Semi-Definite, Heteroskedasticity and Autocorrelation Consistent
    Covariance Matrix", Econometrica 55(3) (Bartlett weights 1 - j / (L + 1)); L = floor(4 (n / 100)^(2/9))
    as in Newey and West 1994, Review of Economic Studies 61(4).
    """
    n = len(scores)
    centred = scores - scores.mean()
    n_lags = math.floor(4.0 * (n / 100.0) ** (2.0 / 9.0))
    variance = centred @ centred
    for lag in range(1, min(n_lags, n - 1) + 1):
        variance += 2.0 * (1.0 - lag / (n_lags + 1.0)) * (centred[lag:] @ centred[:-lag])
    return math.sqrt(max(variance, 0.0)) / n


def mean_estimate(values: np.ndarray) -> Estimate:
    """Give the mean of the known values with its Newey-West error."""
    known = values[np.isfinite(values)]
    if len(known) < MIN_PAIRS:
        return Estimate(len(known), math.nan, math.nan)
    return Estimate(len(known), float(known.mean()), newey_west(known))


def correlation(x: np.ndarray, y: np.ndarray) -> Estimate:
    """Give Pearson's correlation of two series with its Newey-West error.

    Args:
        x: float array of shape (n,), NaN where unknown.
        y: the same.

    Returns:
        The correlation over the pairs that are known. It is the slope of the regression of standardised y on
        standardised x, and so is its error. NaN under MIN_PAIRS pairs, or where one of both does not vary.
    """
    known = np.isfinite(x) & np.isfinite(y)
    n = int(known.sum())
    if n < MIN_PAIRS or np.ptp(x[known]) == 0 or np.ptp(y[known]) == 0:
        return Estimate(n, math.nan, math.nan)
    first, second = (_standardised(values[known]) for values in (x, y))
    value = float((first * second).mean())
    return Estimate(n, value, newey_west(first * (second - value * first)))


def rank_correlation(x: np.ndarray, y: np.ndarray) -> Estimate:
    """Give Spearman's rank correlation of two series, the information coefficient, with its Newey-West error."""
    known = np.isfinite(x) & np.isfinite(y)
    ranks = (pd.Series(values[known]).rank().to_numpy() for values in (x, y))
    return correlation(*ranks)


def two_sided_p(t: float) -> float:
    """Give the p-value of a t-value by the normal distribution; 1 where it is not defined."""
    return math.erfc(abs(t) / math.sqrt(2.0)) if math.isfinite(t) else 1.0


def upper_p(t: float) -> float:
    """Give the one-sided p-value of a t-value above 0; 1 where it is not defined."""
    return 0.5 * math.erfc(t / math.sqrt(2.0)) if math.isfinite(t) else 1.0


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct p-values for their number, so that a false one among all is as rare as a single one was.

    Args:
        p_values: any order.

    Returns:
        Corrected ones, in the same order, at most 1. It holds whatever the tests' dependence is.

    Source: Holm 1979, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics
    6(2).
    """
    given = np.asarray(p_values, dtype=float)
    order = np.argsort(given, kind="stable")
    stepped = np.maximum.accumulate(given[order] * np.arange(len(given), 0, -1))
    corrected = np.empty(len(given))
    corrected[order] = np.minimum(stepped, 1.0)
    return corrected.tolist()


def _standardised(values: np.ndarray) -> np.ndarray:
    return np.asarray((values - values.mean()) / values.std())
