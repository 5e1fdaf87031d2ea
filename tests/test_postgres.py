"""A store on a PostgreSQL server: the same pages, shared collecting, one run at a time, and a server that goes away."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from conftest import SENTINEL, clean_environment
from jobs import LOSS, NOON, PROFIT, Clock, build_settings, digests, feed_entry, job_in, news, serve_feeds

from sentinel import pipeline
from sentinel.errors import LockHeldError, StoreError
from sentinel.store import RUN, open_database, record_lock, start_run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from feeds.conftest import FeedServer
    from postgres import PostgresServer

N_FEEDS = 24
RUNS_SQL = "SELECT outcome, reason FROM runs ORDER BY started, run_id"


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with serve_feeds() as feed_server:
        yield feed_server


@pytest.fixture
def url(postgres_server: PostgresServer) -> str:
    return postgres_server.create_database()


@pytest.fixture
def entries(server: FeedServer) -> list[dict[str, Any]]:
    """Serve some feeds, two items each."""
    for number in range(N_FEEDS):
        server.routes[f"/{number}"] = news((f"{PROFIT} in region {number}", NOON), (f"{LOSS} in town {number}", NOON))
    return [feed_entry(f"feed-{number}", server.url(f"/{number}")) for number in range(N_FEEDS)]


def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    """Read the store past the tables of the program."""
    with closing(open_database(url)) as database, database.read() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]


def collect(job: pipeline.Job, *, asks_all: bool = False) -> None:
    pipeline.run_step(job, partial(pipeline.collect, asks_all=asks_all))


def test_a_store_on_a_server_gives_the_same_bytes_as_one_in_a_file(
    tmp_path: Path, url: str, entries: list[dict[str, Any]]
) -> None:
    for name, store in (("file", str(tmp_path / "sentinel.db")), ("server", url)):
        with job_in(tmp_path, *entries[:3], store=store, reports=tmp_path / name) as job:
            pipeline.run_once(job)
            pipeline.run_once(job)
    on_server = digests(tmp_path / "server")
    assert on_server.pop(".sentinel.lock")
    assert on_server == digests(tmp_path / "file")


def test_collectors_that_share_a_store_ask_each_feed_once(
    tmp_path: Path, url: str, entries: list[dict[str, Any]], server: FeedServer
) -> None:
    settings = build_settings(tmp_path, *entries, store=url, fetch={"n_workers": 4})
    begin = threading.Barrier(3)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            with pipeline.open_job(settings, now=Clock(), is_shared=True) as job:
                begin.wait(30)
                collect(job)
        except BaseException as error:  # it is looked at below
            failures.append(error)
            raise

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert Counter(server.paths()) == {f"/{number}": 1 for number in range(N_FEEDS)}
    assert rows(url, "SELECT count(*) FROM items") == [(2 * N_FEEDS,)]
    assert rows(url, "SELECT count(*) FROM items WHERE item_id NOT IN (SELECT item_id FROM stories)") == [(0,)]
    assert rows(
        url, "SELECT feed, count(*) FROM feed_results WHERE outcome = 'fetched' GROUP BY feed ORDER BY feed"
    ) == [(name, 1) for name in sorted(entry["name"] for entry in entries)]
    assert rows(url, RUNS_SQL) == [("done", "")] * 3


def test_a_feed_that_another_collector_is_asking_is_left_to_it(
    tmp_path: Path, url: str, entries: list[dict[str, Any]], server: FeedServer
) -> None:
    settings = build_settings(tmp_path, *entries[:2], store=url)
    with pipeline.open_job(settings, now=Clock(), is_shared=True) as job, closing(open_database(url)) as other:
        assert other.locks.take("feed feed-0")
        collect(job)
        assert server.paths() == ["/1"]
        other.locks.release("feed feed-0")
        collect(job)
        assert server.paths() == ["/1", "/0"]
    outcomes = rows(url, "SELECT outcome, reason FROM feed_results WHERE feed = 'feed-0' ORDER BY outcome")
    assert outcomes == [("fetched", ""), ("not due", "another collector is asking it")]


def test_a_store_on_a_server_has_one_run_at_a_time_and_collectors_beside_it(
    tmp_path: Path, url: str, entries: list[dict[str, Any]]
) -> None:
    here, there = (build_settings(tmp_path / place, *entries[:1], store=url) for place in ("here", "there"))
    with pipeline.open_job(here, now=Clock()):
        with pytest.raises(LockHeldError, match="another run is at work"), pipeline.open_job(there, now=Clock()):
            pytest.fail("opened twice")
        with pytest.raises(LockHeldError, match="another run is at work"):
            pipeline.prepare(there, now=Clock())
        with pipeline.open_job(there, now=Clock(), is_shared=True) as job:
            collect(job)
    with pipeline.open_job(there, now=Clock()) as job:
        assert pipeline.run_once(job).n_scored == 2


def test_only_a_run_that_is_dead_is_noted_as_broken_off(
    tmp_path: Path, url: str, entries: list[dict[str, Any]]
) -> None:
    settings = build_settings(tmp_path, *entries[:1], store=url)
    with pipeline.open_job(settings, now=Clock(), is_shared=True) as job, closing(open_database(url)) as other:
        with other.write() as connection:
            start_run(connection, "alive", now=NOON)
            start_run(connection, "killed", now=NOON)
        assert other.locks.take(record_lock("alive"))
        collect(job)
    outcomes = dict(rows(url, "SELECT run_id, outcome FROM runs WHERE run_id IN ('alive', 'killed')"))
    assert outcomes == {"alive": "running", "killed": "broken off"}


def test_a_lock_ends_with_its_process(url: str) -> None:
    hold = (
        "import sys; from sentinel.store import RUN, open_database; "
        "database = open_database(sys.argv[1]); print(database.locks.take(RUN), flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", hold, url]
    with closing(open_database(url)) as database:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "True\n"
            assert not database.locks.is_free(RUN)
            process.kill()
        with database.locks.in_turn(RUN):  # a server notices a moment later
            assert database.locks.is_free(RUN)


def test_a_server_that_is_restarted_under_a_run_ends_it_with_one_line_and_the_next_completes(
    tmp_path: Path,
    url: str,
    entries: list[dict[str, Any]],
    server: FeedServer,
    postgres_server: PostgresServer,
) -> None:
    answer = server.routes["/0"]

    def restart(_handler: object) -> Any:
        server.routes["/0"] = answer
        postgres_server.stop("immediate")
        postgres_server.start()
        return answer

    server.routes["/0"] = restart
    settings = {"store": url, "reports": "reports", "device": "cpu", "feeds": entries[:3]}
    (tmp_path / "feeds.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*SENTINEL, "run"],
            cwd=tmp_path,
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    ended = run()
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (1, "", 1)
    assert "run again when the server is up" in ended.stderr
    again = run()
    assert (again.returncode, again.stderr.count("\n")) == (0, 1)
    assert rows(url, "SELECT count(*) FROM items") == [(6,)]
    assert rows(url, "SELECT count(*) FROM scores") == [(6,)]
    first, second = (outcome for outcome, _ in rows(url, RUNS_SQL))
    assert first in ("failed", "broken off")  # the run notes it if it reaches the server again, else the next one does
    assert second == "done"


def test_a_server_that_is_away_is_one_line(
    tmp_path: Path, url: str, entries: list[dict[str, Any]], postgres_server: PostgresServer
) -> None:
    settings = build_settings(tmp_path, *entries[:1], store=url)
    postgres_server.stop()
    try:
        with pytest.raises(StoreError) as caught, pipeline.open_job(settings, now=Clock()):
            pytest.fail("opened")
    finally:
        postgres_server.start()
    assert "\n" not in str(caught.value)
    assert "run again when the server is up" in str(caught.value)
