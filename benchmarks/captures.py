"""Run the job on saved feeds served over loopback HTTP, and print what each step saw.

    python benchmarks/captures.py FOLDER [--snapshots FOLDER] [--work FOLDER]

FOLDER holds saved feed bodies, one feed each; the job runs twice on them, and the second run must bring nothing new.
--snapshots holds successive captures named ``<feed>__<time>.xml``: each feed is played in time order, one collection
per capture, and beside the store's growth stands what is new by an independent count over the captures (guid, else
link).
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
import threading
from collections import defaultdict
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import feedparser

from sentinel import pipeline
from sentinel.config import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

ANY_SUFFIX = {".xml", ".rss", ".atom", ".rdf"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--snapshots", type=Path)
    parser.add_argument("--work", type=Path, help="keep store and reports here")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        work = arguments.work or Path(scratch)
        run_captures(arguments.folder, work / "captures")
        if arguments.snapshots:
            replay_snapshots(arguments.snapshots, work / "snapshots")


def run_captures(folder: Path, work: Path) -> None:
    files = [path for path in sorted(folder.iterdir()) if path.suffix in ANY_SUFFIX]
    bodies = {f"capture-{number:02d}": path.read_bytes() for number, path in enumerate(files, start=1)}
    print(f"{len(files)} captures\n\n| run | feeds | failed | new items | scored | items in store | s |")
    print("|---|---|---|---|---|---|---|")
    with serve(bodies) as port:
        settings = build_settings(list(bodies), port, work)
        for number in (1, 2):
            with pipeline.open_job(settings) as job:
                summary = pipeline.run_once(job)
            n_stored = count(settings.store, "items")
            print(
                f"| {number} | {summary.n_feeds} | {summary.n_failed} | {summary.n_new} | {summary.n_scored} "
                f"| {n_stored} | {summary.elapsed_s:.1f} |"
            )
    rows = query(settings.store, "SELECT feed, outcome, reason, n_items, n_skipped FROM feed_results ORDER BY rowid")
    refused = [row for row in rows if row[1] == "failed" or row[3] == 0 or row[4]]
    names = dict(zip(bodies, files, strict=True))
    for feed, outcome, reason, n_items, n_skipped in refused[: len(files)]:
        print(f"{names[feed].name}: {outcome}, {n_items} items, {n_skipped} skipped {reason}")


def replay_snapshots(folder: Path, work: Path) -> None:
    captures: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(folder.glob("*__*.xml")):
        captures[path.name.split("__")[0].replace("_", "-")].append(path)
    bodies: dict[str, bytes] = {}
    seen: dict[str, set[str]] = defaultdict(set)
    n_shown: dict[str, int] = defaultdict(int)
    n_new: dict[str, int] = defaultdict(int)
    n_wrong = 0
    with serve(bodies) as port:
        for feed, paths in captures.items():
            settings = build_settings([feed], port, work)
            for path in paths:
                bodies[feed] = path.read_bytes()
                keys = {
                    entry.get("id") or entry.get("link") or entry.get("title", "")
                    for entry in feedparser.parse(BytesIO(bodies[feed])).entries
                }
                fresh = len(keys - seen[feed])
                seen[feed] |= keys
                n_shown[feed] += len(keys)
                time = capture_time(path)
                with pipeline.open_job(settings, now=lambda time=time: time) as job:
                    stored = pipeline.run_step(job, pipeline.collect).n_new
                n_new[feed] += stored
                n_wrong += stored != fresh
    print("\n| feed | captures | entries shown | new by independent count | stored |\n|---|---|---|---|---|")
    for feed, paths in captures.items():
        print(f"| {feed} | {len(paths)} | {n_shown[feed]} | {len(seen[feed])} | {n_new[feed]} |")
    print(f"captures whose new items differ from the independent count: {n_wrong}")


def capture_time(path: Path) -> datetime:
    """Read the time in a snapshot's name."""
    return datetime.strptime(path.stem.split("__")[1], "%Y-%m-%dT%H%M").replace(tzinfo=UTC) + timedelta(seconds=1)


def build_settings(names: list[str], port: int, work: Path) -> Settings:
    work.mkdir(parents=True, exist_ok=True)
    return Settings.model_validate(
        {
            "store": str(work / "sentinel.db"),
            "reports": work / "reports",
            "feeds": [
                {"name": name, "url": f"http://127.0.0.1:{port}/{name}", "kind": "markets", "allow_private": True}
                for name in names
            ],
        }
    )


def query(store: str, sql: str) -> list[tuple[str, ...]]:
    with sqlite3.connect(store) as connection:
        return connection.execute(sql).fetchall()


def count(store: str, table: str) -> int:
    return int(query(store, f"SELECT COUNT(*) FROM {table}")[0][0])  # noqa: S608  # a name of ours


@contextmanager
def serve(bodies: dict[str, bytes]) -> Iterator[int]:
    """Serve bodies by name; gives the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = bodies[self.path.strip("/")]
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


if __name__ == "__main__":
    main()
