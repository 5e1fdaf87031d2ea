"""How far people agree on labels beyond chance, and what they say together. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentinel.records import LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people on the headlines that both have labelled.

    Attributes:
        names: of the two, sorted.
        n: headlines.
        agreed: share of them with one label.
        kappa: Cohen's; None where chance alone would explain everything.
    """

    names: tuple[str, str]
    n: int
    agreed: float
    kappa: float | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """What all people say.

    Attributes:
        counts: headlines of each person, by name, sorted.
        pairs: those that have headlines in common.
        n_shared: headlines that several people have labelled.
        fleiss: Fleiss' kappa over these; None where there are none, or everybody always gives one label.
        n_tied: headlines on which no label has most voices.
    """

    counts: Mapping[str, int]
    pairs: tuple[Pair, ...]
    n_shared: int
    fleiss: float | None
    n_tied: int


def measure_agreement(labels: pd.DataFrame) -> Agreement:
    """Measure how far people agree.

    Args:
        labels: columns item_id, labeller and label, one row per person and headline.
    """
    table = labels.pivot_table(index="item_id", columns="labeller", values="label", aggfunc="first")
    pairs = [_pair(table, *names) for names in combinations(sorted(table.columns), 2)]
    votes = _votes(labels)
    shared = votes[votes.sum(axis=1) > 1]
    counts = labels.groupby("labeller").size().sort_index()
    return Agreement(
        counts={str(name): int(count) for name, count in counts.items()},
        pairs=tuple(pair for pair in pairs if pair.n),
        n_shared=len(shared),
        fleiss=fleiss_kappa(shared.to_numpy()),
        n_tied=len(votes) - len(consensus(labels)),
    )


def consensus(labels: pd.DataFrame) -> dict[str, str]:
    """Give the label with most voices of each headline; one without such a label is left out.

    Args:
        labels: columns item_id, labeller and label, one row per person and headline.
    """
    votes = _votes(labels)
    most = votes.max(axis=1)
    is_clear = votes.eq(most, axis=0).sum(axis=1) == 1
    best = votes[is_clear].idxmax(axis=1)
    return {str(item_id): str(label) for item_id, label in best.items()}


def cohen_kappa(counts: np.ndarray) -> float | None:
    """Measure the agreement of two people beyond chance.

    Args:
        counts: of shape (n_labels, n_labels), headlines by the label of the one and of the other.

    Returns:
        At most 1; None where both give one and the same label to everything.

    Source: Cohen 1960, "A coefficient of agreement for nominal scales", equation 1.
    """
    shares = counts / counts.sum()
    observed, by_chance = float(np.trace(shares)), float(shares.sum(axis=0) @ shares.sum(axis=1))
    return None if np.isclose(by_chance, 1.0) else (observed - by_chance) / (1.0 - by_chance)


def fleiss_kappa(votes: np.ndarray) -> float | None:
    """Measure the agreement of several people beyond chance; they need not be the same for each headline.

    Args:
        votes: of shape (n_headlines, n_labels), voices for each label, two at least for a headline.

    Returns:
        At most 1; None without headlines, or where everybody gives one and the same label to everything.

    Source: Fleiss 1971, "Measuring nominal scale agreement among many raters", equations 2 to 7, where n
    is each headline's own number of voices.
    """
    if not len(votes):
        return None
    n_voices = votes.sum(axis=1)
    observed = float(((votes * (votes - 1)).sum(axis=1) / (n_voices * (n_voices - 1))).mean())
    by_chance = float(((votes.sum(axis=0) / votes.sum()) ** 2).sum())
    return None if np.isclose(by_chance, 1.0) else (observed - by_chance) / (1.0 - by_chance)


def _pair(table: pd.DataFrame, one: str, other: str) -> Pair:
    both = table[[one, other]].dropna()
    if both.empty:
        return Pair((one, other), 0, 0.0, None)
    places = [both[name].map(LABELS.index).to_numpy() for name in (one, other)]
    counts = np.zeros((len(LABELS), len(LABELS)))
    np.add.at(counts, tuple(places), 1)
    return Pair((one, other), len(both), float((places[0] == places[1]).mean()), cohen_kappa(counts))


def _votes(labels: pd.DataFrame) -> pd.DataFrame:
    """Count voices: a row per headline, a column per label of LABELS."""
    return pd.crosstab(labels["item_id"], labels["label"]).reindex(columns=list(LABELS), fill_value=0)
