"""The schema's versions: numbered SQL files, each with one that takes it back.

In: a writing transaction. Out: the schema at a version, all of the way or none of it. What is applied is looked up by
number, not by the highest one: two branches may have added one each.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from importlib import resources
from typing import TYPE_CHECKING

import sqlalchemy as sa

from sentinel.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Collection

TABLE = "schema_migrations"
FIRST = 1
_ALONE = 6_172_839
"""Key of the lock that one migration holds on a server; SQLite has one writer anyway."""


def wanted_numbers(applied: Collection[int], to: int | None, *, where: str) -> set[int]:
    """Tell which migrations shall be applied in the end.

    Args:
        applied: those that are.
        to: the last one wanted; None for the newest.
        where: the store, for messages.

    Returns:
        Their numbers.

    Raises:
        StoreError: a newer program has applied others, or there is none of that number.
    """
    known = known_migrations()
    newest = max(known)
    if max(applied, default=0) > newest:
        raise StoreError(
            f"its schema {max(applied)} is newer than this program's {newest}",
            where=where,
            hint="update this program; the file is left as it is",
        )
    if to is not None and not FIRST <= to <= newest:
        raise StoreError(f"there is no schema {to}", where=where, hint=f"use {FIRST} to {newest}")
    return {number for number in known if to is None or number <= to}


def migrate(connection: sa.Connection, to: int | None, *, where: str) -> None:
    """Apply what is missing, and take back what is too much.

    Args:
        connection: a writing transaction.
        to: as for ``wanted_numbers``.
        where: as for ``wanted_numbers``.

    Raises:
        StoreError: as ``wanted_numbers``.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ALONE)))
    applied = applied_numbers(connection)  # now that nobody else can be migrating
    wanted = wanted_numbers(applied, to, where=where)
    if not applied:
        _execute(
            connection,
            f"CREATE TABLE IF NOT EXISTS {TABLE} (number INTEGER NOT NULL PRIMARY KEY, applied_at TEXT NOT NULL)",
        )
    for number in sorted(applied - wanted, reverse=True):
        _execute(connection, known_migrations(backward=True)[number])
        connection.execute(sa.text(f"DELETE FROM {TABLE} WHERE number = :number"), {"number": number})  # noqa: S608  # a constant
    for number in sorted(wanted - applied):
        _execute(connection, known_migrations()[number])
        connection.execute(
            sa.text(f"INSERT INTO {TABLE} (number, applied_at) VALUES (:number, :applied_at)"),  # noqa: S608  # a constant
            {"number": number, "applied_at": datetime.now(UTC).isoformat(timespec="seconds")},
        )


def known_migrations(*, backward: bool = False) -> dict[int, str]:
    """Read the numbered SQL files of this package: number -> statements."""
    folder = resources.files("sentinel.store") / "migrations"
    return {
        int(file.name.split("_")[0]): file.read_text(encoding="utf-8")
        for file in folder.iterdir()
        if file.name.endswith(".sql") and file.name.endswith(".down.sql") == backward
    }


def applied_numbers(connection: sa.Connection) -> set[int]:
    """Read which migrations a store has; none where there is no store yet."""
    if not sa.inspect(connection).has_table(TABLE):
        return set()
    return set(connection.exec_driver_sql(f"SELECT number FROM {TABLE}").scalars())  # noqa: S608  # a constant


def _execute(connection: sa.Connection, statements: str) -> None:
    if connection.dialect.name == "postgresql":
        # As SQLite compares texts: by their bytes. A server's own order follows the language it was set up for.
        statements = re.sub(r"\bTEXT\b", 'TEXT COLLATE "C"', statements)
    for statement in statements.split(";"):
        if statement.strip():
            connection.exec_driver_sql(statement)
