"""Parsing: the body of a feed in, the feed and its items out, whatever its format.

A pure function of its arguments that raises nothing. May need seconds on hostile input: the collector calls it
through sandbox.py.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sentinel.feeds.charset import decode_body
from sentinel.feeds.json_feed import parse_json_feed
from sentinel.feeds.parsed import ParseFailure
from sentinel.feeds.xml_feed import is_xml_feed, parse_xml_feed
from sentinel.text import clean_text

if TYPE_CHECKING:
    from sentinel.feeds.parsed import ParsedFeed

_PAGE_TITLE = re.compile(r"<title[^<>]{0,200}>([^<]{1,300})", re.IGNORECASE)


def parse_feed(body: bytes, content_type: str = "", url: str = "") -> ParsedFeed | ParseFailure:
    """Read a feed: RSS 0.9x to 2.0, RSS 1.0, Atom 0.3 and 1.0, CDF, JSON Feed 1 and 1.1.

    Args:
        body: as it came, decompressed.
        content_type: header of the answer, for its charset; may be empty, and may be wrong.
        url: where it came from; relative links are completed with ``xml:base``, the feed's own link, or this.

    Returns:
        The feed and its items, or why it is none. A feed without entries is a feed; a page or an empty body is not.
    """
    text = decode_body(body, content_type)
    if not text.strip():
        return ParseFailure("empty body")
    if text.startswith(("{", "[")):
        return parse_json_feed(text, url)
    if is_xml_feed(text):
        return parse_xml_feed(text, url)
    return ParseFailure(f"not a feed: {_describe(text, content_type)}")


def _describe(text: str, content_type: str) -> str:
    """Say what came instead of a feed: "text/html page titled 'Sign in'"."""
    media_type = clean_text(content_type.partition(";")[0])[:60].lower() or "no content type"
    title = _PAGE_TITLE.search(text[:100_000])
    named = clean_text(title[1])[:80] if title else ""
    return f"{media_type} page titled {named!r}" if named else media_type
