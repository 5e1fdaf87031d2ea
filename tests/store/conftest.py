"""An open store in a file of its own, and small frames to put into it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from sentinel.records import ITEM_COLUMNS
from sentinel.store import Database, open_database, schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from postgres import PostgresServer

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def sqlite_database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(str(tmp_path / "sentinel.db"))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def shared_postgres_database(postgres_server: PostgresServer) -> Iterator[Database]:
    opened = open_database(postgres_server.create_database())
    yield opened
    opened.close()


@pytest.fixture
def postgres_database(shared_postgres_database: Database) -> Database:
    """Give the store on the server, emptied: to make one takes longer than most tests, and eight megabytes."""
    with shared_postgres_database.write() as connection:
        connection.exec_driver_sql(f"TRUNCATE {', '.join(schema.metadata.tables)}")
    return shared_postgres_database


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """Give an empty store of each kind."""
    name = "sqlite_database" if request.param == "sqlite" else "postgres_database"
    opened: Database = request.getfixturevalue(name)
    return opened


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
