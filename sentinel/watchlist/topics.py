"""From the names in a text to topics, each with how much the text is about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.watchlist.matcher import Mention, Watchlist

TOPIC_KINDS = ("company", "sector", "theme")
"""Kinds of topic that come from what a text says."""


@dataclass(frozen=True, slots=True, order=True)
class Topic:
    """A topic of a text.

    Attributes:
        kind: one of TOPIC_KINDS.
        name: ticker, sector or theme.
        relevance: how much of the text is about it, above 0, at most 1.
    """

    kind: str
    name: str
    relevance: float


def relevance(begin: int, length: int, n_named: int) -> float:
    """Tell how much a text is about a name: the sooner it comes and the fewer stand beside it, the more.

    The first half of the formula falls from 1 at the beginning of the text to 1/2 at its end, the second from 1 for the
    only name to 2/3 for one of two and 2/5 for one of four.

    Source: position of the first mention and number of companies named are what LSEG News Analytics gives out with
    every company (Mitra and Mitra, "The Handbook of News Analytics in Finance", 2011, chapter 1.A); how they are put
    together here is a choice.

    Args:
        begin: where it is first named, in characters.
        length: of the text, in characters, above ``begin``.
        n_named: how many names of its kind the text has, itself among them.

    Returns:
        A number in (0, 1].
    """
    return (1 - begin / (2 * length)) * 2 / (n_named + 1)


def topics_of(watchlist: Watchlist, text: str) -> tuple[Topic, ...]:
    """Give the topics of a text: companies, their sectors, and themes.

    A sector is as relevant as the most relevant of its companies.

    Args:
        watchlist: what to look for.
        text: what ``text.clean_text`` gives.

    Returns:
        Topics, each once, sorted by kind and name.
    """
    mentions = watchlist.find(text)
    if not mentions:
        return ()
    companies = _weigh(mentions, "company", len(text))
    themes = _weigh(mentions, "theme", len(text))
    sectors: dict[str, float] = {}
    for ticker, weight in companies.items():
        sector = watchlist.companies[ticker].sector
        if sector:
            sectors[sector] = max(sectors.get(sector, 0.0), weight)
    by_kind = zip(TOPIC_KINDS, (companies, sectors, themes), strict=True)
    return tuple(sorted(Topic(kind, name, weight) for kind, found in by_kind for name, weight in found.items()))


def _weigh(mentions: Sequence[Mention], kind: str, length: int) -> dict[str, float]:
    first: dict[str, int] = {}
    for mention in mentions:
        if mention.kind == kind:
            first.setdefault(mention.owner, mention.begin)
    return {owner: relevance(begin, length, len(first)) for owner, begin in first.items()}
