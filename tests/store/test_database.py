"""A store is opened, migrated and locked as a whole; whatever is wrong with it is one line that names it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from sentinel.errors import StoreError
from sentinel.store import Database, database_path, migration, open_database, schema
from sentinel.store import database as database_module

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

JOURNALS = ("-wal", "-shm", "-journal")


def snapshot(path: Path) -> dict[str, bytes]:
    """Read every file that belongs to a store."""
    return {entry.name: entry.read_bytes() for entry in path.parent.iterdir() if entry.name.startswith(path.name)}


@contextmanager
def holding(path: Path) -> Iterator[None]:
    """Be another program in the middle of a write."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def test_open_database_makes_a_store_from_nothing(tmp_path: Path) -> None:
    path = tmp_path / "sentinel.db"
    opened = open_database(str(path))
    with opened.read() as connection:
        tables = set(sa.inspect(connection).get_table_names())
    opened.close()
    assert opened.name == str(path)
    assert tables == {*schema.metadata.tables, "schema_migrations"}


def test_open_database_migrates_once(tmp_path: Path) -> None:
    path = tmp_path / "sentinel.db"
    for _ in range(2):
        opened = open_database(str(path))
        with opened.read() as connection:
            numbers = connection.exec_driver_sql("SELECT number FROM schema_migrations").scalars().all()
        opened.close()
        assert numbers == sorted(migration.known_migrations())


def test_open_database_applies_a_migration_whose_number_was_left_out_before(tmp_path: Path) -> None:
    path = tmp_path / "sentinel.db"
    open_database(str(path)).close()
    with closing(sqlite3.connect(path)) as older, older:
        older.execute("DELETE FROM schema_migrations WHERE number = 2")
        older.execute("ALTER TABLE runs DROP COLUMN reason")
    opened = open_database(str(path))
    with opened.read() as connection:
        assert "reason" in {column["name"] for column in sa.inspect(connection).get_columns("runs")}
        numbers = connection.exec_driver_sql("SELECT number FROM schema_migrations ORDER BY number").scalars().all()
    opened.close()
    assert numbers == sorted(migration.known_migrations())


def test_migrations_make_the_tables_that_the_program_uses(database: Database) -> None:
    with database.read() as connection:
        inspector = sa.inspect(connection)
        for name, table in schema.metadata.tables.items():
            made = inspector.get_columns(name)
            assert [column["name"] for column in made] == [column.name for column in table.columns]
            assert [column["nullable"] for column in made] == [bool(column.nullable) for column in table.columns]
            assert [_affinity(column["type"]) for column in made] == [_affinity(column.type) for column in table.c]
            assert inspector.get_pk_constraint(name)["constrained_columns"] == [c.name for c in table.primary_key]
            assert {
                (tuple(key["constrained_columns"]), key["referred_table"], tuple(key["referred_columns"]))
                for key in inspector.get_foreign_keys(name)
            } == {
                (
                    tuple(c.name for c in key.columns),
                    key.referred_table.name,
                    tuple(e.column.name for e in key.elements),
                )
                for key in table.foreign_key_constraints
            }


def _affinity(kind: sa.types.TypeEngine[object]) -> str:
    plain = kind.impl if isinstance(kind, sa.types.TypeDecorator) else kind
    families = (sa.DateTime, sa.Date, sa.Integer, sa.Float, sa.Text)
    return next(family.__name__ for family in families if isinstance(plain, family))


def test_open_database_refuses_a_newer_schema_and_leaves_it(tmp_path: Path) -> None:
    path = tmp_path / "sentinel.db"
    open_database(str(path)).close()
    with closing(sqlite3.connect(path)) as newer, newer:
        newer.execute("INSERT INTO schema_migrations VALUES (99, '2030-01-01')")
    before = path.read_bytes()
    with pytest.raises(
        StoreError, match=f"its schema 99 is newer than this program's {max(migration.known_migrations())}"
    ) as caught:
        open_database(str(path))
    assert caught.value.where == str(path)
    assert "update this program" in caught.value.hint
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"not a database\n", b"\x00" * 700, b"SQLite" * 2000], ids=["short", "zeros", "long"]
)
def test_open_database_refuses_what_is_not_a_database_and_leaves_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "letter.txt"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="file is not a database") as caught:
        open_database(str(path))
    assert caught.value.where == str(path)
    assert "left as it is" in caught.value.hint
    assert snapshot(path) == {path.name: content}


def test_open_database_leaves_nothing_half_migrated(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("CREATE TABLE scores (game TEXT)")
    with pytest.raises(StoreError, match="table scores already exists"):
        open_database(str(path))
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("scores",)]


