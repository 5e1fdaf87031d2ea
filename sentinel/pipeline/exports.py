"""Rows of any span of days out of the store: the items that count in a topic, or the moods of its reports.

Read day by day without a lock, so that years of items need the memory of one day and its stories.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pandas as pd

from sentinel import report, store
from sentinel.errors import ConfigError
from sentinel.pipeline.job import read_job, utc_now
from sentinel.pipeline.preparation import check_day
from sentinel.pipeline.reports import load_weighed, span_of, with_texts
from sentinel.pipeline.topics import load_topics, name_topics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date, datetime

    from sentinel.config import Settings
    from sentinel.pipeline.job import Job
    from sentinel.report import Extract, TableKind
    from sentinel.watchlist import Watchlist

MARKET = "market"
MOMENTUM_DAYS = 7
DAYS_AT_ONCE = 31
"""Days of moods that are read at once."""
_FEW = 40
"""As many topics of a kind are named where one is not known."""


@dataclass(frozen=True)
class TopicName:
    """A topic that was asked for.

    Attributes:
        kind: of the topic, where it was given before a colon; else empty, and every kind that has the name is meant.
        name: of the topic; a ticker of a company.
    """

    kind: str
    name: str


def export_rows(
    settings: Settings,
    destination: str,
    *,
    kind: TableKind,
    first: date,
    last: date,
    topic: str = "",
    columns: tuple[str, ...] = (),
    now: Callable[[], datetime] = utc_now,
) -> int:
    """Write the items or moods of a span of days.

    Args:
        settings: the settings in force.
        destination: path ending in .csv, .xlsx, .parquet or .jsonl, or "-" for CSV on standard output.
        kind: items or daily.
        first: first day.
        last: last day.
        topic: name of a topic, or its kind, a colon and its name; empty for all items, or all topics.
        columns: of items.csv or daily.csv, in order; without any, all.
        now: clock, aware UTC.

    Returns:
        How many rows were written.

    Raises:
        ConfigError: there is no such topic or column, or the last day has not begun.
        TableError: the destination is no kind of table, or a sheet cannot hold the rows.
        StoreError: there is no store, or it cannot be read.
        ModelError: the configured model cannot be trusted.
        ReportError: there is nothing to write, or the file cannot be written.
    """
    report.check_destination(destination)
    chosen = report.choose_columns(kind, columns)
    check_day(settings, last, now=now)
    with read_job(settings, now=now) as job:
        watchlist = settings.build_watchlist()
        wanted = find_topic(job, watchlist, topic) if topic else None
        extract = report.Extract(kind, chosen, first, last, settings.timezone, job.model_id)
        rows = _item_rows(job, watchlist, extract, wanted) if kind == "items" else _daily_rows(job, extract, wanted)
        return report.write_extract(destination, extract, rows)


def _item_rows(job: Job, watchlist: Watchlist, extract: Extract, wanted: TopicName | None) -> Iterator[pd.DataFrame]:
    known_by = job.now()
    for offset in range((extract.last - extract.first).days + 1):
        day = extract.first + timedelta(days=offset)
        weighed = load_weighed(job, day, day, known_by=known_by)
        scored = weighed[(weighed["day"] == day) & weighed["positive"].notna()]
        if scored.empty:
            continue
        span = span_of(day, day, job.settings.zone)
        topics = load_topics(job, watchlist, span, known_by=known_by)
        if wanted is not None:
            scored = scored[counts_in(scored, topics, wanted)]
        items = with_texts(job, name_topics(scored, topics), span, known_by=known_by)
        yield from report.item_rows(items.sort_values(["time", "item_id"], ignore_index=True), extract, day)


def counts_in(items: pd.DataFrame, topics: pd.DataFrame, wanted: TopicName) -> pd.Series:
    """Tell which items count in the mood of a topic, as ``mood`` spreads them: by their feed, and by what they say."""
    spoken_of = topics[topics["topic"] == wanted.name]
    if wanted.kind:
        spoken_of = spoken_of[spoken_of["topic_kind"] == wanted.kind]
    counts = items["item_id"].isin(spoken_of["item_id"])
    by_feed = {
        MARKET: pd.Series(wanted.name == MARKET, index=items.index),
        "kind": items["kind"] == wanted.name,
        "feed": items["feed"] == wanted.name,
        "topic": items["topics"].map(lambda names: wanted.name in names.split(",")).astype(bool),
    }
    for kind, is_of in by_feed.items():
        if wanted.kind in ("", kind):
            counts |= is_of
    return counts


def _daily_rows(job: Job, extract: Extract, wanted: TopicName | None) -> Iterator[pd.DataFrame]:
    first = extract.first
    while first <= extract.last:
        last = min(extract.last, first + timedelta(days=DAYS_AT_ONCE - 1))
        with job.database.read() as connection:
            moods = store.load_moods(
                connection, model_id=extract.model_id, first_day=first - timedelta(days=MOMENTUM_DAYS), last_day=last
            )
        if wanted is not None:
            moods = moods[(moods["topic"] == wanted.name) & (not wanted.kind or moods["topic_kind"] == wanted.kind)]
        if len(moods):
            yield report.daily_rows(moods, extract, first)
        first = last + timedelta(days=1)


def find_topic(job: Job, watchlist: Watchlist, topic: str) -> TopicName:
    """Find a topic among those of the settings and the feeds of stored items.

    Raises:
        ConfigError: there is none of that name.
    """
    known = _known_topics(job.settings, watchlist)
    kind, _, name = topic.rpartition(":")
    wanted = TopicName(kind, name) if kind in known else TopicName("", topic)
    if any(wanted.name in names for of_kind, names in known.items() if wanted.kind in ("", of_kind)):
        return wanted
    with job.database.read() as connection:
        if wanted.kind in ("", "feed") and store.has_feed(connection, wanted.name):
            return wanted
    everything = sorted(set().union(*known.values()))
    near = difflib.get_close_matches(wanted.name, everything, n=3)
    raise ConfigError(
        f"there is no topic {topic!r}; {_list_topics(known)}",
        where="--topic",
        hint=f"did you mean {' or '.join(near)}?" if near else "",
    )


def _known_topics(settings: Settings, watchlist: Watchlist) -> dict[str, set[str]]:
    feeds = settings.build_feeds()
    sectors = {company.sector for company in watchlist.companies.values()} - {""}
    return {
        MARKET: {MARKET},
        "topic": {topic for feed in feeds for topic in feed.topics},
        "kind": {feed.kind for feed in feeds},
        "sector": sectors,
        "theme": set(watchlist.themes),
        "feed": {feed.name for feed in feeds},
        "company": set(watchlist.companies),
        "language": set(settings.models),
    }


def _list_topics(known: dict[str, set[str]]) -> str:
    """Name the topics of each kind where they are few, else count them."""
    return "; ".join(
        f"{kind}: {', '.join(sorted(names))}" if len(names) <= _FEW else f"{kind}: one of {len(names)}"
        for kind, names in known.items()
        if names
    )
