"""Write labelled texts that teach direction and negation: the driver of this package.

Comes in: how many texts, and a seed. Goes out: distinct texts with labels, a third of each. Invariant: a text is
written for a label, so the label never has to be guessed from the text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random

from sentinel.model.training.augmentation import events, expectation, markets, movement, neutral, reports
from sentinel.model.training.augmentation.leaks import without_figures
from sentinel.model.training.augmentation.variation import title_case
from sentinel.records import LABELS
from sentinel.text import fingerprint

Family = Callable[[Random, str], str]

_DIRECTED: tuple[tuple[int, Family], ...] = (
    (26, movement.moving),
    (4, movement.at_record),
    (8, movement.changing_pace),
    (9, movement.not_moving),
    (8, movement.contrast),
    (11, expectation.against_forecast),
    (8, expectation.results),
    (6, expectation.guidance),
    (6, expectation.swing),
    (10, events.threat),
    (7, events.charge),
    (10, events.goal),
    (16, reports.report),
    (5, markets.shares),
    (6, markets.prices),
    (6, markets.ratings),
)
_UNDIRECTED: tuple[tuple[int, Family], ...] = (
    (16, neutral.company),
    (14, neutral.sentence),
    (14, neutral.headline),
    (12, neutral.other),
    (8, reports.report),
    (9, expectation.results),
    (6, expectation.guidance),
    (9, events.denial),
    (12, movement.standing),
    (9, markets.prices),
    (6, markets.ratings),
)
_FAMILIES = {"negative": _DIRECTED, "neutral": _UNDIRECTED, "positive": _DIRECTED}
_MAX_ATTEMPTS = 200
_MAX_TWINS = 3
"""So many texts may differ in their figures alone."""


def direction_texts(n_texts: int, *, seed: int) -> list[tuple[str, str]]:
    """Write texts about things that rise, fall, happen or do not, each with its label.

    Args:
        n_texts: how many.
        seed: of the random generator; the same seed gives the same texts.

    Returns:
        Pairs of text and label, distinct by ``sentinel.text.fingerprint``, labels in turn.

    Raises:
        ValueError: so many are asked for that no new ones are found.
    """
    rng = Random(seed)  # noqa: S311, variety, not secrecy
    seen: set[str] = set()
    twins: Counter[str] = Counter()
    return [_new_text(rng, LABELS[index % len(LABELS)], seen, twins) for index in range(n_texts)]


def _new_text(rng: Random, label: str, seen: set[str], twins: Counter[str]) -> tuple[str, str]:
    families = _FAMILIES[label]
    weights = [weight for weight, _ in families]
    for _ in range(_MAX_ATTEMPTS):
        family = rng.choices(families, weights)[0][1]
        text = _dressed(rng, family(rng, label), is_sentence=family in (reports.report, neutral.sentence))
        key = fingerprint(text)
        shape = without_figures(key)
        if key not in seen and twins[shape] < _MAX_TWINS:
            seen.add(key)
            twins[shape] += 1
            return text, label
    raise ValueError(f"no new {label} text in {_MAX_ATTEMPTS} attempts")


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
