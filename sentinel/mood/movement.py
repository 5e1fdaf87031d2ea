"""What moved the moods of a day, and on whom they rest: the frames that a report shows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentinel.mood.cells import Cells
from sentinel.mood.change import PARTS, STORY_PARTS, split_change
from sentinel.mood.memberships import Spread, scored_on, spread_by_kind, spread_over_market
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
    is_of_day = (pair["day"] == day).to_numpy()
    moves = pd.concat([_of_spread(spread, is_of_day[spread.item], usual) for spread in spread_by_kind(pair, topics)])
    moves = moves.sort_values(["topic_kind", "topic"], ignore_index=True)
    return moves.assign(day=day)[list(MOVE_COLUMNS)]


def _of_spread(spread: Spread, is_today: np.ndarray, usual: Mapping[str, float]) -> pd.DataFrame:
    """Tell what moved the moods of some topics; a row per topic, columns MOVE_COLUMNS less day."""
    cells = Cells.of(spread, is_today)
    parts = split_change(cells, _levels(spread, usual)).parts
    panel, left_out = constant_panel(cells), leave_one_out(cells)
    feeds = np.append(spread.feeds, "")
    return pd.DataFrame(list(spread.topics), columns=["topic_kind", "topic"]).assign(
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
    spread = spread_over_market(pair)
    cells = Cells.of(spread, (pair["day"] == day).to_numpy())
    change = split_change(cells, _levels(spread, usual))
    number, (part, story) = joint_codes((change.cell_part, len(STORY_PARTS)), (cells.story, len(spread.stories)))
    share = sum_by(number, change.cell_share, len(part))
    order = np.lexsort((story, -np.abs(share), part))  # stories are numbered in the order of their ids
    order = order[np.isfinite(share[order])]
    names = np.array(STORY_PARTS, dtype=object)
    of_story = (names[part[order]], spread.stories[story[order]], share[order])
    return pd.DataFrame(dict(zip(CONTRIBUTION_COLUMNS, of_story, strict=True)))


def _levels(spread: Spread, usual: Mapping[str, float]) -> np.ndarray:
    return np.array([usual.get(feed, np.nan) for feed in spread.feeds], dtype=float)


def _of_rows(spread: Spread, chosen: np.ndarray) -> Spread:
    """Keep some rows; the codes stay what they are."""
    names = ("item", "topic", "feed", "story", "weight", "polarity", "label")
    return Spread(spread.topics, spread.feeds, spread.stories, *(getattr(spread, name)[chosen] for name in names))
