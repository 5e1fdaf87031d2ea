"""Targets on loopback that a test can read: a webhook, a mail server, and one that never answers."""

from __future__ import annotations

import http.server
import json
import socket
import socketserver
import threading
from contextlib import contextmanager
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage


class Webhook(http.server.ThreadingHTTPServer):
    """Keeps what is posted, and answers each with the next of its statuses, the last for ever."""

    def __init__(self, *statuses: int) -> None:
        super().__init__(("127.0.0.1", 0), _WebhookHandler)
        self.statuses = list(statuses or (200,))
        self.bodies: list[bytes] = []

    @property
    def address(self) -> str:
        return f"json://robot:s3cret@127.0.0.1:{self.server_port}/t0ken"

    @property
    def received(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies]


class _WebhookHandler(http.server.BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        status = self.server.statuses[0] if len(self.server.statuses) == 1 else self.server.statuses.pop(0)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks enough SMTP (RFC 5321) to take mail; refuses recipients named nobody."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _MailHandler)
        self.mails: list[EmailMessage] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _MailHandler(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._answer("220 loopback")
        while line := self.rfile.readline():
            verb = line.split()[0].upper()
            if verb == b"DATA":
                self._answer("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.mails.append(message_from_bytes(b"".join(lines), policy=policy.default))
            refused = verb == b"RCPT" and b"nobody" in line
            self._answer("550 no such mailbox" if refused else "221 bye" if verb == b"QUIT" else "250 ok")
            if verb == b"QUIT":
                return

    def _answer(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def webhook(*statuses: int) -> Iterator[Webhook]:
    server = Webhook(*statuses)
    with serving(server):
        yield server


@contextmanager
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    with serving(server):
        yield server


@contextmanager
def silent_socket() -> Iterator[socket.socket]:
    """Give a socket that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening
