"""Which entries of a fetch are stored already, though not under the id that they have now.

Pure functions of what was fetched and what is stored. Two things change the id of an entry: the entries beside it
(``feeds.identity``: a guid or page that others share counts with the title), and a feed that invents new guids.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from sentinel.text import item_id, page_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

_CHURN_PAGES = 3
"""So many known headlines on their known pages, all under new guids, are no chance."""


class Entry(NamedTuple):
    """What an item is named and known by."""

    item_id: str
    feed: str
    guid: str
    url: str
    title: str
    published: datetime | None

    def ids(self, *, is_shared: bool) -> set[str]:
        """Give the ids by guid and by page, without the title or with it (where it shares them with others)."""
        names = {(guid, url) for guid in (self.guid, "") for url in self.urls()} - {("", "")}
        return {
            item_id(feed=self.feed, guid=guid, url=url, title=self.title, day=None, is_shared=is_shared)
            for guid, url in names
        }

    def other_ids(self) -> set[str]:
        """Give every id that it may be stored under."""
        return self.ids(is_shared=False) | self.ids(is_shared=True)

    def urls(self) -> set[str]:
        """Give its address, and the same page by http and https."""
        scheme, separator, rest = self.url.partition("://")
        other = "http" if scheme == "https" else "https"
        return {self.url, f"{other}{separator}{rest}" if separator else ""}

    def page(self) -> str:
        """Name the page it leads to, by whatever scheme; "" when it leads nowhere."""
        return page_url(self.url).partition("://")[2]

    def is_stored_as(self, stored: Entry) -> bool:
        """Tell whether a stored item is this entry; its title may have been edited while none shared its id."""
        if (self.feed, self.guid, self.page()) != (stored.feed, stored.guid, stored.page()):
            return False
        return self.title == stored.title or {self.item_id, stored.item_id} <= self.ids(is_shared=False)


def match_stored(fetched: Sequence[Entry], stored: Iterable[Entry]) -> dict[str, str]:
    """Find the entries that are stored under another id.

    Args:
        fetched: every entry of one fetch.
        stored: items whose id is one of an entry's ``other_ids``, or that have an entry's address in the same feed.

    Returns:
        Id of an entry to id of the stored item that it is, for those that are stored under an id of their own no
        longer used; an entry with a new id of its own is absent.
    """
    by_id = {item.item_id: item for item in stored}
    fresh = [entry for entry in fetched if entry.item_id not in by_id]
    known: dict[str, str] = {}
    for entry in fresh:
        same = (other for other in sorted(entry.other_ids()) if other in by_id and entry.is_stored_as(by_id[other]))
        found = next(same, None)
        if found is not None:
            known[entry.item_id] = found
    rest = [entry for entry in fresh if entry.item_id not in known]
    return known | _match_pages(rest, fetched, by_id.values())


def _match_pages(fresh: Sequence[Entry], fetched: Sequence[Entry], stored: Iterable[Entry]) -> dict[str, str]:
    """Find the entries that came back with a new guid: the only one of their page then and now.

    Headline and time are the same, or the feed is seen to give its known headlines new guids. A guid that is still in
    the feed belongs to another entry.
    """
    guids = {entry.guid for entry in fetched}
    n_on_page = Counter(entry.page() for entry in fetched)
    on_page: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for item in stored:
        on_page[item.feed, item.page()].append(item)
    pairs = [
        (entry, on_page[entry.feed, entry.page()][0])
        for entry in fresh
        if entry.page() and n_on_page[entry.page()] == 1 and len(on_page[entry.feed, entry.page()]) == 1
    ]
    pairs = [(entry, item) for entry, item in pairs if item.guid not in guids or not item.guid]
    n_same = sum(entry.title == item.title for entry, item in pairs)
    churns = n_same >= _CHURN_PAGES and 2 * n_same > len(pairs)
    return {
        entry.item_id: item.item_id
        for entry, item in pairs
        if churns or (entry.title == item.title and entry.published is not None and entry.published == item.published)
    }
