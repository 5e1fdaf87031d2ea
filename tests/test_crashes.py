"""A run that is killed, or whose disk fails, leaves what an undisturbed one leaves, to the byte, once it has run again.

``benchmarks/crashes.py`` does the same a thousand times, on a store with a past.
"""

from __future__ import annotations

import errno
import random
import signal
from typing import TYPE_CHECKING

import pytest
from crashes import CrashBook, open_nursery

if TYPE_CHECKING:
    from collections.abc import Iterator

N_RANDOM_KILLS = 50


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CrashBook]:
    folder = tmp_path_factory.mktemp("crashes")
    with open_nursery(folder / "before", has_past=False) as nursery:
        yield CrashBook(nursery, folder)


def test_a_run_killed_before_anything_that_it_makes_last_is_mended_by_the_next(book: CrashBook) -> None:
    n_events = book.undisturbed.n_events
    assert n_events is not None
    for at_event in range(1, n_events + 1):
        ended, mended = book.disturb(at_event=at_event)
        assert (at_event, ended.status) == (at_event, -signal.SIGKILL)
        assert (at_event, mended) == (at_event, book.expected)
    assert book.n_states > n_events // 4


def test_a_run_killed_at_any_instruction_is_mended_by_the_next(book: CrashBook) -> None:
    moments = random.Random(20261125)
    statuses = set()
    for _ in range(N_RANDOM_KILLS):
        at_cpu_s = moments.uniform(0.001, book.undisturbed.cpu_s)
        ended, mended = book.disturb(at_cpu_s=at_cpu_s)
        assert (at_cpu_s, mended) == (at_cpu_s, book.expected)
        statuses.add(ended.status)
    assert -signal.SIGPROF in statuses
    assert statuses <= {0, -signal.SIGPROF}


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC], ids=["input/output error", "no space"])
def test_a_disk_that_fails_ends_a_run_with_one_line_and_the_next_completes(book: CrashBook, error: int) -> None:
    n_events = book.undisturbed.n_events
    assert n_events is not None
    first, step = (1, 6) if error == errno.EIO else (4, 6)
    for at_event in range(first, n_events + 1, step):
        ended, mended = book.disturb(at_event=at_event, error=error)
        assert (at_event, ended.status) in ((at_event, 0), (at_event, 1))
        assert (at_event, ended.status == 1) == (at_event, bool(ended.message))
        assert "\n" not in ended.message
        assert (at_event, mended) == (at_event, book.expected)


@pytest.mark.parametrize("max_file_bytes", [0, 30_000, 60_000, 110_000])
def test_files_that_may_not_grow_end_a_run_with_one_line_and_the_next_completes(
    book: CrashBook, max_file_bytes: int
) -> None:
    ended, mended = book.disturb(max_file_bytes=max_file_bytes)
    assert ended.status == 1
    assert ended.message
    assert "\n" not in ended.message
    assert mended == book.expected
