"""Whether the news has moved away from what the model knows: weeks compared with weeks of reference.

stability.py  how far a distribution moved, and how far chance alone moves it
novelty.py    how new the words are: byte pieces per word, bits per piece
weeks.py      both, week by week, and which limits are passed

Pure: no I/O, no clock, no model.
"""

from sentinel.drift.novelty import PieceCounts
from sentinel.drift.stability import psi, psi_noise
from sentinel.drift.weeks import (
    DRIFT_COLUMNS,
    LIMITS,
    MEASURES,
    REFERENCE_WEEKS,
    WeekSample,
    build_weeks,
    figures_of,
)

__all__ = [
    "DRIFT_COLUMNS",
    "LIMITS",
    "MEASURES",
    "REFERENCE_WEEKS",
    "PieceCounts",
    "WeekSample",
    "build_weeks",
    "figures_of",
    "psi",
    "psi_noise",
]
