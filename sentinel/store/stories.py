"""Which story each item belongs to: given once, never changed, and known as of the item's ``first_seen``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from sentinel.records import StoryItem
from sentinel.store import schema
from sentinel.store.upsert import insert_new

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

_FIELDS = ("item_id", "title", "first_seen", "published")


def is_all_grouped(connection: sa.Connection) -> bool:
    """Tell whether every item has a story, by counting: to look for one without costs seconds among a million."""
    n_items, n_stories = (sa.select(sa.func.count()).select_from(table) for table in (schema.items, schema.stories))
    return connection.scalar(n_items) == connection.scalar(n_stories)


def load_ungrouped(connection: sa.Connection, *, after: StoryItem | None, limit: int) -> list[StoryItem]:
    """Read items that have no story yet, in order of first_seen and id.

    Args:
        connection: any transaction.
        after: the last item that was read; None to begin.
        limit: at most this many.

    Returns:
        The items.
    """
    items = schema.items.c
    query = (
        sa.select(*(items[name] for name in _FIELDS))
        .where(~sa.exists().where(schema.stories.c.item_id == items.item_id))
        .order_by(items.first_seen, items.item_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(
            items.first_seen >= after.first_seen,
            sa.or_(items.first_seen > after.first_seen, items.item_id > after.item_id),
        )
    return [StoryItem(*row) for row in connection.execute(query)]


def load_stories(connection: sa.Connection, *, start: datetime, end: datetime) -> list[tuple[StoryItem, StoryItem]]:
    """Read the stories whose lead was first seen in a span.

    Args:
        connection: any transaction.
        start: aware UTC, included.
        end: aware UTC, included.

    Returns:
        Every item of them with the lead of its story, leads first, in order of first_seen and id.
    """
    leading, joined = schema.stories.alias("leading"), schema.stories.alias("joined")
    lead, item = schema.items.alias("lead"), schema.items.alias("item")
    query = (
        sa.select(*(item.c[name] for name in _FIELDS), *(lead.c[name].label(f"lead_{name}") for name in _FIELDS))
        .select_from(leading)
        .join(joined, joined.c.story_id == leading.c.item_id)
        .join(lead, lead.c.item_id == leading.c.item_id)
        .join(item, item.c.item_id == joined.c.item_id)
        .where(leading.c.item_id == leading.c.story_id, leading.c.joined_at.between(start, end))
        .order_by(leading.c.joined_at, leading.c.item_id, joined.c.joined_at, joined.c.item_id)
    )
    n_fields = len(_FIELDS)
    return [(StoryItem(*row[:n_fields]), StoryItem(*row[n_fields:])) for row in connection.execute(query)]


def save_stories(connection: sa.Connection, given: Iterable[tuple[StoryItem, str]]) -> None:
    """Store the stories of items; an item that has one keeps it.

    Args:
        connection: a writing transaction.
        given: each item with the id of its story; a lead stands before, or is stored already.
    """
    rows = [{"item_id": item.item_id, "story_id": story_id, "joined_at": item.first_seen} for item, story_id in given]
    insert_new(connection, schema.stories, rows)
