"""The commands of archives, as a user gives them."""

from __future__ import annotations

import gzip
import json
import subprocess
from typing import TYPE_CHECKING

from tests.conftest import SENTINEL, clean_environment

if TYPE_CHECKING:
    from pathlib import Path

SHARD = """published,title
2024-01-02T10:00:00,Profit rises 30 percent on strong demand
2024-01-02T11:00:00,
2024-01-02T12:00:00,Shares soar after profit beats expectations
2024-01-02T13:00:00,Quarterly profit rises and the company lifts its outlook
2024-01-03T09:00:00,"Shares plunge, the company files for bankruptcy",x
"""


def sentinel(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SENTINEL, *arguments],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_archive_and_mood_lead_from_shards_to_a_table(tmp_path: Path) -> None:
    """Shards are scored, a second run finds them finished, and the moods of their days are written."""
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "a.csv.gz").write_bytes(gzip.compress(SHARD.encode()))
    command = ("archive", "news", "-o", "scored", "--text-column", "title")
    for n_now in (1, 0):
        ended = sentinel(tmp_path, *command)
        line = f"sentinel: 3 rows scored, 2 kept without scores; {n_now} of 1 shards scored now\n"
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", line)
    ended = sentinel(
        tmp_path, "mood", "--from-archive", "scored", "--columns", "day,n_items,n_positive", "-o", "m.jsonl"
    )
    assert (ended.returncode, ended.stderr) == (0, "sentinel: 1 day\n")
    assert json.loads((tmp_path / "m.jsonl").read_text()) == {"day": "2024-01-02", "n_items": 3, "n_positive": 3}


def test_archive_that_has_a_shard_that_cannot_be_read_ends_with_1(tmp_path: Path) -> None:
    """The broken shard is named on one line, behind what was scored."""
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "a.parquet").write_bytes(b"no Parquet")
    ended = sentinel(tmp_path, "archive", "news", "-o", "scored", "--workers", "1")
    counted, failed = ended.stderr.splitlines()
    assert (ended.returncode, counted) == (1, "sentinel: 0 rows scored; 0 of 1 shards scored now")
    assert failed.startswith("sentinel: 1 of 1 shards have failed; a.parquet: cannot be read as parquet: ")
