"""Which collector asks a feed, where several on several machines share a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel import store

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sentinel.records import FeedState


class FeedClaims:
    """The feeds that one collector is asking; they are free again when it ends, whatever ends it.

    A feed is claimed from just before it is asked until its answer is stored. What is remembered of it is read under
    the claim, so whoever claims it next sees that it is not due.
    """

    def __init__(self, database: store.Database) -> None:
        self._database = database

    def claim(self, feed: str) -> tuple[bool, FeedState | None]:
        """Ask for a feed; see ``feeds.Claim``.

        Raises:
            StoreError: the server cannot be asked.
        """
        if not self._database.locks.take(store.feed_lock(feed)):
            return False, None
        with self._database.read() as connection:
            return True, store.load_feed_state(connection, feed)

    def release(self, feeds: Iterable[str]) -> None:
        """Give back feeds whose answers are stored; those that were not claimed are left alone.

        Raises:
            StoreError: the server cannot be asked.
        """
        for feed in feeds:
            self._database.locks.release(store.feed_lock(feed))
