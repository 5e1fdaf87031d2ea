"""Collection: from configured feeds to items, one result per feed, a failing feed being a value.

fetch.py    bounded, conditional, guarded GET        door to httpx2
guard.py    which addresses may be connected to
charset.py  bytes to text, whatever the labels say
parse.py    body to items                            door to feedparser
dates.py    odd but real ways to write a time
sandbox.py  parsing in a process that may be killed
collect.py  many feeds at once
health.py   which feeds are silent for longer than usual
"""

from sentinel.feeds.collect import build_items_frame, collect_feeds
from sentinel.feeds.health import FeedHealth, FeedPast, assess_feed, gap_text, newest_published, news_time

__all__ = [
    "FeedHealth",
    "FeedPast",
    "assess_feed",
    "build_items_frame",
    "collect_feeds",
    "gap_text",
    "newest_published",
    "news_time",
]
