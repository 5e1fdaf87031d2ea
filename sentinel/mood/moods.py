"""The mood of every topic on every day of a span."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentinel.mood.grid import LOOKBACK_DAYS, MOMENTUM_DAYS, Grid, shift, usual_counts, z_scores
from sentinel.mood.interval import mood_intervals
from sentinel.mood.memberships import MARKET, SPOKEN_OF, scored_on, spread_by_kind
from sentinel.mood.shrinkage import ratio
from sentinel.records import MOOD_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.mood.memberships import Spread

_KEY = ["topic_kind", "topic", "day"]
COUNTS = ("n_items", "n_stories", "n_negative", "n_neutral", "n_positive")


def build_moods(
    weighed: pd.DataFrame,
    *,
    first_day: date,
    last_day: date,
    interval_days: Sequence[date],
    topics: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Compute the mood of every topic on every day of a span.

    Args:
        weighed: what ``weigh_items`` returns; items without a score are left out. It should reach LOOKBACK_DAYS
            (for momentum, MOMENTUM_DAYS more) before ``first_day``, so that every figure has its whole past.
        first_day: first day wanted.
        last_day: last day wanted.
        interval_days: days on which every topic gets an interval; on the others only the market does.
        topics: frame with TOPIC_COLUMNS: companies, sectors and themes that the texts speak of.

    Returns:
        A frame with MOOD_COLUMNS: one row per topic and day with news in the LOOKBACK_DAYS that end with it, but of
        what texts speak of only on days with such news; a day with fewer than 3 effective stories has NaN for mood,
        low and high, and so has a trend that rests on fewer. A row does not depend on the span.
    """
    days = _calendar(first_day - timedelta(days=LOOKBACK_DAYS + MOMENTUM_DAYS), last_day)
    in_span = scored_on(weighed, days)
    if in_span.empty:
        return pd.DataFrame(columns=list(MOOD_COLUMNS))
    day_of = _places(in_span["day"], days)
    spreads = spread_by_kind(in_span, topics)
    moods = pd.concat(
        [_of_spread(spread, day_of, days, first_day=first_day, interval_days=interval_days) for spread in spreads]
    )
    return moods.sort_values(["day", "topic_kind", "topic"], ignore_index=True)[list(MOOD_COLUMNS)]


def _of_spread(
    spread: Spread,
    day_of: np.ndarray,
    days: Sequence[date],
    *,
    first_day: date,
    interval_days: Sequence[date],
) -> pd.DataFrame:
    """Compute the moods of some topics.

    Args:
        spread: the items.
        day_of: int, place in ``days`` of each item.
        days: the days, of which those from ``first_day`` on are wanted.
        first_day: as for ``build_moods``.
        interval_days: likewise.
    """
    day_of_row = day_of[spread.item]
    grid = Grid.of(spread, day_of_row, len(days))
    figures = figures_of(grid)
    wanted = np.isfinite(figures["mood"]) & np.array([day >= first_day for day in days])
    wanted[[topic != MARKET for topic in spread.topics]] &= [day in set(interval_days) for day in days]
    figures["low"], figures["high"] = mood_intervals(spread, day_of_row, days, wanted=wanted, n_eff=grid["n_eff"])
    index = pd.MultiIndex.from_tuples([(*topic, day) for topic in spread.topics for day in days], names=_KEY)
    moods = pd.DataFrame({name: values.reshape(-1) for name, values in figures.items()}, index=index).reset_index()
    is_told = (moods["n_items"] > 0) | ~moods["topic_kind"].isin(SPOKEN_OF)
    moods = moods[(moods["day"] >= first_day) & grid.has_news().reshape(-1) & is_told]
    return moods.astype(dict.fromkeys(COUNTS, "int64"))


def _calendar(first: date, last: date) -> list[date]:
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


def _places(values: pd.Series, order: Sequence[object]) -> np.ndarray:
    """Give the place of each value in a list."""
    codes, found = pd.factorize(values)
    place = {value: number for number, value in enumerate(order)}
    return np.array([place[value] for value in found], dtype=np.int64)[codes]


def figures_of(grid: Grid) -> dict[str, np.ndarray]:
    """Give the columns of MOOD_COLUMNS that follow from daily sums, all but the interval: (n_topics, n_days) each."""
    mood = grid.mood()
    trend = grid.trend()
    return {
        "mood": mood,
        "change": mood - shift(mood, 1),
        "trend": trend,
        "momentum": trend - shift(trend, MOMENTUM_DAYS),
        "z": z_scores(mood),
        "breadth": ratio(grid["n_positive"] - grid["n_negative"], grid["n_items"]),
        "dispersion": grid["dispersion"],
        "usual_items": usual_counts(grid["n_items"]),
        **{name: grid[name] for name in (*COUNTS, "n_eff")},
    }
