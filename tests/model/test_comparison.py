from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sentinel.errors import TrainingError
from sentinel.model.comparison import (
    N_FOLDS,
    TrainingRows,
    assign_folds,
    cross_fit,
    leave_out_shared,
    measure_baselines,
)
from sentinel.text import fingerprint

if TYPE_CHECKING:
    from collections.abc import Sequence

WORDS = ("loss widens", "board meets", "profit rises")


def _rows(n_each: int) -> tuple[list[str], np.ndarray]:
    """Give headlines that a word model can tell apart, n_each of every label."""
    names = [f"Oxmead{number}" for number in range(n_each)]
    texts = [f"{name} {words}" for words in WORDS for name in names]
    return texts, np.repeat([0, 1, 2], n_each)


def test_folds_never_part_the_same_headline() -> None:
    texts, label_ids = _rows(12)
    folds = assign_folds([*texts, *(f"{text.upper()}!" for text in texts)], np.tile(label_ids, 2))
    np.testing.assert_array_equal(folds[:36], folds[36:])


def test_folds_hold_every_label_alike() -> None:
    texts, label_ids = _rows(2 * N_FOLDS)
    folds = assign_folds(texts, label_ids)
    assert [np.bincount(label_ids[folds == fold]).tolist() for fold in range(N_FOLDS)] == [[2, 2, 2]] * N_FOLDS


def test_folds_do_not_depend_on_the_order_of_rows() -> None:
    texts, label_ids = _rows(7)
    texts, label_ids = [*texts, texts[0]], np.append(label_ids, 2)  # one headline with two labels
    folds = assign_folds(texts, label_ids)
    turned = assign_folds(texts[::-1], label_ids[::-1])
    np.testing.assert_array_equal(folds, turned[::-1])


def test_cross_fit_predicts_each_row_by_rows_of_other_headlines() -> None:
    texts, label_ids = _rows(6)
    texts, label_ids = texts * 2, np.tile(label_ids, 2)
    predicted: list[str] = []

    def predict(trained: Sequence[str], ids: np.ndarray, held_out: Sequence[str]) -> np.ndarray:
        assert len(trained) == len(ids)
        assert not {fingerprint(text) for text in trained} & {fingerprint(text) for text in held_out}
        predicted.extend(held_out)
        return np.array([[float(texts.index(text)), 0, 0] for text in held_out])

    found = cross_fit(texts, label_ids, predict)
    assert sorted(predicted) == sorted(texts)
    assert found[:, 0].tolist() == [texts.index(text) for text in texts]


def test_leave_out_shared_drops_headlines_that_are_measured() -> None:
    training = TrainingRows("a.csv", ["Profit rises.", "loss widens", "Board meets"], np.array([2, 0, 1]))
    kept, n_shared = leave_out_shared(training, ["PROFIT RISES", "else"])
    assert (kept.texts, kept.label_ids.tolist(), n_shared) == (["loss widens", "Board meets"], [0, 1], 1)
    with pytest.raises(TrainingError, match=r"a\.csv: every headline in it is also in the measured file"):
        leave_out_shared(training, training.texts)


def test_baselines_are_cross_fitted_where_nothing_trains_them() -> None:
    texts, label_ids = _rows(10)
    found, reasons = measure_baselines(texts, label_ids, None)
    assert reasons == ()
    assert {system.name: system.trained_on for system in found} == {
        "majority": "5-fold on these rows",
        "VADER": "nothing: a lexicon",
        "TF-IDF + LR": "5-fold on these rows",
    }
    accuracy = {system.name: system.figures.accuracy.value for system in found}
    assert accuracy["majority"] == pytest.approx(1 / 3)
    assert accuracy["TF-IDF + LR"] == 1.0


def test_baselines_learn_from_training_rows() -> None:
    texts, label_ids = _rows(10)
    training = TrainingRows("train.csv", [f"{text} today" for text in texts], (label_ids + 1) % 3)
    found, _ = measure_baselines(texts, label_ids, training)
    by_name = {system.name: system for system in found}
    assert by_name["TF-IDF + LR"].trained_on == "30 rows of train.csv"
    assert by_name["TF-IDF + LR"].figures.accuracy.value == 0.0
    assert by_name["VADER"].trained_on == "nothing: a lexicon"


@pytest.mark.parametrize("texts", [["Profit rises"], ["Profit rises", "PROFIT RISES"]])
def test_one_headline_is_too_little_to_cross_fit_on(texts: list[str]) -> None:
    found, reasons = measure_baselines(texts, np.array([2] * len(texts)), None)
    assert [system.name for system in found] == ["VADER"]
    assert reasons == ("majority and TF-IDF + LR are left out: too few different texts or labels to train on",)


def test_baselines_that_need_more_packages_are_left_out_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("vaderSentiment", "sklearn"):
        for name in [name for name in sys.modules if name.partition(".")[0] == package]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setitem(sys.modules, package, None)
    found, reasons = measure_baselines(*_rows(5), None)
    assert [system.name for system in found] == ["majority"]
    assert reasons == (
        "VADER and TF-IDF + LR are left out: the baselines need more packages (pip install 'sentinel-mood[train]')",
    )
