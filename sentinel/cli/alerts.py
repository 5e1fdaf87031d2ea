"""Commands about alerts: try the targets, list what was raised."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from sentinel.cli.options import ErrorGroup, config_options, json_option, load, say
from sentinel.cli.tables import one_line, table_lines
from sentinel.errors import DeliveryError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sentinel.alert_types import Alert, Delivery

_TEST_HEADS = ("target", "service", "outcome", "seconds", "reason")
_LIST_HEADS = ("status", "raised", "cleared", "rule", "figure", "told", "alert")


@click.group(cls=ErrorGroup)
def alerts() -> None:
    """Try the targets of alerts, and list what was raised."""


@alerts.command()
@config_options
@click.option("--target", "targets", multiple=True, help="Try this target alone; can be given again.")
@json_option
def test(config: Path, *, targets: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Send a test message to the targets and say what came of it; ends with 1 when one was not delivered."""
    from sentinel import pipeline

    outcomes = pipeline.try_targets(load(config, **options).settings, targets)
    if as_json:
        for each in outcomes:
            click.echo(json.dumps({**asdict(each), "outcome": "failed" if each.error else "delivered"}))
    else:
        rows = [
            [each.target, each.service, "failed" if each.error else "delivered", f"{each.elapsed_s:.2f}", each.error]
            for each in outcomes
        ]
        click.echo("\n".join(table_lines(_TEST_HEADS, rows)))
    n_failed = sum(bool(each.error) for each in outcomes)
    if n_failed:
        raise DeliveryError(f"{n_failed} of {len(outcomes)} targets could not be told")
    say(f"{len(outcomes)} of {len(outcomes)} targets told")


@alerts.command("list")
@config_options
@json_option
def list_(config: Path, *, as_json: bool, **options: Any) -> None:
    """List open alerts and those that cleared in the last 30 days, with what was told of them to whom."""
    from sentinel import pipeline

    found = pipeline.alerts_of_late(load(config, **options).settings)
    if as_json:
        for alert, deliveries in found:
            click.echo(json.dumps(_alert_json(alert, deliveries)))
    elif found:
        click.echo("\n".join(table_lines(_LIST_HEADS, [_row(alert, deliveries) for alert, deliveries in found])))
    n_open = sum(alert.cleared_at is None for alert, _ in found)
    n_given_up = sum(each.state == "given up" for _, deliveries in found for each in deliveries)
    say(f"{n_open} open, {len(found) - n_open} cleared, {n_given_up} not delivered")


def _row(alert: Alert, deliveries: list[Delivery]) -> list[str]:
    return [
        "cleared" if alert.cleared_at else "open",
        _minute(alert.raised_at),
        _minute(alert.cleared_at),
        alert.rule,
        f"{alert.figure:.4g}",
        "; ".join(map(_told, deliveries)) or "nobody",
        one_line(alert.message),
    ]


def _told(delivery: Delivery) -> str:
    event = " of its end" if delivery.event == "cleared" else ""
    reason = f" ({delivery.last_error})" if delivery.last_error else ""
    return f"{delivery.target}{event} {delivery.state}{reason}"


def _alert_json(alert: Alert, deliveries: list[Delivery]) -> dict[str, Any]:
    told = [
        {
            "target": each.target,
            "event": each.event,
            "state": each.state,
            "n_attempts": each.n_attempts,
            "tried_at": _iso(each.tried_at),
            "last_error": each.last_error,
        }
        for each in deliveries
    ]
    return {
        "alert_id": alert.alert_id,
        "status": "cleared" if alert.cleared_at else "open",
        "rule": alert.rule,
        "kind": alert.kind,
        "subject": alert.subject,
        "message": alert.message,
        "figure": alert.figure,
        "headlines": list(alert.headlines),
        "raised_at": _iso(alert.raised_at),
        "cleared_at": _iso(alert.cleared_at),
        "clear_reason": alert.clear_reason,
        "deliveries": told,
    }


def _minute(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC"


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"
