"""Which items wait for a model: read by the step that scores them, counted for those who look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from sentinel.store import schema

if TYPE_CHECKING:
    from collections.abc import Sequence


def is_unscored(model_id: str, languages: Sequence[str] = ()) -> sa.ColumnElement[bool]:
    """Give the condition that a model has not scored an item and reads it.

    Args:
        model_id: which model.
        languages: those it reads; an item whose language was not looked at yet counts, too. Without any, all items do.
    """
    items = schema.items.c
    scored = sa.select(schema.scores.c.item_id).where(
        schema.scores.c.item_id == items.item_id, schema.scores.c.model_id == model_id
    )
    return sa.and_(~scored.exists(), items.language.in_(["", *languages])) if languages else ~scored.exists()


def count_unscored(connection: sa.Connection, *, model_id: str, languages: Sequence[str] = ()) -> int:
    """Count the items that wait for a model; arguments as for ``is_unscored``."""
    query = sa.select(sa.func.count()).select_from(schema.items).where(is_unscored(model_id, languages))
    return int(connection.execute(query).scalar_one())
