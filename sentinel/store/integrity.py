"""Is a store whole: every row can be read, and rows say nothing of one another that is not so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from sentinel.errors import StoreError
from sentinel.records import LABELS
from sentinel.store import schema
from sentinel.store.tables import TableDigest, digest_tables

if TYPE_CHECKING:
    from sentinel.store.database import Database

_ROUNDING = 1e-4
_RESTORE = "restore a backup; the store is left as it is"


def check_store(database: Database) -> dict[str, TableDigest]:
    """Read every row and look for what cannot be.

    Args:
        database: a store at this version's schema.

    Returns:
        What each table holds, by its name.

    Raises:
        StoreError: a page is damaged, a row cannot be read, or rows contradict one another.
    """
    database.check()
    with database.read() as connection:
        digests = digest_tables(connection)
        for what, query in _impossible().items():
            n_rows = connection.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0
            if n_rows:
                raise StoreError(f"damaged: {n_rows} {what}", where=database.name, hint=_RESTORE)
    return digests


def _impossible() -> dict[str, sa.Select[Any]]:
    """Say what no store holds, with the query that finds it. References are looked at although databases keep them."""
    items, scores, stories = schema.items.c, schema.scores.c, schema.stories.c
    total = sum((scores[name] for name in LABELS), sa.literal(0.0))
    lead = schema.stories.alias("lead").c
    return {
        "scores of items that are not there": _without(scores.item_id, items.item_id),
        "later texts of items that are not there": _without(schema.item_versions.c.item_id, items.item_id),
        "stories of items that are not there": _without(stories.item_id, items.item_id),
        "labels of headlines that nobody was asked about": _without(
            schema.labels.c.item_id, schema.label_queue.c.item_id
        ),
        "deliveries of alerts that are not there": _without(
            schema.alert_deliveries.c.alert_id, schema.alerts.c.alert_id
        ),
        "scores whose probabilities do not sum to 1": sa.select(scores.item_id).where(
            ~total.between(1 - _ROUNDING, 1 + _ROUNDING)
        ),
        "items that were last seen before they were first seen": sa.select(items.item_id).where(
            items.last_seen < items.first_seen
        ),
        "items in a story that does not lead itself": sa.select(stories.item_id).where(
            ~sa.exists().where(lead.item_id == stories.story_id, lead.story_id == stories.story_id)
        ),
    }


def _without(child: sa.Column[str], parent: sa.Column[str]) -> sa.Select[Any]:
    return sa.select(child).where(~sa.exists().where(parent == child))
