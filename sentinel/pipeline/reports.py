"""From stored scores to the pages and tables of a day: which items, which moods, which feeds delivered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from sentinel import mood, report, store
from sentinel.errors import ReportError
from sentinel.language import UNDETERMINED
from sentinel.pipeline.alerts import AlertDesk, load_alerts_of_day
from sentinel.pipeline.coverage import FeedLives, build_coverage
from sentinel.pipeline.explaining import EXPLAINED_DAYS, explain_leading
from sentinel.pipeline.history import join_moods, load_on_file, market_history
from sentinel.pipeline.hours import build_hours
from sentinel.pipeline.labelled import load_labelled
from sentinel.pipeline.movement import load_movement
from sentinel.pipeline.preparation import check_day, check_time
from sentinel.pipeline.settings_id import settings_id
from sentinel.pipeline.stories import STORY_SPAN, group_items
from sentinel.pipeline.topics import load_topics, name_topics
from sentinel.records import MOOD_ITEM_COLUMNS
from sentinel.rows import find_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from sentinel.pipeline.job import Job


EARLY = timedelta(days=1)
"""An item of a day was seen an hour before it at the earliest: a feed's claim is believed that far."""


def write_reports(
    job: Job, days: Sequence[date], *, as_of: datetime | None = None, desk: AlertDesk | None = None
) -> Path:
    """Compute moods and write the pages and tables of some days, then the archive page.

    Items that have no story yet are grouped first.

    Args:
        job: an open job.
        days: days to report, ascending, in the report's time zone.
        as_of: use only what was first seen by then; None for everything known.
        desk: judges the current day before its page is written, if that is among the days; None to judge nothing.

    Returns:
        The archive page.

    Raises:
        ConfigError: a day, or ``as_of``, lies in the future.
        ReportError: the report folder cannot be written.
        ModelError: the configured model cannot be trusted.
    """
    if not days:
        raise ReportError("there is no day to report", hint="give --day, or --from and --to")
    known = _read(job, days, as_of=as_of)
    if as_of is None:
        with job.database.write() as connection:
            reported = known.moods[known.moods["day"].isin(days)]
            model_id = job.model_id
            store.save_moods(connection, reported, model_id=model_id)
            store.save_published(connection, reported, model_id=model_id, published_at=known.known_by, today=job.today)
        known = replace(known, on_file=load_on_file(job, days[0]))
    for day in days:
        page = _build_day(job, day, known)
        if desk is not None and day == job.today:
            desk.judge(page, known.weighed, known.topics, known.lives)
        page = _with_explanations(job, page, is_late=_is_recent(job, day))
        report.write_day(job.settings.reports, _with_alerts(job, page, as_of=as_of))
    report.write_topics(job.settings.reports, _build_topics(job, days, known))
    return report.write_index(job.settings.reports, site_url=job.settings.site_url)


def write_standalone(job: Job, day: date, path: Path, *, as_of: datetime | None = None) -> Path:
    """Write the page of a day as one file that needs no other; the report folder and stored moods stay as they are.

    Args:
        job: an open job.
        day: the day, in the report's time zone.
        path: the file.
        as_of: as for ``write_reports``.

    Returns:
        The file.

    Raises:
        SentinelError: as ``write_reports``.
    """
    known = _read(job, [day], as_of=as_of)
    page = _with_explanations(job, _build_day(job, day, known), is_late=_is_recent(job, day))
    report.write_standalone(path, _with_alerts(job, page, as_of=as_of))
    return path


def _with_alerts(job: Job, page: report.DayReport, *, as_of: datetime | None) -> report.DayReport:
    span = span_of(page.day, page.day, job.settings.zone)
    return replace(page, alerts=load_alerts_of_day(job, span, as_of=as_of))


def _is_recent(job: Job, day: date) -> bool:
    return day > job.today - timedelta(days=EXPLAINED_DAYS)


def _with_explanations(job: Job, page: report.DayReport, *, is_late: bool) -> report.DayReport:
    return replace(page, explanations=explain_leading(job, page, is_late=is_late))


