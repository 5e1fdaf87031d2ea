"""Copy texts so that they speak of somebody else: other countries, home regions, persons, company sizes.

Comes in: texts. Goes out: as many texts. Whatever happens in a copy happened in its text, so both have one label, and a
model that reads both learns that the name says nothing. Invented companies and persons are found by the syllables that
``names`` makes them of, countries by their names; a real company stays as it is. Invariant: nobody whom the audit of
a model asks about is named, countries and sizes apart, of which there are no others.

Source: Lu et al. 2020, "Gender Bias in Neural Natural Language Processing", for counterfactual data augmentation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import TYPE_CHECKING

from sentinel.model.training.augmentation.grammar import sections
from sentinel.model.training.augmentation.names import FIRST_NAMES, FORMS, HEADS, MAKERS, TAILS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_TOWN_SHARE, _FORM_SHARE, _SIZE_SHARE = 0.3, 0.8, 0.3
_AMBIGUOUS = ("U.S.", "the United States", "Jordan")
"""Not swapped for others: they stand in names and as names too often. They are what others are swapped for."""


def _any_of(words: Sequence[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda word: (-len(word), word)) if word)


_STEM = f"(?:{_any_of(HEADS)})(?:{_any_of(TAILS)})"
_PERSON = re.compile(rf"\b(?:{_any_of(FIRST_NAMES)}) {_STEM}\b")
_COMPANY = re.compile(rf"(?<![\w$])(?P<stem>{_STEM})(?P<form>{_any_of(FORMS)})?\b(?!-)")
_MAKER = re.compile(rf"(?<![\w-])(?:{_any_of(MAKERS)})\b", re.IGNORECASE)
_BEGINS = re.compile(r"(?:^|[a-z0-9][,:;]? )$")


@dataclass(frozen=True)
class _Home:
    """How companies of one region are called: name = head + tail, then a legal form; towns they may be based in."""

    heads: tuple[str, ...]
    tails: tuple[str, ...]
    forms: tuple[str, ...]
    towns: tuple[str, ...]


@dataclass(frozen=True)
class _Origin:
    """How persons of one origin are called."""

    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]


def swap_identities(texts: Sequence[str], *, seed: int) -> list[str]:
    """Write each text about somebody else, with the same sentiment.

    Args:
        texts: headlines, posts or sentences.
        seed: of the random generator; the same seed gives the same copies.

    Returns:
        One copy per text, in order; a text that names nobody who is known here comes back as it is.
    """
    rng = Random(seed)  # noqa: S311, variety, not secrecy
    steps: tuple[Callable[[Random, str], str], ...] = (_swap_persons, _swap_companies, _swap_countries, _add_size)
    copies = []
    for text in texts:
        copy = text
        for step in steps:
            copy = step(rng, copy)
        copies.append(copy)
    return copies


@cache
def _table(section: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(cell.strip() for cell in line.split("|")) for line in sections("identity")[section])


@cache
def _lists(section: str) -> tuple[tuple[tuple[str, ...], ...], ...]:
    return tuple(tuple(tuple(re.split(r",\s*", cell)) for cell in line) for line in _table(section))


def _swap_persons(rng: Random, text: str) -> str:
    """Swap whole names; each person of a text for another one."""
    others: dict[str, str] = {}
    return _PERSON.sub(lambda place: others.setdefault(place.group(0), draw_person(rng)), text)


def draw_person(rng: Random) -> str:
    """Name somebody by a common given and family name of one origin."""
    origin = _Origin(*rng.choice(_lists("people")))
    return f"{rng.choice(rng.choice((origin.women, origin.men)))} {rng.choice(origin.families)}"


def _swap_companies(rng: Random, text: str) -> str:
    """Swap invented companies for such of other home regions; all mentions of one alike."""
    others: dict[str, tuple[str, _Home]] = {}

    def other(place: re.Match[str]) -> str:
        stem, home = others.get(place["stem"]) or draw_stem(rng)
        is_first = place["stem"] not in others
        others[place["stem"]] = (stem, home)
        form = f" {rng.choice(home.forms)}" if place["form"] and rng.random() < _FORM_SHARE else ""
        is_free = is_first and _BEGINS.search(text[: place.start()]) is not None
        town = f"{rng.choice(home.towns)}-based " if is_free and rng.random() < _TOWN_SHARE else ""
        return town + stem + form

    return _COMPANY.sub(other, text)


def draw_stem(rng: Random) -> tuple[str, _Home]:
    """Invent a company's name without its legal form, and tell where it is at home."""
    home = _Home(*rng.choice(_lists("homes")))
    return rng.choice(home.heads) + rng.choice(home.tails), home


@cache
def _places() -> tuple[re.Pattern[str], dict[str, tuple[int, int]]]:
    """Find countries and their adjectives; give the row and column of each in the table."""
    known = {
        word: (row, column)
        for row, words in enumerate(_table("countries"))
        for column, word in enumerate(words)
        if word not in _AMBIGUOUS
    }
    return re.compile(rf"(?<![\w.-])(?:{_any_of(list(known))})\b(?![.-])"), known


def _swap_countries(rng: Random, text: str) -> str:
    """Swap countries and their adjectives; all mentions of one for the same other, two for two others."""
    pattern, known = _places()
    rows = dict.fromkeys(known[place.group(0)][0] for place in pattern.finditer(text))
    if not rows:
        return text
    others = rng.sample([row for row in range(len(_table("countries"))) if row not in rows], len(rows))
    other_of = dict(zip(rows, others, strict=True))

    def other(place: re.Match[str]) -> str:
        row, column = known[place.group(0)]
        word = _table("countries")[other_of[row]][column]
        return word[:1].upper() + word[1:] if place.start() == 0 else word

    return pattern.sub(other, text)


def _add_size(rng: Random, text: str) -> str:
    """Say of a company, where it is named by its trade, how large it is."""
    place = _MAKER.search(text)
    if place is None or rng.random() >= _SIZE_SHARE or re.search(r"\b[Aa]n? $", text[: place.start()]):
        return text
    size, trade = rng.choice(sections("identity")["sizes"]), place.group(0)
    if place.start() == 0:
        size, trade = size[:1].upper() + size[1:], trade[:1].lower() + trade[1:]
    return f"{text[: place.start()]}{size} {trade}{text[place.end() :]}"
