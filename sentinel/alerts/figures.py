"""Measure what the rules compare: from a day's moods, items and feeds to one figure per rule and subject.

Pure pandas: no I/O, no clock. Invariant: a figure that cannot be known is None, never 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from sentinel.alerts.rules import Figure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime
    from typing import Any

    import pandas as pd

    from sentinel.alert_types import RuleKind
    from sentinel.alerts.rules import Rule

SPOKEN_OF = ("company", "sector", "theme", "language")
"""Kinds of topic that come from an item's text."""
MAX_STORIES = 5
"""Stories named in an alert."""
ITEM_COLUMNS = ("item_id", "time", "day", "feed", "kind", "topics", "story_id", "weight", "polarity", "label")
"""Columns of the items that figures are made from; those without a score have NaN polarity."""


@dataclass(frozen=True)
class Evidence:
    """What is known of the current day.

    Attributes:
        now: aware UTC.
        moods: columns ``records.MOOD_COLUMNS``, the day's rows alone, rounded as the page shows them, so that what is
            compared is what can be read there.
        day_items: columns ITEM_COLUMNS, the day's items.
        recent_items: columns ITEM_COLUMNS, items counted at any time of the last days; at least as far back as a rule
            on stories looks.
        topics: columns ``records.TOPIC_COLUMNS``, what those items speak of.
        names: name of each company by its ticker.
        n_unread: items of the day in a language that the model does not read.
        stale: why a feed is stale, by name, for the configured feeds; empty text where it is not.
        failing: for each configured feed that fails, since when and why.
        canary: lowest probability that the model gives to the label of an obvious sentence; None when not measured.
        drift: how far the last whole week has moved, by measure; those not known are not there.
    """

    now: datetime
    moods: pd.DataFrame
    day_items: pd.DataFrame
    recent_items: pd.DataFrame
    topics: pd.DataFrame
    names: Mapping[str, str] = field(default_factory=dict)
    n_unread: int = 0
    stale: Mapping[str, str] = field(default_factory=dict)
    failing: Mapping[str, tuple[datetime, str]] = field(default_factory=dict)
    canary: float | None = None
    drift: Mapping[str, float] = field(default_factory=dict)

    def day_items_about(self, topic_kind: str, topic: str) -> pd.DataFrame:
        """Give the day's items whose text speaks of a company, sector or theme."""
        about = self.topics["item_id"].iloc[self._places.get((topic_kind, topic), [])]
        found = self._index.get_indexer(about)
        return self.day_items.iloc[found[found >= 0]]

    @cached_property
    def _places(self) -> Mapping[Any, Any]:
        """The rows of ``topics`` by kind and topic: there may be hundreds of topics, and a million rows."""
        return self.topics.groupby(["topic_kind", "topic"]).indices

    @cached_property
    def _index(self) -> pd.Index[Any]:
        return self.day_items.set_index("item_id").index


def measure(rules: Iterable[Rule], evidence: Evidence) -> dict[str, list[Figure]]:
    """Measure every rule.

    Args:
        rules: the rules in force.
        evidence: what is known.

    Returns:
        Figures by name of the rule.
    """
    return {rule.name: _MEASURES[rule.kind](rule, evidence) for rule in rules}


def _moods(rule: Rule, evidence: Evidence) -> list[Figure]:
    figures = []
    for row in _rows_of(rule, evidence.moods):
        value = row["z"] if rule.kind == "z" else row["mood"]
        who = name_subject(row["topic_kind"], row["topic"], evidence.names)
        z = f", z {_signed(value)}" if rule.kind == "z" else ""
        change = "" if math.isnan(row["change"]) else f"; {_signed(row['change'])} from the day before"
        text = f"Mood of {who} {_signed(row['mood'])}{z}, {_beyond(rule)}{change}; {row['n_items']:,} items"
        stories: tuple[str, ...] = ()
        if rule.is_raised(value):
            stories = _strongest(_items_of(row, evidence), is_negative=rule.is_below)
        figures.append(Figure(_subject(row), value, text, stories))
    return figures


def _volumes(rule: Rule, evidence: Evidence) -> list[Figure]:
    figures = []
    for row in _rows_of(rule, evidence.moods):
        n_items, usual = int(row["n_items"]), row["usual_items"]
        value = n_items / usual if usual > 0 else None
        if n_items < rule.at_least:
            value = 0.0
        who = name_subject(row["topic_kind"], row["topic"], evidence.names)
        text = f"{n_items:,} items about {who}, {value or 0:.1f} times the usual {usual:,.0f}, {_beyond(rule)} times"
        stories: tuple[str, ...] = ()
        if value is not None and rule.is_raised(value):
            items = _items_of(row, evidence)
            stories = _leads(items, items.groupby("story_id").size().sort_values(ascending=False, kind="stable").index)
        figures.append(Figure(_subject(row), value, text, stories))
    return figures


def _negative_stories(rule: Rule, evidence: Evidence) -> list[Figure]:
    items, topics = evidence.recent_items, evidence.topics
    spoken_of = topics[(topics["topic_kind"] == "company") & (topics["topic"].eq(rule.topic) | (rule.topic == ""))]
    in_window = (items["time"] > evidence.now - rule.within) & (items["time"] <= evidence.now) & (items["label"] != "")
    window = items[in_window].merge(spoken_of[["item_id", "topic"]], on="item_id")
    negative = window[window["story_id"].isin(_negative_stories_of(window))]
    hours = rule.within.total_seconds() / 3600
    figures = []
    for ticker, mine in negative.groupby("topic"):
        count = mine["story_id"].nunique()
        who = name_subject("company", str(ticker), evidence.names)
        text = f"{count} negative stories on {who} within {hours:g} h, {_beyond(rule)}"
        stories = _strongest(mine, is_negative=True) if rule.is_raised(count) else ()
        figures.append(Figure(f"company:{ticker}", float(count), text, stories))
    return figures


