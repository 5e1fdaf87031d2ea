"""What a feed can be, for settings, the command line and lists from elsewhere: one place, and quick to import."""

from __future__ import annotations

from typing import Literal, get_args

FeedKind = Literal[
    "markets",
    "companies",
    "economy",
    "central-bank",
    "regulator",
    "filings",
    "press-wire",
    "commodities",
    "crypto",
    "social",
]
FEED_KINDS: tuple[str, ...] = get_args(FeedKind)
"""Sorts of voices; the first is what nobody said otherwise of."""

MAX_FEED_WEIGHT = 10.0
"""What one item of a feed may count at most."""

RobotsRule = Literal["never", "pages", "always"]
"""What robots.txt is asked about: nothing, everything but the addresses of feeds, or those as well."""
