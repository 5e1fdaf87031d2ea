"""How each configured feed is doing: what the store remembers of it, read without a lock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sentinel import store
from sentinel.feeds import known_state
from sentinel.pipeline.coverage import FeedLives
from sentinel.pipeline.job import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentinel.config import Settings
    from sentinel.feeds import FeedHealth
    from sentinel.records import FeedState

RECENT_DAYS = 7


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """One configured feed as the store knows it.

    Attributes:
        feed: its name.
        state: what is remembered of its last fetches.
        health: its newest item, its rhythm, and why it is stale if it is.
        n_recent: items of the last RECENT_DAYS.
    """

    feed: str
    state: FeedState
    health: FeedHealth
    n_recent: int

    @property
    def next_check(self) -> datetime | None:
        """When it will be asked again at the earliest, aware UTC; None for the next run, or for never if it is gone."""
        return None if self.state.gone_at else self.state.next_check

    @property
    def word(self) -> str:
        """Say in a word how it is: ok, failing, stale, gone, or never asked."""
        if self.state.checked_at is None:
            return "never asked"
        if self.state.gone_at is not None:
            return "gone"
        if self.state.n_failures:
            return "failing"
        return "stale" if self.health.stale else "ok"


def feed_statuses(settings: Settings, *, now: Callable[[], datetime] = utc_now) -> list[FeedStatus]:
    """Tell the health of every configured feed, in the order of the feeds file.

    Args:
        settings: the settings in force.
        now: clock, aware UTC.

    Raises:
        StoreError: there is no store yet, or it cannot be read.
    """
    moment = now()
    database = store.read_database(settings.store)
    try:
        with database.read() as connection:
            states = store.load_feed_states(connection)
        lives = FeedLives.load(database, moment, moment)
    finally:
        database.close()
    recently = moment - timedelta(days=RECENT_DAYS)
    return [
        FeedStatus(
            feed=feed.name,
            state=known_state(feed, states.get(feed.name)),
            health=lives.health(feed.name, moment),
            n_recent=lives.count_items(feed.name, recently, moment),
        )
        for feed in settings.build_feeds()
    ]
