"""Several processes of one training run, one a GPU, as a launcher such as ``torchrun`` starts them.

All of them carry out the recipe; what is kept on disk is made by the first, and found there by the others. Invariant:
a run without a launcher is one process, and nothing here does anything.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from accelerate import PartialState

from sentinel.model.device import choose_device

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_WAIT = timedelta(days=7)
"""The others wait while the first draws texts or lets an encoder read them; a launcher's own limit is minutes."""


@contextmanager
def first_alone() -> Iterator[bool]:
    """Let the first process do what stands inside, and let all go on when it is done.

    Yields:
        Whether this process is the first: do nothing otherwise.
    """
    state = _state()
    yield bool(state.is_main_process)
    state.wait_for_everyone()


@contextmanager
def first_ahead() -> Iterator[None]:
    """Let the first process do what stands inside before the others do; they find what it kept on disk."""
    with _state().main_process_first():
        yield


def _state() -> PartialState:
    return PartialState(cpu=choose_device("auto").type != "cuda", timeout=LONGEST_WAIT)
