"""Write texts about a quantity that moves: profits, losses, claims, debts, churn, output.

Comes in: a random generator and the label wanted. Goes out: a text. The label follows from whether more of the
quantity is good, from the direction, and from whether the frame turns it round ("fails to", "slows", "no longer").
Invariant: no frame decides the label by itself, except for those of a quantity that does not move (neutral).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sentinel.model.training.augmentation.grammar import sections
from sentinel.model.training.augmentation.names import identity, money_format, number, percent, plain, write
from sentinel.model.training.augmentation.quantities import (
    Quantity,
    Verb,
    draw_adjective,
    draw_noun,
    draw_verb,
    quantities,
)

if TYPE_CHECKING:
    from random import Random

_SCOPES = ("company",) * 6 + ("bank",) * 2 + ("shop",) * 2 + ("macro",) * 4
_ADVERBS = ("sharply", "slightly", "steadily", "again", "further", "a little", "a lot")
_FIXED_AMOUNT = ("double", "halve", "triple", "more-than")
_STOPS_SHORT = ("stagnate", "collapse", "crash", "evaporate")


@dataclass(frozen=True)
class Move:
    """One quantity of one owner going one way, with every word for it as slots."""

    quantity: Quantity
    verb: Verb
    values: dict[str, str]
    up: bool


def opposite(label: str) -> str:
    """Turn positive into negative and the reverse."""
    return "negative" if label == "positive" else "positive"


def draw_move(rng: Random, label: str, scope: str = "", owner: dict[str, str] | None = None) -> Move:
    """Choose a quantity and a movement of it that is good or bad news.

    Args:
        rng: random generator.
        label: "positive" or "negative", what the plain movement is.
        scope: whose quantity; drawn when empty.
        owner: slots of the owner, as from ``identity``; invented when missing.

    Returns:
        The movement, with slots for all templates about movements.
    """
    scope = scope or rng.choice(_SCOPES)
    quantity = rng.choice(quantities(scope))
    up = (label == "positive") == quantity.up_is_good
    verb = draw_verb(rng, quantity, up=up)
    values = dict(owner or identity(rng, scope)) | _number_words(quantity)
    values |= {
        "name": quantity.name,
        "b": verb.base,
        "s": verb.base if quantity.plural else verb.present,
        "d": verb.past,
        "ing": verb.ing,
        "noun": draw_noun(rng, quantity, up=up),
        "rawnoun": draw_noun(rng, quantity, up=up).split()[0],
        "adj": draw_adjective(rng, quantity, up=up),
        "tend": rng.choice(("up", "up", "higher") if up else ("down", "down", "lower")),
        "turned": "falling" if up else "rising",
        "amt": amount(rng, quantity, verb, up=up),
        "adv": "again" if verb.base.startswith(_FIXED_AMOUNT) else rng.choice(_ADVERBS),
        "why": reason(rng, quantity, label),
        "own": rng.choice(sections("movement")[f"owners {scope}"]),
        "at": " at {co}",
        "where": "[{at}|]",
    }
    if scope == "macro":
        values |= {
            "co": "{country}",
            "ticker": "{country}",
            "at": " in {country}",
            "pct": percent(rng, high=9.0),
            "executive": "minister",
        }
    return Move(quantity, verb, values, up)


def _number_words(quantity: Quantity) -> dict[str, str]:
    """Give the endings and auxiliaries that agree with the quantity."""
    plural = quantity.plural
    return {
        "es": "" if plural else "s", "do": "do" if plural else "does", "is": "are" if plural else "is",
        "was": "were" if plural else "was", "has": "have" if plural else "has",
    }  # fmt: skip


def amount(rng: Random, quantity: Quantity, verb: Verb, *, up: bool) -> str:
    """Say by how much or to what level; figures agree with the direction."""
    if verb.base.startswith((*_FIXED_AMOUNT, *_STOPS_SHORT)):
        return ""
    low = number(rng, 1, 800)
    high = low * (1 + rng.random())
    old, new = (low, high) if up else (high, low)
    shares = [f" {percent(rng)}", f" by {percent(rng)}"]
    if quantity.unit == "money":
        form = money_format(rng)
        before, after = form(float(f"{old:.3g}")), form(float(f"{new:.3g}"))
    elif quantity.unit == "count":
        before, after = plain(float(f"{old * 1000:.3g}")), plain(float(f"{new * 1000:.3g}"))
    else:
        scale, sign = (100, "%") if quantity.unit == "percent" else (35, "")
        before, after = (f"{2.1 + figure / scale + (40 if not sign else 0):.1f}{sign}" for figure in (old, new))
        shares = [f" by {rng.randint(1, 29) / 10:.1f} [percentage |]points", f" {rng.randint(1, 29) / 10:.1f} points"]
    shapes = [*shares, f" to {after}", f"{shares[0]} to {after}"]
    if before != after:
        shapes += [f" to {after} from {before}", f" from {before} to {after}"]
    return rng.choice(shapes)


def reason(rng: Random, quantity: Quantity, label: str) -> str:
    """Give a reason that fits the outcome, as a template; or nothing."""
    if rng.random() < 0.5:
        return ""
    kind = "core" if quantity.core else "macro" if quantity.scope == "macro" else "other"
    return rng.choice(sections("movement")[f"why {kind} {label}"])


def moving(rng: Random, label: str) -> str:
    """Write that a quantity moves."""
    return write(rng, "movement", "plain", draw_move(rng, label).values)


def at_record(rng: Random, label: str) -> str:
    """Write that a quantity is as high or low as for a long time."""
    move = draw_move(rng, label)
    return write(rng, "movement", "record up" if move.up else "record down", move.values)


def changing_pace(rng: Random, label: str) -> str:
    """Write that a movement slows (which turns the label round) or gathers pace."""
    if rng.random() < 0.3:
        return write(rng, "movement", "gathering", draw_move(rng, label).values)
    frames = "slowing" if label == "negative" or rng.random() < 0.5 else "slowing harm"
    return write(rng, "movement", frames, draw_move(rng, opposite(label)).values)


def not_moving(rng: Random, label: str) -> str:
    """Write that a movement stopped or does not happen, or that one hoped for does not come."""
    move = draw_move(rng, opposite(label))
    if label == "positive":
        return write(rng, "movement", "negated" if rng.random() < 0.6 else "negated harm", move.values)
    return write(rng, "movement", "negated" if rng.random() < 0.3 else "failed", move.values | {"why": ""})


def contrast(rng: Random, label: str) -> str:
    """Write that the result of a company goes one way while something else goes the other: the result counts.

    Where both go the same way, so does the text.
    """
    main = _draw_core(rng, label)
    agree = rng.random() < 0.4
    side = draw_move(rng, label if agree else opposite(label), "company", main.values)
    while side.quantity.core:
        side = draw_move(rng, label if agree else opposite(label), "company", main.values)
    extra = {f"{key}2": side.values[key] for key in ("name", "s", "d", "ing", "noun", "adj", "tend")}
    return write(rng, "movement", "together" if agree else "contrast", main.values | extra)


def _draw_core(rng: Random, label: str) -> Move:
    while True:
        move = draw_move(rng, label, rng.choice(("company", "company", "bank", "shop")))
        if move.quantity.core or move.quantity.gap:
            return move


def standing(rng: Random, label: str) -> str:
    """Write about a quantity without a movement: unchanged, due to be published, explained, asked about."""
    del label
    move = draw_move(rng, rng.choice(("positive", "negative")))
    return write(rng, "movement", rng.choice(("unchanged", "unchanged", "without direction")), move.values)
