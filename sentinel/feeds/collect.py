"""Collection of many feeds at once: one FeedResult each, in the configured order.

In: feeds and what is remembered of them. Out: results with items and the state to store in the same
transaction. Invariant: a failing feed is a value and delays no other; a bug is an exception; validators
change only with a body that parsed whole.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from collections import defaultdict, deque
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING

from sentinel.feeds.fetch import (
    Answer,
    FetchFailure,
    FetchLimits,
    build_user_agent,
    fetch,
    host_of,
    open_transport,
)
from sentinel.feeds.parsed import ParseFailure
from sentinel.feeds.sandbox import ParseLimits, ParserPool
from sentinel.records import ITEM_COLUMNS, FeedResult, FeedState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    import pandas as pd

    from sentinel.feeds.identity import FeedItems
    from sentinel.records import Feed, Item

_MAX_PER_HOST = 2
_RESULTS_AHEAD = 16
"""Results kept per feed at work while an earlier feed is still awaited: bounds memory, keeps the order."""


def collect_feeds(
    feeds: Sequence[Feed],
    states: Mapping[str, FeedState],
    *,
    now: Callable[[], datetime],
    contact: str,
    n_workers: int = 8,
    timeout_s: float = 30.0,
    max_body_bytes: int = 15_000_000,
) -> Iterator[FeedResult]:
    """Fetch and parse feeds, several at once, and yield one result each in the order of ``feeds``.

    Works on while the caller stores a result; stopping early ends what is under way.

    Args:
        feeds: what to collect; names are unique.
        states: what is remembered, by name of the feed; a feed never seen before is absent.
        now: clock, aware UTC; called once per feed when its answer is there, from another thread.
        contact: address or page in the User-Agent for the owners of feeds; "" for none.
        n_workers: feeds at work at once, at least 1.
        timeout_s: deadline for the whole fetch of one feed, in seconds.
        max_body_bytes: cap on one decompressed body.

    Yields:
        Results: fetched, unchanged or failed; never an exception for a feed that fails.
    """
    limits = FetchLimits(timeout_s=timeout_s, max_body_bytes=max_body_bytes)
    with ParserPool(min(n_workers, os.cpu_count() or 1), ParseLimits()) as parsers, _loop_thread() as loop:
        collector = _Collector(parsers, limits, now=now, user_agent=build_user_agent(contact), n_workers=n_workers)
        ahead: deque[Future[FeedResult]] = deque()
        for feed in feeds:
            visit = collector.collect(feed, states.get(feed.name))
            ahead.append(asyncio.run_coroutine_threadsafe(visit, loop))
            if len(ahead) >= n_workers * _RESULTS_AHEAD:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


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
        limits: FetchLimits,
        *,
        now: Callable[[], datetime],
        user_agent: str,
        n_workers: int,
    ) -> None:
        self._parsers = parsers
        self._limits = limits
        self._now = now
        self._user_agent = user_agent
        self._transport = open_transport()
        self._places = asyncio.Semaphore(n_workers)
        self._hosts: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(_MAX_PER_HOST))

    async def collect(self, feed: Feed, state: FeedState | None) -> FeedResult:
        """Fetch and parse one feed. Who waits for a busy host holds no place that others could use."""
        async with self._hosts[host_of(feed.url)], self._places:
            started_s = time.monotonic()
            answer = await fetch(self._transport, feed, state, user_agent=self._user_agent, limits=self._limits)
            moment = self._now()
            known = state or FeedState(feed=feed.name, url=feed.url)
            if isinstance(answer, FetchFailure):
                result = _failed(known, moment, answer.reason, answer.status)
            elif answer.not_modified:
                result = _unchanged(known, moment, answer)
            else:
                parsed = await asyncio.wrap_future(
                    self._parsers.submit(answer.body, content_type=answer.content_type, feed=feed, first_seen=moment)
                )
                result = _parsed(feed, known, moment, answer, parsed)
            return replace(result, elapsed_s=time.monotonic() - started_s)


def _failed(known: FeedState, moment: datetime, reason: str, status: int) -> FeedResult:
    """Count a failure; validators stay as they were."""
    state = replace(known, checked_at=moment, n_failures=known.n_failures + 1, reason=reason)
    return FeedResult(feed=known.feed, outcome="failed", reason=reason, state=state, http_status=status)


def _unchanged(known: FeedState, moment: datetime, answer: Answer) -> FeedResult:
    """Keep the validators, or take the newer ones a 304 may carry (RFC 9111 4.3.4)."""
    state = replace(
        known,
        etag=answer.validator("etag") or known.etag,
        last_modified=answer.validator("last-modified") or known.last_modified,
        checked_at=moment,
        succeeded_at=moment,
        n_failures=0,
        reason="",
    )
    return FeedResult(feed=known.feed, outcome="unchanged", reason="", state=state, http_status=answer.status)


def _parsed(
    feed: Feed, known: FeedState, moment: datetime, answer: Answer, parsed: FeedItems | ParseFailure
) -> FeedResult:
    """Take items and validators; of a body that was cut off the whole items, so that the next try sees the rest."""
    if isinstance(parsed, ParseFailure):
        return _failed(known, moment, parsed.reason, answer.status)
    if parsed.truncated:
        reason = f"the body is cut off; whole items kept: {len(parsed.items)}"
        failed = _failed(known, moment, reason, answer.status)
        return replace(failed, items=parsed.items, n_skipped=parsed.n_skipped)
    state = FeedState(
        feed=feed.name,
        url=feed.url,
        etag=answer.validator("etag"),
        last_modified=answer.validator("last-modified"),
        checked_at=moment,
        succeeded_at=moment,
    )
    return FeedResult(
        feed=feed.name,
        outcome="fetched",
        reason="",
        state=state,
        items=parsed.items,
        n_skipped=parsed.n_skipped,
        http_status=answer.status,
    )


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
