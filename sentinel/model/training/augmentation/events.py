"""Write texts about events: threats that come or are averted, goals that are reached or missed, denials.

Comes in: a random generator and the label wanted. Goes out: a text. A bad event that does not happen is good news, a
good one that does not happen is bad news; a plain denial of a rumour, or that something is not planned, is neutral.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel.model.training.augmentation.grammar import sections
from sentinel.model.training.augmentation.names import identity, write

if TYPE_CHECKING:
    from random import Random


def threat(rng: Random, label: str) -> str:
    """Write about something bad that happens or is averted."""
    return _of_label(rng, {"positive": "averted", "negative": "threatened", "neutral": "denied"}[label])


def charge(rng: Random, label: str) -> str:
    """Write about charges, probes and courts."""
    return _of_label(rng, {"positive": "cleared", "negative": "charged", "neutral": "denied"}[label])


def goal(rng: Random, label: str) -> str:
    """Write about something hoped for that is reached or missed."""
    return _of_label(rng, {"positive": "achieved", "negative": "missed goals", "neutral": "denied"}[label])


def denial(rng: Random, label: str) -> str:
    """Write that a rumour is denied, nothing is decided, no comment is made."""
    return _of_label(rng, {"neutral": "denied"}[label])


def _of_label(rng: Random, section: str) -> str:
    words = sections("events")
    values = identity(rng, described=0.15) | {
        "threat": rng.choice(words["threats"]),
        "charge": rng.choice(words["charges"]),
        "goal": rng.choice(words["goals"]),
        "judge": rng.choice(words["judges"]),
        "curbs": rng.choice(words["curbs"]),
    }
    return write(rng, "events", section, values)
