"""Why a connection failed, in words for people: an error in, a reason out. Standard library only.

Nothing of the address or of the answer is quoted.
"""

from __future__ import annotations

import os
import ssl


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
