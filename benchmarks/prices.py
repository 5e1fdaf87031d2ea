"""Print whether the mood of archived headlines had to do with later prices, and how long finding out takes.

    pip install '.[prices]'
    python benchmarks/prices.py CORPUS PRICES.csv FOLDER [--one-in 20] [-- --topic theme:energy]

CORPUS is a folder of Parquet files with a headline and a time each. Of them every n-th is taken, chosen by the CRC-32
of its time and text, so that the sample is the same everywhere; it is imported into a store in FOLDER and scored by the
packaged model. A store that is there is used as it is, less what it already holds. What stands behind ``--`` goes to
``sentinel validate``, whose page and tables end up in FOLDER/page.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pandas as pd

FEEDS = """store: sentinel.db
reports: reports
timezone: {zone}
feeds:
  - {{name: wire, url: "https://wire.example/feed", kind: press-wire}}
"""


def main() -> None:
    arguments = _read_arguments()
    folder: Path = arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "feeds.yaml"
    config.write_text(FEEDS.format(zone=arguments.tz), encoding="utf-8")
    if not (folder / "sentinel.db").exists():
        sample = folder / "sample.parquet"
        n_rows = _write_sample(arguments, sample)
        print(f"{n_rows:,} headlines, one in {arguments.one_in}")
        columns = ["--text-column", arguments.text_column, "--time-column", arguments.time_column]
        _run("import", str(sample), "--feed", "wire", "--tz", arguments.tz, *columns, config=config)
    _run("score", config=config)
    page = str(folder / "page")
    _run("validate", "--prices", str(arguments.prices), "--output", page, *arguments.more, config=config)


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("prices", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", default="reuters_wire_*.parquet")
    parser.add_argument("--text-column", default="title")
    parser.add_argument("--time-column", default="published_et")
    parser.add_argument("--tz", default="America/New_York", help="zone of times that name none")
    parser.add_argument("--one-in", type=int, default=20)
    parser.add_argument("more", nargs="*")
    return parser.parse_args()


def _write_sample(arguments: argparse.Namespace, path: Path) -> int:
    parts = []
    for file in sorted(arguments.corpus.glob(arguments.files)):
        frame = pd.read_parquet(file, columns=[arguments.time_column, arguments.text_column])
        pairs = zip(frame[arguments.time_column], frame[arguments.text_column], strict=True)
        is_taken = [zlib.crc32(f"{when.isoformat()}|{text}".encode()) % arguments.one_in == 0 for when, text in pairs]
        parts.append(frame[is_taken])
    sample = pd.concat(parts, ignore_index=True)
    sample.to_parquet(path)
    return len(sample)


def _run(command: str, *more: str, config: Path) -> None:
    """Run a command of the program, its output passed through, and print its seconds."""
    started = time.monotonic()
    subprocess.run([sys.executable, "-m", "sentinel", command, *more, "--config", str(config)], check=True)  # noqa: S603
    print(f"{command}: {time.monotonic() - started:.1f} s\n", flush=True)


if __name__ == "__main__":
    main()
