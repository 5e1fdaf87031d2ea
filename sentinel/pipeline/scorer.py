"""The configured model as a job has it: found and checked once, loaded when something is to be scored.

Invariant: a text that a model has scored is never scored by it again, whichever item it comes with.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import pandas as pd

from sentinel.model.bundle import Bundle, load_bundle
from sentinel.records import LABELS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    from sentinel.config import Settings
    from sentinel.model.classifier import Classifier


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
    def scorer(self) -> Classifier:
        """Its classifier, after the canaries.

        Raises:
            ModelError: it cannot be found, trusted or loaded, or reads obvious sentences wrongly.
            ConfigError: the configured device does not exist here.
        """
        from sentinel.model.classifier import Classifier

        return Classifier.load(self.bundle, device=self._device)

    @cached_property
    def name_reader(self) -> Scorer:
        """What scores texts with a marked name.

        Raises:
            ModelError: as ``scorer``, or the model does not read names.
        """
        return self.scorer.name_reader()


def score_once(
    texts: Sequence[str], text_hashes: Sequence[str], known: pd.DataFrame, *, scorer: Callable[[], Scorer]
) -> pd.DataFrame:
    """Score texts, each of them once, and none that was scored before.

    Args:
        texts: what is to be scored.
        text_hashes: their names, as of ``text.text_hash``.
        known: frame with TEXT_SCORE_COLUMNS, one row per text that was scored before.
        scorer: gives what scores the others; not called when there are none.

    Returns:
        A frame with TEXT_SCORE_COLUMNS, one row per text in the given order; text_hash is "" on a row whose scores are
        those of an earlier row or of a known one.
    """
    is_known = set(known["text_hash"])
    place_of_first = {name: place for place, name in reversed(list(enumerate(text_hashes))) if name not in is_known}
    by_hash = known.set_index("text_hash")
    if place_of_first:
        said = scorer().probabilities([texts[place] for place in place_of_first.values()])
        fresh = pd.DataFrame(said.astype("float64"), columns=list(LABELS), index=list(place_of_first))
        by_hash = pd.concat([by_hash, fresh]) if len(by_hash) else fresh
    scores = by_hash.loc[list(text_hashes), list(LABELS)].reset_index(drop=True)
    firsts = set(place_of_first.values())
    names = [name if place in firsts else "" for place, name in enumerate(text_hashes)]
    scores.insert(0, "text_hash", pd.Series(names, dtype="str"))
    return scores
