"""Collection: from configured feeds to items, one result per feed, a failing feed being a value.

collect.py   many feeds at once
verdict.py   what is asked of a feed, what follows from the answer
cadence.py   when a feed is asked again
hints.py     what a body says about that
reservations.py  what a publisher reserves
robots.py, robots_gate.py  what robots.txt allows
fetch.py     bounded, conditional, guarded GET        door to httpx2
answer.py    what a request takes and comes to
coding.py    decompression in small pieces            door to brotli and zstd
guard.py     which addresses may be connected to
hosts.py     turns at hosts
reasons.py   failures of the network in words
sandbox.py   parsing in a process that may be killed
parse.py     body to feed, whatever its format
xml_feed.py  RSS, Atom, CDF                           door to feedparser
json_feed.py JSON Feed
parsed.py    what parsing comes to; titles, links and their fallbacks
identity.py  parsed entries to items with ids
charset.py   bytes to text, whatever the labels say
dates.py     odd but real ways to write a time; date_words.py its months and zones
health.py    which feeds are silent for longer than usual
discovery.py, search.py   the feeds behind the address of a web page
opml.py, names.py         lists of feeds from and for other programs; names for feeds that have none
"""

from sentinel.feeds.collect import Manners, build_items_frame, collect_feeds, collect_in_batches
from sentinel.feeds.health import FeedHealth, FeedPast, assess_feed, gap_text, newest_published, news_time
from sentinel.feeds.names import plain_name, suggest_name, unique_name
from sentinel.feeds.opml import Outline, build_opml, read_outlines
from sentinel.feeds.parse import parse_feed
from sentinel.feeds.parsed import ParsedFeed, ParsedItem, ParseFailure
from sentinel.feeds.search import FeedSearch, FoundFeed
from sentinel.feeds.verdict import known_state

__all__ = [
    "FeedHealth",
    "FeedPast",
    "FeedSearch",
    "FoundFeed",
    "Manners",
    "Outline",
    "ParseFailure",
    "ParsedFeed",
    "ParsedItem",
    "assess_feed",
    "build_items_frame",
    "build_opml",
    "collect_feeds",
    "collect_in_batches",
    "gap_text",
    "known_state",
    "newest_published",
    "news_time",
    "parse_feed",
    "plain_name",
    "read_outlines",
    "suggest_name",
    "unique_name",
]
