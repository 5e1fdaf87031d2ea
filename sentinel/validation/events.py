"""What the price did around the sessions of the strongest surprises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from sentinel.price_figures import EventPath

if TYPE_CHECKING:
    import pandas as pd

BEFORE, AFTER = 5, 10
STRONG_SHARE = 0.05
MIN_EVENTS = 10
N_DRAWS = 1_000
_SIDES: tuple[tuple[Literal["best", "worst"], float], ...] = (("best", 1.0), ("worst", -1.0))


def event_paths(table: pd.DataFrame, generator: np.random.Generator) -> tuple[EventPath, ...]:
    """Average the price around the STRONG_SHARE best and worst surprises.

    Args:
        table: frame with SESSION_COLUMNS.
        generator: of the bootstrap.

    Returns:
        The paths of best and worst news; none where there are under MIN_EVENTS sessions with prices all around them. A
        path is the log price less its mean drift, 0 at the close of the event's session, so that what comes after 0
        could have been traded and what comes before could not. What is strong is judged by all sessions: this
        describes, it does not forecast.

    Source: MacKinlay 1997, "Event Studies in Economics and Finance", Journal of Economic Literature 35(1)
    (constant mean return); percentile bootstrap over events as in Efron and Tibshirani 1993, chapter 13.
    """
    returns = table["session_return"].to_numpy(dtype=float)
    surprise = table["surprise"].to_numpy(dtype=float)
    offsets = np.arange(-BEFORE, AFTER + 1)
    inside = np.arange(BEFORE, len(table) - AFTER)
    if len(inside) == 0:
        return ()
    abnormal = returns - np.nanmean(returns)
    window = abnormal[inside[:, None] + offsets[None, :]]
    complete = np.isfinite(window).all(axis=1) & np.isfinite(surprise[inside])
    places, paths = inside[complete], _paths(window[complete])
    n_events = round(STRONG_SHARE * len(places))
    if n_events < MIN_EVENTS:
        return ()
    found = []
    for side, sign in _SIDES:
        chosen = np.argsort(-sign * surprise[places], kind="stable")[:n_events]
        low, high = _band(paths[chosen], generator)
        found.append(
            EventPath(
                side=side,
                n_events=n_events,
                threshold=float(surprise[places[chosen[-1]]]),
                offsets=tuple(offsets.tolist()),
                mean=tuple(paths[chosen].mean(axis=0).tolist()),
                low=tuple(low.tolist()),
                high=tuple(high.tolist()),
            )
        )
    return tuple(found)


def _paths(window: np.ndarray) -> np.ndarray:
    """Sum returns to log prices that are 0 at the event: arrays of shape (n_events, BEFORE + 1 + AFTER)."""
    prices = np.cumsum(window, axis=1)
    return np.asarray(prices - prices[:, [BEFORE]])


def _band(paths: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Draw events with replacement: how often each is drawn, times the paths, is the mean of a draw."""
    n = len(paths)
    counts = generator.multinomial(n, np.full(n, 1.0 / n), size=N_DRAWS)
    return np.asarray(np.percentile(counts @ paths / n, [2.5, 97.5], axis=0))
