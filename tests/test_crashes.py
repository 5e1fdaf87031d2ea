"""A run that is killed, or whose disk fails, leaves what an undisturbed one leaves, to the byte, once it has run again.

``benchmarks/crashes.py`` does the same a thousand times, on a store with a past.
"""

from __future__ import annotations

import errno
import random
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest
from crashes import PAGE_BYTES, CrashBook, open_nursery, read_outcome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

N_RANDOM_KILLS = 50


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CrashBook]:
    folder = tmp_path_factory.mktemp("crashes")
    with open_nursery(folder / "before", has_past=False) as nursery:
        yield CrashBook(nursery, folder)


def test_a_run_killed_before_any_fsync_rename_or_commit_is_mended_by_the_next(book: CrashBook) -> None:
    mended = book.mend_each_flush()
    assert len(mended) > 30
    assert {number: outcome == book.expected for number, outcome in mended.items()} == dict.fromkeys(mended, True)
    assert book.n_states > len(mended) // 4


def test_a_run_killed_at_any_instruction_is_mended_by_the_next(book: CrashBook) -> None:
    moments = random.Random(20261125)  # noqa: S311  # moments, no secrets
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
    for at_event in range(2 if error == errno.EIO else 7, n_events + 1, 11):
        ended, mended = book.disturb(at_event=at_event, error=error)
        assert (at_event, ended.status) in ((at_event, 0), (at_event, 1))
        assert (at_event, ended.status == 1) == (at_event, bool(ended.message))
        assert "\n" not in ended.message
        assert (at_event, mended) == (at_event, book.expected)


@pytest.mark.parametrize("max_file_bytes", [0, 60_000])
def test_files_that_may_not_grow_end_a_run_with_one_line_and_the_next_completes(
    book: CrashBook, max_file_bytes: int
) -> None:
    ended, mended = book.disturb(max_file_bytes=max_file_bytes)
    assert ended.status == 1
    assert ended.message
    assert "\n" not in ended.message
    assert mended == book.expected


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a folder that is a disk of its own, with room for a store and no more."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if mount(disk, "size=400k", "-t", "tmpfs").returncode:
        pytest.skip("this user may not mount a disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def mount(disk: Path, options: str, *more: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["mount", *more, "-o", options, "tmpfs", str(disk)], capture_output=True, check=False)


def test_a_full_disk_ends_a_run_with_one_line_and_the_next_completes(book: CrashBook, small_disk: Path) -> None:
    folder = small_disk / "job"
    folder.mkdir()
    ended = book.run(folder)
    assert (ended.status, ended.message.count("\n")) == (1, 0)
    assert str(folder) in ended.message
    assert mount(small_disk, "remount,size=50m").returncode == 0
    assert book.run(folder).status == 0
    assert read_outcome(folder) == book.expected


def test_a_disk_that_may_only_be_read_ends_a_run_with_one_line_and_keeps_the_pages(
    book: CrashBook, small_disk: Path
) -> None:
    assert mount(small_disk, "remount,size=50m").returncode == 0
    folder = small_disk / "job"
    folder.mkdir()
    assert book.run(folder).status == 0
    assert mount(small_disk, "remount,ro").returncode == 0
    ended = book.run(folder)
    assert (ended.status, ended.message.count("\n")) == (1, 0)
    assert str(folder) in ended.message
    assert mount(small_disk, "remount,rw").returncode == 0
    assert book.run(folder).status == 0
    assert read_outcome(folder) == book.expected


def test_a_damaged_page_of_a_store_is_told_or_does_no_harm(book: CrashBook) -> None:
    places = random.Random(7)  # noqa: S311  # places, no secrets
    for number in [0, *places.sample(range(1, book.n_pages), 5)]:
        content = places.choice([bytes(PAGE_BYTES), places.randbytes(PAGE_BYTES)])
        assert (number, book.damage(number, content)) == (number, True)
