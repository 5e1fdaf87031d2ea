"""A page on this machine that asks about one headline at a time. Standard library only.

Whoever may ask: the address carries a secret, so that neither another user of the machine nor a page open in the same
browser can know it; the Host must name the loopback (a name of an attacker that was made to point here does not); an
Origin must be ours; and a form must carry the secret again. Nothing outside is loaded, and only our own script runs.

Source: OWASP cheat sheets on cross-site request forgery; RFC 6454 7 (Origin); RFC 9110 7.2 (Host).
"""

from __future__ import annotations

import hmac
import secrets
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qs, urlsplit

from sentinel.records import LABELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOOPBACK = "127.0.0.1"
MAX_FORM_BYTES = 10_000
SKIP = "skip"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # without it a form of our own says Origin: null
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Question:
    """A headline that somebody is asked about.

    Attributes:
        item_id: of the item.
        text: what the model reads.
        feed: name of its feed.
        day: when it was first seen, ISO date.
        label: what this person said of it before; empty for nothing.
    """

    item_id: str
    text: str
    feed: str
    day: str
    label: str = ""


class LabelDesk(Protocol):
    """What the page asks about, and where the answers go. Called by one thread at a time."""

    def next(self) -> Question | None:
        """Give the next headline without an answer; None when there is none."""

    def find(self, item_id: str) -> Question | None:
        """Give a headline of the queue; None for any other."""

    def answer(self, item_id: str, label: str) -> None:
        """Take an answer to a headline of the queue, instead of an earlier one."""

    def skip(self, item_id: str) -> None:
        """Ask about the others first."""

    def progress(self) -> tuple[int, int]:
        """Tell how many have an answer, and how many there are."""


@contextmanager
def open_label_server(
    desk: LabelDesk, *, render: Callable[[dict[str, Any]], bytes], script: bytes, port: int = 0
) -> Iterator[tuple[str, Callable[[], None]]]:
    """Listen on the loopback.

    Args:
        desk: what to ask.
        render: makes a page of question, last (item id of the answer before), n_done, n_all, secret and labels.
        script: of the page, JavaScript.
        port: 0 for any that is free.

    Returns:
        The address to open, and what serves until it is interrupted.

    Raises:
        OSError: the port is taken.
    """
    secret = secrets.token_urlsafe(24)
    site = _Site(desk, render, script, secret)
    handler = type("Handler", (_Handler,), {"site": site})
    server = _Server((LOOPBACK, port), handler)
    site.port = server.server_port
    is_served = threading.Event()

    def serve() -> None:
        is_served.set()
        server.serve_forever()

    try:
        yield f"http://{LOOPBACK}:{server.server_port}/{secret}/", serve
    finally:
        if is_served.is_set():
            server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    def server_bind(self) -> None:
        """Bind without asking anybody for the name of this machine, which may take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = LOOPBACK, self.server_address[1]

    def handle_error(self, *_: object) -> None:
        """Say nothing: browsers hang up as they please."""


class _Site:
    """What all requests share."""

    def __init__(self, desk: LabelDesk, render: Callable[[dict[str, Any]], bytes], script: bytes, secret: str) -> None:
        self.desk = desk
        self.render = render
        self.script = script
        self.secret = secret
        self.port = 0
        self.last = ""
        self.turn = threading.Lock()

    def is_own_host(self, host: str) -> bool:
        return host in (f"{LOOPBACK}:{self.port}", f"localhost:{self.port}")

    def is_own_origin(self, origin: str | None) -> bool:
        return origin is None or (origin.startswith("http://") and self.is_own_host(origin.removeprefix("http://")))

    def knows(self, secret: str) -> bool:
        return hmac.compare_digest(secret.encode(), self.secret.encode())

    def page(self, wanted: str) -> bytes:
        """Make the page of a headline, or of the next one."""
        with self.turn:
            question = self.desk.find(wanted) if wanted else None
            question = question or self.desk.next()
            n_done, n_all = self.desk.progress()
        return self.render(
            {
                "question": question,
                "last": "" if question and question.item_id == self.last else self.last,
                "n_done": n_done,
                "n_all": n_all,
                "secret": self.secret,
                "labels": LABELS,
            }
        )

    def take(self, item_id: str, answer: str) -> bool:
        """Take an answer; False where it is none, or to no question of ours."""
        with self.turn:
            if self.desk.find(item_id) is None or answer not in (*LABELS, SKIP):
                return False
            if answer == SKIP:
                self.desk.skip(item_id)
            else:
                self.desk.answer(item_id, answer)
            self.last = item_id
        return True


class _Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    protocol_version = "HTTP/1.1"
    server_version = "sentinel"
    sys_version = ""
    timeout = 30  # of a connection that says nothing, which browsers open ahead
    site: _Site

    def do_GET(self) -> None:
        """Give a page or its script."""
        name, wanted = self._name()
        if name == "":
            self._send(HTTPStatus.OK, "text/html; charset=utf-8", self.site.page(wanted))
        elif name == "label.js":
            self._send(HTTPStatus.OK, "text/javascript; charset=utf-8", self.site.script)
        else:
            self._refuse(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        """Take an answer."""
        form = self._form()
        if self._name()[0] != "":
            self._refuse(HTTPStatus.NOT_FOUND)
        elif not self.site.is_own_origin(self.headers.get("Origin")) or not self.site.knows(form.get("secret", "")):
            self._refuse(HTTPStatus.FORBIDDEN)
        elif not self.site.take(form.get("item", ""), form.get("answer", "")):
            self._refuse(HTTPStatus.BAD_REQUEST)
        else:
            self._send(HTTPStatus.SEE_OTHER, "text/plain", b"", location=f"/{self.site.secret}/")

    def _name(self) -> tuple[str | None, str]:
        """Give the name behind the secret, and the item asked for; None where either host or secret is wrong."""
        parts = urlsplit(self.path)
        secret, slash, name = parts.path.removeprefix("/").partition("/")
        if not slash or not self.site.is_own_host(self.headers.get("Host", "")) or not self.site.knows(secret):
            return None, ""
        return name, next(iter(parse_qs(parts.query).get("item", [])), "")

    def _form(self) -> dict[str, str]:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MAX_FORM_BYTES:
            self.close_connection = True
            return {}
        sent = self.rfile.read(int(length)).decode("utf-8", errors="replace")
        return {name: values[0] for name, values in parse_qs(sent, max_num_fields=10).items()} if sent else {}

    def _refuse(self, status: HTTPStatus) -> None:
        self._send(status, "text/plain; charset=utf-8", f"{status.value} {status.phrase}\n".encode())

    def _send(self, status: HTTPStatus, content_type: str, body: bytes, *, location: str = "") -> None:
        self.send_response(status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the address carries the secret."""
