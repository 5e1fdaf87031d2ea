"""Routes that misbehave: each function gives what a FeedServer answers, well-made news in bad company."""

from __future__ import annotations

import gzip
import zlib
from functools import partial
from typing import TYPE_CHECKING

import brotli

from .conftest import Reply, rss

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.server import BaseHTTPRequestHandler

    from .conftest import FeedServer

    Route = Callable[[BaseHTTPRequestHandler], Reply | None]

NEWS = rss("<title>Profit up</title><guid>g1</guid>", "<title>Loss widens</title><guid>g2</guid>")


def zstd_compress(plain: bytes) -> bytes:
    """Pack with zstd, whichever module has it."""
    from sentinel.feeds.coding import zstd

    return zstd.compress(plain)


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": partial(brotli.compress, quality=3),  # the best takes seconds over a bomb
    "zstd": zstd_compress,
}


def raw(*parts: bytes) -> Route:
    """Send bytes as they are and hang up."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"".join(parts))

    return answer


def drip(server: FeedServer, first: bytes, every_s: float = 0.02) -> Route:
    """Begin, then send a byte now and then without end."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(first)
        while not server.stop.wait(every_s):
            handler.wfile.write(b"x")

    return answer


def endless(server: FeedServer, first: bytes, again: bytes) -> Route:
    """Begin, then send the same again and again as fast as it goes."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(first)
        while not server.stop.is_set():
            handler.wfile.write(again)

    return answer


def lying_etag(bodies: list[bytes], etag: str = '"1"') -> Route:
    """Serve the last of the bodies to who holds nothing, and call it unmodified to who holds any of them."""

    def answer(handler: BaseHTTPRequestHandler) -> Reply:
        if handler.headers.get("If-None-Match") == etag:
            return Reply(status=304, headers={"ETag": etag})
        return Reply(bodies[-1], headers={"ETag": etag})

    return answer


def bomb(coding: str, n_bytes: int, *, status: int = 200, **headers: str) -> Reply:
    """Pack a body that unpacks to very much more."""
    return Reply(PACKERS[coding](bytes(n_bytes)), status=status, headers={"Content-Encoding": coding, **headers})


def redirect(location: str, status: int = 302, **more: str) -> Reply:
    return Reply(b"elsewhere", status=status, headers={"Location": location, **more})


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> Route:
    """Send chunks as they are given, then an end that may be none."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nTransfer-Encoding: chunked\r\n\r\n"
    return raw(head, *(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks), end)
