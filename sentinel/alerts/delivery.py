"""What is still to be told to whom: pure functions of deliveries, outcomes and the time."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from sentinel.alert_types import Alert, Delivery, DeliveryState

MAX_ATTEMPTS = 5
MAX_AGE = timedelta(hours=48)
"""Older news is not told any more; it stands on its page and in ``sentinel alerts list``."""
NO_TARGET = "no such target any more"
LATE = "no answer in time"
TOO_OLD = f"older than {MAX_AGE // timedelta(hours=1)} h"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one message to one target.

    Attributes:
        target: its name.
        error: why it was not delivered, without anything of the address; empty when it was.
        service: what kind of service the target is, for example "Slack"; empty when not known.
        elapsed_s: wall seconds.
    """

    target: str
    error: str
    service: str = ""
    elapsed_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be sent, and what is given up unsent.

    Attributes:
        due: by target, what it is to be told.
        given_up: deliveries that will not be tried again, as they are now.
    """

    due: dict[str, list[tuple[Delivery, Alert]]]
    given_up: tuple[Delivery, ...]


def plan_deliveries(pending: Iterable[tuple[Delivery, Alert]], targets: Collection[str], now: datetime) -> Plan:
    """Choose what is to be sent now.

    Args:
        pending: deliveries that are pending, with their alerts.
        targets: names of the targets that there are.
        now: aware UTC.

    Returns:
        What to send and what to give up.
    """
    due: defaultdict[str, list[tuple[Delivery, Alert]]] = defaultdict(list)
    given_up = []
    for delivery, alert in pending:
        happened_at = alert.cleared_at if delivery.event == "cleared" and alert.cleared_at else alert.raised_at
        if delivery.target not in targets:
            given_up.append(replace(delivery, state="given up", last_error=delivery.last_error or NO_TARGET))
        elif now - happened_at > MAX_AGE:
            given_up.append(replace(delivery, state="given up", last_error=delivery.last_error or TOO_OLD))
        else:
            due[delivery.target].append((delivery, alert))
    return Plan(dict(due), tuple(given_up))


def settle(sent: Sequence[Delivery], outcome: Outcome, now: datetime) -> list[Delivery]:
    """Give the deliveries of one message as they are after it was tried.

    Args:
        sent: what the message told.
        outcome: what came of it.
        now: aware UTC.
    """
    after = []
    for delivery in sent:
        n_attempts = delivery.n_attempts + 1
        state: DeliveryState = "delivered"
        if outcome.error:
            state = "given up" if n_attempts >= MAX_ATTEMPTS else "pending"
        after.append(replace(delivery, state=state, n_attempts=n_attempts, tried_at=now, last_error=outcome.error))
    return after
