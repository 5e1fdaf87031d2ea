"""Which feeds delivered on a day, and which are stale: read from the store alone, as of any moment.

Invariant: nothing here asks the clock, so a page of the same store and moment has the same bytes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from sentinel import store
from sentinel.feeds import FeedPast, assess_feed, news_time
from sentinel.feeds.health import HISTORY_DAYS
from sentinel.records import COVERAGE_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sentinel.feeds import FeedHealth

ASKED_WITHIN_DAYS = 7
"""A feed that nobody asked for longer than this is not judged."""

_HISTORY = timedelta(days=HISTORY_DAYS)


class Fetch(NamedTuple):
    """One fetch of a feed: when, what it came to, and why it failed."""

    fetched_at: datetime
    outcome: str
    reason: str


class FeedLives:
    """The fetches and the news of all feeds over a span, to be asked about any moment in it."""

    def __init__(self, fetches: Iterable[tuple[str, Fetch]], news: Iterable[store.NewsHour]) -> None:
        self._fetches: defaultdict[str, list[Fetch]] = defaultdict(list)
        self._news: defaultdict[str, list[store.NewsHour]] = defaultdict(list)
        for feed, fetch in fetches:
            self._fetches[feed].append(fetch)
        for hour in news:
            self._news[hour.feed].append(hour)

    @classmethod
    def load(cls, database: store.Database, first: datetime, last: datetime) -> FeedLives:
        """Read what is needed to judge the feeds at any moment of a span.

        Args:
            database: the open store.
            first: earliest moment, aware UTC.
            last: latest moment, aware UTC.
        """
        start = first - _HISTORY - timedelta(days=ASKED_WITHIN_DAYS)
        with database.read() as connection:
            outcomes = store.load_feed_outcomes(connection, start=start, end=last)
            columns = (outcomes[name].tolist() for name in ("feed", "fetched_at", "outcome", "reason"))
            fetches = ((feed, Fetch(at, outcome, reason)) for feed, at, outcome, reason in zip(*columns, strict=True))
            return cls(fetches, store.load_news_hours(connection, start=start, end=last))

    @property
    def feeds(self) -> set[str]:
        """Names of the feeds that were asked."""
        return set(self._fetches)

    def last_fetch(self, feed: str, start: datetime, end: datetime) -> Fetch | None:
        """Give the last fetch of a feed in a span, both ends included; None when there was none."""
        fetches = self._fetches.get(feed, [])
        place = bisect_right(fetches, end, key=_fetched_at)
        return fetches[place - 1] if place and fetches[place - 1].fetched_at >= start else None

    def health(self, feed: str, moment: datetime) -> FeedHealth:
        """Judge a feed by what was known at a moment."""
        return assess_feed(self._past(feed, moment))

    def count_items(self, feed: str, start: datetime, moment: datetime) -> int:
        """Count the items of a feed that are newer than a start, by what was known at a moment."""
        first_answer = self._first_answer(feed, moment - _HISTORY, moment)
        return sum(n_items for time, n_items in self._news_times(feed, first_answer, moment) if time > start)

    def _past(self, feed: str, moment: datetime) -> FeedPast:
        last = self.last_fetch(feed, moment - timedelta(days=ASKED_WITHIN_DAYS), moment)
        if last is None:
            return FeedPast(news_at=())
        start = last.fetched_at - _HISTORY  # and not the moment's: it may be the clock's
        first_answer = self._first_answer(feed, start, moment)
        news_at = tuple(time for time, _ in self._news_times(feed, first_answer, moment) if time >= start)
        return FeedPast(news_at, first_answer, last.fetched_at, last.reason if last.outcome == "failed" else "")

    def _first_answer(self, feed: str, start: datetime, end: datetime) -> datetime | None:
        known = (fetch for fetch in self._fetches.get(feed, []) if start <= fetch.fetched_at <= end)
        return next((fetch.fetched_at for fetch in known if fetch.outcome != "failed"), None)

    def _news_times(self, feed: str, first_answer: datetime | None, moment: datetime) -> Iterator[tuple[datetime, int]]:
        for hour in self._news.get(feed, []):
            if hour.first_seen <= moment:
                is_backlog = hour.first_seen <= (first_answer or moment)
                yield news_time(hour.published, hour.first_seen, is_backlog=is_backlog), hour.n_items


def build_coverage(
    lives: FeedLives, kinds: Mapping[str, str], items: pd.DataFrame, *, start: datetime, end: datetime
) -> pd.DataFrame:
    """Say for each feed whether it delivered on a day: its last fetch of the day, the day's items, its silence.

    On a day without any fetch (imported news) only the feeds that have items are listed.

    Args:
        lives: fetches and news that reach to the day's end.
        kinds: kind of each configured feed, by name.
        items: the day's items, with the columns feed, kind and time.
        start: when the day begins, aware UTC, included.
        end: when it ends or what is known of it does, aware UTC, included.

    Returns:
        Columns COVERAGE_COLUMNS, sorted by feed.
    """
    last = {feed: lives.last_fetch(feed, start, end) for feed in lives.feeds}
    configured = kinds if any(last.values()) else {}
    listed = {**dict(zip(items["feed"], items["kind"], strict=True)), **configured}
    rows = []
    for name in sorted(listed):
        mine = items["feed"] == name
        fetch = last.get(name)
        outcome, reason = "ok" if mine.any() else "not collected", ""
        if fetch is not None:
            outcome, reason = ("failed", fetch.reason) if fetch.outcome == "failed" else ("ok", "")
        newest = items.loc[mine, "time"].max() if mine.any() else pd.NaT
        rows.append((name, listed[name], outcome, reason, int(mine.sum()), newest, lives.health(name, end).stale))
    frame = pd.DataFrame(rows, columns=list(COVERAGE_COLUMNS))
    frame["newest"] = pd.to_datetime(frame["newest"], utc=True).astype("datetime64[us, UTC]")
    return frame


def _fetched_at(fetch: Fetch) -> datetime:
    return fetch.fetched_at
