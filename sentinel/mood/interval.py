"""How sure a mood is: a bootstrap over its stories."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from sentinel.mood.memberships import GROUP, MARKET
from sentinel.mood.shrinkage import shrink_factor

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    import pandas as pd

BOOTSTRAP_DRAWS = 1_000
BOOTSTRAP_CELLS = 2_000_000
MAX_DRAWN = 1_000
"""More stories than this are drawn in bundles."""


def add_intervals(moods: pd.DataFrame, spread: pd.DataFrame, interval_days: set[date]) -> pd.DataFrame:
    """Add low and high: 95 % percentile bootstrap over stories, shrunk like the mood.

    Args:
        moods: columns topic_kind, topic, day, mood and n_eff, one row per topic and day.
        spread: what ``spread_over_topics`` returns.
        interval_days: days on which every topic gets an interval; on the others only the market does.

    Returns:
        The moods with two more columns; NaN where no interval is wanted or there is no mood.

    Source: Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13 (percentile interval), drawing
    stories, not items, since copies of one story are not independent.
    """
    wanted = moods["mood"].notna() & (moods["day"].isin(interval_days) | (moods["topic_kind"] == MARKET))
    drawn_from = spread[spread["day"].isin(interval_days) | (spread["topic_kind"] == MARKET)]
    stories = drawn_from.groupby([*GROUP, "story_id"])[["weight", "ws"]].sum().sort_index()
    groups = dict(iter(stories.groupby(GROUP)))
    low = np.full(len(moods), np.nan)
    high = np.full(len(moods), np.nan)
    keys = list(moods[GROUP].itertuples(index=False, name=None))
    shrink = 100.0 * shrink_factor(moods["n_eff"].to_numpy(dtype=float))
    for position in np.flatnonzero(wanted.to_numpy()):
        sums = groups[keys[position]]
        seed = _seed(keys[position][2], sums.index.get_level_values("story_id"))
        low[position], high[position] = shrink[position] * bootstrap_mean(sums.to_numpy(), seed=seed)
    return moods.assign(low=low, high=high)


def bootstrap_mean(story_sums: np.ndarray, *, seed: int) -> np.ndarray:
    """Give the 95 % interval of a weighted mean by drawing stories with replacement.

    More than MAX_DRAWN stories are first put together at random into as many bundles, which are drawn instead: sums of
    independent stories vary as the stories do, and a day of a million costs what one of thousands does.

    Args:
        story_sums: float array of shape (n_stories, 2): sum of weights, and of weight times polarity, per story.
        seed: seed of the draws.

    Returns:
        float array of shape (2,): lower and upper end.
    """
    generator = np.random.default_rng(seed)
    if len(story_sums) > MAX_DRAWN:
        story_sums = _bundle(story_sums, generator)
    n_drawn = len(story_sums)
    sum_w, sum_ws = np.ascontiguousarray(story_sums.T)  # a column at a time: rows are gathered ten times as slowly
    draws_at_once = max(1, BOOTSTRAP_CELLS // n_drawn)
    means = []
    for start in range(0, BOOTSTRAP_DRAWS, draws_at_once):
        n_draws = min(draws_at_once, BOOTSTRAP_DRAWS - start)
        drawn = generator.integers(0, n_drawn, size=(n_draws, n_drawn))
        means.append(sum_ws[drawn].sum(axis=1) / sum_w[drawn].sum(axis=1))
    return np.asarray(np.percentile(np.concatenate(means), [2.5, 97.5]))


def _bundle(story_sums: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Sum stories into MAX_DRAWN bundles of nearly equal numbers, chosen at random."""
    bundle = generator.permutation(len(story_sums)) % MAX_DRAWN
    return np.column_stack([np.bincount(bundle, weights=sums, minlength=MAX_DRAWN) for sums in story_sums.T])


def _seed(day: date, story_ids: Iterable[str]) -> int:
    """Make a seed of what is drawn from, so that two topics of the same stories get the same interval."""
    digest = hashlib.sha256("\x1f".join((day.isoformat(), *sorted(story_ids))).encode("utf-8", "surrogatepass"))
    return int.from_bytes(digest.digest()[:8], "big")
