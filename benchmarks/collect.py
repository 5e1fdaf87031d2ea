"""Print how long a collection of loopback feeds takes, how much memory, and what came of it.

    python benchmarks/collect.py [--feeds N] [--timeout S] [--peers] [--no-cut]

N feeds of 20 items stand on many loopback addresses, ten on each; of every hundred one answers 404, one 500, one a
page, one breaks off and one never answers. `sentinel collect` runs as a user starts it, start-up and store included.
With --peers the same feeds are fetched by lemon24/reader (the `benchmark` extra) and by a bare loop over feedparser,
which both need a time limit of their own to come to an end. A body that breaks off ends the whole update of reader
3.26 (http.client.IncompleteRead); with --no-cut those feeds answer 404 instead. Memory is the resident memory of all
processes of a system together, looked at every quarter second (Linux).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FEEDS_PER_HOST = 10
ITEMS_PER_FEED = 20
FAILURES = {10: "404", 30: "500", 50: "page", 70: "cut", 90: "silent"}
N_WORKERS = 32

READER = """
import sys
from pathlib import Path
from reader import make_reader
urls = Path(sys.argv[1]).read_text().split()
reader = make_reader(sys.argv[2], session_timeout=(float(sys.argv[3]), float(sys.argv[3])))
for url in urls:
    reader.add_feed(url)
reader.update_feeds(workers=int(sys.argv[4]))
good = sum(feed.last_exception is None for feed in reader.get_feeds())
print(good, reader.get_entry_counts().total)
"""
LOOP = """
import socket, sys
from pathlib import Path
import feedparser
socket.setdefaulttimeout(float(sys.argv[3]))
good = items = 0
for url in Path(sys.argv[1]).read_text().split():
    try:
        parsed = feedparser.parse(url)
    except OSError:
        continue
    good += parsed.get("status") == 200 and not parsed.bozo
    items += len(parsed.entries)
