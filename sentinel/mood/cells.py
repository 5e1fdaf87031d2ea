"""Two days beside each other: what each feed weighs in each story, by topic."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sentinel.mood.shrinkage import effective_stories
from sentinel.mood.sums import joint_codes, sum_by

if TYPE_CHECKING:
    from sentinel.mood.memberships import Spread


@dataclass(frozen=True)
class Cells:
    """Sums of two days, the day before and the day, per topic, feed and story.

    Arrays of two days have shape (2, n). A cell belongs to one source (a feed in a topic) and one tale (a story in a
    topic).

    Attributes:
        n_topics: how many topics there are.
        w: float of shape (2, n_cells), sum of weights.
        ws: float of shape (2, n_cells), sum of weight times polarity.
        story: int of shape (n_cells,), the story.
        source: int of shape (n_cells,).
        source_topic: int of shape (n_sources,).
        source_feed: int of shape (n_sources,).
        tale: int of shape (n_cells,).
        tale_topic: int of shape (n_tales,).
    """

    n_topics: int
    w: np.ndarray
    ws: np.ndarray
    story: np.ndarray
    source: np.ndarray
    source_topic: np.ndarray
    source_feed: np.ndarray
    tale: np.ndarray
    tale_topic: np.ndarray

    @classmethod
    def of(cls, spread: Spread, is_today: np.ndarray) -> Cells:
        """Sum items of two days.

        Args:
            spread: the items of both.
            is_today: bool, one per row of ``spread``: whether it is of the later day.
        """
        n_topics, n_feeds, n_stories = len(spread.topics), len(spread.feeds), len(spread.stories)
        cell, (topic, feed, story) = joint_codes(
            (spread.topic, n_topics), (spread.feed, n_feeds), (spread.story, n_stories)
        )
        source, (source_topic, source_feed) = joint_codes((topic, n_topics), (feed, n_feeds))
        tale, (tale_topic, _) = joint_codes((topic, n_topics), (story, n_stories))
        w, ws = (
            np.stack([sum_by(cell, np.where(of_day, values, 0.0), len(topic)) for of_day in (~is_today, is_today)])
            for values in (spread.weight, spread.weight * spread.polarity)
        )
        return cls(n_topics, w, ws, story, source, source_topic, source_feed, tale, tale_topic)

    @cached_property
    def source_w(self) -> np.ndarray:
        """Weights by source, of shape (2, n_sources)."""
        return np.stack([sum_by(self.source, w, len(self.source_topic)) for w in self.w])

    @cached_property
    def source_ws(self) -> np.ndarray:
        """Weight times polarity by source, of shape (2, n_sources)."""
        return np.stack([sum_by(self.source, ws, len(self.source_topic)) for ws in self.ws])

    @cached_property
    def is_shared(self) -> np.ndarray:
        """Which sources have news on both days, of shape (n_sources,)."""
        return np.asarray((self.source_w > 0).all(axis=0))

    def tale_w(self, chosen: np.ndarray | None = None) -> np.ndarray:
        """Weights by tale, of shape (2, n_tales); of chosen cells alone where a bool array of them is given."""
        weights = self.w if chosen is None else np.where(chosen, self.w, 0.0)
        return np.stack([sum_by(self.tale, w, len(self.tale_topic)) for w in weights])

    def totals(self, chosen: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Sum by topic: weights, weights times polarity, and effective stories, each of shape (2, n_topics)."""
        tale_w = self.tale_w(chosen)
        sums_w = np.stack([sum_by(self.tale_topic, w, self.n_topics) for w in tale_w])
        squares = np.stack([sum_by(self.tale_topic, w**2, self.n_topics) for w in tale_w])
        topic = self.source_topic[self.source]
        weighted = self.ws if chosen is None else np.where(chosen, self.ws, 0.0)
        sums_ws = np.stack([sum_by(topic, ws, self.n_topics) for ws in weighted])
        return sums_w, sums_ws, effective_stories(sums_w, squares)
