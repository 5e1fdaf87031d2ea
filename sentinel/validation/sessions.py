"""Trading sessions, and in which of them an item was known: the door to exchange_calendars.

An item belongs to the first session that closes after it was known. What comes after the close, on a weekend or on a
holiday therefore belongs to the next session; half days close when they did.
"""

from __future__ import annotations

import difflib
import warnings
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

import numpy as np
import pandas as pd

from sentinel.errors import ConfigError

if TYPE_CHECKING:
    from datetime import date
    from types import ModuleType

_BEFORE = 15
"""Days before the first price that are loaded, so that there is a close before the first session."""
_EMBARGO = pd.Timedelta(days=1)
_WHOLE_DAY = pd.Timedelta(hours=25)  # a day in autumn


@dataclass(frozen=True)
class Sessions:
    """Sessions of an exchange, in order.

    Attributes:
        calendar: its code (ISO 10383, XNYS for New York).
        timezone: its IANA zone.
        days: datetime64[D] array of shape (n,).
        opens: datetime64[us] array of shape (n,), UTC.
        closes: datetime64[us] array of shape (n,), UTC.
        previous_close: datetime64[us], UTC: the close before the first session.
    """

    calendar: str
    timezone: str
    days: np.ndarray
    opens: np.ndarray
    closes: np.ndarray
    previous_close: np.datetime64

    def __len__(self) -> int:
        """Count the sessions."""
        return len(self.days)

    def by_close(self, known_at: np.ndarray) -> np.ndarray:
        """Tell the first session that closes after each item was known.

        Args:
            known_at: datetime64[us] array, UTC.

        Returns:
            int array: place of the session; -1 for what was known by the close before the first, or after the last.
            An item known at the moment of a close belongs to the next session.
        """
        place = np.searchsorted(self.closes, known_at, side="right")
        return np.where((known_at >= self.previous_close) & (place < len(self)), place, -1)

    def by_open(self, known_at: np.ndarray) -> np.ndarray:
        """Tell the session whose open each item was known before, and not yet by the close before it; else -1."""
        place = self.by_close(known_at)
        return np.where((place >= 0) & (known_at < self.opens[place]), place, -1)


def load_sessions(calendar: str, first: date, last: date) -> Sessions:
    """Look up the sessions of an exchange.

    Args:
        calendar: its code.
        first: first day.
        last: last day.

    Returns:
        The sessions from first to last, both included.

    Raises:
        ConfigError: exchange_calendars is not installed, knows no such exchange, or not these years.
    """
    xc = _door()
    if calendar not in xc.get_calendar_names():
        near = difflib.get_close_matches(calendar.upper(), xc.get_calendar_names(include_aliases=False), n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "codes are those of ISO 10383, such as XNYS or XLON"
        raise ConfigError(f"no exchange has the code {calendar!r}", where="--calendar", hint=hint)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # 4.13 reads times in a way that pandas 3.1 gives up
            found = xc.get_calendar(calendar, start=first - timedelta(days=_BEFORE), end=last)
            schedule = found.schedule[["open", "close"]]
    except ValueError as error:  # its errors are of this kind, among them one for years it does not know
        reason = next(iter(str(error).splitlines()), "")
        raise ConfigError(
            f"has no sessions from {first} to {last}: {reason}", where=f"--calendar {calendar}"
        ) from error
    days = schedule.index.to_numpy().astype("datetime64[D]")
    opens, closes = (_utc(schedule[name]) for name in ("open", "close"))
    begin = int(np.searchsorted(days, np.datetime64(first)))
    if begin == len(days):
        raise ConfigError(f"has no session from {first} to {last}", where=f"--calendar {calendar}")
    previous = closes[begin - 1] if begin else np.datetime64(first, "us")
    return Sessions(calendar, str(found.tz), days[begin:], opens[begin:], closes[begin:], previous)


def known_times(
    published: pd.Series, first_seen: pd.Series, *, zones: tuple[str, ...], clock_zone: str = ""
) -> tuple[pd.Series, pd.Series]:
    """Say when each item was known: when it was first seen, and never before it was published.

    An imported item, first seen when it was published, has the time that its archive claims. One that stands exactly at
    midnight has a date and no time, and counts as known when that day has ended. A published time more than a day after
    the item was seen is an error, not an embargo, and counts for nothing.

    Args:
        published: aware UTC, NaT where absent.
        first_seen: aware UTC.
        zones: IANA names in which midnight means that only a date is known.
        clock_zone: IANA name of the zone that the clock times of imported items are really told in, where the archive
            said UTC; empty to believe it.

    Returns:
        Aware UTC times, and which of them are of items with a date alone.

    Raises:
        ConfigError: there is no such zone.
    """
    if clock_zone and clock_zone not in available_timezones():
        raise ConfigError(
            f"{clock_zone!r} is not a time zone", where="--tz", hint="use a name such as America/New_York"
        )
    is_imported = published == first_seen
    known = first_seen
    if clock_zone:
        known = known.where(~is_imported, _retold(known, clock_zone))
    believable = published.where((published <= first_seen + _EMBARGO) & ~is_imported)
    known = known.where(~(believable > known), believable)
    is_date = pd.Series(data=False, index=known.index)
    for zone in {*zones, *([clock_zone] if clock_zone else [])}:
        local = known.dt.tz_convert(zone).dt.tz_localize(None)
        is_date |= local == local.dt.normalize()
    is_date &= is_imported
    return known.where(~is_date, known + _WHOLE_DAY), is_date


def _retold(times: pd.Series, zone: str) -> pd.Series:
    """Read UTC clock times as those of a zone; in a doubled hour the later one is meant, which gives away nothing."""
    local = times.dt.tz_localize(None).dt.tz_localize(
        zone, ambiguous=np.zeros(len(times), dtype=bool), nonexistent="shift_forward"
    )
    return pd.Series(local.dt.tz_convert("UTC"))


def _utc(times: pd.Series) -> np.ndarray:
    return np.asarray(times.dt.tz_convert("UTC").dt.tz_localize(None), dtype="datetime64[us]")


def _door() -> ModuleType:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            import exchange_calendars
    except ImportError as error:
        raise ConfigError(
            f"trading sessions need a package that is not installed ({error.name})",
            hint="pip install 'sentinel-mood[prices]'",
        ) from error
    door: ModuleType = exchange_calendars
    return door
