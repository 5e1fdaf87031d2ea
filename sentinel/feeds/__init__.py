"""Collection: from configured feeds to items, one result per feed, a failing feed being a value.

collect.py   many feeds at once
verdict.py   what is asked of a feed, what follows from the answer
cadence.py   when a feed is asked again
hints.py     what a body says about that
reservations.py  what a publisher reserves
fetch.py     bounded, conditional, guarded GET        door to httpx2
answer.py    what a request takes and comes to
coding.py    decompression in small pieces            door to brotli and zstd
guard.py     which addresses may be connected to
hosts.py     turns at hosts
reasons.py   failures of the network in words
sandbox.py   parsing in a process that may be killed
parse.py     body to items                            door to feedparser
charset.py   bytes to text, whatever the labels say
dates.py     odd but real ways to write a time
"""

from sentinel.feeds.collect import Manners, build_items_frame, collect_feeds, collect_in_batches

__all__ = ["Manners", "build_items_frame", "collect_feeds", "collect_in_batches"]
