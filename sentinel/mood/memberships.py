"""Which topics an item counts for: the market, those of its feed, and those its text speaks of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sentinel.records import LABELS

if TYPE_CHECKING:
    from collections.abc import Sequence

MARKET = "market"
SPOKEN_OF = ("company", "sector", "theme")
"""Kinds of topic that come from an item's text; the others from its feed."""
GROUP = ["topic_kind", "topic", "day"]

_COLUMNS = ("item_id", "day", "feed", "kind", "topics", "story_id", "weight", "polarity", "label")


def spread_over_topics(weighed: pd.DataFrame, topics: pd.DataFrame | None) -> pd.DataFrame:
    """Repeat each item once per topic it belongs to.

    These are the market, its feed's kind, its feed, its feed's topics, and what it speaks of; of the last it weighs as
    much as it is about it.

    Args:
        weighed: what ``weigh_items`` returns, scored items only.
        topics: frame with TOPIC_COLUMNS; None where no text was searched.

    Returns:
        The items' columns with topic_kind, topic, ws (weight times polarity), and n_negative, n_neutral and n_positive
        (1 where that is the label, else 0).
    """
    weighed = weighed[list(_COLUMNS)]
    parts = [
        weighed.assign(topic_kind=MARKET, topic=MARKET),
        weighed.assign(topic_kind="kind", topic=weighed["kind"]),
        weighed.assign(topic_kind="feed", topic=weighed["feed"]),
        weighed[weighed["topics"] != ""]
        .assign(topic_kind="topic", topic=lambda frame: frame["topics"].str.split(","))
        .explode("topic"),
    ]
    if topics is not None:
        spoken_of = weighed.merge(topics, on="item_id")
        spoken_of["weight"] *= spoken_of.pop("relevance")
        parts.append(spoken_of)
    spread = pd.concat(parts, ignore_index=True)
    spread["ws"] = spread["weight"] * spread["polarity"]
    for label in LABELS:
        spread[f"n_{label}"] = (spread["label"] == label).astype("int64")
    return spread
