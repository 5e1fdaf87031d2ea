"""The hours of a day: how much news each had, and its mood with its interval."""

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

_HOUR = timedelta(hours=1)


def build_hours(items: pd.DataFrame, day: date, zone: ZoneInfo) -> pd.DataFrame:
    """Sum the items of a day by hour.

    Args:
        items: the day's scored items, as ``mood.weigh_items`` gives them.
        day: the day.
        zone: the report's zone; a day in which clocks change has 23 or 25 hours.

    Returns:
        A frame with HOUR_COLUMNS, one row per hour of the day; one with under 3 effective stories has no mood
        and no interval.
    """
    begin, end = (datetime.combine(at, datetime.min.time(), zone).astimezone(UTC) for at in (day, day + timedelta(1)))
    n_hours = -((begin - end) // _HOUR)
    place = ((items["time"] - begin) // _HOUR).to_numpy(dtype=int)
    counts = {
        f"n_{label}": np.bincount(place[(items["label"] == label).to_numpy()], minlength=n_hours) for label in LABELS
    }
    frame = pd.DataFrame({"start": [begin + number * _HOUR for number in range(n_hours)], **counts})
    frame["n_items"] = np.bincount(place, minlength=n_hours)
    return frame.join(mood.build_span_moods(items, place, n_hours, day=day))[list(HOUR_COLUMNS)]
