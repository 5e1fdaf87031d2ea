"""The schema goes forward and back on each kind of database, and a store of the first version can still be used."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from sentinel.errors import StoreError
from sentinel.store import Database, check_store, load_feed_states, load_unscored, open_database, reach_database
from sentinel.store.migration import FIRST, known_migrations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from postgres import PostgresServer

FIRST_STORE = Path(__file__).parents[1] / "data" / "first-schema.db"
NEWEST = max(known_migrations())
ITEM_SQL = (
    "INSERT INTO items (item_id, feed, guid, url, title, summary, text, published, first_seen, last_seen) VALUES "
    "('a', 'wire', '', '', 'Größe', '', 'Größe', NULL, '2026-03-02 12:00:00', '2026-03-02 12:00:00')"
)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give a database of each kind without a table."""
    if request.param == "sqlite":
        url = str(tmp_path / "sentinel.db")
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.create_database()
    with closing(reach_database(url)) as database:
        yield database


def describe(database: Database) -> dict[str, Any]:
    """Read tables with their columns, keys and indexes."""
    with database.read() as connection:
        inspector = sa.inspect(connection)
        return {
            name: (
                [(column["name"], str(column["type"]), column["nullable"]) for column in inspector.get_columns(name)],
                inspector.get_pk_constraint(name)["constrained_columns"],
                sorted(str(index["name"]) for index in inspector.get_indexes(name)),
            )
            for name in inspector.get_table_names()
        }


def test_the_schema_goes_forward_and_back_through_every_version(empty: Database) -> None:
    versions = []
    for number in sorted(known_migrations()):
        assert empty.migrate(to=number) == number
        versions.append(describe(empty))
    with empty.write() as connection:
        connection.exec_driver_sql(ITEM_SQL)
    for number in sorted(known_migrations(), reverse=True):
        assert empty.migrate(to=number) == number
        assert describe(empty) == versions.pop()
    assert empty.migrate() == NEWEST
    with empty.read() as connection:
        assert connection.exec_driver_sql("SELECT item_id, title FROM items").all() == [("a", "Größe")]


@pytest.mark.parametrize("number", [0, NEWEST + 1])
def test_a_schema_that_there_is_not_is_refused(empty: Database, number: int) -> None:
    with pytest.raises(StoreError, match=f"there is no schema {number}"):
        empty.migrate(to=number)


def test_every_migration_but_the_first_can_be_taken_back() -> None:
    assert known_migrations(backward=True).keys() == known_migrations().keys() - {FIRST}


def test_a_store_of_the_first_version_is_migrated_with_all_that_it_holds(tmp_path: Path) -> None:
    path = shutil.copy(FIRST_STORE, tmp_path / "sentinel.db")
    with closing(open_database(str(path))) as database:
        counts = {name: digest.n_rows for name, digest in check_store(database).items() if digest.n_rows}
        assert counts == {"daily_mood": 1, "feed_results": 2, "feed_states": 2, "items": 3, "runs": 1, "scores": 2}
        with database.read() as connection:
            assert load_unscored(connection, model_id="m1", limit=9)["text"].tolist() == ["Copper is flat"]
            titles = connection.exec_driver_sql("SELECT title FROM items ORDER BY item_id").scalars().all()
            states = load_feed_states(connection)
    assert titles == ["Barrowgate lifts its dividend", "Lantry's größte Fabrik schließt", "Copper is flat"]
    assert (states["wire"].etag, states["desk"].n_failures, states["desk"].next_check) == ('"v1"', 3, None)


def test_texts_are_ordered_by_their_bytes_wherever_they_are_stored(empty: Database) -> None:
    empty.migrate()
    with empty.write() as connection:
        for feed in ("b", "a-b", "Z", "ab", "é"):
            connection.execute(sa.text(ITEM_SQL.replace("'a', 'wire'", ":feed, :feed")), {"feed": feed})
    with empty.read() as connection:
        feeds = connection.exec_driver_sql("SELECT feed FROM items ORDER BY feed").scalars().all()
    assert feeds == ["Z", "a-b", "ab", "b", "é"]
