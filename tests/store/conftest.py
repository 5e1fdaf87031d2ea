"""An open store in a file of its own, and small frames to put into it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from sentinel.records import ITEM_COLUMNS
from sentinel.store import Database, open_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(str(tmp_path / "sentinel.db"))
    yield opened
    opened.close()


def build_items(*rows: dict[str, object]) -> pd.DataFrame:
    """Make a frame of items from what matters of each; the rest is filled in."""
    filled = [
        {
            "item_id": f"id-{number}",
            "feed": "wire",
            "guid": "",
            "url": "",
            "title": f"Headline {number}",
            "summary": "",
            "text": f"Headline {number}",
            "published": NOON,
            "first_seen": NOON,
            **row,
        }
        for number, row in enumerate(rows)
    ]
    frame = pd.DataFrame(filled, columns=list(ITEM_COLUMNS))
    for name in ("published", "first_seen"):
        frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]")
    return frame


def build_scores(positive: dict[str, float]) -> pd.DataFrame:
    """Make a frame of scores: probability of "positive" by item id, the rest neutral."""
    rows = [(item_id, 0.0, 1.0 - probability, probability) for item_id, probability in positive.items()]
    return pd.DataFrame(rows, columns=["item_id", "negative", "neutral", "positive"])
