"""Why a mood moved: the change from the day before, split exactly into parts.

The mood is M = 100 B S, with B the weighted mean polarity and S the shrink factor. The panel is the feeds with news on
both days: A is its share of the weight, P its mean, a_f and b_f a feed's share in it and mean. With ' for the middle of
the two days' values, of a day 0 and the day 1 after it,

    M1 - M0 = 100 S' (B1 - B0) + 100 B' (S1 - S0)                     the second is "amount"
    B1 - B0 = A' (P1 - P0)
            + sum over other feeds' items of day 1 of their shares of the weight times (polarity - P')
            - the same of day 0                                      these two are "feeds"
    P1 - P0 = sum over the panel's feeds of a_f' (b_f1 - b_f0)
            + sum over them of (b_f' - P') (a_f1 - a_f0)             the second is "mix"

and b_f1 - b_f0 is the sum over the feed's items of their shares of its weight times (polarity - u_f), those of day 0
negative: items of a story of day 1 alone are "new", of day 0 alone "faded", of both "ongoing". u_f is what the feed
usually says, its trend before both days, so that bad news that fades counts as far as it was worse than usual; where
that is not known it is b_f'. Without a panel P' is B'. Middles make the split exact and even-handed: exchanging the
days turns every part around. A feed that falls silent moves "feeds" alone, since shares are counted among the others.

Source: Bennet 1920, "The Theory of Measurement of Changes in Cost of Living", Journal of the Royal Statistical Society
83(3), for the mid-points; Brinson and Fachler 1985, "Measuring Non-US Equity Portfolio Performance", Journal of
Portfolio Management 11(3), for shares measured by the distance from the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sentinel.mood.shrinkage import is_enough, ratio, shrink_factor
from sentinel.mood.sums import sum_by

if TYPE_CHECKING:
    from sentinel.mood.cells import Cells

STORY_PARTS = ("from_new", "from_faded", "from_ongoing", "from_feeds")
PARTS = (*STORY_PARTS, "from_mix", "from_amount")
"""Parts of a change, in the order of MOVE_COLUMNS; the first four are sums over stories."""


@dataclass(frozen=True)
class Change:
    """Changes of the moods of topics, split.

    Attributes:
        parts: float of shape (n_topics, 6), columns PARTS; NaN where one of the two days has not enough news.
        cell_part: int of shape (n_cells,), place in STORY_PARTS of the part that each cell belongs to.
        cell_share: float of shape (n_cells,), what each cell brings to its part; NaN likewise.
    """

    parts: np.ndarray
    cell_part: np.ndarray
    cell_share: np.ndarray


def split_change(cells: Cells, usual: np.ndarray) -> Change:
    """Split the change of every topic's mood from the day before into parts that sum to it.

    Args:
        cells: the two days.
        usual: float of shape (n_feeds,), polarity of what each feed usually says; NaN where that is not known.
    """
    sum_w, sum_ws, n_eff = cells.totals()
    mean = ratio(sum_ws, sum_w)
    shrink = shrink_factor(n_eff)
    is_known = is_enough(n_eff).all(axis=0)
    scale = np.where(is_known, 100.0 * shrink.mean(axis=0), np.nan)
    shares, mix = _split_mean(cells, usual, sum_w, mean)
    cell_share = shares * scale[cells.source_topic[cells.source]]
    cell_part = _parts_of_cells(cells)
    topic = cells.source_topic[cells.source]
    parts = [sum_by(topic[cell_part == part], cell_share[cell_part == part], cells.n_topics) for part in range(4)]
    parts += [scale * mix, 100.0 * mean.mean(axis=0) * (shrink[1] - shrink[0])]
    return Change(np.where(is_known, np.stack(parts), np.nan).T, cell_part, cell_share)


def _split_mean(cells: Cells, usual: np.ndarray, sum_w: np.ndarray, mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Split the change of the weighted means: what each cell brings, and the mix of each topic."""
    topic, source_w, is_shared = cells.source_topic, cells.source_w, cells.is_shared
    panel_w, panel_ws, _ = cells.totals(is_shared[cells.source])
    panel_mean = ratio(panel_ws, panel_w).mean(axis=0)
    reference = np.where(np.isfinite(panel_mean), panel_mean, mean.mean(axis=0))[topic]
    panel_share = ratio(panel_w, sum_w).mean(axis=0)[topic]
    own_share = ratio(source_w, panel_w[:, topic])  # (2, n_sources), among the panel
    own_mean = ratio(cells.source_ws, source_w).mean(axis=0)
    mix = np.where(is_shared, panel_share * (own_mean - reference) * (own_share[1] - own_share[0]), 0.0)
    level = usual[cells.source_feed]
    centre = np.where(is_shared, np.where(np.isfinite(level), level, own_mean), reference)
    in_panel = panel_share * own_share.mean(axis=0) / np.where(source_w > 0, source_w, np.inf)
    per_weight = np.where(is_shared, in_panel, ratio(np.ones_like(sum_w), sum_w)[:, topic])
    distance = per_weight[:, cells.source] * (cells.ws - cells.w * centre[cells.source])
    return np.nan_to_num(distance[1]) - np.nan_to_num(distance[0]), sum_by(topic, mix, cells.n_topics)


def _parts_of_cells(cells: Cells) -> np.ndarray:
    had, has = (cells.tale_w() > 0)[:, cells.tale]
    of_story = np.where(has, np.where(had, 2, 0), 1)
    return np.where(cells.is_shared[cells.source], of_story, 3)
