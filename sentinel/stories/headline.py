"""What a headline says, taken apart: its words by weight, its figures, its directions.

Comes in: a title. Goes out: a Headline. A pure function of the title, so that whether two headlines tell one story
depends on nothing else in the store. Word lists are English; a headline in another script is compared as a whole.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal
from sys import intern
from typing import TYPE_CHECKING

from sentinel.stories import lexicon
from sentinel.stories.lexicon import stem

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_TOKENS = 64
"""A longer headline is compared by its first words."""
COMMON_WEIGHT = 0.4
STANCE_WEIGHT = 0.4
LATER_CLAUSE_WEIGHT = 0.4
"""What a word counts after a semicolon, where updates of a wire say what is new since the last one."""

_MARKS = (
    "UPDATE|CORRECTED|CORRECTION|CORRECTS|CORRECT|RPT|REPEAT|REFILE|REFILING|RESEND|WRAPUP|EXCLUSIVE|BREAKING NEWS|"
    "BREAKING|ALERT|FLASH|URGENT|LIVE|VIDEO|WATCH|JUST IN|DEVELOPING|SNAP"
)
_PREFIX = re.compile(
    rf"\s*[(\[]?\s*(?:(?:{_MARKS})\b\s*\d*\s*(?:\(OFFICIAL\))?\s*[)\]]?\s*[-:\u2013\u2014|]+"
    rf"|(?:(?i:updated?|live updates?|breaking|exclusive|video|correction|corrected|watch))\s*\d*\s*[:|]+"
    rf"|[(\[](?:{_MARKS})\s*\d*[)\]])\s*"
)
_PUBLISHER = re.compile(
    r"\s+[-|\u2013\u2014]\s+(?:(?:The\s+)?(?:[\w&'.]+\s+){0,3}(?:News|Times|Post|Journal|Herald|Tribune|Telegraph|"
    r"Guardian|Gazette|Press|Today|Wire|Newswire|Magazine|Finance|Business|Insider|Observer|Chronicle|Mail|Standard|"
    r"Review|Digest|Online|[\w-]+\.(?:com|net|org|co\.uk|de|eu))|Reuters|Bloomberg|CNBC|CNN|BBC|MarketWatch|AP|AFP|"
    r"dpa|WSJ|FT|Forbes|Barron's|Fortune|Axios|Politico|Seeking Alpha|Benzinga|Investing)\s*$"
)
_CUT_OFF = ("...", "\u2026")
_TOKEN = re.compile(
    r"(?P<sign>(?<![\w)])[-+\u2212](?=[$\u20ac\u00a3\u00a5]?\d))?(?P<currency>[$\u20ac\u00a3\u00a5])?"
    r"(?P<figure>\d+(?:[.,]\d+)*)"
    r"(?:\s*-?(?P<unit>%|(?:pct|percent|per cent|pc|mln|million|mn|m|bln|billion|bn|b|trln|trillion|tn|k|bps?|"
    r"basis points?|st|nd|rd|th)\b))?"
    r"|(?P<word>[^\W\d_][^\W_]*)|(?P<clause>;)",
    re.IGNORECASE,
)
_DOTTED = re.compile(r"\b(?:[a-z]\.){2,}")
_APOSTROPHES = re.compile(r"['\u2019`](?=s\b)|s['\u2019](?=\s)|['\u2019`]")
_PERIOD = re.compile(r"[qh][1-4]|fy")
_QUARTER = re.compile(r"\b([1-4])([qh])\b", re.IGNORECASE)
_PHRASE = re.compile(r"\b(?:" + "|".join(sorted(lexicon.PHRASES, key=len, reverse=True)) + r")\b")
_SCALES = {
    **dict.fromkeys(("mln", "million", "mn", "m"), Decimal(10) ** 6),
    **dict.fromkeys(("bln", "billion", "bn", "b"), Decimal(10) ** 9),
    **dict.fromkeys(("trln", "trillion", "tn"), Decimal(10) ** 12),
    "k": Decimal(10) ** 3,
}
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Headline:
    """A title taken apart.

    Attributes:
        key: its words and figures without marks ("UPDATE 1-") and publisher; equal keys are copies.
        weights: what each significant token counts in a comparison, by token.
        total: their sum.
        specific: the tokens of its main clause that stand in no word list: names and subjects.
        opening: the first word of it that is not a word of direction; empty when there is none.
        figures: numbers in their order by kind (rate, money, count, ordinal, period, date).
        stances: by axis, the sides taken, each with the word it is said of.
        is_negated: whether a word turns it over.
    """

    key: str
    weights: dict[str, float]
    total: float
    specific: frozenset[str]
    opening: str
    figures: dict[str, tuple[str, ...]]
    stances: dict[str, frozenset[tuple[str, str]]]
    is_negated: bool


@dataclass(slots=True)
class _Reading:
    """What has been read of a title so far."""

    words: list[str] = field(default_factory=list)
    weights: dict[str, float] = field(default_factory=dict)
    specific: set[str] = field(default_factory=set)
    figures: dict[str, list[str]] = field(default_factory=dict)
    sides: list[tuple[str, str, str]] = field(default_factory=list)
    opening: str = ""
    subject: str = ""
    is_negated: bool = False
    in_main: bool = True

    def count(self, token: str, weight: float) -> None:
        weight = weight if self.in_main else weight * LATER_CLAUSE_WEIGHT
        if len(self.weights) < MAX_TOKENS:
            token = intern(token)  # the same words stand in thousands of open stories
            self.weights[token] = max(weight, self.weights.get(token, 0.0))

    def add_figure(self, kind: str, value: str) -> None:
        self.figures.setdefault(kind, []).append(value)
        self.count(f"{kind}:{value}", 1.0)

    def add_content(self, token: str) -> None:
        is_common = token in lexicon.COMMON
        self.count(token, COMMON_WEIGHT if is_common else 1.0)
        if self.in_main and not is_common:
            self.specific.add(token)
        if not self.opening:
            self.opening = token
        for place, (axis, side, subject) in enumerate(self.sides):
            if not subject:
                self.sides[place] = (axis, side, token)
        self.subject = token

    def add_side(self, axis: str, side: str) -> None:
        self.sides.append((axis, side, self.subject))
        self.count(side, STANCE_WEIGHT)


def read_headline(title: str) -> Headline:
    """Take a title apart.

    Args:
        title: cleaned headline.

    Returns:
        The headline; an empty ``key`` means that nothing is left to compare it by.
    """
    reading = _Reading()
    words = list(_tokens(_without_half_word(strip_marks(title))))
    for place, (kind, text) in enumerate(words):
        if kind == "clause":
            reading.in_main, reading.subject = False, ""
            continue
        reading.words.append(f"{kind}:{text}" if kind != "word" else text)
        if kind == "word":
            following = words[place + 1][1] if place + 1 < len(words) else ""
            _read_word(reading, text, stem(following))
        else:
            reading.add_figure(kind, text)
    stances: dict[str, set[tuple[str, str]]] = {}
    for axis, side, subject in reading.sides:
        stances.setdefault(axis, set()).add((side, subject))
    return Headline(
        key=" ".join(reading.words),
        weights=reading.weights,
        total=sum(reading.weights.values()),
        specific=frozenset(reading.specific),
        opening=reading.opening,
        figures={kind: tuple(values) for kind, values in reading.figures.items()},
        stances={axis: frozenset(sides) for axis, sides in stances.items()},
        is_negated=reading.is_negated,
    )


def strip_marks(title: str) -> str:
    """Take off what a wire puts before a repeated headline, and the publisher that an aggregator puts behind it."""
    bare = title
    while match := _PREFIX.match(bare):
        bare = bare[match.end() :]
    bare = _PUBLISHER.sub("", bare)
    return bare or title


def _without_half_word(title: str) -> str:
    """Drop the last word of a title that was cut off in it; one of a single word stays."""
    text = title.rstrip()
    return text.rpartition(" ")[0] or title if text.endswith(_CUT_OFF) else title


def _read_word(reading: _Reading, word: str, following: str) -> None:
    root = stem(word)
    drops = root == "drop" and following in lexicon.DROPPED
    if root in lexicon.NEGATIONS or drops:
        reading.is_negated = True
    if drops:
        return
    stance = lexicon.STANCES.get(root)
    if stance is not None:
        reading.add_side(*stance)
        if root not in lexicon.SYNONYMS:
            return
    if word in lexicon.STOP_WORDS or root in lexicon.NEGATIONS:
        return
    for kind, names in (("ordinal", lexicon.ORDINALS), ("count", lexicon.CARDINALS)):
        if word in names:
            reading.add_figure(kind, names[word])
            return
    reading.add_content(lexicon.COUNTRIES.get(word) or lexicon.SYNONYMS.get(root, root))


def _tokens(title: str) -> Iterator[tuple[str, str]]:
    """Cut a title into (kind, text): words, figures as (kind of figure, normal form), and clause marks."""
    text = unicodedata.normalize("NFKC", title).casefold()
    text = _DOTTED.sub(lambda match: match.group().replace(".", ""), text)
    text = _APOSTROPHES.sub(lambda match: " " if match.group() == "s'" else "", text.replace("n't", "nt"))
    text = _PHRASE.sub(lambda match: lexicon.PHRASES[match.group()], re.sub(r"(?<=[^\W\d_])-(?=[^\W\d_])", " ", text))
    text = _QUARTER.sub(r"\2\1", text)
    for match in _TOKEN.finditer(text):
        if match["word"] is not None:
            yield _named(match["word"])
        elif match["clause"] is not None:
            yield "clause", ";"
        else:
            yield _figure(match)


def _named(word: str) -> tuple[str, str]:
    if _PERIOD.fullmatch(word):
        return "period", word
    if word in lexicon.MONTHS and word != "may":
        return "date", f"month {lexicon.MONTHS[word]}"
    if word in lexicon.WEEKDAYS and len(word) > 3:
        return "date", f"day {lexicon.WEEKDAYS[word]}"
    return "word", word


def _figure(match: re.Match[str]) -> tuple[str, str]:
    """Write a figure in one form: "$2.40 bln" and "2,400 million" are the same amount."""
    digits, unit = match["figure"], match["unit"] or ""
    digits = digits.replace(",", "") if _THOUSANDS.fullmatch(digits) else digits.replace(",", ".")
    if digits.count(".") > 1:
        return "count", digits
    value = Decimal(digits)
    if unit in _SCALES:
        value *= _SCALES[unit]
    if unit in ("st", "nd", "rd", "th"):
        return "ordinal", _plain(value)
    if unit.startswith(("bp", "basis")):
        kind, value = "rate", value / 100
    elif unit in ("%", "pct", "percent", "per cent", "pc"):
        kind = "rate"
    else:
        kind = "money" if match["currency"] or unit in _SCALES else "count"
    sign = "-" if match["sign"] in ("-", "\u2212") else ""
    return kind, f"{sign}{_plain(value)}"


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
