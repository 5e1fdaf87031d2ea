"""The hours of a day: how much news each had, and its mood, by the formula of the day's."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentinel import mood
from sentinel.records import LABELS
from sentinel.report import HOUR_COLUMNS

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

ROUNDING = 1e-9
_HOUR = timedelta(hours=1)


def build_hours(items: pd.DataFrame, day: date, zone: ZoneInfo) -> pd.DataFrame:
    """Sum the items of a day by hour.

    Args:
        items: the day's scored items, as ``mood.weigh_items`` gives them.
        day: the day.
        zone: the report's zone; a day in which clocks change has 23 or 25 hours.

    Returns:
        A frame with HOUR_COLUMNS, one row per hour of the day; an hour with under 3 effective stories has no mood.
    """
    begin, end = (datetime.combine(at, datetime.min.time(), zone).astimezone(UTC) for at in (day, day + timedelta(1)))
    n_hours = -((begin - end) // _HOUR)
    place = ((items["time"] - begin) // _HOUR).to_numpy(dtype=int)
    counts = {
        f"n_{label}": np.bincount(place[(items["label"] == label).to_numpy()], minlength=n_hours) for label in LABELS
    }
    frame = pd.DataFrame({"start": [begin + number * _HOUR for number in range(n_hours)], **counts})
    frame["n_items"] = np.bincount(place, minlength=n_hours)
    frame["mood"] = _moods(items, place).reindex(range(n_hours)).to_numpy()
    return frame[list(HOUR_COLUMNS)]


def _moods(items: pd.DataFrame, place: np.ndarray) -> pd.Series[float]:
    """Compute the mood of each hour with enough news."""
    told = items[["story_id", "weight"]].assign(place=place, ws=items["weight"] * items["polarity"])
    stories = told.groupby(["place", "story_id"])[["weight", "ws"]].sum()
    sums = stories.assign(squares=stories["weight"] ** 2).groupby("place").sum()
    n_eff = sums["weight"] ** 2 / sums["squares"]
    moods = 100.0 * sums["ws"] / sums["weight"] * n_eff / (n_eff + mood.SHRINKAGE_STORIES)
    return moods.where(n_eff >= mood.MIN_EFFECTIVE_STORIES - ROUNDING)
