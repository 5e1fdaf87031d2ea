"""Measure everything on a table of sessions: lags, the tests that count, events and decay."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sentinel.figures import wilson_interval
from sentinel.price_figures import Decay, Findings, HitRate, LagFigures, LinkTest, Target
from sentinel.validation.dependence import correlation, holm, rank_correlation, two_sided_p
from sentinel.validation.events import event_paths
from sentinel.validation.walk_forward import walk_forward

if TYPE_CHECKING:
    import pandas as pd

    from sentinel.price_figures import Estimate, WalkForward

SIGNALS = ("mood", "surprise")
MAX_LAG = 10
TESTED_LAGS = (1, 2, 3, 4, 5)
ALPHA = 0.01
"""Chance that pure noise passes any of the tests."""


@dataclass(frozen=True)
class _Candidate:
    signal: str
    target: Target
    lag: int
    x: np.ndarray
    sign: np.ndarray
    y: np.ndarray


def measure(table: pd.DataFrame, *, cost_bp: float, seed: int) -> Findings:
    """Measure how the mood of sessions goes with their returns.

    Args:
        table: frame with SESSION_COLUMNS.
        cost_bp: cost of trading in basis points of the traded amount.
        seed: of the bootstrap.

    Returns:
        The findings. Tested are both signals against the returns of TESTED_LAGS, and where opens were traded the
        surprise of the night against the return from open to close.
    """
    returns = table["session_return"].to_numpy(dtype=float)
    lags = tuple(
        _lag_figures(table[signal].to_numpy(dtype=float), returns, signal, lag)
        for signal in SIGNALS
        for lag in range(-MAX_LAG, MAX_LAG + 1)
    )
    return Findings(
        n=int((table["mood"].notna() & table["session_return"].shift(-1).notna()).sum()),
        lags=lags,
        tests=_tests(table, cost_bp=cost_bp),
        events=event_paths(table, np.random.default_rng(seed)),
        decays=tuple(_decay(table[signal].to_numpy(dtype=float), signal, lags) for signal in SIGNALS),
    )


def returns_after(returns: np.ndarray, lag: int) -> np.ndarray:
    """Give at each place the return ``lag`` places later (earlier, below 0); NaN beyond the ends."""
    moved = np.full_like(returns, np.nan)
    n = len(returns)
    if abs(lag) < n:
        moved[max(-lag, 0) : n - max(lag, 0)] = returns[max(lag, 0) : n - max(-lag, 0)]
    return moved


def _lag_figures(x: np.ndarray, returns: np.ndarray, signal: str, lag: int) -> LagFigures:
    y = returns_after(returns, lag)
    return LagFigures(signal, lag, correlation(x, y), rank_correlation(x, y))


def _tests(table: pd.DataFrame, *, cost_bp: float) -> tuple[LinkTest, ...]:
    candidates = _candidates(table)
    coefficients = [rank_correlation(candidate.x, candidate.y) for candidate in candidates]
    p_values = [two_sided_p(found.t) for found in coefficients]
    days = table["session"].to_numpy(dtype=object)
    tests = [
        _test(candidate, ic, (p, p_holm), days, cost_bp)
        for candidate, ic, p, p_holm in zip(candidates, coefficients, p_values, holm(p_values), strict=True)
    ]
    return tuple(sorted(tests, key=lambda test: test.p))


def _candidates(table: pd.DataFrame) -> list[_Candidate]:
    returns, day_returns, surprise, overnight = (
        table[name].to_numpy(dtype=float) for name in ("session_return", "day_return", "surprise", "overnight")
    )
    found = [
        _Candidate(
            signal, "close to close", lag, table[signal].to_numpy(dtype=float), surprise, returns_after(returns, lag)
        )
        for signal in SIGNALS
        for lag in TESTED_LAGS
    ]
    if np.isfinite(day_returns).any():
        found.append(_Candidate("overnight", "open to close", 0, overnight, overnight, day_returns))
    return found


def _test(
    candidate: _Candidate, ic: Estimate, p_values: tuple[float, float], days: np.ndarray, cost_bp: float
) -> LinkTest:
    walk: WalkForward | None = walk_forward(
        candidate.x, candidate.y, days, delay=max(candidate.lag, 1), cost_bp=cost_bp
    )
    hits = hit_rate(candidate.sign, candidate.y)
    return LinkTest(candidate.signal, candidate.target, candidate.lag, ic, *p_values, hits, walk)


def hit_rate(signal: np.ndarray, returns: np.ndarray) -> HitRate | None:
    """Count how often two series have the same sign; None where they never both have one.

    Source: the share by chance as in Pesaran and Timmermann 1992, Journal of Business and Economic Statistics 10(4):
    a rising market and a glad mood meet more than half of the time without knowing of each other.
    """
    known = np.isfinite(signal) & np.isfinite(returns) & (signal != 0) & (returns != 0)
    if not known.any():
        return None
    up, rose = signal[known] > 0, returns[known] > 0
    chance = up.mean() * rose.mean() + (1.0 - up.mean()) * (1.0 - rose.mean())
    return HitRate(int(known.sum()), wilson_interval(int((up == rose).sum()), int(known.sum())), float(chance))


def _decay(signal: np.ndarray, name: str, lags: tuple[LagFigures, ...]) -> Decay:
    coefficients = [found.ic for found in lags if found.signal == name and found.lag >= 1]
    persistence = correlation(signal[:-1], signal[1:]).value
    is_told = two_sided_p(coefficients[0].t) < ALPHA
    return Decay(name, half_life([found.value for found in coefficients]) if is_told else None, persistence)


def half_life(coefficients: list[float]) -> float | None:
    """Say after how many lags a coefficient has fallen to half of its first, in a straight line between two lags.

    Args:
        coefficients: of the lags 1, 2 and so on.

    Returns:
        Sessions from lag 1; None where it never falls so far.
    """
    half = abs(coefficients[0]) / 2.0
    along = [math.copysign(1.0, coefficients[0]) * value for value in coefficients]
    for place in range(1, len(along)):
        if along[place] <= half:
            before = along[place - 1]
            return place - 1 + (before - half) / (before - along[place])
    return None
