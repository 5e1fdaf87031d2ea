"""Moods as they were published: what the page of a day said when the day ended, whatever is learnt later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import sqlalchemy as sa

from sentinel.records import PUBLISHED_COLUMNS
from sentinel.store import schema
from sentinel.store.upsert import insert_new

if TYPE_CHECKING:
    from datetime import date, datetime

_FIGURES = [name for name in PUBLISHED_COLUMNS if name not in ("model_id", "published_at")]


def save_published(
    connection: sa.Connection, moods: pd.DataFrame, *, model_id: str, published_at: datetime, today: date
) -> None:
    """Note the moods that a run publishes, where none is noted yet; those of a day that still lasts are replaced.

    Args:
        connection: a writing transaction.
        moods: frame with MOOD_COLUMNS.
        model_id: whose scores they were made from; rows of other models are left alone.
        published_at: aware UTC.
        today: the day that lasts, in the report's time zone.
    """
    table = schema.published_mood
    if today in set(moods["day"]):
        connection.execute(table.delete().where(table.c.day == today, table.c.model_id == model_id))
    figures = moods[_FIGURES].astype(object)
    rows = figures.where(figures.notna(), None).assign(model_id=model_id, published_at=published_at)
    insert_new(connection, table, [{str(key): value for key, value in row.items()} for row in rows.to_dict("records")])


def load_published(
    connection: sa.Connection, *, first: date, last: date, known_by: datetime, topic_kind: str | None = None
) -> pd.DataFrame:
    """Read the moods of some days as they were published, by every model.

    Args:
        connection: any transaction.
        first: first day.
        last: last day.
        known_by: aware UTC; what was published later is left out.
        topic_kind: kind of topic wanted; None for all.

    Returns:
        A frame with PUBLISHED_COLUMNS, sorted by day, topic_kind, topic and model_id.
    """
    columns = schema.published_mood.c
    keys = (columns.day, columns.topic_kind, columns.topic, columns.model_id)
    query = (
        sa.select(*(columns[name] for name in PUBLISHED_COLUMNS))
        .where(columns.day.between(first, last), columns.published_at <= known_by)
        .order_by(*keys)
    )
    if topic_kind is not None:
        query = query.where(columns.topic_kind == topic_kind)
    published = pd.DataFrame(connection.execute(query).all(), columns=list(PUBLISHED_COLUMNS))
    published["published_at"] = pd.to_datetime(published["published_at"], utc=True).astype("datetime64[us, UTC]")
    return published.astype(dict.fromkeys(("mood", "low", "high"), "float64"))
