"""Give stored items their stories, a batch per transaction, streaming through time."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from sentinel import store
from sentinel.stories import WINDOW, StoryWindow

if TYPE_CHECKING:
    from datetime import datetime

    from sentinel.records import StoryItem

STORY_BATCH = 5_000
STORY_SPAN = 2 * WINDOW + timedelta(days=1)
"""No item of a story is first seen longer before another one, whatever came in late."""

_log = logging.getLogger(__name__)


def group_items(database: store.Database) -> int:
    """Give every stored item that has no story its story: that of an earlier item, or one of its own.

    Whoever does so does it alone, since stories depend on one another. Stories that were given stay as they are. A run
    that is killed has kept whole batches; the next goes on after them.

    Args:
        database: the open store.

    Returns:
        How many items were given one.

    Raises:
        StoreError: the store cannot be read or written.
    """
    with database.read() as connection:
        if store.is_all_grouped(connection):
            return 0
    with database.locks.in_turn(store.STORIES):
        return _group(database)


def _group(database: store.Database) -> int:
    window = StoryWindow()
    loaded_to: datetime | None = None
    last: StoryItem | None = None
    n_grouped = 0
    while True:
        with database.read() as connection:
            batch = store.load_ungrouped(connection, after=last, limit=STORY_BATCH)
            if not batch:
                return n_grouped
            start, end = batch[0].first_seen - WINDOW, batch[-1].first_seen + WINDOW
            known = store.load_stories(connection, start=max(start, loaded_to or start), end=end)
        for item, lead in known:
            window.restore(item, lead)
        given = []
        for item in batch:
            window.close_before(item.first_seen)
            given.append((item, window.place(item)))
        with database.write() as connection:
            store.save_stories(connection, given)
        last, loaded_to = batch[-1], end
        n_grouped += len(batch)
        _log.info("grouped %d items, %d stories open", n_grouped, len(window))
