"""Parsing: the body of a feed in, items out. The door to feedparser.

Pure functions of their arguments. What feedparser does badly is done around it: bytes become text first
(charset.py), a body that was cut off loses its half item, markup is stripped by our own linear code, times
it cannot read are read by dates.py, and only http(s) links pass. May need unbounded time on hostile input:
call it through sandbox.py.
"""

from __future__ import annotations

import io
import re
import xml.sax
from calendar import timegm
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import feedparser

from sentinel.feeds.charset import decode_body
from sentinel.feeds.dates import parse_date
from sentinel.feeds.hints import NO_HINTS, ScheduleHints, read_hints
from sentinel.records import Item
from sentinel.text import canonical_url, clean_text, item_id, model_text, page_url

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sentinel.records import Feed

MAX_SUMMARY_CHARACTERS = 1_000
_MAX_GUID_CHARACTERS = 1_000
_MAX_LINK_CHARACTERS = 4_000
_TITLE_WORDS = 15
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LATEST_AFTER_FIRST_SEEN = timedelta(days=3_652)
_DATE_KEYS = ("published", "updated", "created")

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
_NESTED_ENTITY = re.compile(r"<!ENTITY\s+[^\s\"'>]{1,100}\s+[\"'][^<>]{0,1000}?&(?!amp|lt|gt|quot|apos)[\w.-]+;")
_PAGE_TITLE = re.compile(r"<title[^<>]{0,200}>([^<]{1,300})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """What a body came to.

    Attributes:
        items: in the order of the feed, unique by item id.
        n_skipped: entries that could not be read or repeat another; a half item at the end of a cut-off body counts.
        truncated: whether the body was cut off, so that more may exist than is here.
        hints: what the feed says about when to ask again.
    """

    items: tuple[Item, ...]
    n_skipped: int = 0
    truncated: bool = False
    hints: ScheduleHints = NO_HINTS


@dataclass(frozen=True, slots=True)
class ParseFailure:
    """Why a body is no feed, for people."""

    reason: str


def parse_feed(body: bytes, *, content_type: str, feed: Feed, first_seen: datetime) -> ParsedFeed | ParseFailure:
    """Read the items of a feed.

    Args:
        body: as it came, decompressed.
        content_type: header of the answer, for its charset; may be empty.
        feed: where it came from: relative links are completed with its address.
        first_seen: aware UTC; stamped on every item, and the measure of which dates are possible.

    Returns:
        The items, or why there are none. A feed without entries is a feed; a page or an empty body is not.
    """
    text = decode_body(body, content_type)
    if not text.strip():
        return ParseFailure("empty body")
    root = _ROOT.search(text)
    if not root:
        return ParseFailure(f"not a feed: {_describe(text, content_type)}")
    if _NESTED_ENTITY.search(text, 0, root.start()):
        return ParseFailure("refused: its entities are made of other entities")
    whole, truncated = _drop_half_item(text, root)
    try:
        parsed = feedparser.parse(
            io.BytesIO(whole.encode("utf-8", "replace")),  # never str or bytes: taken for an address or file
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except _PARSER_FAILURES as error:
        return ParseFailure(f"not a feed: the parser gave up ({type(error).__name__})")
    if not parsed.version:
        return ParseFailure(f"not a feed: {_describe(text, content_type)}")
    if not parsed.entries and truncated:
        return ParseFailure("the body is cut off before the end of its first item")
    if not parsed.entries and parsed.bozo:
        return ParseFailure("not a feed: malformed XML without a readable entry")
    items, n_skipped = _build_items(parsed.entries, feed, first_seen)
    return ParsedFeed(items, n_skipped + truncated, truncated, read_hints(text))


def _describe(text: str, content_type: str) -> str:
    """Say what came instead of a feed: "text/html page titled 'Sign in'"."""
    media_type = clean_text(content_type.partition(";")[0])[:60].lower() or "no content type"
    title = _PAGE_TITLE.search(text[:100_000])
    named = clean_text(title[1])[:80] if title else ""
    return f"{media_type} page titled {named!r}" if named else media_type


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


def _build_items(entries: Iterable[Any], feed: Feed, first_seen: datetime) -> tuple[tuple[Item, ...], int]:
    """Turn entries into items, unique by id.

    A guid that stands on entries with different pages names none of them: such entries go by their links. Http and
    https are one page. Where entries with different titles still have one id, the title becomes part of it, for each
    of them, so that no id depends on the order of the entries. What then has the id of an earlier entry repeats it. A
    link keeps a fragment that only points into its page where entries share the page.

    Returns:
        The items, and how many entries had nothing to read or repeated another.
    """
    drafts = [_read_entry(entry, feed, first_seen) for entry in entries]
    readable = [draft for draft in drafts if draft is not None]
    pages: dict[str, set[str]] = defaultdict(set)
    for draft in readable:
        pages[draft.guid].add(page_url(draft.url).partition("://")[2])
    named = [(draft, "" if draft.url and len(pages[draft.guid]) > 1 else draft.guid) for draft in readable]
    titles: dict[str, set[str]] = defaultdict(set)
    for draft, guid in named:
        titles[_name(draft, guid, feed)].add(draft.title)
    n_on_page = Counter(page_url(draft.url) for draft in readable)
    items: dict[str, Item] = {}
    for draft, guid in named:
        is_shared = len(titles[_name(draft, guid, feed)]) > 1
        name = _name(draft, guid, feed, is_shared=is_shared)
        link = draft.url if n_on_page[page_url(draft.url)] > 1 else page_url(draft.url)
        items.setdefault(name, _as_item(replace(draft, url=link), name, feed, first_seen))
    return tuple(items.values()), len(drafts) - len(items)


@dataclass(frozen=True, slots=True)
class _Draft:
    """What an entry says, cleaned, before it has an id."""

    guid: str
    url: str
    title: str
    summary: str
    published: datetime | None


def _read_entry(entry: Any, feed: Feed, first_seen: datetime) -> _Draft | None:
    """Read an entry; None when it has neither title nor summary."""
    content = entry.get("content")
    raw_summary = _string(entry.get("summary")) or _string(content[0].get("value") if content else "")
    summary = clean_text(raw_summary)[:MAX_SUMMARY_CHARACTERS].rstrip()
    title = clean_text(_string(entry.get("title"))) or " ".join(summary.split()[:_TITLE_WORDS])
    if not title:
        return None
    guid = "".join(character for character in _string(entry.get("id")) if character.isprintable()).strip()
    link = _string(entry.get("link")).strip()
    base = "" if link == guid else feed.url  # a guid that stands in for a link is an address or nothing
    return _Draft(guid, _complete(link, base), title, summary, _published(entry, first_seen))


def _name(draft: _Draft, guid: str, feed: Feed, *, is_shared: bool = False) -> str:
    """Name a draft; ``guid`` is "" where the one it carries does not identify it."""
    day = draft.published.date() if draft.published else None
    return item_id(feed=feed.name, guid=guid, url=draft.url, title=draft.title, day=day, is_shared=is_shared)


def _as_item(draft: _Draft, name: str, feed: Feed, first_seen: datetime) -> Item:
    return Item(
        item_id=name,
        feed=feed.name,
        guid=draft.guid[:_MAX_GUID_CHARACTERS],
        url=draft.url,
        title=draft.title,
        summary=draft.summary,
        text=model_text(draft.title, draft.summary, use_summary=feed.use_summary),
        published=draft.published,
        first_seen=first_seen,
    )


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _complete(link: str, base: str) -> str:
    """Complete a relative link; "" when there is none, it is not http(s), or too long to be an address."""
    if not link or len(link) > _MAX_LINK_CHARACTERS:
        return ""
    try:
        return canonical_url(urljoin(base, link))
    except ValueError:  # brackets that are no IPv6 address
        return ""


def _published(entry: Any, first_seen: datetime) -> datetime | None:
    """Give the first date that can be read and is possible, aware UTC."""
    for key in _DATE_KEYS:
        raw = _string(dict.get(entry, key))  # feedparser's own get warns, and takes "updated" for "published"
        stamp = parse_date(raw)
        if stamp is None and not raw.isascii():  # it knows Greek and Hungarian months; elsewhere it guesses
            stamp = _from_struct(dict.get(entry, f"{key}_parsed"))
        if stamp and _EARLIEST <= stamp <= first_seen + _LATEST_AFTER_FIRST_SEEN:
            return stamp
    return None


def _from_struct(parsed: Any) -> datetime | None:
    """Turn feedparser's nine numbers in UTC into a time."""
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC) if parsed else None
    except (OverflowError, ValueError):
        return None
