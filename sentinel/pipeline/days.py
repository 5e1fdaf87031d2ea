"""Which days a run reports, and which days of a span have a page."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, cast

from sentinel import mood, report, store
from sentinel.errors import ReportError
from sentinel.pipeline.preparation import check_day
from sentinel.pipeline.reports import load_weighed, newest
from sentinel.pipeline.scheduled import days_since_last_run

if TYPE_CHECKING:
    import pandas as pd

    from sentinel.pipeline.job import Job

REPORTED_DAYS = 90
LATE_DAYS = mood.DAYS_BEFORE_FIRST_SEEN


def days_to_report(job: Job) -> list[date]:
    """Choose the days a run reports.

    These are today, and of the REPORTED_DAYS every day with news that may still receive late items, or from which on a
    page is missing or older than what is stored; and every day without a page since the last run that ended well, so
    that an outage leaves no gap. A page that another model wrote is left to it.

    Returns:
        Days in ascending order.

    Raises:
        ModelError: the configured model cannot be trusted.
    """
    today = job.today
    first = today - timedelta(days=REPORTED_DAYS - 1)
    weighed = load_weighed(job, first, today, known_by=job.now())
    pages = {page.day: page for page in report.read_summaries(job.settings.reports)}
    candidates = []
    begin = today - timedelta(days=LATE_DAYS)
    for key, items in weighed.groupby("day"):
        day = cast("date", key)
        page = pages.get(day)
        if not first <= day < today or (page is not None and page.model_id != job.model_id):
            continue
        candidates.append(day)
        if page is None or _is_outdated(page, items):
            begin = min(begin, day)
    missed = (day for day in days_since_last_run(job) if first <= day and day not in pages)
    return sorted({*(day for day in candidates if day >= begin), *missed, today})


def _is_outdated(page: report.DaySummary, items: pd.DataFrame) -> bool:
    """Compare a page with the day's stored items: one that was collected, scored or left out since then shows."""
    as_written = (page.is_point_in_time, page.n_items, page.known_by)
    return as_written != (False, int(items["positive"].notna().sum()), report.utc_text(newest(items)))


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
    early = load_weighed(job, seen_on - timedelta(days=LATE_DAYS), seen_on, known_by=job.now())
    return cast("date", early["day"].min())
