"""Is this word a company? Evidence for names that mean something else as well, counted in points.

"Target" may be a shop or an aim, "Ford" a car maker or a president. A capital is evidence only where it need not
stand, so neither at the beginning of a sentence nor in a headline whose words all have one. What stands around the
name is: a legal form, a ticker, what companies have and do, other companies of the sector. Points of the rules and the
sum that is enough were chosen on the development part of benchmarks/watchlist.csv.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sentinel.watchlist.words import Style, Words, sentence_around, starts_part, style_of

if TYPE_CHECKING:
    from collections.abc import Mapping

ENOUGH = 2
CERTAIN = 4

_POSSESSIVE = re.compile(r"'s?(?![^\W_])")
_NUMBER_BEFORE = re.compile(r"[\d%]\s*$")
_DASH_BEFORE = re.compile(r"\w\W*(?::|\s[-\u2013\u2014]|-)\s?$")


@dataclass(frozen=True, slots=True)
class Place:
    """What stands around a name.

    Attributes:
        style: how its sentence uses capitals.
        is_first: whether it begins a sentence or a part of one.
        before: the words before it, as far as nothing but spaces stands between, the nearest last, with capitals.
        after: the words after it (and a possessive) likewise, the nearest first.
        is_possessive: whether 's or ' follows.
        is_hyphened: whether a hyphen joins it to the next word.
        follows_number: whether a number is before it.
        is_attribution: whether it ends its sentence after a dash or colon: "Oil demand to fall - Shell".
        sentence: the other words of its sentence, in lower case.
    """

    style: Style
    is_first: bool
    before: tuple[str, ...]
    after: tuple[str, ...]
    is_possessive: bool
    is_hyphened: bool
    follows_number: bool
    is_attribution: bool
    sentence: frozenset[str]

    @classmethod
    def of(cls, words: Words, first: int, last: int, *, function_words: frozenset[str]) -> Place:
        """Look around words ``first`` to ``last - 1`` of a text."""
        plain, begin, end = words.plain, words.spans[first][0], words.spans[last - 1][1]
        start, stop = sentence_around(plain, begin)
        possessive = _POSSESSIVE.match(plain, end)
        following = last + (possessive is not None and possessive.group() == "'s")
        within = range(len(words.forms))
        return cls(
            style=style_of(plain[start:stop], function_words=function_words),
            is_first=starts_part(plain, start, begin),
            before=_run(words, first - 1, -1),
            after=_run(words, following, 1, from_end=possessive.end() if possessive else end),
            is_possessive=possessive is not None,
            is_hyphened=plain.startswith("-", end),
            follows_number=_NUMBER_BEFORE.search(plain[start:begin]) is not None,
            is_attribution=_DASH_BEFORE.search(plain[start:begin]) is not None and not plain[end:stop].strip(" .'\""),
            sentence=frozenset(
                words.folded[i] for i in within if start <= words.spans[i][0] < stop and not first <= i < last
            ),
        )


def _run(words: Words, index: int, step: int, *, from_end: int = -1) -> tuple[str, ...]:
    """Take up to two words on one side that are parted by spaces or hyphens alone."""
    taken: list[str] = []
    edge = from_end if step > 0 else words.spans[index + 1][0]
    while 0 <= index < len(words.forms) and len(taken) < 2:
        begin, end = words.spans[index]
        between = words.plain[edge:begin] if step > 0 else words.plain[end:edge]
        if between.strip(" -\"'") or (taken and not between):
            break
        taken.append(words.forms[index])
        edge = end if step > 0 else begin
        index += step
    return tuple(taken) if step > 0 else tuple(reversed(taken))


def is_company(
    place: Place, *, sense: str, sector: str, is_in_company: bool, vocabulary: Mapping[str, frozenset[str]]
) -> bool:
    """Judge a name that is ambiguous.

    Args:
        place: what stands around it.
        sense: "word" or "proper": what else it may be.
        sector: the company's.
        is_in_company: whether the text names another of its sector without doubt, or lists it beside any.
        vocabulary: what ``companies.load_evidence`` gives.
    """
    points = _around(place, vocabulary) + 2 * is_in_company
    points += not place.sentence.isdisjoint(vocabulary.get(f"sector-{sector}", frozenset()))
    if place.style == "lower":
        return points >= CERTAIN and _has_legal_form(place, vocabulary)
    points += _form(place, sense)
    points -= _doubts(place, sense, vocabulary)
    return points >= ENOUGH


def _has_legal_form(place: Place, vocabulary: Mapping[str, frozenset[str]]) -> bool:
    return bool(place.after) and not place.is_possessive and place.after[0].lower() in vocabulary["legal_forms"]


def _around(place: Place, vocabulary: Mapping[str, frozenset[str]]) -> int:
    """Count what stands after and before the name, and in its sentence."""
    after = [word.lower() for word in place.after]
    before = [word.lower() for word in place.before]
    points = CERTAIN if _has_legal_form(place, vocabulary) else 0
    points += 2 * (place.is_attribution and place.style == "sentence")
    if after:
        points += max(
            2 * (after[0] in vocabulary["possessions"]),
            2 * _begins(after, vocabulary["actions"]),
            after[0] in vocabulary["movements"],
        )
    if before:
        points += before[-1] in vocabulary["introductions"] or " ".join(before[-2:]) in vocabulary["introductions"]
    return points + (not place.sentence.isdisjoint(vocabulary["finance"]))


def _begins(after: list[str], phrases: frozenset[str]) -> bool:
    return after[0] in phrases or " ".join(after) in phrases


def _form(place: Place, sense: str) -> int:
    """Count how the name itself is written: a capital where none need stand, and a possessive.

    Other names have both as well, so they say less of a name that is ambiguous with one.
    """
    if place.style != "sentence":
        return int(place.is_possessive)
    if sense == "word":
        return 2 if place.is_possessive or not place.is_first else 0
    return int(place.is_possessive) + (not place.is_first)


def _doubts(place: Place, sense: str, vocabulary: Mapping[str, frozenset[str]]) -> int:
    """Count what speaks for a longer name, or for the common word."""
    following = place.after[0] if place.after else ""
    preceding = place.before[-1] if place.before else ""
    points = 3 * _is_part_of_name(place, following, preceding, vocabulary)
    points += 2 * (place.style != "sentence" and _is_title_word(preceding, vocabulary))
    points += 2 * (preceding.lower() == "the" or (sense == "word" and preceding.lower() in vocabulary["articles"]))
    points += 2 * (place.is_hyphened and following.islower() and following not in vocabulary["possessions"])
    if sense == "word":
        points += 2 * place.follows_number + 3 * following.isdigit()  # 2% Target, Block 32
        points += _is_qualified(place, vocabulary)
    return points


def _is_part_of_name(place: Place, following: str, preceding: str, vocabulary: Mapping[str, frozenset[str]]) -> bool:
    """Tell whether a neighbour with a capital makes a longer name, in a sentence where capitals say something."""
    if place.style != "sentence":
        return False
    after = vocabulary["possessions"] | vocabulary["legal_forms"] | vocabulary["openers"] | vocabulary["places"]
    before = vocabulary["openers"] | vocabulary["introductions"]
    has_more = following[:1].isupper() and following.lower() not in after
    return (has_more and not place.is_possessive and not place.is_hyphened) or (
        preceding[:1].isupper() and preceding.lower() not in before
    )


def _is_qualified(place: Place, vocabulary: Mapping[str, frozenset[str]]) -> bool:
    """Tell whether "of", "for", "between" follow where a capital says nothing: "Gap between", "Target for"."""
    if not place.after or not (place.is_first or place.style != "sentence"):
        return False
    after = [word.lower() for word in place.after]
    return after[0] in vocabulary["partitives"] and not _begins(after, vocabulary["actions"])


def _is_title_word(preceding: str, vocabulary: Mapping[str, frozenset[str]]) -> bool:
    """Tell whether the word before, in a headline of capitals, may be part of the name or its adjective."""
    known = vocabulary["openers"] | vocabulary["introductions"] | vocabulary["actions"] | vocabulary["movements"]
    return bool(preceding) and preceding.lower() not in known
