"""What the tests of the whole program share: one undisturbed run on the sample, and quiet logs."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from postgres import PostgresServer, find_binaries, serve_postgres

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SENTINEL = (sys.executable, "-m", "sentinel")


@dataclass(frozen=True)
class EndedRun:
    """A run that has ended: where, and what it printed."""

    folder: Path
    ended: subprocess.CompletedProcess[str]


def clean_environment(**variables: str) -> dict[str, str]:
    """Give this process's environment without settings of the program, and with some more variables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SENTINEL_")}
    return {**kept, "OMP_NUM_THREADS": "1", **variables}


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> EndedRun:
    """Give a run on the sample as a user starts it; its folder is not to be changed."""
    folder = tmp_path_factory.mktemp("sample")
    command = [*SENTINEL, "run", "--sample"]
    ended = subprocess.run(
        command, cwd=folder, env=clean_environment(), capture_output=True, text=True, timeout=300, check=False
    )
    return EndedRun(folder, ended)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Give a PostgreSQL server of this session's own; without its binaries the tests that need one are skipped."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("there are no binaries of a PostgreSQL server (initdb, pg_ctl) on this machine")
    with serve_postgres(binaries) as server:
        yield server


@pytest.fixture
def _own_logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put the program's log back as it was, and let no setting in from outside."""
    for name in os.environ:
        if name.startswith("SENTINEL_"):
            monkeypatch.delenv(name)
    program = logging.getLogger("sentinel")
    before = program.handlers[:], program.level, program.propagate
    yield
    program.handlers[:], program.level, program.propagate = before


def pytest_configure() -> None:
    """Heed Ctrl-C: a shell starts what it puts in the background with SIGINT ignored, and children inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
