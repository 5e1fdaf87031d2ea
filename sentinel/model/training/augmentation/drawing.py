"""Draw labelled texts from families of templates: the driver of this package.

Comes in: families that write a text for a label, how many texts, and a seed. Goes out: distinct texts with labels, a
third of each. Invariant: a text is written for a label, so the label never has to be guessed from the text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

from sentinel.model.training.augmentation import reports
from sentinel.model.training.augmentation.leaks import without_figures
from sentinel.model.training.augmentation.variation import title_case
from sentinel.records import LABELS
from sentinel.text import fingerprint

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

Family = Callable[[Random, str], str]
"""Writes one text for a label."""

_MAX_ATTEMPTS = 200
_MAX_TWINS = 3
"""So many texts may differ in their figures alone."""


def draw_texts(
    n_texts: int, families: Mapping[str, Sequence[tuple[int, Family]]], *, sentences: Collection[Family], seed: int
) -> list[tuple[str, str]]:
    """Write texts, the labels in turn.

    Args:
        n_texts: how many.
        families: for each label, families with the weights that they are drawn by.
        sentences: those families that write sentences of reports; the others write headlines and posts.
        seed: of the random generator; the same seed gives the same texts.

    Returns:
        Pairs of text and label, distinct by ``sentinel.text.fingerprint``.

    Raises:
        ValueError: so many are asked for that no new ones are found.
    """
    rng = Random(seed)  # noqa: S311, variety, not secrecy
    seen: set[str] = set()
    twins: Counter[str] = Counter()

    def new_text(label: str) -> str:
        weights = [weight for weight, _ in families[label]]
        for _ in range(_MAX_ATTEMPTS):
            family = rng.choices(families[label], weights)[0][1]
            text = _dressed(rng, family(rng, label), is_sentence=family in sentences)
            key = fingerprint(text)
            shape = without_figures(key)
            if key not in seen and twins[shape] < _MAX_TWINS:
                seen.add(key)
                twins[shape] += 1
                return text
        raise ValueError(f"no new {label} text in {_MAX_ATTEMPTS} attempts")

    labels = [LABELS[index % len(LABELS)] for index in range(n_texts)]
    return [(new_text(label), label) for label in labels]


def _dressed(rng: Random, text: str, *, is_sentence: bool) -> str:
    """Set a text as its register does: tokenised sentences; headlines with a capital, in title case or plain."""
    text = text[:1].upper() + text[1:]
    draw = rng.random()
    if is_sentence:
        return reports.tokenised(text) if draw < 0.45 else text
    if draw < 0.05 and "," not in text and ":" not in text:
        text += rng.choice((", sources say", " - report", " - sources", " - filing", " - newspaper", ", report says"))
    if 0.05 <= draw < 0.19:
        return title_case(text)
    if draw < 0.22:
        return text.lower()
    if draw < 0.26:
        return rng.choice(("UPDATE 1-", "BRIEF-", "UPDATE 2-", "WRAPUP 1-", "JUST IN: ", "BREAKING: ")) + text
    return f"{text}." if draw < 0.36 and text[-1].isalnum() else text
