"""An open store with its settings and clock, under the lock; and runs, noted in the store from start to end."""

from __future__ import annotations

import secrets
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from sentinel import store
from sentinel.errors import SentinelError, StoreError
from sentinel.lock import hold_lock
from sentinel.logs import RUN_ID
from sentinel.model.bundle import Bundle, load_bundle
from sentinel.records import RunSummary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sentinel.config import Settings


@dataclass(frozen=True)
class Job:
    """An open store with the settings it is worked on by.

    Attributes:
        settings: the settings in force.
        database: the open store.
        now: clock, aware UTC.
        is_sample: whether its news is the packaged sample's, so that pages must say so.
    """

    settings: Settings
    database: store.Database
    now: Callable[[], datetime]
    is_sample: bool = False

    @cached_property
    def bundle(self) -> Bundle:
        """The configured model's directory, found and checked once, so that one job has one model.

        Raises:
            ModelError: it cannot be found or trusted.
        """
        return load_bundle(self.settings.model)

    @property
    def today(self) -> date:
        """The day it is now in the report's time zone."""
        return self.now().astimezone(self.settings.zone).date()


def utc_now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


@contextmanager
def open_job(settings: Settings, *, now: Callable[[], datetime] = utc_now, is_sample: bool = False) -> Iterator[Job]:
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
            yield Job(settings, database, now, is_sample)
        finally:
            database.close()


@dataclass
class RunRecord:
    """The counts of a run under way."""

    summary: RunSummary


@contextmanager
def recorded_run(job: Job) -> Iterator[RunRecord]:
    """Note in the store that a run began and how it ended; a run that was killed stays "running"."""
    record = RunRecord(RunSummary(run_id=f"{job.now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"))
    with job.database.write() as connection:
        store.start_run(connection, record.summary.run_id, now=job.now())
    token = RUN_ID.set(record.summary.run_id)
    try:
        yield record
        outcome = "partial" if record.summary.n_failed else "done"
        with job.database.write() as connection:
            store.finish_run(connection, record.summary, now=job.now(), outcome=outcome)
    except SentinelError:
        with suppress(StoreError), job.database.write() as connection:
            store.finish_run(connection, record.summary, now=job.now(), outcome="failed")
        raise
    finally:
        RUN_ID.reset(token)
