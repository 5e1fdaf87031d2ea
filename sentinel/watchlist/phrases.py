"""Many phrases looked up in a text at once, by words: the longest that begins first wins, and spans never overlap.

A dictionary of words to dictionaries of words (a trie). An automaton over characters (Aho and Corasick 1975) finds
phrases inside words as well and needs every find checked for its borders; here a word is found or it is not, and a
headline none of whose words begins a phrase costs a few set look-ups.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from sentinel.watchlist.words import Words, fold_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Kind = Literal["company", "theme", "look-alike"]

_LEAF = ""  # no word is empty


@dataclass(frozen=True, slots=True, order=True)
class Phrase:
    """What is looked up.

    Attributes:
        kind: company, theme, or look-alike: a longer phrase that means nothing we look for.
        owner: ticker or theme; "" of a look-alike.
        forms: its words, with the capitals it is written with.
        sense: what else the name of a company may be: "word", "proper" (another name), or "" when nothing.
    """

    kind: Kind
    owner: str
    forms: tuple[str, ...]
    sense: str = ""

    @classmethod
    def of(cls, text: str, *, kind: Kind, owner: str = "", sense: str = "") -> Phrase:
        """Make a phrase of a text."""
        return cls(kind, owner, Words.of(text).forms, sense)

    @property
    def is_acronym(self) -> bool:
        """Whether it is one word of capitals."""
        return len(self.forms) == 1 and len(self.forms[0]) > 1 and self.forms[0].isupper()

    def fits(self, forms: Iterable[str], *, any_case: bool) -> bool:
        """Tell whether words that are equal but for capitals are this phrase.

        A name is written with its capitals, or all in capitals: "apple" is no company. An acronym has all of its
        own. A theme in lower case, and a look-alike, is written in any way.

        Args:
            forms: as many words as the phrase has.
            any_case: whether the whole text is in lower case, so that small letters say nothing.
        """
        if self.kind == "look-alike" or any_case:
            return True
        return all(_has_capitals(form, own) for form, own in zip(forms, self.forms, strict=True))


def _has_capitals(form: str, own: str) -> bool:
    if form == own or own.islower() or not own[:1].isalpha():
        return True
    if own.isupper():
        return form.isupper()
    return form[0].isupper()


@dataclass(frozen=True, slots=True)
class Found:
    """Phrases found at words ``first`` to ``last - 1`` of a text."""

    phrases: tuple[Phrase, ...]
    first: int
    last: int


class PhraseIndex:
    """Phrases for look-up; which was given first changes nothing."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._root: dict[str, Any] = {}
        for phrase in sorted(set(phrases)):  # company, look-alike, theme: the first at a place counts
            node = self._root
            for form in phrase.forms:
                node = node.setdefault(fold_word(form), {})
            node[_LEAF] = (*node.get(_LEAF, ()), phrase)
        self._first_words = frozenset(self._root)
        self._whole = frozenset(word for word, node in self._root.items() if _LEAF in node)
        self._pairs = frozenset((word, following) for word, node in self._root.items() for following in node)

    def begins_none(self, folded: Sequence[str]) -> bool:
        """Tell whether no phrase can stand among these words: none begins one and is it whole, or goes on with it."""
        if self._first_words.isdisjoint(folded):
            return True
        return self._whole.isdisjoint(folded) and self._pairs.isdisjoint(pairwise(folded))

    def scan(self, words: Words, *, any_case: bool) -> Iterator[Found]:
        """Find phrases from left to right, the longest at each place, none that overlaps one before it.

        Args:
            words: the text.
            any_case: as for ``Phrase.fits``.
        """
        place = 0
        while place < len(words.folded):
            found = self._longest_at(words, place, any_case=any_case) if words.folded[place] in self._root else None
            if found is not None:
                yield found
            place = found.last if found is not None else place + 1

    def _longest_at(self, words: Words, first: int, *, any_case: bool) -> Found | None:
        best = None
        node = self._root
        for last in range(first + 1, len(words.folded) + 1):
            if words.folded[last - 1] not in node:
                break
            node = node[words.folded[last - 1]]
            forms = words.forms[first:last]
            fitting = tuple(phrase for phrase in node.get(_LEAF, ()) if phrase.fits(forms, any_case=any_case))
            if fitting:
                best = Found(fitting, first, last)
            if last < len(words.folded) and not words.is_joined(last - 1):
                break
        return best
