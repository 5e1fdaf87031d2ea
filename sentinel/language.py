"""Which language a headline is in. The door to py3langid.

Comes in: cleaned text. Goes out: an ISO 639-1 code, or "und". Offline; the model (about 2 MB) is in the package.
Invariant: a text is called foreign only on strong evidence, because a headline of names and tickers looks like any
language, and to lose an English one is worse than to score a foreign one.

Source: Lui and Baldwin 2012, langid.py: An Off-the-shelf Language Identification Tool.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from py3langid.langid import LanguageIdentifier

UNDETERMINED = "und"
"""What ISO 639-2 calls a text without enough words to tell."""

# fmt: off
LANGUAGES = (
    "ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hi", "hr", "hu", "id",
    "it", "ja", "ka", "kk", "ko", "lt", "lv", "ms", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "ta",
    "te", "th", "tr", "uk", "ur", "vi", "zh",
)
# fmt: on
"""What can be told apart, as ISO 639-1 codes. Fewer candidates, fewer mistakes: a few names look like any language."""

USUAL = "en"
"""What is taken for granted where nothing speaks against it."""
_MARGIN = 15.0
"""How much likelier than English, in natural logarithms, another language must be; for each English word once more."""
# Words of headlines that hardly any other language has: "Société Générale cuts Renault to sell" is not French.
_ENGLISH_WORD = re.compile(
    r"\b(?:the|and|to|of|for|with|from|after|as|by|at|is|are|on|says|its|new|buys?|sells?|cuts?|raises?|lifts?|rises?"
    r"|falls|slips?|drops?|gains|beats?|misses|holds?|posts|sees|hits|joins|opens|names|resigns|downgrades|upgrades"
    r"|announces|shares|sales|profits?|lower|higher|flat)\b",
    re.IGNORECASE,
)
_MIN_LATIN_LETTERS = 12
_LATIN_LETTER = re.compile("[A-Za-z\u00c0-\u024f]")
_OTHER_LETTER = re.compile("[^\\W\\d_A-Za-z\u00c0-\u024f]")
# Not words: addresses, tickers, tags and names of accounts.
_NO_WORD = re.compile(r"https?://\S+|[$#@]\w+")


def detect_languages(texts: Sequence[str]) -> list[str]:
    """Tell the language of each text.

    Args:
        texts: cleaned headlines.

    Returns:
        ISO 639-1 codes, UNDETERMINED for a text with too few words, in the order of the texts.
    """
    return [_detect(text) for text in texts]


def _detect(text: str) -> str:
    words = _NO_WORD.sub(" ", text)
    if not _OTHER_LETTER.search(words) and len(_LATIN_LETTER.findall(words)) < _MIN_LATIN_LETTERS:
        return UNDETERMINED
    ranked = _identifier().rank(words)
    best, likelihood = ranked[0]
    needed = _MARGIN * (1 + len(_ENGLISH_WORD.findall(words)))
    return str(best) if likelihood - dict(ranked)[USUAL] > needed else USUAL


@cache
def _identifier() -> LanguageIdentifier:
    """Load the model, once, when the first text comes."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(LANGUAGES))
    return identifier
