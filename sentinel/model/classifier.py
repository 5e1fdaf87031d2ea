"""Texts in, probabilities out.

Comes in: a bundle and texts. Goes out: a float32 array of shape (n_texts, 3), columns in LABELS order.
What scores is chosen by the bundle's kind. Invariant: the probabilities of a text depend on that text alone.
"""

from __future__ import annotations

import logging
from copy import copy
from typing import TYPE_CHECKING, Protocol

import numpy as np
import torch

from sentinel.errors import CanaryError, ModelError
from sentinel.model import canaries
from sentinel.model.bundle import Bundle, load_bundle
from sentinel.model.device import choose_device, equal_devices, supports_bfloat16
from sentinel.model.linear import LinearScorer
from sentinel.model.packed import PackedScorer
from sentinel.model.stack import Fusion
from sentinel.records import LABELS
from sentinel.text import classifier_text

if TYPE_CHECKING:
    from collections.abc import Sequence

CANARIES = canaries.CANARIES[canaries.ENGLISH]

_log = logging.getLogger(__name__)


class _Scorer(Protocol):
    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Score cleaned texts, none of them empty; float32 of shape (n_texts, 3)."""


class Classifier:
    """A loaded model.

    Attributes:
        bundle: what was loaded.
        device: torch device it runs on.
        dtype: number format of its weights.
    """

    def __init__(self, bundle: Bundle, *, device: torch.device, dtype: torch.dtype) -> None:
        self.bundle = bundle
        self.device = device
        self.dtype = dtype
        self._scorer = _load_scorer(bundle, device=device, dtype=dtype)
        self._calibration = bundle.calibration

    def name_reader(self) -> Classifier:
        """Load the same model as it reads texts with one marked name (``sentinel.target``): what they are for that one.

        Raises:
            ModelError: it was not trained for that, or cannot be loaded so.
        """
        calibration = self.bundle.names_calibration
        if calibration is None:
            raise ModelError("was not trained to read single names", where=str(self.bundle.path))
        devices = equal_devices(self.device)
        scorer = PackedScorer.load(self.bundle, devices=devices, dtype=self.dtype, reads_names=True)
        if scorer is None:
            raise ModelError("is no GPT-2 that can read single names", where=str(self.bundle.path))
        reader = copy(self)
        reader._scorer, reader._calibration = scorer, calibration  # noqa: SLF001  # its own kind
        return reader

    @classmethod
    def load(cls, model: str | Bundle, *, device: str = "auto", language: str = canaries.ENGLISH) -> Classifier:
        """Load a model and check it with the canaries.

        Args:
            model: a checked bundle, or "packaged", a directory or a hub id.
            device: "auto", "cpu", "cuda" or "cuda:N".
            language: of the canaries.

        Returns:
            A classifier ready to score.

        Raises:
            ModelError: the model cannot be found, trusted or loaded.
            CanaryError: it reads obvious sentences wrongly.
            ConfigError: the device does not exist here.
        """
        classifier = cls.load_unchecked(model, device=device)
        classifier.check_canaries(language)
        _log.info("model %s on %s, %s", classifier.bundle.model_id, classifier.device, classifier.dtype)
        return classifier

    @classmethod
    def load_unchecked(cls, model: str | Bundle, *, device: str = "auto") -> Classifier:
        """Load a model without scoring the canaries: one in training, or one to be measured and not trusted.

        Raises:
            ModelError: the model cannot be found, trusted or loaded.
            ConfigError: the device does not exist here.
        """
        bundle = load_bundle(model) if isinstance(model, str) else model
        chosen = choose_device(device)
        dtype = torch.bfloat16 if supports_bfloat16(chosen) else torch.float32
        return cls(bundle, device=chosen, dtype=dtype)

    def check_canaries(self, language: str = canaries.ENGLISH) -> None:
        """Score the canaries of a language; where there are none, the log says so.

        Raises:
            CanaryError: an obviously good or bad sentence has the wrong sign, or most labels are wrong.
        """
        sentences = canaries.CANARIES.get(language, ())
        if not sentences:
            _log.warning("model %s is not checked: there are no canaries in %s", self.bundle.model_id, language)
            return
        probabilities = self.probabilities([text for text, _ in sentences])
        labels = [LABELS[column] for column in probabilities.argmax(axis=1)]
        polarity = probabilities[:, 2] - probabilities[:, 0]
        signs = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}
        for (text, expected), label, value in zip(sentences, labels, polarity, strict=True):
            if not np.isfinite(value) or value * signs[expected] < 0:
                raise CanaryError(
                    f'reads "{text}" as {label}, which is {expected}',
                    where=str(self.bundle.path),
                    hint="check the label order, tokenizer and weights; nothing was scored",
                )
        n_wrong = sum(label != expected for (_, expected), label in zip(sentences, labels, strict=True))
        if n_wrong > 1:
            raise CanaryError(
                f"labels {n_wrong} of {len(sentences)} obvious sentences wrongly",
                where=str(self.bundle.path),
                hint="this is not a three-way financial sentiment model; nothing was scored",
            )

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Score texts.

        Args:
            texts: any strings; they are cleaned as in training. An empty one is scored as an empty text.

        Returns:
            float32 array of shape (n_texts, 3), columns in LABELS order, rows sum to 1.
        """
        if not texts:
            return np.empty((0, len(LABELS)), dtype=np.float32)
        cleaned = [classifier_text(text) or " " for text in texts]
        place_of_text = {text: place for place, text in enumerate(dict.fromkeys(cleaned))}  # each is scored once
        said = self._calibration.apply(self._scorer.probabilities(list(place_of_text)))
        return said[[place_of_text[text] for text in cleaned]]


def weakest_canary(probabilities: np.ndarray) -> float:
    """Tell how sure a model is of the canaries.

    Args:
        probabilities: what it gives for the texts of CANARIES, float of shape (n_canaries, 3).

    Returns:
        The lowest probability that any of them gets for its own label, 0 to 1.
    """
    columns = [LABELS.index(label) for _, label in CANARIES]
    return float(probabilities[np.arange(len(CANARIES)), columns].min())


def _load_scorer(bundle: Bundle, *, device: torch.device, dtype: torch.dtype) -> _Scorer:
    if bundle.kind == "linear":
        return LinearScorer(bundle)
    if bundle.kind == "stack":
        return StackScorer(bundle, device=device, dtype=dtype)
    packed = PackedScorer.load(bundle, devices=equal_devices(device), dtype=dtype)
    if packed is not None:
        return packed
    from sentinel.model.transformer import TransformerScorer  # imports transformers, which takes seconds

    return TransformerScorer(bundle, device=device, dtype=dtype)


class StackScorer:
    """Several models that score every text, and their fusion."""

    def __init__(self, bundle: Bundle, *, device: torch.device, dtype: torch.dtype) -> None:
        self._fusion = Fusion.load(bundle.path)
        self._members = [
            _load_scorer(load_bundle(str(bundle.path / name)), device=device, dtype=dtype)
            for name in self._fusion.members
        ]

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Score cleaned texts; float32 array of shape (n_texts, 3), columns in LABELS order, rows sum to 1."""
        return self._fusion.fuse([member.probabilities(texts) for member in self._members])
