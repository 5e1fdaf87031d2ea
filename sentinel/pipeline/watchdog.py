"""A dead man's switch is told when a run ended well, and another address when it did not. Neither fails a run.

A run that was interrupted, or met another at work, tells nobody: the switch itself notices that nothing came.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sentinel import feeds
from sentinel.credentials import load_ping_urls
from sentinel.errors import LockHeldError
from sentinel.pipeline.steps import build_manners

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from sentinel.config import Settings

_log = logging.getLogger(__name__)


class Watchdog:
    """Tells how the block ended, where the environment says whom."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __enter__(self) -> Self:
        """Begin; nobody is told."""
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        """Tell how it ended; an error on its way goes on."""
        urls = load_ping_urls()
        if error is None:
            self._tell(urls.success, "success")
        elif isinstance(error, Exception) and not isinstance(error, LockHeldError):
            self._tell(urls.failure, "failure")

    def _tell(self, url: str, what: str) -> None:
        if not url:
            return
        reason = feeds.ping(url, manners=build_manners(self._settings))
        if reason:
            _log.warning("the %s of the run could not be told to its switch: %s", what, reason)
