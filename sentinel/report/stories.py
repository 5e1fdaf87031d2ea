"""Choose the stories that a day's page lists, each with the items that tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from sentinel.records import LABELS
from sentinel.report.headlines import edit_words, likely_words
from sentinel.report.rounded_day import Row, rows_of
from sentinel.report.sentence import minute_text
from sentinel.report.words import explained
from sentinel.text import canonical_url

if TYPE_CHECKING:
    import pandas as pd

    from sentinel.report.rounded_day import RoundedDay

MAX_STORIES = 10
"""Stories listed on each side."""
MAX_COPIES = 40
"""Items listed of one story; items.csv has them all."""
MAX_SOURCES = 4
"""Feeds named beside a story; the list of its items names every one."""
POLARITY_DECIMALS = 2


def leading_stories(day: RoundedDay) -> tuple[list[Row], list[Row]]:
    """List the stories that pull the market's mood down, and those that pull it up, the strongest first.

    A story's pull is the sum of weight times polarity over its items of the day, its polarity that sum by the sum of
    weights, its label that of the items with the most weight. Only stories labelled negative, or positive, are listed.

    Args:
        day: the rounded day; stories are summed from figures as items.csv has them.

    Returns:
        Of the negative end, then of the positive one, at most MAX_STORIES rows: title, url and time of the first item
        of the day, story_since, polarity, label, n_items, feeds (the first MAX_SOURCES), n_more_feeds, items (the first
        MAX_COPIES), n_more_items, and why it was read so (None where that is not known).
    """
    stories = _sum_stories(day.items)
    negative, positive = (_strongest(stories, label) for label in ("negative", "positive"))
    chosen = day.items[day.items["story_id"].isin({*negative["story_id"], *positive["story_id"]})]
    in_order = chosen.sort_values(["first_seen", "item_id"], kind="stable")
    told = {str(story_id): items for story_id, items in in_order.groupby("story_id")}
    return _tell_stories(day, negative, told), _tell_stories(day, positive, told)


def _strongest(stories: pd.DataFrame, label: str) -> pd.DataFrame:
    """Choose the stories of one end, the strongest first."""
    side = stories[stories["label"] == label]
    pull = side["pull"] if label == "negative" else -side["pull"]
    strongest = side.loc[pull.nsmallest(MAX_STORIES, keep="all").index]  # a million are not sorted for ten
    return strongest.sort_values(
        ["pull", "story_id"], ascending=[label == "negative", True], kind="stable", ignore_index=True
    ).head(MAX_STORIES)


def _tell_stories(day: RoundedDay, stories: pd.DataFrame, told: dict[str, pd.DataFrame]) -> list[Row]:
    """Describe stories by their items."""
    zone = ZoneInfo(day.report.timezone)
    rows = [{**story, **_tell(told[story["story_id"]], zone)} for story in rows_of(stories)]
    for row in rows:
        reason = day.report.explanations.get(row["items"][0]["item_id"])
        row["explained"] = None if reason is None else explained(reason)
    return rows


def _sum_stories(items: pd.DataFrame) -> pd.DataFrame:
    """Sum the items of each story: pull, polarity and label."""
    weighed = items[["story_id", "weight"]].assign(
        pull=items["weight"] * items["polarity"],
        **{label: items["weight"].where(items["label"] == label, 0.0) for label in LABELS},
    )
    stories = weighed.groupby("story_id", as_index=False, sort=False).sum()
    stories["polarity"] = (stories["pull"] / stories["weight"]).round(POLARITY_DECIMALS) + 0.0
    stories["label"] = np.array(LABELS, dtype=object)[stories[list(LABELS)].to_numpy().argmax(axis=1)]
    return stories[["story_id", "pull", "polarity", "label"]]


def _tell(items: pd.DataFrame, zone: ZoneInfo) -> Row:
    """Describe one story by its items, the first seen first."""
    feeds = list(dict.fromkeys(items["feed"]))
    rows = [
        {
            **row,
            "url": canonical_url(row["url"]),
            "moment": minute_text(row["first_seen"].tz_convert(zone)),
            "likely": likely_words(row),
            "edited": edit_words(row, zone),
        }
        for row in rows_of(items.head(MAX_COPIES))
    ]
    return {
        "title": rows[0]["title"],
        "url": rows[0]["url"],
        "edited": rows[0]["edited"],
        "since": minute_text(rows[0]["story_since"].tz_convert(zone)),
        "n_items": len(items),
        "feeds": feeds[:MAX_SOURCES],
        "n_feeds": len(feeds),
        "items": rows,
        "n_more_items": len(items) - len(rows),
    }
