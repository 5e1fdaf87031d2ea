"""Text as words: folded for look-up, with their capitals for judging, and the style a headline is written in.

Pure functions. Folding keeps the length, so that a place in the folded text is a place in the text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Style = Literal["sentence", "title", "upper", "lower"]

WORD = re.compile(r"[^\W_]+|&")
"""A word: letters and digits; "&" is one, so that AT&T has three."""

MIN_TELLING_LETTERS = 4
"""Shorter words are written small in headlines of any style."""
UPPER_SHARE = 0.8

_SENTENCE_END = re.compile(r"(?<=[a-z0-9)\"'%][.!?])\s+(?=[\"'(]?[A-Z0-9])")
_PART_END = re.compile(r"[.!?:;|]\s+|\s[-\u2013\u2014|]+\s|^[A-Z][A-Z0-9 ]*-(?=\S)|^(?:UPDATE|WRAPUP|RPT) \d+-")
_JOINERS = frozenset(["", " ", "-", "'", ".", "!", "/", "! ", ". "])


def _fold_table() -> dict[int, str]:
    """Map accented Latin letters to plain ones, and the kinds of apostrophe and hyphen to one each."""
    table = {ord("\u2019"): "'", ord("\u2018"): "'", ord("\u02bc"): "'", ord("\u2010"): "-", ord("\u2011"): "-"}
    table |= {ord(letter): plain for letter, plain in zip("øØłŁđĐıħ", "oOlLdDih", strict=True)}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        parts = unicodedata.normalize("NFKD", chr(code))
        if len(parts) > 1 and all(map(unicodedata.combining, parts[1:])):
            table[code] = parts[0]
    return table


def _split_table() -> bytes:
    """Map ASCII letters to lower case, and what is no part of a word to a space."""
    return bytes(ord(chr(code).lower()) if chr(code).isalnum() or code == ord("&") else ord(" ") for code in range(128))


_FOLD = _fold_table()
_SPLIT = _split_table() + bytes(128)


def plain_text(text: str) -> str:
    """Take the accents off, keeping capitals and length.

    Args:
        text: what ``text.clean_text`` gives (composed, NFC).

    Returns:
        As many characters.
    """
    return text if text.isascii() else text.translate(_FOLD)


@dataclass(frozen=True, slots=True)
class Words:
    """A text cut into words.

    Attributes:
        plain: the text without accents.
        forms: the words with their capitals.
        folded: the words in lower case; "and" is "&".
        spans: begin and end of each in the text.
    """

    plain: str
    forms: tuple[str, ...]
    folded: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, text: str) -> Words:
        """Cut a text into words."""
        plain = plain_text(text)
        spans = tuple([match.span() for match in WORD.finditer(plain)])
        return cls(plain, tuple(WORD.findall(plain)), tuple(fold_words(plain)), spans)

    def gap(self, index: int) -> str:
        """Give what stands between a word and the next."""
        return self.plain[self.spans[index][1] : self.spans[index + 1][0]]

    def is_joined(self, index: int) -> bool:
        """Tell whether a word and the next can belong to one name; a full stop is one after initials only."""
        gap = self.gap(index)
        return gap in _JOINERS and (gap != ". " or len(self.forms[index]) <= 2)


def fold_word(form: str) -> str:
    """Write a word small; "and" is "&"."""
    folded = form.lower()
    return "&" if folded == "and" else folded


def fold_words(plain: str) -> list[str]:
    """Cut a text without accents into words, folded; plain ASCII, as nearly every headline is, in a tenth of the time.

    Args:
        plain: what ``plain_text`` gives.

    Returns:
        What ``fold_word`` makes of each match of WORD.
    """
    if not plain.isascii():
        return [*map(fold_word, WORD.findall(plain))]
    words = plain.replace("&", " & ").encode("ascii").translate(_SPLIT).decode("ascii").split()
    return ["&" if word == "and" else word for word in words] if "and" in words else words


def sentence_around(plain: str, begin: int) -> tuple[int, int]:
    """Give the begin and end of the sentence that holds a place."""
    start, end = 0, len(plain)
    for match in _SENTENCE_END.finditer(plain):
        if match.end() <= begin:
            start = match.end()
        else:
            end = match.start()
            break
    return start, end


def starts_part(plain: str, start: int, begin: int) -> bool:
    """Tell whether a sentence, or a part of one after a colon, dash or wire slug, begins at a place.

    Args:
        plain: the text.
        start: where its sentence begins.
        begin: the place.
    """
    before = plain[start:begin].rstrip("\"'([ ")
    if not before:
        return True
    lead = plain[start:begin].rstrip("\"'([")
    return any(match.end() == len(lead) for match in _PART_END.finditer(lead))


def style_of(sentence: str, *, function_words: frozenset[str]) -> Style:
    """Tell how a sentence uses capitals.

    In a title every telling word has one, in a sentence some have none, so a capital says something there alone.

    Args:
        sentence: without accents.
        function_words: those that are written small in titles.
    """
    words = [word for word in re.findall(r"[A-Za-z]+", sentence) if len(word) > 1]
    if not any(word[0].isupper() for word in words):
        return "lower"
    if sum(word.isupper() for word in words) >= UPPER_SHARE * len(words):
        return "upper"
    small = (word for word in words if word.islower() and len(word) >= MIN_TELLING_LETTERS)
    return "title" if all(word in function_words for word in small) else "sentence"
