"""Which topics an item counts for: the market, those of its feed, and those its text speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentinel.records import LABELS
from sentinel.rows import find_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import date

MARKET = ("market", "market")
SPOKEN_OF = ("company", "sector", "theme")
"""Kinds of topic that come from an item's text; the others from its feed."""

_COLUMNS = ["item_id", "day", "feed", "kind", "topics", "story_id", "weight", "polarity", "label"]

Topic = tuple[str, str]


@dataclass(frozen=True)
class Spread:
    """Items repeated once per topic they count for, as arrays of one length; names are codes, in order of the names.

    Attributes:
        topics: pairs of topic_kind and topic, sorted; ``topic`` counts in them.
        feeds: names of feeds, sorted; ``feed`` counts in them.
        stories: story ids, sorted; ``story`` counts in them.
        item: int, row of the item in the frame of items.
        topic: int.
        feed: int.
        story: int.
        weight: float, what the item weighs in the topic.
        polarity: float, -1..1: that of the item, or what it is for the topic.
        label: int, place in LABELS, likewise.
    """

    topics: tuple[Topic, ...]
    feeds: np.ndarray
    stories: np.ndarray
    item: np.ndarray
    topic: np.ndarray
    feed: np.ndarray
    story: np.ndarray
    weight: np.ndarray
    polarity: np.ndarray
    label: np.ndarray


def scored_on(weighed: pd.DataFrame, days: Collection[date]) -> pd.DataFrame:
    """Choose the scored items of some days, sorted by item_id, with the columns that a mood needs of them."""
    chosen = weighed.loc[weighed["day"].isin(set(days)) & weighed["polarity"].notna(), _COLUMNS]
    if chosen["item_id"].is_monotonic_increasing:
        return chosen.reset_index(drop=True)
    return chosen.sort_values("item_id", ignore_index=True)


def spread_by_kind(weighed: pd.DataFrame, topics: pd.DataFrame | None) -> Iterator[Spread]:
    """Repeat each item once per topic it belongs to, the topics of a kind at a time.

    These are the market, its feed's kind, its feed, its feed's topics, and what it speaks of; of the last it weighs as
    much as it is about it, and says what it is for that one where it was read so. A day of a million items counts in
    topics five times over: one kind after another needs a fifth of the memory.

    Args:
        weighed: what ``scored_on`` returns.
        topics: frame with TOPIC_COLUMNS, at times LABELS; None where no text was searched.

    Returns:
        The items of the topics of one kind, or of all that texts speak of; those of one topic in the order they came.
    """
    items = _Items.of(weighed)
    yield items.spread([MARKET], np.arange(items.n_items), np.zeros(items.n_items, dtype=np.int64))
    yield _spread_over_names(items, "kind", weighed["kind"])
    yield _spread_over_names(items, "feed", weighed["feed"])
    for found in (_find_labels(weighed), _find_spoken(weighed, topics)):
        if len(found.item):
            yield items.spread(found.topics, found.item, found.topic, relevance=found.relevance, shares=found.shares)


def spread_over_market(weighed: pd.DataFrame) -> Spread:
    """Give the items as those of the market alone; arguments as for ``spread_by_kind``."""
    return next(spread_by_kind(weighed, None))


