"""Give every item its story, one item after the other, remembering no more than a window of time.

Comes in: items in order of ``first_seen``. Goes out: the story of each, named by the item that leads it. Nothing is
looked at but titles and times, and an item's story depends only on those that came before it, so that any split of
the same order over several runs gives the same stories.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from sentinel.stories.headline import Headline, read_headline
from sentinel.stories.likeness import MIN_LIKENESS, contradict, likeness

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sentinel.records import StoryItem

WINDOW = timedelta(hours=72)
"""A story takes in what is first seen, and published, at most this long before or after its lead."""
REWRITE_WINDOW = timedelta(hours=18)
MIN_LATE_LIKENESS = 0.7
"""Least likeness beyond REWRITE_WINDOW, when the daily reports of a market come back in almost the same words."""
MAX_OPEN_STORIES = 40_000
"""Of more stories within the window the oldest are closed early, so that memory stays bounded."""
MAX_CANDIDATES = 80
"""An item is compared with at most so many stories, those first that share its rarest words, the newest first."""
_READ_AT_ONCE = 4_096
"""Headlines taken apart that are kept: a story remembers its words alone, and is read again where it is alike."""

_read = lru_cache(_READ_AT_ONCE)(read_headline)


@dataclass(eq=False, slots=True)
class _Story:
    """A story, and no more of it than what finds it again: there may be very many.

    Attributes:
        weights: what each token of its lead counts.
        total: their sum.
        titles: what it was told by, each headline once.
        keys: the keys of those, in their order.
    """

    lead: StoryItem
    weights: dict[str, float]
    total: float
    titles: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    is_open: bool = True

    def reaches(self, item: StoryItem) -> bool:
        """Tell whether an item is near enough in time, by first_seen and by what the feeds claim."""
        if abs(item.first_seen - self.lead.first_seen) > WINDOW:
            return False
        if item.published is None or self.lead.published is None:
            return True
        return abs(item.published - self.lead.published) <= WINDOW

    def order(self) -> tuple[datetime, str]:
        return self.lead.first_seen, self.lead.item_id


class _Queue:
    """Open stories in order of their beginning, which end at the front and are looked at from the back.

    Most tokens stand in one story or two, where a deque takes ten times the place.
    """

    __slots__ = ("_n_gone", "_stories")

    def __init__(self) -> None:
        self._stories: list[_Story] = []
        self._n_gone = 0

    def __len__(self) -> int:
        return len(self._stories) - self._n_gone

    def append(self, story: _Story) -> None:
        self._stories.append(story)

    def newest_first(self) -> Iterator[_Story]:
        return (self._stories[place] for place in range(len(self._stories) - 1, self._n_gone - 1, -1))

    def drop_closed(self) -> None:
        while self._n_gone < len(self._stories) and not self._stories[self._n_gone].is_open:
            self._n_gone += 1
        if 2 * self._n_gone > len(self._stories):
            del self._stories[: self._n_gone]
            self._n_gone = 0


class StoryWindow:
    """The stories that may still take in an item."""

    def __init__(self) -> None:
        self._open: dict[str, _Story] = {}
        self._by_age: list[tuple[datetime, str]] = []
        self._by_key: dict[str, list[_Story]] = {}
        self._by_token: dict[str, _Queue] = {}

    def __len__(self) -> int:
        """Count the open stories."""
        return len(self._open)

    def restore(self, item: StoryItem, lead: StoryItem) -> None:
        """Take in an item whose story is known already; what is there is not added twice.

        Args:
            item: the item.
            lead: the item that leads its story.
        """
        story = self._open.get(lead.item_id) or self._begin(lead, _read(lead.title))
        if item.item_id != lead.item_id:
            self._extend(story, item, _read(item.title))

    def place(self, item: StoryItem) -> str:
        """Choose the story of a new item and take it in.

        Args:
            item: an item first seen no earlier than those placed before, unless it is told so late that its time has
                passed; stories that lead after it are open to it as well.

        Returns:
            The id of the story's lead; the item's own where it begins a story.
        """
        headline = _read(item.title)
        story = self._copied(item, headline) or self._most_alike(item, headline) or self._begin(item, headline)
        self._extend(story, item, headline)
        return story.lead.item_id

    def close_before(self, moment: datetime) -> None:
        """Forget the stories whose window has passed at a moment, and the oldest of too many."""
        while self._by_age and (self._by_age[0][0] < moment - WINDOW or len(self._open) > MAX_OPEN_STORIES):
            self._close(self._open.pop(heapq.heappop(self._by_age)[1]))

    def _begin(self, lead: StoryItem, headline: Headline) -> _Story:
        story = _Story(lead, headline.weights, headline.total)
        self._open[lead.item_id] = story
        heapq.heappush(self._by_age, story.order())
        for token in headline.weights:
            self._by_token.setdefault(token, _Queue()).append(story)
        self._extend(story, lead, headline)
        return story

    def _extend(self, story: _Story, item: StoryItem, headline: Headline) -> None:
        holders = self._by_key.setdefault(headline.key, []) if headline.key else [story]
        if story not in holders:
            holders.append(story)
            story.titles.append(item.title)
            story.keys.append(headline.key)

    def _close(self, story: _Story) -> None:
        story.is_open = False
        for key in story.keys:
            self._by_key[key].remove(story)
            if not self._by_key[key]:
                del self._by_key[key]
        for token in story.weights:
            stories = self._by_token[token]
            stories.drop_closed()
            if not stories:
                del self._by_token[token]

    def _copied(self, item: StoryItem, headline: Headline) -> _Story | None:
        """Find the first story in reach that holds the same headline."""
        stories = (story for story in self._by_key.get(headline.key, ()) if story.reaches(item))
        return min(stories, key=_Story.order, default=None)

    def _most_alike(self, item: StoryItem, headline: Headline) -> _Story | None:
        """Find the story whose lead is most alike, the earliest of equals, and no headline of which contradicts."""
        found = []
        for story in self._candidates(headline):
            alike = likeness(headline, story)
            is_near = abs(item.first_seen - story.lead.first_seen) <= REWRITE_WINDOW
            if alike >= (MIN_LIKENESS if is_near else MIN_LATE_LIKENESS) and story.reaches(item):
                found.append((-alike, *story.order(), story))
        for *_, story in sorted(found, key=lambda row: row[:3]):
            if not any(contradict(headline, _read(title)) for title in story.titles):
                return story
        return None

    def _candidates(self, headline: Headline) -> Iterator[_Story]:
        """Give the stories that can be alike enough: they share one of the rarest tokens.

        Whatever shares MIN_LIKENESS of the weight of two headlines shares at least that part of either's own, so it has
        one of any tokens that together weigh more than the rest.

        Source: Bayardo, Ma and Srikant 2007, "Scaling Up All Pairs Similarity Search" (prefix filtering).
        """
        uncovered = (1.0 - MIN_LIKENESS) * headline.total
        seen: set[int] = set()
        for token in sorted(headline.weights, key=lambda token: (len(self._by_token.get(token, ())), token)):
            for story in self._by_token[token].newest_first() if token in self._by_token else ():
                if story.is_open and id(story) not in seen:
                    seen.add(id(story))
                    yield story
                    if len(seen) == MAX_CANDIDATES:
                        return
            uncovered -= headline.weights[token]
            if uncovered < 0:
                return
