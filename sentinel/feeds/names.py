"""Names for feeds that come without one: from a title, else from the address. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Container

MAX_CHARACTERS = 40
_LONGEST = 64  # of any name
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")
_OTHER = re.compile(r"[^a-z0-9]+")
_SAYS_NOTHING = frozenset(
    re.findall(
        r"\w+",
        "www feed feeds rss rss2 rss20 atom xml rdf json index default home news public latest entries posts "
        "subscribe 0 2 co com org net gov edu ac php aspx html htm",
    )
)
_NUMERIC = re.compile(r"[\d.]*|.*:.*")  # an address without a name
_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "đ": "d", "ł": "l", "&": " and "})


def suggest_name(title: str, url: str) -> str:
    """Make a name of a title, or of an address where the title has no letter that a name may have.

    Args:
        title: what the feed calls itself; may be empty.
        url: its address.

    Returns:
        A name; a title that is one already is kept, unless it is the like of "RSS feed".
    """
    name = plain_name(title)
    if name and not _SAYS_NOTHING.issuperset(name.split("-")):
        return name
    return plain_name(" ".join(_words_of(url))) or name or "feed"


def plain_name(title: str) -> str:
    """Write a title as a name: lower-case letters, digits and dashes, at most MAX_CHARACTERS; "" where none is left."""
    if _NAME.fullmatch(title):
        return title
    plain = unicodedata.normalize("NFKD", title.casefold().translate(_LETTERS)).encode("ascii", "ignore").decode()
    words = _OTHER.sub("-", plain).strip("-")
    if len(words) <= MAX_CHARACTERS:
        return words
    return words[: MAX_CHARACTERS + 1].rpartition("-")[0] or words[:MAX_CHARACTERS]


def unique_name(name: str, taken: Container[str]) -> str:
    """Give a name, with the first number behind it that makes it one that is not taken."""
    found, number = name, 2
    while found in taken:
        suffix = f"-{number}"
        found, number = f"{name[: _LONGEST - len(suffix)]}{suffix}", number + 1
    return found


def _words_of(url: str) -> list[str]:
    """List what an address says of its feed: the host without its ends, the path without what every feed has."""
    parts = urlsplit(url)
    labels = [] if _NUMERIC.fullmatch(parts.hostname or "") else (parts.hostname or "").split(".")
    host = [label for label in labels[:-1] if label not in _SAYS_NOTHING] or labels[:1]
    path = [word for word in _OTHER.split(unquote(parts.path).lower()) if word and word not in _SAYS_NOTHING]
    return [*host, *path]
