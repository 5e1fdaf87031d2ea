"""Why a fetch failed, in words for people: an error or a status in, a reason out. Standard library only.

Nothing of the address or of the answer is quoted.
"""

from __future__ import annotations

import os
import ssl
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def describe_cause(error: BaseException) -> str:
    """Name what the system or TLS said was wrong; "" when neither said anything."""
    causes = _causes(error)
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"TLS: {cause.verify_message or 'certificate not trusted'}"
        if isinstance(cause, ssl.SSLError):
            return f"TLS: {(cause.reason or 'handshake failed').replace('_', ' ').lower()}"
    for cause in causes:
        if isinstance(cause, OSError) and cause.errno:
            return os.strerror(cause.errno).lower()
    return ""


def _causes(error: BaseException) -> list[BaseException]:
    """List an error and what it came from, groups of failed connections included."""
    found: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        current = waiting.pop(0)
        if current is None or current in found:
            continue
        found.append(current)
        if isinstance(current, BaseExceptionGroup):
            waiting.extend(current.exceptions)
        waiting.extend((current.__cause__, current.__context__))
    return found


def status_line(status: int, headers: Mapping[str, str]) -> str:
    """Name a status in our words: the server's phrase is not to be trusted.

    Args:
        status: of HTTP.
        headers: by lower-case name.
    """
    if headers.get("cf-mitigated") == "challenge":
        return f"HTTP {status}: the host lets only browsers in"
    try:
        return f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP {status}"
