"""The configured models as a job has them: found and checked once, loaded when something is to be scored.

Invariant: a text that a model has scored is never scored by it again, whichever item it comes with.
"""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import pandas as pd

from sentinel.language import UNDETERMINED, USUAL
from sentinel.model.bundle import Bundle, load_bundle
from sentinel.records import LABELS, ModelFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np

    from sentinel.config import Settings
    from sentinel.model.attribution import Explainer
    from sentinel.model.classifier import Classifier


class Scorer(Protocol):
    """What the score step needs of a classifier."""

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Score texts; float32 of shape (n, 3)."""


class Reader:
    """A model and the languages of the items that it reads.

    Attributes:
        languages: ISO 639-1 codes, sorted.
    """

    def __init__(self, model: str, languages: Iterable[str], device: str) -> None:
        self._model = model
        self._device = device
        self.languages = tuple(sorted(languages))

    @cached_property
    def bundle(self) -> Bundle:
        """Its directory, checked.

        Raises:
            ModelError: it cannot be found or trusted.
        """
        return load_bundle(self._model)

    @cached_property
    def scorer(self) -> Classifier:
        """Its classifier, after the canaries of one of its languages, English where it reads that.

        Raises:
            ModelError: it cannot be found, trusted or loaded, or reads obvious sentences wrongly.
            ConfigError: the configured device does not exist here.
        """
        from sentinel.model.classifier import Classifier

        language = USUAL if USUAL in self.languages else self.languages[0]
        return Classifier.load(self.bundle, device=self._device, language=language)

    @cached_property
    def name_reader(self) -> Scorer:
        """What scores texts with a marked name.

        Raises:
            ModelError: as ``scorer``, or the model does not read names.
        """
        return self.scorer.name_reader()


class ConfiguredModel:
    """The models that the settings name, one of each language, under one id: one job has one of these.

    Attributes:
        readers: each model once; the first one reads what is in no language that can be told.
    """

    def __init__(self, settings: Settings) -> None:
        languages: dict[str, list[str]] = {}
        for language, model in settings.model_of_language.items():
            languages.setdefault(model, []).append(language)
        readers = [Reader(model, read, settings.device) for model, read in languages.items()]
        self.readers = tuple(sorted(readers, key=lambda reader: USUAL not in reader.languages))

    @property
    def bundle(self) -> Bundle:
        """The directory of the first model.

        Raises:
            ModelError: it cannot be found or trusted.
        """
        return self.readers[0].bundle

    @property
    def scorer(self) -> Scorer:
        """The classifier of the first model; see ``Reader``."""
        return self.readers[0].scorer

    @property
    def model_ids(self) -> tuple[str, ...]:
        """The id of each model.

        Raises:
            ModelError: one cannot be found or trusted.
        """
        return tuple(reader.bundle.model_id for reader in self.readers)

    @property
    def languages(self) -> tuple[str, ...]:
        """What is read, sorted."""
        return tuple(sorted(language for reader in self.readers for language in reader.languages))

    def languages_of(self, reader: Reader) -> tuple[str, ...]:
        """List what one of the models is to score; the first one also what is in no language that can be told."""
        return (*reader.languages, *([UNDETERMINED] if reader is self.readers[0] else []))

    def load(self) -> None:
        """Load every model.

        Raises:
            ModelError: one cannot be found, trusted or loaded, or reads obvious sentences wrongly.
            ConfigError: the configured device does not exist here.
        """
        for reader in self.readers:
            _ = reader.scorer

    @cached_property
    def ids_by_language(self) -> dict[str, str]:
        """The model id for items in each language that the first model does not read.

        Raises:
            ModelError: one cannot be found or trusted.
        """
        return {language: reader.bundle.model_id for reader in self.readers[1:] for language in reader.languages}

    @cached_property
    def facts(self) -> ModelFacts:
        """What a report says of them; several have an id of their own, which changes with any of them.

        Raises:
            ModelError: one cannot be found or trusted.
        """
        first, *others = [reader.bundle.facts for reader in self.readers]
        if not others:
            return first
        told = sorted((language, reader.bundle.model_id) for reader in self.readers for language in reader.languages)
        named = [(", ".join(reader.languages), reader.bundle.facts) for reader in self.readers]
        return ModelFacts(
            model_id=hashlib.sha256(json.dumps(told).encode()).hexdigest()[: len(first.model_id)],
            name="; ".join(f"{facts.name} {facts.model_id} ({languages})" for languages, facts in named),
            architecture="; ".join(dict.fromkeys(facts.architecture for _, facts in named)),
            metrics={
                f"{languages}: {name}": value for languages, facts in named for name, value in facts.metrics.items()
            },
        )

    @cached_property
    def explainer(self) -> Explainer:
        """What explains it.

        Raises:
            ModelError: as for ``scorer``, or the model is no transformer.
        """
        from sentinel.model.attribution import Explainer

        return Explainer(self.bundle, self.scorer.probabilities)


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
