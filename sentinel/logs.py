"""Log lines on standard error, each with the id of the run it belongs to. Set up by ``cli`` alone."""

from __future__ import annotations

import logging
from contextvars import ContextVar

RUN_ID: ContextVar[str] = ContextVar("run_id", default="-")


def set_up_logs(*, verbose: bool) -> None:
    """Send this program's log to standard error.

    Args:
        verbose: whether to show what each step does, not warnings alone.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(run_id)s %(name)s: %(message)s"))
    handler.addFilter(_add_run_id)
    log = logging.getLogger("sentinel")
    log.handlers[:] = [handler]
    log.setLevel(logging.INFO if verbose else logging.WARNING)
    log.propagate = False


def _add_run_id(record: logging.LogRecord) -> bool:
    record.run_id = RUN_ID.get()
    return True
