"""Score an archive on Ray with a scorer that waits for a file: SRC DST GATE."""

from __future__ import annotations

import sys
from pathlib import Path

from sentinel.archive import Work, score_archive, score_on_ray
from tests.archive.scorers import Waiting

if __name__ == "__main__":
    source, destination, gate = sys.argv[1:]
    score_archive(
        Work(source, destination, "text", "m1"),
        lambda work, shards: score_on_ray(work, shards, Waiting(Path(gate)), n_actors=2),
    )
