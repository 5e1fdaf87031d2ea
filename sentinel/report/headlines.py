"""List the day's items so that every figure of the page leads to its own: the rows that a link picks out.

A topic has an anchor; where the page is opened at it, the style sheet hides the rows of other topics. No script is
needed, and the address with the anchor is a permalink.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from sentinel.records import LABELS
from sentinel.report.rounded_day import Row, rows_of
from sentinel.report.sentence import minute_text
from sentinel.report.topic_links import TopicKey, slug, topic_name
from sentinel.text import canonical_url

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sentinel.report.rounded_day import RoundedDay

MAX_HEADLINES = 750
"""Items listed of a day; items.csv has them all. With its tables a day of a thousand items stays below 1 MB."""
LABEL, HOUR, STORY = "label", "hour", "story"
"""Kinds of filters besides the kinds of topics."""
_WHOLE_COLUMNS = {"feed": "feed", "kind": "kind", LABEL: "label", STORY: "story_id"}
_SPLIT_COLUMNS = {"topic": "topics", "company": "companies", "sector": "sectors", "theme": "themes"}


@dataclass(frozen=True)
class Filter:
    """Rows that a link picks out.

    Attributes:
        anchor: what the link leads to.
        mark: class of the rows.
        words: what they are.
        n_listed: how many rows are listed.
        n_items: how many the day has.
    """

    anchor: str
    mark: str
    words: str
    n_listed: int
    n_items: int


@dataclass(frozen=True)
class Headlines:
    """The listed items, each with ``marks``, and the filters by what they pick out."""

    rows: list[Row]
    filters: dict[TopicKey, Filter]
    n_items: int

    def anchor(self, kind: str, topic: str) -> str:
        """Give the anchor of a topic's items; empty where none is listed."""
        found = self.filters.get((kind, topic))
        return found.anchor if found else ""


def list_headlines(day: RoundedDay, topics: Iterable[TopicKey], hours: Mapping[str, str]) -> Headlines:
    """List the items of a day, the most negative first.

    Args:
        day: the rounded day.
        topics: what the page shows figures of, hours and stories among them.
        hours: name of each hour by its place in the day.

    Returns:
        At most MAX_HEADLINES rows, those with the strongest pull on the mood; a filter for each topic and label that
        has any of them.
    """
    items = day.items
    pull = (items["weight"] * items["polarity"]).abs()
    chosen = items.loc[pull.nlargest(MAX_HEADLINES, keep="first").index]
    listed = chosen.sort_values(["polarity", "item_id"], kind="stable").reset_index(drop=True)
    members = _members(listed, day.report.hours)
    wanted = [key for key in dict.fromkeys((*topics, *((LABEL, label) for label in LABELS))) if key in members]
    counts = _counts(items, wanted, day.report.hours)
    names = dict(day.report.watched.names)
    filters = {
        key: Filter(
            anchor=f"of-{slug(key[0])}-{slug(key[1])}",
            mark=f"f{number}",
            words=_words(key, names, hours),
            n_listed=len(members[key]),
            n_items=counts[key],
        )
        for number, key in enumerate(wanted)
    }
    return Headlines(_rows(day, listed, filters, members), filters, len(items))


def _rows(
    day: RoundedDay, listed: pd.DataFrame, filters: dict[TopicKey, Filter], members: dict[TopicKey, list[int]]
) -> list[Row]:
    marks: defaultdict[int, list[str]] = defaultdict(list)
    for key, found in filters.items():
        for place in members[key]:
            marks[place].append(found.mark)
    zone = ZoneInfo(day.report.timezone)
    times = listed["time"].dt.tz_convert(zone).dt.strftime("%H:%M")
    return [
        {
            **row,
            "url": canonical_url(row["url"]),
            "clock": clock,
            "marks": " ".join(marks[place]),
            "likely": likely_words(row),
            "edited": edit_words(row, zone),
        }
        for place, (row, clock) in enumerate(zip(rows_of(listed), times, strict=True))
    ]


def edit_words(row: Row, zone: ZoneInfo) -> str:
    """Say what a headline was changed to, and when; empty where it was not. The score is that of the first."""
    if not row["edited_title"]:
        return ""
    return f"headline changed {minute_text(row['edited_at'].tz_convert(zone))}, now: {row['edited_title']}"


def likely_words(row: Row) -> str:
    """Write the probabilities of an item: "negative 91%, neutral 7%, positive 2%"."""
    return ", ".join(f"{label} {row[label]:.0%}" for label in LABELS)


def _members(items: pd.DataFrame, hours: pd.DataFrame) -> dict[TopicKey, list[int]]:
    """Find the places of the items of each topic and label."""
    members: defaultdict[TopicKey, list[int]] = defaultdict(list)
    for kind, column in _WHOLE_COLUMNS.items():
        for place, name in enumerate(items[column]):
            members[kind, name].append(place)
    for place, hour in enumerate(_hours_of(items, hours)):
        members[HOUR, str(hour)].append(place)
    for kind, column in _SPLIT_COLUMNS.items():
        for place, names in enumerate(items[column]):
            for name in filter(None, names.split(",")):
                members[kind, name].append(place)
    return members


def _counts(items: pd.DataFrame, wanted: Collection[TopicKey], hours: pd.DataFrame) -> Counter[TopicKey]:
    """Count the items of each topic, label and hour, and of wanted stories; quick where a million have few topics."""
    counts: Counter[TopicKey] = Counter()
    of_stories = items["story_id"].isin({name for kind, name in wanted if kind == STORY})
    for kind, column in {**_WHOLE_COLUMNS, **_SPLIT_COLUMNS}.items():
        counted = items.loc[of_stories, column] if kind == STORY else items[column]
        for names, count in counted.value_counts().items():
            for name in filter(None, str(names).split(",") if kind in _SPLIT_COLUMNS else [str(names)]):
                counts[kind, name] += int(count)
    for hour, count in enumerate(np.bincount(_hours_of(items, hours))):
        counts[HOUR, str(hour)] = int(count)
    return counts


def _hours_of(items: pd.DataFrame, hours: pd.DataFrame) -> np.ndarray:
    """Give the place in the day of the hour of each item; none where the day is not told by hours."""
    if hours.empty:
        return np.zeros(0, dtype=int)
    return np.asarray((items["time"] - hours["start"].iloc[0]) // pd.Timedelta(hours=1), dtype=int)


def _words(key: TopicKey, names: dict[str, str], hours: Mapping[str, str]) -> str:
    kind, name = key
    if kind == HOUR:
        return f"of the hour from {hours[name]}"
    if kind == STORY:
        return "of one story"
    if kind == LABEL:
        return f"labelled {name}"
    kinds = {"topic": "of feeds with the topic", "kind": "of feeds of the kind", "feed": "of the feed"}
    return f"{kinds.get(kind, f'that speak of the {kind}')} {topic_name(key, names)}"
