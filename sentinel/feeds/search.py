"""The search for feeds behind an address: the address itself, what its page names, the well-known places.

Every request is as guarded and bounded as that of a collection, and every body is parsed in a process of its own.
Invariant: what is found was fetched and parsed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sentinel.feeds.charset import decode_body
from sentinel.feeds.collect import collect_feeds
from sentinel.feeds.discovery import Candidate, find_candidates, well_known_urls
from sentinel.feeds.fetch import FetchFailure, FetchLimits, build_user_agent, fetch, open_transport
from sentinel.feeds.health import newest_published
from sentinel.feeds.identity import FeedItems
from sentinel.feeds.sandbox import ParseLimits, ParserPool
from sentinel.records import Feed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sentinel.feeds.fetch import Answer
    from sentinel.feeds.parsed import ParseFailure
    from sentinel.records import Item

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
        contact: address or page in the User-Agent; "" for none.
        timeout_s: deadline for each request, in seconds.
        max_body_bytes: cap on one decompressed body.
        allow_private: whether addresses may lie in one's own networks.
    """

    now: Callable[[], datetime]
    contact: str = ""
    timeout_s: float = 30.0
    max_body_bytes: int = 15_000_000
    allow_private: bool = False

    def find(self, url: str) -> tuple[tuple[FoundFeed, ...], str]:
        """Find the feeds behind an address.

        Args:
            url: a feed, or a page of a site that has one; http or https.

        Returns:
            The feeds found, and where there is none, why. One that was given itself stands alone; else all that the
            page names and that can be read; else the first well-known place that holds one.
        """
        answer = asyncio.run(self._ask(url))
        if isinstance(answer, FetchFailure):
            return (), answer.reason
        parsed = self._parse(url, answer)
        if isinstance(parsed, FeedItems):
            return (_found(Candidate(url, ""), parsed.items),), ""
        named = find_candidates(decode_body(answer.body, answer.content_type), answer.url)
        found = self._keep_feeds(named)
        for place in () if found else well_known_urls(answer.url):
            found = found or self._keep_feeds([Candidate(place, "")])
        tried = f"of the {len(named)} feeds it names none can be read" if named else "it names no feed"
        return found, "" if found else f"{parsed.reason}; {tried}, and none is in the usual places"

    async def _ask(self, url: str) -> Answer | FetchFailure:
        limits = FetchLimits(timeout_s=self.timeout_s, max_body_bytes=self.max_body_bytes)
        user_agent = build_user_agent(self.contact)
        return await fetch(open_transport(), self._as_feed(url), None, user_agent=user_agent, limits=limits)

    def _parse(self, url: str, answer: Answer) -> FeedItems | ParseFailure:
        with ParserPool(1, ParseLimits()) as parsers:
            return parsers.submit(
                answer.body, content_type=answer.content_type, feed=self._as_feed(url), first_seen=self.now()
            ).result()

    def _keep_feeds(self, candidates: Sequence[Candidate]) -> tuple[FoundFeed, ...]:
        """Fetch candidates and keep those that are feeds."""
        results = collect_feeds(
            [self._as_feed(candidate.url, f"candidate-{number}") for number, candidate in enumerate(candidates)],
            {},
            now=self.now,
            contact=self.contact,
            n_workers=_AT_ONCE,
            timeout_s=self.timeout_s,
            max_body_bytes=self.max_body_bytes,
        )
        pairs = zip(candidates, results, strict=True)
        return tuple(_found(candidate, result.items) for candidate, result in pairs if result.outcome != "failed")

    def _as_feed(self, url: str, name: str = "candidate") -> Feed:
        return Feed(name=name, url=url, kind="", allow_private=self.allow_private)


def _found(candidate: Candidate, items: Sequence[Item]) -> FoundFeed:
    return FoundFeed(candidate.url, candidate.title, len(items), newest_published(items))
