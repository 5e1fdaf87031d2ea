"""The schedule as it runs for real: runs ask whom they should, are noted in the store, and end whole on a signal."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import threading
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from click.testing import CliRunner
from conftest import SENTINEL, clean_environment
from jobs import LOSS, NOON, PROFIT, feed_entry, news, query, serve_feeds

from sentinel import pipeline
from sentinel.cli import main
from sentinel.config import load_settings
from sentinel.lock import hold_lock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

    from feeds.conftest import FeedServer

pytestmark = pytest.mark.usefixtures("_own_logs")

ALL, SOCIAL = "every 30d", "every 60d kind:social"
SCHEDULE = ["every 30d", {"when": "every 60d", "feeds": ["kind:social"]}]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FeedServer]:
    """Serve two feeds, one of them social, and work in a folder whose feeds file names them."""
    monkeypatch.chdir(tmp_path)
    with serve_feeds() as feed_server:
        feed_server.routes |= {"/desk": news((PROFIT, NOON)), "/talk": news((LOSS, NOON))}
        write_feeds(tmp_path, feed_server)
        yield feed_server


def write_feeds(folder: Path, server: FeedServer, *more: str) -> None:
    entries = [feed_entry("desk", server.url("/desk")), feed_entry("talk", server.url("/talk"), kind="social")]
    entries += [feed_entry(name, server.url(f"/{name}")) for name in more]
    document = {"feeds": entries, "schedule": SCHEDULE}
    (folder / "feeds.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")


def run(folder: Path, *arguments: str) -> Any:
    return CliRunner().invoke(main, arguments, input=(folder / "feeds.yaml").read_bytes(), prog_name="sentinel")


def test_only_the_chosen_feeds_are_asked(tmp_path: Path, server: FeedServer) -> None:
    assert run(tmp_path, "collect", "--only", "kind:social").exit_code == 0
    assert server.paths() == ["/talk"]
    assert query(tmp_path / "sentinel.db", "SELECT n_feeds, n_new FROM runs") == [(1, 1)]


@pytest.mark.parametrize("command", ["run", "collect"])
def test_a_choice_that_is_no_feed_is_told_and_nothing_is_made(tmp_path: Path, server: FeedServer, command: str) -> None:
    ended = run(tmp_path, command, "--only", "kind:regulator")
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "kind:regulator: no feed is one of these" in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["feeds.yaml"]


def test_a_run_of_an_entry_asks_its_feeds_and_is_noted(tmp_path: Path, server: FeedServer) -> None:
    assert run(tmp_path, "run", "--scheduled", SOCIAL).exit_code == 0
    assert server.paths() == ["/talk"]
    noted = "SELECT entry, s.run_id = r.run_id, s.started = r.started FROM schedule_starts s, runs r"
    assert query(tmp_path / "sentinel.db", noted) == [(SOCIAL, 1, 1)]
    settings = load_settings(tmp_path / "feeds.yaml").settings
    assert list(pipeline.schedule_starts(settings)) == [SOCIAL]


def test_entries_that_are_due_together_are_one_run_for_all_their_feeds(tmp_path: Path, server: FeedServer) -> None:
    assert run(tmp_path, "run", "--scheduled", SOCIAL, "--scheduled", ALL).exit_code == 0
    assert sorted(server.paths()) == ["/desk", "/talk"]
    assert len(query(tmp_path / "sentinel.db", "SELECT * FROM schedule_starts")) == 2


def test_an_entry_that_the_feeds_file_does_not_have_is_wrong_usage(tmp_path: Path, server: FeedServer) -> None:
    ended = run(tmp_path, "run", "--scheduled", "every 1m")
    assert ended.exit_code == 2
    assert "'every 1m' is no entry of the schedule" in ended.stderr


@contextmanager
def started(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Start the schedule on a store in which an entry is overdue."""
    run(folder, "collect", "--only", "kind:social")
    with closing(sqlite3.connect(folder / "sentinel.db")) as store, store:
        store.execute("INSERT INTO schedule_starts VALUES (?, 'before', '2020-01-01 00:00:00')", [ALL])
    command = [*SENTINEL, "schedule"]
    with subprocess.Popen(command, cwd=folder, env=clean_environment(), stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_until(told: Any) -> None:
    """Wait, within bounds, until something holds."""
    for _ in range(2_400):
        if told():
            return
        time.sleep(0.05)
    pytest.fail("it never came to it")


def test_a_schedule_makes_up_for_a_missed_time_and_sigterm_leaves_what_was_stored_whole(
    tmp_path: Path, server: FeedServer
) -> None:
    asked = threading.Event()

    def never_answer(_: BaseHTTPRequestHandler) -> None:
        asked.set()
        server.stop.wait()

    store = tmp_path / "sentinel.db"
    write_feeds(tmp_path, server, "late")
    server.routes["/late"] = never_answer
    with started(tmp_path) as process:
        assert asked.wait(120)
        wait_until(lambda: query(store, "SELECT 1 FROM items WHERE feed = 'desk'"))
        (tmp_path / "feeds.yaml").write_text("feeds: []\n", encoding="utf-8")
        process.send_signal(signal.SIGHUP)
        assert process.stderr is not None
        said = [process.stderr.readline() for _ in range(2)]
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        said += process.stderr.read().splitlines()
    assert said[0].startswith("sentinel: next run ")
    assert "the one before stays in force" in said[1]
    assert said[2:] == ["sentinel: ended by SIGTERM"]
    assert query(store, "SELECT outcome FROM runs ORDER BY started") == [("done",), ("broken off",)]
    assert query(store, "SELECT feed FROM items ORDER BY feed") == [("desk",), ("talk",)]
    assert query(store, "PRAGMA integrity_check") == [("ok",)]
    with hold_lock(tmp_path / "sentinel.db.lock"):
        pass
