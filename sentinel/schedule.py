"""When a run happens: cron expressions in the report's time zone. The only door to APScheduler.

Each run is a process of its own with a deadline, so a run that hangs cannot block the later ones and nothing it
leaks stays. Source of the settings: the APScheduler 3 user guide, "Missed job executions and coalescing".
Invariant: a signal handler takes no lock; the main thread does nothing but wait for one.
"""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from sentinel.cron import DAY_NAMES, parse_cron

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

MISFIRE_GRACE_S = 6 * 3600
RUN_DEADLINE_S = 2 * 3600
STOP_GRACE_S = 8

_log = logging.getLogger(__name__)


def build_trigger(expression: str, timezone: str) -> CronTrigger:
    """Turn a cron expression into a trigger.

    APScheduler counts weekdays from Monday and cron from Sunday, so they are passed on by name.

    Args:
        expression: as for ``parse_cron``.
        timezone: IANA name.

    Returns:
        The trigger.

    Raises:
        ValueError: it is not such an expression.
    """
    cron = parse_cron(expression)
    return CronTrigger(
        minute=_listed(cron.minutes),
        hour=_listed(cron.hours),
        day=_listed(cron.days),
        month=_listed(cron.months),
        day_of_week=_listed(DAY_NAMES[number] for number in cron.weekdays),
        timezone=timezone,
    )


def _listed(values: Iterable[object]) -> str:
    return ",".join(map(str, values))


def next_run(expressions: Sequence[str], timezone: str, now: datetime) -> datetime:
    """Tell when the next run is due after ``now``.

    Args:
        expressions: cron expressions.
        timezone: IANA name of their zone.
        now: aware.
    """
    due: datetime = min(build_trigger(each, timezone).get_next_fire_time(None, now) for each in expressions)
    return due


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
        ValueError: an expression is wrong; nothing has started.
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
