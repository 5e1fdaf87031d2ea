"""Write texts that are neither good nor bad news: appointments, dates, descriptions, questions, lists, other news.

Comes in: a random generator. Goes out: a neutral text. Words of motion, profit and loss occur here too, where they say
nothing about direction: "When does the company report its loss?".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel.model.training.augmentation.names import identity, write

if TYPE_CHECKING:
    from random import Random


def company(rng: Random, label: str) -> str:
    """Write neutral company news."""
    return _write(rng, label, "company")


def sentence(rng: Random, label: str) -> str:
    """Write a neutral sentence of a company report."""
    return _write(rng, label, "sentences")


def headline(rng: Random, label: str) -> str:
    """Write a neutral headline: lists, questions, schedules, opinion."""
    return _write(rng, label, "headlines")


def other(rng: Random, label: str) -> str:
    """Write news and posts that have nothing to do with markets, or say nothing about them."""
    return _write(rng, label, "other")


def _write(rng: Random, label: str, section: str) -> str:
    if label != "neutral":
        raise ValueError(f"no {label} text is written here")
    values = identity(rng) | {
        "digit": str(rng.randint(1, 4)),
        "nation1": identity(rng)["nation"],
        "ticker1": identity(rng)["ticker"],
        "ticker2": identity(rng)["ticker"],
    }
    return write(rng, "neutral", section, values)
