"""Turns at hosts: few connections to each at a time, and a while between two requests."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

MAX_CONNECTIONS = 2


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

    @contextlib.asynccontextmanager
    async def turn(self, host: str, *, is_spaced: bool = True) -> AsyncIterator[None]:
        """Wait for a turn at a host, and hold it while the block runs.

        Args:
            host: its name.
            is_spaced: whether it is spared: from its last such turn the spacing has passed, and up to half as much
                again by chance.
        """
        async with self._places[host]:
            if is_spaced and self._spacing_s:
                now = self._clock()
                begin = max(now, self._free_at[host])
                self._free_at[host] = begin + self._spacing_s * (1 + self._chance() / 2)
                if begin > now:
                    await self._sleep(begin - now)
            yield
