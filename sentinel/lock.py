"""One run at a time: an operating-system lock that dies with its process. The only door to filelock."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from sentinel.errors import LockHeldError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator


def lock_beside(store: str) -> Path | None:
    """Name the lock file of a store that is a plain file, by its name alone, so that nothing need be loaded for it.

    Args:
        store: path or URL of a store.

    Returns:
        The lock file beside it; None for a URL, whose lock only the store's own code can name.
    """
    path = Path(store)
    return None if "://" in store or not path.name else path.with_name(f"{path.name}.lock")


def check_lock(path: Path) -> None:
    """See that nobody holds the lock, before something that takes long; nothing is made.

    Args:
        path: the lock file.

    Raises:
        LockHeldError: another process holds it.
        StoreError: the file cannot be opened.
    """
    if path.exists():
        with hold_lock(path):
            pass


@contextmanager
def hold_lock(path: Path) -> Iterator[None]:
    """Hold the lock file while the block runs.

    Args:
        path: the lock file; its folder is made when missing. The file itself means nothing, only the lock on it.

    Raises:
        LockHeldError: another process holds it; there is no waiting.
        StoreError: the file cannot be made.
    """
    lock = FileLock(path, timeout=0)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()  # where no file can be made, filelock would take that for another holder
        lock.acquire()
    except Timeout as error:
        raise LockHeldError("another run is at work", where=str(path), hint="wait for it to end") from error
    except OSError as error:
        raise StoreError(
            f"cannot be locked: {error.strerror}", where=str(path), hint="check the folder's permissions"
        ) from error
    try:
        yield
    finally:
        lock.release()
