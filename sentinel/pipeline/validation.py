"""Set the mood of stored items beside prices: reads the store and a file, writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sentinel import archive, mood, store, validation
from sentinel.errors import TableError
from sentinel.pipeline.exports import MARKET, counts_in, find_topic
from sentinel.pipeline.job import read_job, utc_now
from sentinel.pipeline.reports import load_weighed, span_of
from sentinel.pipeline.topics import load_topics
from sentinel.price_figures import Circumstances, Findings, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from sentinel.config import Settings
    from sentinel.pipeline.exports import TopicName
    from sentinel.pipeline.job import Job
    from sentinel.validation import Prices, Sessions
    from sentinel.watchlist import Watchlist

DEFAULT_COST_BP = 5.0
_DAYS_AT_ONCE = 366
_KEPT = ["item_id", "story_id", "weight", "polarity", "published", "first_seen"]


@dataclass(frozen=True)
class PriceReport:
    """What the mood of a topic has to do with prices.

    Attributes:
        circumstances: what was set beside what.
        findings: the figures.
        verdict: what they come to.
        table: frame with SESSION_COLUMNS.
    """

    circumstances: Circumstances
    findings: Findings
    verdict: Verdict
    table: pd.DataFrame


def validate_prices(
    settings: Settings,
    source: str,
    *,
    calendar: str,
    clock_zone: str = "",
    topic: str = MARKET,
    cost_bp: float = DEFAULT_COST_BP,
    seed: int = 0,
    now: Callable[[], datetime] = utc_now,
) -> PriceReport:
    """Measure whether the mood of the stored items, by the configured model's scores, has to do with prices.

    Args:
        settings: the settings in force.
        source: table of daily prices.
        calendar: code of their exchange.
        clock_zone: IANA name of the zone that the times of imported items are really told in; empty to believe them.
        topic: name of a topic, or its kind, a colon and its name.
        cost_bp: cost of trading in basis points of the traded amount.
        seed: of the bootstrap.
        now: clock, aware UTC.

    Returns:
        Figures and verdict.

    Raises:
        TableError: the file cannot be read, belongs to another exchange, or has no day with scored items.
        ConfigError: there is no such topic, exchange or zone, or exchange_calendars is not installed.
        StoreError: there is no store, or it cannot be read.
        ModelError: the configured model cannot be trusted.
    """
    name = Path(source).name
    prices = validation.read_prices(pd.concat(archive.read_chunks(source), ignore_index=True), where=name)
    with read_job(settings, now=now) as job:
        watchlist = settings.build_watchlist()
        wanted = find_topic(job, watchlist, topic)
        first, last = _span(job, prices, where=name)
        sessions = validation.load_sessions(calendar, first, last)
        items = _load_items(job, watchlist, wanted, (first, last))
        model = job.model.facts
    zones = (sessions.timezone, settings.timezone, "UTC")
    known, is_date = validation.known_times(items["published"], items["first_seen"], zones=zones, clock_zone=clock_zone)
    table, left_out = _table(sessions, prices, items, known, where=name)
    if table.empty:
        raise TableError(f"no scored item of {topic!r} falls on its days, {first} to {last}", where=name)
    findings = validation.measure(table, cost_bp=cost_bp, seed=seed)
    circumstances = Circumstances(
        topic=topic,
        model=model,
        prices=name,
        price_column=prices.close_column,
        calendar=calendar,
        cost_bp=cost_bp,
        seed=seed,
        notes=(*_date_notes(is_date), *left_out),
        **_extent(table),
    )
    return PriceReport(circumstances, findings, validation.judge(findings, cost_bp=cost_bp), table)


def _date_notes(is_date: pd.Series) -> tuple[str, ...]:
    """Say how items are read that have a date and no time; nothing where there are none."""
    n_dates = int(is_date.sum())
    told = f"{n_dates:,} imported items with a date and no time count as known when that day had ended"
    return (told,) if n_dates else ()


def _extent(table: pd.DataFrame) -> dict[str, Any]:
    """Give what the sessions of a table span, as ``Circumstances`` names it."""
    sessions = table["session"]
    return {
        "first": sessions.iloc[0],
        "last": sessions.iloc[-1],
        "n_sessions": len(table),
        "n_items": int(table["n_items"].sum()),
    }


def _span(job: Job, prices: Prices, *, where: str) -> tuple[date, date]:
    """Give the days that have both prices and items."""
    with job.database.read() as connection:
        earliest = store.load_first_seen(connection, known_by=job.now())
    first, last = (date.fromisoformat(str(day)) for day in (prices.days[0], prices.days[-1]))
    last = min(last, job.today)
    if earliest is None or earliest.date() > last:
        raise TableError(f"no stored item falls on its days, {first} to {last}", where=where)
    return max(first, earliest.date()), last


def _load_items(job: Job, watchlist: Watchlist, wanted: TopicName, days: tuple[date, date]) -> pd.DataFrame:
    """Read the scored items of a topic, weighed, a year at a time."""
    parts = [_of_topic(job, watchlist, wanted, span) for span in _years(*days)]
    return pd.concat(parts, ignore_index=True).drop_duplicates("item_id", ignore_index=True)


def _of_topic(job: Job, watchlist: Watchlist, wanted: TopicName, days: tuple[date, date]) -> pd.DataFrame:
    known_by = job.now()
    weighed = load_weighed(job, *days, known_by=known_by)
    scored = weighed[weighed["day"].between(*days) & weighed["polarity"].notna()]
    if wanted.name == MARKET:
        return scored[_KEPT]
    topics = load_topics(job, watchlist, span_of(*days, job.settings.zone), known_by=known_by)
    mine = scored[counts_in(scored, topics, wanted)]
    spoken_of = topics[topics["topic"] == wanted.name]
    if wanted.kind:
        spoken_of = spoken_of[spoken_of["topic_kind"] == wanted.kind]
    relevance = mine["item_id"].map(spoken_of.groupby("item_id")["relevance"].max()).astype("float64").fillna(1.0)
    return mine.assign(weight=mine["weight"] * relevance)[_KEPT]


def _years(first: date, last: date) -> Iterator[tuple[date, date]]:
    """Cut days into spans of a year; a week more before, for what was known before the first session opened."""
    begin = first - timedelta(days=7)
    while begin <= last:
        end = min(last, begin + timedelta(days=_DAYS_AT_ONCE - 1))
        yield begin, end
        begin = end + timedelta(days=1)


def _table(
    sessions: Sessions, prices: Prices, items: pd.DataFrame, known: pd.Series, *, where: str
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    known_at = known.dt.tz_localize(None).to_numpy().astype("datetime64[us]")
    by_close = sessions.by_close(known_at)
    table, notes = validation.build_table(
        sessions,
        prices.between(sessions.days[0], sessions.days[-1]),
        mood=mood.period_moods(items, by_close, len(sessions)),
        overnight=mood.period_moods(items, sessions.by_open(known_at), len(sessions)),
        n_items=np.bincount(by_close[by_close >= 0], minlength=len(sessions)),
        where=where,
    )
    return _with_news(table), notes


def _with_news(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the sessions from the first item to the last, and those after it whose returns it may forecast."""
    places = np.flatnonzero(table["n_items"])
    if len(places) == 0:
        return table[:0]
    return table[places[0] : places[-1] + validation.MAX_LAG + 1].reset_index(drop=True)
