"""The vocabulary of direction: quantities that are good or bad to have more of, and the verbs that move them.

Comes in: ``templates/quantities.txt``. Goes out: quantities by scope, verbs by direction, nouns and adjectives.
Invariant: ``up_is_good`` alone, with the direction, decides the sentiment; a quantity for which that is not so (rates,
taxes, stocks of goods) is not in the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from sentinel.model.training.augmentation.grammar import sections

if TYPE_CHECKING:
    from random import Random

_UP_NOUNS = ("rise", "increase", "jump", "surge", "uptick", "pick-up", "climb", "spike", "upturn")
_DOWN_NOUNS = ("drop", "fall", "decline", "decrease", "dip", "slide", "slump", "plunge", "reduction")
_ADJECTIVES = {
    ("gap", True): ("wider", "bigger", "larger", "deeper", "steeper"),
    ("gap", False): ("narrower", "smaller", "reduced", "lower"),
    ("count", True): ("more", "higher", "rising", "increased"),
    ("count", False): ("fewer", "lower", "falling", "reduced"),
    ("other", True): ("higher", "rising", "increased", "sharply higher", "slightly higher"),
    ("other", False): ("lower", "falling", "reduced", "sharply lower", "slightly lower"),
}


@dataclass(frozen=True)
class Quantity:
    """Something that rises and falls.

    Attributes:
        name: as it stands in a sentence.
        up_is_good: whether more of it is good news.
        plural: whether verbs take the plural.
        unit: "money", "percent", "count" or "points".
        scope: "company", "bank", "shop" or "macro".
        gap: whether it narrows and widens.
        core: whether a result, for which demand and costs are reasons.
    """

    name: str
    up_is_good: bool
    plural: bool
    unit: str
    scope: str
    gap: bool
    core: bool


@dataclass(frozen=True)
class Verb:
    """Forms of a verb phrase of motion, such as rise, rises, rose, rising."""

    base: str
    present: str
    past: str
    ing: str


@cache
def quantities(scope: str) -> tuple[Quantity, ...]:
    """Read the quantities of a scope.

    Args:
        scope: "company", "bank", "shop" or "macro".

    Returns:
        Quantities from lines ``sign flags unit: names``: sign + when more is good; flags g for a gap, c for a core
        result; a name that ends in ``*`` is plural.
    """
    found = []
    for line in sections("quantities")[scope]:
        head, names = line.split(":", 1)
        sign, flags, unit = head.split()
        for word in names.split(","):
            name = word.strip()
            plural = name.endswith("*")
            found.append(Quantity(name.rstrip("*"), sign == "+", plural, unit, scope, "g" in flags, "c" in flags))
    return tuple(found)


@cache
def verbs(kind: str) -> tuple[Verb, ...]:
    """Read verbs of one kind from lines ``base present past ing``; ``+word`` after them is a particle of all forms."""
    found = []
    for line in sections("quantities")[kind]:
        forms, _, particle = line.partition("+")
        base, present, past, ing = (f"{form} {particle}".strip() for form in forms.split())
        found.append(Verb(base, present, past, ing))
    return tuple(found)


def draw_verb(rng: Random, quantity: Quantity, *, up: bool) -> Verb:
    """Choose a verb that fits the quantity and the direction."""
    if quantity.gap and rng.random() < 0.6:
        kind = "widen" if up else "narrow"
    elif not quantity.gap and rng.random() < 0.25:
        kind = f"{'good' if quantity.up_is_good else 'bad'} {'up' if up else 'down'}"
    else:
        kind = "up" if up else "down"
    return rng.choice(verbs(kind))


def draw_noun(rng: Random, quantity: Quantity, *, up: bool) -> str:
    """Choose a noun of motion without article, with the preposition that links it to the quantity."""
    if quantity.gap and rng.random() < 0.4:
        return "widening of" if up else "narrowing of"
    return f"{rng.choice(_UP_NOUNS if up else _DOWN_NOUNS)} in"


def draw_adjective(rng: Random, quantity: Quantity, *, up: bool) -> str:
    """Choose a comparative, to stand before the quantity."""
    kind = "gap" if quantity.gap else "count" if quantity.unit == "count" and quantity.plural else "other"
    return rng.choice(_ADJECTIVES[kind, up])
