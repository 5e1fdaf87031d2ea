"""An open store with its settings and clock, under the lock; and runs, noted in the store from start to end."""

from __future__ import annotations

import secrets
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from sentinel import store
from sentinel.errors import SentinelError, StoreError
from sentinel.lock import check_lock, hold_lock
from sentinel.logs import RUN_ID
from sentinel.pipeline.scorer import ConfiguredModel
from sentinel.records import RunSummary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextvars import Token
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from sentinel.config import Settings
    from sentinel.model.bundle import Bundle

MAX_REASON_CHARACTERS = 500


@dataclass(frozen=True)
class Job:
    """An open store with the settings it is worked on by.

    Attributes:
        settings: the settings in force.
        database: the open store.
        model: the configured models.
        now: clock, aware UTC.
        is_sample: whether its news is the packaged sample's, so that pages must say so.
    """

    settings: Settings
    database: store.Database
    model: ConfiguredModel
    now: Callable[[], datetime]
    is_sample: bool = False

    @property
    def bundle(self) -> Bundle:
        """The directory of the model, of several that of the first.

        Raises:
            ModelError: it cannot be found or trusted.
        """
        return self.model.bundle

    @property
    def model_id(self) -> str:
        """Names what scores: the model, or all models of the languages together.

        Raises:
            ModelError: one cannot be found or trusted.
        """
        return self.model.facts.model_id

    @property
    def today(self) -> date:
        """The day it is now in the report's time zone."""
        return today_in(self.settings, self.now())


def today_in(settings: Settings, now: datetime) -> date:
    """Tell the day of an aware time in the report's time zone."""
    return now.astimezone(settings.zone).date()


def utc_now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


def lock_path(settings: Settings) -> Path:
    """Name the lock file: beside the store's file, else in the report folder."""
    file = store.database_path(settings.store)
    return file.with_name(f"{file.name}.lock") if file else settings.reports / ".sentinel.lock"


def check_free(settings: Settings) -> None:
    """See that nobody is at work on the store, before something that takes long; nothing is made.

    Raises:
        LockHeldError: another command works on this store.
        StoreError: the address of the store is none, or its server cannot be reached.
    """
    check_lock(lock_path(settings))
    if store.database_path(settings.store) is None:
        database = store.reach_database(settings.store)
        try:
            with database.locks.held(store.RUN):
                pass
        finally:
            database.close()


@contextmanager
def only_user(settings: Settings, database: store.Database) -> Iterator[None]:
    """Be the only one at work on a store and its reports while the block runs.

    On a server two locks are held: that of the report folder, which is of this machine, and that of the store.

    Raises:
        LockHeldError: another command works on them.
        StoreError: the lock file cannot be made, or the server cannot be asked.
    """
    with hold_lock(lock_path(settings)), database.locks.held(store.RUN):
        yield


@contextmanager
def open_job(
    settings: Settings,
    *,
    model: ConfiguredModel | None = None,
    now: Callable[[], datetime] = utc_now,
    is_sample: bool = False,
    is_shared: bool = False,
) -> Iterator[Job]:
    """Take the lock and open the store for a command that writes.

    Args:
        settings: the settings in force.
        model: what ``prepare`` gave; None for a command that checks the model when it comes to it.
        now: clock, aware UTC.
        is_sample: as in ``Job``.
        is_shared: whether others may be at work on the store, if that is on a server: the command only collects.

    Raises:
        LockHeldError: another command works on this store.
        StoreError: the store cannot be opened; nothing was made where its address cannot be used.
    """
    database = store.reach_database(settings.store)
    try:
        with nullcontext() if is_shared and database.is_server else only_user(settings, database):
            database.migrate()
            yield Job(settings, database, model or ConfiguredModel(settings), now, is_sample)
    finally:
        database.close()


@contextmanager
def read_job(settings: Settings, *, now: Callable[[], datetime] = utc_now) -> Iterator[Job]:
    """Open the store for a command that only reads, without the lock: nothing is made and nothing changed.

    Args:
        settings: the settings in force.
        now: clock, aware UTC.

    Raises:
        StoreError: there is no store yet, it cannot be read, or its schema is another version's.
    """
    database = store.read_database(settings.store)
    try:
        yield Job(settings, database, ConfiguredModel(settings), now)
    finally:
        database.close()


class RecordedRun:
    """A run under way, noted in the store from its start to whatever ends it.

    A run that was killed, or lost its machine, stays "running" until the next begins: either both are under the lock of
    the store, or each has a lock of its own there, which ended with it.

    Attributes:
        summary: its counts so far.
    """

    def __init__(self, job: Job) -> None:
        self.summary = RunSummary(run_id=f"{job.now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}")
        self._job = job
        self._token: Token[str] | None = None

    def __enter__(self) -> Self:
        """Note that it begins, and that one still noted as running was broken off."""
        database = self._job.database
        database.locks.take(store.record_lock(self.summary.run_id))
        with database.read() as connection:
            running = store.load_running(connection)
        ended = [run_id for run_id in running if database.locks.is_free(store.record_lock(run_id))]
        with database.write() as connection:
            store.break_off_runs(connection, ended)
            store.start_run(connection, self.summary.run_id, now=self._job.now())
        self._token = RUN_ID.set(self.summary.run_id)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        """Note how it ended; an error on its way goes on."""
        try:
            if error is None:
                self._finish("partial" if self.summary.n_failed else "done")
            else:
                with suppress(StoreError):  # the error on its way says more
                    self._finish("failed" if isinstance(error, Exception) else "broken off", _reason(error))
        finally:
            if self._token is not None:
                RUN_ID.reset(self._token)

    def _finish(self, outcome: str, reason: str = "") -> None:
        with self._job.database.write() as connection:
            store.finish_run(connection, self.summary, now=self._job.now(), outcome=outcome, reason=reason)


def _reason(error: BaseException) -> str:
    """Say what ended a run in one line: the error's own where it was raised on purpose, else its kind as well."""
    text = str(error) if isinstance(error, SentinelError) else f"{type(error).__name__}: {error}"
    return " ".join(text.split()).removesuffix(":")[:MAX_REASON_CHARACTERS]
