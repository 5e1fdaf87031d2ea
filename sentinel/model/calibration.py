"""Make probabilities mean what they say: a temperature, and how it changes with certainty.

Comes in: probabilities of a model, or its logits, and labels it was not trained on. Goes out: a Calibration, which is
kept in the bundle's manifest and applied to whatever the bundle scores. Invariant: the order of the labels of a text
stays as it was, so no label changes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

EXPONENTS = tuple(step / 20 for step in range(41))
FIXED_NORM = 2.36
"""Norm of the centred log-probabilities (.9, .05, .05): there the exponent changes nothing."""
LEAST_PROBABILITY = 1e-9
_TEMPERATURES = np.exp(np.linspace(np.log(0.25), np.log(4.0), 401))
_EQUAL_LOSS = 1e-12


@dataclass(frozen=True)
class Calibration:
    """How the probabilities of a model are corrected.

    One temperature makes a model less sure everywhere or nowhere. One that is too sure of what it half knows and not
    sure enough of what it knows needs a temperature that falls with certainty: the centred log-probabilities z become
    ``z * (|z| / FIXED_NORM) ** exponent / temperature``.

    Attributes:
        temperature: above 0; 1 changes nothing.
        exponent: 0 to 2; 0 is plain temperature scaling.

    Source: Guo, Pleiss, Sun and Weinberger 2017, section 4.2, for the temperature; Tomani, Cremers and Buettner 2022,
    "Parameterized Temperature Scaling", for one that depends on the logits; Rahimi et al. 2020, "Intra
    Order-Preserving Functions", for why the labels stay.
    """

    temperature: float = 1.0
    exponent: float = 0.0

    def apply(self, probabilities: np.ndarray) -> np.ndarray:
        """Correct probabilities.

        Args:
            probabilities: float array of shape (n, 3), rows sum to 1.

        Returns:
            float32 array of that shape, rows sum to 1; the very array where nothing is to be corrected.
        """
        if self == Calibration():
            return probabilities
        logits = _bent(probabilities, self.exponent) / self.temperature
        return np.asarray(np.exp(_log_softmax(logits)), dtype=np.float32)


def fit_temperature(logits: np.ndarray, label_ids: np.ndarray) -> float:
    """Find the temperature with the least negative log-likelihood.

    Args:
        logits: float array of shape (n, 3), in LABELS order.
        label_ids: int array of shape (n,).

    Returns:
        Temperature in [0.25, 4].

    Source: Guo, Pleiss, Sun and Weinberger 2017, "On Calibration of Modern Neural Networks", section 4.2.
    """
    logits = np.asarray(logits, dtype=np.float64)
    losses = [_loss(logits / temperature, label_ids) for temperature in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def fit_calibration(probabilities: np.ndarray, label_ids: np.ndarray) -> Calibration:
    """Find the correction with the least negative log-likelihood.

    Args:
        probabilities: float array of shape (n, 3), of texts that the model was not trained on.
        label_ids: int array of shape (n,), positions in LABELS.

    Returns:
        The correction, to four decimals; of two that are equally good, the one nearer to plain temperature scaling.
    """
    best, least = Calibration(), np.inf
    for exponent in EXPONENTS:
        bent = _bent(probabilities, exponent)
        temperature = fit_temperature(bent, label_ids)
        loss = _loss(bent / temperature, label_ids)
        if loss < least - _EQUAL_LOSS:
            best, least = Calibration(round(temperature, 4), exponent), loss
    return best


def _bent(probabilities: np.ndarray, exponent: float) -> np.ndarray:
    """Give centred log-probabilities, longer than FIXED_NORM ones stretched and shorter ones shrunk."""
    logs = np.log(np.maximum(np.asarray(probabilities, dtype=np.float64), LEAST_PROBABILITY))
    centred = logs - logs.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(centred * (norms / FIXED_NORM) ** exponent)


def _loss(logits: np.ndarray, label_ids: np.ndarray) -> float:
    """Give the mean negative log-likelihood of the labels."""
    return float(-np.take_along_axis(_log_softmax(logits), np.asarray(label_ids)[:, None], axis=1).mean())


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))
