"""Alerts, and what was told of them to whom. An address never comes here: targets are names."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from sentinel.alert_types import Alert, Delivery
from sentinel.store import schema
from sentinel.store.upsert import insert_or_replace

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

_ORDER = (schema.alerts.c.raised_at, schema.alerts.c.rule, schema.alerts.c.subject)


def save_alerts(connection: sa.Connection, alerts: Iterable[Alert]) -> None:
    """Store alerts; one that is there already is overwritten.

    Args:
        connection: a writing transaction.
        alerts: the alerts; line breaks in a headline become spaces.
    """
    for alert in alerts:
        headlines = "\n".join(" ".join(headline.split()) for headline in alert.headlines)
        insert_or_replace(connection, schema.alerts, {**asdict(alert), "headlines": headlines})


def load_alerts(connection: sa.Connection, *, since: datetime) -> list[Alert]:
    """Read every open alert, and those that cleared since a time, in the order in which they were raised.

    Args:
        connection: any transaction.
        since: aware UTC, included.
    """
    query = sa.select(schema.alerts).where(_open_since(since)).order_by(*_ORDER)
    return [_alert(row) for row in connection.execute(query).mappings()]


def load_alerts_of(connection: sa.Connection, *, start: datetime, end: datetime) -> list[Alert]:
    """Read the alerts that were open at any time of a span, as they were known at its end.

    Args:
        connection: any transaction.
        start: aware UTC, included.
        end: aware UTC, included; an alert that cleared later is open here.

    Returns:
        The alerts, in the order in which they were raised.
    """
    alerts = schema.alerts.c
    query = (
        sa.select(schema.alerts)
        .where(alerts.raised_at <= end, sa.or_(alerts.cleared_at.is_(None), alerts.cleared_at >= start))
        .order_by(*_ORDER)
    )
    return [_as_of(dict(row), end) for row in connection.execute(query).mappings()]


def save_deliveries(connection: sa.Connection, deliveries: Iterable[Delivery]) -> None:
    """Store deliveries; one that is there already is overwritten.

    Args:
        connection: a writing transaction.
        deliveries: the deliveries, of alerts that are stored.
    """
    for delivery in deliveries:
        insert_or_replace(connection, schema.alert_deliveries, asdict(delivery))


def load_pending(connection: sa.Connection) -> list[tuple[Delivery, Alert]]:
    """Read what is still to be told, with the alerts, in the order in which they were raised."""
    deliveries = schema.alert_deliveries
    query = (
        sa.select(deliveries, schema.alerts)
        .join(schema.alerts, schema.alerts.c.alert_id == deliveries.c.alert_id)
        .where(deliveries.c.state == "pending")
        .order_by(*_ORDER, deliveries.c.target, deliveries.c.event)
    )
    n_columns = len(deliveries.c)
    names = [column.name for column in schema.alerts.c]
    return [
        (Delivery(*row[:n_columns]), _alert(dict(zip(names, row[n_columns:], strict=True))))
        for row in connection.execute(query)
    ]


def load_deliveries(connection: sa.Connection, *, since: datetime) -> list[Delivery]:
    """Read what was told, or is to be told, of the alerts that ``load_alerts`` gives, in order of target and event."""
    deliveries = schema.alert_deliveries
    query = (
        sa.select(deliveries)
        .join(schema.alerts, schema.alerts.c.alert_id == deliveries.c.alert_id)
        .where(_open_since(since))
        .order_by(deliveries.c.alert_id, deliveries.c.target, deliveries.c.event)
    )
    return [Delivery(*row) for row in connection.execute(query)]


def _open_since(since: datetime) -> sa.ColumnElement[bool]:
    cleared_at = schema.alerts.c.cleared_at
    return sa.or_(cleared_at.is_(None), cleared_at >= since)


def _alert(row: Any) -> Alert:
    return Alert(**{**row, "headlines": tuple(filter(None, row["headlines"].split("\n")))})


def _as_of(row: dict[str, Any], end: datetime) -> Alert:
    alert = _alert(row)
    if alert.cleared_at is None or alert.cleared_at <= end:
        return alert
    return _alert({**row, "cleared_at": None, "clear_reason": ""})
