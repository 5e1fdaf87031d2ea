"""A forecast rests on what was complete when it was made: nothing that comes later can change it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.validation.walk_forward import MIN_HISTORY, expanding_forecasts, walk_forward

from .worlds import weekday_sessions

N = 400


def simulate(seed: int, strength: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Give a signal, and returns that it forecasts with a strength."""
    generator = np.random.default_rng(seed)
    signal = generator.normal(size=N)
    return signal, 0.01 * (strength * signal + generator.normal(size=N))


@pytest.mark.parametrize("delay", [1, 3])
def test_forecast_is_the_regression_on_the_pairs_complete_by_then(delay: int) -> None:
    signal, returns = simulate(1, 0.3)
    signal[7], returns[11] = np.nan, np.nan
    forecast, mean = expanding_forecasts(signal, returns, delay=delay)
    for place in (MIN_HISTORY + 10, N - 1):
        past = slice(0, place - delay + 1)
        known = np.isfinite(signal[past]) & np.isfinite(returns[past])
        slope, level = np.polyfit(signal[past][known], returns[past][known], 1)
        assert forecast[place] == pytest.approx(level + slope * signal[place], rel=1e-6)
        assert mean[place] == pytest.approx(returns[past][known].mean(), rel=1e-6)
    assert np.isnan(forecast[: MIN_HISTORY + delay - 1]).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(min_value=MIN_HISTORY + 5, max_value=N - 2), st.integers(min_value=1, max_value=5))
def test_no_forecast_changes_when_the_future_does(now: int, delay: int) -> None:
    signal, returns = simulate(2, 0.3)
    before, _ = expanding_forecasts(signal, returns, delay=delay)
    signal[now + 1 :] = 99.0
    returns[now - delay + 1 :] = -0.5  # the returns that were not known yet
    after, _ = expanding_forecasts(signal, returns, delay=delay)
    np.testing.assert_array_equal(before[: now + 1], after[: now + 1])


def test_position_costs_what_it_moves() -> None:
    signal, returns = simulate(3, 0.5)
    days = weekday_sessions(N).days.astype(object)
    free, dear = (walk_forward(signal, returns, days, delay=1, cost_bp=cost) for cost in (0.0, 10.0))
    assert free is not None
    assert dear is not None
    assert free.net == free.gross == dear.gross
    assert dear.net.value == pytest.approx(dear.gross.value - 10e-4 * dear.turnover)
    assert dear.gross.value - dear.break_even_bp * 1e-4 * dear.turnover == pytest.approx(0.0, abs=1e-12)
    assert 0.5 < dear.turnover < 1.5


def test_too_short_a_history_gives_no_test() -> None:
    signal, returns = simulate(4)
    days = weekday_sessions(N).days.astype(object)
    assert walk_forward(signal[:270], returns[:270], days, delay=1, cost_bp=0.0) is None