@dataclass(frozen=True)
class _Known:
    """What the pages of some days are made from.

    Attributes:
        weighed: items with what the mood needs, and what they speak of.
        topics: what they speak of, columns TOPIC_COLUMNS.
        moods: of all topics, the days and the 90 days before them.
        on_file: moods of all topics as they are stored, from a year before the days on.
        lives: what is known of the feeds.
        watched: what texts were searched for.
        settings_id: names what else changes figures.
        as_of: the moment that was asked for.
        known_by: it, or now.
    """

    weighed: pd.DataFrame
    topics: pd.DataFrame
    moods: pd.DataFrame
    on_file: pd.DataFrame
    lives: FeedLives
    watched: report.Watched
    settings_id: str
    as_of: datetime | None
    known_by: datetime


def _read(job: Job, days: Sequence[date], *, as_of: datetime | None) -> _Known:
    """Read and compute what the pages of some days show; items without a story are grouped first."""
    check_day(job.settings, days[-1], now=job.now)
    if as_of is not None:
        check_time(as_of, now=job.now)
    group_items(job.database)
    known_by = as_of or job.now()
    first = days[0] - timedelta(days=mood.LOOKBACK_DAYS)
    earliest = first - timedelta(days=mood.LOOKBACK_DAYS)
    weighed = load_weighed(job, earliest, days[-1], known_by=known_by)
    watchlist = job.settings.build_watchlist()
    topics = load_topics(job, watchlist, span_of(earliest, days[-1], job.settings.zone), known_by=known_by)
    with_interval = sorted({day - timedelta(days=ago) for day in days for ago in range(report.MAP_DAYS)})
    moods = mood.build_moods(weighed, first_day=first, last_day=days[-1], interval_days=with_interval, topics=topics)
    ends = [min(span_of(day, day, job.settings.zone)[1], known_by) for day in (days[0], days[-1])]
    names = {ticker: company.name for ticker, company in watchlist.companies.items()}
    return _Known(
        weighed=name_topics(weighed, topics),
        topics=topics,
        moods=moods,
        on_file=load_on_file(job, days[0]),
        lives=FeedLives.load(job.database, *ends),
        watched=report.Watched(watchlist.list_id, names, watchlist.themes),
        settings_id=settings_id(job.settings, list_id=watchlist.list_id, model_id=job.model_id),
        as_of=as_of,
        known_by=known_by,
    )


def _build_day(job: Job, day: date, known: _Known) -> report.DayReport:
    span = span_of(day, day, job.settings.zone)
    kinds = {feed.name: feed.kind for feed in job.settings.feeds}
    known_end = min(span[1] - timedelta(microseconds=1), known.known_by)
    with job.database.read() as connection:
        outcomes = store.load_feed_outcomes(connection, start=span[0], end=known_end)
    movement = load_movement(job, known.weighed, known.moods, day, topics=known.topics, known_by=known.known_by)
    items = known.weighed[known.weighed["day"] == day]  # a name for all of its states: a million items, held once
    newest_item = newest(items) if len(items) else span[0]
    n_excluded = _count_excluded(job, items[items["positive"].isna()], span, known_by=known.known_by)
    items = items[items["positive"].notna()]
    hours = build_hours(items, day, job.settings.zone)
    coverage = build_coverage(outcomes, kinds, items, known.lives, end=known_end)
    items = items.sort_values(["time", "item_id"], ignore_index=True)
    return report.DayReport(
        day=day,
        timezone=job.settings.timezone,
        known_by=known.as_of or newest_item,
        model=job.model.facts,
        moods=_last_days(known.moods, day, mood.LOOKBACK_DAYS + 1),
        history=market_history(known.moods, known.on_file, day),
        hours=hours,
        items=with_texts(job, items, span, known_by=known.known_by),
        coverage=coverage,
        n_excluded=n_excluded,
        is_point_in_time=known.as_of is not None,
        is_sample=job.is_sample,
        watched=known.watched,
        settings_id=known.settings_id,
        labelled=load_labelled(job, known_end),
        movement=movement,
    )


def _build_topics(job: Job, days: Sequence[date], known: _Known) -> report.TopicsReport:
    """Show the moods on file; as of a time those just built, and what is on file from before them."""
    history = known.on_file
    if known.as_of is not None and not known.moods.empty:
        history = join_moods(history[history["day"] < known.moods["day"].min()], known.moods)
    return report.TopicsReport(
        days=tuple(days),
        built=known.moods,
        timezone=job.settings.timezone,
        model_id=job.model_id,
        history=history,
        watched=known.watched,
        as_of=known.as_of,
        is_sample=job.is_sample,
    )


