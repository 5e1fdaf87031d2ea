"""Decide which alerts are raised and which clear.

A pure function of rules, figures, what is known of earlier alerts, and the time. Invariant: of one rule and subject at
most one alert is open, and none is raised within the rule's cool-down after the last one cleared.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sentinel.alert_types import Alert
from sentinel.alerts.rules import Figure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sentinel.alerts.rules import Rule

LAPSE = timedelta(days=7)
"""An open alert whose figure has not been known for so long is closed: nobody can say that it still holds."""
BACK = "back to usual"
LAPSED = f"not known for {LAPSE.days} days"
RULE_GONE = "the rule was taken away"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be changed.

    Attributes:
        raised: new alerts; ``headlines`` are still to be filled in, from ``item_ids`` by alert id.
        cleared: alerts that were open, as they are now.
        seen: alerts that stay open and whose figure is known again.
        item_ids: items behind each new alert.
    """

    raised: tuple[Alert, ...]
    cleared: tuple[Alert, ...]
    seen: tuple[Alert, ...]
    item_ids: Mapping[str, tuple[str, ...]]


def judge(
    rules: Sequence[Rule], figures: Mapping[str, Sequence[Figure]], known: Iterable[Alert], now: datetime
) -> Verdict:
    """Compare figures with their rules.

    Args:
        rules: the rules in force.
        figures: what was measured, by name of the rule; a subject that is not there has the rule's ``absent`` figure.
        known: every open alert, and those that cleared within the longest cool-down.
        now: aware UTC.

    Returns:
        What is to be changed, in the order of the rules and, within one, of the subjects.
    """
    latest: dict[tuple[str, str], Alert] = {}
    for alert in sorted(known, key=lambda alert: (alert.raised_at, alert.cleared_at is None)):
        latest[alert.rule, alert.subject] = alert
    raised: list[Alert] = []
    cleared: list[Alert] = []
    seen: list[Alert] = []
    item_ids: dict[str, tuple[str, ...]] = {}
    for rule in rules:
        measured = {figure.subject: figure for figure in figures.get(rule.name, ())}
        still_open = {
            subject for (name, subject), alert in latest.items() if name == rule.name and not alert.cleared_at
        }
        for subject in sorted(measured.keys() | still_open):
            figure = measured.get(subject, Figure(subject, rule.absent, ""))
            last = latest.get((rule.name, subject))
            if last is not None and last.cleared_at is None:
                after = _look_again(rule, figure, last, now)
                (cleared if after.cleared_at else seen).append(after)
            elif _raises(rule, figure, last, now):
                new = _raise(rule, figure, now)
                raised.append(new)
                item_ids[new.alert_id] = figure.item_ids
    names = {rule.name for rule in rules}
    orphans = [alert for alert in latest.values() if alert.cleared_at is None and alert.rule not in names]
    cleared += [replace(alert, cleared_at=now, clear_reason=RULE_GONE) for alert in orphans]
    return Verdict(tuple(raised), tuple(cleared), tuple(seen), item_ids)


def _known(figure: Figure) -> float | None:
    return figure.value if figure.value is not None and math.isfinite(figure.value) else None


def _raises(rule: Rule, figure: Figure, last: Alert | None, now: datetime) -> bool:
    value = _known(figure)
    if value is None or not rule.is_raised(value):
        return False
    return last is None or last.cleared_at is None or now - last.cleared_at >= rule.cool_down


def _raise(rule: Rule, figure: Figure, now: datetime) -> Alert:
    named = "\x1f".join((rule.name, figure.subject, now.isoformat()))
    return Alert(
        alert_id=hashlib.sha256(named.encode("utf-8", "surrogatepass")).hexdigest()[:16],
        rule=rule.name,
        kind=rule.kind,
        subject=figure.subject,
        message=figure.message,
        figure=_known(figure) or 0.0,
        raised_at=now,
        checked_at=now,
    )


def _look_again(rule: Rule, figure: Figure, alert: Alert, now: datetime) -> Alert:
    """Give an open alert as it is now; one whose figure is not known stays open until it lapses."""
    value = _known(figure)
    if value is None:
        has_lapsed = now - alert.checked_at >= LAPSE
        return replace(alert, cleared_at=now, clear_reason=LAPSED) if has_lapsed else alert
    if rule.is_cleared(value):
        return replace(alert, checked_at=now, cleared_at=now, clear_reason=BACK)
    return replace(alert, checked_at=now)
