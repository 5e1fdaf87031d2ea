"""The moods of a day and a model are replaced whole; all others stay."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
import sqlalchemy as sa

from sentinel.errors import StoreError
from sentinel.records import MOOD_COLUMNS
from sentinel.store import Database, load_moods, save_moods, schema

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
COUNTS = {"n_items": 4, "n_stories": 3, "n_eff": 2.5, "n_negative": 1, "n_neutral": 2, "n_positive": 1}


def build_moods(*rows: tuple[date, str, float]) -> pd.DataFrame:
    """Make a frame of moods from (day, topic, mood); what is not given is missing."""
    filled = [{"day": day, "topic_kind": "topic", "topic": topic, "mood": mood, **COUNTS} for day, topic, mood in rows]
    return pd.DataFrame(filled, columns=list(MOOD_COLUMNS))


def save(database: Database, moods: pd.DataFrame, model_id: str = "m1") -> None:
    with database.write() as connection:
        save_moods(connection, moods, model_id=model_id)


def stored(database: Database) -> list[tuple[object, ...]]:
    columns = schema.daily_mood.c
    query = sa.select(columns.day, columns.topic, columns.model_id, columns.mood).order_by(
        columns.day, columns.topic, columns.model_id
    )
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(query)]


def test_save_moods_replaces_a_day_whole(database: Database) -> None:
    save(database, build_moods((MONDAY, "banks", 10.0), (MONDAY, "energy", 20.0)))
    save(database, build_moods((MONDAY, "banks", -5.0)))
    assert stored(database) == [(MONDAY, "banks", "m1", -5.0)]


def test_save_moods_leaves_other_days_alone(database: Database) -> None:
    save(database, build_moods((MONDAY, "banks", 10.0), (TUESDAY, "banks", 20.0)))
    save(database, build_moods((TUESDAY, "banks", 30.0)))
    assert stored(database) == [(MONDAY, "banks", "m1", 10.0), (TUESDAY, "banks", "m1", 30.0)]


def test_save_moods_leaves_other_models_alone(database: Database) -> None:
    save(database, build_moods((MONDAY, "banks", 10.0)), "m1")
    save(database, build_moods((MONDAY, "banks", 20.0)), "m2")
    assert stored(database) == [(MONDAY, "banks", "m1", 10.0), (MONDAY, "banks", "m2", 20.0)]


def test_save_moods_takes_an_empty_frame(database: Database) -> None:
    save(database, build_moods((MONDAY, "banks", 10.0)))
    save(database, build_moods())
    assert stored(database) == [(MONDAY, "banks", "m1", 10.0)]


def test_save_moods_stores_numbers_as_numbers_and_missing_ones_as_none(sqlite_database: Database) -> None:
    save(sqlite_database, build_moods((MONDAY, "banks", float("nan"))))
    with sqlite_database.read() as connection:
        row = connection.exec_driver_sql(
            "SELECT mood, low, typeof(n_items), n_items, typeof(n_eff), n_eff, day FROM daily_mood"
        ).one()
    assert tuple(row) == (None, None, "integer", 4, "real", 2.5, "2026-03-02")


def test_save_moods_keeps_the_old_day_when_the_new_one_cannot_be_stored(database: Database) -> None:
    save(database, build_moods((MONDAY, "banks", 10.0)))
    with pytest.raises(StoreError, match=r"(?i)unique constraint"):
        save(database, build_moods((MONDAY, "banks", 1.0), (MONDAY, "banks", 2.0)))
    assert stored(database) == [(MONDAY, "banks", "m1", 10.0)]


def test_load_moods_gives_back_what_was_saved_of_a_model_from_a_day_on(database: Database) -> None:
    save(database, build_moods((MONDAY, "banks", 1.0), (TUESDAY, "banks", float("nan")), (TUESDAY, "a", 3.0)))
    save(database, build_moods((TUESDAY, "banks", 9.0)), model_id="m2")
    with database.read() as connection:
        whole = load_moods(connection, model_id="m1", first_day=MONDAY)
        late = load_moods(connection, model_id="m1", first_day=TUESDAY)
    assert list(whole.columns) == list(MOOD_COLUMNS)
    assert list(zip(late["day"], late["topic"], strict=True)) == [(TUESDAY, "a"), (TUESDAY, "banks")]
    assert whole["mood"].isna().tolist() == [False, False, True]
    assert whole["mood"].dtype == "float64"
    assert whole["n_items"].tolist() == [4, 4, 4]


def test_load_moods_of_nothing_has_every_column(database: Database) -> None:
    with database.read() as connection:
        frame = load_moods(connection, model_id="m1", first_day=MONDAY)
    assert (len(frame), list(frame.columns)) == (0, list(MOOD_COLUMNS))
