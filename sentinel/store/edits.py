"""What headlines were changed to after they were first seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import sqlalchemy as sa

from sentinel.records import EDIT_COLUMNS
from sentinel.store import schema

if TYPE_CHECKING:
    from datetime import datetime


def load_edits(connection: sa.Connection, *, since: datetime, known_by: datetime) -> pd.DataFrame:
    """Read the newest text of items whose feed said something else later.

    Args:
        connection: any transaction.
        since: aware UTC; edits seen earlier are left out.
        known_by: aware UTC; edits seen later are left out.

    Returns:
        A frame with EDIT_COLUMNS, one row for each item that was edited, sorted by item.
    """
    versions = schema.item_versions.c
    query = (
        sa.select(versions.item_id, versions.title, versions.seen_at)
        .where(versions.seen_at.between(since, known_by))
        .order_by(versions.item_id, versions.seen_at)
    )
    newest = {item_id: (title, seen_at) for item_id, title, seen_at in connection.execute(query)}
    frame = pd.DataFrame([(item_id, *told) for item_id, told in newest.items()], columns=list(EDIT_COLUMNS))
    frame["edited_at"] = pd.to_datetime(frame["edited_at"], utc=True).astype("datetime64[us, UTC]")
    return frame
