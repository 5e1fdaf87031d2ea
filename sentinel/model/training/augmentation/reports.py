"""Write sentences of company reports, in the flat style of stock exchange releases.

Comes in: a random generator and the label wanted. Goes out: a sentence. The label follows from the figures: often no
word of motion is there at all ("Operating profit totalled EUR 21.1 mn, compared to EUR 18.6 mn a year earlier").
Invariant: the words, where there are any, agree with the figures.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sentinel.model.training.augmentation.grammar import sections
from sentinel.model.training.augmentation.names import MoneyFormat, identity, number, percent, plain, write

if TYPE_CHECKING:
    from random import Random

_FORMATS = (
    ("EUR ", " mn"), ("EUR ", " mn"), ("EUR", "m"), ("EUR ", " million"), ("SEK ", " mn"), ("USD ", " million"),
    ("$", " million"), ("NOK ", " million"), ("DKK ", " million"), ("CHF ", " mn"), ("", " mln euro"), ("GBP ", "m"),
    ("Rs ", " crore"), ("€", " million"),
)  # fmt: skip
_PLURAL_ENDS = ("sales", "received", "losses", "costs", "expenses", "loans", "earnings", "provisions")
_SPACED = re.compile(r"([,.:;%)])(?=\s|$)|(?<=\s)(\()|('s)\b")


def report(rng: Random, label: str) -> str:
    """Write one sentence of a company report."""
    draw = rng.random()
    values = _values(rng)
    if label == "neutral":
        text = write(rng, "reports", "even", values)
    elif draw < 0.22:
        text = write(rng, "reports", f"plain {label}", values)
    elif draw < 0.37:
        text = write(rng, "reports", f"turned {label}", values)
    else:
        text = _compared(rng, label, values)
    return text[0].upper() + text[1:]


def _values(rng: Random) -> dict[str, str]:
    words = sections("reports")
    form = MoneyFormat(*rng.choice(_FORMATS))
    titles = rng.sample(words["good titles"], 2)
    loss = rng.choice(words["loss titles"][:4])
    return (
        identity(rng)
        | _number_words(titles[0])
        | {
            "title": titles[0],
            "ltitle": _lower(titles[0]),
            "title2": _lower(titles[1]),
            "loss": loss,
            "aloss": f"an {loss}" if loss[0] in "aeiou" else f"a {loss}",
            "result": rng.choice(words["results"]),
            "before": rng.choice(words["before"]),
            "new": form(number(rng, 1, 900)),
            "old": form(number(rng, 1, 900)),
            "new2": form(number(rng, 1, 90)),
            "posted": "[posted|reported|made|recorded]",
            "slightly": "[slightly|clearly|markedly|somewhat|significantly|strongly]",
            "now": rng.choice(words["now"]) if rng.random() < 0.6 else "",
            "before0": "[the previous year|the comparison period|a year earlier|{year}|the corresponding period]",
        }
    )


def _number_words(title: str) -> dict[str, str]:
    """Give the verbs that agree with a title."""
    was = "were" if title.endswith(_PLURAL_ENDS) else "was"
    return {
        "was": was,
        "is": "are" if was == "were" else "is",
        "reached": f"[totalled|amounted to|{was}|came to|stood at|{was}|totaled|reached]",
    }


def _compared(rng: Random, label: str, values: dict[str, str]) -> str:
    """Compare two figures of a profit, a loss or a cost, with or without words of motion."""
    words = sections("reports")
    kind = rng.choices(("loss", "cost", "share", "profit"), (25, 12, 13, 50))[0]
    title = {
        "loss": rng.choice(("The ", "The ", "{co}'s ")) + rng.choice(words["loss titles"]),
        "cost": rng.choice(words["bad titles"]),
        "share": rng.choice(words["share titles"]),
        "profit": values["title"],
    }[kind]
    up = (label == "positive") == (kind in ("share", "profit"))
    small, large = _per_share(rng) if kind == "share" else _amounts(rng)
    gap = (large[1] / small[1] - 1) * 100 if up else (1 - small[1] / large[1]) * 100
    shown = {
        "title": title,
        "ltitle": _lower(title),
        "old": (small if up else large)[0],
        "new": (large if up else small)[0],
        "share": plain(float(f"{max(gap, 0.1):.2g}")) + rng.choice(("%", " %", " percent", " per cent", " pct")),
        "share2": percent(rng, high=40.0),
        "tend": "up" if up else "down",
        "moved": rng.choice(words[f"{'gap' if kind == 'loss' else 'moved'} {'up' if up else 'down'}"]),
    }
    section = rng.choice(("levels", "levels", "moves", "pairs" if kind == "profit" else "moves"))
    return write(rng, "reports", section, values | _number_words(title) | shown)


def _amounts(rng: Random) -> tuple[tuple[str, float], tuple[str, float]]:
    """Draw two amounts of money, the smaller first, each as written and as a number."""
    form = MoneyFormat(*rng.choice(_FORMATS))
    low = number(rng, 1, 700)
    high = float(f"{low * (1.03 + rng.random() * rng.random()):.3g}")
    return (form(low), low), (form(high), high)


def _per_share(rng: Random) -> tuple[tuple[str, float], tuple[str, float]]:
    """Draw two amounts per share, the smaller first, each as written and as a number."""
    low, high = sorted(rng.sample(range(2, 240), 2))
    sign = rng.choice(("EUR ", "EUR ", "EUR", "SEK ", "$", "USD "))
    return (f"{sign}{low / 100:.2f}", low / 100), (f"{sign}{high / 100:.2f}", high / 100)


def _lower(title: str) -> str:
    return title if title[:2].isupper() or title.startswith("{") else title[0].lower() + title[1:]


def tokenised(text: str) -> str:
    """Set punctuation, percent signs and possessives apart, as corpora of tokenised news do."""
    return re.sub(r" {2,}", " ", _SPACED.sub(_apart, text)).strip()


def _apart(match: re.Match[str]) -> str:
    return f"{match.group(0)} " if match.group(2) else f" {match.group(0)}"
