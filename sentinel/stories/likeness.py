"""Whether two headlines tell the same news: a pure decision on what each of them says.

Alike means that they share most of their weight, and that nothing contradicts: no figure, no direction, no negation, no
subject of the one against another of the other. Contradictions are looked for first in what separates "profit up 5 %"
from "profit down 5 %", since a wrong merge hides a piece of news, and a missed one only lists it twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sentinel.stories.headline import Headline

MIN_LIKENESS = 0.45
"""Least share of weight in common; chosen on the dev part of tests/data/story_pairs.csv."""
MIN_SHARED_WEIGHT = 1.8
"""Least weight in common: two specific words, or one and two common ones."""

_ALWAYS_OPPOSED = frozenset({"level", "size", "extreme", "measure", "consent", "result", "work", "voice", "flow"})


class Weighed(Protocol):
    """Whatever has words that count: a headline, or what a story remembers of one."""

    @property
    def weights(self) -> Mapping[str, float]:
        """What each token counts."""
        ...

    @property
    def total(self) -> float:
        """Their sum."""
        ...


def likeness(one: Weighed, other: Weighed) -> float:
    """Give the share of weight in common, from 0 to 1; 0 where too little is shared to tell.

    That is the sum of each token's lesser weight by the sum of its greater one.

    Source: Ioffe 2010, "Improved Consistent Sampling, Weighted Minhash and L1 Sketching" (weighted Jaccard).
    """
    weights = other.weights
    shared = sum(min(weight, weights[token]) for token, weight in one.weights.items() if token in weights)
    return shared / (one.total + other.total - shared) if shared >= MIN_SHARED_WEIGHT else 0.0


def contradict(one: Headline, other: Headline) -> bool:
    """Tell whether two headlines cannot be the same news, however many words they share."""
    return (
        one.is_negated != other.is_negated
        or _subjects_differ(one, other)
        or any(not _in_order(one.figures[kind], other.figures[kind]) for kind in one.figures.keys() & other.figures)
        or any(_opposed(axis, one, other) for axis in one.stances.keys() & other.stances)
    )


def is_same_story(one: Headline, other: Headline) -> bool:
    """Decide on two headlines: copies always, others when they are alike and nothing contradicts."""
    if one.key == other.key:
        return bool(one.key)
    return likeness(one, other) >= MIN_LIKENESS and not contradict(one, other)


def _in_order(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Tell whether the shorter list of figures stands in the longer, in its order."""
    if len(one) == len(other):
        return one == other
    shorter, longer = sorted((one, other), key=len)
    rest = iter(longer)
    return all(figure in rest for figure in shorter)


def _subjects_differ(one: Headline, other: Headline) -> bool:
    """Tell whether each names something that the other lacks: another company, another metal."""
    if one.opening not in other.weights and other.opening not in one.weights and one.opening and other.opening:
        return True
    return not (one.specific <= other.weights.keys() or other.specific <= one.weights.keys())


def _opposed(axis: str, one: Headline, other: Headline) -> bool:
    """Tell whether both take a side on an axis, and of the same thing the opposite one."""
    mine, theirs = one.stances[axis], other.stances[axis]
    shared = {subject for _, subject in mine} & {subject for _, subject in theirs}
    if shared:
        return any(
            {side for side, of in mine if of == subject}.isdisjoint(side for side, of in theirs if of == subject)
            for subject in shared
        )
    return axis in _ALWAYS_OPPOSED and {side for side, _ in mine}.isdisjoint(side for side, _ in theirs)
