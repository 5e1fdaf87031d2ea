"""Alerts as types: what crosses from the rules to the store, the messages, the page and the command line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

RuleKind = Literal[
    "mood", "z", "volume", "negative-stories", "stale-feed", "failing-feed", "unread", "left-out", "canary", "drift"
]
"""What a rule watches."""

Event = Literal["raised", "cleared"]
DeliveryState = Literal["pending", "delivered", "given up"]


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that a rule found unusual, from when it was raised until it cleared.

    Attributes:
        alert_id: stable name, made of rule, subject and time.
        rule: name of the rule.
        kind: what the rule watches.
        subject: what it is about: "market", "company:ACME", "feed:wire", "items" or "model".
        message: what happened and how much, one line, with the figures of when it was raised.
        figure: what the rule compared with its level when it was raised.
        raised_at: aware UTC.
        checked_at: when a figure was last known for it, aware UTC.
        headlines: of the stories behind it, the strongest first; cleaned, as feeds gave them.
        cleared_at: aware UTC; None while it is open.
        clear_reason: why it is not open any more; empty while it is.
    """

    alert_id: str
    rule: str
    kind: RuleKind
    subject: str
    message: str
    figure: float
    raised_at: datetime
    checked_at: datetime
    headlines: tuple[str, ...] = ()
    cleared_at: datetime | None = None
    clear_reason: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing that one target is to be told of an alert.

    Attributes:
        alert_id: of the alert.
        target: name of the target.
        event: whether it is told that the alert was raised, or that it cleared.
        state: pending until it was delivered, or given up.
        n_attempts: how often it was tried.
        tried_at: when it was last tried, aware UTC; None when never.
        last_error: why the last attempt failed, without anything of the target's address; empty when it did not.
    """

    alert_id: str
    target: str
    event: Event
    state: DeliveryState = "pending"
    n_attempts: int = 0
    tried_at: datetime | None = None
    last_error: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """Somebody to be told: a name, and an address with its credentials, which is never shown and never stored."""

    name: str
    address: str = field(repr=False)
