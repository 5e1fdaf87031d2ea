"""Log lines on standard error, as text or JSON, each with the id of its run. Set up by ``cli`` alone.

Invariant: whatever a line was made from, secrets are not in it; passwords within addresses are left out, too.
"""

from __future__ import annotations

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

RUN_ID: ContextVar[str] = ContextVar("run_id", default="-")

LogFormat = Literal["text", "json"]

HIDDEN = "***"
_USER_INFO = re.compile(r"(?<=://)[^/@\s'\"]+@")
_TEXT = "%(asctime)s %(levelname)s %(run_id)s %(name)s: %(message)s"


def set_up_logs(*, verbose: bool, form: LogFormat = "text", secrets: Sequence[str] = ()) -> None:
    """Send this program's log to standard error.

    Args:
        verbose: whether to show what each step does, not warnings alone.
        form: how a line is written: as text, or as one JSON object with time (UTC), level, run_id, logger, message
            and, where there is one, exception.
        secrets: what no line may hold.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonFormatter(secrets) if form == "json" else _TextFormatter(secrets))
    handler.addFilter(_add_run_id)
    log = logging.getLogger("sentinel")
    log.handlers[:] = [handler]
    log.setLevel(logging.INFO if verbose else logging.WARNING)
    log.propagate = False


def announce(message: str, *, level: int = logging.INFO) -> None:
    """Write a line whatever the level of the log: the one that says how a command ended."""
    log = logging.getLogger("sentinel")
    log.handle(log.makeRecord(log.name, level, "", 0, message, (), None))


def hide(text: str, secrets: Sequence[str]) -> str:
    """Leave secrets, and what stands before the host of an address, out of a text."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return _USER_INFO.sub(f"{HIDDEN}@", text)


class _TextFormatter(logging.Formatter):
    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__(_TEXT)
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        return hide(super().format(record), self._secrets)


class _JsonFormatter(logging.Formatter):
    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__()
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "run_id": RUN_ID.get(),
            "logger": record.name,
            "message": hide(record.getMessage(), self._secrets),
        }
        if record.exc_info:
            line["exception"] = hide(self.formatException(record.exc_info), self._secrets)
        return json.dumps(line, ensure_ascii=False)


def _add_run_id(record: logging.LogRecord) -> bool:
    record.run_id = RUN_ID.get()
    return True
