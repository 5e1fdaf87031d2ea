"""What one day's page is made from: the only thing the report step takes in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from sentinel.records import CONTRIBUTION_COLUMNS, MOVE_COLUMNS, PUBLISHED_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sentinel.alert_types import Alert
    from sentinel.explanations import Explanation
    from sentinel.figures import LabelledShare
    from sentinel.records import ModelFacts

REPORT_TEXT_COLUMNS = ("item_id", "title", "url")
"""Columns that are only read for the items of a page, and the key that they are joined by."""

REPORT_ITEM_COLUMNS = (
    "time",  # datetime64[us, UTC], when the item counts: published where that can be true, else first_seen
    "kind",  # str, kind of the item's feed
    "topics",  # str, topic names joined by commas; may be empty
    "weight",  # float, what the item counted in the market's mood
    "polarity",  # float, P(positive) - P(negative), -1..1
    "label",  # str, one of LABELS
    "companies",  # str, tickers that the text names joined by commas; may be empty
    "sectors",  # str, sectors of those companies, likewise
    "themes",  # str, macro themes that the text speaks of, likewise
    "story_since",  # datetime64[us, UTC], first_seen of the first item of its story that is known
    "edited_title",  # str, what its feed changed the headline to; empty where it did not
    "edited_at",  # datetime64[us, UTC], when that was seen
)
"""Columns an item has in a report besides ``records.MOOD_ITEM_COLUMNS`` and REPORT_TEXT_COLUMNS."""

HOUR_COLUMNS = (
    "start",  # datetime64[us, UTC], when the hour begins
    "mood",  # float, -100..+100; NaN when there is not enough news
    "low",  # float, lower end of its 95 % interval; NaN where there is no mood
    "high",  # float, upper end of it
    "n_items",  # int
    "n_negative",  # int
    "n_neutral",  # int
    "n_positive",  # int
)
"""Columns of a frame of the hours of a day, in order."""


UNREAD = "in a language that the model does not read"
"""Why items are left out that are in no language of the model."""


MOVER_COLUMNS = (*CONTRIBUTION_COLUMNS, "title", "url", "feed")
"""Columns of a frame of the stories that moved a mood: title, link and feed are those of the story's first item."""


@dataclass(frozen=True)
class Movement:
    """What moved the moods since the day before, on whom they rest, and what was published of them.

    Attributes:
        moves: columns MOVE_COLUMNS, the topics of the day.
        movers: columns MOVER_COLUMNS, of each part of the market's change the stories that made most of it, in order.
        n_stories: how many stories each part has.
        published: columns PUBLISHED_COLUMNS, of days that are over: the market's on each of the days of ``history``, by
            every model, and all topics of the day.
    """

    moves: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(MOVE_COLUMNS)))
    movers: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(MOVER_COLUMNS)))
    n_stories: Mapping[str, int] = field(default_factory=dict)
    published: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(PUBLISHED_COLUMNS)))


@dataclass(frozen=True)
class Watched:
    """What the texts were searched for.

    Attributes:
        list_id: changes with the lists and rules; empty when nothing was searched for.
        names: name of each company by its ticker.
        themes: names of the themes.
    """

    list_id: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    themes: tuple[str, ...] = ()


@dataclass(frozen=True)
class DayReport:
    """Everything a day's page shows.

    Attributes:
        day: the day, in the report's time zone.
        timezone: IANA name of that zone.
        known_by: aware UTC, the time up to which news counts; the page's "as of".
        model: what scored the items.
        moods: columns MOOD_COLUMNS, all topics, ``day`` and the 90 days before it, with which its z compares it.
        history: columns MOOD_COLUMNS, the market alone, up to 365 days that end with ``day``.
        hours: columns HOUR_COLUMNS, the hours of the day, 23 or 25 of them where clocks change.
        items: columns MOOD_ITEM_COLUMNS, REPORT_TEXT_COLUMNS and REPORT_ITEM_COLUMNS, the day's items, sorted by
            (time, item_id).
        coverage: columns COVERAGE_COLUMNS, one row per configured feed.
        n_excluded: how many items were left out, by reason.
        is_point_in_time: whether ``known_by`` was asked for, so that later news of the day may be missing.
        is_sample: whether the news is the packaged sample's.
        watched: companies and themes that the texts were searched for.
        movement: what moved the moods, on whom they rest, what was published of them.
        settings_id: changes with whatever changes figures besides the news: feeds and weights, zone, lists, model.
        explanations: why the model read the leading stories as it did, by the id of the item that leads the story.
        labelled: how often the model reads headlines as people have labelled them; None where nobody has.
        alerts: those that were open on the day, as known by then; None where nothing is watched.
    """

    day: date
    timezone: str
    known_by: datetime
    model: ModelFacts
    moods: pd.DataFrame
    history: pd.DataFrame
    hours: pd.DataFrame
    items: pd.DataFrame
    coverage: pd.DataFrame
    n_excluded: dict[str, int]
    is_point_in_time: bool = False
    is_sample: bool = False
    watched: Watched = Watched()
    movement: Movement = field(default_factory=Movement)
    settings_id: str = ""
    labelled: LabelledShare | None = None
    alerts: tuple[Alert, ...] | None = None
    explanations: Mapping[str, Explanation] = field(default_factory=dict)
