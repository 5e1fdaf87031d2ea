"""How often the model reads a headline as people do. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sentinel.figures import LabelledShare
from sentinel.labels.agreement import consensus
from sentinel.labels.queue import RANDOM

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

WINDOW_DAYS = 90
MIN_LABELS = 30
"""Fewer say nothing: with 30 the interval is some 30 points wide."""

_Z95 = 1.959963984540054


def measure_labelled(labels: pd.DataFrame, read_as: Mapping[str, str]) -> LabelledShare:
    """Compare the model with people on the random half.

    Args:
        labels: columns item_id, labeller, label and half, one row per person and headline.
        read_as: what the model says, by item id; a headline that it has not scored counts nowhere.

    Returns:
        Of the headlines with a label that has most voices, how many the model reads the same.
    """
    said = {
        item_id: label for item_id, label in consensus(labels[labels["half"] == RANDOM]).items() if item_id in read_as
    }
    n_right = sum(read_as[item_id] == label for item_id, label in said.items())
    low, high = wilson_interval(n_right, len(said))
    return LabelledShare(n=len(said), n_right=n_right, low=low, high=high, n_needed=MIN_LABELS, n_days=WINDOW_DAYS)


def wilson_interval(n_right: int, n: int) -> tuple[float, float]:
    """Give the 95 % interval of a share.

    Args:
        n_right: how often it was so.
        n: of how many.

    Returns:
        Bounds within [0, 1]; 0 and 1 where n is 0.

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".
    """
    if n == 0:
        return 0.0, 1.0
    share, z2 = n_right / n, _Z95**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)
