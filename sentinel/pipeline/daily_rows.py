"""Rows of daily.csv of any span of days: the moods on file, and what moved them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pandas as pd

from sentinel import mood, report, store
from sentinel.pipeline.reports import load_weighed, span_of
from sentinel.pipeline.topics import load_topics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from sentinel.pipeline.job import Job
    from sentinel.report import Extract
    from sentinel.watchlist import Watchlist

MOMENTUM_DAYS = 7
DAYS_AT_ONCE = 31
"""Days of moods that are read at once."""


def daily_rows(
    job: Job, watchlist: Watchlist, extract: Extract, is_wanted: Callable[[pd.DataFrame], pd.Series]
) -> Iterator[pd.DataFrame]:
    """Read moods as the reports of their days stored them, some weeks at a time.

    What moved them is not stored: it is computed where a column of it is wanted, from the items of the days and of the
    three months before.

    Args:
        job: an open job.
        watchlist: what texts are searched for.
        extract: what is to be written.
        is_wanted: tells of a frame with MOOD_COLUMNS which rows are wanted.
    """
    first = extract.first
    while first <= extract.last:
        last = min(extract.last, first + timedelta(days=DAYS_AT_ONCE - 1))
        with job.database.read() as connection:
            moods = store.load_moods(
                connection, model_id=extract.model_id, first_day=first - timedelta(days=MOMENTUM_DAYS), last_day=last
            )
        moods = moods[is_wanted(moods)]
        if (moods["day"] >= first).any():
            movement = _load_moves(job, watchlist, first, last) if extract.tells_moves else report.Movement()
            yield report.daily_rows(moods, extract, first, movement)
        first = last + timedelta(days=1)


def _load_moves(job: Job, watchlist: Watchlist, first: date, last: date) -> report.Movement:
    """Compute what moved the moods of some days, and read what was published of those that are over."""
    known_by = job.now()
    trends_from = first - timedelta(days=2)
    span = (trends_from - timedelta(days=mood.LOOKBACK_DAYS), last)
    weighed = load_weighed(job, *span, known_by=known_by)
    topics = load_topics(job, watchlist, span_of(first - timedelta(days=1), last, job.settings.zone), known_by=known_by)
    of_feeds = mood.build_moods(weighed, first_day=trends_from, last_day=last, interval_days=[])
    moves = []
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        chosen = weighed[weighed["day"].isin([day - timedelta(days=1), day])]
        if len(chosen):
            usual = mood.usual_polarities(of_feeds, day=day)
            moves.append(mood.build_moves(chosen, day=day, usual=usual, topics=topics))
    with job.database.read() as connection:
        published = store.load_published(connection, first=first, last=last, known_by=known_by)
    return report.Movement(
        moves=pd.concat(moves, ignore_index=True) if moves else report.Movement().moves,
        published=published[published["day"] < job.today],
    )
