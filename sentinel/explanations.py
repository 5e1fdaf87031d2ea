"""Why a text was read as it was, as types: what crosses from the model to the command line and the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sentinel.records import ModelFacts


class Word(NamedTuple):
    """A word and what it did to the polarity of its text.

    Attributes:
        text: the word, with the punctuation that touches it.
        share: what it adds to the polarity, negative where it takes away.
        attention: how much of what the model read in the end came from here, 0 to 1; all words sum to at most 1.
    """

    text: str
    share: float
    attention: float


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one or two words after which the model says another label.

    Attributes:
        words: what was done: ``drop "not"``, ``"rise" for "fall"``.
        text: the text after it.
        label: what the model says then.
        polarity: likewise, -1 to 1.
    """

    words: tuple[str, ...]
    text: str
    label: str
    polarity: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a model read a text as it did.

    Attributes:
        text: as the model read it.
        model: what read it.
        label: what it said.
        polarity: P(positive) - P(negative), -1 to 1.
        reference: polarity of a text of as many blank tokens.
        error: how far the shares miss polarity - reference, which they would sum to exactly.
        words: the words in order.
        rollout: after each layer, what reached the place that the label is read from, by word; see ``Word.attention``.
        change: the smallest change found that turns the label; None where none of up to two words does.
    """

    text: str
    model: ModelFacts
    label: str
    polarity: float
    reference: float
    error: float
    words: tuple[Word, ...]
    rollout: tuple[tuple[float, ...], ...]
    change: Change | None
