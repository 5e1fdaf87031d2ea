"""How soon is a run told that another is at work, when many start at once?

    python benchmarks/lock.py

Prints, for 2 to 50 runs started together beside one that holds the lock, the slowest one's seconds of wall time and
the processor seconds of one: on a machine with fewer cores than runs the wall time is that of starting Python.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sentinel.lock import hold_lock

FEEDS = "feeds: [{name: wire, url: 'http://127.0.0.1:9/', kind: markets, allow_private: true}]\n"


def main() -> None:
    """Print a row per number of runs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "feeds.yaml").write_text(FEEDS, encoding="utf-8")
        print(f"{'runs':>5} {'exit 75':>8} {'slowest, s':>11} {'cpu each, s':>12}   ({os.cpu_count()} cores)")
        with hold_lock(folder / "sentinel.db.lock"):
            for n_runs in (1, 2, 10, 50):
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                started = time.monotonic()
                command = [sys.executable, "-m", "sentinel", "run"]
                runs = [subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL) for _ in range(n_runs)]  # noqa: S603  # our own program
                codes = [run.wait() for run in runs]
                slowest = time.monotonic() - started
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
                print(f"{n_runs:>5} {codes.count(75):>8} {slowest:>11.2f} {cpu_s / n_runs:>12.2f}")


if __name__ == "__main__":
    main()
