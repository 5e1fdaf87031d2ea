"""The only place that knows every step: feeds, store, model, mood, report.

Each step reads from the store and writes to the store, so each can be run alone and again. Invariant: items are
stored before they are scored, scores before they are reported; a run killed anywhere is mended by the next.
"""

from __future__ import annotations

import logging
import os
import secrets
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from sentinel import archive, feeds, mood, report, store
from sentinel.config import build_sample_settings
from sentinel.errors import ReportError
from sentinel.lock import hold_lock
from sentinel.logs import RUN_ID
from sentinel.model.bundle import load_bundle
from sentinel.records import LABELS, RunSummary
from sentinel.sample import sample_clock, serve_sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    import numpy as np

    from sentinel.config import Settings
    from sentinel.records import FeedResult, FeedState

HISTORY_DAYS = 90
LATE_DAYS = mood.DAYS_BEFORE_FIRST_SEEN
SCORE_BATCH = 8_192

_log = logging.getLogger(__name__)


class Scorer(Protocol):
    """What the score step needs of a classifier."""

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Score texts; float32 of shape (n, 3)."""


@dataclass(frozen=True)
class Job:
    """An open store with the settings it is worked on by.

    Attributes:
        settings: the settings in force.
        database: the open store.
        now: clock, aware UTC.
    """

    settings: Settings
    database: store.Database
    now: Callable[[], datetime]


def utc_now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


@contextmanager
def open_job(settings: Settings, *, now: Callable[[], datetime] = utc_now) -> Iterator[Job]:
    """Take the lock and open the store for a command that writes.

    Raises:
        LockHeldError: another command works on this store.
        StoreError: the store cannot be opened.
    """
    file = store.database_path(settings.store)
    lock_path = file.with_name(f"{file.name}.lock") if file else settings.reports / ".sentinel.lock"
    with hold_lock(lock_path):
        database = store.open_database(settings.store)
        try:
            yield Job(settings, database, now)
        finally:
            database.close()


def load_scorer(settings: Settings) -> Scorer:
    """Load the configured classifier and check its canaries.

    Raises:
        ModelError: it cannot be found, trusted or loaded, or reads obvious sentences wrongly.
    """
    from sentinel.model.classifier import Classifier

    return Classifier.load(settings.model, device=settings.device)


def run_once(job: Job, *, day: date | None = None) -> RunSummary:
    """Do one full cycle: collect, score, report.

    Args:
        job: an open job.
        day: make the report of this day alone; None for today and every recent day that needs one.

    Returns:
        What was done.
    """
    started = time.monotonic()
    with _recorded_run(job) as record:
        record.summary = collect(job, record.summary)
        record.summary = score(job, record.summary)
        days = [day] if day else days_to_report(job)
        index = write_reports(job, days)
        record.summary = replace(record.summary, report_path=str(index), elapsed_s=round(time.monotonic() - started, 1))
    return record.summary


def run_step(job: Job, step: Callable[[Job, RunSummary], RunSummary]) -> RunSummary:
    """Do ``collect`` or ``score`` alone, noted as a run."""
    started = time.monotonic()
    with _recorded_run(job) as record:
        record.summary = replace(step(job, record.summary), elapsed_s=round(time.monotonic() - started, 1))
    return record.summary


@dataclass
class _Record:
    summary: RunSummary


@contextmanager
def _recorded_run(job: Job) -> Iterator[_Record]:
    """Note in the store that a run began and how it ended."""
    record = _Record(RunSummary(run_id=f"{job.now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"))
    token = RUN_ID.set(record.summary.run_id)
    try:
        with job.database.write() as connection:
            store.start_run(connection, record.summary.run_id, now=job.now())
        yield record
        outcome = "partial" if record.summary.n_failed else "done"
        with job.database.write() as connection:
            store.finish_run(connection, record.summary, now=job.now(), outcome=outcome)
    finally:
        RUN_ID.reset(token)


def collect(job: Job, summary: RunSummary) -> RunSummary:
    """Fetch every feed and store what is new, each feed in one transaction with its validators.

    Args:
        job: an open job.
        summary: the run so far.

    Returns:
        The run with feeds, failures and new items counted.
    """
    n_failed = n_new = 0
    with job.database.read() as connection:
        states = store.load_feed_states(connection)
    for result in _fetch(job.settings, states, now=job.now):
        items = feeds.build_items_frame(result.items)
        with job.database.write() as connection:
            n_new += store.save_fetch(connection, summary.run_id, result, items, now=job.now())
        if result.outcome == "failed":
            n_failed += 1
            _log.info("feed %s failed: %s", result.feed, result.reason)
        else:
            _log.info("feed %s %s: %d items", result.feed, result.outcome, len(items))
    return replace(summary, n_feeds=len(job.settings.feeds), n_failed=n_failed, n_new=n_new)


def _fetch(settings: Settings, states: Mapping[str, FeedState], *, now: Callable[[], datetime]) -> Iterator[FeedResult]:
    return feeds.collect_feeds(
        settings.build_feeds(),
        states,
        now=now,
        contact=settings.contact,
        n_workers=settings.fetch.n_workers,
        timeout_s=settings.fetch.timeout_s,
        max_body_bytes=int(settings.fetch.max_body_mb * 1_000_000),
    )


def score(job: Job, summary: RunSummary) -> RunSummary:
    """Score every item that the configured model has not scored, a batch per transaction.

    Args:
        job: an open job.
        summary: the run so far.

    Returns:
        The run with scored items counted. The model is loaded only when there is something to score.

    Raises:
        ModelError: the model cannot be trusted; nothing was stored.
    """
    model_id = load_bundle(job.settings.model).model_id
    scorer: Scorer | None = None
    n_scored = 0
    while True:
        with job.database.read() as connection:
            batch = store.load_unscored(connection, model_id=model_id, limit=SCORE_BATCH)
        if batch.empty:
            return replace(summary, n_scored=n_scored)
        scorer = scorer or load_scorer(job.settings)
        probabilities = scorer.probabilities(batch["text"].tolist())
        scores = pd.DataFrame(probabilities.astype("float64"), columns=list(LABELS))
        scores.insert(0, "item_id", batch["item_id"])
        with job.database.write() as connection:
            store.save_scores(connection, scores, model_id=model_id, now=job.now())
        n_scored += len(batch)
        _log.info("scored %d items", n_scored)


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
            connection, start=span[0], end=min(span[1], known_by + timedelta(microseconds=1))
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


def import_items(
    job: Job, source: str, *, feed: str, text_column: str, time_column: str, timezone: str
) -> dict[str, int]:
    """Store archived headlines as items of a feed.

    Args:
        job: an open job.
        source: CSV, JSONL or Parquet file.
        feed: name of the feed they belong to.
        text_column: column with the headline.
        time_column: column with the time.
        timezone: IANA name for times without a zone.

    Returns:
        Counts: read, new, known (already stored, or the same headline twice in a day), unusable.
    """
    counts = {"read": 0, "new": 0, "known": 0, "unusable": 0}
    chunks = archive.read_archived_items(
        source, feed=feed, text_column=text_column, time_column=time_column, timezone=timezone
    )
    for chunk in chunks:
        with job.database.write() as connection:
            n_new = store.save_items(connection, chunk.items, now=job.now())
        counts["read"] += chunk.n_rows
        counts["unusable"] += chunk.n_unusable
        counts["new"] += n_new
        counts["known"] += chunk.n_rows - chunk.n_unusable - n_new
    return counts


def try_feeds(settings: Settings) -> Iterator[FeedResult]:
    """Fetch every configured feed afresh; nothing is stored and no lock is taken."""
    return _fetch(settings, {}, now=utc_now)


def verify(settings: Settings) -> dict[str, str]:
    """Check what a run will need: the model scores its canaries, the store is whole, the folder can be written.

    Returns:
        For each of model, store and reports what was found.

    Raises:
        SentinelError: one of them is not usable.
    """
    load_scorer(settings)
    facts = load_bundle(settings.model).facts
    found = {"model": f"{facts.name}, {facts.architecture}, id {facts.model_id}"}
    with open_job(settings) as job:
        job.database.check()
        found["store"] = job.database.name
    settings.reports.mkdir(parents=True, exist_ok=True)
    if not os.access(settings.reports, os.W_OK):
        raise ReportError("cannot be written", where=str(settings.reports), hint="check its permissions")
    found["reports"] = str(settings.reports)
    return found


def evaluate_table(bundle: str, source: str, *, text_column: str, label_column: str) -> dict[str, list[float]]:
    """Measure a model on a labelled table.

    Args:
        bundle: "packaged", a directory or a hub id.
        source: CSV, JSONL or Parquet file; rows whose label is none of LABELS are left out.
        text_column: column with the text.
        label_column: column with the label.

    Returns:
        n, and for accuracy, macro_f1, ece and brier the value with its 95 % bootstrap interval.

    Raises:
        TableError: the file cannot be read, lacks a column, or has no labelled row.
        ModelError: the model cannot be trusted.
    """
    from sentinel.model.classifier import Classifier
    from sentinel.model.evaluation import bootstrap_interval, measure

    texts, label_ids = archive.read_labelled_texts(source, text_column=text_column, label_column=label_column)
    probabilities = Classifier.load(bundle).probabilities(texts)
    figures = measure(label_ids, probabilities)
    return {
        name: [value] if name == "n" else [value, *bootstrap_interval(label_ids, probabilities, name)]
        for name, value in figures.items()
    }


def run_sample(folder: Path, options: Mapping[str, Any], *, day: date | None = None) -> RunSummary:
    """Run the packaged sample: ten daily collections by its own clock, the last one a full run.

    Args:
        folder: where the sample's store and ``reports/`` go.
        options: settings given on the command line.
        day: as for ``run_once``.

    Returns:
        The last run, with the new items of all ten.
    """
    with serve_sample() as server:
        settings = build_sample_settings(server.feeds, folder, options)
        with open_job(settings, now=lambda: server.now) as job:
            n_new = 0
            for now in sample_clock()[:-1]:
                server.now = now
                n_new += run_step(job, collect).n_new
            server.now = sample_clock()[-1]
            last = run_once(job, day=day)
            return replace(last, n_new=last.n_new + n_new)
