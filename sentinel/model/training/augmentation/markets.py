"""Write texts about prices and analysts: shares, indices, commodities, currencies, ratings, targets, central banks.

Comes in: a random generator and the label wanted. Goes out: a text. A price that rises is good news for its holders; a
rating that is raised is good, one that is started at hold is neutral; rates held as expected are neutral.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel.model.training.augmentation.grammar import sections
from sentinel.model.training.augmentation.movement import draw_move
from sentinel.model.training.augmentation.names import identity, percent, write

if TYPE_CHECKING:
    from random import Random

_CURRENCIES = ("dollar", "euro", "yen", "pound", "rupee", "yuan", "krona", "peso")


def shares(rng: Random, label: str) -> str:
    """Write about the shares of a company, at times moved by one of its figures."""
    if label == "neutral":
        return write(rng, "markets", "prices even", _values(rng, label))
    if rng.random() < 0.3:
        move = draw_move(rng, label, rng.choice(("company", "bank", "shop")))
        return write(rng, "markets", "shares with reason", move.values | _verbs(label))
    return write(rng, "markets", "shares up" if label == "positive" else "shares down", _values(rng, label))


def prices(rng: Random, label: str) -> str:
    """Write about an index, a commodity or a currency."""
    section = {"positive": "prices up", "negative": "prices down", "neutral": "prices even"}[label]
    return write(rng, "markets", section, _values(rng, label) | {"pct": percent(rng, low=0.2, high=6.0)})


def ratings(rng: Random, label: str) -> str:
    """Write about analysts, rating agencies and central banks."""
    section = {"positive": "rated up", "negative": "rated down", "neutral": "rated same"}[label]
    return write(rng, "markets", section, _values(rng, label))


def _verbs(label: str) -> dict[str, str]:
    way = "rise" if label == "positive" else "fall"
    words = sections("markets")
    return {"moves": f"[{'|'.join(words[f'{way} one'])}]", "move": f"[{'|'.join(words[f'{way} many'])}]"}


def _values(rng: Random, label: str) -> dict[str, str]:
    words = sections("markets")
    side = "positive" if label == "positive" else "negative"
    first, second = rng.sample(_CURRENCIES, 2)
    low = rng.randint(3, 300)
    values = identity(rng)
    index = write(rng, "markets", "index", values)
    return (
        values
        | _verbs(side)
        | {
            "thing": rng.choice(("{metal}", "{fuel}", "{crop}", "{currency}", "{currency}", index, index)),
            "index": index,
            "why": rng.choice(words[f"why {side}"]) if rng.random() < 0.5 else "",
            "news": rng.choice(words[f"news {side}"]),
            "event": rng.choice(words["event"]),
            "letters": rng.choice(("BBB", "A-", "BB+", "AA", "BBB-")),
            "currency0": first,
            "currency1": second,
            "tlo": f"${low}",
            "thi": f"${low + rng.randint(1, 1 + low // 2)}",
            "rate": f"{rng.randint(900, 9000) / 100:.2f}",
        }
    )
