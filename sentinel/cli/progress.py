"""Progress bars on a terminal: one for each step that takes long, and nothing at all in cron, pipes and logs."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class _Bars:
    """Shows the step under way; a new step takes the place of the one before."""

    def __init__(self) -> None:
        self._step = ""
        self._bar: Any = None

    def show(self, step: str, n_done: int, n_total: int) -> None:
        """Show how much of a step is done."""
        if step != self._step:
            self.close()
            self._step = step
            self._bar = click.progressbar(length=n_total, label=step, file=sys.stderr, show_eta=False, show_pos=True)
        self._bar.update(n_done - self._bar.pos)

    def close(self) -> None:
        """End the bar that is shown."""
        if self._bar is not None:
            self._bar.render_finish()
            self._bar = None


@contextmanager
def progress_bars() -> Iterator[Callable[[str, int, int], None]]:
    """Give what shows progress while the block runs.

    Nothing is shown where standard error is no terminal, or where lines of the log stand on it.
    """
    root = click.get_current_context().find_root().params
    if not sys.stderr.isatty() or root["verbose"] or root["log_format"] == "json":
        yield lambda *_: None
        return
    bars = _Bars()
    try:
        yield bars.show
    finally:
        bars.close()
