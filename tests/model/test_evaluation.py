from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import (
    accuracy_score,
    brier_score_loss,
    confusion_matrix,
    f1_score,
    precision_recall_fscore_support,
)

from sentinel.errors import TrainingError
from sentinel.figures import HEADLINE_FIGURES, Measured, wilson_interval
from sentinel.model.evaluation import (
    bootstrap_interval,
    class_figures,
    confusion_counts,
    headline_figures,
    majority_probabilities,
    measure,
    reliability_bins,
    tfidf_probabilities,
    vader_probabilities,
)
from sentinel.records import LABELS

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
    assert figures["weighted_f1"] == pytest.approx(f1_score(label_ids, predicted, average="weighted"))
    brier = brier_score_loss(label_ids, probabilities, labels=[0, 1, 2], scale_by_half=False)
    assert figures["brier"] == pytest.approx(brier)


@settings(deadline=None)
@given(pairs=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=30))
def test_f1_agrees_with_scikit_learn_whatever_labels_are_missing(pairs: list[tuple[int, int]]) -> None:
    label_ids, predicted = np.array(pairs).T
    figures = measure(label_ids, np.eye(3)[predicted])
    assert figures["macro_f1"] == pytest.approx(f1_score(label_ids, predicted, average="macro"))
    assert figures["weighted_f1"] == pytest.approx(f1_score(label_ids, predicted, average="weighted"))


def test_calibration_error_is_the_weighted_gap_of_its_bins() -> None:
    probabilities = np.array([[0.9, 0.05, 0.05], [0.92, 0.04, 0.04], [0.2, 0.62, 0.18], [0.2, 0.68, 0.12], [0, 0, 1.0]])
    label_ids = np.array([0, 1, 1, 0, 2])
    # Bins of width 1/15: 0.9 and 0.92 share bin 13, 0.62 is in bin 9, 0.68 in bin 10, and 1.0 in the last one.
    expected = 2 / 5 * abs(0.91 - 0.5) + 1 / 5 * abs(0.62 - 1) + 1 / 5 * abs(0.68 - 0) + 1 / 5 * abs(1.0 - 1.0)
    assert measure(label_ids, probabilities)["ece"] == pytest.approx(expected)


def test_calibration_error_tells_calibrated_from_overconfident() -> None:
    label_ids, probabilities = _simulate(2, n_texts=5_000)
    overconfident = probabilities**3 / (probabilities**3).sum(axis=1, keepdims=True)
    assert measure(label_ids, probabilities)["ece"] < 0.03
    assert measure(label_ids, overconfident)["ece"] > 0.1


def test_measure_of_certain_and_right_answers_is_perfect() -> None:
    label_ids = np.array([0, 1, 2, 2])
    figures = measure(label_ids, np.eye(3)[label_ids])
    assert figures == {"n": 4.0, "accuracy": 1.0, "macro_f1": 1.0, "weighted_f1": 1.0, "ece": 0.0, "brier": 0.0}


def test_measure_of_certain_and_wrong_answers_is_the_worst() -> None:
    label_ids = np.array([0, 1, 2, 2])
    figures = measure(label_ids, np.eye(3)[(label_ids + 1) % 3])
    assert figures == {"n": 4.0, "accuracy": 0.0, "macro_f1": 0.0, "weighted_f1": 0.0, "ece": 1.0, "brier": 2.0}


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


@pytest.mark.parametrize("figure", HEADLINE_FIGURES)
def test_bootstrap_interval_is_that_of_measuring_resampled_rows(figure: str) -> None:
    label_ids, probabilities = _simulate(6, n_texts=300)
    generator = np.random.default_rng(9)
    values = []
    for _ in range(1_500):
        rows = generator.integers(0, 300, 300)
        values.append(measure(label_ids[rows], probabilities[rows])[figure])
    expected = np.percentile(values, [2.5, 97.5])
    found = bootstrap_interval(label_ids, probabilities, figure, n_draws=1_500)
    np.testing.assert_allclose(found, expected, atol=0.15 * (expected[1] - expected[0]))


