"""What the alerts section of a day's page lists, and what of the page the rules compare."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sentinel.report.rounded_day import round_day
from sentinel.report.rounding import number_text
from sentinel.report.sentence import minute_text

if TYPE_CHECKING:
    import pandas as pd

    from sentinel.alert_types import Alert, RuleKind
    from sentinel.report.day import DayReport
    from sentinel.report.rounded_day import Row

MAX_ALERT_ROWS = 100
"""Alerts listed on a page, open ones first; ``sentinel alerts list`` has them all."""

_ROWS_OF: dict[RuleKind, tuple[str, str]] = {
    "stale-feed": ("feeds.csv", "feeds.csv"),
    "failing-feed": ("feeds.csv", "feeds.csv"),
    "canary": ("#method", "the model"),
    "drift": ("#method", "the model"),
}
_ITEM_ROWS = ("items.csv", "items.csv")


def shown_moods(report: DayReport) -> pd.DataFrame:
    """Give the moods of a report's day as its page shows them.

    Returns:
        Columns MOOD_COLUMNS among others, the day's rows.
    """
    return round_day(report).today


def alert_rows(report: DayReport) -> tuple[list[Row], int]:
    """List the alerts of a day: open ones first, and of each group the newest first.

    Args:
        report: the day.

    Returns:
        At most MAX_ALERT_ROWS rows (is_open, raised, cleared, message, headlines, figure, rule, href and rows), and how
        many are left out.
    """
    found = sorted(report.alerts or (), key=lambda alert: (alert.raised_at, alert.rule, alert.subject), reverse=True)
    found.sort(key=lambda alert: alert.cleared_at is not None)
    zone = ZoneInfo(report.timezone)
    return [_row(alert, zone) for alert in found[:MAX_ALERT_ROWS]], max(0, len(found) - MAX_ALERT_ROWS)


def _row(alert: Alert, zone: ZoneInfo) -> Row:
    href, rows = _ROWS_OF.get(alert.kind, _ITEM_ROWS)
    return {
        "is_open": alert.cleared_at is None,
        "raised": minute_text(alert.raised_at.astimezone(zone)),
        "cleared": minute_text(alert.cleared_at.astimezone(zone)) if alert.cleared_at else "",
        "clear_reason": alert.clear_reason,
        "message": alert.message,
        "headlines": alert.headlines,
        "figure": _figure_text(alert),
        "rule": alert.rule,
        "href": href,
        "rows": rows,
    }


def _figure_text(alert: Alert) -> str:
    """Write the figure in the unit of its rule."""
    value = alert.figure
    if alert.kind in ("mood", "z"):
        return number_text(value, signed=True)
    if alert.kind in ("unread", "left-out"):
        return f"{number_text(100 * value, 0)}%"
    return {
        "volume": f"{number_text(value)} x usual",
        "negative-stories": f"{number_text(value, 0)} stories",
        "stale-feed": "stale",
        "failing-feed": f"{number_text(value, 0)} h",
        "canary": number_text(value, 2),
        "drift": number_text(value, 2),
    }[alert.kind]
