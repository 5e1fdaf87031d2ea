"""The figures of an evaluation as types: what crosses from the model to the command line and the report."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sentinel.records import ModelFacts


Z_95 = 1.959964
"""Where a normal distribution leaves 2.5 % on either side."""


class Measured(NamedTuple):
    """A figure with its 95 % interval; all None where the figure is not defined."""

    value: float | None
    low: float | None
    high: float | None


def wilson_interval(n_right: int, n: int) -> Measured:
    """Give a share with its 95 % score interval.

    Args:
        n_right: those that are right.
        n: all of them, at least 1.

    Returns:
        The share and the ends of its interval, all in [0, 1].

    Source: Wilson 1927.
    """
    share = n_right / n
    centre = (share + Z_95**2 / (2 * n)) / (1 + Z_95**2 / n)
    half = Z_95 / (1 + Z_95**2 / n) * math.sqrt(share * (1 - share) / n + Z_95**2 / (4 * n**2))
    return Measured(share, max(centre - half, 0.0), min(centre + half, 1.0))


@dataclass(frozen=True, slots=True)
class LabelledShare:
    """How often a model reads headlines as people have labelled them, of headlines drawn at random.

    Attributes:
        n: headlines.
        n_right: those that the model reads as people do.
        low, high: 95 % interval of the share, 0 to 1.
        n_needed: how many are enough for a figure.
        n_days: over how many days, the last being the page's.
    """

    n: int
    n_right: int
    low: float
    high: float
    n_needed: int
    n_days: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The headline figures of a classifier on labelled rows.

    Attributes:
        n: rows they rest on.
        accuracy: share of rows labelled rightly.
        macro_f1: mean F1 over the labels that occur.
        weighted_f1: mean F1, each label weighted by its rows.
        ece: expected calibration error, a fraction; 0 is best.
        brier: mean squared distance to the one-hot label, 0 to 2; 0 is best.
    """

    n: int
    accuracy: Measured
    macro_f1: Measured
    weighted_f1: Measured
    ece: Measured
    brier: Measured


HEADLINE_FIGURES = ("accuracy", "macro_f1", "weighted_f1", "ece", "brier")
"""Names of the figures of Figures, in the order of every table."""


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """The figures of one label.

    Attributes:
        label: one of LABELS.
        support: rows that carry it.
        precision: share of the rows given this label that carry it; not defined when it was never given.
        recall: share of the rows that carry it which were given it; not defined when none carries it.
        f1: harmonic mean of both.
    """

    label: str
    support: int
    precision: Measured
    recall: Measured
    f1: Measured


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """The rows whose confidence (highest probability) lies in [low, high); the last bin includes 1.

    Attributes:
        low: lower end.
        high: upper end.
        n: rows in it.
        confidence: their mean confidence.
        accuracy: share of them labelled rightly.
    """

    low: float
    high: float
    n: int
    confidence: float
    accuracy: Measured


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """The figures on the rows that have one value in a column; ``value`` is "" for an empty cell."""

    value: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class BaselineFigures:
    """What a simple system reaches on the same rows.

    Attributes:
        name: what it is.
        trained_on: which rows it was trained on, for a person.
        figures: as of the model.
    """

    name: str
    trained_on: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How good a model is on a labelled table.

    Attributes:
        model: what was measured.
        file: the table.
        figures: the headline figures.
        classes: one per label, in LABELS order.
        confusion: counts; rows are the labels carried, columns the labels given, both in LABELS order.
        reliability: the bins that hold a row, by confidence.
        groups: figures by column and value, for each grouping column of the file.
        baselines: simple systems on the same rows.
        notes: what was left out, a sentence each.
    """

    model: ModelFacts
    file: str
    figures: Figures
    classes: tuple[ClassFigures, ...]
    confusion: tuple[tuple[int, ...], ...]
    reliability: tuple[ReliabilityBin, ...]
    groups: dict[str, tuple[GroupFigures, ...]]
    baselines: tuple[BaselineFigures, ...]
    notes: tuple[str, ...]
