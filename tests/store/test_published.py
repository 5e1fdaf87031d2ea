"""What was published of a day stays, whatever later runs make of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from sentinel.records import MOOD_COLUMNS, PUBLISHED_COLUMNS
from sentinel.store import Database, load_published, save_published

if TYPE_CHECKING:
    from collections.abc import Sequence

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
MORNING = datetime(2026, 3, 2, 7, tzinfo=UTC)
COUNTS = {"n_items": 4, "n_stories": 3, "n_eff": 2.5, "n_negative": 1, "n_neutral": 2, "n_positive": 1}
FAR = MORNING + timedelta(days=900)


def publish(
    database: Database, *moods: tuple[date, str, float], at: datetime, model_id: str = "m1", zone_hours: int = 0
) -> None:
    rows = [{"day": day, "topic_kind": "market", "topic": topic, "mood": mood, **COUNTS} for day, topic, mood in moods]
    frame = pd.DataFrame(rows, columns=list(MOOD_COLUMNS))
    today = (at + timedelta(hours=zone_hours)).date()
    with database.write() as connection:
        save_published(connection, frame, model_id=model_id, published_at=at, today=today)


def load(database: Database, **wanted: Any) -> pd.DataFrame:
    with database.read() as connection:
        return load_published(connection, **{"first": MONDAY, "last": TUESDAY, "known_by": FAR, **wanted})


def figures(published: pd.DataFrame, columns: Sequence[str] = ("day", "mood", "published_at")) -> list[tuple[Any, ...]]:
    return list(published[list(columns)].itertuples(index=False, name=None))


def test_published_mood_of_a_day_that_lasts_is_the_newest(database: Database) -> None:
    evening = MORNING + timedelta(hours=12)
    publish(database, (MONDAY, "market", 10.0), at=MORNING)
    publish(database, (MONDAY, "market", 12.0), at=evening)
    assert figures(load(database)) == [(MONDAY, 12.0, evening)]


def test_published_mood_of_a_day_that_is_over_stays(database: Database) -> None:
    publish(database, (MONDAY, "market", 10.0), at=MORNING)
    tomorrow = MORNING + timedelta(days=1)
    publish(database, (MONDAY, "market", -3.0), (TUESDAY, "market", 4.0), at=tomorrow)
    assert figures(load(database)) == [(MONDAY, 10.0, MORNING), (TUESDAY, 4.0, tomorrow)]


def test_published_mood_of_a_day_without_a_run_is_the_first_one_after_it(database: Database) -> None:
    later = MORNING + timedelta(days=5)
    publish(database, (MONDAY, "market", 10.0), at=later)
    publish(database, (MONDAY, "market", 11.0), at=later + timedelta(hours=1))
    assert figures(load(database)) == [(MONDAY, 10.0, later)]


def test_day_that_lasts_is_one_of_the_reports_zone(database: Database) -> None:
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)  # Tuesday in a zone that is ahead
    publish(database, (MONDAY, "market", 10.0), at=MORNING, zone_hours=2)
    publish(database, (MONDAY, "market", 11.0), at=late, zone_hours=2)
    assert figures(load(database)) == [(MONDAY, 10.0, MORNING)]


def test_published_moods_of_models_stand_beside_each_other(database: Database) -> None:
    publish(database, (MONDAY, "market", 10.0), at=MORNING, model_id="m1")
    publish(database, (MONDAY, "market", 20.0), at=MORNING + timedelta(hours=1), model_id="m2")
    assert figures(load(database), ("model_id", "mood")) == [("m1", 10.0), ("m2", 20.0)]


def test_published_moods_as_of_a_time_leave_out_what_was_published_later(database: Database) -> None:
    publish(database, (MONDAY, "market", 10.0), at=MORNING)
    publish(database, (TUESDAY, "market", 20.0), at=MORNING + timedelta(days=1))
    assert figures(load(database, known_by=MORNING)) == [(MONDAY, 10.0, MORNING)]
    assert load(database, known_by=MORNING - timedelta(seconds=1)).empty


def test_published_moods_keep_not_enough_news_and_have_the_columns_of_the_contract(database: Database) -> None:
    publish(database, (MONDAY, "market", float("nan")), at=MORNING)
    published = load(database, topic_kind="market")
    assert tuple(published.columns) == PUBLISHED_COLUMNS
    assert published["mood"].isna().tolist() == [True]
    assert load(database, topic_kind="sector").empty
    assert tuple(load(database, topic_kind="sector").columns) == PUBLISHED_COLUMNS
