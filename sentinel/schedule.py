"""When a run happens: cron expressions in the report's time zone. The only door to APScheduler.

Each run is a process of its own with a deadline, so a run that hangs cannot block the later ones and nothing it
leaks stays. Source of the settings: the APScheduler 3 user guide, "Missed job executions and coalescing".
Invariant: a signal handler takes no lock; the main thread does nothing but wait for one.
"""

from __future__ import annotations

import logging
import re
import signal
import subprocess
import sys
import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from sentinel.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

MISFIRE_GRACE_S = 6 * 3600
RUN_DEADLINE_S = 2 * 3600
STOP_GRACE_S = 8
DAY_NAMES = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")

_DAYS = re.compile(r"(?:\*|(?P<first>[a-z]{3}|\d)(?:-(?P<last>[a-z]{3}|\d))?)(?:/(?P<step>\d+))?", re.ASCII)

_log = logging.getLogger(__name__)


def build_trigger(expression: str, timezone: str, *, where: str = "schedule") -> CronTrigger:
    """Turn a cron expression into a trigger.

    APScheduler counts weekdays from Monday and cron from Sunday, so they are passed on by name. Cron fires when the
    day of the month or the weekday fits, APScheduler when both do; an expression that restricts both is refused.

    Args:
        expression: five fields: minute, hour, day of month, month, day of week (0 or 7 is Sunday, or names).
        timezone: IANA name.
        where: where the expression was read, for the error.

    Returns:
        The trigger.

    Raises:
        ConfigError: it is not such an expression.
    """
    fields = expression.lower().split()
    if len(fields) != 5:
        raise ConfigError(f"{expression!r} has not the five fields of a cron expression", where=where)
    minute, hour, day, month, weekday = fields
    if not day.startswith("*") and not weekday.startswith("*"):
        raise ConfigError(
            f"{expression!r} restricts day of month and weekday", where=where, hint="write two expressions"
        )
    try:
        return CronTrigger(
            minute=minute, hour=hour, day=day, month=month, day_of_week=_weekdays(weekday), timezone=timezone
        )
    except ValueError as error:
        raise ConfigError(f"{expression!r} is not a cron expression: {error}", where=where) from error


def _weekdays(field: str) -> str:
    """Write cron's weekday field as APScheduler names."""
    chosen: set[int] = set()
    for part in field.split(","):
        match = _DAYS.fullmatch(part)
        days = _days_of(match) if match else None
        if not days:
            msg = f"weekday {part!r}"
            raise ValueError(msg)
        chosen.update(number % 7 for number in days)
    return "*" if len(chosen) == 7 else ",".join(DAY_NAMES[number] for number in sorted(chosen))


def _days_of(match: re.Match[str]) -> range:
    """Count from 0 (Sunday) to 7 (Sunday again); a step without an end goes on to Saturday."""
    first = _weekday_number(match["first"]) if match["first"] else 0
    last = _weekday_number(match["last"]) if match["last"] else first
    if match["last"] == "7" or (last < first and last == 0):
        last = 7
    if not match["first"] or (match["step"] and not match["last"]):
        last = 6
    return range(first, last + 1, int(match["step"] or 1))


def _weekday_number(word: str) -> int:
    if word.isdigit() and int(word) <= 7:
        return int(word) % 7
    if word in DAY_NAMES:
        return DAY_NAMES.index(word)
    msg = f"weekday {word!r}"
    raise ValueError(msg)


def next_run(expressions: Sequence[str], timezone: str, now: datetime, *, where: str = "schedule") -> datetime:
    """Tell when the next run is due after ``now``.

    Args:
        expressions: cron expressions.
        timezone: IANA name of their zone.
        now: aware.
        where: where the expressions were read, for the error.

    Raises:
        ConfigError: an expression is wrong, or names a day that no year has.
    """
    times: list[datetime] = []
    for expression in expressions:
        time = build_trigger(expression, timezone, where=where).get_next_fire_time(None, now)
        if time is None:
            raise ConfigError(f"{expression!r} never happens", where=where)
        times.append(time)
    return min(times)


class RunProcess:
    """Starts ``sentinel run`` as a process and sees it to its end or its deadline."""

    def __init__(self, arguments: Sequence[str], *, deadline_s: float = RUN_DEADLINE_S) -> None:
        self._command = [sys.executable, "-m", "sentinel", *arguments]
        self._deadline_s = deadline_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def run(self) -> int:
        """Run once and wait; returns the exit code, negative when it had to be ended or was stopped before it began."""
        with self._lock:
            if self._stopped:
                return -signal.SIGTERM
            self._process = process = subprocess.Popen(self._command)  # noqa: S603  # our own program
        with process:
            try:
                code = process.wait(self._deadline_s)
            except subprocess.TimeoutExpired:
                _log.error("the run took longer than %d s and was ended", self._deadline_s)
                code = _end(process)
        if code and not self._stopped:
            _log.error("the run ended with exit code %d", code)
        return code

    def stop(self) -> None:
        """End a run under way, from another thread; none begins after this."""
        with self._lock:
            self._stopped = True
            process = self._process
        if process is not None:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> int:
    """Ask a process to end, and end it if it does not."""
    process.terminate()
    try:
        return process.wait(STOP_GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def run_schedule(expressions: Sequence[str], timezone: str, process: RunProcess) -> None:
    """Stay up and run on the given times until SIGTERM or SIGINT.

    A time missed by less than MISFIRE_GRACE_S is made up for once; runs never overlap: one that is due during another
    follows it.

    Args:
        expressions: cron expressions.
        timezone: IANA name of their zone.
        process: what to run.

    Raises:
        ConfigError: an expression is wrong.
    """
    scheduler = BackgroundScheduler(
        timezone=timezone,
        executors={"default": {"type": "threadpool", "max_workers": 1}},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": MISFIRE_GRACE_S},
    )
    triggers = [build_trigger(expression, timezone) for expression in expressions]
    for trigger in triggers:
        scheduler.add_job(process.run, trigger)

    # A handler interrupts the main thread anywhere, also where that holds a lock; SimpleQueue.put may be entered again.
    received: SimpleQueue[int] = SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: received.put(number))
    scheduler.start()
    received.get()
    scheduler.shutdown(wait=False)
    process.stop()
