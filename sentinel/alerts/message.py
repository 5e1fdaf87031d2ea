"""Write what a target is told: one message about all its alerts, plain text, with nothing in it that a chat would obey.

Headlines and reasons come from strangers. Services read markup, mentions and links in what they are sent, each its
own, and some look for mentions even in text that was declared plain; so the characters that begin one are replaced by
their full-width forms, which every reader recognises and no service obeys.

Source: Unicode block "Halfwidth and Fullwidth Forms", FF01-FF5E stand 0xFEE0 behind ASCII 21-7E.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sentinel.text import clean_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from sentinel.alert_types import Alert, Event

MAX_ALERTS = 20
"""Alerts written out in one message; the page has them all."""
MAX_HEADLINES = 3
"""Headlines of one alert in a message."""
MAX_LINE_CHARACTERS = 200
MAX_TITLE_CHARACTERS = 120

_FULL_WIDTH = {ord(mark): ord(mark) + 0xFEE0 for mark in "<>@[]*_`~|\\#"}
_SCHEME = "://"


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: a title of one line, and a body of plain text."""

    title: str
    body: str


def build_message(events: Sequence[tuple[Event, Alert]], *, page: str, zone: ZoneInfo, n_waiting: int = 0) -> Message:
    """Write one message about everything that a target is to be told.

    Args:
        events: what happened to which alert; at least one.
        page: address or path of the day's page.
        zone: that times are written in.
        n_waiting: how many of them could not be delivered before.

    Returns:
        The message.
    """
    raised = sorted((alert for event, alert in events if event == "raised"), key=_in_order)
    told = {alert.alert_id for alert in raised}  # with when it cleared
    ended = (alert for event, alert in events if event == "cleared" and alert.alert_id not in told)
    cleared = sorted(ended, key=_in_order)
    lines = []
    for alert in raised[:MAX_ALERTS]:
        lines += _raised_lines(alert, zone)
    lines += _rest(len(raised))
    if cleared:
        lines.append("Cleared:")
        lines += [_cleared_line(alert, zone) for alert in cleared[:MAX_ALERTS]]
        lines += _rest(len(cleared))
    if n_waiting:
        lines.append(f"({n_waiting} of these could not be delivered before.)")
    lines += ["", f"Page: {page}"]
    return Message(_title(raised, cleared), "\n".join(lines))


def build_test_message(target: str, moment: datetime) -> Message:
    """Write the message that tries a target.

    Args:
        target: its name.
        moment: aware time, in the zone that it is written in.
    """
    return Message("sentinel: test", f"A test of the alert target {target}, sent {_minute(moment)}. Nothing happened.")


def neutralise(text: str) -> str:
    """Make text of strangers harmless in a message: one plain line, no markup, no mention, no link, bounded.

    Args:
        text: any text.

    Returns:
        At most MAX_LINE_CHARACTERS characters.
    """
    plain = clean_text(text).translate(_FULL_WIDTH).replace(_SCHEME, ": //")
    return _cut(plain, MAX_LINE_CHARACTERS)


def _title(raised: Sequence[Alert], cleared: Sequence[Alert]) -> str:
    if raised and not cleared:
        more = f" (and {len(raised) - 1} more)" if len(raised) > 1 else ""
        return f"sentinel: {_cut(neutralise(raised[0].message), MAX_TITLE_CHARACTERS)}{more}"
    counts = [f"{len(raised)} {'alert' if len(raised) == 1 else 'alerts'}"] * bool(raised)
    return f"sentinel: {', '.join([*counts, f'{len(cleared)} cleared'])}"


def _raised_lines(alert: Alert, zone: ZoneInfo) -> list[str]:
    ended = f", cleared {_minute(alert.cleared_at.astimezone(zone))}" if alert.cleared_at else ""
    since = f"since {_minute(alert.raised_at.astimezone(zone))}{ended}; rule {alert.rule}"
    headlines = [f"  - {neutralise(headline)}" for headline in alert.headlines[:MAX_HEADLINES]]
    return [f"{neutralise(alert.message)} ({since})", *headlines]


def _cleared_line(alert: Alert, zone: ZoneInfo) -> str:
    ended = _minute(alert.cleared_at.astimezone(zone)) if alert.cleared_at else "now"
    began = _minute(alert.raised_at.astimezone(zone))
    return f"{neutralise(alert.message)} (since {began}; {alert.clear_reason} {ended}; rule {alert.rule})"


def _rest(count: int) -> list[str]:
    return [f"... and {count - MAX_ALERTS} more on the page."] * (count > MAX_ALERTS)


def _in_order(alert: Alert) -> tuple[datetime, str, str]:
    return alert.raised_at, alert.rule, alert.subject


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M %Z}"


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"