print(good, items)
"""


@dataclass(frozen=True)
class Outcome:
    """What one system came to."""

    name: str
    wall_s: float
    cpu_s: float
    peak_mb: float
    n_good: int
    n_items: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=1_000)
    parser.add_argument("--timeout", type=float, default=30.0, help="seconds for one feed, for every system")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--no-cut", action="store_true", help="no body breaks off")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        if arguments.no_cut:
            FAILURES.update({place: "404" for place, kind in FAILURES.items() if kind == "cut"})
        asyncio.run(_serve())
        return
    with tempfile.TemporaryDirectory() as name, _served(no_cut=arguments.no_cut) as port:
        folder = Path(name)
        urls = [_url(number, port) for number in range(arguments.feeds)]
        (folder / "urls.txt").write_text("\n".join(urls), encoding="utf-8")
        outcomes = [_sentinel(urls, arguments.timeout, folder)]
        if arguments.peers:
            given = [str(folder / "urls.txt"), str(folder / "peer.db"), str(arguments.timeout), str(N_WORKERS)]
            outcomes += [_peer(f"reader, {N_WORKERS} workers", READER, given)]
            outcomes += [_peer("feedparser in a loop", LOOP, given)]
    n_failing = sum(number % 100 in FAILURES for number in range(arguments.feeds))
    print(f"{arguments.feeds} feeds, {n_failing} failing, {os.cpu_count()} cores, {arguments.timeout:g} s for one feed")
    print(f"{'system':<22} {'seconds':>8} {'CPU s':>7} {'feeds/s':>8} {'MB':>5} {'good':>6} {'items':>8}")
    for one in outcomes:
        rate = arguments.feeds / one.wall_s
        print(
            f"{one.name:<22} {one.wall_s:>8.1f} {one.cpu_s:>7.1f} {rate:>8.1f} {one.peak_mb:>5.0f}"
            f" {one.n_good:>6} {one.n_items:>8}"
        )


def _url(number: int, port: int) -> str:
    host = number // FEEDS_PER_HOST
    return f"http://127.{1 + host // 62_500}.{host // 250 % 250}.{1 + host % 250}:{port}/{number}"


def _sentinel(urls: list[str], timeout_s: float, folder: Path) -> Outcome:
    feeds = [
        {"name": f"feed-{number}", "url": url, "kind": "markets", "allow_private": True}
        for number, url in enumerate(urls)
    ]
    settings = {"fetch": {"n_workers": N_WORKERS, "timeout_s": timeout_s}, "feeds": feeds}
    config = folder / "feeds.yaml"
    config.write_text(json.dumps(settings), encoding="utf-8")  # YAML is a superset of JSON
    command = [sys.executable, "-m", "sentinel", "collect", "--json", "--config", str(config)]
    *costs, output = _measure(command)
    summary = json.loads(output)
    with closing(sqlite3.connect(folder / "sentinel.db")) as store:
        (n_items,) = store.execute("SELECT COUNT(*) FROM items").fetchone()
        reasons = store.execute(
            "SELECT reason, COUNT(*) FROM feed_results WHERE outcome = 'failed' GROUP BY reason ORDER BY reason"
        ).fetchall()
    for reason, count in reasons:
        print(f"{count:>6}  {reason}")
    return Outcome("sentinel collect", *costs, summary["n_feeds"] - summary["n_failed"], n_items)


def _peer(name: str, program: str, arguments: list[str]) -> Outcome:
    *costs, output = _measure([sys.executable, "-W", "ignore", "-c", program, *arguments])
    n_good, n_items = map(int, output.split())
    return Outcome(name, *costs, n_good, n_items)


def _measure(command: list[str]) -> tuple[float, float, float, str]:
    """Run a system in a session of its own; give wall and CPU seconds, peak megabytes and what it printed."""
    started, before_s = time.monotonic(), _cpu_of_children_s()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)  # noqa: S603
    peaks = [0.0]
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.25):
            peaks.append(_resident_mb(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    output, _ = process.communicate()
    wall_s = time.monotonic() - started
    ended.set()
    watcher.join()
    if process.returncode:
        raise SystemExit(f"{command[0]} ended with {process.returncode}")
    return wall_s, _cpu_of_children_s() - before_s, max(peaks), output


def _cpu_of_children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _resident_mb(session: int) -> float:
    """Add up the resident memory of the processes of a session."""
    pages = 0
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        if int(fields[3]) == session:
            pages += int(fields[21])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def _served(*, no_cut: bool) -> Iterator[int]:
    """Serve the feeds from a process of its own; gives the port."""
    command = [sys.executable, __file__, "--serve", *(["--no-cut"] if no_cut else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            yield int(process.stdout.readline()) if process.stdout else 0
        finally:
            process.kill()


async def _serve() -> None:
    server = await asyncio.start_server(_answer, "0.0.0.0", 0, backlog=1_000)  # noqa: S104 (every loopback address)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        request = await reader.readuntil(b"\r\n\r\n")
        number = int(request.split()[1].strip(b"/"))
        kind = FAILURES.get(number % 100, "good")
        if kind == "silent":
            await asyncio.sleep(3_600)
        body = b"<html><title>Sign in</title></html>" if kind == "page" else _rss(number)
        status = b"404 Not Found" if kind == "404" else b"500 Oops" if kind == "500" else b"200 OK"
        media_type = b"text/html" if kind == "page" else b"application/rss+xml"
        head = b"HTTP/1.1 %s\r\nContent-Type: %s\r\nConnection: close\r\n" % (status, media_type)
        writer.write(head + b'ETag: "1"\r\nContent-Length: %d\r\n\r\n' % len(body))
        writer.write(body[: len(body) // 2] if kind == "cut" else body)
        await writer.drain()
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


def _rss(number: int) -> bytes:
    items = "".join(
        f"<item><title>Company {number} reports quarter {item}: profit rises by {item} percent</title>"
        f"<link>https://news.example/{number}/{item}</link><guid>{number}-{item}</guid>"
        f"<pubDate>Mon, 02 Mar 2026 {item:02}:00:00 GMT</pubDate>"
        f"<description>&lt;p&gt;{'The company said that demand was strong in all parts. ' * 5}&lt;/p&gt;</description>"
        "</item>"
        for item in range(ITEMS_PER_FEED)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>F {number}</title>{items}</channel></rss>'.encode()


if __name__ == "__main__":
    main()
