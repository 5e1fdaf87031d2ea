"""The configured model as a job has it: found and checked once, loaded when something is to be scored."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from sentinel.model.bundle import Bundle, load_bundle

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from sentinel.config import Settings


class Scorer(Protocol):
    """What the score step needs of a classifier."""

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Score texts; float32 of shape (n, 3)."""


class ConfiguredModel:
    """The model that the settings name, so that one job has one model."""

    def __init__(self, settings: Settings) -> None:
        self._model = settings.model
        self._device = settings.device

    @cached_property
    def bundle(self) -> Bundle:
        """Its directory, checked.

        Raises:
            ModelError: it cannot be found or trusted.
        """
        return load_bundle(self._model)

    @cached_property
    def scorer(self) -> Scorer:
        """Its classifier, after the canaries.

        Raises:
            ModelError: it cannot be found, trusted or loaded, or reads obvious sentences wrongly.
            ConfigError: the configured device does not exist here.
        """
        from sentinel.model.classifier import Classifier

        return Classifier.load(self.bundle, device=self._device)
