"""How far one item can move the mood of the market on its day."""

from __future__ import annotations

import pandas as pd

from sentinel.mood.shrinkage import effective_stories, shrink_factor


def market_pulls(scored: pd.DataFrame) -> pd.Series:
    """Give the points by which the mood of its day moves with one unit of an item's polarity.

    Args:
        scored: columns day, story_id and weight, the scored items of whole days.

    Returns:
        Float, at least 0, on the index of the items: 100 x weight / (sum of the weights) x n_eff / (n_eff + 5), the
        derivative of the mood.
    """
    of_story = scored.groupby(["day", "story_id"])["weight"].sum()
    sums = pd.DataFrame({"w": of_story, "w2": of_story**2}).groupby("day").sum()
    n_eff = effective_stories(sums["w"].to_numpy(), sums["w2"].to_numpy())
    per_weight = pd.Series(100.0 * shrink_factor(n_eff), index=sums.index) / sums["w"]
    return scored["weight"] * scored["day"].map(per_weight).astype("float64")
