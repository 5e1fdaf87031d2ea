"""Silence: which feeds have had no news for longer than they usually have, and why they count as stale.

Pure functions of item times and of what the last fetches came to; no clock. A feed's own past says how long it may be
silent. Time is counted, not measured: an hour of a weekend counts as much as the feed usually has news in it beside an
hour of a weekday, so that a feed that rests at weekends is not missed on a Sunday, nor on a Monday morning. All times
are UTC, so that no clock is ever put forward. Invariant: silence is counted up to the last fetch, never up to now, so
that a feed is not blamed for hours in which nobody asked it, and the same store gives the same reasons.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sentinel.records import Item

HISTORY_DAYS = 60
"""How far back from its newest item a feed's past is read: eight weekends, and seasons do not matter yet."""
MIN_GAPS = 10
"""Gaps between hours with news that must be known before they are learned from; a slow feed's may be older."""
QUANTILE = 0.95
MARGIN = 3.0
"""A silence is unusual when it is longer than MARGIN times the QUANTILE of the gaps."""
FLOOR_H = 12.0
CEILING_H = 90 * 24.0
"""Nor is a longer one ever usual; and one item alone is judged by this."""
DEFAULT_LIMIT_H = 14 * 24.0
"""Counted hours a feed of which little is known may be silent; MARGIN times its longest gap if that is more."""
NOT_A_FEED = "not a feed"
"""What the reason of a failure begins with when something else than a feed came (``feeds.parse``)."""

_MONDAY = datetime(2001, 1, 1, tzinfo=UTC)
_WEEK_H, _WEEKDAYS_H = 7 * 24, 5 * 24
_HOUR = timedelta(hours=1)
_MAX_LAG = timedelta(days=2)
_RESTING = 0.5
_LONGEST_IN_HOURS = 48


