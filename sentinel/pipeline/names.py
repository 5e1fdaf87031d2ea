"""Read headlines that name several companies once for each of them: "A gains as B warns" is good for A, bad for B."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sentinel.pipeline.scorer import score_once
from sentinel.records import LABELS, NAME_SCORE_COLUMNS
from sentinel.target import mark
from sentinel.text import text_hash

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentinel.pipeline.scorer import Scorer
    from sentinel.watchlist import Watchlist


def score_names(batch: pd.DataFrame, watchlist: Watchlist, *, scorer: Callable[[], Scorer]) -> pd.DataFrame:
    """Score each company of those texts that name two or more.

    A text with one company says of it what it says, so that its own score is the company's.

    Args:
        batch: frame with item_id and text.
        watchlist: the companies to look for.
        scorer: gives what scores marked texts; not called when there are none.

    Returns:
        A frame with NAME_SCORE_COLUMNS: a row per item and company of the watchlist.
    """
    found = []
    for item_id, text in zip(batch["item_id"], batch["text"], strict=True):
        companies = _first_places(watchlist, text)
        if len(companies) > 1:
            found += [(item_id, name, mark(text, *place)) for name, place in companies.items()]
    if not found:
        return pd.DataFrame(columns=list(NAME_SCORE_COLUMNS))
    names = pd.DataFrame(found, columns=["item_id", "name", "text"])
    texts = names["text"].tolist()
    scores = score_once(texts, [text_hash(text) for text in texts], _NOTHING_KNOWN, scorer=scorer)
    return pd.concat([names[["item_id", "name"]], scores[list(LABELS)]], axis=1)


_NOTHING_KNOWN = pd.DataFrame(columns=["text_hash", *LABELS])


def _first_places(watchlist: Watchlist, text: str) -> dict[str, tuple[int, int]]:
    """Find where each company of a text is named first, by ticker."""
    places: dict[str, tuple[int, int]] = {}
    for mention in watchlist.find(text):
        if mention.kind == "company":
            places.setdefault(mention.owner, (mention.begin, mention.end))
    return places
