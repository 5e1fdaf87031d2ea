"""Who may do what now, where several machines share a store: advisory locks of PostgreSQL.

A lock belongs to one connection and ends with it, so a process that dies, or loses its server, holds nothing. A store
in a file needs none: whoever writes to it holds its lock file.

Source: https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
"""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa

from sentinel.errors import LockHeldError
from sentinel.store.failures import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

RUN = "run"
"""Held by what must be alone on a store: scoring, reporting, alerts, pruning."""
STORIES = "stories"
"""Held while items are given their stories, which depend on one another."""


def feed_lock(feed: str) -> str:
    """Name the lock of who asks a feed."""
    return f"feed {feed}"


def record_lock(run_id: str) -> str:
    """Name the lock that a run holds while it is at work."""
    return f"record {run_id}"


class Locks:
    """Locks of a store that nobody else can be at work on: each is free."""

    def __init__(self, name: str) -> None:
        self._name = name

    def close(self) -> None:
        """Give everything back."""

    def take(self, lock: str) -> bool:  # noqa: ARG002  # each is free
        """Take a lock unless another has it; one that is held here already is held once more.

        Returns:
            Whether it is held now.

        Raises:
            StoreError: the server cannot be asked.
        """
        return True

    def release(self, lock: str) -> None:
        """Give a lock back as often as it was taken; one that is not held is left alone.

        Raises:
            StoreError: the server cannot be asked.
        """

    def is_free(self, lock: str) -> bool:
        """Tell whether nobody else has a lock.

        Raises:
            StoreError: the server cannot be asked.
        """
        if not self.take(lock):
            return False
        self.release(lock)
        return True

    @contextmanager
    def held(self, lock: str) -> Iterator[None]:
        """Hold a lock while the block runs.

        Raises:
            LockHeldError: another has it; there is no waiting.
            StoreError: the server cannot be asked.
        """
        if not self.take(lock):
            raise LockHeldError("another run is at work", where=self._name, hint="wait for it to end")
        yield
        self.release(lock)  # an error on its way is followed by close()

    @contextmanager
    def in_turn(self, lock: str) -> Iterator[None]:  # noqa: ARG002  # each is free
        """Wait for a lock and hold it while the block runs.

        Raises:
            StoreError: the server cannot be asked.
        """
        yield


class ServerLocks(Locks):
    """Locks that a server keeps for one connection, which is opened when the first is asked for.

    May be used by several threads.
    """

    def __init__(self, connect: Callable[[], AbstractContextManager[sa.Connection]], name: str) -> None:
        super().__init__(name)
        self._connect = connect
        self._opened = ExitStack()
        self._connection: sa.Connection | None = None
        self._held: Counter[str] = Counter()
        self._mutex = threading.Lock()

    def close(self) -> None:
        """Close the connection, and all that it held is free."""
        with self._mutex:
            if self._connection is not None:
                self._connection.invalidate()  # back in the pool it would hold its locks
            self._opened.close()
            self._connection = None
            self._held.clear()

    def take(self, lock: str) -> bool:
        """See Locks."""
        with self._mutex:
            is_mine = bool(self._ask(sa.func.pg_try_advisory_lock(_key(lock))))
            self._held[lock] += is_mine
        return is_mine

    def release(self, lock: str) -> None:
        """See Locks."""
        with self._mutex:
            if self._held[lock]:
                self._held[lock] -= 1
                self._ask(sa.func.pg_advisory_unlock(_key(lock)))

    @contextmanager
    def in_turn(self, lock: str) -> Iterator[None]:
        """See Locks."""
        with self._mutex:
            self._ask(sa.func.pg_advisory_lock(_key(lock)))
            self._held[lock] += 1
        yield
        self.release(lock)

    def _ask(self, question: sa.Function[object]) -> object:
        if self._connection is None:
            self._connection = self._opened.enter_context(self._connect())
        with one_line("locked", where=self._name):
            return self._connection.scalar(sa.select(question))


def _key(lock: str) -> int:
    """Give the number that stands for a lock on the server, a signed integer of 64 bits."""
    return int.from_bytes(hashlib.sha256(f"sentinel {lock}".encode()).digest()[:8], signed=True)
