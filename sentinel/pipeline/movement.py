"""What a page tells beyond the moods: why they moved, on whom they rest, what was published of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pandas as pd

from sentinel import mood, report, store
from sentinel.pipeline.history import HISTORY_DAYS

if TYPE_CHECKING:
    from datetime import date, datetime

    from sentinel.pipeline.job import Job

MOVERS_PER_PART = 3
"""Stories that a page names of each part of a change."""


def load_movement(
    job: Job, weighed: pd.DataFrame, moods: pd.DataFrame, day: date, *, topics: pd.DataFrame, known_by: datetime
) -> report.Movement:
    """Find what moved the moods of a day, and read what was published.

    Args:
        job: an open job.
        weighed: what ``mood.weigh_items`` returns, with the items of the day and of the day before.
        moods: what ``mood.build_moods`` returns, with the days before the day.
        day: the day.
        topics: frame with TOPIC_COLUMNS.
        known_by: aware UTC; what was published later is left out.
    """
    chosen = weighed[weighed["day"].isin([day - timedelta(days=1), day])]
    usual = mood.usual_polarities(moods, day=day)
    contributions = mood.build_contributions(chosen, day=day, usual=usual)
    movers = contributions.groupby("part", sort=False).head(MOVERS_PER_PART)
    return report.Movement(
        moves=mood.build_moves(chosen, day=day, usual=usual, topics=topics),
        movers=_with_headlines(job, movers, chosen),
        n_stories={str(part): int(count) for part, count in contributions["part"].value_counts().items()},
        published=_load_published(job, day, known_by=known_by),
    )


def _with_headlines(job: Job, movers: pd.DataFrame, weighed: pd.DataFrame) -> pd.DataFrame:
    """Add title, link and feed of the first item of each story, of the two days."""
    told = weighed[weighed["story_id"].isin(set(movers["story_id"])) & weighed["polarity"].notna()]
    first = told.sort_values(["first_seen", "item_id"], kind="stable").groupby("story_id")["item_id"].first()
    with job.database.read() as connection:
        headlines = store.load_headlines(connection, list(first))
    of_stories = [headlines[first[story_id]] for story_id in movers["story_id"]]
    texts = pd.DataFrame(of_stories, columns=["title", "url", "feed"], index=movers.index, dtype=object)
    return movers.join(texts)[list(report.MOVER_COLUMNS)]


def _load_published(job: Job, day: date, *, known_by: datetime) -> pd.DataFrame:
    """Read what was published by a time: of the day's topics, and of the market's past by every model.

    Of a day that still lasts, what this model publishes is the page itself.
    """
    today = known_by.astimezone(job.settings.zone).date()
    first = day - timedelta(days=HISTORY_DAYS - 1)
    with job.database.read() as connection:
        market = store.load_published(connection, first=first, last=day, known_by=known_by, topic_kind="market")
        of_day = store.load_published(connection, first=day, last=day, known_by=known_by)
    published = pd.concat([market, of_day[of_day["topic_kind"] != "market"]], ignore_index=True)
    is_own = published["model_id"] == job.model_id
    return published[~is_own | (published["day"] < today)].reset_index(drop=True)
