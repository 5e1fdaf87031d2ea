"""A run happens when the schedule says so, ends by its deadline, and leaves nothing behind when it is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from sentinel import schedule
from sentinel.schedule import RETRY, Agenda, RunProcess
from sentinel.timetable import Entry, Timetable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

BERLIN = ZoneInfo("Europe/Berlin")
SUNDAY = datetime(2026, 3, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SLEEP = "import os, time; print(os.getpid(), flush=True); time.sleep(120)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"

# A schedule whose one entry is due at once, or in years; its runs are pieces of Python instead of ``sentinel run``.
DRIVER = '''
import sys
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo
from sentinel import schedule
from sentinel.errors import ConfigError
from sentinel.logs import set_up_logs
from sentinel.timetable import Entry, Timetable

set_up_logs(verbose=False)
schedule.STOP_GRACE_S = 0.3
now = lambda: datetime.now(UTC)
entry = Entry("every 9999d")
begun = {} if sys.argv[1] == "later" else {entry.key: now() - timedelta(days=20_000)}
n_reads = 0

def load():
    global n_reads
    n_reads += 1
    if n_reads == 2:
        raise ConfigError("unknown key", where="feeds.yaml line 1")
    return schedule.Plan(Timetable((entry,), ZoneInfo("UTC")), b"")

process = schedule.RunProcess([])
process._command = [sys.executable, "-c", sys.argv[2]]
is_up = False

def look():
    """Say so at the first look: the signals are caught by then."""
    global is_up
    if not is_up:
        print("up", flush=True)
    is_up = True
    return begun

schedule.run_schedule(load, process, begun=look, now=now)
'''


def build_process(code: str) -> RunProcess:
    """Build a run that is a piece of Python instead of ``sentinel run``."""
    process = RunProcess([])
    process._command = [sys.executable, "-c", code]
    return process


def test_run_starts_the_program(capfd: pytest.CaptureFixture[str]) -> None:
    assert RunProcess(["--version"]).run() == 0
    assert capfd.readouterr().out.startswith("sentinel, version ")


def test_run_returns_and_logs_the_exit_code(caplog: pytest.LogCaptureFixture) -> None:
    assert build_process("raise SystemExit(2)").run() == 2
    assert caplog.messages == ["the run ended with exit code 2"]


def test_run_that_meets_another_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    assert build_process("raise SystemExit(75)").run() == 75
    assert caplog.messages == []


def test_run_is_given_its_input_and_arguments(capfd: pytest.CaptureFixture[str]) -> None:
    code = "import sys; print(sys.argv[1:], sys.stdin.read())"
    assert build_process(code).run(["--scheduled", "0 6 * * *"], given=b"feeds: []") == 0
    assert capfd.readouterr().out == "['--scheduled', '0 6 * * *'] feeds: []\n"


@pytest.mark.parametrize(("code", "expected"), [(SLEEP, -signal.SIGTERM), (STUBBORN, -signal.SIGKILL)])
def test_run_is_ended_at_its_deadline(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    code: str,
    expected: int,
) -> None:
    monkeypatch.setattr(schedule, "STOP_GRACE_S", 0.2)
    assert build_process(code).run(deadline_s=1.5) == expected
    assert "and was ended" in caplog.messages[0]
    assert not is_alive(int(capfd.readouterr().out))


def test_run_can_follow_a_run_that_was_ended() -> None:
    process = build_process("import time; time.sleep(60)")
    assert process.run(deadline_s=0.1) < 0
    process._command = [sys.executable, "-c", ""]
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


def test_a_hangup_reads_the_feeds_file_again_and_a_wrong_one_changes_nothing() -> None:
    with running_schedule("later", "") as process:
        assert process.stderr is not None
        process.send_signal(signal.SIGHUP)
        refused = process.stderr.readline()
        process.send_signal(signal.SIGHUP)
        taken = process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    assert b"the one before stays in force: feeds.yaml line 1: unknown key" in refused
    assert b"was read again: 1 entries" in taken


# --- what is due, by a clock that is moved ---------------------------------------------------------------------


def simulate(
    timetable: Timetable, start: datetime, span: timedelta, *, down: Sequence[tuple[datetime, datetime]] = ()
) -> list[tuple[datetime, tuple[str, ...]]]:
    """Look every minute for a while, and give when what was run; a scheduler that was down begins anew."""
    ran: list[tuple[datetime, tuple[str, ...]]] = []
    begun: dict[str, datetime] = {}
    agenda: Agenda | None = None
    now = start
    while now <= start + span:
        if any(first <= now < last for first, last in down):
            agenda = None
        else:
            agenda = agenda or Agenda(now)
            entries = agenda.due(timetable, begun, now)
            if entries:
                ran.append((now, tuple(entry.key for entry in entries)))
                begun |= {entry.key: now for entry in entries}
                agenda.note(entries, 0, now, now)
        now += MINUTE
    return ran


@pytest.mark.parametrize("start", [datetime(2026, 3, 26, tzinfo=UTC), datetime(2026, 10, 22, tzinfo=UTC)])
def test_a_week_over_a_clock_change_has_one_run_a_day_at_its_hour(start: datetime) -> None:
    timetable = Timetable((Entry("30 2 * * *"), Entry("0 6 * * *")), BERLIN)
    times = [moment.astimezone(BERLIN) for moment, _ in simulate(timetable, start, timedelta(days=7))]
    nightly = [time for time in times if time.hour < 5]
    assert [time.date() for time in nightly] == [start.date() + timedelta(days=day) for day in range(7)]
    assert {f"{time:%H:%M}" for time in nightly} <= {"02:30", "03:30"}
    assert [f"{time:%H:%M}" for time in times if time.hour >= 5] == ["06:00"] * 7


def test_a_week_over_a_clock_change_has_every_hour_and_every_interval() -> None:
    hourly = Timetable((Entry("0 * * * *"),), BERLIN)
    for start in (datetime(2026, 3, 26, tzinfo=UTC), datetime(2026, 10, 22, tzinfo=UTC)):
        times = [moment for moment, _ in simulate(hourly, start, timedelta(days=7))]
        assert times == [start + timedelta(hours=hour) for hour in range(1, 169)]
    every = Timetable((Entry("every 30m", ("kind:social",)),), BERLIN)
    assert len(simulate(every, datetime(2026, 3, 28, tzinfo=UTC), timedelta(days=2))) == 96


def test_times_missed_in_an_outage_are_made_up_for_once() -> None:
    timetable = Timetable((Entry("0 6 * * *"), Entry("0 18 * * *")), ZoneInfo("UTC"))
    outage = (SUNDAY + timedelta(days=1), SUNDAY + timedelta(days=4, hours=12))
    ran = simulate(timetable, SUNDAY, timedelta(days=5), down=[outage])
    hours = [(moment - SUNDAY) / timedelta(hours=1) for moment, _ in ran]
    assert hours == [6, 18, 108, 114]
    assert ran[2][1] == ("0 6 * * *", "0 18 * * *")


def test_an_outage_without_a_missed_time_runs_nothing() -> None:
    timetable = Timetable((Entry("0 6 * * *"),), ZoneInfo("UTC"))
    ran = simulate(
        timetable,
        SUNDAY,
        timedelta(hours=40),
        down=[(SUNDAY + timedelta(hours=7), SUNDAY + timedelta(hours=20))],
    )
    assert [(moment - SUNDAY) / timedelta(hours=1) for moment, _ in ran] == [6, 30]


def test_two_schedulers_of_one_store_run_each_time_once() -> None:
    timetable = Timetable((Entry("0 6 * * *"), Entry("every 6h", ("kind:social",))), BERLIN)
    agendas = [Agenda(SUNDAY), Agenda(SUNDAY)]
    begun: dict[str, datetime] = {}
    ran = []
    for minute in range(2 * 24 * 60):
        now = SUNDAY + minute * MINUTE
        for agenda in agendas:
            entries = agenda.due(timetable, begun, now)
            ran += [entry.key for entry in entries]
            begun |= {entry.key: now for entry in entries}
    assert (ran.count("0 6 * * *"), ran.count("every 6h kind:social")) == (2, 7)


def test_a_run_that_met_another_is_tried_again_until_somebody_has_begun_it() -> None:
    timetable = Timetable((Entry("0 6 * * *"),), ZoneInfo("UTC"))
    agenda, six = Agenda(SUNDAY), SUNDAY + timedelta(hours=6)
    entries = agenda.due(timetable, {}, six)
    agenda.note(entries, 75, six, six)
    assert agenda.due(timetable, {}, six + RETRY / 2) == ()
    assert agenda.wait_s(timetable, {}, six + RETRY / 2) == RETRY.total_seconds() / 2
    assert agenda.due(timetable, {}, six + RETRY) == entries
    assert agenda.due(timetable, {"0 6 * * *": six + MINUTE / 2}, six + RETRY) == ()


def test_a_run_that_failed_before_it_began_waits_for_its_next_time() -> None:
    timetable = Timetable((Entry("0 6 * * *"),), ZoneInfo("UTC"))
    agenda, six = Agenda(SUNDAY), SUNDAY + timedelta(hours=6)
    agenda.note(agenda.due(timetable, {}, six), 2, six, six + MINUTE)
    assert agenda.due(timetable, {}, six + timedelta(hours=23)) == ()
    assert len(agenda.due(timetable, {}, six + timedelta(hours=24))) == 1


@pytest.mark.parametrize("wrong_by", [timedelta(days=400), timedelta(days=-400)], ids=["ahead", "behind"])
def test_a_clock_that_was_wrong_and_is_set_right_stops_no_schedule(wrong_by: timedelta) -> None:
    timetable = Timetable((Entry("0 6 * * *"),), ZoneInfo("UTC"))
    wrong = SUNDAY + wrong_by
    agenda = Agenda(wrong)
    begun = {"0 6 * * *": wrong}
    ran = 0
    for hour in range(48):
        now = SUNDAY + timedelta(hours=hour)
        entries = agenda.due(timetable, begun, now)
        begun |= {entry.key: now for entry in entries}
        ran += len(entries)
    assert ran == (2 if wrong_by > timedelta() else 3)  # what was missed behind is made up for once


def test_what_is_due_together_is_one_run_for_all_their_feeds() -> None:
    some = (Entry("0 6 * * *", ("kind:social",)), Entry("0 6 * * *", ("topic:rates", "kind:social")))
    assert schedule.feeds_of(some) == ("kind:social", "topic:rates")
    assert schedule.feeds_of([*some, Entry("0 6 * * *")]) == ()
