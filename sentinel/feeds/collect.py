"""Collection of many feeds at once: one FeedResult each, as soon as it is there.

In: feeds and what is remembered of them. Out: results with items and the state to store in the same
transaction. What is decided about a feed is in verdict.py; here is who waits for what. Invariant: a failing
feed is a value and delays no other; a bug is an exception.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import queue
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from sentinel.feeds.answer import FetchFailure, FetchLimits
from sentinel.feeds.fetch import fetch, host_of, is_same_origin, open_sender
from sentinel.feeds.hosts import Alone, HostTurns
from sentinel.feeds.robots_gate import ROBOTS_LIMITS, RobotsGate
from sentinel.feeds.sandbox import ParseLimits, ParserPool
from sentinel.feeds.verdict import Judge, known_state
from sentinel.records import ITEM_COLUMNS, FeedResult

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
    from contextlib import AbstractAsyncContextManager, AsyncExitStack
    from datetime import datetime

    import pandas as pd

    from sentinel.feeds.answer import Answer, Errand
    from sentinel.feeds.fetch import Sender
    from sentinel.kinds import RobotsRule
    from sentinel.records import Credentials, Feed, FeedState, Item, RobotsCopy

Claim: TypeAlias = "Callable[[str], tuple[bool, FeedState | None]]"
"""Asks for a feed, by its name, just before it is fetched: whether it may be, and what is remembered of it now.

