"""Moods of days of which only sums are known, because their items fit into no memory."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentinel.mood.grid import Grid
from sentinel.mood.memberships import MARKET
from sentinel.mood.moods import COUNTS, figures_of
from sentinel.mood.shrinkage import effective_stories, ratio, shrink_factor
from sentinel.records import LABELS, MOOD_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping

NORMAL_QUANTILE = 1.959964
"""Between minus this and this lie 95 % of a normal distribution."""


def moods_of_sums(sums: pd.DataFrame) -> pd.DataFrame:
    """Compute the market's mood on days that are given by sums.

    Every item is a story of its own and weighs 1, and there are no feeds: copies of a headline count in full, and
    dispersion is unknown. All other figures are those of ``build_moods`` on such items, but for the interval, which is
    the normal approximation that the bootstrap tends to with many stories: mean +- 1.96 standard errors, shrunk.

    Args:
        sums: frame with DAY_SUM_COLUMNS, sorted by day, without doubles.

    Returns:
        A frame with MOOD_COLUMNS for the topic "market": one row per day with news in the LOOKBACK_DAYS that end with
        it, up to the last day of ``sums``.

    Source: Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 5 (the bootstrap's standard error of
    a mean is that of the plug-in formula, with n in the denominator).
    """
    if sums.empty:
        return pd.DataFrame(columns=list(MOOD_COLUMNS))
    first, n_days = sums["day"].iloc[0], (sums["day"].iloc[-1] - sums["day"].iloc[0]).days + 1
    place = np.array([(day - first).days for day in sums["day"]])
    rows = {name: np.zeros((1, n_days)) for name in sums.columns if name != "day"}
    for name, values in rows.items():
        values[0, place] = sums[name].to_numpy(dtype=np.float64)
    grid = _grid(rows)
    figures = figures_of(grid)
    figures["low"], figures["high"] = _intervals(rows, grid["n_eff"], figures["mood"])
    moods = pd.DataFrame({name: values[0] for name, values in figures.items()})
    moods["day"] = [first + timedelta(days=offset) for offset in range(n_days)]
    moods["topic_kind"], moods["topic"] = MARKET
    moods[list(COUNTS)] = moods[list(COUNTS)].astype("int64")
    with_news = moods[grid.has_news()[0]].reset_index(drop=True)
    return with_news[list(MOOD_COLUMNS)]


def _grid(rows: Mapping[str, np.ndarray]) -> Grid:
    n_items = rows["n_items"]
    return Grid(
        {
            "sum_w": n_items,
            "sum_ws": rows["sum_polarity"],
            "sum_w2": n_items,
            "n_items": n_items,
            "n_stories": n_items,
            "n_eff": effective_stories(n_items, n_items),
            "dispersion": np.full_like(n_items, np.nan),
            **{f"n_{label}": rows[f"n_{label}"] for label in LABELS},
        }
    )


def _intervals(rows: Mapping[str, np.ndarray], n_eff: np.ndarray, mood: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean = ratio(rows["sum_polarity"], rows["n_items"])
    variance = np.maximum(ratio(rows["sum_polarity_squared"], rows["n_items"]) - mean**2, 0.0)  # rounding may go below
    reach = 100.0 * shrink_factor(n_eff) * NORMAL_QUANTILE * np.sqrt(ratio(variance, rows["n_items"]))
    return mood - reach, mood + reach
