"""Runs that are killed, or whose disk fails: one process has everything loaded and forks another for each run.

A run is ended before the n-th time that it makes something last (fsync, rename, removal, commit), or by the kernel
once it has used so many seconds of processor time, at whatever instruction it is. Nothing of it can clean up. Or that
n-th time fails with an error of the system, or no file may grow beyond a size.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import traceback
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs import LOSS, NOON, PROFIT, Clock, build_settings, digests, feed_entry, news, serve_feeds
from sqlalchemy.engine.default import DefaultDialect

from sentinel import pipeline
from sentinel.errors import SentinelError
from sentinel.pipeline.scorer import ConfiguredModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PAGE_BYTES = 4096
YESTERDAY = NOON - timedelta(days=1)
FLUSHES = ("fsync", "replace", "rename", "do_commit")
DROPPED_COLUMNS = {"run_id", "elapsed_s"}
"""What two runs never share."""
RULES = {"rules": [{"name": "silent-feed", "when": "failing-feed", "for_h": 1}]}


@dataclass(frozen=True)
class Ended:
    """How a run ended.

    Attributes:
        status: exit status, or minus the signal that ended it.
        n_events: how often it made something last; None where it was killed.
        cpu_s: processor time that it used, in seconds.
        message: the error that ended it; empty where there was none.
    """

    status: int
    n_events: int | None
    cpu_s: float
    message: str


@dataclass(frozen=True)
class Outcome:
    """What a run leaves that counts: rows of each table, digest of each report file."""

    tables: dict[str, list[tuple[Any, ...]]]
    reports: dict[str, str]


class RunNursery:
    """Starts runs in folders, each in a process of its own that may be killed."""

    def __init__(self, process: subprocess.Popen[str], template: Path) -> None:
        self._process = process
        self._template = template

    def make_folder(self, folder: Path) -> Path:
        """Make a folder as the day before left it."""
        return shutil.copytree(self._template, folder)

    def run(
        self,
        folder: Path,
        *,
        at_event: int | None = None,
        error: int | None = None,
        at_cpu_s: float | None = None,
        max_file_bytes: int | None = None,
        copies: Path | None = None,
        now: datetime = NOON,
    ) -> Ended:
        """Run to the end, or to where it is killed.

        Args:
            folder: where store and reports lie.
            at_event: it is killed before this one, counted from 1.
            error: ``errno`` that this one fails with instead.
            at_cpu_s: it is killed once it has used so much processor time, in seconds.
            max_file_bytes: no file may grow beyond this.
            copies: folder for copies of the run's own: one as it is before each fsync, rename and commit, named by its
                number among the events. That is what a kill would leave there, since all that is not in a file goes
                with its process.
            now: its clock stands there.
        """
        order = {
            "folder": str(folder),
            "at_event": at_event,
            "error": error,
            "at_cpu_s": at_cpu_s,
            "max_file_bytes": max_file_bytes,
            "copies": str(copies) if copies else None,
            "now": now.isoformat(),
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(order), file=self._process.stdin, flush=True)
        return Ended(**json.loads(self._process.stdout.readline()))


class CrashBook:
    """What runs left that were disturbed, and whether the next run mended it.

    A next run hangs on nothing but what lies in the folder, so what was seen before is not tried again.

    Attributes:
        n_states: how many different things disturbed runs left.
        expected: what an undisturbed run leaves.
        undisturbed: how that ended.
    """

    def __init__(self, nursery: RunNursery, folder: Path) -> None:
        self._nursery = nursery
        self._folder = folder
        self._seen: list[Outcome] = []
        self.undisturbed = nursery.run(nursery.make_folder(folder / "undisturbed"))
        assert self.undisturbed.status == 0
        self.expected = read_outcome(folder / "undisturbed")

    @property
    def n_states(self) -> int:
        return len(self._seen)

    def disturb(self, **how: Any) -> tuple[Ended, Outcome]:
        """Disturb a run, and run again.

        Args:
            how: as for ``RunNursery.run``.

        Returns:
            How the first ended, and what lay there after the second.
        """
        folder = self._nursery.make_folder(self._folder / "disturbed")
        ended = self._nursery.run(folder, **how)
        return ended, self._mend(folder)

    def mend_each_flush(self) -> dict[int, Outcome]:
        """Take what a run would leave that is killed before each fsync, rename and commit, and run again.

        Returns:
            What lay there then, by number of the event.
        """
        copies = self._folder / "copies"
        copies.mkdir()
        ended = self._nursery.run(self._nursery.make_folder(self._folder / "copied"), copies=copies)
        assert (ended.status, ended.n_events) == (0, self.undisturbed.n_events)
        numbers = sorted(int(copy.name) for copy in copies.iterdir())
        return {number: self._mend(copies / str(number)) for number in numbers}

    def run(self, folder: Path) -> Ended:
        """Run to the end in a folder of the caller's."""
        return self._nursery.run(folder)

    def damage(self, number: int, content: bytes) -> bool:
        """Overwrite a page of a whole store and run: it must be refused, and kept, or give the same reports.

        Returns:
            Whether that was so.
        """
        folder = shutil.copytree(self._folder / "undisturbed", self._folder / "damaged")
        path = folder / "sentinel.db"
        with path.open("r+b") as file:
            file.seek(number * PAGE_BYTES)
            file.write(content)
        size = path.stat().st_size
        ended = self._nursery.run(folder)
        is_told = ended.status == 1 and "\n" not in ended.message and "sentinel.db" in ended.message
        is_right = ended.status == 0 and digests(folder / "reports") == self.expected.reports
        is_kept = path.stat().st_size >= size
        shutil.rmtree(folder)
        return (is_told or is_right) and is_kept

    @property
    def n_pages(self) -> int:
        """Pages of a whole store."""
        return (self._folder / "undisturbed" / "sentinel.db").stat().st_size // PAGE_BYTES

    def _mend(self, folder: Path) -> Outcome:
        state = read_outcome(folder, everything=True)
        mended = self.expected
        if state not in self._seen:
            assert self._nursery.run(folder).status == 0
            assert read_endings(folder)[-1] in ("partial", "done")  # one feed is absent, and not asked twice
            assert "running" not in read_endings(folder)
            mended = read_outcome(folder)
            self._seen.append(state)
        shutil.rmtree(folder)
        return mended


