"""Which companies and macro themes a text speaks of: lists in, topics with relevance out."""

from sentinel.watchlist.companies import SECTORS, UNIVERSES, Company, Theme, load_themes, load_universe
from sentinel.watchlist.matcher import Mention, Watchlist, build_watchlist
from sentinel.watchlist.topics import TOPIC_KINDS, Topic, relevance, topics_of

__all__ = [
    "SECTORS",
    "TOPIC_KINDS",
    "UNIVERSES",
    "Company",
    "Mention",
    "Theme",
    "Topic",
    "Watchlist",
    "build_watchlist",
    "load_themes",
    "load_universe",
    "relevance",
    "topics_of",
]