Called from other threads, several at once.
"""

_RESULTS_AHEAD = 4
"""Results per feed at work that may wait for the caller before no more feeds are asked: bounds memory."""
_MAX_BATCH = 64
_LARGE_BODIES = 6
"""Bodies over a megabyte that may be in memory at once, parsing included."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How feeds are asked.

    Attributes:
        contact: address or page in the User-Agent for the owners of feeds; "" for none.
        n_workers: feeds at work at once, at least 1.
        timeout_s: deadline for the whole fetch of one feed, in seconds.
        max_body_bytes: cap on one body, as it comes and decompressed.
        host_spacing_s: seconds between two requests to a host; feeds in one's own networks (allow_private) are
            not held up by it.
        asks_all: whether feeds are asked that are not due, or gone.
        heeds_reservations: whether headlines are left where their publisher reserves them.
        heeds_robots: of what robots.txt is asked: nothing, all but feeds, or feeds as well.
        credentials: by the name that a feed gives as ``auth``.
        proxy: http or https address of a proxy; "" for none.
        proxy_credentials: for the proxy.
    """

    contact: str = ""
    n_workers: int = 32
    timeout_s: float = 30.0
    max_body_bytes: int = 15_000_000
    host_spacing_s: float = 0.0
    asks_all: bool = False
    heeds_reservations: bool = False
    heeds_robots: RobotsRule = "pages"
    credentials: Mapping[str, Credentials] = field(default_factory=dict, repr=False)
    proxy: str = ""
    proxy_credentials: Credentials | None = field(default=None, repr=False)


def collect_feeds(
    feeds: Sequence[Feed],
    states: Mapping[str, FeedState],
    *,
    now: Callable[[], datetime],
    manners: Manners,
    robots: MutableMapping[str, RobotsCopy] | None = None,
) -> Iterator[FeedResult]:
    """Fetch and parse feeds as ``collect_in_batches`` does, and yield the results one by one."""
    for batch in collect_in_batches(feeds, states, now=now, manners=manners, robots=robots):
        yield from batch


def collect_in_batches(
    feeds: Sequence[Feed],
    states: Mapping[str, FeedState],
    *,
    now: Callable[[], datetime],
    manners: Manners,
    claim: Claim | None = None,
    robots: MutableMapping[str, RobotsCopy] | None = None,
) -> Iterator[list[FeedResult]]:
    """Fetch and parse feeds, several at once, and yield one result each as soon as it is there.

    Works on while the caller stores results, which then come together: the longer a transaction takes, the more
    of them it is for. Stopping early ends what is under way.

    Args:
        feeds: what to collect; names are unique.
        states: what is remembered, by name of the feed; a feed never seen before is absent.
        now: clock, aware UTC; called from another thread before a feed is asked and when its answer is there.
        manners: how feeds are asked.
        claim: where other collectors share the feeds: lets one of them have a feed; None where there are none.
        robots: what is remembered of the robots.txt of hosts, by origin; fresh ones are put there.

    Yields:
        Those that are there, at least one: fetched, unchanged, failed or not due; never an exception for a feed
        that fails.
    """
    ready: queue.SimpleQueue[Future[FeedResult]] = queue.SimpleQueue()
    n_parsers = min(manners.n_workers, os.cpu_count() or 1)
    with ParserPool(n_parsers, ParseLimits()) as parsers, _loop_thread() as loop:
        collector = _Collector(parsers, manners, now, claim, {} if robots is None else robots)
        for feed in feeds:
            visit = collector.collect(feed, states.get(feed.name))
            asyncio.run_coroutine_threadsafe(visit, loop).add_done_callback(ready.put)
        n_left = len(feeds)
        while n_left:
            batch = [ready.get().result()]
            while len(batch) < _MAX_BATCH and not ready.empty():
                batch.append(ready.get().result())
            n_left -= len(batch)
            yield batch
            for _ in batch:
                loop.call_soon_threadsafe(collector.results_ahead.release)


@contextlib.contextmanager
def _loop_thread() -> Iterator[asyncio.AbstractEventLoop]:
    """Run an event loop in a thread of its own; its tasks are cancelled at the end.

    The caller may have a loop already, and deadlines must hold while it is busy with a result.
    """
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def stay() -> None:
        stop = asyncio.Event()
        started.set_result((asyncio.get_running_loop(), stop))
        await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(stay()), name="collect", daemon=True)
    thread.start()
    loop, stop = started.result()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


class _Collector:
    """What the feeds of one run share: connections, parsers, limits and places in the queue."""

    def __init__(
        self,
        parsers: ParserPool,
        manners: Manners,
        now: Callable[[], datetime],
        claim: Claim | None,
        robots: MutableMapping[str, RobotsCopy],
    ) -> None:
        self._parsers = parsers
        self._manners = manners
        self._now = now
        self._claim = claim
        self._limits = FetchLimits(timeout_s=manners.timeout_s, max_body_bytes=manners.max_body_bytes)
        self._sender = open_sender_of(manners)
        self._places = asyncio.Semaphore(manners.n_workers)
        self._turns = HostTurns(manners.host_spacing_s)
        self._large_bodies = asyncio.Semaphore(_LARGE_BODIES)
        self._gate = RobotsGate(robots, now, self._ask_robots, self._slow_down)
        self.results_ahead = asyncio.Semaphore(manners.n_workers * _RESULTS_AHEAD)

    async def collect(self, feed: Feed, state: FeedState | None) -> FeedResult:
        """Fetch and parse one feed, if it is to be asked.

        Who waits for a busy host holds no place that others could use.
        """
        known = known_state(feed, state)
        judge = self._judge(feed, known)
        unasked = None if self._manners.asks_all else judge.without_asking()
        if unasked is not None:
            await self.results_ahead.acquire()
            return unasked
        is_spaced = not feed.allow_private
        async with self._turns.turn(host_of(known.address), is_spaced=is_spaced), self._places:
            await self.results_ahead.acquire()
            if self._claim is not None:
                is_mine, state = await asyncio.to_thread(self._claim, feed.name)
                if not is_mine:
                    return FeedResult(feed.name, "not due", "another collector is asking it", known)
                judge = self._judge(feed, known_state(feed, state))
                unasked = None if self._manners.asks_all else judge.without_asking()
                if unasked is not None:
                    return unasked
            async with contextlib.AsyncExitStack() as held:
                started_s = time.monotonic()
                shared = _Shared(self._turns, self._large_bodies, held, self._refusal(feed), is_spaced=is_spaced)
                result = await self._ask(judge, shared)
                return replace(result, elapsed_s=time.monotonic() - started_s)

    def _judge(self, feed: Feed, known: FeedState) -> Judge:
        return Judge(feed, known, self._now(), self._manners.heeds_reservations, is_same_origin)

    def _refusal(self, feed: Feed) -> Callable[[str], Awaitable[str]] | None:
        if self._manners.heeds_robots != "always":
            return None
        return partial(self._gate.refusal, allow_private=feed.allow_private)

    async def _ask_robots(self, errand: Errand) -> Answer | FetchFailure:
        """Ask for a robots.txt; whoever needs it holds a turn at its host."""
        surroundings = _InTurn(self._turns, is_spaced=not errand.allow_private)
        return await fetch(self._sender, errand, limits=ROBOTS_LIMITS, surroundings=surroundings)

    def _slow_down(self, origin: str, spacing_s: float) -> None:
        self._turns.slow_down(host_of(origin), spacing_s)

    async def _ask(self, before: Judge, surroundings: _Shared) -> FeedResult:
        feed = before.feed
        errand = before.errand(_authorization(self._manners.credentials.get(feed.auth)))
        answer = await fetch(self._sender, errand, limits=self._limits, surroundings=surroundings)
        judge = self._judge(feed, before.known)
        if isinstance(answer, FetchFailure):
            return judge.failed(answer)
        if answer.not_modified:
            return judge.unchanged(answer)
        parsed = await asyncio.wrap_future(
            self._parsers.submit(
                answer.body, content_type=answer.content_type, url=answer.url, feed=feed, first_seen=judge.now
            )
        )
        return judge.parsed(answer, parsed)


class _InTurn(Alone):
    """A fetch that shares hosts with others."""

    def __init__(self, turns: HostTurns, *, is_spaced: bool) -> None:
        self._turns = turns
        self._is_spaced = is_spaced

    def turn(self, host: str) -> AbstractAsyncContextManager[None]:
        """Give a turn at a host that it was redirected to."""
        return self._turns.turn(host, is_spaced=self._is_spaced)


class _Shared(_InTurn):
    """What the fetch of a feed shares with the others; what it takes is given back when ``held`` closes."""

    def __init__(
        self,
        turns: HostTurns,
        large_bodies: asyncio.Semaphore,
        held: AsyncExitStack,
        ask_robots: Callable[[str], Awaitable[str]] | None,
        *,
        is_spaced: bool,
    ) -> None:
        super().__init__(turns, is_spaced=is_spaced)
        self._large_bodies = large_bodies
        self._held = held
        self._ask_robots = ask_robots

    async def room(self) -> None:
        """Wait until few enough large bodies are in memory."""
        await self._held.enter_async_context(self._large_bodies)

    async def refusal(self, url: str) -> str:
        """Ask robots.txt, where feeds have to be allowed by it."""
        reason = await self._ask_robots(url) if self._ask_robots else ""
        return f"{reason}, and respect_robots is always" if reason else ""


def open_sender_of(manners: Manners) -> Sender:
    """Make what sends requests in these manners."""
    login = manners.proxy_credentials
    return open_sender(
        manners.contact, proxy=manners.proxy, proxy_login=(login.user, login.password) if login else None
    )


def _authorization(credentials: Credentials | None) -> str:
    """Write the header for credentials. Source: RFC 7617 2 (Basic), RFC 6750 2.1 (Bearer)."""
    if credentials is None:
        return ""
    if credentials.token:
        return f"Bearer {credentials.token}"
    pair = base64.b64encode(f"{credentials.user}:{credentials.password}".encode()).decode("ascii")
    return f"Basic {pair}"


def build_items_frame(items: Iterable[Item]) -> pd.DataFrame:
    """Put items into a frame.

    Args:
        items: any number, in any order.

    Returns:
        Columns ITEM_COLUMNS, one row per item in the order given: ``published`` and ``first_seen`` are
        datetime64[us, UTC] (``published`` NaT where the feed gave none), the others str.
    """
    import pandas as pd

    rows = list(items)
    columns = {}
    for name in ITEM_COLUMNS:
        dtype = "datetime64[us, UTC]" if name in ("published", "first_seen") else "str"
        columns[name] = pd.Series([getattr(row, name) for row in rows], dtype=dtype)
    return pd.DataFrame(columns)
