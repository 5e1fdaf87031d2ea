"""Identity: parsed entries become items with an id for ever, unique within the feed.

Pure functions of their arguments. Invariant: no id depends on the order of the entries.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sentinel.feeds.parsed import FIRST_YEAR
from sentinel.records import Item
from sentinel.text import canonical_url, item_id, model_text, page_url

if TYPE_CHECKING:
    from sentinel.feeds.hints import ScheduleHints
    from sentinel.feeds.parsed import ParsedFeed, ParsedItem
    from sentinel.records import Feed

_LATEST_AFTER_FIRST_SEEN = timedelta(days=3_652)


@dataclass(frozen=True, slots=True)
class FeedItems:
    """What a body brings into the store.

    Attributes:
        items: in the order of the feed, unique by item id.
        n_skipped: entries that could not be read or repeat another; a half item at the end of a cut-off body counts.
        truncated: whether the body was cut off.
        hints: what the feed says about when to ask again.
    """

    items: tuple[Item, ...]
    n_skipped: int
    truncated: bool
    hints: ScheduleHints


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry with the address it goes by."""

    parsed: ParsedItem
    url: str
    published: datetime | None


def build_items(parsed: ParsedFeed, feed: Feed, first_seen: datetime) -> FeedItems:
    """Turn entries into items, unique by id.

    A guid that stands on entries with different pages names none of them: such entries go by their links. Http and
    https are one page. Where entries with different titles still have one id, the title becomes part of it, for each
    of them, so that no id depends on the order of the entries. What then has the id of an earlier entry repeats it. A
    link keeps a fragment that only points into its page where entries share the page.

    Args:
        parsed: a body, parsed.
        feed: where it came from.
        first_seen: aware UTC; stamped on every item, and the measure of which dates are possible.

    Returns:
        The items, and how many entries had nothing to read or repeated another.
    """
    entries = [
        _Entry(item, canonical_url(item.link), _possible(item.published, first_seen))
        for item in parsed.items
        if item.has_words
    ]
    pages: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        pages[entry.parsed.guid].add(page_url(entry.url).partition("://")[2])
    named = [(entry, "" if entry.url and len(pages[entry.parsed.guid]) > 1 else entry.parsed.guid) for entry in entries]
    titles: dict[str, set[str]] = defaultdict(set)
    for entry, guid in named:
        titles[_name(entry, guid, feed)].add(entry.parsed.title)
    n_on_page = Counter(page_url(entry.url) for entry in entries)
    items: dict[str, Item] = {}
    for entry, guid in named:
        is_shared = len(titles[_name(entry, guid, feed)]) > 1
        name = _name(entry, guid, feed, is_shared=is_shared)
        link = entry.url if n_on_page[page_url(entry.url)] > 1 else page_url(entry.url)
        items.setdefault(name, _as_item(entry, name, link, feed, first_seen))
    n_skipped = parsed.n_skipped + len(parsed.items) - len(items)
    return FeedItems(tuple(items.values()), n_skipped, parsed.truncated, parsed.hints)


def _possible(published: datetime | None, first_seen: datetime) -> datetime | None:
    """Give a date that news can have; None for one from before feeds, or from another decade ahead."""
    if published and published.year >= FIRST_YEAR and published <= first_seen + _LATEST_AFTER_FIRST_SEEN:
        return published
    return None


def _name(entry: _Entry, guid: str, feed: Feed, *, is_shared: bool = False) -> str:
    """Name an entry; ``guid`` is "" where the one it carries does not identify it."""
    day = entry.published.date() if entry.published else None
    return item_id(feed=feed.name, guid=guid, url=entry.url, title=entry.parsed.title, day=day, is_shared=is_shared)


def _as_item(entry: _Entry, name: str, link: str, feed: Feed, first_seen: datetime) -> Item:
    parsed = entry.parsed
    return Item(
        item_id=name,
        feed=feed.name,
        guid=parsed.guid,
        url=link,
        title=parsed.title,
        summary=parsed.summary,
        text=model_text(parsed.title, parsed.summary, use_summary=feed.use_summary),
        published=entry.published,
        first_seen=first_seen,
    )
