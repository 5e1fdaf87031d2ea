"""The commands on the store: copied, backed up, checked, pruned and taken back, each with one line and an exit code."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from store.conftest import build_items
from test_cli import WIRE, all_files, assert_one_line, sentinel

from sentinel.lock import hold_lock
from sentinel.store import open_database, save_items

if TYPE_CHECKING:
    from pathlib import Path

    from postgres import PostgresServer

pytestmark = pytest.mark.usefixtures("_own_logs")

NOW = datetime.now(UTC)  # what is kept counts from today


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a feeds file and a store: two items, one of them not seen for two years."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "feeds.yaml").write_text(WIRE, encoding="utf-8")
    items = build_items({}, {}).assign(first_seen=NOW - timedelta(days=800))
    with closing(open_database("sentinel.db")) as database, database.write() as connection:
        save_items(connection, items[:1], now=NOW - timedelta(days=730))
        save_items(connection, items[1:], now=NOW)
    return tmp_path


def rows(path: str, statement: str = "SELECT item_id FROM items ORDER BY item_id") -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [value for (value,) in connection.execute(statement)]


def test_store_copy_moves_a_store_to_a_server_and_back(folder: Path, postgres_server: PostgresServer) -> None:
    url = postgres_server.create_database()
    there = sentinel("store", "copy", "sentinel.db", url, "--json")
    back = sentinel("store", "copy", url, "back.db", "--json")
    assert (there.exit_code, back.exit_code) == (0, 0)
    assert json.loads(there.stdout) == json.loads(back.stdout)
    assert json.loads(back.stdout)["items"]["n_rows"] == 2
    assert rows("back.db") == ["id-0", "id-1"]
    assert_one_line(sentinel("store", "copy", "sentinel.db", url), 1, "is not empty: it has items")
    assert_one_line(sentinel("store", "copy", "absent.db", "new.db"), 1, "absent.db: there is no store yet")
    assert not (folder / "new.db").exists()


def test_store_backup_writes_a_whole_store_while_another_command_works(folder: Path) -> None:
    (folder / "copy.db").write_text("the backup of yesterday", encoding="utf-8")
    with hold_lock(folder / "sentinel.db.lock"), closing(sqlite3.connect("sentinel.db")) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM items")
        result = sentinel("store", "backup", "copy.db")
        writer.rollback()
    assert result.exit_code == 0
    assert result.stdout.split()[:2] == ["alerts", "0"]
    assert rows("copy.db") == ["id-0", "id-1"]
    assert sentinel("store", "check", "--store", "copy.db").exit_code == 0
    assert (folder / "copy.db").stat().st_mode & 0o077 == 0
    assert {name for name in all_files(folder) if "partial" in name} == set()


def test_store_backup_refuses_the_store_itself_and_a_folder_that_is_not_there(folder: Path) -> None:
    assert_one_line(sentinel("store", "backup", "sentinel.db"), 1, "is the store itself")
    assert_one_line(sentinel("store", "backup", "absent/copy.db"), 1, "absent/copy.db: cannot be written")
    assert rows("sentinel.db") == ["id-0", "id-1"]


def test_store_check_tells_what_is_wrong_and_changes_nothing(folder: Path) -> None:
    assert sentinel("store", "check").exit_code == 0
    with closing(sqlite3.connect("sentinel.db")) as careless, careless:
        careless.execute("INSERT INTO scores VALUES ('nobody', 'm1', 0, 0, 1, '2026-03-02 12:00:00', '')")
    assert_one_line(sentinel("store", "check"), 1, "damaged: 1 scores of items that are not there", "restore a backup")
    assert rows("sentinel.db", "SELECT item_id FROM scores") == ["nobody"]


def test_store_migrate_goes_back_and_every_command_forward(folder: Path) -> None:
    back = sentinel("store", "migrate", "--to", "4")
    assert (back.exit_code, back.stderr) == (0, "sentinel: the store has schema 4\n")
    assert max(map(int, rows("sentinel.db", "SELECT number FROM schema_migrations"))) == 4
    assert_one_line(sentinel("store", "check"), 1, "its schema is older than this program's")
    assert sentinel("store", "migrate").exit_code == 0
    assert sentinel("store", "check").exit_code == 0
    assert_one_line(sentinel("store", "migrate", "--to", "99"), 1, "there is no schema 99")


def test_prune_removes_what_is_old_and_keeps_reports(folder: Path) -> None:
    (folder / "reports").mkdir()
    (folder / "reports" / "index.html").write_text("pages", encoding="utf-8")
    assert_one_line(sentinel("prune", "--older-than", "364"), 2, "364 days are too few", "at least 365")
    assert sentinel("prune", "--older-than", "731").stderr == "sentinel: removed 0 items and 0 runs\n"
    result = sentinel("prune", "--older-than", "700", "--json")
    assert json.loads(result.stdout)["items"] == 1
    assert rows("sentinel.db") == ["id-1"]
    assert (folder / "reports" / "index.html").read_text(encoding="utf-8") == "pages"
    with hold_lock(folder / "sentinel.db.lock"):
        assert_one_line(sentinel("prune", "--older-than", "700"), 75, "another run is at work")
