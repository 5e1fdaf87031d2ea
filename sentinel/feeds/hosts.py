"""What fetches share: turns at hosts, few at a time with a while between two, and memory for large bodies."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from contextlib import AbstractAsyncContextManager

MAX_CONNECTIONS = 2


class Surroundings(Protocol):
    """What a fetch shares with others under way, and has to wait for."""

    def turn(self, host: str) -> AbstractAsyncContextManager[None]:
        """Give a turn at a host; its connections are few."""

    async def room(self) -> None:
        """Return once there is memory for a large body."""

    async def refusal(self, url: str) -> str:
        """Say why an address is to be left alone though it could be asked; "" where it is not."""


class Alone:
    """The surroundings of a fetch that shares nothing."""

    def turn(self, host: str) -> AbstractAsyncContextManager[None]:  # noqa: ARG002 (as Surroundings has it)
        """Give a turn at once."""
        return contextlib.nullcontext()

    async def room(self) -> None:
        """Return at once."""

    async def refusal(self, url: str) -> str:  # noqa: ARG002
        """Refuse nothing."""
        return ""


class HostTurns:
    """Who may ask which host when. Used by one event loop."""

    def __init__(
        self,
        spacing_s: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._spacing_s = spacing_s
        self._clock = clock
        self._sleep = sleep
        self._chance = chance
        self._places: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(MAX_CONNECTIONS))
        self._free_at: defaultdict[str, float] = defaultdict(float)
        self._own_spacings_s: dict[str, float] = {}

    def slow_down(self, host: str, spacing_s: float) -> None:
        """Leave at least so many seconds between two spaced turns at a host, from the turn under way on."""
        self._own_spacings_s[host] = spacing_s
        self._free_at[host] = max(self._free_at[host], self._clock() + spacing_s)

    @contextlib.asynccontextmanager
    async def turn(self, host: str, *, is_spaced: bool = True) -> AsyncIterator[None]:
        """Wait for a turn at a host, and hold it while the block runs.

        Args:
            host: its name.
            is_spaced: whether it is spared: from its last such turn the spacing has passed, and up to half as much
                again by chance.
        """
        async with self._places[host]:
            spacing_s = max(self._spacing_s, self._own_spacings_s.get(host, 0.0))
            if is_spaced and spacing_s:
                now = self._clock()
                begin = max(now, self._free_at[host])
                self._free_at[host] = begin + spacing_s * (1 + self._chance() / 2)
                if begin > now:
                    await self._sleep(begin - now)
            yield
