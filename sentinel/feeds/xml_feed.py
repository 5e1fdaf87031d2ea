"""RSS 0.9x to 2.0, RSS 1.0, Atom 0.3 and 1.0, CDF: text in, feed out. The door to feedparser.

Pure. What feedparser does badly is done around it: a body that was cut off loses its half item, elements made to
cost time are taken out, markup is stripped by our own linear code, times it cannot read are read by dates.py, and
only http(s) links pass.
"""

from __future__ import annotations

import io
import re
import xml.sax
from dataclasses import replace
from typing import Any

import feedparser

from sentinel.feeds.dates import DateOrder, date_order
from sentinel.feeds.hints import read_hints
from sentinel.feeds.parsed import (
    ParsedFeed,
    ParsedItem,
    ParseFailure,
    absolute_link,
    build_item,
    feed_title,
    plain_language,
)

_DATE_KEYS = ("published", "updated", "created", "modified")
_MAX_ATTRIBUTES = 500
"""A tag with more of them was made to cost time: feedparser's is quadratic in the attributes of an element."""

# What a third-party parser may raise on bytes made to break it; a bug of ours is outside its call.
_PARSER_FAILURES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,  # UnicodeError among them
    xml.sax.SAXException,
)

_ROOT = re.compile(r"<((?:[\w.-]+:)?(?:rss|feed|rdf|channel))(?=[\s/>])[^<>]*>", re.IGNORECASE)
_CHANNEL = re.compile(r"<(/?)((?:[\w.-]+:)?channel)(?=[\s>])", re.IGNORECASE)
_ITEM = re.compile(r"<(/?)(?:[\w.-]+:)?(?:item|entry)(?=[\s/>])[^<>]*>?", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>?")
# Names are not kept, and feedparser's search for an address in them is quadratic in their length.
_NAMES = re.compile(
    r"(<(?:\w{1,20}:)?(?:author|contributor|creator|email|managingEditor|name|owner|publisher|webMaster)(?:\s[^<>]*)?>)"
    r"(?:[^<]+|<!\[CDATA\[(?:[^]<]|\](?!\]>)|<(?!!\[CDATA\[))*\]\]>)+",  # a section ends where another begins: linear
    re.IGNORECASE,
)
_PLACES = re.compile(r"</?(?:georss|gml):[^<>]*>", re.IGNORECASE)
"""feedparser 6.0 raises on coordinates in a system without a number, and nobody here reads them."""
_SALVAGE_READINGS = 12
"""So many times the length of a body is read at most to find the items at fault in it."""
_NESTED_ENTITY = re.compile(r"<!ENTITY\s+[^\s\"'>]{1,100}\s+[\"'][^<>]{0,1000}?&(?!amp|lt|gt|quot|apos)[\w.-]+;")


def is_xml_feed(text: str) -> bool:
    """Tell whether a text has the root element of a feed."""
    return _ROOT.search(text) is not None


def parse_xml_feed(text: str, url: str) -> ParsedFeed | ParseFailure:
    """Read an XML feed.

    Args:
        text: the body, decoded; its root is that of a feed.
        url: where it came from; completes relative links.

    Returns:
        The feed, or why it is none. Of a body that was cut off the whole items.
    """
    root = _ROOT.search(text)
    if not root:
        return ParseFailure("not a feed: no root element of one")
    if _NESTED_ENTITY.search(text, 0, root.start()):
        return ParseFailure("refused: its entities are made of other entities")
    whole, truncated = _drop_half_item(text, root)
    n_lost = 0
    try:
        parsed = _read(whole)
    except _PARSER_FAILURES as error:
        parsed, n_lost = _salvage(whole, root)
        if not parsed.entries:
            return ParseFailure(f"not a feed: the parser gave up ({type(error).__name__})")
    if not parsed.version and not parsed.entries:
        return ParseFailure("not a feed: its root element is that of one, the rest is not")
    if not parsed.entries and truncated:
        return ParseFailure("the body is cut off before the end of its first item")
    if not parsed.entries and parsed.bozo:
        return ParseFailure("not a feed: malformed XML without a readable entry")
    feed = _build_feed(parsed, whole, root, url, truncated=truncated)
    return replace(feed, n_skipped=feed.n_skipped + n_lost, recovered=True) if n_lost else feed


def _read(text: str) -> Any:
    """Let feedparser read a text; raises one of _PARSER_FAILURES where it gives up."""
    return feedparser.parse(
        io.BytesIO(_drop_costly(text).encode("utf-8", "replace")),  # never str: taken for an address or file
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _salvage(text: str, root: re.Match[str]) -> tuple[Any, int]:
    """Read a feed that feedparser gives up on without places on the map, then without the items at fault.

    Those are found by halving.

    Returns:
        feedparser's result, without entries where the fault is not in an item, and how many items were left out.
    """
    text = _PLACES.sub("", text)
    spans = _item_spans(text, root.end())
    head, tail = (text[: spans[0][0]], text[spans[-1][1] :]) if spans else (text, "")
    try:
        parsed = _read(head + tail)
    except _PARSER_FAILURES:
        return feedparser.FeedParserDict(entries=[]), 0
    n_lost, n_left = 0, _SALVAGE_READINGS * len(text)
    parts = [spans]
    while parts:
        part = parts.pop()
        read = head + "".join(text[start:end] for start, end in part) + tail
        n_left -= len(read)
        if n_left < 0:
            n_lost += len(part)
            continue
        try:
            parsed.entries += _read(read).entries
        except _PARSER_FAILURES:
            middle = len(part) // 2
            n_lost += middle == 0
            parts += [part[middle:], part[:middle]] if middle else []
    return parsed, n_lost


def _item_spans(text: str, start: int) -> list[tuple[int, int]]:
    """Find where each whole item begins and ends."""
    spans, open_at = [], -1
    for tag in _ITEM.finditer(text, start):
        if not tag[1]:
            open_at = tag.start()
        elif open_at >= 0:
            spans.append((open_at, tag.end()))
            open_at = -1
    return spans


def _drop_half_item(text: str, root: re.Match[str]) -> tuple[str, bool]:
    """Cut a body that ends early after its last whole item, and close what is open.

    Returns:
        The text to parse, and whether it had been cut off.
    """
    open_at, whole_to = -1, -1
    for tag in _ITEM.finditer(text, root.end()):
        if not tag[1]:
            open_at = tag.start()
        elif tag[0].endswith(">"):
            open_at, whole_to = -1, tag.end()
    end_of_root = re.compile(rf"</{re.escape(root[1])}\s*>", re.IGNORECASE)
    if root[0].endswith("/>") or end_of_root.search(text, max(open_at, whole_to, root.end())):
        return text, False
    cut = open_at if open_at >= 0 else whole_to
    text = text[:cut] if cut >= 0 else text
    channels = list(_CHANNEL.finditer(text, root.end()))
    if channels and not channels[-1][1]:
        text += f"</{channels[-1][2]}>"
    return f"{text}</{root[1]}>", True


def _drop_costly(text: str) -> str:
    text = _NAMES.sub(r"\1", text)
    return _TAG.sub(lambda tag: "" if _count_attributes(tag[0]) > _MAX_ATTRIBUTES else tag[0], text)


def _count_attributes(tag: str) -> int:
    """Estimate, high enough, how many attributes a parser may see in a tag."""
    return max(tag.count("="), tag.count(" ") // 10)


def _build_feed(parsed: Any, text: str, root: re.Match[str], url: str, *, truncated: bool) -> ParsedFeed:
    """Turn feedparser's result into ours."""
    link = absolute_link(_string(parsed.feed.get("link")), url)
    language = plain_language(_string(parsed.feed.get("language")))
    order = date_order((date for entry in parsed.entries for date in _dates(entry)), language)
    built = [_build_item(entry, link or url, language, order) for entry in parsed.entries]
    items = tuple(item for item in built if item is not None)
    return ParsedFeed(
        format=parsed.version or ("cdf" if root[1].lower() == "channel" else "rss"),
        title=feed_title(_string(parsed.feed.get("title")), link, url),
        link=link,
        language=language,
        items=items,
        hints=read_hints(text),
        n_skipped=len(built) - len(items) + truncated,
        truncated=truncated,
        recovered=bool(parsed.bozo),
    )


def _dates(entry: Any) -> list[str]:
    return [_string(dict.get(entry, key)) for key in _DATE_KEYS]  # feedparser's own get warns, and guesses


def _build_item(entry: Any, base: str, language: str, order: DateOrder) -> ParsedItem | None:
    guid, link = _string(entry.get("id")), _string(entry.get("link")).strip()
    summary = _string(entry.get("summary"))
    contents = tuple(_string(content.get("value")) for content in entry.get("content") or ())
    others = tuple(_string(entry.get(key)) for key in ("googleplay_description", "subtitle"))
    detail = entry.get("title_detail") or {}
    return build_item(
        titles=(_string(entry.get("title")), _string(detail.get("value")), _string(entry.get("itunes_title"))),
        contents=(*contents, summary, *others),
        summaries=(summary, *contents, *others),
        links=((link, "" if link == guid.strip() else base),),  # a guid as a link is an address or nothing
        guid=guid,
        page=base,
        dates=_dates(entry),
        order=order,
        language=_string(detail.get("language")) or language,
    )


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""
