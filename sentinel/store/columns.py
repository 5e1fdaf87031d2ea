"""Read queries of very many rows as frames: columns of a kind each, without an object of SQLAlchemy's for every row.

Rows come as the driver gives them, some thousand at a time, and each part becomes arrays before the next is read: a
million rows as Python objects fill a gigabyte. Only columns of text, numbers and times can be read so: nothing but
times is converted, and they come as SQLite's text or as PostgreSQL's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from sqlalchemy.exc import DBAPIError

from sentinel.records import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import sqlalchemy as sa

ROWS_AT_ONCE = 20_000
TIMES = ("published", "first_seen")


def read_rows(connection: sa.Connection, query: sa.Select[Any], *, n_rows: int) -> Iterator[Sequence[Any]]:
    """Read a query as the driver gives it, some rows at once, so that months of them need little memory.

    Args:
        connection: any transaction, which stays open until the last is read.
        query: what to read.
        n_rows: how many rows at once.
    """
    with connection.execute(query) as result:
        cursor = result.cursor  # not "yield_per", which fetches a first row on its own account
        while cursor is not None and (rows := _fetch(connection, cursor, n_rows)):
            yield rows


def _fetch(connection: sa.Connection, cursor: Any, n_rows: int) -> Sequence[Any]:
    """Fetch rows; what the driver raises becomes SQLAlchemy's, as everywhere in this package."""
    try:
        rows: Sequence[Any] = cursor.fetchmany(n_rows)
    except connection.dialect.loaded_dbapi.Error as error:
        raise DBAPIError(None, None, error) from error
    return rows


def read_frame(connection: sa.Connection, query: sa.Select[Any], columns: Sequence[str]) -> pd.DataFrame:
    """Read a query as a frame: TIMES are aware UTC, LABELS are float, all else is text.

    Args:
        connection: any transaction.
        query: what to read.
        columns: names of its columns, in order.
    """
    parts = [_part(rows, columns) for rows in read_rows(connection, query, n_rows=ROWS_AT_ONCE)]
    return pd.concat(parts, ignore_index=True) if parts else _part([], columns)


def _part(rows: Sequence[Any], columns: Sequence[str]) -> pd.DataFrame:
    by_column = zip(*rows, strict=True) if rows else ((),) * len(columns)
    return pd.DataFrame({name: _array(name, list(values)) for name, values in zip(columns, by_column, strict=True)})


def _array(name: str, values: list[Any]) -> Any:
    if name in TIMES:
        times = pd.to_datetime(pd.Series(values, dtype=object), utc=True, format="ISO8601")
        return times.astype("datetime64[us, UTC]")
    return pd.array(values, dtype="float64" if name in LABELS else "str")
