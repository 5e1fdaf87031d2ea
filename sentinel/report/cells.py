"""Make text safe for a spreadsheet cell without touching what is harmless.

A spreadsheet may take text for a formula when it starts with ``=``, ``+``, ``-`` or ``@``. Headlines do so
without any harm in mind ("-5% fall in copper"), so the rule looks at what follows:

* text that is a plain number (``-0.75``, ``+3.2%``, ``-1,234.5``, ``+49 30 123456``) stays as it is, and
  so does a sign alone;
* a ``-`` or ``+``, a number, and then words without any operator stay as they are;
* everything else that starts with one of the characters, after white space and invisible characters, gets
  a leading apostrophe, which makes it text in every spreadsheet.

A semicolon parts cells where the list separator is one, as in German or French Excel, so what follows a
semicolon is judged by the same rule.

Source: OWASP, "CSV Injection"; CWE-1236.
"""

from __future__ import annotations

import re
import unicodedata

_STARTERS = frozenset("=+-@\u2212\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u207a\u207b\u207c\u208a\u208b\u208c")
"""The four characters, the true minus sign, and the full-width, small, raised and lowered forms of the four."""

_NUMBER = r"[-+\u2212]\s?[$€£¥]?\d+(?:[.,]\d+)*(?:[eE][-+]?\d+)?(?:\s?[%‰]|°[CF]?|[^\W\d_]{1,4})?"
_PLAIN = re.compile(rf"{_NUMBER}|\+\d+(?: \d+)+|[-+\u2212]+")
# Words may hold a sign only between letters or digits ("year-to-date", "q/q", "S&P"), never beside a space.
_NUMBER_THEN_WORDS = re.compile(
    rf"{_NUMBER}[,.:;\u2026]?\s+(?:[\u2013\u2014]\s+)?[^\W\d_]"
    r"(?:[\w\s.,:;?%‰$€£¥#'\"\u2018\u2019\u201c\u201d\u2013\u2014\u2026]|(?<=\w)[-/&](?=\w))*"
)
_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f-\x9f\ud800-\udfff]")


def plain_line(text: str) -> str:
    """Write text as one line without characters that no file or cell can hold."""
    return _UNPRINTABLE.sub("", _BREAKS.sub(" ", text))


def text_cell(text: str) -> str:
    """Write text so that no spreadsheet takes it for a formula.

    Args:
        text: any text.

    Returns:
        One line; the text itself wherever that is harmless, else with an apostrophe before what is not.
    """
    line = plain_line(text)
    if ";" not in line:
        return f"'{line}" if _is_formula(line) else line
    parts = line.split(";")
    safe = [parts[0], *(f"'{part}" if _is_formula(part.lstrip(" \"'")) else part for part in parts[1:])]
    joined = ";".join(safe)
    return f"'{joined}" if _is_formula(line) else joined


def _is_formula(line: str) -> bool:
    start = _first_visible(line)
    if start == len(line) or line[start] not in _STARTERS:
        return False
    body = line[start:].rstrip()
    return not (_PLAIN.fullmatch(body) or _NUMBER_THEN_WORDS.fullmatch(body))


def _first_visible(line: str) -> int:
    """Find the first character that is neither white space nor invisible; the length when there is none."""
    for position, character in enumerate(line):
        if unicodedata.category(character)[0] not in "ZC":
            return position
    return len(line)
