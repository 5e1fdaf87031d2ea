"""Round every figure of a report here, once: finely for the CSV files, and as far as a person can use for the rest.

Page, charts and summary print the same figures. Pure functions of frames and numbers. A minus sign is the ASCII one,
so that a number copied from a page into a spreadsheet is still a number.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sentinel.records import LABELS

if TYPE_CHECKING:
    import pandas as pd

MISSING = "n/a"
"""Printed where a figure is not known. Never 0."""

NOT_ENOUGH = "not enough news"
"""Printed where a mood would rest on too few stories. Never 0."""

_SCALED = ("mood", "low", "high", "change", "trend", "momentum", "z", "dispersion")
MOOD_DECIMALS = {**dict.fromkeys((*_SCALED, "n_eff", "usual_items"), 2), "breadth": 4}
"""Decimals of the float columns of a frame of moods in daily.csv."""

PAGE_MOOD_DECIMALS = {**dict.fromkeys(_SCALED, 1), "usual_items": 0, "breadth": 2}
"""Decimals of those that the page shows; breadth is shown in percent."""

_MOVED = (
    *("from_new", "from_faded", "from_ongoing", "from_feeds", "from_mix", "from_amount"),
    *("panel_mood", "panel_change", "without_low", "without_high", "published_mood"),
)
MOVE_DECIMALS = {**dict.fromkeys((*_MOVED, "disagreement"), 2), "n_panel_feeds": 0}
"""Decimals of the columns of a frame of moves in daily.csv."""

PAGE_MOVE_DECIMALS = {**dict.fromkeys(_MOVED, 1), "disagreement": 0, "n_panel_feeds": 0}
"""Decimals of those on the page."""

ITEM_DECIMALS = dict.fromkeys((*LABELS, "polarity", "weight"), 4)
"""Decimals of the float columns of a frame of items."""


def round_columns(frame: pd.DataFrame, decimals: dict[str, int]) -> pd.DataFrame:
    """Round float columns for showing.

    Args:
        frame: any frame; columns it lacks are skipped.
        decimals: places behind the point by column.

    Returns:
        A new frame; missing values stay missing and there is no negative zero.
    """
    known = {column: places for column, places in decimals.items() if column in frame.columns}
    rounded = frame[list(known)].astype("float64").round(known) + 0.0  # -0.0 + 0.0 is 0.0
    return frame.assign(**{column: rounded[column] for column in known})


def is_known(value: float | None) -> bool:
    """Say whether a figure is there to be shown."""
    return value is not None and math.isfinite(value)


def number_text(value: float | None, decimals: int = 1, *, signed: bool = False, missing: str = MISSING) -> str:
    """Write a rounded figure for a person.

    Args:
        value: the figure, rounded already.
        decimals: places behind the point to print.
        signed: whether a positive figure gets its plus.
        missing: what stands for an unknown figure.

    Returns:
        For example ``-12.3``, ``+0.5`` or ``n/a``.
    """
    if value is None or not math.isfinite(value):
        return missing
    text = f"{value:+,.{decimals}f}" if signed else f"{value:,.{decimals}f}"
    return text if float(text.replace(",", "")) else f"{0:.{decimals}f}"


def json_number(value: float | None, decimals: int = 2) -> float | None:
    """Write a rounded figure for a machine: a number, or None where it is unknown."""
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), decimals) + 0.0
