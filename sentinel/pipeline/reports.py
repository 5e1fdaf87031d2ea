"""From stored scores to the pages and tables of a day: which days, which items, which feeds delivered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, cast

from sentinel import mood, report, store
from sentinel.errors import ReportError
from sentinel.language import UNDETERMINED
from sentinel.pipeline.coverage import FeedLives, build_coverage
from sentinel.pipeline.preparation import check_day, check_time
from sentinel.pipeline.stories import STORY_SPAN, group_items
from sentinel.pipeline.topics import load_topics, name_companies
from sentinel.records import MOOD_ITEM_COLUMNS, SCORED_ITEM_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    import pandas as pd

    from sentinel.pipeline.job import Job
    from sentinel.watchlist import Watchlist

HISTORY_DAYS = 90
LATE_DAYS = mood.DAYS_BEFORE_FIRST_SEEN


def days_to_report(job: Job) -> list[date]:
    """Choose the days a run reports.

    These are today, and of the HISTORY_DAYS every day with news that may still receive late items, or from which on a
    page is missing or older than what is stored. A page that another model wrote is left to it.

    Returns:
        Days in ascending order.

    Raises:
        ModelError: the configured model cannot be trusted.
    """
    today = job.today
    first = today - timedelta(days=HISTORY_DAYS - 1)
    weighed = _load_weighed(job, first, today, known_by=job.now())
    pages = {page.day: page for page in report.read_summaries(job.settings.reports)}
    candidates = []
    begin = today - timedelta(days=LATE_DAYS)
    for key, items in weighed.groupby("day"):
        day = cast("date", key)
        page = pages.get(day)
        if not first <= day < today or (page is not None and page.model_id != job.bundle.model_id):
            continue
        candidates.append(day)
        if page is None or _is_outdated(page, items):
            begin = min(begin, day)
    return [*sorted(day for day in candidates if day >= begin), today]


def _is_outdated(page: report.DaySummary, items: pd.DataFrame) -> bool:
    """Compare a page with the day's stored items: one that was collected, scored or left out since then shows."""
    as_written = (page.is_point_in_time, page.n_items, page.known_by)
    return as_written != (False, int(items["positive"].notna().sum()), report.utc_text(_newest(items)))


def days_between(job: Job, first: date, last: date) -> list[date]:
    """List the days of a span, from the day of the very first item on.

    Raises:
        ConfigError: the last day has not begun yet.
        ReportError: the first item is of a later day, or there is none.
    """
    check_day(job.settings, last, now=job.now)
    earliest = _first_day(job)
    if earliest is None or earliest > last:
        raise ReportError("no item is stored for these days", hint="collect or import news first")
    first = max(first, earliest)
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


def _first_day(job: Job) -> date | None:
    with job.database.read() as connection:
        first_seen = store.load_first_seen(connection, known_by=job.now())
    if first_seen is None:
        return None
    seen_on = first_seen.astimezone(job.settings.zone).date()
    early = _load_weighed(job, seen_on - timedelta(days=LATE_DAYS), seen_on, known_by=job.now())
    return cast("date", early["day"].min())


def write_reports(job: Job, days: Sequence[date], *, as_of: datetime | None = None) -> Path:
    """Compute moods and write the pages and tables of some days, then the archive page.

    Items that have no story yet are grouped first.

    Args:
        job: an open job.
        days: days to report, ascending, in the report's time zone.
        as_of: use only what was first seen by then; None for everything known.

    Returns:
        The archive page.

    Raises:
        ConfigError: a day, or ``as_of``, lies in the future.
        ReportError: the report folder cannot be written.
        ModelError: the configured model cannot be trusted.
    """
    if not days:
        raise ReportError("there is no day to report", hint="give --day, or --from and --to")
    check_day(job.settings, days[-1], now=job.now)
    if as_of is not None:
        check_time(as_of, now=job.now)
    group_items(job.database)
    known_by = as_of or job.now()
    first = days[0] - timedelta(days=mood.LOOKBACK_DAYS)
    earliest = first - timedelta(days=mood.LOOKBACK_DAYS)
    weighed = _load_weighed(job, earliest, days[-1], known_by=known_by)
    watchlist = job.settings.build_watchlist()
    topics = load_topics(job, watchlist, _span(earliest, days[-1], job.settings.zone), known_by=known_by)
    moods = mood.build_moods(weighed, first_day=first, last_day=days[-1], interval_days=days, topics=topics)
    weighed = name_companies(weighed, topics)
    if as_of is None:
        with job.database.write() as connection:
            store.save_moods(connection, moods[moods["day"].isin(days)], model_id=job.bundle.model_id)
    spans = [_span(day, day, job.settings.zone) for day in (days[0], days[-1])]
    lives = FeedLives.load(job.database, min(spans[0][1], known_by), min(spans[1][1], known_by))
    for day in days:
        window = (moods["day"] >= day - timedelta(days=mood.LOOKBACK_DAYS)) & (moods["day"] <= day)
        of_day = weighed[weighed["day"] == day]
        page = replace(_build_day(job, day, of_day, moods[window], lives, as_of=as_of), watched=_watched(watchlist))
        report.write_day(job.settings.reports, page)
    return report.write_index(job.settings.reports, site_url=job.settings.site_url)


