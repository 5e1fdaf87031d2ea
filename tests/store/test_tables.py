"""A store is copied whole, from a file to a server and back, or not at all; what cannot be in one is found."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from sentinel.alert_types import Alert, Delivery
from sentinel.errors import StoreError
from sentinel.records import FeedResult, FeedState, StoryItem
from sentinel.store import (
    Database,
    check_store,
    copy_tables,
    open_database,
    prune_store,
    save_alerts,
    save_deliveries,
    save_fetch,
    save_items,
    save_scores,
    save_stories,
    schema,
    start_run,
)
from sentinel.store.tables import digest_tables

from .conftest import NOON, build_items, build_scores

if TYPE_CHECKING:
    from pathlib import Path

DAY = timedelta(days=1)
TEXTS = ("Größe 📈", "a\tb\\n", "'; DROP TABLE items; --", "Z")
ALERT = Alert("a1", "down", "mood", "market", "Mood -34.2", -0.1, NOON, NOON, headlines=("Oil",))


def fill(database: Database) -> None:
    """Put something into most tables: four items in two stories, one of them edited since."""
    items = build_items(*({"title": text, "text": text, "feed": text[:1]} for text in TEXTS))
    with database.write() as connection:
        start_run(connection, "r1", now=NOON)
        state = FeedState("wire", "https://wire.example/rss", etag='"v1"', checked_at=NOON)
        save_fetch(connection, "r1", FeedResult("wire", "fetched", "", state, elapsed_s=0.1), items, now=NOON)
        save_items(connection, items.assign(title=["Edited", *TEXTS[1:]]), now=NOON + DAY)
        save_scores(connection, build_scores({f"id-{n}": n / 7 for n in range(4)}), model_id="m1", now=NOON)
        save_stories(connection, [(StoryItem(f"id-{n}", "", NOON, None), f"id-{n % 2}") for n in range(4)])
        save_alerts(connection, [ALERT, replace(ALERT, alert_id="a2", cleared_at=NOON)])
        save_deliveries(connection, [Delivery("a1", "DESK", "raised"), Delivery("a2", "DESK", "raised")])


def counts(database: Database) -> dict[str, int]:
    with database.read() as connection:
        return {name: digest.n_rows for name, digest in digest_tables(connection).items() if digest.n_rows}


def test_a_store_goes_from_a_file_to_a_server_and_back_unchanged(
    sqlite_database: Database, postgres_database: Database, tmp_path: Path
) -> None:
    fill(sqlite_database)
    with closing(open_database(str(tmp_path / "back.db"))) as back:
        there = copy_tables(sqlite_database, postgres_database)
        assert copy_tables(postgres_database, back) == there == check_store(back) == check_store(sqlite_database)
    assert {name: digest.n_rows for name, digest in there.items() if digest.n_rows} == {
        "runs": 1,
        "items": 4,
        "item_versions": 1,
        "stories": 4,
        "scores": 4,
        "feed_states": 1,
        "feed_results": 1,
        "alerts": 2,
        "alert_deliveries": 2,
    }


def test_a_store_is_not_copied_into_one_that_holds_something(database: Database, tmp_path: Path) -> None:
    fill(database)
    with closing(open_database(str(tmp_path / "other.db"))) as other:
        with other.write() as connection:
            start_run(connection, "r9", now=NOON)
        with pytest.raises(StoreError, match="is not empty: it has runs"):
            copy_tables(database, other)
        assert counts(other) == {"runs": 1}


def test_a_copy_that_breaks_off_leaves_the_target_empty(sqlite_database: Database, postgres_database: Database) -> None:
    fill(sqlite_database)
    with sqlite_database.write() as connection:
        connection.exec_driver_sql("UPDATE scores SET neutral = 'no number' WHERE item_id = 'id-3'")
    with pytest.raises(StoreError):
        copy_tables(sqlite_database, postgres_database)
    assert counts(postgres_database) == {}


def test_a_copy_that_came_to_hold_something_else_is_refused(sqlite_database: Database, tmp_path: Path) -> None:
    fill(sqlite_database)
    with closing(open_database(str(tmp_path / "other.db"))) as other:
        with other.write() as connection:
            connection.exec_driver_sql(
                "CREATE TRIGGER loses AFTER INSERT ON alerts BEGIN UPDATE alerts SET message = ''; END"
            )
        with pytest.raises(StoreError, match=r"holds other rows than .* in alerts"):
            copy_tables(sqlite_database, other)
        assert counts(other) == {}


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("UPDATE scores SET positive = 0.9 WHERE item_id = 'id-0'", "1 scores whose probabilities do not sum to 1"),
        ("UPDATE items SET last_seen = '2020-01-01 00:00:00'", "4 items that were last seen before"),
        ("UPDATE stories SET story_id = 'id-1' WHERE item_id = 'id-0'", "items in a story that does not lead itself"),
    ],
)
def test_what_cannot_be_in_a_store_is_found(database: Database, damage: str, words: str) -> None:
    fill(database)
    assert check_store(database)["items"].n_rows == len(TEXTS)
    with database.write() as connection:
        connection.exec_driver_sql(damage)
    with pytest.raises(StoreError, match=words):
        check_store(database)


def test_a_reference_that_leads_nowhere_is_found(sqlite_database: Database) -> None:
    fill(sqlite_database)
    with closing(sqlite3.connect(sqlite_database.name)) as careless, careless:
        careless.execute("DELETE FROM items WHERE item_id = 'id-3'")
    with pytest.raises(StoreError, match="1 scores of items that are not there"):
        check_store(sqlite_database)


def test_prune_removes_whole_stories_that_no_feed_has_any_more(database: Database) -> None:
    fill(database)
    with database.write() as connection:
        seen = schema.items.update().values(last_seen=NOON + 5 * DAY)
        connection.execute(seen.where(schema.items.c.item_id == "id-2"))
        removed = prune_store(connection, before=NOON + 2 * DAY)
    assert {name: n_rows for name, n_rows in removed.items() if n_rows} == {
        "items": 2,
        "scores": 2,
        "stories": 2,
        "alerts": 1,
        "alert_deliveries": 1,
        "feed_results": 1,
    }
    with database.read() as connection:
        assert connection.scalars(sa.select(schema.items.c.item_id).order_by("item_id")).all() == ["id-0", "id-2"]
    assert counts(database)["item_versions"] == 1
    check_store(database)


def test_prune_leaves_what_is_not_old_enough(database: Database) -> None:
    fill(database)
    before = counts(database)
    with database.write() as connection:
        removed = prune_store(connection, before=NOON - DAY)
    assert set(removed.values()) == {0}
    assert counts(database) == before


def test_prune_leaves_stories_of_which_somebody_has_labelled_an_item(database: Database) -> None:
    fill(database)
    with database.write() as connection:
        queued = {"half": "random", "model_id": "m1", "seed": 0, "queued_at": NOON}
        queue, labels = schema.label_queue.insert(), schema.labels.insert()
        connection.execute(queue, [{"item_id": "id-0", **queued}, {"item_id": "id-1", **queued}])
        connection.execute(labels, {"item_id": "id-0", "labeller": "ann", "label": "neutral", "labelled_at": NOON})
        removed = prune_store(connection, before=NOON + 9 * DAY)
    assert (removed["items"], removed["label_queue"]) == (2, 1)
    with database.read() as connection:
        assert connection.scalars(sa.select(schema.items.c.item_id).order_by("item_id")).all() == ["id-0", "id-2"]
    check_store(database)