def _last_days(moods: pd.DataFrame, day: date, n_days: int) -> pd.DataFrame:
    """Keep the moods of the days that end with one."""
    return moods[(moods["day"] > day - timedelta(days=n_days)) & (moods["day"] <= day)].reset_index(drop=True)


def _count_excluded(
    job: Job, unscored: pd.DataFrame, span: tuple[datetime, datetime], *, known_by: datetime
) -> dict[str, int]:
    """Say why items of a day count in no mood."""
    if unscored.empty:
        return {}
    languages = _load_items(job, span, ("item_id", "language"), known_by=known_by)
    mine = languages.loc[languages["item_id"].isin(unscored["item_id"]), "language"]
    n_foreign = int((~mine.isin(["", UNDETERMINED, *job.model.languages])).sum())
    counts = {report.UNREAD: n_foreign, "not scored yet": len(unscored) - n_foreign}
    return {reason: count for reason, count in counts.items() if count}


def newest(items: pd.DataFrame) -> datetime:
    """Give the latest time at which one of some items was first seen; what a page says it is "as of"."""
    newest: pd.Timestamp = items["first_seen"].max()
    return newest.to_pydatetime()


def load_weighed(job: Job, first: date, last: date, *, known_by: datetime) -> pd.DataFrame:
    """Read what the mood needs of the items of a span of days; unscored ones have NaN probabilities.

    It begins early enough that every item stands beside those of its story that came before it.

    Args:
        job: an open job.
        first: first day wanted.
        last: last day wanted.
        known_by: aware UTC; items first seen later are left out.

    Returns:
        What ``mood.weigh_items`` gives, with ``story_since``.
    """
    span = span_of(first - STORY_SPAN, last, job.settings.zone)
    items = _load_items(job, span, MOOD_ITEM_COLUMNS, known_by=known_by)
    by_name = {feed.name: feed for feed in job.settings.build_feeds()}
    weighed = mood.weigh_items(items, by_name, timezone=job.settings.timezone)
    return weighed.assign(story_since=weighed.groupby("story_id")["first_seen"].transform("min"))


def with_texts(job: Job, of_day: pd.DataFrame, span: tuple[datetime, datetime], *, known_by: datetime) -> pd.DataFrame:
    """Add to the items of a day what is only read for its page: titles, links, and what headlines were changed to.

    Args:
        job: an open job.
        of_day: items as ``load_weighed`` gives them.
        span: begin and end of the day, aware UTC.
        known_by: aware UTC; items first seen later are left out.

    Returns:
        The same rows with REPORT_TEXT_COLUMNS, edited_title and edited_at.
    """
    texts = _load_items(job, span, report.REPORT_TEXT_COLUMNS, known_by=known_by)
    place = find_rows(of_day["item_id"], texts["item_id"])
    told = of_day.assign(
        title=texts.pop("title").array.take(place),
        url=texts.pop("url").array.take(place),
        story_id=of_day["story_id"].astype("str"),
    )
    with job.database.read() as connection:
        edits = store.load_edits(connection, since=span[0] - EARLY, known_by=known_by)
    edits = edits.reindex(find_rows(told["item_id"], edits["item_id"])).set_axis(told.index)
    is_new = edits["edited_title"].notna() & (edits["edited_title"] != told["title"])
    return told.assign(
        edited_title=edits["edited_title"].where(is_new, ""), edited_at=edits["edited_at"].where(is_new, pd.NaT)
    )


def _load_items(
    job: Job, span: tuple[datetime, datetime], columns: tuple[str, ...], *, known_by: datetime
) -> pd.DataFrame:
    with job.database.read() as connection:
        return store.load_scored_items(
            connection,
            start=span[0],
            end=span[1],
            model_id=job.bundle.model_id,
            by_language=job.model.ids_by_language,
            known_by=known_by,
            columns=columns,
        )


def span_of(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Give the UTC times at which a span of local days begins and ends."""
    begin = datetime.combine(first, datetime.min.time(), zone)
    end = datetime.combine(last + timedelta(days=1), datetime.min.time(), zone)
    return begin.astimezone(UTC), end.astimezone(UTC)