def _watched(watchlist: Watchlist) -> report.Watched:
    names = {ticker: company.name for ticker, company in watchlist.companies.items()}
    return report.Watched(watchlist.list_id, names, watchlist.themes)


def _build_day(
    job: Job, day: date, of_day: pd.DataFrame, moods: pd.DataFrame, lives: FeedLives, *, as_of: datetime | None
) -> report.DayReport:
    span = _span(day, day, job.settings.zone)
    known_by = as_of or job.now()
    scored = _with_texts(job, of_day[of_day["positive"].notna()], span, known_by=known_by)
    kinds = {feed.name: feed.kind for feed in job.settings.feeds}
    known_end = min(span[1] - timedelta(microseconds=1), known_by)
    with job.database.read() as connection:
        outcomes = store.load_feed_outcomes(connection, start=span[0], end=known_end)
    return report.DayReport(
        day=day,
        timezone=job.settings.timezone,
        known_by=as_of or (_newest(of_day) if len(of_day) else span[0]),
        model=job.bundle.facts,
        moods=moods.reset_index(drop=True),
        items=scored.sort_values(["time", "item_id"], ignore_index=True),
        coverage=build_coverage(outcomes, kinds, scored, lives, end=known_end),
        n_excluded=_count_excluded(job, of_day[of_day["positive"].isna()], span, known_by=known_by),
        is_point_in_time=as_of is not None,
        is_sample=job.is_sample,
    )


def _count_excluded(
    job: Job, unscored: pd.DataFrame, span: tuple[datetime, datetime], *, known_by: datetime
) -> dict[str, int]:
    """Say why items of a day count in no mood."""
    if unscored.empty:
        return {}
    languages = _load_items(job, span, ("item_id", "language"), known_by=known_by)
    mine = languages.loc[languages["item_id"].isin(unscored["item_id"]), "language"]
    n_foreign = int((~mine.isin(["", UNDETERMINED, *job.settings.languages])).sum())
    counts = {"in a language that the model does not read": n_foreign, "not scored yet": len(unscored) - n_foreign}
    return {reason: count for reason, count in counts.items() if count}


def _newest(items: pd.DataFrame) -> datetime:
    newest: pd.Timestamp = items["first_seen"].max()
    return newest.to_pydatetime()


def _load_weighed(job: Job, first: date, last: date, *, known_by: datetime) -> pd.DataFrame:
    """Read what the mood needs of the items of a span of days; unscored ones have NaN probabilities.

    It begins early enough that every item stands beside those of its story that came before it.
    """
    span = _span(first - STORY_SPAN, last, job.settings.zone)
    items = _load_items(job, span, MOOD_ITEM_COLUMNS, known_by=known_by)
    by_name = {feed.name: feed for feed in job.settings.build_feeds()}
    weighed = mood.weigh_items(items, by_name, timezone=job.settings.timezone)
    return weighed.assign(story_since=weighed.groupby("story_id")["first_seen"].transform("min"))


def _with_texts(job: Job, of_day: pd.DataFrame, span: tuple[datetime, datetime], *, known_by: datetime) -> pd.DataFrame:
    """Add to the items of a day what is only read for its page: titles, links and the rest."""
    columns = ("item_id", *(name for name in SCORED_ITEM_COLUMNS if name not in MOOD_ITEM_COLUMNS))
    return of_day.merge(_load_items(job, span, columns, known_by=known_by), on="item_id", validate="one_to_one")


def _load_items(
    job: Job, span: tuple[datetime, datetime], columns: tuple[str, ...], *, known_by: datetime
) -> pd.DataFrame:
    with job.database.read() as connection:
        return store.load_scored_items(
            connection,
            start=span[0],
            end=span[1],
            model_id=job.bundle.model_id,
            known_by=known_by,
            columns=columns,
        )


def _span(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Give the UTC times at which a span of local days begins and ends."""
    begin = datetime.combine(first, datetime.min.time(), zone)
    end = datetime.combine(last + timedelta(days=1), datetime.min.time(), zone)
    return begin.astimezone(UTC), end.astimezone(UTC)