@dataclass(frozen=True, slots=True)
class FeedPast:
    """What is known of a feed at some moment.

    Attributes:
        news_at: times at which it had news, aware UTC, in any order; HISTORY_DAYS back from the newest they are whole.
        answered_since: the first good answer that is known; None when there was none.
        asked_at: its last fetch, good or not; None when it was never asked.
        failure: why the last fetch failed; empty when it did not.
    """

    news_at: tuple[datetime, ...]
    answered_since: datetime | None = None
    asked_at: datetime | None = None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a feed has news, in counted hours.

    Attributes:
        weekend_weight: what an hour of a weekend counts beside one of a weekday, 0 to 1.
        usual_gap_h: a gap that it seldom exceeds; None when too little is known.
        limit_h: a silence longer than this is unusual.
    """

    weekend_weight: float
    usual_gap_h: float | None
    limit_h: float


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """What a feed's past says of its present.

    Attributes:
        newest: time of its newest item; None when it had none.
        rhythm: how often it has news.
        stale: why it counts as stale, for a person; empty when it does not.
    """

    newest: datetime | None
    rhythm: Rhythm
    stale: str


def news_time(published: datetime | None, first_seen: datetime, *, is_backlog: bool) -> datetime:
    """Choose the time at which an item shows that its feed is alive.

    Args:
        published: time claimed by the feed, aware UTC.
        first_seen: when it was first stored, aware UTC.
        is_backlog: whether it came with the feed's first fetch, which shows what had piled up before.

    Returns:
        The claimed time where it is believable, else ``first_seen``: a feed that dates its news days back is alive when
        it brings them, not before.
    """
    if published is None or published > first_seen + _HOUR:
        return first_seen
    return published if is_backlog or published > first_seen - _MAX_LAG else first_seen


def assess_feed(past: FeedPast) -> FeedHealth:
    """Judge a feed: stale when it turned into something else, or is silent for longer than it ever is.

    A feed that was never asked, an imported archive say, is never stale.

    Args:
        past: what is known of it.

    Returns:
        Its newest item, its rhythm and, when it is stale, the reason.
    """
    rhythm = learn_rhythm(past.news_at)
    newest = max(past.news_at, default=None)
    return FeedHealth(newest, rhythm, _why_stale(past, newest, rhythm))


def _why_stale(past: FeedPast, newest: datetime | None, rhythm: Rhythm) -> str:
    begin = newest or past.answered_since
    if past.asked_at is None or begin is None:
        return ""
    since = f"no item since {moment_text(begin, past.asked_at)}"
    if past.failure.startswith(NOT_A_FEED):
        return f"turned into something else than a feed; {since}"
    if counted_hours(begin, past.asked_at, rhythm.weekend_weight) <= rhythm.limit_h:
        return ""
    usual = gap_text(rhythm)
    known = f"usually at least one every {usual}" if usual else "too few are known to say what is usual"
    return f"{since}; {known}"


def moment_text(moment: datetime, now: datetime) -> str:
    """Write an aware time for a sentence, of another year with the year: "Tue 3 Mar 09:10 UTC"."""
    utc = moment.astimezone(UTC)
    year = "" if utc.year == now.astimezone(UTC).year else f" {utc.year}"
    return f"{utc:%a} {utc.day} {utc:%b}{year} {utc:%H:%M} UTC"


def gap_text(rhythm: Rhythm) -> str:
    """Write the usual gap of a rhythm: "2 h on weekdays", "3 days"; "" when it is not known."""
    if rhythm.usual_gap_h is None:
        return ""
    rests_at_weekends = rhythm.weekend_weight < _RESTING
    hours = ceil(rhythm.usual_gap_h)
    if hours < _LONGEST_IN_HOURS:
        return f"{hours} h{' on weekdays' if rests_at_weekends else ''}"
    return f"{ceil(hours / 24)} {'weekdays' if rests_at_weekends else 'days'}"


def newest_published(items: Iterable[Item]) -> datetime | None:
    """Give the newest believable time that items claim; None when they claim none."""
    times = [item.published for item in items if item.published and item.published <= item.first_seen + _HOUR]
    return max(times, default=None)


def learn_rhythm(news_at: Sequence[datetime]) -> Rhythm:
    """Learn from a feed's past how long it may be silent.

    News of one hour counts once, so that a batch of twenty items is no proof of haste.

    Args:
        news_at: times with news, aware UTC, in any order.

    Returns:
        The rhythm; where too little is known, a patient default.
    """
    hours = sorted({(moment - _MONDAY) // _HOUR for moment in news_at})
    recent = [hour for hour in hours if hour > hours[-1] - 24 * HISTORY_DAYS]
    if len(recent) <= MIN_GAPS:
        recent = hours[-MIN_GAPS - 1 :]
    weight = _weekend_weight(recent)
    counted = [_count(hour, weight) for hour in recent]
    gaps = sorted(later - earlier for earlier, later in pairwise(counted))
    if len(gaps) >= MIN_GAPS:
        usual_gap_h = gaps[ceil(QUANTILE * len(gaps)) - 1]
        return Rhythm(weight, usual_gap_h, min(max(FLOOR_H, MARGIN * usual_gap_h), CEILING_H))
    if len(recent) == 1:
        return Rhythm(weight, None, CEILING_H)
    longest = gaps[-1] if gaps else 0.0
    return Rhythm(weight, None, min(max(DEFAULT_LIMIT_H, MARGIN * longest), CEILING_H))


def counted_hours(start: datetime, end: datetime, weekend_weight: float) -> float:
    """Count the hours between two aware times, those of Saturday and Sunday (UTC) by their weight."""
    return _count((end - _MONDAY) / _HOUR, weekend_weight) - _count((start - _MONDAY) / _HOUR, weekend_weight)


def _count(hours: float, weekend_weight: float) -> float:
    """Count the hours from a Monday on, those of weekends by their weight."""
    weeks, rest = divmod(hours, _WEEK_H)
    whole = weeks * (_WEEKDAYS_H + weekend_weight * (_WEEK_H - _WEEKDAYS_H))
    return whole + min(rest, _WEEKDAYS_H) + weekend_weight * max(rest - _WEEKDAYS_H, 0.0)


def _weekend_weight(hours: Sequence[int]) -> float:
    """Compare the share of weekend hours with news to that of weekday hours; 0 before a weekend was seen.

    Args:
        hours: distinct hours with news, ascending, from a Monday on.
    """
    if not hours:
        return 0.0
    weekdays_h = _count(hours[-1] + 1, 0.0) - _count(hours[0], 0.0)
    weekends_h = hours[-1] + 1 - hours[0] - weekdays_h
    n_weekend = sum(hour % _WEEK_H >= _WEEKDAYS_H for hour in hours)
    n_weekday = len(hours) - n_weekend
    if not n_weekday or not weekends_h:
        return float(n_weekend > 0)
    return min(1.0, (n_weekend / weekends_h) / (n_weekday / weekdays_h))
