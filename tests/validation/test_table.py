"""Sessions, prices and moods stand beside one another, and a file of another exchange is refused."""

from __future__ import annotations

import numpy as np
import pytest

from sentinel.errors import TableError
from sentinel.price_figures import SESSION_COLUMNS
from sentinel.validation import Prices, build_table

from .worlds import weekday_sessions

N = 60


def build(days: np.ndarray, close: np.ndarray) -> tuple[object, tuple[str, ...]]:
    prices = Prices(days, close, np.full(len(days), np.nan), "close")
    moods = np.zeros(N)
    return build_table(
        weekday_sessions(N), prices, mood=moods, overnight=moods, n_items=np.ones(N, dtype=int), where="p.csv"
    )


def test_session_without_a_price_has_no_return_and_nor_has_the_next() -> None:
    days = weekday_sessions(N).days
    close = np.exp(np.arange(N, dtype=float) / 100.0)
    table, notes = build(np.delete(days, 20), np.delete(close, 20))
    assert tuple(table.columns) == SESSION_COLUMNS
    assert np.flatnonzero(table["session_return"].isna()).tolist() == [0, 20, 21]
    assert table["session_return"].iloc[30] == pytest.approx(0.01)
    assert notes == ("1 sessions have no price; no return is made across them",)


def test_file_with_a_stray_day_is_read_and_the_day_named() -> None:
    days = np.append(weekday_sessions(N).days, np.datetime64("2021-04-03"))
    close = np.append(np.exp(np.arange(N, dtype=float) / 100.0), 9.0)
    order = np.argsort(days)
    table, notes = build(days[order], close[order])
    assert table["close"].max() < 2.0
    assert notes == ("1 days of the file are no sessions of MADE and are left out",)


def test_file_of_another_exchange_is_refused() -> None:
    days = weekday_sessions(N).days + np.timedelta64(1, "D")
    with pytest.raises(TableError, match="12 of its 60 days are no sessions of MADE, 2021-01-09 the first"):
        build(days, np.ones(N))
