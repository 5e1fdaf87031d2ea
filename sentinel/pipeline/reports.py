"""From stored scores to the pages and tables of a day: which days, which items, which feeds delivered."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from sentinel import mood, report, store
from sentinel.errors import ReportError
from sentinel.model.bundle import load_bundle

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from sentinel.pipeline.job import Job

HISTORY_DAYS = 90
LATE_DAYS = mood.DAYS_BEFORE_FIRST_SEEN


def days_to_report(job: Job) -> list[date]:
    """Choose the days a run reports: today, days still receiving late items, and recent days without a page.

    Returns:
        Days in ascending order.
    """
    today = job.now().astimezone(job.settings.zone).date()
    first = today - timedelta(days=HISTORY_DAYS - 1)
    with_news = set(_load_weighed(job, first, today, known_by=job.now())["day"])
    days = {today}
    for day in with_news:
        if first <= day <= today:
            late = day >= today - timedelta(days=LATE_DAYS)
            if late or not (job.settings.reports / day.isoformat() / "summary.json").is_file():
                days.add(day)
    return sorted(days)


def write_reports(job: Job, days: Sequence[date], *, as_of: datetime | None = None) -> Path:
    """Compute moods and write the pages and tables of some days, then the archive page.

    Args:
        job: an open job.
        days: days to report, ascending, in the report's time zone.
        as_of: use only what was first seen by then; None for everything known.

    Returns:
        The archive page.

    Raises:
        ReportError: the report folder cannot be written.
        ModelError: the configured model cannot be trusted.
    """
    if not days:
        raise ReportError("there is no day to report", hint="give --day, or --from and --to")
    known_by = as_of or job.now()
    bundle = load_bundle(job.settings.model)
    first = days[0] - timedelta(days=HISTORY_DAYS - 1)
    weighed = _load_weighed(job, first - timedelta(days=mood.LOOKBACK_DAYS), days[-1], known_by=known_by)
    moods = mood.build_moods(weighed, first_day=first, last_day=days[-1], interval_days=days)
    if as_of is None:
        with job.database.write() as connection:
            store.save_moods(connection, moods[moods["day"].isin(days)], model_id=bundle.model_id)
    for day in days:
        span = _span(day, day, job.settings.zone)
        items = weighed[weighed["day"] == day]
        seen_by = as_of or (items["first_seen"].max().to_pydatetime() if len(items) else span[0])
        scored = items[items["positive"].notna()]
        window = (moods["day"] > day - timedelta(days=HISTORY_DAYS)) & (moods["day"] <= day)
        report.write_day(
            job.settings.reports,
            report.DayReport(
                day=day,
                timezone=job.settings.timezone,
                known_by=seen_by,
                model=bundle.facts,
                moods=moods[window].reset_index(drop=True),
                items=_in_page_order(scored),
                coverage=_coverage(job, scored, span, known_by=known_by),
                n_excluded={"not scored yet": len(items) - len(scored)} if len(items) > len(scored) else {},
            ),
        )
    return report.write_index(job.settings.reports)


def _load_weighed(job: Job, first: date, last: date, *, known_by: datetime) -> pd.DataFrame:
    """Read the items of a span of days with what the mood needs; unscored ones have NaN probabilities."""
    start, end = _span(first, last, job.settings.zone)
    model_id = load_bundle(job.settings.model).model_id
    with job.database.read() as connection:
        items = store.load_scored_items(connection, start=start, end=end, model_id=model_id, known_by=known_by)
    by_name = {feed.name: feed for feed in job.settings.build_feeds()}
    return mood.weigh_items(items, by_name, timezone=job.settings.timezone)


def _span(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Give the UTC times at which a span of local days begins and ends."""
    begin = datetime.combine(first, datetime.min.time(), zone)
    end = datetime.combine(last + timedelta(days=1), datetime.min.time(), zone)
    return begin.astimezone(UTC), end.astimezone(UTC)


def _in_page_order(items: pd.DataFrame) -> pd.DataFrame:
    order = items.assign(_time=items["published"].fillna(items["first_seen"]))
    return order.sort_values(["_time", "item_id"], ignore_index=True).drop(columns="_time")


def _coverage(job: Job, items: pd.DataFrame, span: tuple[datetime, datetime], *, known_by: datetime) -> pd.DataFrame:
    """Say for each feed whether it delivered on a day: its last fetch of the day, and the day's items.

    On a day without any fetch (imported news) only the feeds that have items are listed.
    """
    with job.database.read() as connection:
        fetches = store.load_feed_outcomes(
            connection, start=span[0], end=min(span[1] - timedelta(microseconds=1), known_by)
        )
    last = fetches.groupby("feed").last()
    configured = {feed.name: feed.kind for feed in job.settings.build_feeds()} if len(fetches) else {}
    kinds = {**dict(zip(items["feed"], items["kind"], strict=True)), **configured}
    times = items["published"].fillna(items["first_seen"])
    rows = []
    for name in sorted(kinds):
        mine = items["feed"] == name
        outcome, reason = "not collected", ""
        if name in last.index:
            failed = last.loc[name, "outcome"] == "failed"
            outcome, reason = ("failed", str(last.loc[name, "reason"])) if failed else ("ok", "")
        elif mine.any():
            outcome = "ok"
        newest = times[mine].max() if mine.any() else pd.NaT
        rows.append((name, kinds[name], outcome, reason, int(mine.sum()), newest))
    frame = pd.DataFrame(rows, columns=["feed", "kind", "outcome", "reason", "n_items", "newest"])
    frame["newest"] = pd.to_datetime(frame["newest"], utc=True).astype("datetime64[us, UTC]")
    return frame
