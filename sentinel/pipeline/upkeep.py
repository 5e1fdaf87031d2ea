"""What an operator does to a store between runs: move it, back it up, look at it, take the old out of it."""

from __future__ import annotations

import os
from contextlib import closing, suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from sentinel import store
from sentinel.errors import ConfigError, StoreError
from sentinel.pipeline.job import only_user, open_job, utc_now

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from sentinel.config import Settings
    from sentinel.store import TableDigest

MIN_KEPT_DAYS = 365
"""A run may make the pages of the last 90 days anew, and each of them looks back for twice as long."""


def prune(settings: Settings, *, kept_days: int, now: Callable[[], datetime] = utc_now) -> dict[str, int]:
    """Remove news that were last seen longer ago, with scores, runs and fetches of that time; reports and moods stay.

    Args:
        settings: the settings in force.
        kept_days: at least MIN_KEPT_DAYS.
        now: clock, aware UTC.

    Returns:
        How many rows were removed, by table.

    Raises:
        ConfigError: pages that runs still make would change.
        LockHeldError: another command works on this store.
        StoreError: the store cannot be written.
    """
    if kept_days < MIN_KEPT_DAYS:
        raise ConfigError(
            f"{kept_days} days are too few: pages of the last months would change",
            where="--older-than",
            hint=f"give at least {MIN_KEPT_DAYS}",
        )
    with open_job(settings, now=now) as job, job.database.write() as connection:
        return store.prune_store(connection, before=now() - timedelta(days=kept_days))


def copy_store(source_url: str, target_url: str) -> dict[str, TableDigest]:
    """Copy all of a store into an empty one, from a file to a server or back, and verify it.

    Args:
        source_url: file or SQLAlchemy URL of a store; it is only read.
        target_url: of one that is empty, or a file that is not there yet.

    Returns:
        What was copied, by table.

    Raises:
        StoreError: one of them cannot be read or written, or the target is not empty.
    """
    with closing(store.read_database(source_url)) as source, closing(store.open_database(target_url)) as target:
        return store.copy_tables(source, target)


def back_up(settings: Settings, path: Path) -> dict[str, TableDigest]:
    """Write a copy of the store, as it is at this moment, into a file that is a store itself; runs go on meanwhile.

    Args:
        settings: the settings in force.
        path: the file; an older one is replaced once the new one is whole.

    Returns:
        What was copied, by table.

    Raises:
        StoreError: the store cannot be read, the file is the store itself, or it cannot be written.
    """
    file = store.database_path(settings.store)
    if file is not None and file.resolve() == path.resolve():
        raise StoreError("is the store itself", where=str(path), hint="give the backup a file of its own")
    partial = path.with_name(f".{path.name}.partial")
    try:
        _drop(partial)
        partial.touch(mode=0o600)
        copied = copy_store(settings.store, str(partial))
        with partial.open("rb") as finished:
            os.fsync(finished.fileno())
        partial.replace(path)
    except OSError as error:
        raise StoreError(f"cannot be written: {error.strerror}", where=str(path), hint="check its folder") from error
    finally:
        with suppress(OSError):  # the error on its way says more
            _drop(partial)
    return copied


def _drop(partial: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        partial.with_name(partial.name + ending).unlink(missing_ok=True)


def migrate(settings: Settings, *, to: int | None) -> int:
    """Bring the store's schema to a version: forward, or back so that an older program can take it over.

    What a version added is lost on the way back; make a backup before.

    Args:
        settings: the settings in force.
        to: number of the schema; None for this program's newest.

    Returns:
        The schema it has now.

    Raises:
        LockHeldError: another command works on this store.
        StoreError: there is no such schema, or the store cannot be written.
    """
    database = store.reach_database(settings.store)
    try:
        with only_user(settings, database):
            return database.migrate(to=to)
    finally:
        database.close()


def check_store(settings: Settings) -> dict[str, TableDigest]:
    """Read all of the store and look for what cannot be; nothing is changed and no lock is taken.

    Returns:
        What each table holds.

    Raises:
        StoreError: there is no store, it is damaged, or its rows contradict one another.
    """
    with closing(store.read_database(settings.store)) as database:
        return store.check_store(database)
