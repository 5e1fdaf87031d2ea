"""When each feed was asked, and when it had news: what its usual silence is learned from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from sentinel.store import schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

_ASKED = ("fetched", "unchanged", "failed")
_HOUR_CHARACTERS = 13  # of "2026-03-02 14:30:00", as both SQLite and PostgreSQL write a time


class NewsHour(NamedTuple):
    """Items of one feed that one fetch brought and that claim one hour.

    Attributes:
        feed: name of the feed.
        published: newest time they claim, aware UTC; None when they claim none.
        first_seen: when they were first stored, aware UTC.
        n_items: how many they are.
    """

    feed: str
    published: datetime | None
    first_seen: datetime
    n_items: int


class Fetch(NamedTuple):
    """One fetch of a feed.

    Attributes:
        feed: name of the feed.
        fetched_at: when it was noted, aware UTC.
        failure: why it failed; empty when it did not.
    """

    feed: str
    fetched_at: datetime
    failure: str


def load_fetches(connection: sa.Connection, *, start: datetime, end: datetime) -> Iterator[Fetch]:
    """Read when each feed was asked, and what failed.

    Args:
        connection: any transaction.
        start: aware UTC, included.
        end: aware UTC, included.

    Yields:
        Fetches, oldest first; of a feed that a run left alone there is none.
    """
    results = schema.feed_results.c
    query = (
        sa.select(results.feed, results.fetched_at, sa.case((results.outcome == "failed", results.reason), else_=""))
        .where(results.fetched_at.between(start, end), results.outcome.in_(_ASKED))
        .order_by(results.fetched_at, results.run_id)
    )
    for row in connection.execute(query):
        yield Fetch(*row)


def load_news_hours(connection: sa.Connection, *, start: datetime, end: datetime) -> Iterator[NewsHour]:
    """Read when news came, an hour of each fetch at a time, so that a busy feed costs no more than a row per hour.

    Feeds that were not asked in that time, imported archives among them, are left out.

    Args:
        connection: any transaction.
        start: aware UTC, first_seen included.
        end: aware UTC, first_seen included.

    Yields:
        Hours with news, in no order.
    """
    items = schema.items.c
    hour = sa.func.substr(sa.cast(items.published, sa.Text), 1, _HOUR_CHARACTERS)
    results = schema.feed_results.c
    asked = sa.select(results.feed).where(results.fetched_at.between(start, end))
    query = (
        sa.select(items.feed, sa.func.max(items.published), items.first_seen, sa.func.count())
        .where(items.first_seen.between(start, end), items.feed.in_(asked))
        .group_by(items.feed, items.first_seen, hour)
    )
    for row in connection.execute(query):
        yield NewsHour(*row)
