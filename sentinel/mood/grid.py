"""Figures of a topic over days: arrays of shape (n_topics, n_days)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentinel.mood.memberships import GROUP
from sentinel.mood.shrinkage import ROUNDING, effective_stories, is_enough, ratio, shrunk_mood

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

TREND_DECAY_PER_DAY = 0.95
LOOKBACK_DAYS = 90
MOMENTUM_DAYS = 7
MIN_DAYS_FOR_Z = 20
MIN_WEEKS_FOR_USUAL = 3


@dataclass(frozen=True)
class Grid:
    """Daily figures as arrays of shape (n_topics, n_days); NaN or 0 where a topic has no news."""

    figures: Mapping[str, np.ndarray]

    @classmethod
    def of(cls, daily: pd.DataFrame, topics: Sequence[tuple[str, str]], days: Sequence[date]) -> Grid:
        """Lay daily sums out by topic and day.

        Args:
            daily: float columns, indexed by topic_kind, topic and day; dispersion may be missing, the others are 0
                where a topic has no news.
            topics: pairs of topic_kind and topic, in the order wanted.
            days: consecutive days.
        """
        index = pd.MultiIndex.from_tuples([(*topic, day) for topic in topics for day in days], names=GROUP)
        full = daily.reindex(index)
        sums = [str(name) for name in full.columns if name != "dispersion"]
        full[sums] = full[sums].fillna(0.0)
        shape = (len(topics), len(days))
        return cls({str(name): full[name].to_numpy(dtype=float).reshape(shape) for name in full.columns})

    def __getitem__(self, name: str) -> np.ndarray:
        """Give the array of one figure."""
        return self.figures[name]

    def mood(self) -> np.ndarray:
        """Weighted mean polarity, shrunk towards 0 by n_eff / (n_eff + 5), x100; NaN under 3 effective stories."""
        return shrunk_mood(self["sum_ws"], self["sum_w"], self["n_eff"])

    def has_news(self) -> np.ndarray:
        """Say where any of the LOOKBACK_DAYS that end with a day has news."""
        n_items = np.cumsum(self["n_items"], axis=1)
        return np.asarray(n_items > shift(n_items, LOOKBACK_DAYS, fill=0.0))

    def trend(self) -> np.ndarray:
        """Trailing mean of all items with weight 0.95 per day of age, over LOOKBACK_DAYS, x100.

        NaN where it rests on under 3 effective stories, a story of two days counted on each: unlike a mood it is not
        shrunk, so that one or two items could make it anything.

        Source: Buckman, Shapiro, Sudhof and Wilson 2020, "News Sentiment in the Time of COVID-19", FRBSF Economic
        Letter 2020-08: trailing weighted average, weights declining geometrically with age.
        """
        top, bottom, squares = (np.zeros_like(self["sum_w"]) for _ in range(3))
        for age in range(LOOKBACK_DAYS):
            decay = TREND_DECAY_PER_DAY**age
            top += decay * shift(self["sum_ws"], age, fill=0.0)
            bottom += decay * shift(self["sum_w"], age, fill=0.0)
            squares += decay**2 * shift(self["sum_w2"], age, fill=0.0)
        return np.where(is_enough(effective_stories(bottom, squares)), 100.0 * ratio(top, bottom), np.nan)


def shift(values: np.ndarray, n_days: int, fill: float = np.nan) -> np.ndarray:
    """Move values n_days later along the day axis."""
    if n_days == 0:
        return values
    shifted = np.full_like(values, fill)
    shifted[:, n_days:] = values[:, :-n_days]
    return shifted


def z_scores(mood: np.ndarray) -> np.ndarray:
    """Compare each day with the mean and sd of the LOOKBACK_DAYS before it; NaN with under 20 such days or no spread.

    Summed day by day, not with running sums, whose rounding would depend on where the span begins.
    """
    ages = range(1, LOOKBACK_DAYS + 1)
    n_days, total, squares = np.zeros_like(mood), np.zeros_like(mood), np.zeros_like(mood)
    for age in ages:
        n_days += np.isfinite(shift(mood, age))
        total += np.nan_to_num(shift(mood, age))
    mean = ratio(total, n_days)
    for age in ages:
        squares += np.nan_to_num((shift(mood, age) - mean) ** 2)
    sd = np.sqrt(squares / np.maximum(n_days - 1, 1))
    return ratio(mood - mean, np.where((n_days >= MIN_DAYS_FOR_Z) & (sd > ROUNDING), sd, 0.0))


def usual_counts(n_items: np.ndarray) -> np.ndarray:
    """Median count of the same weekday over the LOOKBACK_DAYS before, counting from the first news among them.

    NaN with under MIN_WEEKS_FOR_USUAL such days.
    """
    so_far = np.cumsum(n_items, axis=1)
    before = shift(so_far, LOOKBACK_DAYS + 1, fill=0.0)
    weeks = np.stack(
        [
            np.where(shift(so_far, 7 * week, fill=0.0) > before, shift(n_items, 7 * week), np.nan)
            for week in range(1, LOOKBACK_DAYS // 7 + 1)
        ]
    )
    enough = np.isfinite(weeks).sum(axis=0) >= MIN_WEEKS_FOR_USUAL
    usual = np.full_like(n_items, np.nan)
    usual[enough] = np.nanmedian(weeks[:, enough], axis=0)
    return usual
