"""Tests of calibration: what was planted is found, no label changes, and a bundle carries it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sentinel.model.bundle import MANIFEST, load_bundle
from sentinel.model.calibration import Calibration, fit_calibration, fit_temperature
from sentinel.model.classifier import Classifier
from tests.model.bundles import edit_json

if TYPE_CHECKING:
    from pathlib import Path


def _softmax(logits: np.ndarray) -> np.ndarray:
    unnormalised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(unnormalised / unnormalised.sum(axis=1, keepdims=True))


def _drawn(probabilities: np.ndarray, seed: int) -> np.ndarray:
    draws = np.random.default_rng(seed).random((len(probabilities), 1))
    return (draws > probabilities.cumsum(axis=1)).sum(axis=1).clip(0, 2)


@pytest.mark.parametrize("planted", [0.5, 1.0, 2.5])
def test_temperature_that_was_planted_is_recovered(planted: float) -> None:
    """Labels drawn from known probabilities give back the factor that their logits were multiplied by."""
    logits = np.random.default_rng(6).normal(0, 2, size=(20_000, 3))
    assert fit_temperature(logits * planted, _drawn(_softmax(logits), 7)) == pytest.approx(planted, rel=0.05)


def test_temperature_stays_in_its_bounds() -> None:
    """Logits that are all right want no temperature below 0.25, and logits that are all wrong none above 4."""
    logits = np.eye(3)
    assert fit_temperature(logits, np.array([0, 1, 2])) == pytest.approx(0.25)
    assert fit_temperature(logits, np.array([1, 2, 0])) == pytest.approx(4.0)


@pytest.mark.parametrize("planted", [Calibration(), Calibration(1.5), Calibration(0.9, 0.8), Calibration(1.2, 1.5)])
def test_calibration_that_was_planted_is_recovered(planted: Calibration) -> None:
    """Labels drawn from corrected probabilities give back the correction."""
    said = _softmax(np.random.default_rng(3).normal(0, 1.8, size=(40_000, 3)))
    found = fit_calibration(said, _drawn(planted.apply(said), 4))
    assert found.temperature == pytest.approx(planted.temperature, rel=0.05)
    assert found.exponent == pytest.approx(planted.exponent, abs=0.1)


@given(
    arrays(np.float64, (5, 3), elements=st.floats(-30, 30)),
    st.builds(Calibration, st.floats(0.25, 4), st.floats(0, 2)),
)
def test_calibration_changes_no_label(logits: np.ndarray, calibration: Calibration) -> None:
    """Corrected probabilities sum to 1, and what was at least as probable still is."""
    said = _softmax(logits)
    corrected = calibration.apply(said)
    np.testing.assert_allclose(corrected.sum(axis=1), 1, atol=1e-5)
    order = np.argsort(said, axis=1, kind="stable")
    assert (np.diff(np.take_along_axis(corrected, order, axis=1), axis=1) >= -1e-6).all()


def test_calibration_that_corrects_nothing_gives_back_what_it_got() -> None:
    """Probabilities pass a plain calibration bit by bit, those of a text without any certainty too."""
    said = np.array([[1 / 3, 1 / 3, 1 / 3], [1, 0, 0]], dtype=np.float32)
    assert Calibration().apply(said) is said
    np.testing.assert_allclose(Calibration(0.5, 1.5).apply(said), said, atol=1e-6)


def test_exponent_leaves_a_certainty_of_nine_tenths_as_it_is() -> None:
    """Below nine tenths the exponent makes a model less sure, above it surer."""
    said = np.array([[0.6, 0.2, 0.2], [0.9, 0.05, 0.05], [0.95, 0.025, 0.025]])
    low, same, high = Calibration(1.0, 1.0).apply(said)[:, 0]
    assert low < 0.55
    assert same == pytest.approx(0.9, abs=1e-3)
    assert high > 0.955


def test_bundle_scores_with_the_calibration_of_its_manifest(bundle_dir: Path) -> None:
    """A manifest that names a correction changes the probabilities, not the labels, and the model's id."""
    texts = ["Profit rises", "Loss widens at the shipyard", "The board meets on Tuesday"]
    tiny = Classifier.load_unchecked(str(bundle_dir), device="cpu")
    edit_json(bundle_dir / MANIFEST, calibration={"temperature": 0.5, "exponent": 0.5})
    bundle = load_bundle(str(bundle_dir))
    assert bundle.model_id != tiny.bundle.model_id
    assert bundle.calibration == Calibration(0.5, 0.5)
    calibrated = Classifier.load_unchecked(bundle, device="cpu").probabilities(texts)
    plain = tiny.probabilities(texts)
    np.testing.assert_allclose(calibrated, Calibration(0.5, 0.5).apply(plain), atol=1e-6)
    assert calibrated.argmax(axis=1).tolist() == plain.argmax(axis=1).tolist()
