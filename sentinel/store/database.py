"""Open the database, bring its schema up to date, and give out transactions.

Comes in: a SQLAlchemy URL. Goes out: a Database whose ``read()`` and ``write()`` are transactions. Invariant:
one writer at a time (``BEGIN IMMEDIATE`` on SQLite), every commit is on disk before it returns
(``synchronous=FULL``), and no SQLAlchemy error leaves this package.

Source: https://www.sqlite.org/lang_transaction.html and https://www.sqlite.org/pragma.html#pragma_synchronous
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from sentinel.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

BUSY_TIMEOUT_MS = 10_000

_WRITES = "sentinel_writes"
_MIGRATIONS_TABLE = "schema_migrations"
_URL_HINT = "give a file or a database URL"


class Database:
    """An open store.

    Attributes:
        name: path, or URL without password, for messages.
    """

    def __init__(self, engine: sa.Engine, name: str) -> None:
        self._engine = engine
        self.name = name

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Give a connection that sees one consistent state.

        Raises:
            StoreError: the database cannot be read.
        """
        with self._errors("read"), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Give a connection whose changes are all kept at the end, or none of them.

        Raises:
            StoreError: the database is locked, full, read-only or damaged.
        """
        with (
            self._errors("write"),
            self._engine.connect().execution_options(**{_WRITES: True}) as connection,
            connection.begin(),
        ):
            yield connection

    def migrate(self) -> None:
        """Make a store of nothing, or bring an older one up to this version's schema.

        Raises:
            StoreError: it is not a database, cannot be written, or was made by a newer version.
        """
        _migrate(self)

    def check(self) -> None:
        """Verify the whole file (SQLite only).

        Raises:
            StoreError: a page or index is damaged.
        """
        if self._engine.dialect.name != "sqlite":
            return
        with self.read() as connection:
            finding = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if finding != "ok":
            raise StoreError(f"damaged: {finding}", where=self.name, hint="restore a backup; the file is left as it is")

    @contextmanager
    def _errors(self, verb: str) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            cause = str(getattr(error, "orig", None) or error).splitlines()[0]
            raise StoreError(f"cannot be {_PAST[verb]}: {cause}", where=self.name, hint=_hint(cause)) from error


_PAST = {"read": "read", "write": "written"}
_HINTS = {
    "locked": "another program holds it; try again when that has ended",
    "full": "free some space and run again; what was stored is safe",
    "readonly": "check the permissions of the file and its folder",
    "unable to open": "check that the folder exists and may be written",
    "not a database": "move it away or name another store; the file is left as it is",
    "malformed": "restore a backup; the file is left as it is",
}


def _hint(cause: str) -> str:
    return next((hint for words, hint in _HINTS.items() if words in cause), "")


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
        engine = sa.create_engine(parsed)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise StoreError(f"not a usable store: {error}", where=repr(parsed), hint=_URL_HINT) from error
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin)
    database = Database(engine, parsed.database or "" if engine.dialect.name == "sqlite" else repr(parsed))
    if engine.dialect.name != "sqlite":
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
            applied = _applied_migrations(connection)
        _refuse_newer(database, applied)
        if not applied >= _known_migrations().keys():
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


def _begin(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(database: Database) -> None:
    known = _known_migrations()
    with database.read() as connection:
        applied = _applied_migrations(connection)
    _refuse_newer(database, applied)
    if applied >= known.keys():
        return
    with database.write() as connection:
        applied = _applied_migrations(connection)  # again, now that nobody else can be migrating
        if not applied:
            connection.exec_driver_sql(
                f"CREATE TABLE IF NOT EXISTS {_MIGRATIONS_TABLE} "
                "(number INTEGER NOT NULL PRIMARY KEY, applied_at TEXT NOT NULL)"
            )
        for number in sorted(known.keys() - applied):
            for statement in known[number].split(";"):
                if statement.strip():
                    connection.exec_driver_sql(statement)
            connection.execute(
                sa.text(f"INSERT INTO {_MIGRATIONS_TABLE} (number, applied_at) VALUES (:number, :applied_at)"),  # noqa: S608  # a constant
                {"number": number, "applied_at": datetime.now(UTC).isoformat(timespec="seconds")},
            )


def _refuse_newer(database: Database, applied: set[int]) -> None:
    newest = max(_known_migrations())
    if max(applied, default=0) > newest:
        raise StoreError(
            f"its schema {max(applied)} is newer than this program's {newest}",
            where=database.name,
            hint="update this program; the file is left as it is",
        )


def _known_migrations() -> dict[int, str]:
    """Read the numbered SQL files of this package: number -> statements."""
    folder = resources.files("sentinel.store") / "migrations"
    return {
        int(file.name.split("_")[0]): file.read_text(encoding="utf-8")
        for file in folder.iterdir()
        if file.name.endswith(".sql")
    }


def _applied_migrations(connection: sa.Connection) -> set[int]:
    if not sa.inspect(connection).has_table(_MIGRATIONS_TABLE):
        return set()
    return set(connection.exec_driver_sql(f"SELECT number FROM {_MIGRATIONS_TABLE}").scalars())  # noqa: S608  # a constant
