"""The packaged sample news, served over loopback HTTP by a clock of its own.

Ten days of invented headlines in five feed files; one of them is a login page where a feed should be. The server
shows at each moment what a publisher would have shown: entries published by then, with an ETag. So a run on the
sample takes the same way as a run on the world, and a second one gives the same bytes.
"""

from __future__ import annotations

import hashlib
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from sentinel.records import Feed
from sentinel.yaml_file import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SAMPLE_DIR = Path(__file__).resolve().parent / "assets" / "sample"
FIRST_DAY = date(2026, 3, 2)
N_DAYS = 10
COLLECTION_HOUR_UTC = 21

_ENTRY = re.compile(rb"\s*<(item|entry)[ >].*?</\1>", re.DOTALL)
_RSS_DATE = re.compile(rb"<pubDate>(.*?)</pubDate>")
_ATOM_DATE = re.compile(rb"<(?:published|updated)>(.*?)</")
_CONTENT_TYPES = {b"<rss": "application/rss+xml", b"<feed": "application/atom+xml", b"<html": "text/html"}


@dataclass
class SampleServer:
    """A running server.

    Attributes:
        feeds: the sample's feeds at this server's address.
        watchlist: the sample's companies, as they stand in a feeds file.
        now: what the server takes for the present; aware UTC.
    """

    feeds: tuple[Feed, ...]
    watchlist: list[dict[str, Any]]
    now: datetime


def sample_clock() -> list[datetime]:
    """Give the collection times of the sample, one a day; aware UTC."""
    first = datetime.combine(FIRST_DAY, datetime.min.time(), UTC) + timedelta(hours=COLLECTION_HOUR_UTC)
    return [first + timedelta(days=day) for day in range(N_DAYS)]


@contextmanager
def serve_sample() -> Iterator[SampleServer]:
    """Serve the sample on a free loopback port while the block runs."""
    bodies = {f"/{path.name}": path.read_bytes() for path in sorted(SAMPLE_DIR.glob("*.xml"))}
    sources = read_yaml(SAMPLE_DIR / "sources.yaml").values
    shared = SampleServer(feeds=(), watchlist=sources["watchlist"], now=sample_clock()[0])
    handler = type("SampleHandler", (_Handler,), {"bodies": bodies, "shared": shared})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            shared.feeds = tuple(_build_feeds(sources["feeds"], server.server_address[1]))
            yield shared
        finally:
            server.shutdown()
            thread.join()


def entries_until(body: bytes, now: datetime) -> bytes:
    """Leave out the entries of a feed that are published after a time.

    An entry without a date, or dated after the sample's end (a publisher with a wrong clock), is always shown.

    Args:
        body: RSS or Atom.
        now: aware UTC.

    Returns:
        The feed as it was then.
    """
    end = sample_clock()[-1]

    def keep_or_drop(match: re.Match[bytes]) -> bytes:
        published = _entry_time(match.group())
        return b"" if published is not None and now < published <= end else match.group()

    return _ENTRY.sub(keep_or_drop, body)


def _entry_time(entry: bytes) -> datetime | None:
    rss = _RSS_DATE.search(entry)
    if rss:
        return parsedate_to_datetime(rss.group(1).decode())
    atom = _ATOM_DATE.search(entry)
    return datetime.fromisoformat(atom.group(1).decode()) if atom else None


def _build_feeds(entries: Iterable[dict[str, Any]], port: int) -> Iterator[Feed]:
    for entry in entries:
        yield Feed(
            name=entry["name"],
            url=f"http://127.0.0.1:{port}/{entry['file']}",
            kind=entry["kind"],
            weight=float(entry["weight"]),
            topics=tuple(entry["topics"]),
            allow_private=True,
        )


class _Handler(BaseHTTPRequestHandler):
    bodies: ClassVar[dict[str, bytes]]
    shared: ClassVar[SampleServer]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with the feed as of the server's clock, or 304 where the client has it."""
        body = self.bodies.get(self.path)
        if body is None:
            self._answer(404, b"no such feed", {})
            return
        body = entries_until(body, self.shared.now)
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if self.headers.get("If-None-Match") == etag:
            self._answer(304, b"", {"ETag": etag})
            return
        content_type = next((kind for mark, kind in _CONTENT_TYPES.items() if mark in body[:500].lower()), "text/xml")
        self._answer(200, body, {"ETag": etag, "Content-Type": f"{content_type}; charset=utf-8"})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's signature
        """Stay quiet."""
