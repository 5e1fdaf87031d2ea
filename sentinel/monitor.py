"""A port on loopback that says how the job is: ``/metrics`` for Prometheus, ``/healthz`` for whoever restarts it.

In: what looks at the job. Out: answers to GET. Invariant: only loopback is listened on, and only a request that names
it as its host is answered, so that no web page that a browser of this machine opens can read it (DNS rebinding).
"""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from sentinel.errors import ConfigError, SentinelError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sentinel.pipeline import JobStatus

LOOPBACK = "127.0.0.1"
_TIMEOUT_S = 10


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, look: Callable[[], JobStatus]) -> None:
        self.look = look
        self.turn = threading.Lock()  # one look at a time, however many ask
        super().__init__((LOOPBACK, port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _TIMEOUT_S
    server_version, sys_version = "sentinel", ""

    def do_GET(self) -> None:
        """Answer a request."""
        host = self.headers.get("Host", "").rpartition(":")[0] or self.headers.get("Host", "")
        if host not in (LOOPBACK, "localhost"):
            self._send(HTTPStatus.FORBIDDEN, "text/plain", b"ask for 127.0.0.1 or localhost\n")
        elif self.path == "/metrics":
            self._send_status(is_health=False)
        elif self.path == "/healthz":
            self._send_status(is_health=True)
        else:
            self._send(HTTPStatus.NOT_FOUND, "text/plain", b"/metrics or /healthz\n")

    def _send_status(self, *, is_health: bool) -> None:
        from sentinel.metrics import CONTENT_TYPE, build_metrics

        try:
            with self.server.turn:
                status = self.server.look()
        except SentinelError as error:  # no store yet, say
            content = json.dumps({"ok": False, "troubles": [str(error)]}).encode()
            self._send(HTTPStatus.SERVICE_UNAVAILABLE, "application/json", content)
            return
        if is_health:
            content = json.dumps({"ok": not status.troubles, "troubles": status.troubles}).encode()
            code = HTTPStatus.SERVICE_UNAVAILABLE if status.troubles else HTTPStatus.OK
            self._send(code, "application/json", content)
        else:
            self._send(HTTPStatus.OK, CONTENT_TYPE, build_metrics(status))

    def _send(self, code: HTTPStatus, content_type: str, content: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing: a probe every few seconds is no news."""


@contextmanager
def serve_monitor(port: int, look: Callable[[], JobStatus]) -> Iterator[int]:
    """Answer on a port of loopback while the block runs.

    Args:
        port: to listen on; 0 for any that is free.
        look: looks at the job.

    Yields:
        The port.

    Raises:
        ConfigError: the port cannot be had.
    """
    try:
        server = _Server(port, look)
    except OSError as error:
        raise ConfigError(f"port {port} cannot be listened on: {error.strerror}", where="monitor_port") from error
    thread = threading.Thread(target=server.serve_forever, name="monitor", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