def _negative_stories_of(items: pd.DataFrame) -> list[str]:
    """Give the stories whose label, that of the items with most weight, is negative; a tie is the worse one's."""
    weights = (
        items.drop_duplicates("item_id").groupby(["story_id", "label"], as_index=False).agg(weight=("weight", "sum"))
    )
    ranked = weights.sort_values(["weight", "label"], ascending=[False, True], kind="stable")
    most = ranked.drop_duplicates("story_id")
    return list(most.loc[most["label"] == "negative", "story_id"])


def _stale_feeds(rule: Rule, evidence: Evidence) -> list[Figure]:
    return [
        Figure(f"feed:{feed}", float(bool(reason)), f"Feed {feed} is stale: {reason}")
        for feed, reason in evidence.stale.items()
        if rule.topic in ("", feed)
    ]


def _failing_feeds(rule: Rule, evidence: Evidence) -> list[Figure]:
    figures = []
    for feed, (since, reason) in evidence.failing.items():
        if rule.topic in ("", feed):
            hours = (evidence.now - since).total_seconds() / 3600
            text = f"Feed {feed} has failed for {hours:.0f} h, {_beyond(rule)} h: {reason}"
            figures.append(Figure(f"feed:{feed}", hours, text))
    return figures


def _shares(rule: Rule, evidence: Evidence) -> list[Figure]:
    items = evidence.day_items
    n_items = len(items)
    is_unread = rule.kind == "unread"
    n_left = evidence.n_unread if is_unread else int(items["polarity"].isna().sum())
    share = n_left / n_items if n_items >= rule.at_least else None
    why = "are in a language that the model does not read" if is_unread else "count in no mood"
    text = f"{n_left:,} of the day's {n_items:,} items ({n_left / max(n_items, 1):.0%}) {why}, {rule.level:.0%} or more"
    return [Figure("items", share, text)]


def _canaries(rule: Rule, evidence: Evidence) -> list[Figure]:
    if evidence.canary is None:
        return []
    text = f"The model gives an obvious sentence its label with {evidence.canary:.2f} only, {_beyond(rule)}"
    return [Figure("model", evidence.canary, text)]


def _drifts(rule: Rule, evidence: Evidence) -> list[Figure]:
    moved = evidence.drift.get(rule.topic)
    if moved is None:
        return []
    text = f"The {rule.topic} of last week's items moved by {moved:.2f} from the weeks before, {_beyond(rule)}"
    return [Figure(f"drift:{rule.topic}", moved, text)]


_MEASURES: dict[RuleKind, Callable[[Rule, Evidence], list[Figure]]] = {
    "mood": _moods,
    "z": _moods,
    "volume": _volumes,
    "negative-stories": _negative_stories,
    "stale-feed": _stale_feeds,
    "failing-feed": _failing_feeds,
    "unread": _shares,
    "left-out": _shares,
    "canary": _canaries,
    "drift": _drifts,
}


def name_subject(topic_kind: str, topic: str, names: Mapping[str, str]) -> str:
    """Name a topic in a sentence: "the market", "Acme (ACME)", "the sector energy"."""
    if topic_kind == "market":
        return "the market"
    if topic_kind == "company":
        return f"{names[topic]} ({topic})" if topic in names else topic
    return f"the {'kind of feed' if topic_kind == 'kind' else topic_kind} {topic}"


def _rows_of(rule: Rule, moods: pd.DataFrame) -> list[dict[str, Any]]:
    """Choose the moods that a rule looks at; a topic that is named and had no news is not among them."""
    chosen = moods[moods["topic_kind"] == rule.topic_kind]
    if rule.topic:
        chosen = chosen[chosen["topic"] == rule.topic]
    return [{str(key): value for key, value in row.items()} for row in chosen.to_dict("records")]


def _subject(row: Mapping[str, Any]) -> str:
    kind, topic = row["topic_kind"], row["topic"]
    return "market" if kind == "market" else f"{kind}:{topic}"


def _items_of(row: Mapping[str, Any], evidence: Evidence) -> pd.DataFrame:
    """Give the day's items that a mood was made of."""
    kind, topic, items = str(row["topic_kind"]), str(row["topic"]), evidence.day_items
    if kind in SPOKEN_OF:
        return evidence.day_items_about(kind, topic)
    if kind == "market":
        return items
    if kind in ("kind", "feed"):
        return items[items[kind] == topic]
    return items[[topic in listed.split(",") for listed in items["topics"]]]


def _strongest(items: pd.DataFrame, *, is_negative: bool) -> tuple[str, ...]:
    """Give the leads of the stories that pull a mood most to one side."""
    pull = (items["weight"] * items["polarity"]).groupby(items["story_id"]).sum()
    pulling = pull[pull < 0] if is_negative else pull[pull > 0]
    return _leads(items, pulling.sort_values(ascending=is_negative, kind="stable").index)


def _leads(items: pd.DataFrame, story_ids: pd.Index[Any]) -> tuple[str, ...]:
    """Give the first item of each of the first MAX_STORIES stories."""
    chosen = list(story_ids[:MAX_STORIES])
    told = items[items["story_id"].isin(chosen)].sort_values(["time", "item_id"], kind="stable")
    first = told.drop_duplicates("story_id").set_index("story_id")["item_id"]
    return tuple(str(first[story_id]) for story_id in chosen)


def _beyond(rule: Rule) -> str:
    return f"at or {'below' if rule.is_below else 'above'} {rule.level:g}"


def _signed(value: float) -> str:
    """Write a figure as the page does: one decimal, with its sign."""
    return f"{round(value, 1) + 0.0:+.1f}"
