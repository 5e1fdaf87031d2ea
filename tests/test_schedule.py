"""A run happens when cron says so, ends by its deadline, and leaves nothing behind when the schedule is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from sentinel import schedule
from sentinel.schedule import RunProcess, next_run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BERLIN = ZoneInfo("Europe/Berlin")
SUNDAY = datetime(2026, 3, 1, tzinfo=UTC)
SLEEP = "import os, time; print(os.getpid(), flush=True); time.sleep(120)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"

# Runs its second argument at once, where a real schedule would wait for the minute.
DRIVER = """
import sys
from apscheduler.triggers.date import DateTrigger
from sentinel import schedule

schedule.STOP_GRACE_S = 0.3
if sys.argv[1] == "now":
    schedule.build_trigger = lambda expression, timezone: DateTrigger()
process = schedule.RunProcess([])
process._command = [sys.executable, "-c", sys.argv[2]]
print("up", flush=True)
schedule.run_schedule(["0 6 * * *"], "Europe/Berlin", process)
"""


def fires(expression: str, start: datetime, n_times: int, timezone: str = "UTC") -> list[datetime]:
    """Give the next times of an expression in UTC, so that no two of one night look the same."""
    times: list[datetime] = []
    now = start.astimezone(UTC)
    while len(times) < n_times:
        due = next_run([expression], timezone, now).astimezone(UTC)
        times.append(due)
        now = due + timedelta(microseconds=1)
    return times


@pytest.mark.parametrize(
    ("weekday", "days"),
    [
        ("0", [1, 8]),
        ("7", [1, 8]),
        ("sun", [1, 8]),
        ("SUN", [1, 8]),
        ("1", [2, 9]),
        ("mon", [2, 9]),
        ("6", [7, 14]),
        ("1-5", [2, 3, 4, 5, 6, 9]),
        ("mon-fri", [2, 3, 4, 5, 6, 9]),
        ("6-7", [1, 7, 8, 14]),
        ("sat-sun", [1, 7, 8, 14]),
        ("5-7", [1, 6, 7, 8, 13]),
        ("0-6", [1, 2, 3, 4, 5, 6, 7, 8]),
        ("0-7", [1, 2, 3, 4, 5, 6, 7, 8]),
        ("*", [1, 2, 3, 4, 5, 6, 7, 8]),
        ("*/2", [1, 3, 5, 7, 8]),
        ("1-5/2", [2, 4, 6, 9]),
        ("1/2", [2, 4, 6, 9]),
        ("mon,wed,5", [2, 4, 6, 9]),
        ("0,7", [1, 8]),
    ],
)
def test_weekdays_are_those_of_cron(weekday: str, days: list[int]) -> None:
    expected = [datetime(2026, 3, day, 6, tzinfo=UTC) for day in days]
    assert fires(f"0 6 * * {weekday}", SUNDAY, len(days)) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("30 18 * * *", datetime(2026, 3, 1, 18, 30, tzinfo=UTC)),
        ("*/20 * * * *", datetime(2026, 3, 1, 0, 0, tzinfo=UTC)),
        ("0 0 15 * *", datetime(2026, 3, 15, tzinfo=UTC)),
        ("0 0 1 jan *", datetime(2027, 1, 1, tzinfo=UTC)),
        ("0 0 29 2 *", datetime(2028, 2, 29, tzinfo=UTC)),
        ("0 0 */10 * tue", datetime(2026, 3, 31, tzinfo=UTC)),
    ],
)
def test_the_other_fields_are_those_of_cron(expression: str, expected: datetime) -> None:
    assert next_run([expression], "UTC", SUNDAY) == expected


def test_next_run_gives_the_soonest_of_all() -> None:
    assert next_run(["0 18 * * *", "0 6 * * *"], "UTC", SUNDAY) == SUNDAY + timedelta(hours=6)


def test_next_run_counts_in_the_zone_of_the_report() -> None:
    due = next_run(["0 6 * * *"], "Europe/Berlin", SUNDAY)
    assert due == datetime(2026, 3, 1, 6, tzinfo=BERLIN)
    assert due.utcoffset() == timedelta(hours=1)


@pytest.mark.parametrize(
    ("before", "expected"),
    [(datetime(2026, 3, 27, 12, tzinfo=BERLIN), [5, 4, 4]), (datetime(2026, 10, 23, 12, tzinfo=BERLIN), [4, 5, 5])],
    ids=["spring", "autumn"],
)
def test_a_morning_run_keeps_its_local_time_across_a_clock_change(before: datetime, expected: list[int]) -> None:
    times = fires("0 6 * * *", before, 3, "Europe/Berlin")
    assert [time.astimezone(BERLIN).hour for time in times] == [6, 6, 6]
    assert [time.hour for time in times] == expected


@pytest.mark.parametrize("minute", ["0", "30", "59"])
@pytest.mark.parametrize("hour", ["1", "2", "3"])
@pytest.mark.parametrize(
    "before", [datetime(2026, 3, 27, 12, tzinfo=BERLIN), datetime(2026, 10, 23, 12, tzinfo=BERLIN)]
)
def test_a_night_run_misses_no_day_of_a_clock_change(before: datetime, hour: str, minute: str) -> None:
    times = fires(f"{minute} {hour} * * *", before, 6, "Europe/Berlin")
    assert times == sorted(set(times))
    days = {time.astimezone(BERLIN).date() for time in times}
    first = date(before.year, before.month, before.day + 1)
    assert {first + timedelta(days=offset) for offset in range(4)} <= days


def test_an_hourly_run_happens_each_hour_of_both_nights() -> None:
    for night in (datetime(2026, 3, 28, 22, tzinfo=BERLIN), datetime(2026, 10, 24, 22, tzinfo=BERLIN)):
        times = fires("0 * * * *", night, 8, "Europe/Berlin")
        assert times == [night.astimezone(UTC) + timedelta(hours=offset) for offset in range(8)]


def build_process(code: str, *, deadline_s: float = 60.0) -> RunProcess:
    """Build a run that is a piece of Python instead of ``sentinel run``."""
    process = RunProcess([], deadline_s=deadline_s)
    process._command = [sys.executable, "-c", code]
    return process


def test_run_starts_the_program(capfd: pytest.CaptureFixture[str]) -> None:
    assert RunProcess(["--version"]).run() == 0
    assert capfd.readouterr().out.startswith("sentinel, version ")


def test_run_returns_and_logs_the_exit_code(caplog: pytest.LogCaptureFixture) -> None:
    assert build_process("raise SystemExit(75)").run() == 75
    assert caplog.messages == ["the run ended with exit code 75"]


@pytest.mark.parametrize(("code", "expected"), [(SLEEP, -signal.SIGTERM), (STUBBORN, -signal.SIGKILL)])
def test_run_is_ended_at_its_deadline(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    code: str,
    expected: int,
) -> None:
    monkeypatch.setattr(schedule, "STOP_GRACE_S", 0.2)
    assert build_process(code, deadline_s=0.5).run() == expected
    assert "and was ended" in caplog.messages[0]
    assert not is_alive(int(capfd.readouterr().out))


def test_run_can_follow_a_run_that_was_ended() -> None:
    process = build_process("import time; time.sleep(60)", deadline_s=0.1)
    assert process.run() < 0
    process._command = [sys.executable, "-c", ""]
    process._deadline_s = 60
    assert process.run() == 0


def test_stop_ends_a_run_under_way(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    os.mkfifo(ready)
    process = build_process(f"import time; open({str(ready)!r}, 'w').close(); time.sleep(120)")
    codes: list[int] = []
    runner = threading.Thread(target=lambda: codes.append(process.run()))
    runner.start()
    ready.read_bytes()
    process.stop()
    runner.join()
    assert codes == [-signal.SIGTERM]


def test_no_run_begins_after_stop(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    process = build_process(f"open({str(trace)!r}, 'w')")
    process.stop()
    assert process.run() < 0
    assert not trace.exists()


@contextmanager
def running_schedule(when: str, code: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a schedule as a process and wait until it is up; ended at the latest after the block."""
    command = [sys.executable, "-c", DRIVER, when, code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        try:
            yield process
        finally:
            process.kill()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("code", [SLEEP, STUBBORN], ids=["obedient", "stubborn"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_schedule_and_its_run(number: signal.Signals, code: str) -> None:
    with running_schedule("now", code) as process:
        assert process.stdout is not None
        run_pid = int(process.stdout.readline())
        assert is_alive(run_pid)
        process.send_signal(number)
        assert process.wait(timeout=20) == 0
        assert not is_alive(run_pid)


def test_a_storm_of_signals_ends_the_schedule_once() -> None:
    with running_schedule("now", SLEEP) as process:
        assert process.stdout is not None
        run_pid = int(process.stdout.readline())
        while process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()
        assert not is_alive(run_pid)


def test_a_signal_handler_takes_no_lock() -> None:
    """Called while the main thread holds every lock of the scheduler, it returns: the schedule ends, not hangs."""
    code = DRIVER.replace(
        "process = schedule",
        """
import os, signal

class Scheduler(schedule.BackgroundScheduler):
    def start(self):
        super().start()
        with self._event._cond, self._jobstores_lock, self._executors_lock:
            os.kill(os.getpid(), signal.SIGTERM)

schedule.BackgroundScheduler = Scheduler
process = schedule""",
    )
    ended = subprocess.run([sys.executable, "-c", code, "06:00", ""], capture_output=True, timeout=30)
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_runs_never_overlap() -> None:
    code = "import time; print('begin', flush=True); time.sleep(0.1); print('end', flush=True)"
    driver = DRIVER.replace('["0 6 * * *"]', '["0 6 * * *", "0 12 * * *", "0 18 * * *"]')
    with subprocess.Popen([sys.executable, "-c", driver, "now", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(7)] == [b"up\n", *[b"begin\n", b"end\n"] * 3]
        process.terminate()


def test_a_wrong_expression_starts_nothing() -> None:
    with pytest.raises(ValueError, match="not a cron expression"):
        schedule.run_schedule(["0 6 * * *", "0 6 * * 9"], "UTC", build_process(""))
