"""Which topics an item counts for: the market, those of its feed, and those its text speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentinel.records import LABELS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date

MARKET = ("market", "market")
SPOKEN_OF = ("company", "sector", "theme")
"""Kinds of topic that come from an item's text; the others from its feed."""

_COLUMNS = ["item_id", "day", "feed", "kind", "topics", "story_id", "weight", "polarity", "label"]

Topic = tuple[str, str]
_Part = tuple[np.ndarray, np.ndarray]


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
    return chosen.sort_values("item_id", ignore_index=True)


def spread_over_topics(weighed: pd.DataFrame, topics: pd.DataFrame | None) -> Spread:
    """Repeat each item once per topic it belongs to.

    These are the market, its feed's kind, its feed, its feed's topics, and what it speaks of; of the last it weighs as
    much as it is about it, and says what it is for that one where it was read so.

    Args:
        weighed: what ``scored_on`` returns.
        topics: frame with TOPIC_COLUMNS, at times LABELS; None where no text was searched.

    Returns:
        The items, those of one topic in the order they came.
    """
    n_items = len(weighed)
    feed, feeds = pd.factorize(weighed["feed"], sort=True)
    story, stories = pd.factorize(weighed["story_id"], sort=True)
    kind, kinds = pd.factorize(weighed["kind"])
    labels, label_sets = pd.factorize(weighed["topics"])
    labelled = [[("topic", name) for name in str(names).split(",") if name] for names in label_sets]
    spoken_item, spoken, spoken_names, told = _find_spoken(weighed, topics)
    named = {MARKET, *_named("kind", kinds), *_named("feed", feeds), *spoken_names}
    codes = {topic: code for code, topic in enumerate(sorted(named.union(*labelled)))}
    everyone = np.arange(n_items)
    parts: list[_Part] = [
        (everyone, np.full(n_items, codes[MARKET])),
        (everyone, _look_up(codes, _named("kind", kinds))[kind]),
        (everyone, _look_up(codes, _named("feed", feeds))[feed]),
        *_label_parts(labels, labelled, codes),
        (spoken_item, _look_up(codes, spoken_names)[spoken]),
    ]
    item, topic = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    spoken_rows = slice(len(item) - len(spoken_item), None)
    weight = weighed["weight"].to_numpy(dtype=float)[item]
    weight[spoken_rows] *= told["relevance"].to_numpy(dtype=float)
    polarity = weighed["polarity"].to_numpy(dtype=float)[item]
    label = pd.Categorical(weighed["label"], categories=LABELS).codes.astype(np.int64)[item]
    _tell_apart(polarity[spoken_rows], label[spoken_rows], told)
    return Spread(
        topics=tuple(codes),
        feeds=np.asarray(feeds, dtype=object),
        stories=np.asarray(stories, dtype=object),
        item=item,
        topic=topic,
        feed=feed[item],
        story=story[item],
        weight=weight,
        polarity=polarity,
        label=label,
    )


def _tell_apart(polarity: np.ndarray, label: np.ndarray, told: pd.DataFrame) -> None:
    """Put what items are for single topics in the place of what they are, where that was told."""
    if not set(LABELS) <= set(told.columns):
        return
    shares = told[list(LABELS)].to_numpy(dtype=float)
    known = np.flatnonzero(~np.isnan(shares).any(axis=1))
    polarity[known] = shares[known, LABELS.index("positive")] - shares[known, LABELS.index("negative")]
    label[known] = shares[known].argmax(axis=1)


def _named(kind: str, names: Iterable[str]) -> list[Topic]:
    return [(kind, name) for name in names]


def _look_up(codes: Mapping[Topic, int], topics: list[Topic]) -> np.ndarray:
    return np.array([codes[topic] for topic in topics], dtype=np.int64)


def _label_parts(labels: np.ndarray, labelled: list[list[Topic]], codes: Mapping[Topic, int]) -> list[_Part]:
    """Give the items of the first topic of their feeds, of the second, and so on."""
    n_topics = np.array([len(topics) for topics in labelled], dtype=np.int64)
    parts = []
    for place in range(max(n_topics, default=0)):
        item = np.flatnonzero(n_topics[labels] > place)
        of_place = np.array([codes[topics[place]] if place < len(topics) else -1 for topics in labelled])
        parts.append((item, of_place[labels[item]]))
    return parts


def _find_spoken(
    weighed: pd.DataFrame, topics: pd.DataFrame | None
) -> tuple[np.ndarray, np.ndarray, list[Topic], pd.DataFrame]:
    """Find the items of a frame of topics: their rows, in order, codes of topics, these topics, what is told."""
    if topics is None or topics.empty:
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing, [], pd.DataFrame({"relevance": []}, dtype=float)
    row = pd.Index(weighed["item_id"]).get_indexer(pd.Index(topics["item_id"]))
    found = np.flatnonzero(row >= 0)
    found = found[np.argsort(row[found], kind="stable")]
    kind, kinds = pd.factorize(topics["topic_kind"])
    name, names = pd.factorize(topics["topic"])
    pairs, spoken = np.unique(kind[found] * len(names) + name[found], return_inverse=True)
    meant = [(str(kinds[pair // len(names)]), str(names[pair % len(names)])) for pair in pairs]
    return row[found], spoken, meant, topics.iloc[found]