@contextlib.contextmanager
def open_nursery(folder: Path, *, has_past: bool) -> Iterator[RunNursery]:
    """Serve feeds and start the process that has everything loaded.

    Args:
        folder: for what lies there before a run.
        has_past: whether a run of the day before has left its items and its page.
    """
    with serve_feeds() as server:
        entries = [feed_entry(name, server.url(f"/{name}")) for name in ("absent", "wire")]
        server.routes["/wire"] = news((PROFIT, YESTERDAY))
        command = [sys.executable, str(Path(__file__)), json.dumps(entries)]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        ) as process:
            try:
                nursery = RunNursery(process, folder)
                folder.mkdir()
                if has_past:
                    assert nursery.run(folder, now=YESTERDAY).status == 0
                server.routes["/wire"] = news((LOSS, NOON), (PROFIT, NOON))
                yield nursery
            finally:
                process.kill()


def read_outcome(folder: Path, *, everything: bool = False) -> Outcome:
    """Read what a folder holds, without what tells runs apart.

    Args:
        folder: where store and reports lie; there may be neither yet.
        everything: whether files count that lie elsewhere than in the reports, too.
    """
    files = digests(folder) if everything else digests(folder / "reports")
    files = {name: digest for name, digest in files.items() if not name.startswith("sentinel.db")}
    if not (folder / "sentinel.db").exists():
        return Outcome({}, files)
    with closing(sqlite3.connect(folder / "sentinel.db")) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = {name: _read_table(connection, name) for name in names if name not in ("runs", "schema_migrations")}
    return Outcome(tables, files)


def read_endings(folder: Path) -> list[str]:
    """Read how the runs of a folder ended, in the order in which they were noted."""
    with closing(sqlite3.connect(f"file:{folder / 'sentinel.db'}?mode=ro", uri=True)) as connection:
        return [outcome for (outcome,) in connection.execute("SELECT outcome FROM runs ORDER BY rowid")]


