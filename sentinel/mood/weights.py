"""When an item counts, and how much."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentinel.records import LABELS, Feed

if TYPE_CHECKING:
    from collections.abc import Mapping

DAYS_BEFORE_FIRST_SEEN = 7
HOURS_AFTER_FIRST_SEEN = 1
NOVELTY_DECAY = 0.75
UNLISTED_KIND = "archive"


def believable_times(published: pd.Series, first_seen: pd.Series) -> pd.Series:
    """Choose the time each item counts at.

    Args:
        published: aware UTC times claimed by the feeds, NaT where absent.
        first_seen: aware UTC times of first storage.

    Returns:
        ``published`` where it lies in (first_seen - 7 d, first_seen + 1 h], else ``first_seen``; aware UTC.
    """
    believable = (published > first_seen - pd.Timedelta(days=DAYS_BEFORE_FIRST_SEEN)) & (
        published <= first_seen + pd.Timedelta(hours=HOURS_AFTER_FIRST_SEEN)
    )
    return published.where(believable, first_seen)


def local_days(times: pd.Series, *, timezone: str) -> pd.Series:
    """Give the ``datetime.date`` of aware times in a zone (IANA name)."""
    code, midnights = pd.factorize(times.dt.tz_convert(timezone).dt.tz_localize(None).dt.normalize())
    dates = np.array([midnight.date() for midnight in pd.DatetimeIndex(midnights)], dtype=object)
    return pd.Series(dates[code], index=times.index, dtype=object)  # one object a day, not one an item


def weigh_items(items: pd.DataFrame, feeds: Mapping[str, Feed], *, timezone: str) -> pd.DataFrame:
    """Add what the mood needs of each item: time, day, kind, topics, story, weight, polarity and label.

    Args:
        items: frame with MOOD_ITEM_COLUMNS, and ``story_id`` where stories are known; without it every item is a
            story of its own.
        feeds: configured feeds by name; an item of any other feed weighs 1 and is of kind "archive".
        timezone: IANA name of the report's zone.

    Returns:
        The items with the columns time (see ``believable_times``), day (``datetime.date`` of it in the zone), kind,
        topics (joined by commas), story_id (categorical), weight, polarity (P(positive) - P(negative); NaN without a
        score) and label ("" without one), sorted by item_id.
    """
    weighed = items.sort_values("item_id", ignore_index=True)
    weighed["time"] = believable_times(weighed["published"], weighed["first_seen"])
    weighed["day"] = local_days(weighed["time"], timezone=timezone)
    told_by = {name: feeds.get(name, Feed(name, "", UNLISTED_KIND)) for name in weighed["feed"].unique()}
    weighed["kind"] = weighed["feed"].map({name: feed.kind for name, feed in told_by.items()})
    weighed["topics"] = weighed["feed"].map({name: ",".join(feed.topics) for name, feed in told_by.items()})
    if "story_id" not in weighed:
        weighed["story_id"] = weighed["item_id"]
    weighed["story_id"] = weighed["story_id"].astype("category")
    copies_before = _copies_before(weighed["story_id"].cat.codes, weighed["first_seen"])
    feed_weight = weighed["feed"].map({name: feed.weight for name, feed in told_by.items()}).astype("float64")
    weighed["weight"] = feed_weight * NOVELTY_DECAY**copies_before
    weighed["polarity"] = weighed["positive"] - weighed["negative"]
    best = weighed[list(LABELS)].fillna(0.0).to_numpy().argmax(axis=1)
    weighed["label"] = np.where(weighed["polarity"].notna(), np.array(LABELS, dtype=object)[best], "")
    return weighed


def _copies_before(story: pd.Series, first_seen: pd.Series) -> pd.Series:
    """Count the items of the same story that were seen before each; of two at once the one that stands first."""
    in_time = story.iloc[first_seen.dt.tz_localize(None).to_numpy().argsort(kind="stable")]
    copies: pd.Series = in_time.groupby(in_time).cumcount()
    return copies.reindex(story.index)
