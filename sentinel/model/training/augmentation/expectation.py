"""Write texts about what was expected: beats and misses, guidance, better or worse than feared, swings.

Comes in: a random generator and the label wanted. Goes out: a text. What stands against the forecast wins over what
stands against last year: "profit falls less than feared" is good news, "profit up but below forecasts" is bad news.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel.model.training.augmentation.grammar import sections
from sentinel.model.training.augmentation.movement import draw_move, opposite
from sentinel.model.training.augmentation.names import identity, money_format, number, write

if TYPE_CHECKING:
    from random import Random


def against_forecast(rng: Random, label: str) -> str:
    """Write that a quantity is above or below what was expected of it, or moves more or less than that."""
    kind = rng.random()
    if kind < 0.35:
        turned = draw_move(rng, opposite(label))
        return write(rng, "expectation", "less bad" if label == "positive" else "less good", turned.values)
    move = draw_move(rng, label)
    if kind < 0.55:
        return write(rng, "expectation", "more", move.values)
    low, high = _levels(rng, move.quantity.unit)
    return write(rng, "expectation", "above" if move.up else "below", move.values | {"lo": low, "hi": high})


def _levels(rng: Random, unit: str) -> tuple[str, str]:
    """Write two figures, the lower first, that differ as they are written."""
    low = number(rng, 1, 90)
    high = float(f"{low * (1.03 + rng.random() * 0.5):.3g}")
    if unit == "money":
        form = money_format(rng)
        return form(low), form(high)
    if unit == "count":
        return f"{round(low * 1000):,}", f"{round(high * 1000):,}"
    if unit == "percent":
        return f"{low / 8:.1f}%", f"{high / 8 + 0.1:.1f}%"
    return f"{low / 9 + 42:.1f}", f"{high / 9 + 42.1:.1f}"


def results(rng: Random, label: str) -> str:
    """Write that results beat, miss or match."""
    return _of_label(rng, {"positive": "beat", "negative": "miss", "neutral": "in line"}[label])


def guidance(rng: Random, label: str) -> str:
    """Write that a company raises, cuts or keeps its forecast."""
    return _of_label(rng, {"positive": "guide up", "negative": "guide down", "neutral": "guide same"}[label])


def swing(rng: Random, label: str) -> str:
    """Write that a loss becomes a profit, or the reverse."""
    return _of_label(rng, {"positive": "swing up", "negative": "swing down", "neutral": "in line"}[label])


def _of_label(rng: Random, section: str) -> str:
    low, gap = rng.randint(3, 190), rng.randint(1, 40)
    sign = rng.choice(("$", "$", "$", "C$", "€", "£", "Rs "))
    frames = sections("expectation")
    form = money_format(rng)
    values = identity(rng, described=0.15) | {
        "elo": f"{sign}{low / 100:.2f}",
        "ehi": f"{sign}{(low + gap) / 100:.2f}",
        "res": rng.choice(frames["result"]),
        "even": rng.choice(frames["even"]),
        "m1": form(number(rng, 1, 900)),
        "m2": form(number(rng, 1, 900)),
        "why": "",
    }
    return write(rng, "expectation", section, values)
