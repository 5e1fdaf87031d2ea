"""Parsing where it may be killed: bodies go to processes of their own, each under a CPU limit per body.

Both ends are here: ParserPool starts processes and talks to them, ``serve`` is what runs in them. Plain
subprocesses instead of multiprocessing, because multiprocessing runs the caller's main script again.
Messages are JSON behind their length; the body follows the request. Invariant: whatever a body does, submit
gives a value in bounded time, and no process outlives the pool.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import struct
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any

from sentinel.feeds.hints import ScheduleHints
from sentinel.feeds.identity import FeedItems, build_items
from sentinel.feeds.parse import parse_feed
from sentinel.feeds.parsed import ParseFailure
from sentinel.records import ITEM_COLUMNS, Feed, Item

if TYPE_CHECKING:
    from concurrent.futures import Future
    from typing import Self

_LENGTHS = struct.Struct("!II")  # bytes of JSON, bytes of body
# The caller's path, not its main script: works from a checkout, a wheel and a test run alike.
_PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from sentinel.feeds.sandbox import serve; serve()"


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """What one body may cost.

    Attributes:
        cpu_s: CPU time; not enforced on Windows, where the wall limit is all there is.
        wall_s: time in all, for a machine that is busy.
        memory_bytes: address space of the process; not enforced on Windows.
    """

    cpu_s: float = 5.0
    wall_s: float = 60.0
    memory_bytes: int = 1_500_000_000


class ParserPool:
    """Processes that parse, started when first needed and replaced when killed."""

    def __init__(self, n_processes: int, limits: ParseLimits) -> None:
        self._workers = [_Worker(limits) for _ in range(n_processes)]
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(n_processes, thread_name_prefix="parser")

    def __enter__(self) -> Self:
        """Give the pool; no process runs yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """End every process, whatever it is doing, and wait until all are gone."""
        for worker in self._workers:
            worker.kill()  # a thread that waits for one gets its end of file
        self._threads.shutdown(cancel_futures=True)
        for worker in self._workers:
            worker.discard()

    def submit(
        self, body: bytes, *, content_type: str, url: str = "", feed: Feed, first_seen: datetime
    ) -> Future[FeedItems | ParseFailure]:
        """Parse a body and build its items, within the limits.

        Args:
            body: as it came, decompressed.
            content_type: header of the answer.
            url: address that answered, which completes relative links; "" for that of the feed.
            feed: where it came from.
            first_seen: aware UTC.

        Returns:
            A future of the items or of the reason why there are none.
        """
        request = {
            "content_type": content_type,
            "url": url or feed.url,
            "feed": asdict(feed),
            "first_seen": first_seen.isoformat(),
        }
        return self._threads.submit(self._parse, json.dumps(request).encode(), body)

    def _parse(self, request: bytes, body: bytes) -> FeedItems | ParseFailure:
        worker = self._idle.get()
        try:
            return worker.parse(request, body)
        finally:
            self._idle.put(worker)


