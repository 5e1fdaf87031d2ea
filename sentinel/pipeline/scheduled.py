"""What a schedule asks of the job: its feeds file, when entries last began, when the next is due, what was missed."""

from __future__ import annotations

import logging
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from sentinel import store
from sentinel.errors import ConfigError, StoreError
from sentinel.pipeline.job import today_in, utc_now

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sentinel.config import Settings
    from sentinel.pipeline.job import Job

_log = logging.getLogger(__name__)


def read_feeds_file(path: Path) -> bytes:
    """Read the feeds file as it stands; what it says is checked elsewhere.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(path)) from error


def schedule_starts(settings: Settings) -> dict[str, datetime]:
    """Tell when a run last began for each entry of the schedule, aware UTC, by key; without a lock.

    Returns:
        Nothing where there is no store yet, or it cannot be read for now: the next run says why.
    """
    try:
        database = store.read_database(settings.store)
    except StoreError as error:
        _log.info("no run is known: %s", error)
        return {}
    try:
        with database.read() as connection:
            return store.load_schedule_starts(connection)
    except StoreError as error:
        _log.warning("no run is known: %s", error)
        return {}
    finally:
        database.close()


def next_run(settings: Settings, *, now: Callable[[], datetime] = utc_now) -> datetime:
    """Tell when the next run of the schedule is due, aware UTC; now, where one was missed."""
    moment = now()
    return max(moment, settings.timetable.next_due(schedule_starts(settings), moment))


def days_since_last_run(job: Job) -> list[date]:
    """List the days between the last run before today that ended well and today."""
    midnight = datetime.combine(job.today, time(), job.settings.zone)
    with job.database.read() as connection:
        last = store.load_last_good_run(connection, before=midnight)
    day = today_in(job.settings, last.started) if last else job.today
    return [day + timedelta(days=offset) for offset in range(1, (job.today - day).days)]
