"""What is old leaves the store, whole stories at a time; moods stay, so that the history of a page does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from sentinel.store import schema

if TYPE_CHECKING:
    from datetime import datetime

_DOOMED = sa.Table("doomed", sa.MetaData(), sa.Column("item_id", sa.Text, primary_key=True), prefixes=["TEMPORARY"])


def prune_store(connection: sa.Connection, *, before: datetime) -> dict[str, int]:
    """Remove what was last seen before a time.

    An item goes with all of its story, once none of them was in its feed since: one that is still in a feed would come
    back as new. A story of which people have labelled an item stays: labels are work that nobody does twice. Of runs,
    fetches and alerts those go that ended before.

    Args:
        connection: a writing transaction.
        before: aware UTC.

    Returns:
        How many rows were removed, by table.
    """
    _DOOMED.create(connection)
    connection.execute(_DOOMED.insert().from_select(["item_id"], _old_items(before)))
    doomed = sa.select(_DOOMED.c.item_id)
    alerts, deliveries = schema.alerts, schema.alert_deliveries
    old_alerts = sa.select(alerts.c.alert_id).where(alerts.c.cleared_at < before)
    removed = {
        # whatever hangs on an item, each table before those that it refers to
        **{table: table.c.item_id.in_(doomed) for table in schema.metadata.sorted_tables[::-1] if "item_id" in table.c},
        deliveries: deliveries.c.alert_id.in_(old_alerts),
        alerts: alerts.c.alert_id.in_(old_alerts),
        schema.feed_results: schema.feed_results.c.fetched_at < before,
        schema.runs: schema.runs.c.finished < before,
    }
    counts = {
        table.name: connection.execute(table.delete().where(is_old)).rowcount for table, is_old in removed.items()
    }
    _DOOMED.drop(connection)
    return counts


def _old_items(before: datetime) -> sa.Select[Any]:
    """Choose the items of stories none of which was seen since or labelled; one without a story is one of its own."""
    items, stories, recent = schema.items.c, schema.stories.c, schema.items.alias("recent").c
    mate = schema.stories.alias("mate").c
    lives_on = (
        sa.exists()
        .where(
            mate.story_id == stories.story_id,
            recent.item_id == mate.item_id,
            (recent.last_seen >= before) | _is_labelled(recent.item_id),
        )
        .correlate(schema.stories)
    )
    return (
        sa.select(items.item_id)
        .select_from(schema.items.outerjoin(schema.stories, stories.item_id == items.item_id))
        .where(items.last_seen < before, ~lives_on, ~_is_labelled(items.item_id))
    )


def _is_labelled(item_id: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    return sa.exists().where(schema.labels.c.item_id == item_id)
