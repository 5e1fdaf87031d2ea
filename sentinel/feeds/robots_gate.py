"""Whether an address may be asked by the robots.txt of its host, which is fetched when nobody knows it yet.

In: copies from earlier runs and a way to ask. Out: a reason, or ""; and the copies as they are now. Invariant: a
host's robots.txt is asked for at most once in a run, and a copy is believed for a day (RFC 9309 2.4).
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sentinel.feeds.answer import Errand, FetchFailure, FetchLimits
from sentinel.feeds.robots import MAX_ROBOTS_BYTES, RobotRules, parse_robots
from sentinel.records import RobotsCopy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping
    from datetime import datetime

    from sentinel.feeds.answer import Answer

ROBOTS_LIMITS = FetchLimits(
    timeout_s=10.0, connect_timeout_s=5.0, max_body_bytes=MAX_ROBOTS_BYTES, max_redirects=5, keeps_beginning=True
)
"""Less time than a feed has, which waits for it."""
_BELIEVED_FOR = timedelta(hours=24)
_NOT_NOW = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT})
"""Of the statuses 400-499, which say that there is no robots.txt, those that say something else."""


@dataclass(slots=True)
class RobotsGate:
    """What is known of the robots.txt of each host. Used by one event loop.

    Attributes:
        copies: by origin; fresh ones are put there.
        now: clock, aware UTC.
        ask: sends a request for a robots.txt, within ROBOTS_LIMITS.
        slow_down: told of an origin's crawl delay in seconds.
    """

    copies: MutableMapping[str, RobotsCopy]
    now: Callable[[], datetime]
    ask: Callable[[Errand], Awaitable[Answer | FetchFailure]]
    slow_down: Callable[[str, float], None] = lambda _origin, _delay_s: None
    _known: dict[tuple[str, bool], RobotRules | str] = field(default_factory=dict)
    _locks: defaultdict[tuple[str, bool], asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def refusal(self, url: str, *, allow_private: bool) -> str:
        """Say why an address is to be left alone; "" where it is not.

        Args:
            url: http or https, in one form: a small host, no port that goes without saying, no credentials.
            allow_private: whether its host may lie in one's own networks.
        """
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        key = (origin, allow_private)
        async with self._locks[key]:
            if key not in self._known:
                self._known[key] = await self._look_up(origin, allow_private=allow_private)
        known = self._known[key]
        if isinstance(known, str):
            return known
        if known.crawl_delay_s:
            self.slow_down(origin, known.crawl_delay_s)
        rule = known.refusal(url)
        return f"the robots.txt of its host forbids it ({rule})" if rule else ""

    async def _look_up(self, origin: str, *, allow_private: bool) -> RobotRules | str:
        """Give the rules of a host, or why there are none to go by."""
        copy, now = self.copies.get(origin), self.now()
        if copy is not None and copy.fetched_at <= now < copy.fetched_at + _BELIEVED_FOR:
            return parse_robots(copy.rules.encode())
        rules = read_answer(await self.ask(Errand(f"{origin}/robots.txt", allow_private)))
        if isinstance(rules, RobotRules):
            self.copies[origin] = RobotsCopy(origin, now, rules.to_text())
        elif copy is not None:  # an old copy counts while the host cannot say otherwise (RFC 9309 2.4)
            return parse_robots(copy.rules.encode())
        return rules


def read_answer(answer: Answer | FetchFailure) -> RobotRules | str:
    """Tell what an answer to a request for robots.txt means.

    Args:
        answer: as it came.

    Returns:
        The rules: none where there is no such file, or redirects lead nowhere; or a reason to ask nothing of the host,
        because it could not say.

    Source: RFC 9309 2.3.1.2 (redirects), 2.3.1.3 (unavailable: 400-499), 2.3.1.4 (unreachable). 408 and 429 are no
    statement about the file, and who is told that he asks too much asks nothing more.
    """
    if not isinstance(answer, FetchFailure):
        return parse_robots(answer.body)
    is_absent = HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.INTERNAL_SERVER_ERROR
    if is_absent and answer.status not in _NOT_NOW:
        return RobotRules()
    return f"the robots.txt of its host cannot be read, which forbids everything for now ({answer.reason})"
