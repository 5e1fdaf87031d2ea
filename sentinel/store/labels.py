"""Headlines that people are asked about, and what they answered.

Invariant: an item is queued once, in one half; of one person an item has one label, the last one given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import sqlalchemy as sa

from sentinel.records import LABELS
from sentinel.store import schema
from sentinel.store.readers import reader_of
from sentinel.store.upsert import insert_or_replace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

QUEUE_COLUMNS = ("item_id", "text", "feed", "first_seen", "half", "model_id", "queued_at")
LABEL_COLUMNS = ("item_id", "text", "labeller", "label", "labelled_at", "half", "model_id")


def save_queue(connection: sa.Connection, queue: pd.DataFrame, *, model_id: str, seed: int, now: datetime) -> None:
    """Queue items; one that is queued goes to the half that it is drawn for now.

    Args:
        connection: a writing transaction.
        queue: columns item_id and half.
        model_id: by whose scores they were chosen.
        seed: of the draw.
        now: aware UTC.
    """
    for item_id, half in queue[["item_id", "half"]].itertuples(index=False):
        row = {"item_id": item_id, "half": half, "model_id": model_id, "seed": seed, "queued_at": now}
        insert_or_replace(connection, schema.label_queue, row)


def load_queue(connection: sa.Connection, *, unanswered_by: str = "") -> pd.DataFrame:
    """Read the queue in the order in which it was drawn.

    Args:
        connection: any transaction.
        unanswered_by: name of somebody; items that he or she has labelled are left out.

    Returns:
        A frame with QUEUE_COLUMNS.
    """
    queue, items, labels = schema.label_queue.c, schema.items.c, schema.labels.c
    sources: Mapping[str, Any] = {**items, **queue}
    query = (
        sa.select(*(sources[name] for name in QUEUE_COLUMNS))
        .select_from(schema.label_queue.join(schema.items))
        .order_by(queue.queued_at, queue.item_id)  # ids are hashes: no half stands together
    )
    if unanswered_by:
        answered = sa.select(labels.item_id).where(labels.item_id == queue.item_id, labels.labeller == unanswered_by)
        query = query.where(~answered.exists())
    return pd.DataFrame(connection.execute(query).all(), columns=list(QUEUE_COLUMNS))


def save_label(connection: sa.Connection, item_id: str, label: str, *, labeller: str, now: datetime) -> bool:
    """Take what somebody says of a queued item, instead of what he or she said before.

    Args:
        connection: a writing transaction.
        item_id: of the item.
        label: one of LABELS.
        labeller: who says so.
        now: aware UTC.

    Returns:
        Whether the item is queued; nothing is stored where it is not.
    """
    if label not in LABELS:
        raise ValueError(label)
    queued = sa.select(schema.label_queue.c.item_id).where(schema.label_queue.c.item_id == item_id)
    if connection.scalar(queued) is None:
        return False
    row = {"item_id": item_id, "labeller": labeller, "label": label, "labelled_at": now}
    insert_or_replace(connection, schema.labels, row)
    return True


def load_labels(
    connection: sa.Connection, *, start: datetime | None = None, end: datetime | None = None
) -> pd.DataFrame:
    """Read labels.

    Args:
        connection: any transaction.
        start: aware UTC; labels given before are left out.
        end: aware UTC; labels given later are left out.

    Returns:
        A frame with LABEL_COLUMNS, sorted by item and person.
    """
    labels, queue, items = schema.labels.c, schema.label_queue.c, schema.items.c
    sources: Mapping[str, Any] = {**items, **queue, **labels}
    query = (
        sa.select(*(sources[name] for name in LABEL_COLUMNS))
        .select_from(schema.labels.join(schema.label_queue).join(schema.items, items.item_id == queue.item_id))
        .order_by(labels.item_id, labels.labeller)
    )
    if start is not None:
        query = query.where(labels.labelled_at >= start)
    if end is not None:
        query = query.where(labels.labelled_at <= end)
    return pd.DataFrame(connection.execute(query).all(), columns=list(LABEL_COLUMNS))


def load_readings(
    connection: sa.Connection, *, model_id: str, by_language: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Read which label the models give to each queued item; arguments are those of ``load_scored_items``."""
    scores, queue, items = schema.scores.c, schema.label_queue.c, schema.items.c
    query = (
        sa.select(scores.item_id, *(scores[name] for name in LABELS))
        .select_from(schema.label_queue.join(schema.items).join(schema.scores, scores.item_id == items.item_id))
        .where(scores.item_id == queue.item_id, scores.model_id == reader_of(model_id, by_language))
    )
    rows = connection.execute(query).mappings()
    return {row["item_id"]: max(LABELS, key=lambda label: row[label]) for row in rows}
