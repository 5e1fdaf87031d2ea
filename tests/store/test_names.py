"""What a headline is for each of its names is stored beside its own score."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pandas as pd

from sentinel.records import NAME_SCORE_COLUMNS
from sentinel.store import Database, load_name_scores, save_items, save_name_scores

from .conftest import NOON, build_items

if TYPE_CHECKING:
    from datetime import datetime

AHEAD = {"item_id": "a", "name": "OCK", "negative": 0.1, "neutral": 0.2, "positive": 0.7}
BEHIND = {"item_id": "a", "name": "LAN", "negative": 0.8, "neutral": 0.1, "positive": 0.1}


def fill(database: Database) -> None:
    with database.write() as connection:
        save_items(connection, build_items({"item_id": "a", "guid": "1"}), now=NOON)
        scores = pd.DataFrame([AHEAD, BEHIND], columns=list(NAME_SCORE_COLUMNS))
        save_name_scores(connection, scores, model_id="m1", now=NOON)


def names(database: Database, *, model_id: str = "m1", start: datetime = NOON, known_by: datetime = NOON) -> list[str]:
    with database.read() as connection:
        frame = load_name_scores(
            connection, start=start, end=start + timedelta(hours=1), model_ids=[model_id], known_by=known_by
        )
    assert tuple(frame.columns) == NAME_SCORE_COLUMNS
    return [str(name) for name in frame["name"]]


def test_scores_of_names_come_back_sorted(database: Database) -> None:
    fill(database)
    assert names(database) == ["LAN", "OCK"]


def test_scores_of_names_are_those_of_one_model_span_and_time(database: Database) -> None:
    fill(database)
    assert names(database, model_id="m2") == []
    assert names(database, start=NOON + timedelta(days=1)) == []
    assert names(database, known_by=NOON - timedelta(seconds=1)) == []


def test_a_score_of_a_name_that_is_there_is_kept(database: Database) -> None:
    fill(database)
    with database.write() as connection:
        other = pd.DataFrame([AHEAD | {"positive": 0.3}], columns=list(NAME_SCORE_COLUMNS))
        save_name_scores(connection, other, model_id="m1", now=NOON)
    with database.read() as connection:
        frame = load_name_scores(connection, start=NOON, end=NOON + timedelta(hours=1), model_ids=["m1"], known_by=NOON)
    assert frame["positive"].tolist() == [0.1, 0.7]
