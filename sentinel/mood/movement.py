"""What moved the moods of a day, and on whom they rest: the frames that a report shows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentinel.mood.cells import Cells
from sentinel.mood.change import PARTS, STORY_PARTS, split_change
from sentinel.mood.memberships import MARKET, Spread, scored_on, spread_over_topics
from sentinel.mood.sources import constant_panel, disagreement, leave_one_out
from sentinel.mood.sums import joint_codes, sum_by
from sentinel.records import CONTRIBUTION_COLUMNS, MOVE_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping


def usual_polarities(moods: pd.DataFrame, *, day: date) -> dict[str, float]:
    """Give what each feed usually says, its trend before a day and the day before it, as a polarity.

    Args:
        moods: what ``build_moods`` returns, with the day but one before ``day``.
        day: the day.

    Returns:
        Polarity by feed, of those whose trend is known.
    """
    before = moods[(moods["topic_kind"] == "feed") & (moods["day"] == day - timedelta(days=2)) & moods["trend"].notna()]
    return dict(zip(before["topic"], before["trend"] / 100.0, strict=True))


def build_moves(
    weighed: pd.DataFrame, *, day: date, usual: Mapping[str, float], topics: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Tell of every topic of a day what moved its mood since the day before, and how far it rests on single feeds.

    Args:
        weighed: what ``weigh_items`` returns, with the items of the day and of the day before; others, and items
            without a score, are left out.
        day: the day.
        usual: what ``usual_polarities`` returns.
        topics: frame with TOPIC_COLUMNS.

    Returns:
        A frame with MOVE_COLUMNS, one row per topic with news on either day, sorted by topic_kind and topic.
    """
    pair = scored_on(weighed, (day - timedelta(days=1), day))
    if pair.empty:
        return pd.DataFrame(columns=list(MOVE_COLUMNS))
    spread = spread_over_topics(pair, topics)
    is_today = (pair["day"] == day).to_numpy()[spread.item]
    cells = Cells.of(spread, is_today)
    parts = split_change(cells, _levels(spread, usual)).parts
    panel, left_out = constant_panel(cells), leave_one_out(cells)
    feeds = np.append(spread.feeds, "")
    moves = pd.DataFrame(list(spread.topics), columns=["topic_kind", "topic"]).assign(
        day=day,
        **{part: parts[:, place] for place, part in enumerate(PARTS)},
        panel_mood=panel.mood,
        panel_change=panel.change,
        n_panel_feeds=panel.n_feeds,
        without_low=left_out.low,
        without_low_feed=feeds[left_out.low_feed],
        without_high=left_out.high,
        without_high_feed=feeds[left_out.high_feed],
        leans_on=feeds[left_out.leans_on],
        disagreement=disagreement(_of_rows(spread, is_today)),
    )
    return moves[list(MOVE_COLUMNS)]


def build_contributions(weighed: pd.DataFrame, *, day: date, usual: Mapping[str, float]) -> pd.DataFrame:
    """Tell what each story brought to the change of the market's mood since the day before.

    Args:
        weighed: as for ``build_moves``.
        day: the day.
        usual: as for ``build_moves``.

    Returns:
        A frame with CONTRIBUTION_COLUMNS, the strongest first within each part; empty where there is no change.
    """
    pair = scored_on(weighed, (day - timedelta(days=1), day))
    if pair.empty:
        return pd.DataFrame(columns=list(CONTRIBUTION_COLUMNS))
    spread = spread_over_topics(pair, None)
    spread = _of_rows(spread, spread.topic == spread.topics.index(MARKET))
    cells = Cells.of(spread, (pair["day"] == day).to_numpy()[spread.item])
    change = split_change(cells, _levels(spread, usual))
    number, (part, story) = joint_codes((change.cell_part, len(STORY_PARTS)), (cells.story, len(spread.stories)))
    contributions = pd.DataFrame(
        {
            "part": np.array(STORY_PARTS, dtype=object)[part],
            "story_id": spread.stories[story],
            "contribution": sum_by(number, change.cell_share, len(part)),
        }
    ).dropna()
    order = contributions.assign(rank=part[contributions.index], size=-contributions["contribution"].abs())
    order = order.sort_values(["rank", "size", "story_id"], kind="stable")
    return contributions.loc[order.index].reset_index(drop=True)


def _levels(spread: Spread, usual: Mapping[str, float]) -> np.ndarray:
    return np.array([usual.get(feed, np.nan) for feed in spread.feeds], dtype=float)


def _of_rows(spread: Spread, chosen: np.ndarray) -> Spread:
    """Keep some rows; the codes stay what they are."""
    names = ("item", "topic", "feed", "story", "weight", "polarity", "label")
    return Spread(spread.topics, spread.feeds, spread.stories, *(getattr(spread, name)[chosen] for name in names))
