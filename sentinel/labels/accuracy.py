"""How often the model reads a headline as people do. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel.figures import LabelledShare, Measured, wilson_interval
from sentinel.labels.agreement import consensus
from sentinel.labels.queue import RANDOM

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

WINDOW_DAYS = 90
MIN_LABELS = 30
"""Fewer say nothing: with 30 the interval is some 30 points wide."""


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
    share = wilson_interval(n_right, len(said)) if said else Measured(None, 0.0, 1.0)
    return LabelledShare(
        n=len(said),
        n_right=n_right,
        low=share.low or 0.0,
        high=1.0 if share.high is None else share.high,
        n_needed=MIN_LABELS,
        n_days=WINDOW_DAYS,
    )
