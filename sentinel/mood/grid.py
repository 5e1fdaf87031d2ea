"""Figures of a topic over days: arrays of shape (n_topics, n_days)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sentinel.mood.shrinkage import ROUNDING, effective_stories, is_enough, ratio, shrunk_mood
from sentinel.mood.sums import joint_codes, sum_by
from sentinel.records import LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sentinel.mood.memberships import Spread

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
    def of(cls, spread: Spread, day_of: np.ndarray, n_days: int) -> Grid:
        """Sum items by topic and day.

        Args:
            spread: the items.
            day_of: int, the day of each row of ``spread``, below ``n_days``.
            n_days: how many days there are.
        """
        shape = (len(spread.topics), n_days)
        n_cells = shape[0] * n_days
        cell = spread.topic * n_days + day_of
        story, (story_cell, _) = joint_codes((cell, n_cells), (spread.story, len(spread.stories)))
        story_w2 = sum_by(story, spread.weight, len(story_cell)) ** 2
        figures = {
            "sum_w": sum_by(cell, spread.weight, n_cells),
            "sum_ws": sum_by(cell, spread.weight * spread.polarity, n_cells),
            "sum_w2": sum_by(story_cell, story_w2, n_cells),
            "n_items": np.bincount(cell, minlength=n_cells).astype(float),
            "n_stories": np.bincount(story_cell, minlength=n_cells).astype(float),
            **{
                f"n_{label}": np.bincount(cell[spread.label == place], minlength=n_cells).astype(float)
                for place, label in enumerate(LABELS)
            },
            "dispersion": _dispersion(cell, n_cells, spread),
        }
        figures["n_eff"] = effective_stories(figures["sum_w"], figures["sum_w2"])
        return cls({name: values.reshape(shape) for name, values in figures.items()})

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


def _dispersion(cell: np.ndarray, n_cells: int, spread: Spread) -> np.ndarray:
    """Give the standard deviation of the feeds' mean polarity, x100; NaN with under two feeds."""
    feed, (feed_cell, _) = joint_codes((cell, n_cells), (spread.feed, len(spread.feeds)))
    means = sum_by(feed, spread.polarity, len(feed_cell)) / np.bincount(feed, minlength=len(feed_cell))
    n_feeds = np.bincount(feed_cell, minlength=n_cells)
    centre = ratio(sum_by(feed_cell, means, n_cells), n_feeds)
    variance = ratio(sum_by(feed_cell, (means - centre[feed_cell]) ** 2, n_cells), n_feeds)
    return np.where(n_feeds >= 2, 100.0 * np.sqrt(variance), np.nan)


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
