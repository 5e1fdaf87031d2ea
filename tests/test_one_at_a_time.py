"""Of runs that start together one works; the others learn it before they load anything, and readers never wait."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
import yaml
from conftest import SENTINEL, clean_environment
from jobs import NOON, PROFIT, feed_entry, news, query, serve_feeds

from sentinel.lock import hold_lock, lock_beside

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

    from feeds.conftest import Reply

HEAVY = {"pandas", "sqlalchemy", "torch", "httpx2", "feedparser", "plotly"}
N_RUNS = 3


def write_feeds(folder: Path, url: str) -> None:
    (folder / "feeds.yaml").write_text(yaml.safe_dump({"feeds": [feed_entry("wire", url)]}), encoding="utf-8")


def test_lock_beside_a_file_lies_beside_it_and_a_server_has_none(tmp_path: Path) -> None:
    assert lock_beside(str(tmp_path / "news.db")) == tmp_path / "news.db.lock"
    assert lock_beside("postgresql://db.example/news") is None


@pytest.mark.parametrize("command", ["run", "collect", "score", "report", "check"])
def test_a_command_that_comes_second_loads_no_heavy_library(tmp_path: Path, command: str) -> None:
    write_feeds(tmp_path, "http://127.0.0.1:9/")
    with hold_lock(tmp_path / "sentinel.db.lock"):
        ended = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "sentinel", command],
            cwd=tmp_path,
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    loaded = {line.rsplit("|", 1)[1].strip().split(".")[0] for line in ended.stderr.splitlines() if "|" in line}
    assert (ended.returncode, ended.stdout) == (75, "")
    assert "another run is at work" in ended.stderr
    assert not loaded & HEAVY


def test_of_runs_that_start_together_one_works_and_a_reader_does_not_wait(tmp_path: Path) -> None:
    others_ended = threading.Event()

    def answer_when_the_others_have_ended(_: BaseHTTPRequestHandler) -> Reply:
        others_ended.wait(100)
        return news((PROFIT, NOON))

    with serve_feeds() as server:
        server.routes["/wire"] = answer_when_the_others_have_ended
        write_feeds(tmp_path, server.url("/wire"))
        command = [*SENTINEL, "collect"]
        environment = clean_environment(SENTINEL_FETCH__TIMEOUT_S="100")
        runs = [
            subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
            for _ in range(N_RUNS)
        ]
        try:
            working = threading.Thread(target=lambda: [run.wait(100) for run in runs])
            working.start()
            while sum(run.poll() is not None for run in runs) < N_RUNS - 1:
                working.join(0.05)
            reader = subprocess.run(
                [*SENTINEL, "feeds", "status"],
                cwd=tmp_path,
                env=clean_environment(),
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            others_ended.set()
            said = [run.communicate()[1] for run in runs]
        finally:
            others_ended.set()
            for run in runs:
                run.kill()
    assert reader.returncode == 0
    assert sorted(run.returncode for run in runs) == [0, *[75] * (N_RUNS - 1)]
    assert sum("another run is at work" in line for line in said) == N_RUNS - 1
    assert query(tmp_path / "sentinel.db", "SELECT outcome, n_new FROM runs") == [("done", 1)]
