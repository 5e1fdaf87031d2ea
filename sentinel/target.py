"""Mark the one name in a headline that a classifier is asked about: "A gains as [[B]] warns".

Comes in: a text and where the name stands in it. Goes out: the text with the name between marks. Invariant: square
brackets of the text itself become round ones, so that a feed cannot choose what its headline is asked about.
"""

from __future__ import annotations

import re

OPENING, CLOSING = "[[", "]]"
_ROUND = str.maketrans("[]", "()")


def mark(text: str, start: int, end: int) -> str:
    """Mark a span of a text as the target.

    Args:
        text: a headline.
        start: of the name, in characters.
        end: behind its last character.

    Returns:
        The text with marks around the name, which are the only marks in it.

    Raises:
        ValueError: the span is empty or not within the text.
    """
    if not 0 <= start < end <= len(text):
        raise ValueError(f"no span {start}:{end} in a text of {len(text)} characters")
    plain = text.translate(_ROUND)
    return f"{plain[:start]}{OPENING}{plain[start:end]}{CLOSING}{plain[end:]}"


def mark_name(text: str, name: str) -> str | None:
    """Mark the first place where a name stands in a text: as a word and in its own case rather than not.

    Args:
        text: a headline.
        name: as it is written there.

    Returns:
        The marked text; None where the name does not stand in it.
    """
    escaped = re.escape(name)
    for pattern in (rf"(?<!\w){escaped}(?!\w)", rf"(?i:(?<!\w){escaped}(?!\w))", rf"(?i:{escaped})"):
        if name and (found := re.search(pattern, text)):
            return mark(text, found.start(), found.end())
    return None
