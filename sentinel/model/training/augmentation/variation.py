"""Vary texts without changing what they say: names of shares, figures, units, casing, typos, prefixes.

Comes in: texts. Goes out: as many texts. Invariant: words stay in their order; none that could carry sentiment is
touched, and figures are all multiplied by one factor or not at all, so that every comparison stays as it was.
"""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_FIGURE = re.compile(
    r"(?<![\w.,/:-])(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(?=$|[\s%),;.?!]|[mMbBkK]\b|bn\b|mn\b|pc\b|pct\b)(?!\.\d)"
)
_FIXED = re.compile(r"(?:19|20)\d\d|\d")
"""Years, and single digits, which are often part of a name."""
_IN_A_NAME = re.compile(
    r"(?:S&P|FTSE|CAC|Stoxx|Russell|ASX|Nasdaq|MSCI|Fortune|chapter|section|top"
    r"|[a-z]+ber|[a-z]+uary|March|April|May|June|July|August|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?\s$",
    re.IGNORECASE,
)
_COMPARED = re.compile(
    r"\b(?:from|versus|vs|against|compared|than|over|above|below|under|expected|estimate\w*|consensus|forecast\w*|while)\b"
    r"|\(",
    re.IGNORECASE,
)
_CASHTAG = re.compile(r"\$[A-Z]{1,5}\b")
_UNITS = (
    (re.compile(r"(?<=\d) ?(?:million|mln|mn)\b"), (" million", " mln", " mn", "m")),
    (re.compile(r"(?<=\d) ?(?:billion|bln|bn)\b"), (" billion", " bln", " bn", "bn")),
    (re.compile(r"(?<=\d) ?(?:percent\b|per cent\b|pct\b|%)"), ("%", " percent", " per cent", " pct", " %")),
    (re.compile(r"(?<=\d) ?(?:crore|cr)\b"), (" crore", " cr", " Cr")),
    (re.compile(r"(?<!\w)(?:EUR|€) ?(?=\d)"), ("EUR ", "EUR", "€", "SEK ", "CHF ")),
    (re.compile(r"(?<!\w)(?:US\$|USD) ?(?=\d)"), ("$", "USD ", "US$")),
    (re.compile(r"(?<!\w)(?:Rs\.?|INR) ?(?=\d)"), ("Rs ", "Rs. ", "INR ")),
)
_HARMLESS = frozenset(
    (
        "shares", "company", "quarter", "market", "report", "analyst", "analysts", "investors", "business", "financial",
        "government", "central", "quarterly", "group", "chief", "executive", "statement", "trading", "product",
        "sector", "industry", "second", "third", "fourth", "percent", "million", "billion", "chairman", "minister",
    )
)  # fmt: skip
_SMALL_WORDS = frozenset(
    ("a", "an", "and", "as", "at", "but", "by", "for", "from", "in", "of", "on", "or", "the", "to", "vs", "with")
)
_PREFIXES = ("UPDATE 1-", "UPDATE 2-", "UPDATE 3-", "BRIEF-", "WRAPUP 1-", "RPT-", "JUST IN: ", "BREAKING: ", "NEWS: ")
_SUFFIXES = (
    " - sources",
    " - report",
    " - filing",
    " - source",
    " - newspaper",
    " - statement",
    " #stocks",
    " #markets",
)


def vary_texts(texts: Sequence[str], *, seed: int) -> list[str]:
    """Write each text a little differently, with the same sentiment.

    Args:
        texts: headlines, posts or sentences.
        seed: of the random generator; the same seed gives the same variations.

    Returns:
        One variation per text, in order; a text in which nothing else can be varied ends differently.
    """
    rng = Random(seed)  # noqa: S311, variety, not secrecy
    return [_vary(rng, text) for text in texts]


def title_case(text: str) -> str:
    """Capitalise as newspapers do; small words inside stay small."""
    return " ".join(
        word if index and word.lower() in _SMALL_WORDS else word[:1].upper() + word[1:]
        for index, word in enumerate(text.split(" "))
    )


