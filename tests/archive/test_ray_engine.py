"""Ray scores an archive as one machine does, and what it was killed at is scored by the next run."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.conftest import SENTINEL, clean_environment
from tests.model.bundles import read_headlines

pytest.importorskip("ray.data", reason="needs the extra 'scale'", exc_type=ImportError)

PROJECT = Path(__file__).parent.parent.parent
TIMEOUT_S = 600


def write_shards(folder: Path, *shards: list[str]) -> None:
    folder.mkdir()
    for number, texts in enumerate(shards):
        pq.write_table(pa.table({"text": texts}), folder / f"{number}.parquet")


def start(*command: str) -> subprocess.Popen[str]:
    environment = clean_environment(PYTHONPATH=str(PROJECT))
    return subprocess.Popen(command, cwd=PROJECT, env=environment, stderr=subprocess.PIPE, text=True)


def end(running: subprocess.Popen[str]) -> str:
    """Wait for a command to end well, and give what it said."""
    said = running.communicate(timeout=TIMEOUT_S)[1]
    assert running.returncode == 0, said
    return said


def read(folder: Path) -> dict[str, pa.Table]:
    return {path.name: pq.read_table(path) for path in folder.glob("[!.]*.parquet")}


def test_ray_gives_the_scores_of_this_machine(tmp_path: Path) -> None:
    """Both engines write the same rows with the same scores, to the last bit."""
    headlines = read_headlines()
    write_shards(tmp_path / "news", headlines[:40], headlines[40:], headlines[::3])
    said = [
        end(start(*SENTINEL, "archive", str(tmp_path / "news"), "-o", str(tmp_path / engine), "--engine", engine))
        for engine in ("local", "ray")
    ]
    assert said[0] == said[1]
    assert read(tmp_path / "local") == read(tmp_path / "ray")
    assert {len(table) for table in read(tmp_path / "ray").values()} == {
        40,
        len(headlines) - 40,
        -(-len(headlines) // 3),
    }


def test_ray_goes_on_after_it_was_killed(tmp_path: Path) -> None:
    """A driver that is killed leaves whole files; the next run scores the rest, every row once."""
    write_shards(
        tmp_path / "news", ["Profit rises"], ["Profit falls", "wait"], ["Sales rises"], ["wait", "Sales falls"]
    )
    script = (
        sys.executable,
        "-m",
        "tests.archive.ray_run",
        *(str(tmp_path / name) for name in ("news", "out", "gate")),
    )
    killed = start(*script)
    deadline = time.monotonic() + TIMEOUT_S
    while not (tmp_path / "out" / "0.parquet").exists():
        assert killed.poll() is None, killed.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.2)
    killed.kill()
    killed.communicate()
    assert not {"1.parquet", "3.parquet"} & read(tmp_path / "out").keys()
    before = (tmp_path / "out" / "0.parquet").stat().st_mtime_ns
    (tmp_path / "gate").touch()
    end(start(*script))
    assert (tmp_path / "out" / "0.parquet").stat().st_mtime_ns == before
    assert {name: table["text"].to_pylist() for name, table in read(tmp_path / "out").items()} == {
        "0.parquet": ["Profit rises"],
        "1.parquet": ["Profit falls", "wait"],
        "2.parquet": ["Sales rises"],
        "3.parquet": ["wait", "Sales falls"],
    }
