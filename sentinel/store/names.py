"""Scores of names: what a headline that names several is for each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import sqlalchemy as sa

from sentinel.records import NAME_SCORE_COLUMNS
from sentinel.store import schema
from sentinel.store.items import in_span
from sentinel.store.upsert import insert_new

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


def save_name_scores(connection: sa.Connection, scores: pd.DataFrame, *, model_id: str, now: datetime) -> None:
    """Store what one model says of names; what is already there is kept.

    Args:
        connection: a writing transaction.
        scores: frame with NAME_SCORE_COLUMNS.
        model_id: which model gave them.
        now: aware UTC.
    """
    rows = scores.assign(model_id=model_id, scored_at=now).to_dict("records")
    insert_new(connection, schema.name_scores, [{str(key): value for key, value in row.items()} for row in rows])


def load_name_scores(
    connection: sa.Connection, *, start: datetime, end: datetime, model_ids: Sequence[str], known_by: datetime
) -> pd.DataFrame:
    """Read what the models say of the names in the items whose published or first_seen time lies in a span.

    Args:
        connection: any transaction.
        start: aware UTC, included.
        end: aware UTC, excluded.
        model_ids: whose scores; one model has read an item.
        known_by: aware UTC; items first seen later are left out.

    Returns:
        A frame with NAME_SCORE_COLUMNS sorted by item_id and name.
    """
    names = schema.name_scores.c
    query = (
        sa.select(*(names[column] for column in NAME_SCORE_COLUMNS))
        .select_from(schema.name_scores.join(schema.items, schema.items.c.item_id == names.item_id))
        .where(names.model_id.in_(model_ids), *in_span(start, end, known_by))
        .order_by(names.item_id, names.name)
    )
    return pd.DataFrame(connection.execute(query).all(), columns=list(NAME_SCORE_COLUMNS))
