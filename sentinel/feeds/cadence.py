"""When a feed is asked again, and how: pure decisions over what is remembered and what its server said.

In: FeedState, headers, hints, the time. Out: times. Invariants: no feed waits longer than LONGEST after an
answer or a failure, so that a run once a day asks every feed; a Retry-After is kept to the second.
"""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sentinel.feeds.hints import ScheduleHints
    from sentinel.records import FeedState

SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(hours=24)
WHOLE_EVERY = timedelta(hours=24)
"""A body is taken whole at least this often, whatever a server says about its copy."""

_ASKED_TO_WAIT = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_MOST_SLACK = timedelta(minutes=15)
_MAX_DOUBLINGS = 9  # 5 minutes, ten, ... : more than a day
_MAX_AGE = re.compile(r'(?:^|,)\s*max-age\s*=\s*"?(\d{1,12})', re.IGNORECASE)
_NOT_KEPT = re.compile(r"(?:^|,)\s*(?:no-cache|no-store)\s*(?:,|$)", re.IGNORECASE)
_SECONDS = re.compile(r"\d{1,12}")


def is_due(state: FeedState | None, now: datetime) -> bool:
    """Tell whether a feed is to be asked.

    Args:
        state: what is remembered; None for a feed never met.
        now: aware UTC.
    """
    if state is None or state.next_check is None or state.checked_at is None:
        return True
    return now >= state.next_check or now < state.checked_at - SHORTEST  # a clock that was put back


def must_ask_afresh(state: FeedState, now: datetime) -> bool:
    """Tell whether the whole body has to be asked for, whatever is held.

    A server may answer "not modified" for ever: a copy is believed only as long as the next time to ask,
    by the pace of the last two, is not later than WHOLE_EVERY after the last whole body.

    Args:
        state: what is remembered.
        now: aware UTC.
    """
    if state.whole_at is None or state.checked_at is None:
        return True
    return not state.whole_at <= now <= now + (now - state.checked_at) <= state.whole_at + WHOLE_EVERY


def next_check_after_answer(headers: Mapping[str, str], hints: ScheduleHints, now: datetime) -> datetime:
    """Say when to ask a feed again that answered well.

    The longest of what headers and hints ask for, from SHORTEST to LONGEST, a little less: what runs once an
    hour or once a day takes a feed a few minutes earlier or later each time, and must still find it due. Hours
    and days without news are passed over as far as LONGEST reaches.

    Args:
        headers: of the answer, by lower-case name.
        hints: of its body, or of the last one.
        now: aware UTC.

    Returns:
        Aware UTC.

    Source: RFC 9111 4.2.1 (max-age goes before Expires), 4.2.3 (Age); RSS 2.0; RSS 1.0 syndication module.
    """
    asked_s = (
        _fresh_for_s(headers, now),
        60.0 * (hints.ttl_minutes or 0),
        hints.update_period_s or 0.0,
    )
    interval = min(max(SHORTEST, timedelta(seconds=min(max(asked_s), LONGEST.total_seconds()))), LONGEST)
    latest = now + _less_slack(LONGEST)
    return min(_pass_over(now + max(SHORTEST, _less_slack(interval)), hints, latest), latest)


def next_check_after_failure(
    status: int, headers: Mapping[str, str], n_failures: int, *, feed: str, now: datetime
) -> datetime:
    """Say when to try a feed again that failed.

    Twice as long after each failure in a row, from SHORTEST to LONGEST, less up to a quarter so that feeds
    that failed together do not return together; not before what a server asked for that is overloaded.

    Args:
        status: HTTP status, 0 for none.
        headers: of the answer, by lower-case name; empty for none.
        n_failures: failures in a row, this one included.
        feed: name of the feed; with the time it decides what is left off.
        now: aware UTC.

    Returns:
        Aware UTC.

    Source: RFC 9110 10.2.3 (Retry-After), 15.6.4 (503); RFC 6585 4 (429).
    """
    doubled = min(SHORTEST * 2 ** min(n_failures - 1, _MAX_DOUBLINGS), LONGEST)
    chance = random.Random(f"{feed} {now.isoformat()}").random()  # noqa: S311 (spreads load, guards nothing)
    again = now + max(SHORTEST, _less_slack(doubled) * (1 - chance / 4))
    asked = _retry_after(headers, now) if status in _ASKED_TO_WAIT else None
    return max(again, min(asked, now + LONGEST)) if asked else again


def _less_slack(interval: timedelta) -> timedelta:
    return interval - min(interval / 10, _MOST_SLACK)


def _fresh_for_s(headers: Mapping[str, str], now: datetime) -> float:
    """Tell for how many more seconds an answer says to be fresh; 0 when it does not say."""
    control = headers.get("cache-control", "")
    if _NOT_KEPT.search(control):
        return 0.0
    told = _MAX_AGE.search(control)
    if told:
        age = _SECONDS.fullmatch(headers.get("age", "").strip())
        return max(0.0, float(told[1]) - float(age[0] if age else 0))
    expires = _read_date(headers.get("expires", ""))
    if expires is None:
        return 0.0
    return max(0.0, (expires - (_read_date(headers.get("date", "")) or now)).total_seconds())


def _retry_after(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Read Retry-After: seconds, or a time by the server's own clock."""
    value = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        return now + min(timedelta(seconds=int(value)), LONGEST)
    moment = _read_date(value)
    if moment is None:
        return None
    wait = moment - (_read_date(headers.get("date", "")) or now)
    return now + min(wait, LONGEST)


def _read_date(value: str) -> datetime | None:
    """Read a date of HTTP in any of its three forms (RFC 9110 5.6.7); None for anything else."""
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        return None


def _pass_over(moment: datetime, hints: ScheduleHints, latest: datetime) -> datetime:
    """Give the first moment from this one on whose hour and day are not to be skipped, or ``latest``."""
    while moment < latest and (moment.hour in hints.skip_hours or moment.weekday() in hints.skip_days):
        moment = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return moment
