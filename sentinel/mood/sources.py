"""On whom a mood rests: feeds of both days alone, any one feed left out, and whether feeds say different things."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sentinel.mood.shrinkage import ROUNDING, effective_stories, is_enough, ratio, shrunk_mood
from sentinel.mood.sums import joint_codes, sum_by

if TYPE_CHECKING:
    from sentinel.mood.cells import Cells
    from sentinel.mood.memberships import Spread


@dataclass(frozen=True)
class Panel:
    """Moods of the feeds that have news on both days; arrays of shape (n_topics,).

    Attributes:
        mood: of the day; NaN where these feeds have not enough news.
        change: it minus that of the day before.
        n_feeds: how many they are.
    """

    mood: np.ndarray
    change: np.ndarray
    n_feeds: np.ndarray


def constant_panel(cells: Cells) -> Panel:
    """Compute moods from the feeds of both days alone, so that no feed that came or fell silent looks like a move."""
    sum_w, sum_ws, n_eff = cells.totals(cells.is_shared[cells.source])
    before, now = shrunk_mood(sum_ws, sum_w, n_eff)
    n_feeds = np.bincount(cells.source_topic[cells.is_shared], minlength=cells.n_topics)
    return Panel(now, now - before, n_feeds)


@dataclass(frozen=True)
class LeftOut:
    """Moods of the day with one feed left out; arrays of shape (n_topics,), feeds -1 where there is none.

    Attributes:
        low: the lowest of them; NaN where every feed left out leaves not enough news.
        low_feed: int, the feed left out for it.
        high: the highest of them.
        high_feed: int.
        leans_on: int, the heaviest feed without which a mood that is known would not be.
    """

    low: np.ndarray
    low_feed: np.ndarray
    high: np.ndarray
    high_feed: np.ndarray
    leans_on: np.ndarray


def leave_one_out(cells: Cells) -> LeftOut:
    """Find how far the moods of the day move when any one feed is left out; the other items keep their weights.

    Source: Quenouille 1956, "Notes on Bias in Estimation", Biometrika 43 (leaving one out), over feeds.
    """
    (_, sum_w), (_, sum_ws), (_, n_eff) = cells.totals()
    topic, (_, own_w), (_, own_ws) = cells.source_topic, cells.source_w, cells.source_ws
    tale_w = cells.tale_w()[1]
    squares = sum_by(cells.tale_topic, tale_w**2, cells.n_topics)
    gone = sum_by(cells.source, cells.w[1] * (2.0 * tale_w[cells.tale] - cells.w[1]), len(topic))
    rest_w = sum_w[topic] - own_w
    has_rest = rest_w > ROUNDING * sum_w[topic]
    rest_n_eff = np.where(has_rest, effective_stories(rest_w, np.maximum(squares[topic] - gone, 0.0)), 0.0)
    moods = shrunk_mood(sum_ws[topic] - own_ws, rest_w, rest_n_eff)
    is_heard = own_w > 0
    low, high = (_first_of(topic, side, is_heard & np.isfinite(moods), cells.n_topics) for side in (moods, -moods))
    is_vital = is_heard & np.isnan(moods) & is_enough(n_eff)[topic]
    vital = _first_of(topic, -own_w, is_vital, cells.n_topics)
    feeds = np.append(cells.source_feed, -1)
    known = np.append(moods, np.nan)
    return LeftOut(known[low], feeds[low], known[high], feeds[high], feeds[vital])


def _first_of(topic: np.ndarray, rank: np.ndarray, chosen: np.ndarray, n_topics: int) -> np.ndarray:
    """Give the chosen row of each topic with the smallest rank (of equals the first); -1 where none is chosen."""
    rows = np.flatnonzero(chosen)
    rows = rows[np.lexsort((rank[rows], topic[rows]))]
    _, first = np.unique(topic[rows], return_index=True)
    found = np.full(n_topics, -1)
    found[topic[rows[first]]] = rows[first]
    return found


def disagreement(spread: Spread) -> np.ndarray:
    """Tell how much of the spread of the feeds' mean polarities is more than chance, in percent, by topic.

    0 where feeds differ no more than their items do within a feed, 100 where each says one thing and another one than
    the others; NaN with under two feeds, or with one item each.

    Args:
        spread: the items of one day.

    Returns:
        float of shape (n_topics,): I squared, (Q - df) / Q with Q the feeds' weighted squared distances.

    Source: Higgins and Thompson 2002, "Quantifying heterogeneity in a meta-analysis", Statistics in Medicine 21, with
    the variance within feeds pooled.
    """
    n_topics = len(spread.topics)
    source, (topic, _) = joint_codes((spread.topic, n_topics), (spread.feed, len(spread.feeds)))
    n_items = np.bincount(source, minlength=len(topic)).astype(float)
    means = sum_by(source, spread.polarity, len(topic)) / n_items
    n_all, n_feeds = sum_by(topic, n_items, n_topics), np.bincount(topic, minlength=n_topics)
    centre = ratio(sum_by(topic, n_items * means, n_topics), n_all)
    between = sum_by(topic, n_items * (means - centre[topic]) ** 2, n_topics)
    within = sum_by(topic[source], (spread.polarity - means[source]) ** 2, n_topics)
    chance = ratio(within, n_all - n_feeds) * (n_feeds - 1)
    share = np.where(between > ROUNDING, 1.0 - chance / np.maximum(between, ROUNDING), 0.0)
    return np.where((n_feeds >= 2) & (n_all > n_feeds), 100.0 * np.maximum(share, 0.0), np.nan)