@dataclass(frozen=True)
class _Items:
    """The scored items as codes and numbers."""

    feed: np.ndarray
    feeds: np.ndarray
    story: np.ndarray
    stories: np.ndarray
    weight: np.ndarray
    polarity: np.ndarray
    label: np.ndarray

    @classmethod
    def of(cls, weighed: pd.DataFrame) -> _Items:
        feed, feeds = pd.factorize(weighed["feed"], sort=True)
        story, stories = pd.factorize(weighed["story_id"], sort=True)
        return cls(
            feed=feed,
            feeds=np.asarray(feeds, dtype=object),
            story=story,
            stories=np.asarray(stories, dtype=object),
            weight=weighed["weight"].to_numpy(dtype=float),
            polarity=weighed["polarity"].to_numpy(dtype=float),
            label=pd.Categorical(weighed["label"], categories=LABELS).codes.astype(np.int64),
        )

    @property
    def n_items(self) -> int:
        return len(self.feed)

    def spread(
        self,
        topics: Sequence[Topic],
        item: np.ndarray,
        topic: np.ndarray,
        *,
        relevance: np.ndarray | None = None,
        shares: np.ndarray | None = None,
    ) -> Spread:
        """Repeat items.

        Args:
            topics: topics in any order.
            item: int, row of each item to be repeated.
            topic: int, place in ``topics`` of the topic it counts for.
            relevance: how much of its text is about it; None where it counts whole.
            shares: float of shape (n, 3), columns in LABELS order: what it is for the topic; a row of NaN, and None,
                for what it is.
        """
        order = sorted(range(len(topics)), key=topics.__getitem__)
        code = np.empty(len(topics), dtype=np.int64)
        code[order] = np.arange(len(topics))
        polarity, label = self.polarity[item], self.label[item]
        if shares is not None:
            known = np.flatnonzero(~np.isnan(shares).any(axis=1))
            polarity[known] = shares[known, LABELS.index("positive")] - shares[known, LABELS.index("negative")]
            label[known] = shares[known].argmax(axis=1)
        return Spread(
            topics=tuple(topics[place] for place in order),
            feeds=self.feeds,
            stories=self.stories,
            item=item,
            topic=code[topic],
            feed=self.feed[item],
            story=self.story[item],
            weight=self.weight[item] if relevance is None else self.weight[item] * relevance,
            polarity=polarity,
            label=label,
        )


@dataclass(frozen=True)
class _Found:
    """Topics of items: int arrays of rows and of places in ``topics``; how much of a text is for them, and what."""

    topics: list[Topic]
    item: np.ndarray
    topic: np.ndarray
    relevance: np.ndarray | None = None
    shares: np.ndarray | None = None


def _spread_over_names(items: _Items, kind: str, names: pd.Series) -> Spread:
    """Spread items over one topic each."""
    topic, found = pd.factorize(names)
    return items.spread([(kind, str(name)) for name in found], np.arange(items.n_items), topic)


def _find_labels(weighed: pd.DataFrame) -> _Found:
    """Find the items of the first topic of their feeds, of the second, and so on."""
    labels, label_sets = pd.factorize(weighed["topics"])
    labelled = [[name for name in str(names).split(",") if name] for names in label_sets]
    codes: dict[str, int] = {}
    for name in chain.from_iterable(labelled):
        codes.setdefault(name, len(codes))
    n_topics = np.array([len(names) for names in labelled], dtype=np.int64)
    parts = [(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))]
    for place in range(max(n_topics, default=0)):
        item = np.flatnonzero(n_topics[labels] > place)
        of_place = np.array([codes[names[place]] if place < len(names) else -1 for names in labelled])
        parts.append((item, of_place[labels[item]]))
    item, topic = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return _Found([("topic", name) for name in codes], item, topic)


def _find_spoken(weighed: pd.DataFrame, topics: pd.DataFrame | None) -> _Found:
    """Find the items of a frame of topics, in the order of the items."""
    if topics is None or topics.empty:
        return _Found([], np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    row = find_rows(topics["item_id"], weighed["item_id"])
    found = np.flatnonzero(row >= 0)
    found = found[np.argsort(row[found], kind="stable")]
    kind, kinds = pd.factorize(topics["topic_kind"])
    name, names = pd.factorize(topics["topic"])
    pairs, topic = np.unique(kind[found] * len(names) + name[found], return_inverse=True)
    meant = [(str(kinds[pair // len(names)]), str(names[pair % len(names)])) for pair in pairs]
    shares = topics[list(LABELS)].to_numpy(dtype=float)[found] if set(LABELS) <= set(topics.columns) else None
    return _Found(meant, row[found], topic, topics["relevance"].to_numpy(dtype=float)[found], shares)
