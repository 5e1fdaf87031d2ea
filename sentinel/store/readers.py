"""Which model reads an item: one for all, or one for each language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from sentinel.store import schema

if TYPE_CHECKING:
    from collections.abc import Mapping


def reader_of(model_id: str, by_language: Mapping[str, str] | None) -> sa.ColumnElement[str] | str:
    """Name the model that reads an item of a query.

    Args:
        model_id: what reads an item in no other language.
        by_language: what reads items in others, by ISO 639-1 code.
    """
    return sa.case(dict(by_language), value=schema.items.c.language, else_=model_id) if by_language else model_id
