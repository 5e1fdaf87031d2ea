"""Where the page of a topic lies, and whether it has one."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

TOPICS_NAME = "topics"
TopicKey = tuple[str, str]
"""Kind and name, as in daily.csv."""

_PLAIN = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_RESERVED = re.compile(r"con|prn|aux|nul|index|(?:com|lpt)[0-9]")
_MAX_CHARACTERS = 40


def slug(name: str) -> str:
    """Make a file name of any text: letters a to z, digits and dashes.

    A name that is one already stays; any other has a hash behind it, so that two names, also on a disk that takes
    capitals for small letters, never get the same. Names that some systems keep for devices count as others.
    """
    plain = "-".join(_PLAIN.findall(name.lower()))[:_MAX_CHARACTERS].strip("-")
    if plain and plain == name and not _RESERVED.fullmatch(name):
        return plain
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{plain}-{digest}" if plain else digest


def topic_path(key: TopicKey) -> str:
    """Give the place of a topic's page in the report folder."""
    kind, name = key
    return f"{TOPICS_NAME}/{slug(kind)}/{slug(name)}.html"


def topics_with_a_page(moods: pd.DataFrame) -> set[TopicKey]:
    """List the topics that had enough news for a mood on one of the days of a frame of moods, at least.

    The same rule decides which pages are written and which are linked: a day's page looks at the 90 days before it.
    """
    known = moods.loc[moods["mood"].notna(), ["topic_kind", "topic"]].drop_duplicates()
    return set(known.itertuples(index=False, name=None))


def topic_name(key: TopicKey, companies: dict[str, str]) -> str:
    """Call a topic as a page does: a company by its name and ticker."""
    kind, name = key
    return f"{companies[name]} ({name})" if kind == "company" and name in companies else name
