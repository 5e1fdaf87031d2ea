"""Mark the one name in a headline that a classifier is asked about: "A gains as [[B]] warns".

Comes in: a text and where the name stands in it. Goes out: the text with the name between marks. Invariant: a text that
bears marks already loses them first, so that a feed cannot choose what its headline is asked about.
"""

from __future__ import annotations

import re

OPENING, CLOSING = "[[", "]]"
_MARKS = re.compile(r"\[\[+|\]\]+")


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
    before, name, after = (_MARKS.sub(_single, part) for part in (text[:start], text[start:end], text[end:]))
    return f"{before}{OPENING}{name}{CLOSING}{after}"


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


def _single(marks: re.Match[str]) -> str:
    return marks.group()[0]
