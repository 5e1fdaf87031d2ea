"""Changing which feeds there are: found behind an address, taken from OPML, written into feeds.yaml.

Invariant: the file is replaced only by one that is accepted as settings and says what the old one said, and the new
entries besides.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import IO, TYPE_CHECKING

from sentinel import feeds_file
from sentinel.config import load_settings
from sentinel.errors import ConfigError, FeedError
from sentinel.feeds import (
    FeedSearch,
    FoundFeed,
    Manners,
    build_opml,
    plain_name,
    read_outlines,
    suggest_name,
    unique_name,
)
from sentinel.feeds.health import NOT_A_FEED
from sentinel.feeds.opml import MAX_OPML_BYTES
from sentinel.kinds import FEED_KINDS, MAX_FEED_WEIGHT
from sentinel.pipeline.job import utc_now
from sentinel.pipeline.steps import build_manners
from sentinel.records import Feed
from sentinel.text import canonical_url, page_url
from sentinel.yaml_file import read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from sentinel.feeds import Outline


@dataclass(frozen=True)
class FeedList:
    """The feeds file as somebody who adds to it needs it.

    Attributes:
        path: the file; it may not be there yet.
        text: what stands in it, "" when it is not there.
        feeds: its feeds, in order.
        manners: how feeds are asked by the settings.
    """

    path: Path
    text: str
    feeds: tuple[Feed, ...] = ()
    manners: Manners = field(default_factory=Manners)

    @property
    def names(self) -> set[str]:
        """The names that are taken."""
        return {feed.name for feed in self.feeds}

    def feed_at(self, url: str) -> Feed | None:
        """Give the feed that has an address, however it is written; None when none has."""
        return next((feed for feed in self.feeds if _same_address(feed.url) == _same_address(url)), None)


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the feeds of an OPML file.

    Attributes:
        added: those that are in the feeds file now.
        known: those that were there before, or stand in the file twice: name in the feeds file, and address.
        left_out: the others: title in the file, and why they were not taken.
    """

    added: tuple[Feed, ...]
    known: tuple[tuple[str, str], ...]
    left_out: tuple[tuple[str, str], ...]


def read_feed_list(path: Path) -> FeedList:
    """Read the feeds file for adding to it; one that is missing, empty, or without feeds yet will do.

    Raises:
        ConfigError: it cannot be read, or is wrong.
    """
    text = feeds_file.read_text(path)
    is_blank = not text.strip("\ufeff \t\r\n")
    if is_blank or not read_yaml(path).values.get(feeds_file.KEY):
        return FeedList(path, text)
    settings = load_settings(path).settings
    return FeedList(path, text, settings.build_feeds(), build_manners(settings))


def find_feeds(
    listed: FeedList, url: str, *, allow_private: bool, is_feed: bool = False, now: Callable[[], datetime] = utc_now
) -> tuple[FoundFeed, ...]:
    """Find the feeds behind an address.

    Args:
        listed: the feeds file.
        url: a feed, or a page of a site that has one; "https://" may be left out.
        allow_private: whether it may lie in one's own networks.
        is_feed: whether it is known to be a feed, which robots.txt is not asked about by default.
        now: clock, aware UTC.

    Returns:
        The feeds found, at least one; those that the file has already are left out.

    Raises:
        ConfigError: it is no address, or every feed found is in the file already.
        FeedError: there is no feed behind it.
    """
    address = url.strip() if "://" in url else f"https://{url.strip()}"
    if not canonical_url(address):
        shown = "the address" if "@" in address else repr(url)  # a password is not repeated
        raise ConfigError(f"{shown} is not an http or https address (credentials in it are not allowed)")
    _refuse_known(listed, [address])
    search = FeedSearch(
        now=now,
        manners=listed.manners,
        allow_private=allow_private,
    )
    found, reason = search.find(address, is_feed=is_feed)
    if not found:
        raise FeedError(reason, where=address, hint=_hint(reason))
    fresh = tuple(each for each in found if listed.feed_at(each.url) is None)
    if not fresh:
        _refuse_known(listed, [each.url for each in found])
    return fresh


def _hint(reason: str) -> str:
    if "allow_private" in reason:
        return "give --allow-private if that network is yours"
    if "robots.txt" in reason:
        return "give --feed if the address is that of a feed itself; fetch.respect_robots: never asks no robots.txt"
    return "open it in a browser and look for a link to its feed" if reason.startswith(NOT_A_FEED) else ""


