"""Print how fast `sentinel classify` works through a table, and how much memory it takes at most.

    python benchmarks/throughput.py FILE --text-column title [--rows N]

The program runs as a user starts it, in a process of its own, start-up included; the peak is the process's resident
memory as the operating system counts it. How fast others are is what benchmarks/score.py prints.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--text-column", default="title")
    parser.add_argument("--rows", type=int, help="the first N rows only")
    parser.add_argument("--model", default="packaged")
    arguments = parser.parse_args()
    table = pq.read_table(arguments.file, columns=[arguments.text_column])
    if arguments.rows:
        table = table.slice(0, arguments.rows)
    with tempfile.TemporaryDirectory() as folder:
        rate, peak_mb, wall_s = _classify(table, arguments.text_column, arguments.model, Path(folder))
    print(f"sentinel classify: {table.num_rows} rows in {wall_s:.0f} s, {rate:.0f} rows/s, peak {peak_mb:.0f} MB")


def _classify(table: pa.Table, text_column: str, model: str, folder: Path) -> tuple[float, float, float]:
    """Run the program; give rows per second, peak megabytes and wall seconds."""
    source, destination = folder / "in.parquet", folder / "out.parquet"
    pq.write_table(table, source)
    command = [sys.executable, "-m", "sentinel", "classify", str(source), "-o", str(destination)]
    started = time.monotonic()
    process = subprocess.Popen([*command, "--text-column", text_column, "--model", model])  # noqa: S603
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.monotonic() - started
    if os.waitstatus_to_exitcode(status):
        raise SystemExit("sentinel classify failed")
    if pq.read_metadata(destination).num_rows != table.num_rows:
        raise SystemExit("rows were lost")
    return table.num_rows / wall_s, usage.ru_maxrss / 1024, wall_s


if __name__ == "__main__":
    main()
