from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, brier_score_loss, f1_score

from sentinel.errors import TrainingError
from sentinel.model.evaluation import (
    bootstrap_interval,
    expected_calibration_error,
    macro_f1,
    majority_probabilities,
    measure,
    tfidf_probabilities,
    vader_probabilities,
)

if TYPE_CHECKING:
    from collections.abc import Callable

GOOD = ("Oxmead profit rises on strong demand", "Profit beats forecasts, shares rise", "Strong demand lifts profit")
BAD = ("Oxmead loss widens on weak demand", "Loss exceeds forecasts, shares fall", "Weak demand cuts sales")
PLAIN = ("Board meets on Tuesday", "Annual meeting set for Tuesday", "Board names a new secretary on Tuesday")


def _simulate(seed: int, n_texts: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Draw probabilities, and labels that follow them: a perfectly calibrated classifier."""
    generator = np.random.default_rng(seed)
    probabilities = generator.dirichlet([0.7, 1.0, 0.4], size=n_texts)
    return np.array([generator.choice(3, p=row) for row in probabilities]), probabilities


def test_measure_agrees_with_scikit_learn() -> None:
    label_ids, probabilities = _simulate(1)
    figures = measure(label_ids, probabilities)
    predicted = probabilities.argmax(axis=1)
    assert figures["n"] == 400
    assert figures["accuracy"] == pytest.approx(accuracy_score(label_ids, predicted))
    assert figures["macro_f1"] == pytest.approx(f1_score(label_ids, predicted, average="macro"))
    brier = brier_score_loss(label_ids, probabilities, labels=[0, 1, 2], scale_by_half=False)
    assert figures["brier"] == pytest.approx(brier)


@settings(deadline=None)
@given(pairs=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=30))
def test_macro_f1_agrees_with_scikit_learn_whatever_labels_are_missing(pairs: list[tuple[int, int]]) -> None:
    label_ids, predicted = np.array(pairs).T
    assert macro_f1(label_ids, predicted) == pytest.approx(f1_score(label_ids, predicted, average="macro"))


def test_calibration_error_is_the_weighted_gap_of_its_bins() -> None:
    probabilities = np.array([[0.9, 0.05, 0.05], [0.92, 0.04, 0.04], [0.2, 0.62, 0.18], [0.2, 0.68, 0.12], [0, 0, 1.0]])
    label_ids = np.array([0, 1, 1, 0, 2])
    # Bins of width 1/15: 0.9 and 0.92 share bin 13, 0.62 is in bin 9, 0.68 in bin 10, and 1.0 in the last one.
    expected = 2 / 5 * abs(0.91 - 0.5) + 1 / 5 * abs(0.62 - 1) + 1 / 5 * abs(0.68 - 0) + 1 / 5 * abs(1.0 - 1.0)
    assert expected_calibration_error(label_ids, probabilities) == pytest.approx(expected)


def test_calibration_error_tells_calibrated_from_overconfident() -> None:
    label_ids, probabilities = _simulate(2, n_texts=5_000)
    overconfident = probabilities**3 / (probabilities**3).sum(axis=1, keepdims=True)
    assert expected_calibration_error(label_ids, probabilities) < 0.03
    assert expected_calibration_error(label_ids, overconfident) > 0.1


def test_measure_of_certain_and_right_answers_is_perfect() -> None:
    label_ids = np.array([0, 1, 2, 2])
    figures = measure(label_ids, np.eye(3)[label_ids])
    assert figures == {"n": 4.0, "accuracy": 1.0, "macro_f1": 1.0, "ece": 0.0, "brier": 0.0}


def test_measure_of_certain_and_wrong_answers_is_the_worst() -> None:
    label_ids = np.array([0, 1, 2, 2])
    figures = measure(label_ids, np.eye(3)[(label_ids + 1) % 3])
    assert figures == {"n": 4.0, "accuracy": 0.0, "macro_f1": 0.0, "ece": 1.0, "brier": 2.0}


@pytest.mark.parametrize("figure", ["accuracy", "macro_f1", "brier"])
def test_bootstrap_interval_contains_the_figure(figure: str) -> None:
    label_ids, probabilities = _simulate(3)
    low, high = bootstrap_interval(label_ids, probabilities, figure, n_draws=200)
    assert low < measure(label_ids, probabilities)[figure] < high


def test_bootstrap_interval_of_accuracy_is_as_wide_as_the_binomial_says() -> None:
    label_ids, probabilities = _simulate(4)
    low, high = bootstrap_interval(label_ids, probabilities, "accuracy")
    accuracy = measure(label_ids, probabilities)["accuracy"]
    assert high - low == pytest.approx(2 * 1.96 * np.sqrt(accuracy * (1 - accuracy) / 400), rel=0.15)


def test_bootstrap_interval_is_seeded() -> None:
    label_ids, probabilities = _simulate(5, n_texts=60)
    intervals = [bootstrap_interval(label_ids, probabilities, "ece", seed=seed, n_draws=50) for seed in (1, 1, 2)]
    assert intervals[0] == intervals[1] != intervals[2]


def test_majority_baseline_predicts_the_shares_of_the_training_labels() -> None:
    np.testing.assert_array_equal(majority_probabilities(np.array([1, 1, 2, 1]), 2), [[0, 0.75, 0.25]] * 2)


def test_vader_baseline_reads_plain_sentiment_words() -> None:
    texts = ["Great success, excellent results", "Terrible disaster, awful losses", "Board meets on Tuesday"]
    np.testing.assert_array_equal(vader_probabilities(texts), np.eye(3)[[2, 0, 1]])


def test_tfidf_baseline_learns_from_its_training_texts() -> None:
    probabilities = tfidf_probabilities([*BAD, *PLAIN, *GOOD], np.repeat([0, 1, 2], 3), [BAD[0], PLAIN[0], GOOD[0]])
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)
    assert probabilities.argmax(axis=1).tolist() == [0, 1, 2]


def test_tfidf_baseline_gives_a_label_it_never_saw_no_probability() -> None:
    probabilities = tfidf_probabilities([*BAD, *GOOD], np.repeat([0, 2], 3), [BAD[0], GOOD[0]])
    assert probabilities.shape == (2, 3)
    assert probabilities[:, 1].tolist() == [0, 0]
    assert probabilities.argmax(axis=1).tolist() == [0, 2]


@pytest.mark.parametrize(
    ("module", "baseline"),
    [
        ("vaderSentiment", lambda: vader_probabilities(GOOD)),
        ("sklearn", lambda: tfidf_probabilities(GOOD, np.array([2, 2, 2]), GOOD)),
    ],
    ids=["vader", "tfidf"],
)
def test_baselines_without_the_extra_say_what_to_install(
    module: str, baseline: Callable[[], np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(TrainingError, match=r"pip install 'sentinel-mood\[train\]'"):
        baseline()