def _vary(rng: Random, text: str) -> str:
    steps: tuple[tuple[float, Callable[[Random, str], str]], ...] = (
        (0.8, scale_figures),
        (0.5, _swap_unit),
        (0.8, _swap_cashtags),
        (0.12, _typo),
        (0.3, _recase),
        (0.3, _reframe),
    )
    varied = text
    for share, step in steps:
        if rng.random() < share:
            varied = step(rng, varied)
    return varied if varied != text else _end(rng, text)


def scale_figures(rng: Random, text: str) -> str:
    """Multiply all figures by one factor, keeping their decimals, order and equality.

    Years, single digits, times, dates and numbers in names stay as they are. The text stays as it was where figures
    are compared and one of them cannot be scaled, where rounding would make two of them equal, and where a figure
    would pass 100, which is a border for rates and indices.

    Args:
        rng: random generator.
        text: any text.

    Returns:
        The text with other figures, or unchanged.
    """
    places = [
        place
        for place in _FIGURE.finditer(text)
        if not _FIXED.fullmatch(place.group(0)) and not _IN_A_NAME.search(text[: place.start()])
    ]
    factor = rng.choice((0.6, 0.7, 0.8, 0.9, 1.1, 1.2, 1.3, 1.4))
    scaled = [_scaled(place, factor) for place in places]
    rest, varied, end = [], [], 0
    for place, figure in zip(places, scaled, strict=True):
        rest.append(text[end : place.start()])
        varied += [rest[-1], figure]
        end = place.end()
    rest.append(text[end:])
    before = [_value(place.group(0)) for place in places]
    after = [_value(figure) for figure in scaled]
    unscaled = any(character.isdigit() for part in rest for character in re.sub(r"\b(?:19|20)\d\d\b", "", part))
    if (unscaled and _COMPARED.search(text)) or not _same_order(before, after):
        return text
    return "".join([*varied, text[end:]])


def _scaled(place: re.Match[str], factor: float) -> str:
    decimals = max(len(place.group(2) or "") - 1, 0)
    grouping = "," if "," in place.group(0) else ""
    return f"{_value(place.group(0)) * factor:{grouping}.{decimals}f}"


def _value(figure: str) -> float:
    return float(figure.replace(",", ""))


def _same_order(before: Sequence[float], after: Sequence[float]) -> bool:
    """Check that every two figures compare as they did, and each with 0 and 100."""
    first, second = [0.0, 100.0, *before], [0.0, 100.0, *after]
    pairs = list(zip(first, second, strict=True))
    return all((a > b) == (x > y) and (a == b) == (x == y) for a, x in pairs for b, y in pairs)


def _swap_unit(rng: Random, text: str) -> str:
    """Write one unit or currency differently, wherever it stands in the text."""
    present = [(pattern, forms) for pattern, forms in _UNITS if pattern.search(text)]
    if not present:
        return text
    pattern, forms = rng.choice(present)
    return pattern.sub(rng.choice(forms), text)


def _swap_cashtags(rng: Random, text: str) -> str:
    def other(place: re.Match[str]) -> str:
        return "$" + "".join(rng.choice("ABCDEFGHIKLMNOPRSTUVWXYZ") for _ in place.group(0)[1:])

    return _CASHTAG.sub(other, text)


def _typo(rng: Random, text: str) -> str:
    """Swap two inner letters, or double one, in a word that carries no sentiment."""
    words = text.split(" ")
    places = [index for index, word in enumerate(words) if word.lower() in _HARMLESS]
    if not places:
        return text
    index = rng.choice(places)
    word = words[index]
    at = rng.randrange(1, len(word) - 2)
    middle = word[at + 1] + word[at] if rng.random() < 0.5 else word[at] * 2 + word[at + 1]
    words[index] = word[:at] + middle + word[at + 2 :]
    return " ".join(words)


def _recase(rng: Random, text: str) -> str:
    return rng.choice((str.lower, str.lower, str.upper, title_case, title_case))(text)


def _reframe(rng: Random, text: str) -> str:
    draw = rng.random()
    if draw < 0.4:
        return rng.choice(_PREFIXES) + text
    if draw < 0.6 and text[-1:].isalnum():
        return text + rng.choice(_SUFFIXES)
    return _end(rng, text)


def _end(rng: Random, text: str) -> str:
    bare = text.rstrip(" .")
    return bare + rng.choice([end for end in ("", ".", " .", "...") if bare + end != text])