def _read_table(connection: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    columns = [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]
    kept = ", ".join(f'"{name}"' for name in columns if name not in DROPPED_COLUMNS)
    asked = "WHERE outcome <> 'not due'" if table == "feed_results" else ""
    return sorted(connection.execute(f"SELECT {kept} FROM {table} {asked}"), key=repr)  # noqa: S608  # names of our tables


# --- in the process that forks ---------------------------------------------------------------------------------


class EventCounter:
    """Counts what a run makes last, and ends the process before one of them, or lets that fail."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.n_events = 0
        self._order = order
        self._is_copying = False

    def counting(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **more: Any) -> Any:
            if self._is_copying:
                return function(*arguments, **more)
            self.n_events += 1
            if self._order["copies"] is not None and function.__name__ in FLUSHES:
                self._is_copying = True
                shutil.copytree(self._order["folder"], Path(self._order["copies"]) / str(self.n_events))
                self._is_copying = False
            if self.n_events == self._order["at_event"]:
                self._strike(is_commit=function.__name__ == "do_commit")
            return function(*arguments, **more)

        return counted

    def _strike(self, *, is_commit: bool) -> None:
        error = self._order["error"]
        if error is None:
            os.kill(os.getpid(), signal.SIGKILL)
        elif is_commit:
            raise sqlite3.OperationalError("disk I/O error")  # as SQLite words it
        else:
            raise OSError(error, os.strerror(error))

    def watch(self) -> None:
        for name in ("fsync", "replace", "rename", "unlink", "rmdir", "mkdir"):  # Path's methods call these
            setattr(os, name, self.counting(getattr(os, name)))
        DefaultDialect.do_commit = self.counting(DefaultDialect.do_commit)  # type: ignore[method-assign]


def _run(order: dict[str, Any], entries: list[dict[str, Any]], model: ConfiguredModel, report_to: int) -> None:
    counter = EventCounter(order)
    counter.watch()
    settings = _settings(Path(order["folder"]), entries)
    if order["at_cpu_s"] is not None:
        signal.setitimer(signal.ITIMER_PROF, order["at_cpu_s"])  # nobody listens: the kernel ends the process
    if order["max_file_bytes"] is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["max_file_bytes"],) * 2)
    message = ""
    try:
        with pipeline.open_job(settings, model=model, now=Clock(datetime.fromisoformat(order["now"]))) as job:
            pipeline.run_once(job)
    except SentinelError as error:
        message = str(error)
        raise
    finally:
        os.write(report_to, json.dumps([counter.n_events, message]).encode())


def _settings(folder: Path, entries: list[dict[str, Any]]) -> Any:
    return build_settings(folder, *entries, universe="none", alerts=RULES, fetch={"n_workers": 1})


def _fork(order: dict[str, Any], entries: list[dict[str, Any]], model: ConfiguredModel) -> Ended:
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.setpgid(0, 0)
            _run(order, entries, model, write_end)
            status = 0
        except SentinelError:
            pass  # it is in the answer
        except BaseException:  # noqa: BLE001  # the process ends here, and says so
            status = 2
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(write_end)
    _, wait_status, usage = os.wait4(child, 0)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # what it had started
    told = os.read(read_end, 4096)
    os.close(read_end)
    own_s = usage.ru_utime + usage.ru_stime
    n_events, message = json.loads(told) if told else (None, "")
    return Ended(os.waitstatus_to_exitcode(wait_status), n_events, own_s, message)


def main() -> None:
    """Read orders from standard input, a JSON object a line, and answer each with how the run ended."""
    entries = json.loads(sys.argv[1])
    model = ConfiguredModel(_settings(Path(), entries))
    with (
        tempfile.TemporaryDirectory() as folder,
        pipeline.open_job(_settings(Path(folder), entries), model=model, now=Clock(YESTERDAY)) as job,
    ):
        pipeline.run_once(job)  # whatever a run loads and builds once is there for all that are forked
    for line in sys.stdin:
        sys.stdout.write(json.dumps(vars(_fork(json.loads(line), entries, model))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
