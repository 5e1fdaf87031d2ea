"""How the job is doing as a whole: what the store, the model and the disk say, read without a lock; and the verdict.

In: settings and the time. Out: a JobStatus, whose ``troubles`` are what somebody should be woken for. The verdict is
a pure function of the rest. Invariant: looking changes nothing and waits for nobody.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sentinel import store
from sentinel.errors import SentinelError
from sentinel.pipeline.job import utc_now
from sentinel.pipeline.scorer import ConfiguredModel
from sentinel.pipeline.status import feed_statuses

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sentinel.config import Settings
    from sentinel.store import RunRecord
    from sentinel.timetable import Timetable

N_RUNS = 5
LOW_DISK_BYTES = 500_000_000
LATE = timedelta(hours=3)
"""How long after its time a run may still be on its way: the longest deadline by default, and an hour."""
_ENDED_BADLY = ("failed", "broken off")


@dataclass(frozen=True, slots=True)
class FeedInTrouble:
    """A feed that fails, is gone or is stale.

    Attributes:
        feed: its name.
        word: failing, gone or stale.
        reason: why.
        n_failures: failures in a row.
    """

    feed: str
    word: str
    reason: str
    n_failures: int


@dataclass(frozen=True, slots=True)
class JobStatus:
    """The job at a moment.

    Attributes:
        now: the moment, aware UTC.
        runs: the last runs, the newest first.
        last_good: the last run that ended well; None where none has.
        next_run: when the schedule's next run is due, aware UTC; the moment itself where one was missed.
        n_feeds: configured feeds.
        feeds: those in trouble.
        n_waiting: items that the model has not scored and would.
        model_id: of the configured model; empty where it cannot be used.
        model: its name, or why it cannot be used.
        store_bytes: size of the store's file; 0 for a server.
        free_bytes: free on the disk of the report folder and the store, the smaller.
        troubles: what is wrong with the job as a whole, a sentence each.
    """

    now: datetime
    runs: tuple[RunRecord, ...]
    last_good: RunRecord | None
    next_run: datetime
    n_feeds: int
    feeds: tuple[FeedInTrouble, ...]
    n_waiting: int
    model_id: str
    model: str
    store_bytes: int
    free_bytes: int
    troubles: tuple[str, ...]


def job_status(
    settings: Settings, *, now: Callable[[], datetime] = utc_now, max_age: timedelta | None = None
) -> JobStatus:
    """Look at the job.

    Args:
        settings: the settings in force.
        now: clock, aware UTC.
        max_age: how old the last good run may be; None to go by the schedule of the feeds file.

    Raises:
        StoreError: there is no store yet, or it cannot be read.
    """
    moment = now()
    feeds = feed_statuses(settings, now=now)
    model = ConfiguredModel(settings)
    model_id, name = _look_at(model)
    database = store.read_database(settings.store)
    try:
        with database.read() as connection:
            runs = tuple(store.load_runs(connection, limit=N_RUNS))
            last_good = store.load_last_good_run(connection, before=moment + timedelta(days=1))
            begun = store.load_schedule_starts(connection)
            n_waiting = sum(
                store.count_unscored(connection, model_id=reader.bundle.model_id, languages=model.languages_of(reader))
                for reader in (model.readers if model_id else ())
            )
    finally:
        database.close()
    file = store.database_path(settings.store)
    free_bytes = min(_free_bytes(path) for path in (settings.reports, file or settings.reports))
    troubles = [
        *judge_runs(runs, last_good, settings.timetable, moment, max_age=max_age),
        *([] if model_id else [f"the model cannot be used: {name}"]),
        *([f"only {free_bytes // 1_000_000} MB are free on the disk"] if free_bytes < LOW_DISK_BYTES else []),
    ]
    n_failing = sum(each.word in ("failing", "gone") for each in feeds)
    if n_failing * 2 > len(feeds):
        troubles.append(f"{n_failing} of {len(feeds)} feeds fail")
    return JobStatus(
        now=moment,
        runs=runs,
        last_good=last_good,
        next_run=max(moment, settings.timetable.next_due(begun, moment)),
        n_feeds=len(feeds),
        feeds=tuple(
            FeedInTrouble(each.feed, each.word, each.state.reason or each.health.stale, each.state.n_failures)
            for each in feeds
            if each.word not in ("ok", "never asked")
        ),
        n_waiting=n_waiting,
        model_id=model_id,
        model=name,
        store_bytes=file.stat().st_size if file else 0,
        free_bytes=free_bytes,
        troubles=tuple(troubles),
    )


def judge_runs(
    runs: tuple[RunRecord, ...],
    last_good: RunRecord | None,
    timetable: Timetable,
    now: datetime,
    *,
    max_age: timedelta | None = None,
) -> list[str]:
    """Say what is wrong with the runs.

    Args:
        runs: the last runs, the newest first.
        last_good: the last that ended well.
        timetable: when runs should be.
        now: aware.
        max_age: how old the last good run may be; None to go by the timetable.

    Returns:
        A sentence for each trouble: the last run ended badly or does not end, or a good one is overdue.
    """
    troubles = []
    last = next((run for run in runs if run.outcome != "running"), None)
    if last is not None and last.outcome in _ENDED_BADLY:
        troubles.append(f"the last run ({last.run_id}) {_HOW[last.outcome]}: {last.reason}")
    if runs and runs[0].outcome == "running" and now - runs[0].started > LATE:
        troubles.append(f"the run {runs[0].run_id} began {_hours(now - runs[0].started)} ago and has not ended")
    if last_good is None:
        troubles.append("no run has ended well yet")
        return troubles
    since = last_good.started
    if max_age is None:
        due = timetable.next_due({}, since)
        if now > due + LATE:
            troubles.append(f"a good run is overdue: one was due at {due:%Y-%m-%d %H:%M} UTC")
    elif now - since > max_age:
        troubles.append(f"the last good run began {_hours(now - since)} ago")
    return troubles


_HOW = {"failed": "failed", "broken off": "was broken off"}


def _hours(span: timedelta) -> str:
    return f"{span / timedelta(hours=1):.1f} h"


def _look_at(model: ConfiguredModel) -> tuple[str, str]:
    """Give id and name of the configured models, or no id and what is wrong with one."""
    try:
        facts = model.facts
    except SentinelError as error:
        return "", str(error)
    return facts.model_id, facts.name


def _free_bytes(path: Path) -> int:
    """Tell what is free where a path lies, or will lie."""
    place = Path(path).absolute()
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free
