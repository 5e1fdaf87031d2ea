"""The tables of a validation against prices, as files: one row per session, lag, test, or session around an event."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from sentinel.report.columns import Column
from sentinel.report.exports import csv_parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentinel.price_figures import Estimate, Findings, LagFigures, LinkTest
    from sentinel.report.columns import ColumnType

_NUMBER_DECIMALS = 6
PRICE_TABLES: dict[str, dict[str, tuple[ColumnType, str]]] = {
    "sessions.csv": {
        "session": ("date", "day of the session"),
        "close": ("number", "closing price"),
        "session_return": ("number", "log of the close over the close of the session before"),
        "day_return": ("number", "log of the close over the open; empty where opens were not traded"),
        "mood": ("number", "of items known between the close before and this close; empty: not enough news"),
        "surprise": ("number", "mood minus its mean over the 20 sessions before"),
        "overnight": ("number", "surprise of the mood of items known before the open"),
        "n_items": ("whole number", "items known between the close before and this close"),
    },
    "lags.csv": {
        "signal": ("text", "mood or surprise"),
        "lag": ("whole number", "sessions from the signal to the return; above 0 is a forecast"),
        "n": ("whole number", "sessions"),
        "correlation": ("number", "Pearson"),
        "correlation_se": ("number", "its Newey-West standard error"),
        "ic": ("number", "information coefficient, Spearman"),
        "ic_se": ("number", "its Newey-West standard error"),
        "ic_t": ("number", "its t-value"),
    },
    "tests.csv": {
        "signal": ("text", "mood, surprise or overnight"),
        "target": ("text", "close to close, or open to close"),
        "lag": ("whole number", "sessions from signal to return"),
        "n": ("whole number", "sessions"),
        "ic": ("number", "information coefficient"),
        "ic_low": ("number", "lower end of its 95 % interval"),
        "ic_high": ("number", "upper end"),
        "ic_t": ("number", "t-value"),
        "p": ("number", "two-sided p-value"),
        "p_holm": ("number", "p-value corrected for the number of tests"),
        "hit_rate": ("number", "share of sessions with the same sign"),
        "hit_low": ("number", "lower end of its 95 % interval"),
        "hit_high": ("number", "upper end"),
        "hit_chance": ("number", "share that independent series would reach"),
        "oos_n": ("whole number", "forecasts out of sample"),
        "oos_r2": ("number", "out of sample R2 against the mean of the past"),
        "oos_p": ("number", "its one-sided p-value"),
        "oos_correlation": ("number", "of forecast and return"),
        "turnover": ("number", "mean change of the position per session"),
        "gross_return": ("number", "mean log return per session before costs"),
        "net_return": ("number", "after costs"),
        "net_low": ("number", "lower end of its 95 % interval"),
        "net_high": ("number", "upper end"),
        "break_even_bp": ("number", "cost in basis points at which nothing is left; empty where nothing is earned"),
    },
    "events.csv": {
        "side": ("text", "best or worst news"),
        "offset": ("whole number", "sessions from the event"),
        "n_events": ("whole number", "sessions averaged"),
        "price": ("number", "mean log price against the close of the event's session"),
        "low": ("number", "lower end of the 95 % band"),
        "high": ("number", "upper end"),
    },
}
"""Columns of each file in order: type and meaning."""


def price_tables(findings: Findings, table: pd.DataFrame) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Write the tables as CSV.

    Args:
        findings: the figures.
        table: frame with SESSION_COLUMNS.

    Yields:
        Name and content of each file.
    """
    sessions = table.assign(session=pd.to_datetime(table["session"]))
    frames = {
        "sessions.csv": sessions,
        "lags.csv": _frame("lags.csv", [_lag_row(found) for found in findings.lags]),
        "tests.csv": _frame("tests.csv", [_test_row(test) for test in findings.tests]),
        "events.csv": _frame("events.csv", _event_rows(findings)),
    }
    for name, frame in frames.items():
        columns = [
            Column(column, kind, _NUMBER_DECIMALS, "", meaning)
            for column, (kind, meaning) in PRICE_TABLES[name].items()
        ]
        yield name, csv_parts(columns, [frame])


def _frame(name: str, rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(PRICE_TABLES[name]))


def _lag_row(found: LagFigures) -> list[Any]:
    correlation, ic = found.correlation, found.ic
    return [found.signal, found.lag, ic.n, correlation.value, correlation.se, ic.value, ic.se, ic.t]


def _test_row(test: LinkTest) -> list[Any]:
    hits, walk, nothing = test.hits, test.walk, math.nan
    hit_cells = [*hits.rate, hits.chance] if hits is not None else [nothing] * 4
    if walk is None:
        walk_cells: list[Any] = [0, *[nothing] * 9]
    else:
        net: Estimate = walk.net
        walk_cells = [walk.n, walk.r2, walk.p, walk.correlation.value, walk.turnover, walk.gross.value]
        walk_cells += [net.value, net.low, net.high, walk.break_even_bp]
    ic = test.ic
    figures = [ic.n, ic.value, ic.low, ic.high, ic.t, test.p, test.p_holm]
    return [test.signal, test.target, test.lag, *figures, *hit_cells, *walk_cells]


def _event_rows(findings: Findings) -> list[list[Any]]:
    return [
        [path.side, offset, path.n_events, mean, low, high]
        for path in findings.events
        for offset, mean, low, high in zip(path.offsets, path.mean, path.low, path.high, strict=True)
    ]
