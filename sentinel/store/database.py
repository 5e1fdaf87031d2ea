"""Open the database and give out transactions.

Comes in: a SQLAlchemy URL. Goes out: a Database whose ``read()`` and ``write()`` are transactions. Invariant:
one writer at a time on SQLite (``BEGIN IMMEDIATE``), every commit is on disk before it returns
(``synchronous=FULL``), a reader sees one state (a snapshot on PostgreSQL, too), and no SQLAlchemy error leaves this
package. A connection that is lost is not made anew in the middle of a run: its locks were lost with it.

Source: https://www.sqlite.org/lang_transaction.html, https://www.sqlite.org/pragma.html#pragma_synchronous and
https://www.postgresql.org/docs/current/transaction-iso.html
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from sentinel.errors import StoreError
from sentinel.store import migration
from sentinel.store.failures import one_line
from sentinel.store.locks import Locks, ServerLocks

if TYPE_CHECKING:
    from collections.abc import Iterator

BUSY_TIMEOUT_MS = 10_000
CONNECT_TIMEOUT_S = 10

_SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
_WRITES = "sentinel_writes"
_URL_HINT = "give a file or a database URL"
_DRIVER_HINT = "install the extra 'postgres', and let the address begin with postgresql+psycopg://"


class Database:
    """An open store.

    Attributes:
        name: path, or URL without password, for messages.
        is_server: whether other machines may be at work on it, too.
        locks: what they keep out of one another's way with.
    """

    def __init__(self, engine: sa.Engine, name: str) -> None:
        self._engine = engine
        self.name = name
        self.is_server = engine.dialect.name != "sqlite"
        self.locks: Locks = ServerLocks(self._lock_connection, name) if self.is_server else Locks(name)

    def close(self) -> None:
        """Close every connection; the locks are free."""
        self.locks.close()
        self._engine.dispose()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Give a connection that sees one consistent state.

        Raises:
            StoreError: the database cannot be read.
        """
        options = _SNAPSHOT if self.is_server else {}
        with one_line("read", where=self.name), self._engine.connect().execution_options(**options) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Give a connection whose changes are all kept at the end, or none of them.

        Raises:
            StoreError: the database is locked, full, read-only or damaged.
        """
        with (
            one_line("written", where=self.name),
            self._engine.connect().execution_options(**{_WRITES: True}) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def _lock_connection(self) -> Iterator[sa.Connection]:
        """Give a connection for locks alone: each statement stands by itself, and waits for as long as it must."""
        with (
            one_line("read", where=self.name),
            self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
        ):
            connection.exec_driver_sql("SET lock_timeout = 0")
            yield connection

    def migrate(self, *, to: int | None = None) -> int:
        """Make a store of nothing, or bring its schema to a version.

        Args:
            to: number of the last migration that shall be applied; None for this program's newest.

        Returns:
            That number.

        Raises:
            StoreError: it is no database, cannot be written, was made by a newer version, or there is no such number.
        """
        with self.read() as connection:
            applied = migration.applied_numbers(connection)
        wanted = migration.wanted_numbers(applied, to, where=self.name)
        if applied != wanted:
            with self.write() as connection:
                migration.migrate(connection, to, where=self.name)
        return max(wanted)

    def check(self) -> None:
        """Verify the pages of the file; a server looks after its own.

        Raises:
            StoreError: a page or index is damaged.
        """
        if self.is_server:
            return
        with self.read() as connection:
            finding = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if finding != "ok":
            raise StoreError(f"damaged: {finding}", where=self.name, hint="restore a backup; the file is left as it is")


def database_path(url: str) -> Path | None:
    """Tell the file of a SQLite URL or plain path; None for a server.

    Raises:
        StoreError: it is not a URL, or names a folder.
    """
    parsed = _parse_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return None
    path = Path(parsed.database)
    if not path.name:
        raise StoreError("a folder, not a file", where=url, hint=_URL_HINT)
    return path


def _parse_url(url: str) -> sa.URL:
    """Read a URL, or take a path as it stands: one with "?" or "%" in it is still a path."""
    if "://" not in url:
        return sa.URL.create("sqlite", database=url)
    try:
        return sa.make_url(url)
    except (ArgumentError, ValueError) as error:
        scheme, _, rest = url.partition("://")
        shown = f"{scheme}://***@{rest.rpartition('@')[2]}" if "@" in rest else url
        raise StoreError("not a database URL", where=shown, hint=_URL_HINT) from error


def open_database(url: str) -> Database:
    """Open a store and migrate it to this version's schema.

    Args:
        url: path of a SQLite file (made when missing), or a SQLAlchemy URL.

    Returns:
        The open database.

    Raises:
        StoreError: it cannot be opened, is not a database, or was made by a newer version.
    """
    database = reach_database(url)
    try:
        database.migrate()
    except StoreError:
        database.close()
        raise
    return database


def reach_database(url: str) -> Database:
    """Find a store without changing anything: a server is asked whether it is there, a file is not touched.

    Args:
        url: as for ``open_database``.

    Returns:
        The database, to be migrated before it is used.

    Raises:
        StoreError: the address is none, its kind of database is not installed, or the server cannot be reached.
    """
    parsed = _parse_url(url)
    try:
        engine = sa.create_engine(parsed, **_connect_options(parsed))
    except ImportError as error:
        raise StoreError(f"not a usable store: {error}", where=repr(parsed), hint=_DRIVER_HINT) from error
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreError(f"not a usable store: {error}", where=repr(parsed), hint=_URL_HINT) from error
    if engine.dialect.name not in _PREPARE:
        raise StoreError("not a kind of database that is known", where=repr(parsed), hint=_URL_HINT)
    sa.event.listen(engine, "connect", _PREPARE[engine.dialect.name])
    sa.event.listen(engine, "begin", _begin)
    database = Database(engine, parsed.database or "" if engine.dialect.name == "sqlite" else repr(parsed))
    if database.is_server:
        with database.read():
            pass
    return database


def read_database(url: str) -> Database:
    """Find a store that is only to be read, so that no lock is needed; nothing is made and nothing migrated.

    Args:
        url: as for ``open_database``.

    Returns:
        The database, at this version's schema.

    Raises:
        StoreError: there is none yet, it cannot be read, or its schema is another version's.
    """
    path = database_path(url)
    if path is not None and not path.exists():
        raise StoreError("there is no store yet", where=str(path), hint="'sentinel collect' makes it")
    database = reach_database(url)
    try:
        with database.read() as connection:
            applied = migration.applied_numbers(connection)
        if applied != migration.wanted_numbers(applied, None, where=database.name):
            raise StoreError(
                "its schema is older than this program's", where=database.name, hint="run 'sentinel collect'"
            )
    except StoreError:
        database.close()
        raise
    return database


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun by _begin alone
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET datestyle = ISO")  # hours are cut out of times as text
        cursor.execute(f"SET lock_timeout = {BUSY_TIMEOUT_MS}")
    connection.commit()


_PREPARE = {"sqlite": _prepare_sqlite, "postgresql": _prepare_postgresql}


def _connect_options(url: sa.URL) -> dict[str, Any]:
    """Bound the wait for a server that does not answer, unless the address has a bound of its own."""
    if url.get_backend_name() != "postgresql" or "connect_timeout" in url.query:
        return {}
    return {"connect_args": {"connect_timeout": CONNECT_TIMEOUT_S}}


def _begin(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
