"""Do many runs in one process, or many looks of a scheduler, leak memory or descriptors?

    python benchmarks/soak.py [N_RUNS [N_LOOKS]]

What ``sentinel schedule`` does in its own process is to look: when did each entry last begin, and, for its port, how
is the job. It does so N_LOOKS times first, and prints resident memory and descriptors. Then it serves changing news on
loopback and does whole runs (collect, score, report) by a clock that is moved an hour on each time, in one process, on
one store, and prints memory, descriptors and threads. ``sentinel schedule`` gives each run a process of its own, so
memory that a run holds is not held by the next.
"""

from __future__ import annotations

import gc
import os
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from sentinel import pipeline
from sentinel.config import Settings

START = datetime(2026, 3, 2, tzinfo=UTC)
N_FEEDS, N_ITEMS = 3, 5
DEFAULT_RUNS, DEFAULT_LOOKS = 300, 2_400
LOOKS_A_STATUS = 20
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
WORDS = ("profit rises", "loss widens", "guidance cut", "order won", "dividend kept", "plant closed", "sales slump")


class Clock:
    """A clock that is moved by hand."""

    time = START

    def __call__(self) -> datetime:
        return self.time


def build_handler(clock: Clock) -> type[BaseHTTPRequestHandler]:
    """Give what serves, on every path, the hour's news as RSS."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hour = int((clock.time - START) / timedelta(hours=1))
            items = "".join(
                f"<item><guid>{self.path}{hour}-{n}</guid><pubDate>{format_datetime(clock.time)}</pubDate>"
                f"<title>Firm {(hour * 31 + n) % 997} of {self.path}: {WORDS[(hour + n) % len(WORDS)]}</title></item>"
                for n in range(N_ITEMS)
            )
            body = f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/rss+xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def measure() -> tuple[float, int, int]:
    """Give resident megabytes, open descriptors and threads of this process."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * PAGE_BYTES / 1e6, len(os.listdir("/proc/self/fd")), threading.active_count()  # noqa: PTH208  # one of them lists the others


def look(folder: Path, n_looks: int) -> None:
    """Print a line for each tenth of the looks at a store with one run in it."""
    feed = {"name": "a", "url": "http://127.0.0.1:9/", "kind": "markets", "allow_private": True}
    settings = Settings.model_validate({"store": str(folder / "l.db"), "reports": folder / "reports", "feeds": [feed]})
    with pipeline.open_job(settings) as job:
        pipeline.run_step(job, pipeline.collect)
    print(f"{'looks':>6} {'MB':>7} {'fds':>5}")
    for n in range(1, n_looks + 1):
        pipeline.schedule_starts(settings)
        if n % LOOKS_A_STATUS == 0:
            pipeline.job_status(settings)
        if n % max(1, n_looks // 10) == 0:
            megabytes, n_descriptors, _ = measure()
            print(f"{n:>6} {megabytes:>7.1f} {n_descriptors:>5}", flush=True)


def main() -> None:
    """Print a line for each tenth of the looks, then of the runs, and the growth."""
    n_runs = int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_RUNS
    n_looks = int(sys.argv[2]) if len(sys.argv) > 2 else DEFAULT_LOOKS
    with tempfile.TemporaryDirectory() as name:
        look(Path(name), n_looks)
    clock = Clock()
    server = ThreadingHTTPServer(("127.0.0.1", 0), build_handler(clock))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    entries = [
        {
            "name": f"f{n}",
            "url": f"http://127.0.0.1:{server.server_port}/f{n}",
            "kind": "markets",
            "allow_private": True,
        }
        for n in range(N_FEEDS)
    ]
    seen = []
    print(f"{'runs':>6} {'MB':>7} {'fds':>5} {'threads':>8} {'s/run':>7}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings.model_validate(
            {"store": str(folder / "s.db"), "reports": folder / "reports", "device": "cpu", "feeds": entries}
        )
        started = time.monotonic()
        for n in range(1, n_runs + 1):
            clock.time += timedelta(hours=1)
            model = pipeline.prepare(settings, now=clock)
            with pipeline.open_job(settings, model=model, now=clock) as job:
                assert pipeline.run_once(job).n_new == N_FEEDS * N_ITEMS  # noqa: S101  # else nothing was measured
            if n % max(1, n_runs // 10) == 0:
                seen.append(measure())
                rate_s = (time.monotonic() - started) / n
                print(f"{n:>6} {seen[-1][0]:>7.1f} {seen[-1][1]:>5} {seen[-1][2]:>8} {rate_s:>7.2f}", flush=True)
    server.shutdown()
    grown = [after - before for before, after in zip(seen[0], seen[-1], strict=True)]
    print(f"grown after the first tenth: {grown[0]:.1f} MB, {grown[1]:.0f} descriptors, {grown[2]:.0f} threads")


if __name__ == "__main__":
    main()
