"""The search for feeds behind an address: the address itself, what its page names, the well-known places.

Every request is as guarded and bounded as that of a collection, and every body is parsed in a process of its own.
Invariant: what is found was fetched and parsed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from sentinel.feeds.answer import Errand, FetchFailure, FetchLimits
from sentinel.feeds.charset import decode_body
from sentinel.feeds.collect import Manners, collect_feeds, open_sender_of
from sentinel.feeds.discovery import Candidate, find_candidates, well_known_urls
from sentinel.feeds.fetch import fetch
from sentinel.feeds.health import newest_published
from sentinel.feeds.hosts import Alone
from sentinel.feeds.identity import FeedItems
from sentinel.feeds.robots_gate import ROBOTS_LIMITS, RobotsGate
from sentinel.feeds.sandbox import ParseLimits, ParserPool
from sentinel.records import Feed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sentinel.feeds.answer import Answer
    from sentinel.feeds.parsed import ParseFailure
    from sentinel.records import Item, RobotsCopy

_AT_ONCE = 2  # they are mostly of one host


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed that answered and could be read.

    Attributes:
        url: its address.
        title: what the page that named it calls it; empty when none did.
        n_items: entries that could be read.
        newest: newest time they claim, aware UTC; None when they claim none.
    """

    url: str
    title: str
    n_items: int
    newest: datetime | None


@dataclass(frozen=True, slots=True)
class FeedSearch:
    """How feeds are searched for.

    Attributes:
        now: clock, aware UTC.
        manners: how sites are asked.
        allow_private: whether addresses may lie in one's own networks.
    """

    now: Callable[[], datetime]
    manners: Manners = field(default_factory=Manners)
    allow_private: bool = False
    _robots: dict[str, RobotsCopy] = field(default_factory=dict)

    def find(self, url: str, *, is_feed: bool = False) -> tuple[tuple[FoundFeed, ...], str]:
        """Find the feeds behind an address.

        A page, and a place where nobody said that there is a feed, are asked only where robots.txt allows it, as by
        any program that looks through pages. What a page names as a feed is published to be asked.

        Args:
            url: a feed, or a page of a site that has one; http or https.
            is_feed: whether it is known to be a feed, which no page is searched for.

        Returns:
            The feeds found, and where there is none, why. One that was given itself stands alone; else all that the
            page names and that can be read; else the first well-known place that holds one.
        """
        heeds_robots = self.manners.heeds_robots
        answer = asyncio.run(
            self._ask(url, heeds_robots=heeds_robots == "always" or (heeds_robots == "pages" and not is_feed))
        )
        if isinstance(answer, FetchFailure):
            return (), answer.reason
        parsed = self._parse(url, answer)
        if isinstance(parsed, FeedItems):
            return (_found(Candidate(url, ""), parsed.items),), ""
        if is_feed:
            return (), parsed.reason
        named = find_candidates(decode_body(answer.body, answer.content_type), answer.url)
        found = self._keep_feeds(named, self.manners)
        guessing = self.manners if heeds_robots == "never" else replace(self.manners, heeds_robots="always")
        for place in () if found else well_known_urls(answer.url):
            found = found or self._keep_feeds([Candidate(place, "")], guessing)
        tried = f"of the {len(named)} feeds it names none can be read" if named else "it names no feed"
        return found, "" if found else f"{parsed.reason}; {tried}, and none is in the usual places"

    async def _ask(self, url: str, *, heeds_robots: bool) -> Answer | FetchFailure:
        limits = FetchLimits(timeout_s=self.manners.timeout_s, max_body_bytes=self.manners.max_body_bytes)
        sender = open_sender_of(self.manners)
        surroundings = Alone()
        if heeds_robots:
            gate = RobotsGate(self._robots, self.now, partial(fetch, sender, limits=ROBOTS_LIMITS))
            surroundings = _AsPage(gate, allow_private=self.allow_private)
        return await fetch(sender, Errand(url, self.allow_private), limits=limits, surroundings=surroundings)

    def _parse(self, url: str, answer: Answer) -> FeedItems | ParseFailure:
        with ParserPool(1, ParseLimits()) as parsers:
            return parsers.submit(
                answer.body, content_type=answer.content_type, feed=self._as_feed(url), first_seen=self.now()
            ).result()

    def _keep_feeds(self, candidates: Sequence[Candidate], manners: Manners) -> tuple[FoundFeed, ...]:
        """Fetch candidates and keep those that are feeds."""
        named = {f"candidate-{number}": candidate for number, candidate in enumerate(candidates)}
        tried = [self._as_feed(candidate.url, name) for name, candidate in named.items()]
        few = replace(manners, n_workers=_AT_ONCE)
        collected = collect_feeds(tried, {}, now=self.now, manners=few, robots=self._robots)
        results = {result.feed: result for result in collected}
        return tuple(
            _found(candidate, results[name].items)
            for name, candidate in named.items()
            if results[name].outcome != "failed"
        )

    def _as_feed(self, url: str, name: str = "candidate") -> Feed:
        return Feed(name=name, url=url, kind="", allow_private=self.allow_private)


class _AsPage(Alone):
    """The surroundings of a page that is asked for by itself, and only where robots.txt allows it."""

    def __init__(self, gate: RobotsGate, *, allow_private: bool) -> None:
        self._gate = gate
        self._allow_private = allow_private

    async def refusal(self, url: str) -> str:
        """Ask the robots.txt of its host."""
        return await self._gate.refusal(url, allow_private=self._allow_private)


def _found(candidate: Candidate, items: Sequence[Item]) -> FoundFeed:
    return FoundFeed(candidate.url, candidate.title, len(items), newest_published(items))
