"""A real HTTP server on loopback whose routes a test scripts."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True)
class Reply:
    """What a route answers; ``length`` overrides Content-Length, to promise more than is sent."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None


class FeedServer:
    """Answers scripted routes and remembers what it was asked: (path, headers by lower-case name)."""

    def __init__(self) -> None:
        self.routes: dict[str, Reply | Callable[[BaseHTTPRequestHandler], Reply | None]] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.stop = threading.Event()
        handler = type("Handler", (_Handler,), {"owner": self})
        self.http = _QuietServer(("127.0.0.1", 0), handler)
        self.port = self.http.server_port

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def paths(self) -> list[str]:
        return [path for path, _ in self.requests]


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing: clients that hang up are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: FeedServer

    def do_GET(self) -> None:
        self.close_connection = True
        self.owner.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        route = self.owner.routes.get(self.path, Reply(status=404))
        try:
            reply = route if isinstance(route, Reply) else route(self)
            if reply is not None:
                self._send(reply)
        except OSError:  # the client hung up, which many tests are about
            pass

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body) if reply.length is None else reply.length))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[FeedServer]:
    feed_server = FeedServer()
    thread = threading.Thread(target=feed_server.http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield feed_server
    feed_server.stop.set()
    feed_server.http.shutdown()
    feed_server.http.server_close()
    thread.join()


def rss(*items: str) -> bytes:
    """Write an RSS 2.0 feed around the inside of its items."""
    inside = "".join(f"<item>{item}</item>" for item in items)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{inside}</channel></rss>'.encode()
