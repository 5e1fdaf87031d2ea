"""Agreement beyond chance, checked against figures worked out by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from sentinel.figures import LabelledShare, wilson_interval
from sentinel.labels.accuracy import measure_labelled
from sentinel.labels.agreement import cohen_kappa, consensus, fleiss_kappa, measure_agreement
from sentinel.records import LABELS

NEGATIVE, NEUTRAL, POSITIVE = LABELS


def labels(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["item_id", "labeller", "label"])


def test_consensus_is_the_label_with_most_voices_and_none_where_two_have_as_many() -> None:
    given_labels = labels(
        ("a", "Ann", POSITIVE), ("a", "Bob", POSITIVE), ("a", "Cem", NEGATIVE),
        ("b", "Ann", NEUTRAL), ("b", "Bob", POSITIVE),
        ("c", "Cem", NEUTRAL),
    )  # fmt: skip
    assert consensus(given_labels) == {"a": POSITIVE, "c": NEUTRAL}
    assert consensus(labels()) == {}


def test_cohen_kappa_is_that_of_a_table_worked_out_by_hand() -> None:
    counts = np.array([[20, 5, 0], [10, 15, 0], [0, 0, 0]])  # 70 % agree, 50 % by chance
    assert cohen_kappa(counts) == pytest.approx(0.4)
    assert cohen_kappa(np.diag([7, 0, 0])) is None
    assert cohen_kappa(np.diag([3, 2, 1])) == pytest.approx(1.0)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=2, max_size=30))
def test_cohen_kappa_is_that_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    if len({label for pair in pairs for label in pair}) == 1:
        return
    rows = [
        (str(place), name, label) for place, pair in enumerate(pairs) for name, label in zip("AB", pair, strict=True)
    ]
    (pair,) = measure_agreement(labels(*rows)).pairs
    expected = cohen_kappa_score(*zip(*pairs, strict=True), labels=list(LABELS))
    assert pair.kappa == pytest.approx(expected)
    assert pair.n == len(pairs)


def test_fleiss_kappa_is_that_of_a_table_worked_out_by_hand() -> None:
    votes = np.array([[3, 0, 0], [0, 3, 0], [1, 1, 1], [2, 1, 0]])
    observed = (1 + 1 + 0 + 1 / 3) / 4
    by_chance = (6 / 12) ** 2 + (5 / 12) ** 2 + (1 / 12) ** 2
    assert fleiss_kappa(votes) == pytest.approx((observed - by_chance) / (1 - by_chance))
    assert fleiss_kappa(np.empty((0, 3))) is None
    assert fleiss_kappa(np.array([[2, 0, 0]])) is None


def test_agreement_counts_people_pairs_shared_headlines_and_ties() -> None:
    measured = measure_agreement(
        labels(("a", "Ann", POSITIVE), ("a", "Bob", POSITIVE), ("b", "Ann", POSITIVE), ("b", "Bob", NEGATIVE),
               ("c", "Cem", NEUTRAL))
    )  # fmt: skip
    assert measured.counts == {"Ann": 2, "Bob": 2, "Cem": 1}
    (pair,) = measured.pairs
    assert (pair.names, pair.n, pair.agreed, pair.kappa) == (("Ann", "Bob"), 2, 0.5, pytest.approx(0.0))
    assert (measured.n_shared, measured.n_tied) == (2, 1)


def test_agreement_of_nobody_is_none() -> None:
    measured = measure_agreement(labels())
    assert (measured.counts, measured.pairs, measured.n_shared, measured.fleiss, measured.n_tied) == (
        {},
        (),
        0,
        None,
        0,
    )


# --- accuracy --------------------------------------------------------------------------------------------------


def test_the_model_is_measured_on_the_random_half_that_people_agree_on() -> None:
    given_labels = labels(
        ("a", "Ann", POSITIVE), ("b", "Ann", NEGATIVE), ("c", "Ann", NEUTRAL), ("d", "Ann", NEUTRAL),
        ("d", "Bob", POSITIVE), ("e", "Ann", POSITIVE),
    ).assign(half=["random", "random", "influence", "random", "random", "random"])  # fmt: skip
    read_as = {"a": POSITIVE, "b": POSITIVE, "c": NEUTRAL, "d": NEUTRAL}
    _, low, high = wilson_interval(1, 2)
    assert measure_labelled(given_labels, read_as) == LabelledShare(2, 1, low, high, n_needed=30, n_days=90)
