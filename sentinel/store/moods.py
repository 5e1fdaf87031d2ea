"""Daily moods: what the reports of a day were made from, replaced whole when the day is made again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import sqlalchemy as sa

from sentinel.records import MOOD_COLUMNS
from sentinel.store import schema

if TYPE_CHECKING:
    from datetime import date


def save_moods(connection: sa.Connection, moods: pd.DataFrame, *, model_id: str) -> None:
    """Replace the moods of the days in a frame.

    Args:
        connection: a writing transaction.
        moods: frame with MOOD_COLUMNS.
        model_id: whose scores they were made from; rows of other models are left alone.
    """
    table = schema.daily_mood
    for day in sorted(set(moods["day"])):
        connection.execute(table.delete().where(table.c.day == day, table.c.model_id == model_id))
    columns = moods[list(MOOD_COLUMNS)].astype(object)
    records = columns.where(columns.notna(), None).assign(model_id=model_id).to_dict("records")
    if records:
        connection.execute(sa.insert(table), [{str(name): value for name, value in row.items()} for row in records])


def load_moods(
    connection: sa.Connection, *, model_id: str, first_day: date, last_day: date | None = None
) -> pd.DataFrame:
    """Read the moods on file from a day on.

    Args:
        connection: any transaction.
        model_id: whose scores they were made from.
        first_day: first day wanted.
        last_day: last day wanted; None for the latest.

    Returns:
        A frame with MOOD_COLUMNS, sorted by day, topic_kind and topic; a figure that is not known is NaN.
    """
    table = schema.daily_mood.c
    columns = [table[name] for name in MOOD_COLUMNS]
    order = (table.day, table.topic_kind, table.topic)
    query = sa.select(*columns).where(table.model_id == model_id, table.day >= first_day).order_by(*order)
    if last_day is not None:
        query = query.where(table.day <= last_day)
    frame = pd.DataFrame(connection.execute(query).all(), columns=list(MOOD_COLUMNS))
    figures = [column.name for column in columns if isinstance(column.type, sa.Double)]
    return frame.astype(dict.fromkeys(figures, "float64"))
