"""Find the companies, sectors and themes whose mood stands furthest from their own usual, and where feeds disagree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sentinel.report.rounded_day import Row, rows_of
from sentinel.report.rounding import PAGE_MOOD_DECIMALS
from sentinel.report.topic_links import topic_name

if TYPE_CHECKING:
    import pandas as pd

    from sentinel.report.rounded_day import RoundedDay

MOVING_KINDS = ("company", "sector", "theme")
MIN_PAST_MOODS = 5
"""A usual mood is the mean over as many days of the 90 before it, at least."""
MAX_MOVERS = 10
MAX_DISAGREEMENTS = 6


def biggest_movers(day: RoundedDay) -> tuple[list[Row], int]:
    """List topics by how far the day's mood is from its mean of the 90 days before, the furthest first.

    Only a topic whose usual mood lies outside the day's 95 % interval has moved: the others may as well have not.

    Args:
        day: the rounded day.

    Returns:
        At most MAX_MOVERS rows with ``kind``, ``key``, ``name``, the day's figures, ``usual``, ``n_past`` and ``move``
        (mood minus usual, both as printed); and how many topics with news cannot be compared, since the day or the
        past has not enough.
    """
    today = day.today[day.today["topic_kind"].isin(MOVING_KINDS) & (day.today["n_items"] > 0)]
    past = day.moods[day.moods["day"] < day.report.day].groupby(["topic_kind", "topic"])["mood"].agg(["mean", "count"])
    joined = today.join(past, on=["topic_kind", "topic"])
    comparable = joined[(joined["count"] >= MIN_PAST_MOODS) & joined["mood"].notna()]
    usual = comparable["mean"].round(PAGE_MOOD_DECIMALS["mood"]) + 0.0
    moved = comparable.assign(usual=usual, n_past=comparable["count"].astype(int))
    moved["move"] = (moved["mood"] - moved["usual"]).round(PAGE_MOOD_DECIMALS["mood"]) + 0.0
    moved = moved[(moved["usual"] < moved["low"]) | (moved["usual"] > moved["high"])]
    order = np.lexsort((moved["topic"].to_numpy(dtype=str), -moved["move"].abs().to_numpy()))
    return _named(day, moved.iloc[order].head(MAX_MOVERS)), len(joined) - len(comparable)


def biggest_disagreements(day: RoundedDay) -> list[Row]:
    """List topics with enough news by the standard deviation of their feeds' means, the largest first.

    Returns:
        At most MAX_DISAGREEMENTS rows with ``kind``, ``key``, ``name`` and the day's figures.
    """
    is_kind = ~day.today["topic_kind"].isin(["feed"])
    today = day.today[is_kind & day.today["mood"].notna() & day.today["dispersion"].notna()]
    order = np.lexsort((today["topic"].to_numpy(dtype=str), -today["dispersion"].to_numpy()))
    return _named(day, today.iloc[order].head(MAX_DISAGREEMENTS))


def _named(day: RoundedDay, frame: pd.DataFrame) -> list[Row]:
    names = dict(day.report.watched.names)
    return [
        {
            **row,
            "kind": row["topic_kind"],
            "key": row["topic"],
            "name": topic_name((row["topic_kind"], row["topic"]), names),
        }
        for row in rows_of(frame)
    ]
