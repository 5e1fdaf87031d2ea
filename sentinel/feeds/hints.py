"""What a feed itself says about how often it wants to be asked: text of its body in, hints out.

RSS ttl, skipHours and skipDays, and the syndication module of RSS 1.0. Pure functions of their arguments; only
the head and the tail of a body are read, so that any body costs bounded time. Whether a hint is heeded is
decided in cadence.py.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

_HEAD_CHARACTERS = 20_000
_TAIL_CHARACTERS = 5_000
_ITEM_START = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_ITEM_END = re.compile(r"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_TTL = re.compile(r"<ttl\s*>\s*(\d{1,9})\s*</ttl", re.IGNORECASE)
_HOUR = re.compile(r"<hour\s*>\s*(\d{1,2})\s*</hour", re.IGNORECASE)
_DAY = re.compile(r"<day\s*>\s*([a-z]{6,9})\s*</day", re.IGNORECASE)
_PERIOD = re.compile(r"<[\w.-]+:updatePeriod\s*>\s*([a-z]{5,7})\s*</", re.IGNORECASE)
_FREQUENCY = re.compile(r"<[\w.-]+:updateFrequency\s*>\s*(\d{1,6})\s*</", re.IGNORECASE)
_PERIODS_S = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class ScheduleHints:
    """How often a feed wants to be asked.

    Attributes:
        ttl_minutes: how long its body may be kept; None when it does not say.
        skip_hours: hours of a day in UTC, 0 to 23, in which it has no news.
        skip_days: days of the week in UTC, 0 = Monday, on which it has no news.
        update_period_s: seconds between its updates; None when it does not say.
    """

    ttl_minutes: int | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    update_period_s: float | None = None

    def to_text(self) -> str:
        """Write the hints on one line, to be remembered; "" for none."""
        if self == NO_HINTS:
            return ""
        return json.dumps([self.ttl_minutes, sorted(self.skip_hours), sorted(self.skip_days), self.update_period_s])

    @classmethod
    def from_text(cls, text: str) -> ScheduleHints:
        """Read what ``to_text`` wrote."""
        if not text:
            return cls()
        ttl_minutes, hours, days, period_s = json.loads(text)
        return cls(ttl_minutes, frozenset(hours), frozenset(days), period_s)


NO_HINTS = ScheduleHints()


def read_hints(text: str) -> ScheduleHints:
    """Read the hints out of the body of a feed.

    Args:
        text: the body, decoded; of any kind, and possibly broken.

    Returns:
        What stands before its first item or after its last one.

    Source: RSS 2.0 (ttl, skipHours, skipDays); RSS 0.91 counts hours from 1 to 24, so 24 is 0;
    https://web.resource.org/rss/1.0/modules/syndication/ (the frequency is 1 where none is given).
    """
    channel = _outside_items(text)
    ttl = _TTL.search(channel)
    hours = {int(hour) % 24 for hour in _HOUR.findall(channel) if int(hour) <= 24}
    days = {_DAYS.index(day.lower()) for day in _DAY.findall(channel) if day.lower() in _DAYS}
    period = _PERIOD.search(channel)
    frequency = _FREQUENCY.search(channel)
    period_s = _PERIODS_S.get(period[1].lower()) if period else None
    return ScheduleHints(
        ttl_minutes=int(ttl[1]) if ttl and int(ttl[1]) else None,
        skip_hours=frozenset(hours),
        skip_days=frozenset(days),
        update_period_s=period_s / max(1, int(frequency[1]) if frequency else 1) if period_s else None,
    )


def _outside_items(text: str) -> str:
    first = _ITEM_START.search(text, 0, _HEAD_CHARACTERS)
    head = text[: first.start() if first else _HEAD_CHARACTERS]
    if not first:
        return head
    tail = text[max(first.start(), len(text) - _TAIL_CHARACTERS) :]
    last_end = max((match.end() for match in _ITEM_END.finditer(tail)), default=len(tail))
    return head + tail[last_end:]
