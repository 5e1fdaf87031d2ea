"""Join what moved the moods of a day to its moods, each figure rounded once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sentinel.records import MOVE_COLUMNS
from sentinel.report.rounding import round_columns

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from sentinel.report.day import Movement

PARTS = {
    "from_new": ("New stories", "told on this day alone"),
    "from_faded": ("Faded stories", "told on the day before alone"),
    "from_ongoing": ("Stories that go on", "told on both days"),
    "from_feeds": ("Feeds that came or fell silent", "with news on one of the two days alone"),
    "from_mix": ("Mix of the feeds", "more of the news from some, less from others"),
    "from_amount": ("Amount of news", "the more stories, the less the mood is shrunk towards 0"),
    "from_rounding": ("Rounding", "what the figures as printed lack to add up"),
}
"""Parts of a change, each with its name and what it is. They sum to the change as printed."""

_KEY = ["day", "topic_kind", "topic"]
_TEXTS = ("without_low_feed", "without_high_feed", "leans_on")
_JOINED = [name for name in MOVE_COLUMNS if name not in _KEY]
NO_MOVE: Mapping[str, Any] = {
    **{name: "" if name in _TEXTS else float("nan") for name in _JOINED},
    **dict.fromkeys(("from_rounding", "published_mood"), float("nan")),
}
"""What is joined to a mood of which nothing is known but itself."""


def join_moves(moods: pd.DataFrame, movement: Movement, model_id: str, decimals: dict[str, int]) -> pd.DataFrame:
    """Add to rounded moods what moved them and what was published.

    Args:
        moods: rounded moods.
        movement: moves and published moods of their days.
        model_id: whose published moods count.
        decimals: places behind the point of what is added.

    Returns:
        The moods with the columns of NO_MOVE. The six parts and from_rounding sum to the change as rounded;
        published_mood is the mood where nothing else was published.
    """
    moves = round_columns(movement.moves[[*_KEY, *_JOINED]], decimals)
    joined = moods.merge(moves, on=_KEY, how="left", validate="one_to_one").fillna(dict.fromkeys(_TEXTS, ""))
    joined["from_rounding"] = joined["change"] - joined[list(PARTS)[:-1]].sum(axis=1, skipna=False)
    joined["published_mood"] = _published(joined, movement.published, model_id)
    return round_columns(joined, {**decimals, "from_rounding": decimals["from_new"]})


def _published(moods: pd.DataFrame, published: pd.DataFrame, model_id: str) -> pd.Series:
    own = published[published["model_id"] == model_id]
    found = moods[_KEY].merge(own[[*_KEY, "mood", "published_at"]], on=_KEY, how="left")
    found.index = moods.index
    return moods["mood"].where(found["published_at"].isna(), found["mood"])
