"""The story of an item is stored once, read back with its lead, and joined to the items of a report."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from sentinel.errors import StoreError
from sentinel.records import StoryItem
from sentinel.store import (
    Database,
    load_scored_items,
    load_stories,
    load_ungrouped,
    save_items,
    save_stories,
)

from .conftest import NOON, build_items

if TYPE_CHECKING:
    from datetime import datetime

HOUR = timedelta(hours=1)


def save(database: Database, *hours: int) -> None:
    """Store one item per hour given, id-0 and so on."""
    rows = [{"first_seen": NOON + hour * HOUR, "published": None} for hour in hours]
    with database.write() as connection:
        save_items(connection, build_items(*rows), now=NOON)


def ungrouped(database: Database, after: StoryItem | None = None, limit: int = 100) -> list[StoryItem]:
    with database.read() as connection:
        return load_ungrouped(connection, after=after, limit=limit)


def group(database: Database, **story_ids: str) -> None:
    """Give stored items their stories; ``id_1="id-0"`` for example."""
    wanted = {name.replace("_", "-"): story_id for name, story_id in story_ids.items()}
    items = {item.item_id: item for item in ungrouped(database)}
    with database.write() as connection:
        save_stories(connection, [(items[item_id], story_id) for item_id, story_id in wanted.items()])


def stories(database: Database, start: datetime, end: datetime) -> list[tuple[str, str]]:
    with database.read() as connection:
        return [(item.item_id, lead.item_id) for item, lead in load_stories(connection, start=start, end=end)]


def test_load_ungrouped_gives_items_in_order_of_first_seen_and_id(database: Database) -> None:
    save(database, 2, 1, 1, 0)
    assert [item.item_id for item in ungrouped(database)] == ["id-3", "id-1", "id-2", "id-0"]
    first = ungrouped(database)[0]
    assert first == StoryItem("id-3", "Headline 3", NOON, None)


def test_load_ungrouped_goes_on_after_an_item(database: Database) -> None:
    save(database, 2, 1, 1, 0)
    found: list[str] = []
    last = None
    while batch := ungrouped(database, after=last, limit=1):
        last = batch[-1]
        found.append(last.item_id)
    assert found == ["id-3", "id-1", "id-2", "id-0"]


def test_load_ungrouped_leaves_out_what_has_a_story(database: Database) -> None:
    save(database, 0, 1, 2)
    group(database, id_0="id-0", id_1="id-0")
    assert [item.item_id for item in ungrouped(database)] == ["id-2"]


def test_load_stories_gives_every_item_of_the_stories_that_a_span_leads(database: Database) -> None:
    save(database, 0, 1, 5, 6)
    group(database, id_0="id-0", id_1="id-0", id_2="id-0", id_3="id-3")
    assert stories(database, NOON, NOON) == [("id-0", "id-0"), ("id-1", "id-0"), ("id-2", "id-0")]
    assert stories(database, NOON + HOUR, NOON + 5 * HOUR) == []
    assert stories(database, NOON + 6 * HOUR, NOON + 6 * HOUR) == [("id-3", "id-3")]


def test_save_stories_never_changes_a_story_that_was_given(database: Database) -> None:
    save(database, 0, 1)
    items = ungrouped(database)
    group(database, id_0="id-0", id_1="id-0")
    with database.write() as connection:
        save_stories(connection, [(items[1], "id-1")])
    assert stories(database, NOON, NOON) == [("id-0", "id-0"), ("id-1", "id-0")]


def test_save_stories_refuses_a_lead_that_is_not_stored(database: Database) -> None:
    save(database, 0)
    with pytest.raises(StoreError, match=r"(?i)foreign key"):
        group(database, id_0="id-9")
    assert [item.item_id for item in ungrouped(database)] == ["id-0"]


def test_load_scored_items_names_the_story_of_each_item(database: Database) -> None:
    save(database, 0, 1, 2)
    group(database, id_0="id-0", id_1="id-0")
    with database.read() as connection:
        items = load_scored_items(connection, start=NOON, end=NOON + 9 * HOUR, model_id="m1", known_by=NOON + 9 * HOUR)
    assert dict(zip(items["item_id"], items["story_id"], strict=True)) == {
        "id-0": "id-0",
        "id-1": "id-0",
        "id-2": "id-2",
    }
