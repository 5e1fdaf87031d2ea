"""One process holds the lock; another is told so at once, and a dead one holds nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sentinel.errors import LockHeldError, StoreError
from sentinel.lock import check_lock, hold_lock

if TYPE_CHECKING:
    from collections.abc import Iterator

HOLD = """
import sys
from pathlib import Path
from sentinel.lock import hold_lock

with hold_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""
TRY = """
import sys
from pathlib import Path
from sentinel.errors import LockHeldError
from sentinel.lock import hold_lock

try:
    with hold_lock(Path(sys.argv[1])):
        print("held")
except LockHeldError as error:
    print(error)
    sys.exit(error.exit_code)
"""


@contextmanager
def other_holder(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Be another process that holds the lock until its standard input ends."""
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def is_free(path: Path) -> bool:
    try:
        with hold_lock(path):
            return True
    except LockHeldError:
        return False


def test_hold_lock_makes_its_file_and_folder(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "sentinel.db.lock"
    with hold_lock(path):
        assert path.is_file()


def test_hold_lock_can_be_taken_again_after_the_block(tmp_path: Path) -> None:
    path = tmp_path / "sentinel.db.lock"
    assert [is_free(path) for _ in range(2)] == [True, True]


def test_hold_lock_is_released_by_an_error(tmp_path: Path) -> None:
    path = tmp_path / "sentinel.db.lock"
    with pytest.raises(ZeroDivisionError), hold_lock(path):
        _ = 1 / 0
    assert is_free(path)


def test_hold_lock_lets_no_second_holder_in(tmp_path: Path) -> None:
    path = tmp_path / "sentinel.db.lock"
    with hold_lock(path):
        assert not is_free(path)
        with pytest.raises(LockHeldError, match="another run is at work"), hold_lock(path):
            pytest.fail("held twice")


def test_a_second_process_is_told_without_waiting(tmp_path: Path) -> None:
    path = tmp_path / "sentinel.db.lock"
    with hold_lock(path):
        ended = subprocess.run([sys.executable, "-c", TRY, str(path)], capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout) == (75, f"{path}: another run is at work (wait for it to end)\n")


def test_a_lock_of_another_process_is_respected(tmp_path: Path) -> None:
    path = tmp_path / "sentinel.db.lock"
    with other_holder(path), pytest.raises(LockHeldError) as caught, hold_lock(path):
        pytest.fail("held twice")
    assert caught.value.where == str(path)


def test_a_lock_dies_with_a_killed_process(tmp_path: Path) -> None:
    path = tmp_path / "sentinel.db.lock"
    with other_holder(path) as process:
        process.kill()
        process.wait()
        assert is_free(path)


def test_a_lock_file_left_behind_means_nothing(tmp_path: Path) -> None:
    path = tmp_path / "sentinel.db.lock"
    path.write_text("4242\n")
    assert is_free(path)


def test_a_place_that_cannot_be_locked_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "sentinel.db.lock"
    with pytest.raises(StoreError, match="cannot be locked") as caught, hold_lock(path):
        pytest.fail("held in a file")
    assert caught.value.where == str(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="cannot be locked: Permission denied"), hold_lock(tmp_path / "a.lock"):
        pytest.fail("held without permission")


def test_a_place_where_no_file_can_be_made_is_not_taken_for_a_held_lock() -> None:
    with pytest.raises(StoreError, match="cannot be locked"), hold_lock(Path("/proc/sentinel.db.lock")):
        pass


def test_check_lock_tells_of_a_holder_and_makes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "sentinel.db.lock"
    check_lock(path)
    assert not path.exists()
    with other_holder(path), pytest.raises(LockHeldError):
        check_lock(path)
    path.touch()
    check_lock(path)
    assert is_free(path)
