"""Write headlines that name two, each with what the news is for one of them: "A gains as B warns".

Comes in: how many texts, and a seed. Goes out: distinct texts with one name marked as the target, and the label for it.
Half tell what passes between two names; half join two pieces of news, each about a name of its own.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from sentinel.model.training.augmentation.grammar import Grammar, sections
from sentinel.model.training.augmentation.names import SLOTS, identity
from sentinel.model.training.augmentation.news import slot_values
from sentinel.model.training.augmentation.variation import title_case
from sentinel.records import LABELS
from sentinel.target import mark
from sentinel.text import fingerprint

if TYPE_CHECKING:
    from collections.abc import Sequence

_OPEN, _CLOSE = "\x01", "\x02"
"""Stand around names while a text is written, so that they are found in it again."""
_JOINTS = ("; ", "; ", ", ", ", ", ", while ", " while ", " as ", " - ", ", but ", ". ", " and ", ", also ")
_LISTED = ("Sensex", "Nifty", "Dow", "Nasdaq", "S&P 500", "FTSE", "Nikkei", "gold", "silver", "oil", "crude", "copper",
           "rupee", "dollar", "euro", "yen", "banks", "IT stocks", "auto stocks", "small-caps", "midcaps", "bonds",
           "metals", "pharma stocks", "airlines", "Treasuries", "bitcoin", "wheat", "tech",
           "realty stocks")  # fmt: skip
_LISTED_SHARE = 0.2
"""Where two names meet, so many are those of an index, a commodity or a sector."""
_PAIRED_SHARE = 0.55
"""So many texts come from templates with two names; the others join two pieces of news."""
_TWINS = ("positive negative", "positive neutral", "negative neutral")
_ALIKE = ("positive positive", "negative negative", "neutral neutral")


def company_texts(n_texts: int, *, seed: int) -> list[tuple[str, str]]:
    """Write headlines with two names or more, of which one is marked.

    Args:
        n_texts: how many.
        seed: of the random generator; the same seed gives the same texts.

    Returns:
        Pairs of marked text and the label for the marked name, distinct by text. A headline comes once for each of its
        names, one after the other.
    """
    rng = Random(seed)  # noqa: S311, variety, not secrecy
    seen: set[str] = set()
    found: list[tuple[str, str]] = []
    while len(found) < n_texts:
        labelled = _paired(rng) if rng.random() < _PAIRED_SHARE else _joined(rng)
        text, spans = _dressed(rng, labelled[0])
        key = fingerprint(text)
        if key not in seen:
            seen.add(key)
            found.extend((mark(text, *span), label) for span, label in zip(spans, labelled[1], strict=True) if label)
    return found[:n_texts]


def _paired(rng: Random) -> tuple[str, list[str]]:
    """Write what passes between two names; return the text with names enclosed, and the label of each name in it."""
    kind = rng.choice(_TWINS if rng.random() < 0.75 else _ALIKE)
    template = rng.choice(sections("companies")[kind])
    names = dict(zip("abc", _names(rng, 3, listed_share=_LISTED_SHARE), strict=True))
    labels = dict(zip("ab", kind.split(), strict=True)) | {"c": kind.split()[0]}
    values = slot_values(rng) | {slot: f"{_OPEN}{slot}{name}{_CLOSE}" for slot, name in names.items()}
    text = Grammar({**SLOTS, **sections("news_words")}).write(rng, template, values)
    order = [piece[0] for piece in text.split(_OPEN)[1:]]
    for slot in "abc":
        text = text.replace(f"{_OPEN}{slot}", _OPEN)
    return text, [labels[slot] for slot in order]


def _joined(rng: Random) -> tuple[str, list[str]]:
    """Write two pieces of news about two names in one headline."""
    labels = [rng.choice(LABELS), rng.choice(LABELS)]
    clauses = [_clause(rng, name, label) for name, label in zip(_names(rng, 2), labels, strict=True)]
    text = rng.choice(_JOINTS).join(clauses)
    counts = [clause.count(_OPEN) for clause in clauses]
    return text, [label for label, count in zip(labels, counts, strict=True) for _ in range(count)]


def _clause(rng: Random, name: str, label: str) -> str:
    """Write one piece of company news about a name."""
    if label == "neutral":
        templates: Sequence[str] = sections("neutral")["company"]
    else:
        templates = sections(rng.choice(("news_events", "news_events", "news_mixed")))[label]
    while True:
        template = rng.choice(templates)
        text = Grammar({**SLOTS, **sections("news_words")}).write(
            rng, template, slot_values(rng) | {"co": f"{_OPEN}{name}{_CLOSE}", "digit": str(rng.randint(1, 4))}
        )
        if text.count(_OPEN) == 1:
            return text


def _names(rng: Random, count: int, *, listed_share: float = 0.0) -> list[str]:
    """Invent names that differ."""
    while True:
        names = [
            rng.choice(_LISTED) if rng.random() < listed_share else identity(rng)[rng.choice(("co", "co", "cosh"))]
            for _ in range(count)
        ]
        if len(set(names)) == count:
            return names


def _dressed(rng: Random, text: str) -> tuple[str, list[tuple[int, int]]]:
    """Set a text as headlines are set, and find its names; spans in characters, in order."""
    draw = rng.random()
    if draw < 0.15:
        text = title_case(text)
    elif draw < 0.2:
        text = text.lower()
    first = 1 if text.startswith(_OPEN) else 0
    text = text[:first] + text[first : first + 1].upper() + text[first + 1 :]
    spans = []
    while _OPEN in text:
        start = text.index(_OPEN)
        text = text[:start] + text[start + 1 :]
        end = text.index(_CLOSE)
        text = text[:end] + text[end + 1 :]
        spans.append((start, end))
    return text, spans
