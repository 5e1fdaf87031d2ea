"""The steps that fill the store, and a whole run of them.

Invariant: items are stored before they are scored, scores before they are reported; a run killed anywhere is mended
by the next.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from sentinel import archive, feeds, report, store
from sentinel.config import build_sample_settings
from sentinel.credentials import load_feed_credentials, load_proxy_credentials
from sentinel.errors import CanaryError, ReportError, TableError
from sentinel.language import detect_languages
from sentinel.pipeline.alerts import AlertDesk
from sentinel.pipeline.claims import FeedClaims
from sentinel.pipeline.days import days_to_report
from sentinel.pipeline.job import Job, RecordedRun, open_job
from sentinel.pipeline.names import score_names
from sentinel.pipeline.preparation import check_day, prepare
from sentinel.pipeline.reports import write_reports
from sentinel.pipeline.scorer import score_once
from sentinel.pipeline.stories import group_items
from sentinel.sample import sample_clock, serve_sample
from sentinel.text import text_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from sentinel.config import Settings
    from sentinel.pipeline.scorer import Reader
    from sentinel.records import FeedResult, FeedState, RunSummary

SCORE_BATCH = 8_192

_log = logging.getLogger(__name__)


def run_once(
    job: Job,
    *,
    day: date | None = None,
    asks_all: bool = False,
    chosen: Sequence[str] = (),
    entries: Sequence[str] = (),
) -> RunSummary:
    """Do one full cycle: collect, score, report, alert.

    Args:
        job: an open job.
        day: make the report of this day alone; None for today and every recent day that needs one.
        asks_all: as for ``collect``.
        chosen: as for ``collect``.
        entries: keys of the entries of the schedule that this run is for.

    Returns:
        What was done.

    Raises:
        ModelError: the model cannot be trusted; no feed was asked.
        ConfigError: the day has not begun yet, or the device does not exist; no feed was asked.
        StoreError: the store cannot be written.
        ReportError: the report folder cannot be written, and no feed was asked; or a page cannot, and items and scores
            are kept.
    """
    started = time.monotonic()
    if day is not None:
        check_day(job.settings, day, now=job.now)
    desk = AlertDesk(job)
    with RecordedRun(job, entries=entries) as record:
        report.check_folder(job.settings.reports)
        _load_scorer(job, desk)
        record.summary = collect(job, record.summary, asks_all=asks_all, chosen=chosen)
        record.summary = score(job, record.summary)
        days = [day] if day else days_to_report(job)
        index = write_reports(job, days, desk=desk)
        desk.deliver()
        record.summary = replace(
            record.summary,
            report_path=str(index),
            n_alerts=desk.n_raised,
            elapsed_s=round(time.monotonic() - started, 1),
        )
    return record.summary


def _load_scorer(job: Job, desk: AlertDesk) -> None:
    """Load the models and score their canaries; that they fail is told before the run ends with it."""
    try:
        job.model.load()
    except CanaryError as error:
        desk.tell_canary(error)
        raise


def run_step(job: Job, step: Callable[[Job, RunSummary], RunSummary]) -> RunSummary:
    """Do ``collect`` or ``score`` alone, noted as a run."""
    started = time.monotonic()
    with RecordedRun(job) as record:
        record.summary = replace(step(job, record.summary), elapsed_s=round(time.monotonic() - started, 1))
    return record.summary


def collect(job: Job, summary: RunSummary, *, asks_all: bool = False, chosen: Sequence[str] = ()) -> RunSummary:
    """Fetch every feed that is due, store what is new, a feed's items and validators in one transaction; then group it.

    On a server others may collect at the same time: each feed is asked by one of them.

    Args:
        job: an open job.
        summary: the run so far.
        asks_all: whether feeds are asked that are not due, or gone.
        chosen: which feeds, as for ``Settings.build_feeds``.

    Returns:
        The run with feeds, failures and new items counted.
    """
    failed: list[str] = []
    n_new = n_not_due = n_done = 0
    asked = job.settings.build_feeds(chosen)
    with job.database.read() as connection:
        states = store.load_feed_states(connection)
        robots = store.load_robots(connection)
    known_robots = dict(robots)
    manners = build_manners(job.settings, asks_all=asks_all)
    claims = FeedClaims(job.database)
    claim = claims.claim if job.database.is_server else None
    for batch in feeds.collect_in_batches(asked, states, now=job.now, manners=manners, claim=claim, robots=robots):
        with job.database.write() as connection:
            for result in batch:
                items = feeds.build_items_frame(result.items)
                n_new += store.save_fetch(connection, summary.run_id, result, items, now=job.now())
        claims.release(result.feed for result in batch)
        n_not_due += sum(result.outcome == "not due" for result in batch)
        failed += [result.feed for result in batch if result.outcome == "failed"]
        n_done += len(batch)
        job.progress("feeds", n_done, len(asked))
        for result in batch:
            _log.info("feed %s %s: %s", result.feed, result.outcome, result.reason or f"{len(result.items)} items")
    fresh_robots = [copy for origin, copy in robots.items() if known_robots.get(origin) != copy]
    if fresh_robots:
        with job.database.write() as connection:
            store.save_robots(connection, fresh_robots)
    group_items(job.database)
    return replace(
        summary,
        n_feeds=len(asked),
        n_failed=len(failed),
        failed_feeds=tuple(sorted(failed)),
        n_not_due=n_not_due,
        n_new=n_new,
    )


def fetch_feeds(
    settings: Settings, states: Mapping[str, FeedState], *, now: Callable[[], datetime]
) -> Iterator[FeedResult]:
    """Fetch the configured feeds within the configured limits; nothing is stored."""
    return feeds.collect_feeds(settings.build_feeds(), states, now=now, manners=build_manners(settings))


def build_manners(settings: Settings, *, asks_all: bool = False) -> feeds.Manners:
    """Give how feeds are asked by the settings, and by the credentials in the environment.

    Raises:
        ConfigError: credentials are missing.
    """
    fetching = settings.fetch
    return feeds.Manners(
        contact=settings.contact,
        n_workers=fetching.n_workers,
        timeout_s=fetching.timeout_s,
        max_body_bytes=int(fetching.max_body_mb * 1_000_000),
        host_spacing_s=fetching.host_spacing_s,
        asks_all=asks_all,
        heeds_reservations=fetching.respect_reservations == "headlines",
        heeds_robots=fetching.respect_robots,
        credentials=load_feed_credentials(settings.auth_names),
        proxy=fetching.proxy,
        proxy_credentials=load_proxy_credentials(),
    )


def score(job: Job, summary: RunSummary) -> RunSummary:
    """Score every item that a configured model reads and has not scored, the newest first, a batch per transaction.

    The language of an item is looked at when it would be scored for the first time. One in a language that the model
    does not read stays in the store without a score, until the setting says that it does. An item whose text this model
    has scored before, with whatever item, gets that score. A text that names several companies is read once more for
    each of them, by a model that can.

    Args:
        job: an open job.
        summary: the run so far.

    Returns:
        The run with scored items counted.

    Raises:
        ModelError: the model cannot be trusted; nothing was stored.
    """
    n_scored = sum(_score_by(job, reader) for reader in job.model.readers)
    return replace(summary, n_scored=n_scored)


def _score_by(job: Job, reader: Reader) -> int:
    """Score what one model reads; say how many items that were."""
    model_id = reader.bundle.model_id
    languages = job.model.languages_of(reader)
    watchlist = job.settings.build_watchlist()
    n_scored = 0
    with job.database.read() as connection:
        n_waiting = store.count_unscored(connection, model_id=model_id, languages=languages)
    while True:
        with job.database.read() as connection:
            batch = store.load_unscored(connection, model_id=model_id, limit=SCORE_BATCH, languages=languages)
        if batch.empty:
            return n_scored
        batch = _readable(job, batch, languages)
        if batch.empty:
            continue
        texts = batch["text"].tolist()
        text_hashes = [text_hash(text) for text in texts]
        with job.database.read() as connection:
            known = store.load_text_scores(connection, text_hashes, model_id=model_id)
        scores = score_once(texts, text_hashes, known, scorer=lambda: reader.scorer)
        scores.insert(0, "item_id", batch["item_id"])
        names = score_names(batch, watchlist, scorer=lambda: reader.name_reader) if reader.bundle.reads_names else None
        with job.database.write() as connection:
            store.save_scores(connection, scores, model_id=model_id, now=job.now())
            if names is not None:
                store.save_name_scores(connection, names, model_id=model_id, now=job.now())
        n_scored += len(batch)
        job.progress("items", n_scored, max(n_waiting, n_scored))
        n_first = int((scores["text_hash"] != "").sum())
        _log.info(
            "scored %d items; of the last %d, %d with a text that was never scored", n_scored, len(batch), n_first
        )


def _readable(job: Job, batch: pd.DataFrame, languages: Sequence[str]) -> pd.DataFrame:
    """Look at the language of items where nobody did, note it, and give the items that the model reads."""
    fresh = batch[batch["language"] == ""]
    if fresh.empty:
        return batch
    found = pd.Series(detect_languages(fresh["text"].tolist()), index=fresh.index, dtype="str")
    with job.database.write() as connection:
        store.save_languages(connection, fresh.assign(language=found)[["item_id", "language"]])
    is_read = batch["language"].where(batch["language"] != "", found).isin(languages)
    return batch[is_read].reset_index(drop=True)


def import_items(
    job: Job, source: str, *, feed: str, text_column: str, time_column: str, timezone: str
) -> dict[str, int]:
    """Store archived headlines as items of a feed, and group them.

    Args:
        job: an open job.
        source: CSV, JSONL or Parquet file.
        feed: name of the feed they belong to.
        text_column: column with the headline.
        time_column: column with the time.
        timezone: IANA name for times without a zone.

    Returns:
        Counts: read, new, known (already stored, or the same link, or headline of a day, twice), unusable (without
        text or time, or of the future).

    Raises:
        TableError: the source cannot be read, or none of its rows can be used.
    """
    counts = {"read": 0, "new": 0, "known": 0, "unusable": 0}
    chunks = archive.read_archived_items(
        source, feed=feed, text_column=text_column, time_column=time_column, timezone=timezone, now=job.now()
    )
    for chunk in chunks:
        with job.database.write() as connection:
            n_new = store.save_items(connection, chunk.items, now=job.now())
        counts["read"] += chunk.n_rows
        counts["unusable"] += chunk.n_unusable
        counts["new"] += n_new
        counts["known"] += chunk.n_rows - chunk.n_unusable - n_new
    group_items(job.database)
    if counts["read"] and counts["unusable"] == counts["read"]:
        raise TableError(
            f"no row has both a text in {text_column!r} and a time in {time_column!r}",
            where=source,
            hint="times are ISO 8601 with a full date, such as 2024-06-03T14:30:00Z, and not in the future",
        )
    return counts


def run_sample(folder: Path, options: Mapping[str, Any], *, day: date | None = None) -> RunSummary:
    """Run the packaged sample: ten daily collections by its own clock, the last one a full run.

    Args:
        folder: where the sample's store and ``reports/`` go.
        options: settings given on the command line.
        day: as for ``run_once``.

    Returns:
        The last run, with the new items of all ten.

    Raises:
        SentinelError: as ``run_once``; also when a day of the sample has a page of real news in the report folder.
    """
    with serve_sample() as server:
        settings = build_sample_settings(server.feeds, folder, options, watchlist=server.watchlist)
        _spare_real_pages(settings.reports)
        model = prepare(settings, now=lambda: sample_clock()[-1], days=[day] if day else [])
        with open_job(settings, model=model, now=lambda: server.now, is_sample=True) as job:
            n_new = 0
            for now in sample_clock()[:-1]:
                server.now = now
                n_new += run_step(job, collect).n_new
            server.now = sample_clock()[-1]
            last = run_once(job, day=day)
            return replace(last, n_new=last.n_new + n_new)


def _spare_real_pages(reports: Path) -> None:
    days = {now.date() for now in sample_clock()}
    for summary in report.read_summaries(reports):
        if summary.day in days and not summary.is_sample:
            raise ReportError(
                "holds a page of real news that the sample would overwrite",
                where=str(reports / summary.day.isoformat()),
                hint="give the sample a folder of its own with --reports",
            )
