"""Words of a text, the tokens that make them up, and small changes of words: pure functions of strings.

A word is what stands between spaces, with the punctuation that touches it. Tokens may be pieces of a word, or single
bytes of a letter; each belongs to the word in which it begins.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OPPOSITES_PATH = Path(__file__).resolve().parents[2] / "assets" / "opposites.txt"
_WORD = re.compile(r"\S+")
_CORE = re.compile(r"\w(?:.*\w)?")


class Edit(NamedTuple):
    """One word changed.

    Attributes:
        place: which word.
        instead: what stands there now; "" where it is dropped.
        words: what was done, for people.
    """

    place: int
    instead: str
    words: str


def split_words(text: str) -> list[tuple[int, int]]:
    """Find the words of a text; begin and end of each."""
    return [found.span() for found in _WORD.finditer(text)]


def words_of_tokens(text: str, spans: Sequence[tuple[int, int]]) -> list[int | None]:
    """Find the word that each token is a piece of.

    Args:
        text: the text.
        spans: where each token begins and ends in it; spaces before a word may belong to its first token.

    Returns:
        The number of the word of each token; None of a token that is no part of the text, or of spaces alone.
    """
    word_of_place: dict[int, int] = {}
    for number, (begin, end) in enumerate(split_words(text)):
        word_of_place |= dict.fromkeys(range(begin, end), number)
    return [
        next((word_of_place[place] for place in range(begin, end) if place in word_of_place), None)
        for begin, end in spans
    ]


def sum_by_word(values: np.ndarray, word_of_token: Sequence[int | None], n_words: int) -> np.ndarray:
    """Sum values of tokens over their words.

    Args:
        values: float array of shape (..., n_tokens).
        word_of_token: as of ``words_of_tokens``.
        n_words: how many words there are.

    Returns:
        float64 array of shape (..., n_words); what belongs to no word is left out.
    """
    sums = np.zeros((*values.shape[:-1], n_words))
    for token, word in enumerate(word_of_token):
        if word is not None:
            sums[..., word] += values[..., token]
    return sums


def single_edits(text: str) -> list[Edit]:
    """List every change of one word: each dropped, and each that has an opposite swapped for it."""
    edits = []
    for place, (begin, end) in enumerate(split_words(text)):
        word = text[begin:end]
        core = _CORE.search(word)
        if core is None:
            continue
        edits.append(Edit(place, "", f'drop "{core.group(0)}"'))
        other = opposites().get(core.group(0).lower())
        if other is not None:
            instead = _cased_like(core.group(0), other)
            edits.append(
                Edit(place, word[: core.start()] + instead + word[core.end() :], f'"{instead}" for "{core.group(0)}"')
            )
    return edits


def pairs_of(edits: Sequence[Edit]) -> Iterator[tuple[Edit, Edit]]:
    """Pair changes of different words, in the order of the text."""
    for first, second in combinations(sorted(edits, key=lambda edit: edit.place), 2):
        if first.place != second.place:
            yield first, second


def changed(text: str, edits: Sequence[Edit]) -> str:
    """Carry changes out; words are joined by one space each."""
    instead = {edit.place: edit.instead for edit in edits}
    words = [instead.get(place, text[begin:end]) for place, (begin, end) in enumerate(split_words(text))]
    return " ".join(word for word in words if word)


def _cased_like(word: str, other: str) -> str:
    if word.isupper() and len(word) > 1:
        return other.upper()
    return other[:1].upper() + other[1:] if word[:1].isupper() else other


@cache
def opposites() -> dict[str, str]:
    """Read words with their opposites, both ways; a word keeps the first opposite that it has."""
    found: dict[str, str] = {}
    for line in OPPOSITES_PATH.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            first, second = line.split()
            found.setdefault(first, second)
            found.setdefault(second, first)
    return found
