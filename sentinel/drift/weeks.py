"""Compare every week with the weeks of reference, and say which limits it passes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentinel.drift.stability import psi, psi_noise

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sentinel.drift.novelty import PieceCounts

REFERENCE_WEEKS = 8
MEASURES = ("polarity", "length", "novelty", "unread")
"""What is watched; see LIMITS."""
LIMITS = {"polarity": 0.25, "length": 0.25, "novelty": 0.5, "unread": 0.5}
"""Where a week has drifted: stability indexes, bits per piece above the reference, share of the items."""

DRIFT_COLUMNS = (
    "week",  # datetime.date, its Monday, in the report's time zone
    "is_reference",  # bool, whether the other weeks are compared with it
    "n_items",  # int
    "n_scored",  # int, items with a score
    "unread",  # float, share of the items in a language that the model does not read
    "polarity",  # float, stability index of the polarity scores
    "polarity_noise",  # float, what chance alone stays under
    "length",  # float, stability index of the text lengths in characters
    "length_noise",  # float
    "pieces_per_word",  # float, byte pieces that a word falls into
    "bits_per_piece",  # float, surprisal by the pieces of the reference
    "novelty",  # float, bits per piece above those of a week of reference
    "passed",  # str, those of MEASURES whose limit is passed, joined by commas
)
"""Columns of a frame of weeks, one row each, in order of time; NaN where a figure is not known."""


@dataclass(frozen=True)
class WeekSample:
    """What is compared of a week's items.

    Attributes:
        week: its Monday.
        n_items: how many there are.
        n_unread: how many of them are in a language that the model does not read.
        polarity: float array, of the scored items.
        length: int array, characters of the items that are read.
        pieces: of the items that are read; None where the model has no byte pieces.
    """

    week: date
    n_items: int
    n_unread: int
    polarity: np.ndarray
    length: np.ndarray
    pieces: PieceCounts | None = None


def build_weeks(samples: Sequence[WeekSample], *, n_reference: int = REFERENCE_WEEKS) -> pd.DataFrame:
    """Compare weeks with the first of them.

    A week of the reference is compared with the others of it, so that its figures tell what is usual.

    Args:
        samples: weeks with items, in order of time.
        n_reference: so many of them are the reference.

    Returns:
        A frame with DRIFT_COLUMNS.
    """
    rows = []
    for place, sample in enumerate(samples):
        others = [other for number, other in enumerate(samples[:n_reference]) if number != place]
        rows.append({**_compare(sample, others), "is_reference": place < n_reference})
    frame = pd.DataFrame(rows, columns=list(DRIFT_COLUMNS))
    usual = frame.loc[frame["is_reference"].astype(bool), "bits_per_piece"].mean()
    frame["novelty"] = frame["bits_per_piece"].astype(float) - usual
    frame["passed"] = [",".join(name for name in MEASURES if _is_passed(row, name)) for _, row in frame.iterrows()]
    return frame


def figures_of(week: pd.Series) -> dict[str, float]:
    """Give the figure of each measure of a week; an index that chance may make is 0, one not known is left out."""
    figures = {name: float(week[name]) for name in MEASURES if week[name] == week[name]}
    return {name: value if value >= week.get(f"{name}_noise", 0.0) else 0.0 for name, value in figures.items()}


def _compare(sample: WeekSample, others: Sequence[WeekSample]) -> dict[str, object]:
    polarity, length = (
        np.concatenate([getattr(other, name) for other in others] or [np.zeros(0)]) for name in ("polarity", "length")
    )
    mine, theirs = sample.pieces, [other.pieces for other in others if other.pieces is not None]
    return {
        "week": sample.week,
        "n_items": sample.n_items,
        "n_scored": len(sample.polarity),
        "unread": sample.n_unread / sample.n_items,
        "polarity": psi(polarity, sample.polarity),
        "polarity_noise": psi_noise(polarity, sample.polarity),
        "length": psi(length, sample.length),
        "length_noise": psi_noise(length, sample.length),
        "pieces_per_word": mine.pieces_per_word() if mine is not None else np.nan,
        "bits_per_piece": mine.bits_per_piece(reduce(add, theirs)) if mine is not None and theirs else np.nan,
    }


def _is_passed(week: pd.Series, name: str) -> bool:
    """Tell whether a figure is at its limit or above; an index must be more than chance as well."""
    return bool(week[name] >= max(LIMITS[name], week.get(f"{name}_noise", 0.0)))
