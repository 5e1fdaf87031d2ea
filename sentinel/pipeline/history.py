"""A year of moods for the histories on the pages: the last 90 days as built now, what lies before as it is on file.

What a page shows does not depend on which other days are reported with it. What is on file of a day more than 90 days
ago is the same whatever a page may know: an item counts on a day within a week of its first_seen, so all of that day's
news was known.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pandas as pd

from sentinel import store
from sentinel.mood import LOOKBACK_DAYS
from sentinel.records import MOOD_COLUMNS

if TYPE_CHECKING:
    from datetime import date

    from sentinel.pipeline.job import Job

HISTORY_DAYS = 365
"""Days of a history, the last one among them."""


def load_on_file(job: Job, first_reported: date) -> pd.DataFrame:
    """Read the moods of the configured model that are on file, from HISTORY_DAYS before a day on.

    Returns:
        A frame with MOOD_COLUMNS.
    """
    first_day = first_reported - timedelta(days=HISTORY_DAYS - 1)
    with job.database.read() as connection:
        return store.load_moods(connection, model_id=job.model_id, first_day=first_day)


def market_history(built: pd.DataFrame, on_file: pd.DataFrame, day: date) -> pd.DataFrame:
    """Put together the market's moods of the HISTORY_DAYS that end with a day.

    Args:
        built: frame with MOOD_COLUMNS; it counts for the day and the LOOKBACK_DAYS - 1 before it.
        on_file: frame with MOOD_COLUMNS; it counts for the days before those.
        day: the last day.

    Returns:
        A frame with MOOD_COLUMNS, sorted by day.
    """
    first, turn = day - timedelta(days=HISTORY_DAYS - 1), day - timedelta(days=LOOKBACK_DAYS - 1)
    older = on_file[(on_file["day"] >= first) & (on_file["day"] < turn) & (on_file["topic_kind"] == "market")]
    recent = built[(built["day"] >= turn) & (built["day"] <= day) & (built["topic_kind"] == "market")]
    return join_moods(older, recent)


def join_moods(*parts: pd.DataFrame) -> pd.DataFrame:
    """Put frames with MOOD_COLUMNS of different days together, sorted by day, topic_kind and topic."""
    told = [part for part in parts if not part.empty] or list(parts[:1])
    joined: pd.DataFrame = pd.concat(told, ignore_index=True)[list(MOOD_COLUMNS)]
    return joined.sort_values(["day", "topic_kind", "topic"], ignore_index=True)
