"""The mood step: what the news of a day says about a topic, how sure that is, and what moved it.

Comes in: a frame of scored items, the feeds they came from, and what they speak of. Goes out: frames with MOOD_COLUMNS,
MOVE_COLUMNS and CONTRIBUTION_COLUMNS. Pure pandas and numpy: no I/O, no clock; the bootstrap is seeded by day and
stories. Invariant: the order of the rows that come in changes nothing that goes out, and topics of the same items have
the same figures.
"""

from sentinel.mood.daily import moods_of_sums
from sentinel.mood.grid import LOOKBACK_DAYS
from sentinel.mood.influence import market_pulls
from sentinel.mood.interval import bootstrap_mean
from sentinel.mood.moods import build_moods
from sentinel.mood.movement import build_contributions, build_moves, usual_polarities
from sentinel.mood.periods import period_moods
from sentinel.mood.shrinkage import MIN_EFFECTIVE_STORIES, SHRINKAGE_STORIES
from sentinel.mood.weights import DAYS_BEFORE_FIRST_SEEN, believable_times, local_days, weigh_items

__all__ = [
    "DAYS_BEFORE_FIRST_SEEN",
    "LOOKBACK_DAYS",
    "MIN_EFFECTIVE_STORIES",
    "SHRINKAGE_STORIES",
    "believable_times",
    "bootstrap_mean",
    "build_contributions",
    "build_moods",
    "build_moves",
    "local_days",
    "market_pulls",
    "moods_of_sums",
    "period_moods",
    "usual_polarities",
    "weigh_items",
]
