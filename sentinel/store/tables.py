"""All of a store, table by table: copied to another one, and told by counts and hashes."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from sentinel.errors import StoreError
from sentinel.store import schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentinel.store.database import Database

ROWS_AT_ONCE = 5_000


class TableDigest(NamedTuple):
    """What a table holds.

    Attributes:
        n_rows: how many rows.
        sha256: hash of all rows in the order of their keys, the same on every kind of database.
    """

    n_rows: int
    sha256: str


def digest_tables(connection: sa.Connection) -> dict[str, TableDigest]:
    """Read every row of a store.

    Args:
        connection: any transaction.

    Returns:
        A digest of each table, by its name.
    """
    return {table.name: _digest(_read(connection, table)) for table in schema.metadata.sorted_tables}


def copy_tables(source: Database, target: Database) -> dict[str, TableDigest]:
    """Copy a store into an empty one, in one transaction: what ends it on the way leaves the target empty.

    The source is read as it is at one moment; who is at work on it goes on.

    Args:
        source: a store at this version's schema.
        target: another one, without a row.

    Returns:
        What was copied, by table, as read back from the target.

    Raises:
        StoreError: one of them cannot be read or written, the target is not empty, or came to hold something else.
    """
    with source.read() as reading, target.write() as writing:
        _refuse_filled(writing, target.name)
        copied = {}
        for table in schema.metadata.sorted_tables:
            copied[table.name] = _digest(_insert_each(writing, table, _read(reading, table)))
        arrived = digest_tables(writing)
        different = [name for name, digest in copied.items() if arrived[name] != digest]
        if different:
            raise StoreError(
                f"holds other rows than {source.name} in {', '.join(different)}",
                where=target.name,
                hint="nothing was kept",
            )
    return arrived


def _refuse_filled(connection: sa.Connection, where: str) -> None:
    for table in schema.metadata.sorted_tables:
        if connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None:
            raise StoreError(f"is not empty: it has {table.name}", where=where, hint="name an empty or a new store")


def _read(connection: sa.Connection, table: sa.Table) -> Iterator[Sequence[sa.Row[Any]]]:
    query = sa.select(table).order_by(*table.primary_key)
    return connection.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}).partitions()


def _insert_each(
    connection: sa.Connection, table: sa.Table, parts: Iterator[Sequence[sa.Row[Any]]]
) -> Iterator[Sequence[sa.Row[Any]]]:
    for rows in parts:
        connection.execute(sa.insert(table), [dict(row._mapping) for row in rows])  # noqa: SLF001  # SQLAlchemy's public name
        yield rows


def _digest(parts: Iterator[Sequence[sa.Row[Any]]]) -> TableDigest:
    n_rows, sha256 = 0, hashlib.sha256()
    for rows in parts:
        n_rows += len(rows)
        for row in rows:
            sha256.update(f"{tuple(row)!r}\n".encode())
    return TableDigest(n_rows, sha256.hexdigest())
