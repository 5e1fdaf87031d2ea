"""Moods of spans that are shorter than a day: by the formula of the day's, for the market alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentinel.mood.interval import bootstrap_mean, draw_seed
from sentinel.mood.shrinkage import effective_stories, shrink_factor, shrunk_mood

if TYPE_CHECKING:
    from datetime import date

SPAN_COLUMNS = ("mood", "low", "high")


def build_span_moods(items: pd.DataFrame, span: np.ndarray, n_spans: int, *, day: date) -> pd.DataFrame:
    """Compute mood and 95 % interval of each span of a day.

    Args:
        items: scored items as ``weigh_items`` gives them.
        span: int array, the span of each item, below ``n_spans``.
        n_spans: how many there are.
        day: the day, which seeds the bootstrap together with the stories.

    Returns:
        A frame with SPAN_COLUMNS, -100..+100, one row per span; NaN under MIN_EFFECTIVE_STORIES.

    Source: as ``moods.build_moods`` and ``interval.mood_intervals``.
    """
    told = items[["story_id", "weight"]].assign(span=span, ws=items["weight"] * items["polarity"])
    stories = told.groupby(["span", "story_id"])[["weight", "ws"]].sum().reset_index()
    of_span = stories["span"].to_numpy(dtype=int)
    weight, ws = (stories[name].to_numpy(dtype=float) for name in ("weight", "ws"))
    sum_w, sum_ws, sum_w2 = (np.bincount(of_span, values, n_spans) for values in (weight, ws, weight**2))
    n_eff = effective_stories(sum_w, sum_w2)
    moods = shrunk_mood(sum_ws, sum_w, n_eff)
    bounds = np.full((n_spans, 2), np.nan)
    for place in np.flatnonzero(np.isfinite(moods)):
        own = of_span == place
        seed = draw_seed(day, stories["story_id"][own])
        bounds[place] = (
            100.0 * shrink_factor(n_eff[place]) * bootstrap_mean(np.column_stack((weight, ws))[own], seed=seed)
        )
    return pd.DataFrame({"mood": moods, "low": bounds[:, 0], "high": bounds[:, 1]})