def test_draws_do_not_depend_on_how_many_are_held_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    label_ids, probabilities = _simulate(7, n_texts=50)
    at_once = headline_figures(label_ids, probabilities, n_draws=40)
    monkeypatch.setattr("sentinel.model.evaluation._BLOCK_CELLS", 150)
    in_blocks = headline_figures(label_ids, probabilities, n_draws=40)
    for name in HEADLINE_FIGURES:
        assert getattr(in_blocks, name) == pytest.approx(getattr(at_once, name))


def test_headline_figures_are_those_of_measure_with_their_intervals() -> None:
    label_ids, probabilities = _simulate(8)
    figures, expected = headline_figures(label_ids, probabilities), measure(label_ids, probabilities)
    assert figures.n == 400
    for name in HEADLINE_FIGURES:
        value, *interval = getattr(figures, name)
        assert value == expected[name]
        assert tuple(interval) == bootstrap_interval(label_ids, probabilities, name)


def test_figures_of_a_single_row_have_an_interval_of_no_width() -> None:
    figures = headline_figures(np.array([2]), np.array([[0.2, 0.2, 0.6]]))
    assert figures.accuracy == (1.0, 1.0, 1.0)
    assert figures.ece == pytest.approx((0.4, 0.4, 0.4))


def test_class_figures_agree_with_scikit_learn() -> None:
    label_ids, probabilities = _simulate(9)
    expected = precision_recall_fscore_support(label_ids, probabilities.argmax(axis=1))
    for position, found in enumerate(class_figures(label_ids, probabilities)):
        assert found.label == LABELS[position]
        values = (found.precision.value, found.recall.value, found.f1.value, found.support)
        assert values == pytest.approx([figure[position] for figure in expected])
        for value, low, high in (found.precision, found.recall, found.f1):
            assert low < value < high


def test_class_figures_that_are_not_defined_are_none() -> None:
    label_ids, predicted = np.array([0, 0, 2]), np.array([0, 0, 0])
    negative, neutral, positive = class_figures(label_ids, np.eye(3)[predicted])
    nothing = Measured(None, None, None)
    assert negative.precision.value == pytest.approx(2 / 3)
    assert (neutral.support, neutral.precision, neutral.recall, neutral.f1) == (0, nothing, nothing, nothing)
    assert (positive.support, positive.precision, positive.recall.value) == (1, nothing, 0.0)


def test_confusion_counts_agree_with_scikit_learn() -> None:
    label_ids, probabilities = _simulate(10)
    expected = confusion_matrix(label_ids, probabilities.argmax(axis=1), labels=[0, 1, 2])
    np.testing.assert_array_equal(confusion_counts(label_ids, probabilities), expected)


def test_reliability_bins_are_those_of_the_calibration_error() -> None:
    label_ids, probabilities = _simulate(11)
    bins = reliability_bins(label_ids, probabilities)
    assert sum(part.n for part in bins) == 400
    for part in bins:
        assert part.low <= part.confidence <= part.high
    gap = sum(part.n / 400 * abs(part.confidence - part.accuracy.value) for part in bins)
    assert gap == pytest.approx(measure(label_ids, probabilities)["ece"])


def test_reliability_bin_of_certainty_is_the_last_one() -> None:
    (part,) = reliability_bins(np.array([0, 1]), np.eye(3)[[0, 0]].astype(np.float32))
    assert (part.low, part.high, part.n, part.confidence) == (pytest.approx(14 / 15), 1.0, 2, 1.0)
    assert part.accuracy.value == 0.5


def test_wilson_interval_is_the_published_one() -> None:
    # Newcombe 1998, Statistics in Medicine 17, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29, method 3.
    expected = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }
    for (n_right, n), interval in expected.items():
        value, *found = wilson_interval(n_right, n)
        assert value == n_right / n
        assert found == pytest.approx(interval, abs=5e-5)


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
    ("texts", "label_ids"),
    [(GOOD, [2, 2, 2]), (("one", "two", "three"), [0, 1, 2])],
    ids=["one label", "no word twice"],
)
def test_tfidf_baseline_says_when_there_is_too_little_to_learn_from(
    texts: tuple[str, ...], label_ids: list[int]
) -> None:
    with pytest.raises(TrainingError, match="too few different texts or labels to train on"):
        tfidf_probabilities(texts, np.array(label_ids), texts)


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
