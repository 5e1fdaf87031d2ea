"""Moods of any periods, such as the sessions of an exchange, by the formula of the daily mood."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentinel.mood.shrinkage import effective_stories, shrunk_mood
from sentinel.mood.sums import joint_codes, sum_by

if TYPE_CHECKING:
    from collections.abc import Sequence


def period_moods(weighed: pd.DataFrame, period: Sequence[int] | np.ndarray, n_periods: int) -> np.ndarray:
    """Give the mood of each period.

    Args:
        weighed: scored items of one topic with weight, polarity and story_id.
        period: int, in which period each item counts, below ``n_periods``; -1 for none.
        n_periods: how many periods there are.

    Returns:
        float array of shape (n_periods,), -100..+100; NaN where there is not enough news.
    """
    codes = np.asarray(period)
    rows = np.flatnonzero(codes >= 0)
    of_row = codes[rows]
    weight = weighed["weight"].to_numpy(dtype=float)[rows]
    polarity = weighed["polarity"].to_numpy(dtype=float)[rows]
    story, stories = pd.factorize(weighed["story_id"].iloc[rows])
    number, (period_of, _) = joint_codes((of_row, n_periods), (story, len(stories)))
    story_w2 = sum_by(number, weight, len(period_of)) ** 2
    sum_w = sum_by(of_row, weight, n_periods)
    n_eff = effective_stories(sum_w, sum_by(period_of, story_w2, n_periods))
    return shrunk_mood(sum_by(of_row, weight * polarity, n_periods), sum_w, n_eff)
