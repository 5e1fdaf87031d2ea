"""Which feeds delivered on a day, and which are stale: read from the store alone, as of any moment.

Invariant: nothing here asks the clock, so a page of the same store and moment has the same bytes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

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


class FeedLives:
    """The fetches and the news of all feeds over a span, to be asked about any moment in it."""

    def __init__(self, fetches: Iterable[store.Fetch], news: Iterable[store.NewsHour]) -> None:
        self._fetches: defaultdict[str, list[store.Fetch]] = defaultdict(list)
        self._news: defaultdict[str, list[store.NewsHour]] = defaultdict(list)
        for fetch in fetches:
            self._fetches[fetch.feed].append(fetch)
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
            return cls(
                store.load_fetches(connection, start=start, end=last),
                store.load_news_hours(connection, start=start, end=last),
            )

    def health(self, feed: str, moment: datetime) -> FeedHealth:
        """Judge a feed by what was known at a moment."""
        return assess_feed(self._past(feed, moment))

    def failing(self, feed: str, moment: datetime) -> tuple[datetime, str] | None:
        """Tell since when a feed has given no good answer, and what the last one was; None when it does not fail."""
        fetches = self._fetches.get(feed, [])
        known = fetches[: bisect_right(fetches, moment, key=_fetched_at)]
        failed = list(takewhile(lambda fetch: fetch.failure, reversed(known)))
        if not failed or failed[0].fetched_at < moment - timedelta(days=ASKED_WITHIN_DAYS):
            return None
        return failed[-1].fetched_at, failed[0].failure

    def count_items(self, feed: str, start: datetime, moment: datetime) -> int:
        """Count the items of a feed that are newer than a start, by what was known at a moment."""
        first_answer = self._first_answer(feed, moment - _HISTORY, moment)
        return sum(n_items for time, n_items in self._news_times(feed, first_answer, moment) if time > start)

    def _past(self, feed: str, moment: datetime) -> FeedPast:
        fetches = self._fetches.get(feed, [])
        n_known = bisect_right(fetches, moment, key=_fetched_at)
        last = fetches[n_known - 1] if n_known else None
        if last is None or last.fetched_at < moment - timedelta(days=ASKED_WITHIN_DAYS):
            return FeedPast(news_at=())
        first_answer = self._first_answer(feed, last.fetched_at - _HISTORY, moment)  # the moment may be the clock's
        news_at = tuple(time for time, _ in self._news_times(feed, first_answer, moment))
        return FeedPast(news_at, first_answer, last.fetched_at, last.failure)

    def _first_answer(self, feed: str, start: datetime, end: datetime) -> datetime | None:
        known = (fetch for fetch in self._fetches.get(feed, []) if start <= fetch.fetched_at <= end)
        return next((fetch.fetched_at for fetch in known if not fetch.failure), None)

    def _news_times(self, feed: str, first_answer: datetime | None, moment: datetime) -> Iterator[tuple[datetime, int]]:
        for hour in self._news.get(feed, []):
            if hour.first_seen <= moment:
                is_backlog = hour.first_seen <= (first_answer or moment)
                yield news_time(hour.published, hour.first_seen, is_backlog=is_backlog), hour.n_items


def build_coverage(
    outcomes: pd.DataFrame, kinds: Mapping[str, str], items: pd.DataFrame, lives: FeedLives, *, end: datetime
) -> pd.DataFrame:
    """Say for each feed whether it delivered on a day: its last fetch of the day, the day's items, its silence.

    On a day without any fetch (imported news) only the feeds that have items are listed.

    Args:
        outcomes: the day's fetches, as ``store.load_feed_outcomes`` gives them.
        kinds: kind of each configured feed, by name.
        items: the day's items, with the columns feed, kind and time.
        lives: what is known of the feeds until the day's end.
        end: when the day ends, or what is known of it does; aware UTC.

    Returns:
        Columns COVERAGE_COLUMNS, sorted by feed.
    """
    last = outcomes.groupby("feed").last()
    told = items.groupby("feed").agg(kind=("kind", "last"), n_items=("time", "size"), newest=("time", "max"))
    listed = {**dict(zip(told.index, told["kind"], strict=True)), **(kinds if len(outcomes) else {})}
    rows = []
    for name in sorted(listed):
        has_items = name in told.index
        outcome, reason = "not collected", ""
        if name in last.index:
            failed = last.loc[name, "outcome"] == "failed"
            outcome, reason = ("failed", str(last.loc[name, "reason"])) if failed else ("ok", "")
        elif has_items:
            outcome = "ok"
        n_items, newest = (int(told.loc[name, "n_items"]), told.loc[name, "newest"]) if has_items else (0, pd.NaT)
        rows.append((name, listed[name], outcome, reason, n_items, newest, lives.health(name, end).stale))
    frame = pd.DataFrame(rows, columns=list(COVERAGE_COLUMNS))
    frame["newest"] = pd.to_datetime(frame["newest"], utc=True).astype("datetime64[us, UTC]")
    return frame


def _fetched_at(fetch: store.Fetch) -> datetime:
    return fetch.fetched_at
