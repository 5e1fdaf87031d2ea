"""How far the news of the store has drifted, and whether people's labels still fit: what ``sentinel drift`` shows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from sentinel import archive, drift, report, store
from sentinel.errors import ReportError
from sentinel.labels import RANDOM, consensus
from sentinel.pipeline.job import Job, read_job, utc_now
from sentinel.pipeline.preparation import check_day
from sentinel.pipeline.weeks import compare_weeks, whole_weeks
from sentinel.records import LABELS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sentinel.config import Settings


def measure_drift(
    settings: Settings,
    *,
    first: date | None = None,
    last: date | None = None,
    n_reference: int = drift.REFERENCE_WEEKS,
    labels: str = "",
    now: Callable[[], datetime] = utc_now,
) -> report.DriftReport:
    """Compare the whole weeks of a span with the first of them; nothing is written.

    Args:
        settings: the settings in force.
        first: first day; that of the first item when left out.
        last: last day; yesterday when left out.
        n_reference: how many weeks are the reference.
        labels: table with the columns item_id and label; empty for the labels of the store, of its random half.
        now: clock, aware UTC.

    Returns:
        What the page shows.

    Raises:
        ReportError: no whole week of the span has news.
        TableError: the labels cannot be read.
        StoreError: there is no store, or it cannot be read.
        ModelError: the configured model cannot be trusted.
        ConfigError: the last day has not begun.
    """
    labelled = _read_labels(labels) if labels else None
    with read_job(settings, now=now) as job:
        if labelled is None:
            labelled = _stored_labels(job)
        last = last or job.today - timedelta(days=1)
        check_day(settings, last, now=now)
        mondays = list(whole_weeks(first or _first_seen_on(job) or last, last))
        weeks, quality = compare_weeks(job, mondays, n_reference=n_reference, labels=labelled)
        if weeks.empty:
            raise ReportError("no whole week of this span has news", hint="collect or import news first")
        return report.DriftReport(
            model=job.bundle.facts,
            timezone=settings.timezone,
            n_reference=n_reference,
            limits=drift.LIMITS,
            weeks=weeks.merge(quality, on="week", how="left"),
        )


def _first_seen_on(job: Job) -> date | None:
    with job.database.read() as connection:
        first_seen = store.load_first_seen(connection, known_by=job.now())
    return None if first_seen is None else first_seen.astimezone(job.settings.zone).date()


def _stored_labels(job: Job) -> pd.DataFrame:
    """Read what most people said of the headlines drawn at random; the others were chosen for being doubtful."""
    with job.database.read() as connection:
        given = store.load_labels(connection)
    said = consensus(given[given["half"] == RANDOM])
    return pd.DataFrame({"item_id": list(said), "label_id": [LABELS.index(label) for label in said.values()]})


def _read_labels(path: str) -> pd.DataFrame:
    rows = archive.read_labelled_rows(path, text_column="item_id", label_column="label")
    return pd.DataFrame({"item_id": rows.texts, "label_id": rows.label_ids}).drop_duplicates("item_id")
