"""Say why a model read a text as it did.

Comes in: a bundle and texts. Goes out: Explanations. Shares and rollout come from the network in float32, on the CPU;
what a change of words leads to is asked of the classifier that scores, so that it is what would be published.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import torch

from sentinel.explanations import Change, Explanation, Word
from sentinel.model.attribution.gradients import share_out
from sentinel.model.attribution.network import load_network
from sentinel.model.attribution.rollout import roll_out
from sentinel.model.attribution.words import (
    changed,
    pairs_of,
    single_edits,
    split_words,
    sum_by_word,
    words_of_tokens,
)
from sentinel.model.tokens import load_reading
from sentinel.records import LABELS
from sentinel.text import classifier_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sentinel.model.attribution.words import Edit
    from sentinel.model.bundle import Bundle

    Score = Callable[[Sequence[str]], np.ndarray]

DECIMALS = 6
"""Of the figures of an explanation: more than these differ between machines."""
PAIRED_EDITS = 8
"""Single changes that are paired: those that come nearest to another label."""


class Explainer:
    """A model that explains what it says.

    Args:
        bundle: a checked transformer.
        score: texts to probabilities, float of shape (n_texts, 3): the classifier of that bundle.

    Raises:
        ModelError: the bundle is no transformer, or cannot be loaded.
    """

    def __init__(self, bundle: Bundle, score: Score) -> None:
        self._bundle = bundle
        self._score = score
        self._network = load_network(bundle)
        config = json.loads((bundle.path / "config.json").read_text(encoding="utf-8"))
        self._reading = load_reading(bundle.path, max_tokens=bundle.max_tokens, pad_token_id=config.get("pad_token_id"))

    def explain(self, raw: str) -> Explanation:
        """Explain one text.

        Args:
            raw: a headline or post; it is cleaned as for scoring.

        Returns:
            What its words did, and the smallest change that turns the label.
        """
        with _one_thread():
            return self._explain(classifier_text(raw) or " ")

    def _explain(self, text: str) -> Explanation:
        token_ids, spans = self._reading.read(text)
        token_ids, spans = (token_ids, spans) if token_ids else ([self._reading.blank_id], [(0, 0)])
        word_of_token = words_of_tokens(text, spans)
        blank_ids = [
            token_id if word is None else self._reading.blank_id
            for token_id, word in zip(token_ids, word_of_token, strict=True)
        ]
        places = split_words(text)
        shares = share_out(self._network, token_ids, blank_ids, self._bundle)
        attention = self._network.attention(torch.tensor(token_ids)).numpy()
        by_word = sum_by_word(shares.of_tokens, word_of_token, len(places))
        reader = len(token_ids) - 1 if self._bundle.is_causal else 0
        rollout = sum_by_word(roll_out(attention, reader=reader), word_of_token, len(places))
        said = self._score([text])[0]
        label = int(said.argmax())
        return Explanation(
            text=text.strip(),
            model=self._bundle.facts,
            label=LABELS[label],
            polarity=_rounded(shares.polarity),
            reference=_rounded(shares.reference),
            error=_rounded(shares.error),
            words=tuple(
                Word(text[begin:end], _rounded(share), _rounded(seen))
                for (begin, end), share, seen in zip(places, by_word, rollout[-1], strict=True)
            ),
            rollout=tuple(tuple(map(_rounded, row)) for row in rollout),
            change=smallest_change(text, label, self._score),
        )


@contextmanager
def _one_thread() -> Iterator[None]:
    """Compute with one thread: the matrices of a headline are small, and several only wait for one another.

    The sums have one order then, too, whatever the number of cores.
    """
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(n_threads)


def _rounded(value: float) -> float:
    return round(float(value), DECIMALS) + 0.0


def smallest_change(text: str, label: int, score: Score) -> Change | None:
    """Find the smallest change of words after which a model says another label.

    One word is tried before two; of several changes of one size, that which leaves the least of the old label. Pairs
    are made of the PAIRED_EDITS single changes that leave the least of it.

    Args:
        text: what the model reads.
        label: position in LABELS of what it says.
        score: texts to probabilities, float of shape (n_texts, 3).

    Returns:
        The change; None where no change of up to two words was found.
    """
    edits = single_edits(text)
    singles = [(edit,) for edit in edits]
    found, said = _first_turned(text, label, singles, score)
    if found is not None or not edits:
        return found
    nearest = [edits[place] for place in np.argsort(said[:, label], kind="stable")[:PAIRED_EDITS]]
    return _first_turned(text, label, list(pairs_of(nearest)), score)[0]


def _first_turned(
    text: str, label: int, changes: Sequence[tuple[Edit, ...]], score: Score
) -> tuple[Change | None, np.ndarray]:
    """Score changes; give the one that turns the label most, and what was said of each."""
    texts = [changed(text, edits) for edits in changes]
    said = score(texts)
    turned = [place for place in range(len(texts)) if texts[place] and int(said[place].argmax()) != label]
    if not turned:
        return None, said
    best = min(turned, key=lambda place: (float(said[place, label]), place))
    polarity = _rounded(said[best, 2] - said[best, 0])
    words = tuple(edit.words for edit in changes[best])
    return Change(words, texts[best], LABELS[int(said[best].argmax())], polarity), said
