"""Forecast each return from the past alone, and trade the sign of the forecast.

The window expands: at the moment of a signal everything is estimated from the pairs of signal and return that were
complete by then, and nothing else. All sessions are done at once by running sums.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sentinel.price_figures import WalkForward
from sentinel.validation.dependence import MIN_PAIRS, correlation, mean_estimate, upper_p

if TYPE_CHECKING:
    from datetime import date

MIN_HISTORY = 250
"""Complete pairs, about a year of them, that must lie in the past of a forecast."""
_BASIS_POINT = 1e-4


def expanding_forecasts(signal: np.ndarray, returns: np.ndarray, *, delay: int) -> tuple[np.ndarray, np.ndarray]:
    """Forecast each return by the regression over the pairs before.

    Args:
        signal: float array of shape (n,), NaN where unknown.
        returns: float array of shape (n,): at place i the return that signal i is to forecast.
        delay: how many places later the return of a pair is known when the signal of that place is: pairs up to place
            i - delay are complete at i.

    Returns:
        Forecasts, and means of the past returns, both of shape (n,); NaN where fewer than MIN_HISTORY pairs are
        complete or the signal is unknown.
    """
    known = np.isfinite(signal) & np.isfinite(returns)
    x, y = np.where(known, signal, 0.0), np.where(known, returns, 0.0)
    count, sum_x, sum_y, sum_xx, sum_xy = (
        _past_sum(values, delay) for values in (known.astype(float), x, y, x * x, x * y)
    )
    usable = (count >= MIN_HISTORY) & np.isfinite(signal)
    n = np.where(usable, count, 1.0)
    spread = sum_xx - sum_x**2 / n
    usable &= spread > 0
    slope = np.divide(sum_xy - sum_x * sum_y / n, spread, out=np.zeros_like(spread), where=usable)
    mean = sum_y / n
    forecast = mean + slope * (np.where(np.isfinite(signal), signal, 0.0) - sum_x / n)
    return np.where(usable, forecast, np.nan), np.where(usable, mean, np.nan)


def walk_forward(
    signal: np.ndarray, returns: np.ndarray, days: np.ndarray, *, delay: int, cost_bp: float
) -> WalkForward | None:
    """Test a signal out of sample.

    Args:
        signal: as for ``expanding_forecasts``.
        returns: as there.
        days: datetime.date by place.
        delay: as there.
        cost_bp: cost of trading in basis points of the traded amount.

    Returns:
        The figures; None under MIN_PAIRS forecasts. The position is +1 where the forecast is above the mean of the
        past, -1 where it is below: the signal alone is paid for, not the market's own rise.

    Source: out-of-sample R2 as in Campbell and Thompson 2008, Review of Financial Studies 21(4); its test
    as in Clark and West 2007, Journal of Econometrics 138(1), one-sided.
    """
    forecast, mean = expanding_forecasts(signal, returns, delay=delay)
    known = np.flatnonzero(np.isfinite(forecast) & np.isfinite(returns))
    if len(known) < MIN_PAIRS:
        return None
    told, past, came = forecast[known], mean[known], returns[known]
    error, plain_error = came - told, came - past
    clark_west = mean_estimate(plain_error**2 - (error**2 - (past - told) ** 2))
    position = np.sign(told - past)
    traded = np.abs(np.diff(position, prepend=0.0))
    gross, turnover = mean_estimate(position * came), float(traded.mean())
    first_day: date = days[known[0]]
    return WalkForward(
        first=first_day,
        n=len(known),
        r2=float(1.0 - (error @ error) / (plain_error @ plain_error)),
        clark_west=clark_west,
        p=upper_p(clark_west.t),
        correlation=correlation(told - past, came),
        turnover=turnover,
        gross=gross,
        net=mean_estimate(position * came - traded * cost_bp * _BASIS_POINT),
        break_even_bp=gross.value / turnover / _BASIS_POINT if gross.value > 0 and turnover > 0 else math.nan,
    )


def _past_sum(values: np.ndarray, delay: int) -> np.ndarray:
    """Sum what lies ``delay`` places or more before each place."""
    sums = np.zeros_like(values)
    sums[delay:] = np.cumsum(values)[:-delay]
    return sums