@pytest.mark.parametrize("make", [lambda folder: folder, lambda folder: folder / "missing" / "sentinel.db"])
def test_open_database_names_a_place_that_cannot_be_opened(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    with pytest.raises(StoreError, match="unable to open database file") as caught:
        open_database(str(make(tmp_path)))
    assert caught.value.where == str(make(tmp_path))
    assert "folder exists" in caught.value.hint


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_open_database_names_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    folder = tmp_path / "readonly"
    folder.mkdir()
    folder.chmod(0o500)
    with pytest.raises(StoreError, match="unable to open database file") as caught:
        open_database(str(folder / "sentinel.db"))
    assert caught.value.where == str(folder / "sentinel.db")


def test_write_to_a_read_only_store_is_one_line(sqlite_database: Database) -> None:
    with sqlite_database.read() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
        connection.commit()
    with pytest.raises(StoreError, match="cannot be written: attempt to write a readonly database") as caught:
        _add_run(sqlite_database, "one")
    assert "permissions" in caught.value.hint
    assert "\n" not in str(caught.value)


def test_write_to_a_locked_store_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_MS", 20)
    path = tmp_path / "sentinel.db"
    opened = open_database(str(path))
    with holding(path), pytest.raises(StoreError, match="cannot be written: database is locked") as caught:
        _add_run(opened, "one")
    assert caught.value.where == str(path)
    assert "another program holds it" in caught.value.hint
    assert "\n" not in str(caught.value)
    _add_run(opened, "two")
    assert _runs(opened) == ["two"]
    opened.close()


def test_read_does_not_wait_for_a_write(sqlite_database: Database) -> None:
    _add_run(sqlite_database, "one")
    with holding(Path(sqlite_database.name)):
        assert _runs(sqlite_database) == ["one"]


def test_write_keeps_all_of_a_transaction_or_none(database: Database) -> None:
    _add_run(database, "one")
    with pytest.raises(StoreError, match=r"(?i)unique constraint"):
        _add_run(database, "two", "one")
    assert _runs(database) == ["one"]


def test_write_lets_a_bug_through_and_keeps_nothing(database: Database) -> None:
    with pytest.raises(AttributeError):
        _add_run(database, "one", None)
    assert _runs(database) == []


def test_write_refuses_a_full_disk_with_a_hint(sqlite_database: Database) -> None:
    with sqlite_database.read() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1")
        connection.commit()
    with pytest.raises(StoreError, match="database or disk is full") as caught, sqlite_database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE filler AS SELECT zeroblob(100000) AS filling")
    assert "free some space" in caught.value.hint
    assert _runs(sqlite_database) == []


def test_every_commit_is_on_disk_before_it_returns(sqlite_database: Database) -> None:
    full = 2
    with sqlite_database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == full
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_check_accepts_a_whole_store(sqlite_database: Database) -> None:
    _add_run(sqlite_database, "one")
    sqlite_database.check()


def test_check_finds_a_damaged_page_and_keeps_the_file(tmp_path: Path) -> None:
    path = tmp_path / "sentinel.db"
    opened = open_database(str(path))
    _add_run(opened, *(f"run-{number:04}" for number in range(500)))
    opened.close()
    content = bytearray(path.read_bytes())
    content[-4096:] = b"\xff" * 4096
    path.write_bytes(content)
    opened = open_database(str(path))
    with pytest.raises(StoreError, match=r"damaged|malformed") as caught:
        opened.check()
    opened.close()
    assert caught.value.where == str(path)
    assert "restore a backup" in caught.value.hint
    assert path.read_bytes() == bytes(content)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sentinel.db", Path("sentinel.db")),
        ("/srv/100%?.db", Path("/srv/100%?.db")),
        ("sqlite:////srv/news.db", Path("/srv/news.db")),
        ("sqlite://", None),
        ("postgresql://desk@db.example/news", None),
    ],
)
def test_database_path_tells_the_file_of_a_store(url: str, expected: Path | None) -> None:
    assert database_path(url) == expected


@pytest.mark.parametrize("url", [".", "/", "./"])
def test_database_path_refuses_a_folder_without_a_name(url: str) -> None:
    with pytest.raises(StoreError, match="a folder, not a file") as caught:
        database_path(url)
    assert caught.value.where == url


@pytest.mark.parametrize("name", ["what?.db", "100%25.db", "a b#c.db", "größe.db"])
def test_open_database_takes_a_path_as_it_stands(tmp_path: Path, name: str) -> None:
    open_database(str(tmp_path / name)).close()
    assert [entry.name for entry in tmp_path.iterdir() if not entry.name.endswith(JOURNALS)] == [name]


@pytest.mark.parametrize(
    ("ask", "url"),
    [
        (open_database, "nonsense://desk:secret@db.example/news"),
        (open_database, "postgresql://desk:secret@db.example:port/news"),
        (database_path, "postgresql://desk:secret@db.example:port/news"),
        (database_path, "://desk:secret@"),
    ],
)
def test_a_store_that_is_none_is_one_line_without_the_password(ask: Callable[[str], object], url: str) -> None:
    with pytest.raises(StoreError, match=r"not a (usable store|database URL)") as caught:
        ask(url)
    assert "secret" not in str(caught.value)
    assert "give a file or a database URL" in caught.value.hint


def test_a_server_whose_driver_is_not_installed_is_one_line_that_says_what_to_install() -> None:
    with pytest.raises(StoreError, match="not a usable store: No module named 'pg8000'") as caught:
        open_database("postgresql+pg8000://desk:secret@db.example/news")
    assert "install the extra 'postgres'" in caught.value.hint
    assert "secret" not in str(caught.value)


def _add_run(opened: Database, *run_ids: str | None) -> None:
    """Store runs in one transaction; None is a bug in the middle of it."""
    with opened.write() as connection:
        for run_id in run_ids:
            connection.execute(
                sa.text(
                    "INSERT INTO runs (run_id, started, outcome, n_feeds, n_failed, n_new, n_scored) "
                    "VALUES (:run_id, '2026-03-02 12:00:00', 'running', 0, 0, 0, 0)"
                ),
                {"run_id": run_id.lower()},
            )


def _runs(opened: Database) -> list[str]:
    with opened.read() as connection:
        return list(connection.execute(sa.text("SELECT run_id FROM runs ORDER BY run_id")).scalars())
