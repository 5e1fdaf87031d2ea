"""Tell targets, in a process of its own that can be killed. The only door to apprise.

In: one JSON object on standard input. Out: one JSON line per target as soon as it is known what came of it. Invariant:
nothing that is written holds any part of an address: reasons are words of this module with a status code at most,
because what apprise logs may quote addresses, and what a server answers may quote anything.
"""

from __future__ import annotations

import http
import json
import os
import re
import sys
import threading
import time
import warnings
from typing import IO, TYPE_CHECKING, Any

from sentinel.alerts.delivery import LATE

if TYPE_CHECKING:
    from collections.abc import Iterable

UNREADABLE = "its address is none that apprise reads"
NO_CONNECTION = "no connection"
NOT_ACCEPTED = "the service did not accept it"

_STATUS = re.compile(r"error[=:]\s*(\d{3})\b")
_SMTP_STATUS = re.compile(r"Socket Exception: \(?(?:\{[^:]*: \()?([45]\d\d)\b")
_LATE = re.compile(r"timed out|timeout", re.IGNORECASE)
_BROKEN = re.compile(r"connection error|socket exception", re.IGNORECASE)


def serve() -> None:
    """Read a request, tell every target at once, write what comes of it, and end at the deadline whatever hangs."""
    request = json.load(sys.stdin)
    out = sys.stdout
    sys.stdout = sys.stderr  # nothing but results goes out, whatever a plug-in prints
    lock = threading.Lock()
    threads = [
        threading.Thread(target=_tell, args=(task, request["deadline_s"], out, lock), daemon=True)
        for task in request["tasks"]
    ]
    _load_services()
    deadline = time.monotonic() + request["deadline_s"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    with lock:  # nobody is in the middle of a line
        os._exit(0)  # without waiting for threads that hang, apprise's own among them


def _load_services() -> None:
    """Let apprise read its plug-ins; one of them imports a module that Python has deprecated."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import apprise

        apprise.Apprise.instantiate("json://localhost")


def _tell(task: dict[str, Any], deadline_s: float, out: IO[str], lock: threading.Lock) -> None:
    started = time.monotonic()
    service, error = _try(task, deadline_s)
    elapsed_s = round(time.monotonic() - started, 2)
    line = json.dumps({"target": task["target"], "service": service, "error": error, "elapsed_s": elapsed_s})
    with lock:
        out.write(f"{line}\n")
        out.flush()


def _try(task: dict[str, Any], deadline_s: float) -> tuple[str, str]:
    """Send one message, or only read the address where there is none; give the service's name and what went wrong."""
    import apprise

    # Redirects are not followed: a message that was moved away as a GET would count as delivered.
    asset = apprise.AppriseAsset(
        app_id="sentinel", app_desc="sentinel", app_url="", http_redirects=False, service_timeout=deadline_s
    )
    notifier = apprise.Apprise(asset=asset)
    plugin = apprise.Apprise.instantiate(task["address"], asset=asset)
    if plugin is None:
        return "", UNREADABLE
    service = str(plugin.service_name)
    if "body" not in task:
        return service, ""
    if plugin.overflow_mode == apprise.OverflowMode.UPSTREAM:
        plugin.overflow_mode = apprise.OverflowMode.TRUNCATE  # one message, however short the service's limit is
    notifier.add(plugin)
    result = notifier.notify(
        body=task["body"],
        title=task["title"],
        notify_type=apprise.NotifyType.WARNING,
        body_format=apprise.NotifyFormat.TEXT,
        timeout=deadline_s,
        log_level=10,  # DEBUG, to see the status that a server gave
    )
    return service, "" if result else _reason((entry.message for entry in result.logs()), is_late=result.timeout_count)


def _reason(logged: Iterable[str], *, is_late: int) -> str:
    """Say in words of our own why a service failed, from what apprise logged about it."""
    lines = list(logged)
    for pattern, name in ((_STATUS, "HTTP"), (_SMTP_STATUS, "SMTP")):
        found = next((match[1] for line in lines if (match := pattern.search(line))), "")
        if found:
            return f"answered {name} {found}{_phrase(found) if name == 'HTTP' else ''}"
    if is_late or any(_LATE.search(line) for line in lines):
        return LATE
    return NO_CONNECTION if any(_BROKEN.search(line) for line in lines) else NOT_ACCEPTED


def _phrase(code: str) -> str:
    try:
        return f" {http.HTTPStatus(int(code)).phrase}"
    except ValueError:
        return ""
