"""Read a table of daily prices: find its columns, check every row, and say in one line what is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentinel.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Sequence

DATE_NAMES = ("date", "day", "session", "datetime", "timestamp", "time")
CLOSE_NAMES = ("adjclose", "adjustedclose", "closeadj", "close", "closelast", "price", "last", "pxlast", "settle")
"""An adjusted close wins over a plain one: dividends and splits are no news."""
OPEN_NAMES = ("open", "pxopen")
_PLAIN_CLOSE = "close"
_HEADER_LINES = 2  # a reader counts lines from 1, and the header is the first
_DATED = r"^(\d{4}-\d\d-\d\d|\d{8})(?!\d)"


@dataclass(frozen=True)
class Prices:
    """Daily prices, in order of days.

    Attributes:
        days: datetime64[D] array of shape (n,), strictly increasing.
        close: float array of shape (n,), above 0, adjusted where the file is.
        open: the same of the open, in the terms of ``close``; all NaN where the file has none.
        close_column: the column that ``close`` was read from.
    """

    days: np.ndarray
    close: np.ndarray
    open: np.ndarray
    close_column: str

    def between(self, first: np.datetime64, last: np.datetime64) -> Prices:
        """Keep the days from first to last, both included."""
        chosen = (self.days >= first) & (self.days <= last)
        return Prices(self.days[chosen], self.close[chosen], self.open[chosen], self.close_column)


def read_prices(table: pd.DataFrame, *, where: str) -> Prices:
    """Read daily prices out of a table of texts.

    Args:
        table: rows of the file, cells as written; a column of dates and one of closing prices, optionally of opens.
        where: the file, for errors.

    Returns:
        Prices by day; the date is what stands in the file, a time or zone behind it is no part of it.

    Raises:
        TableError: a column is missing or named twice, a date or price cannot be read, a day stands twice, or there
            are fewer than two rows.
    """
    date_column = _find(table.columns, DATE_NAMES, "dates", where)
    close_column = _find(table.columns, CLOSE_NAMES, "closing prices", where)
    days = _read_days(table[date_column], date_column, where)
    close = _read_numbers(table[close_column], close_column, where)
    if len(days) < 2:
        raise TableError("has no two rows of prices", where=where)
    known = {_plain(name): name for name in table.columns}
    open_column = next((known[name] for name in OPEN_NAMES if name in known), None)
    opens = np.full(len(days), np.nan)
    if open_column is not None:
        opens = _read_numbers(table[open_column], open_column, where, may_lack=True)
        plain = known.get(_PLAIN_CLOSE)
        if plain is not None and plain != close_column:  # an adjusted close with an open that is not
            opens *= close / _read_numbers(table[plain], plain, where)
    order = np.argsort(days, kind="stable")
    days = days[order]
    double = np.flatnonzero(days[1:] == days[:-1])
    if len(double):
        raise TableError(f"has the day {days[double[0]]} twice", where=where)
    return Prices(days, close[order], opens[order], close_column)


def _plain(name: object) -> str:
    return re.sub(r"[^a-z]", "", str(name).lower())


def _find(columns: Sequence[str] | pd.Index, names: Sequence[str], of: str, where: str) -> str:
    """Find the column with the first of some names."""
    for name in names:
        found = [str(column) for column in columns if _plain(column) == name]
        if len(found) > 1:
            raise TableError(f"has two columns of {of}: {' and '.join(map(repr, found))}", where=where)
        if found:
            return found[0]
    raise TableError(
        f"has no column of {of}; it has {', '.join(map(str, columns))}",
        where=where,
        hint=f"name it {names[0] if of == 'dates' else 'close or adj close'}",
    )


def _read_days(values: pd.Series, column: str, where: str) -> np.ndarray:
    texts = values.astype("str").str.strip()
    days = pd.to_datetime(
        texts.str.extract(_DATED, expand=False).str.replace("-", ""), format="%Y%m%d", errors="coerce"
    )
    bad = np.flatnonzero(days.isna().to_numpy())
    if len(bad):
        raise TableError(
            f"{texts.iloc[bad[0]]!r} in column {column!r} is no date",
            where=f"{where} line {bad[0] + _HEADER_LINES}",
            hint="dates begin YYYY-MM-DD or YYYYMMDD",
        )
    return days.to_numpy().astype("datetime64[D]")


def _read_numbers(values: pd.Series, column: str, where: str, *, may_lack: bool = False) -> np.ndarray:
    texts = values.astype("str").str.strip()
    numbers = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=float, copy=True)
    if may_lack:
        numbers[~(numbers > 0)] = np.nan
    bad = np.flatnonzero(~(np.isfinite(numbers) & (numbers > 0)) & (not may_lack))
    if len(bad):
        raise TableError(
            f"{texts.iloc[bad[0]]!r} in column {column!r} is no price",
            where=f"{where} line {bad[0] + _HEADER_LINES}",
            hint="prices are above 0, with a point for decimals and nothing between thousands",
        )
    return numbers
