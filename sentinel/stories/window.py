"""Give every item its story, one item after the other, remembering no more than a window of time.

Comes in: items in order of ``first_seen``. Goes out: the story of each, named by the item that leads it. Nothing is
looked at but titles and times, and an item's story depends only on those that came before it, so that any split of
the same order over several runs gives the same stories.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
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
MAX_OPEN_STORIES = 150_000
"""Of more stories within the window the oldest are closed early, so that memory stays bounded."""
MAX_CANDIDATES = 80
"""An item is compared with at most so many stories, those first that share its rarest words, the newest first."""


@dataclass(eq=False, slots=True)
class _Story:
    lead: StoryItem
    headline: Headline
    headlines: dict[str, Headline] = field(default_factory=dict)
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


class StoryWindow:
    """The stories that may still take in an item."""

    def __init__(self) -> None:
        self._open: dict[str, _Story] = {}
        self._by_age: list[tuple[datetime, str]] = []
        self._by_key: dict[str, list[_Story]] = {}
        self._by_token: dict[str, deque[_Story]] = {}

    def __len__(self) -> int:
        """Count the open stories."""
        return len(self._open)

    def restore(self, item: StoryItem, lead: StoryItem) -> None:
        """Take in an item whose story is known already; what is there is not added twice.

        Args:
            item: the item.
            lead: the item that leads its story.
        """
        story = self._open.get(lead.item_id) or self._begin(lead, read_headline(lead.title))
        if item.item_id != lead.item_id:
            self._extend(story, read_headline(item.title))

    def place(self, item: StoryItem) -> str:
        """Choose the story of a new item and take it in.

        Args:
            item: an item first seen no earlier than those placed before, unless it is told so late that its time has
                passed; stories that lead after it are open to it as well.

        Returns:
            The id of the story's lead; the item's own where it begins a story.
        """
        headline = read_headline(item.title)
        story = self._copied(item, headline) or self._most_alike(item, headline) or self._begin(item, headline)
        self._extend(story, headline)
        return story.lead.item_id

    def close_before(self, moment: datetime) -> None:
        """Forget the stories whose window has passed at a moment, and the oldest of too many."""
        while self._by_age and (self._by_age[0][0] < moment - WINDOW or len(self._open) > MAX_OPEN_STORIES):
            self._close(self._open.pop(heapq.heappop(self._by_age)[1]))

    def _begin(self, lead: StoryItem, headline: Headline) -> _Story:
        story = _Story(lead, headline)
        self._open[lead.item_id] = story
        heapq.heappush(self._by_age, story.order())
        for token in headline.weights:
            self._by_token.setdefault(token, deque()).append(story)
        self._extend(story, headline)
        return story

    def _extend(self, story: _Story, headline: Headline) -> None:
        if headline.key and headline.key not in story.headlines:
            story.headlines[headline.key] = headline
            self._by_key.setdefault(headline.key, []).append(story)

    def _close(self, story: _Story) -> None:
        story.is_open = False
        for key in story.headlines:
            self._by_key[key].remove(story)
            if not self._by_key[key]:
                del self._by_key[key]
        for token in story.headline.weights:
            stories = self._by_token.get(token, deque())
            while stories and not stories[0].is_open:
                stories.popleft()
            if not stories:
                self._by_token.pop(token, None)

    def _copied(self, item: StoryItem, headline: Headline) -> _Story | None:
        """Find the first story in reach that holds the same headline."""
        stories = (story for story in self._by_key.get(headline.key, ()) if story.reaches(item))
        return min(stories, key=_Story.order, default=None)

    def _most_alike(self, item: StoryItem, headline: Headline) -> _Story | None:
        """Find the story whose lead is most alike, the earliest of equals, and no headline of which contradicts."""
        found = []
        for story in self._candidates(headline):
            alike = likeness(headline, story.headline)
            is_near = abs(item.first_seen - story.lead.first_seen) <= REWRITE_WINDOW
            if alike >= (MIN_LIKENESS if is_near else MIN_LATE_LIKENESS) and story.reaches(item):
                found.append((-alike, *story.order(), story))
        for *_, story in sorted(found, key=lambda row: row[:3]):
            if not any(contradict(headline, told) for told in story.headlines.values()):
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
            for story in reversed(self._by_token.get(token, ())):
                if story.is_open and id(story) not in seen:
                    seen.add(id(story))
                    yield story
                    if len(seen) == MAX_CANDIDATES:
                        return
            uncovered -= headline.weights[token]
            if uncovered < 0:
                return