class _Worker:
    """One process and the conversation with it; used by one thread at a time, killed by any."""

    def __init__(self, limits: ParseLimits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def parse(self, request: bytes, body: bytes) -> FeedItems | ParseFailure:
        """Send one body, wait for its items; a process that dies of it is replaced by the next call."""
        process = self._running()
        if process is None:
            return ParseFailure("collection was stopped")
        overdue = threading.Event()

        def end() -> None:
            overdue.set()
            process.kill()

        timer = threading.Timer(self._limits.wall_s, end)
        timer.daemon = True
        timer.start()
        try:
            reply = _exchange(process, request, body)
        finally:
            timer.cancel()
        if reply is not None and not overdue.is_set():
            return _decode_reply(reply)
        self.discard()
        if overdue.is_set():
            return ParseFailure(f"parser took longer than {self._limits.wall_s:g} s")
        return self._autopsy(process.returncode)

    def _running(self) -> subprocess.Popen[bytes] | None:
        """Give the process, started if there is none; None once the pool is closing."""
        with self._lock:
            if self._process is None and not self._closed:
                limits = (str(self._limits.cpu_s), str(self._limits.memory_bytes))
                self._process = subprocess.Popen(  # noqa: S603 (our own interpreter and program)
                    [sys.executable, "-I", "-W", "ignore", "-c", _PROGRAM, *sys.path],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env={**os.environ, "SENTINEL_PARSE_LIMITS": " ".join(limits)},
                )
            return self._process

    def _autopsy(self, status: int) -> ParseFailure:
        """Say why a process ended without an answer.

        Raises:
            RuntimeError: it ended by itself, which is a bug; its traceback is on stderr.
        """
        if self._closed:
            return ParseFailure("collection was stopped")
        if os.name == "posix" and status == -signal.SIGPROF:
            return ParseFailure(f"parser needed more than {self._limits.cpu_s:g} s of CPU")
        if status < 0:
            return ParseFailure(f"parser died of {signal.Signals(-status).name}")
        message = f"a parser process ended with status {status}"
        raise RuntimeError(message)

    def kill(self) -> None:
        """End the process and start no other."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.kill()

    def discard(self) -> None:
        """Wait for a process that is ending, and let go of it."""
        with self._lock:
            process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was not written yet has no reader
                    pipe.close()
        process.wait()


def _exchange(process: subprocess.Popen[bytes], request: bytes, body: bytes) -> bytes | None:
    """Send a request and take the reply; None when the process ended before it was complete."""
    if process.stdin is None or process.stdout is None:
        return None
    try:
        process.stdin.write(_LENGTHS.pack(len(request), len(body)) + request)
        process.stdin.write(body)
        process.stdin.flush()
        header = process.stdout.read(_LENGTHS.size)
        if len(header) < _LENGTHS.size:
            return None
        length, _ = _LENGTHS.unpack(header)
        reply = process.stdout.read(length)
    except OSError:  # the pipe broke
        return None
    return reply if len(reply) == length else None


def _encode_reply(outcome: FeedItems | ParseFailure) -> bytes:
    """Write an outcome; items as rows of their fields, because dataclasses.asdict copies every string."""
    if isinstance(outcome, ParseFailure):
        return json.dumps({"reason": outcome.reason}).encode()
    rows = [[getattr(item, name) for name in ITEM_COLUMNS] for item in outcome.items]
    reply = {
        "rows": rows,
        "n_skipped": outcome.n_skipped,
        "truncated": outcome.truncated,
        "hints": outcome.hints.to_text(),
    }
    return json.dumps(reply, default=datetime.isoformat).encode()


def _decode_reply(reply: bytes) -> FeedItems | ParseFailure:
    fields: dict[str, Any] = json.loads(reply)
    if "reason" in fields:
        return ParseFailure(fields["reason"])
    items = []
    for row in fields["rows"]:
        values = dict(zip(ITEM_COLUMNS, row, strict=True))
        for name in ("published", "first_seen"):
            values[name] = values[name] and datetime.fromisoformat(values[name])
        items.append(Item(**values))
    hints = ScheduleHints.from_text(fields["hints"])
    return FeedItems(tuple(items), fields["n_skipped"], fields["truncated"], hints)


def serve() -> None:
    """Parse bodies from standard input until it ends. Runs in a process of its own.

    Ends by a signal when a body needs too much CPU, and by SystemExit when it needs too much memory.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends this process
    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a stray print must not end up among the replies
    cpu_s, memory_bytes = os.environ["SENTINEL_PARSE_LIMITS"].split()
    _limit_memory(int(memory_bytes))
    while header := requests.read(_LENGTHS.size):
        _answer(header, requests, replies, float(cpu_s))


def _answer(header: bytes, requests: IO[bytes], replies: IO[bytes], cpu_s: float) -> None:
    """Answer one request, its CPU time limited."""
    n_request, n_body = _LENGTHS.unpack(header)
    request = json.loads(requests.read(n_request))
    body = requests.read(n_body)
    feed = Feed(**{**request["feed"], "topics": tuple(request["feed"]["topics"])})
    first_seen = datetime.fromisoformat(request["first_seen"])
    _limit_cpu(cpu_s)
    try:
        parsed = parse_feed(body, request["content_type"], request["url"])
        outcome = parsed if isinstance(parsed, ParseFailure) else build_items(parsed, feed, first_seen)
        reply = _encode_reply(outcome)
    except MemoryError:
        reply = _encode_reply(ParseFailure("parser needed too much memory"))
    _limit_cpu(0)
    replies.write(_LENGTHS.pack(len(reply), 0) + reply)
    replies.flush()


def _limit_cpu(cpu_s: float) -> None:
    """Let SIGPROF end this process after so much more CPU time; 0 takes the limit away.

    A timer and not RLIMIT_CPU: it counts from now, not from the start of the process, and in fractions.
    """
    if sys.platform != "win32":
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, cpu_s)


def _limit_memory(memory_bytes: int) -> None:
    if sys.platform != "win32":
        import resource

        with contextlib.suppress(ValueError, OSError):  # macOS has the limit but does not keep it
            resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
