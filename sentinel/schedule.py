"""When runs happen: a loop that APScheduler and signals wake, that starts what is due and sees each run to its end.

Each run is a process of its own with a deadline, so a run that hangs cannot block the later ones and nothing it
leaks stays. What is due is decided by ``timetable`` from the store, where each run notes that it has begun: so a time
that was missed is made up for once, after a restart as well, and two schedulers of one store do not both run.
Invariant: a signal handler takes no lock; the loop looks again after LOOK_S at the latest, so that it notices a clock
that was set and a machine that slept (APScheduler alone would wait until the old time).
"""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger

from sentinel.errors import LockHeldError, SentinelError
from sentinel.timetable import feeds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sentinel.timetable import Entry, Timetable

STOP_GRACE_S = 8
LOOK_S = 30.0
_LOOK = 0
"""What wakes the loop without being a signal."""
RETRY = timedelta(minutes=1)
"""How long a run that met another at work waits."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a schedule goes by until it is told to read its file again.

    Attributes:
        timetable: what is due when.
        feeds_file: the accepted text, which every run is given: a file that is being edited changes nothing.
    """

    timetable: Timetable
    feeds_file: bytes


class Agenda:
    """What a scheduler remembers between two looks; decides without a clock of its own.

    The store knows when entries last began; a run that failed before it could note that is remembered here, so that it
    is not tried again at once.
    """

    def __init__(self, since: datetime) -> None:
        """Begin at a time, aware, that entries which never ran are counted from."""
        self._since = since
        self._tried: dict[str, datetime] = {}
        self._not_before = since

    def due(self, timetable: Timetable, begun: Mapping[str, datetime], now: datetime) -> tuple[Entry, ...]:
        """Choose what to run now: one run for all entries that are due.

        Args:
            timetable: the entries.
            begun: when each last began as the store has it, by key.
            now: aware.
        """
        self._since = min(self._since, now)  # a clock that was set back
        if now < self._not_before <= now + RETRY:
            return ()
        return timetable.due(self._known(begun, now), self._since, now)

    def wait_s(self, timetable: Timetable, begun: Mapping[str, datetime], now: datetime) -> float:
        """Tell for how many seconds there is nothing to do."""
        due = timetable.next_due(self._known(begun, now), self._since)
        return min(LOOK_S, max(0.0, (max(due, min(self._not_before, now + RETRY)) - now).total_seconds()))

    def note(self, entries: Sequence[Entry], code: int, started: datetime, now: datetime) -> None:
        """Remember a run that has ended; one that met another at work (exit code 75) is tried again in a while."""
        if code == LockHeldError.exit_code:
            self._not_before = now + RETRY
        else:
            self._tried.update((entry.key, started) for entry in entries)

    def _known(self, begun: Mapping[str, datetime], now: datetime) -> dict[str, datetime]:
        """Join what the store knows with what was tried; a time in the future comes from a clock that was wrong."""
        known = {key: moment for key, moment in begun.items() if moment <= now}
        for key, moment in self._tried.items():
            if moment <= now:
                known[key] = max(moment, known.get(key, moment))
        return known


class RunProcess:
    """Starts ``sentinel run`` as a process and sees it to its end or its deadline."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._command = [sys.executable, "-m", "sentinel", *arguments]
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def run(self, arguments: Sequence[str] = (), *, given: bytes = b"", deadline_s: float = 60.0) -> int:
        """Run once and wait.

        Args:
            arguments: what to add to the command.
            given: for its standard input.
            deadline_s: seconds after which it is ended.

        Returns:
            The exit code, negative when it had to be ended or was stopped before it began.
        """
        with self._lock:
            if self._stopped:
                return -signal.SIGTERM
            command = [*self._command, *arguments]
            self._process = process = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603  # our own program
        with process:
            try:
                process.communicate(given, deadline_s)
                code = process.returncode
            except subprocess.TimeoutExpired:
                _log.error("the run took longer than %d s and was ended", deadline_s)
                code = _end(process)
        if code == LockHeldError.exit_code:
            _log.info("another run is at work; this one is tried again in %d s", RETRY.total_seconds())
        elif code and not self._stopped:
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


def run_schedule(
    load: Callable[[], Plan],
    process: RunProcess,
    *,
    begun: Callable[[], Mapping[str, datetime]],
    now: Callable[[], datetime],
) -> None:
    """Stay up and run what is due until SIGTERM or SIGINT; SIGHUP reads the feeds file again.

    Runs never overlap. A time that was missed, however often, is made up for once.

    Args:
        load: reads the feeds file.
        process: what to run.
        begun: tells when each entry last began, by key.
        now: clock, aware UTC.

    Raises:
        ConfigError: the feeds file is wrong at the start; later the plan before stays in force.
    """
    plan = load()
    # A handler interrupts the main thread anywhere, also where that holds a lock; SimpleQueue.put may be entered again.
    received: SimpleQueue[int | None] = SimpleQueue()
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(each, lambda number, _frame: received.put(number))
    agenda = Agenda(now())
    scheduler = BackgroundScheduler(timezone=UTC, job_defaults={"misfire_grace_time": None})
    scheduler.start()
    is_running = False
    while True:
        known = begun()
        if not is_running and (entries := agenda.due(plan.timetable, known, now())):
            is_running = True
            scheduler.add_job(_run, args=(process, plan, entries, agenda, now, received))
        elif not is_running:
            wait = timedelta(seconds=agenda.wait_s(plan.timetable, known, now()))
            soon = DateTrigger(datetime.now(UTC) + wait)
            scheduler.add_job(received.put, soon, args=(_LOOK,), id="look", replace_existing=True)
        try:
            number = received.get(timeout=LOOK_S)
        except Empty:
            continue
        if number is None:
            is_running = False
        elif number == signal.SIGHUP:
            plan = _reload(load, plan)
        elif number != _LOOK:
            process.stop()
            scheduler.shutdown(wait=False)
            return


def _run(
    process: RunProcess,
    plan: Plan,
    entries: Sequence[Entry],
    agenda: Agenda,
    now: Callable[[], datetime],
    received: SimpleQueue[int | None],
) -> None:
    """Run entries that are due together as one, in a thread of the scheduler, and say when it has ended."""
    started = now()
    keys = [argument for entry in entries for argument in ("--scheduled", entry.key)]
    _log.info("a run begins for %s", ", ".join(feeds_of(entries)) or "all feeds")
    code = LockHeldError.exit_code  # what could not be started is tried again in a while, too
    try:
        code = process.run(keys, given=plan.feeds_file, deadline_s=max(entry.deadline_s for entry in entries))
    except OSError as error:  # no memory for a process, say
        _log.error("a run could not be started: %s", error.strerror)
    finally:
        agenda.note(entries, code, started, now())
        received.put(None)


def _reload(load: Callable[[], Plan], plan: Plan) -> Plan:
    """Read the feeds file again; a wrong one changes nothing and is told."""
    try:
        fresh = load()
    except SentinelError as error:
        _log.error("the feeds file was not taken over, the one before stays in force: %s", error)
        return plan
    _log.warning("the feeds file was read again: %d entries in the schedule", len(fresh.timetable.entries))
    return fresh
