"""What is pending is sent to the targets there are, and given up after five attempts or two days."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sentinel.alert_types import Alert, Delivery
from sentinel.alerts import Outcome, plan_deliveries, settle
from sentinel.alerts.delivery import MAX_AGE, MAX_ATTEMPTS, NO_TARGET, TOO_OLD

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ALERT = Alert("a1", "down", "mood", "market", "Mood of the market -34.2", -34.2, NOON, NOON)
PENDING = Delivery("a1", "DESK", "raised")


def test_a_pending_delivery_is_due() -> None:
    plan = plan_deliveries([(PENDING, ALERT)], ["DESK"], NOON + MAX_AGE)
    assert (plan.due, plan.given_up) == ({"DESK": [(PENDING, ALERT)]}, ())


def test_a_delivery_that_is_too_old_is_given_up() -> None:
    plan = plan_deliveries([(PENDING, ALERT)], ["DESK"], NOON + MAX_AGE + timedelta(seconds=1))
    assert (plan.due, plan.given_up) == ({}, (replace(PENDING, state="given up", last_error=TOO_OLD),))


def test_the_age_of_an_end_counts_from_the_end() -> None:
    ended = replace(ALERT, cleared_at=NOON + MAX_AGE)
    end = replace(PENDING, event="cleared")
    plan = plan_deliveries([(PENDING, ended), (end, ended)], ["DESK"], NOON + MAX_AGE + timedelta(hours=1))
    assert plan.due == {"DESK": [(end, ended)]}


def test_a_target_that_is_gone_is_given_up_and_keeps_its_last_error() -> None:
    tried = replace(PENDING, n_attempts=1, last_error="no connection")
    plan = plan_deliveries([(PENDING, ALERT), (tried, ALERT)], ["PHONE"], NOON)
    assert [each.last_error for each in plan.given_up] == [NO_TARGET, "no connection"]


def test_what_was_delivered_has_no_error() -> None:
    tried = replace(PENDING, n_attempts=1, last_error="no connection")
    assert settle([tried], Outcome("DESK", ""), NOON) == [Delivery("a1", "DESK", "raised", "delivered", 2, NOON)]


@pytest.mark.parametrize(
    ("n_before", "state"), [(0, "pending"), (MAX_ATTEMPTS - 2, "pending"), (MAX_ATTEMPTS - 1, "given up")]
)
def test_the_last_attempt_that_fails_gives_up(n_before: int, state: str) -> None:
    (after,) = settle([replace(PENDING, n_attempts=n_before)], Outcome("DESK", "no connection"), NOON)
    assert (after.state, after.n_attempts, after.last_error) == (state, n_before + 1, "no connection")
