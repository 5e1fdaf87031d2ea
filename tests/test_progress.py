"""A terminal sees how far a step is; cron, which mails whatever is printed, sees one line."""

from __future__ import annotations

import os
import pty
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import yaml
from conftest import SENTINEL, clean_environment
from jobs import NOON, PROFIT, Clock, feed_entry, job_in, news, serve_feeds

from sentinel import pipeline

if TYPE_CHECKING:
    from pathlib import Path


def test_steps_tell_how_much_of_them_is_done(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    with serve_feeds() as server:
        server.routes["/a"] = news((PROFIT, NOON))
        settings_of = [feed_entry("a", server.url("/a")), feed_entry("b", server.url("/b"))]
        with job_in(tmp_path, *settings_of, clock=Clock()) as job:
            watched = replace(job, progress=lambda *step: told.append(step))
            pipeline.run_step(watched, pipeline.collect)
            pipeline.run_step(watched, pipeline.score)
    assert told[-2:] == [("feeds", 2, 2), ("items", 1, 1)]


@pytest.mark.parametrize("arguments", [[], ["-v"], ["--log-format", "json"]], ids=["plain", "verbose", "json"])
def test_bars_are_for_a_terminal_alone(tmp_path: Path, arguments: list[str]) -> None:
    with serve_feeds() as server:
        server.routes["/a"] = news((PROFIT, NOON))
        document = {"feeds": [feed_entry("a", server.url("/a"))]}
        (tmp_path / "feeds.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
        command = [*SENTINEL, *arguments, "collect", "--all"]
        options = {"cwd": tmp_path, "env": clean_environment(TERM="xterm"), "timeout": 60, "check": True}
        piped = subprocess.run(command, capture_output=True, text=True, **options)
        ours, theirs = pty.openpty()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=theirs, **options)
        os.close(theirs)
        seen = os.read(ours, 100_000).decode()
        os.close(ours)
    assert ("1/1" in seen) == (not arguments)
    assert "1/1" not in piped.stderr
    if not arguments:
        assert piped.stderr.startswith("sentinel: 1 of 1 feeds, 1 new items")
        assert piped.stderr.count("\n") == 1