def _refuse_known(listed: FeedList, urls: Iterable[str]) -> None:
    """Refuse addresses that the file has."""
    for url in urls:
        known = listed.feed_at(url)
        if known is not None:
            raise ConfigError(f"the feed {known.name!r} has this address already", where=str(listed.path))


def add_feed(listed: FeedList, found: FoundFeed, wanted: Feed) -> Feed:
    """Write a found feed into the feeds file.

    Args:
        listed: the feeds file.
        found: the feed.
        wanted: how its entry shall be; a name of "" is made of the feed's title or address. Its ``url`` is not used.

    Returns:
        The entry as written.

    Raises:
        ConfigError: the name is taken or none, or the file cannot be written; it is as it was.
    """
    if wanted.name in listed.names:
        raise ConfigError(f"there is a feed named {wanted.name!r} already", where=str(listed.path))
    name = wanted.name or unique_name(suggest_name(found.title, found.url), listed.names)
    feed = replace(wanted, name=name, url=found.url)
    _write(listed, [feed])
    return feed


def import_opml(listed: FeedList, file: IO[bytes], *, where: str, kind: str) -> Imported:
    """Write the feeds of an OPML file into the feeds file; none of them is asked.

    Args:
        listed: the feeds file.
        file: the OPML file; no more of it is read than one may be large.
        where: its path, for messages.
        kind: of feeds that stand in no folder named like a kind.

    Returns:
        What was added, what was known, and what was left out and why.

    Raises:
        ConfigError: the OPML file is none, or hostile; or the feeds file cannot be written and is as it was.
    """
    added: list[Feed] = []
    known: list[tuple[str, str]] = []
    left_out: list[tuple[str, str]] = []
    names = listed.names
    by_address = {_same_address(feed.url): feed.name for feed in listed.feeds}
    outlines = read_outlines(file.read(MAX_OPML_BYTES + 1), where=where)
    if not outlines:
        raise ConfigError("names no feeds", where=where, hint="an outline of a feed has an xmlUrl")
    for outline in outlines:
        address = _same_address(outline.url)
        if not address:
            left_out.append((outline.text or "untitled", "not an http or https address, or one with credentials"))
        elif address in by_address:
            known.append((by_address[address], outline.url))
        else:
            feed = _as_feed(outline, kind, names)
            added.append(feed)
            names.add(feed.name)
            by_address[address] = feed.name
    if added:
        _write(listed, added)
    return Imported(tuple(added), tuple(known), tuple(left_out))


def export_opml(listed: FeedList) -> bytes:
    """Write the feeds of the feeds file as OPML 2.0."""
    return build_opml(listed.feeds)


def _as_feed(outline: Outline, kind: str, taken: set[str]) -> Feed:
    """Read an outline: a folder named like a kind is the kind, every other one and every category is a topic."""
    slugs = [plain_name(folder) for folder in outline.folders]
    kinds = [slug for slug in slugs if slug in FEED_KINDS]
    topics = [*(slug for slug in slugs if slug not in kinds[:1]), *map(plain_name, outline.categories)]
    return Feed(
        name=unique_name(suggest_name(outline.text, outline.url), taken),
        url=outline.url,
        kind=kinds[0] if kinds else kind,
        weight=_weight(outline.weight),
        topics=tuple(dict.fromkeys(filter(None, topics))),
        use_summary=outline.use_summary,
    )


def _weight(written: str) -> float:
    """Read a weight; 1 where it is none that a feed may have."""
    try:
        weight = float(written)
    except ValueError:
        return 1.0
    return weight if 0 < weight <= MAX_FEED_WEIGHT else 1.0


def _same_address(url: str) -> str:
    """Bring an address to the form in which two of one feed are equal, as ``config`` compares them; "" for none."""
    return page_url(canonical_url(url))


def _write(listed: FeedList, feeds: Sequence[Feed]) -> None:
    """Put entries into the file, if the result is accepted and has them as they are meant."""
    text = feeds_file.insert_feeds(listed.text, feeds, kinds=[feed.kind for feed in listed.feeds])

    def check(path: Path) -> None:
        feeds_file.check_insertion(listed.path, path, feeds)
        try:
            built = load_settings(path).settings.build_feeds()
        except ConfigError as error:
            message = f"would not be accepted with the new entries: {error.what}"
            raise ConfigError(message, where=str(listed.path)) from error
        if not set(feeds) <= set(built):
            raise ConfigError("cannot be added to as it is", where=str(listed.path), hint=feeds_file.HINT)

    feeds_file.replace_file(listed.path, listed.text, text, check)
