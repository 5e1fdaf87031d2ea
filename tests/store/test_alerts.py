"""Alerts and what was told of them are stored whole, and can be read as they were known at any time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sentinel.alert_types import Alert, Delivery
from sentinel.store import (
    load_alerts,
    load_alerts_of,
    load_deliveries,
    load_pending,
    load_titles,
    save_alerts,
    save_deliveries,
    save_items,
)

from .conftest import NOON, build_items

if TYPE_CHECKING:
    from sentinel.store import Database

HOUR = timedelta(hours=1)
OPEN = Alert("a1", "down", "mood", "market", "Mood -34.2", -34.2, NOON, NOON, headlines=("One", "Two <b>"))
CLEARED = replace(
    OPEN, alert_id="a2", subject="company:ACME", headlines=(), cleared_at=NOON + 3 * HOUR, clear_reason="back to usual"
)
PENDING = Delivery("a1", "DESK", "raised")


def save(database: Database, *alerts: Alert) -> None:
    with database.write() as connection:
        save_alerts(connection, alerts)


def test_alerts_come_back_as_they_were_stored(database: Database) -> None:
    save(database, CLEARED, OPEN)
    with database.read() as connection:
        assert load_alerts(connection, since=NOON) == [CLEARED, OPEN]


def test_an_alert_is_overwritten_by_its_later_state(database: Database) -> None:
    save(database, OPEN)
    later = replace(OPEN, checked_at=NOON + HOUR, cleared_at=NOON + HOUR, clear_reason="back to usual")
    save(database, later)
    with database.read() as connection:
        assert load_alerts(connection, since=NOON) == [later]


def test_alerts_that_cleared_before_are_left_out(database: Database) -> None:
    save(database, OPEN, CLEARED)
    with database.read() as connection:
        assert load_alerts(connection, since=NOON + 4 * HOUR) == [OPEN]


def test_the_alerts_of_a_span_are_those_that_were_open_in_it_as_known_at_its_end(database: Database) -> None:
    save(database, OPEN, CLEARED)
    still_open = replace(CLEARED, cleared_at=None, clear_reason="")
    with database.read() as connection:
        assert load_alerts_of(connection, start=NOON - HOUR, end=NOON - HOUR / 2) == []
        assert load_alerts_of(connection, start=NOON - HOUR, end=NOON + HOUR) == [still_open, OPEN]
        assert load_alerts_of(connection, start=NOON - HOUR, end=NOON + 3 * HOUR) == [CLEARED, OPEN]
        assert load_alerts_of(connection, start=NOON + 4 * HOUR, end=NOON + 5 * HOUR) == [OPEN]


def test_what_is_pending_comes_with_its_alert_until_it_was_delivered(database: Database) -> None:
    save(database, OPEN, CLEARED)
    others = [replace(PENDING, target="PHONE", state="given up", n_attempts=5, last_error="no connection")]
    with database.write() as connection:
        save_deliveries(connection, [PENDING, *others, replace(PENDING, alert_id="a2", event="cleared")])
    with database.read() as connection:
        assert load_pending(connection) == [
            (replace(PENDING, alert_id="a2", event="cleared"), CLEARED),
            (PENDING, OPEN),
        ]
        assert load_deliveries(connection, since=NOON + 4 * HOUR) == [PENDING, *others]
    delivered = replace(PENDING, state="delivered", n_attempts=1, tried_at=NOON)
    with database.write() as connection:
        save_deliveries(connection, [delivered])
    with database.read() as connection:
        assert [delivery.alert_id for delivery, _ in load_pending(connection)] == ["a2"]
        assert load_deliveries(connection, since=NOON + 4 * HOUR)[0] == delivered


def test_titles_are_read_by_the_ids_of_items(database: Database) -> None:
    with database.write() as connection:
        save_items(connection, build_items({"title": "One"}, {"title": "Two"}), now=NOON)
    with database.read() as connection:
        assert load_titles(connection, ["id-1", "absent"]) == {"id-1": "Two"}
        assert load_titles(connection, []) == {}
