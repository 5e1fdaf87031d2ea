"""How sure a mood is: a bootstrap over its stories."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from sentinel.mood.shrinkage import shrink_factor
from sentinel.mood.sums import joint_codes, sum_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from sentinel.mood.memberships import Spread

BOOTSTRAP_DRAWS = 1_000
BOOTSTRAP_CELLS = 2_000_000
MAX_DRAWN = 1_000
"""More stories than this are drawn in bundles."""


def mood_intervals(
    spread: Spread, day_of: np.ndarray, days: Sequence[date], *, wanted: np.ndarray, n_eff: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give the 95 % intervals of moods: percentile bootstrap over stories, shrunk like the mood.

    Args:
        spread: the items.
        day_of: int, place in ``days`` of each row of ``spread``.
        days: the days.
        wanted: bool array of shape (n_topics, n_days).
        n_eff: effective stories, of the same shape.

    Returns:
        Lower and upper ends, of the same shape, NaN where not wanted.

    Source: Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13 (percentile interval), drawing
    stories, not items, since copies of one story are not independent.
    """
    low, high = np.full(n_eff.shape, np.nan), np.full(n_eff.shape, np.nan)
    rows = np.flatnonzero(wanted[spread.topic, day_of])
    place = spread.topic[rows] * len(days) + day_of[rows]
    number, (place_of, story_of) = joint_codes((place, n_eff.size), (spread.story[rows], len(spread.stories)))
    weight = spread.weight[rows]
    sums = np.column_stack(
        [sum_by(number, values, len(place_of)) for values in (weight, weight * spread.polarity[rows])]
    )
    shrink = 100.0 * shrink_factor(n_eff)
    for cell in np.argwhere(wanted):
        topic, day = int(cell[0]), int(cell[1])
        begin, end = np.searchsorted(place_of, (topic * len(days) + day, topic * len(days) + day + 1))
        seed = draw_seed(days[day], spread.stories[story_of[begin:end]])
        low[topic, day], high[topic, day] = shrink[topic, day] * bootstrap_mean(sums[begin:end], seed=seed)
    return low, high


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
    return np.column_stack([sum_by(bundle, sums, MAX_DRAWN) for sums in story_sums.T])


def draw_seed(day: date, story_ids: Iterable[str]) -> int:
    """Make a seed of what is drawn from, so that two topics of the same stories get the same interval."""
    digest = hashlib.sha256("\x1f".join((day.isoformat(), *story_ids)).encode("utf-8", "surrogatepass"))
    return int.from_bytes(digest.digest()[:8], "big")
