"""What a body comes to, and the rules that hold for every format: titles, links and their fallbacks.

Pure. Comes in: what a format's parser found, still raw. Goes out: records of plain text and absolute addresses.
Invariant: a title is never empty, a link is http(s) or "".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from sentinel.feeds.dates import DateOrder, parse_date
from sentinel.feeds.hints import NO_HINTS, ScheduleHints
from sentinel.text import canonical_url, clean_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

MAX_SUMMARY_CHARACTERS = 1_000
MAX_LINK_CHARACTERS = 4_000
FIRST_YEAR = 1990
"""No feed has news from before it."""
_MAX_GUID_CHARACTERS = 1_000
_MAX_FALLBACK_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class ParsedItem:
    """One entry as its feed gives it.

    Attributes:
        title: one plain line, never empty; where the feed gives none, the first 100 characters of the content or
            summary, else the link, else that of the feed.
        link: absolute http(s) address, as the feed writes it; empty when there is none.
        guid: guid, Atom id or JSON id; empty when there is none.
        published: aware UTC: published, else updated; None when there is none that can be read.
        summary: one plain line of at most 1,000 characters; may be empty.
        language: as declared for the entry or its feed, for example "en-us"; empty when it is not.
        has_words: whether the entry has a title, summary or content: False when only an address stands in for them.
    """

    title: str
    link: str
    guid: str
    published: datetime | None
    summary: str
    language: str = ""
    has_words: bool = True


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed and its items.

    Attributes:
        format: for example "rss20", "rss10", "atom10", "json11"; "rss" or "atom" where the version is not known.
        title: one plain line; the link where the feed has none.
        link: the web page of the feed, http(s); empty when there is none.
        language: as declared; empty when it is not.
        hints: what it says about when to ask again.
        items: in the order of the feed.
        n_skipped: entries with nothing to read; a half item at the end of a cut-off body counts.
        truncated: whether the body was cut off, so that more may exist than is here.
        recovered: whether the body is malformed, and was read all the same.
    """

    format: str
    title: str
    link: str
    language: str
    items: tuple[ParsedItem, ...]
    hints: ScheduleHints = NO_HINTS
    n_skipped: int = 0
    truncated: bool = False
    recovered: bool = False


@dataclass(frozen=True, slots=True)
class ParseFailure:
    """Why a body is no feed, for people."""

    reason: str


def build_item(
    *,
    titles: Sequence[str],
    contents: Sequence[str],
    summaries: Sequence[str],
    links: Sequence[tuple[str, str]],
    guid: str,
    dates: Iterable[str],
    language: str,
    page: str,
    plain_title: str = "",
    order: DateOrder = "",
) -> ParsedItem | None:
    """Build the record of an entry from what its format offers, the best first.

    Args:
        titles: titles, possibly with markup; each may be empty.
        contents: where the title comes from when there is none.
        summaries: where the summary comes from.
        links: pairs of an address and what completes it when it is relative.
        guid: as given.
        dates: as written; the first that can be read counts, one from before feeds only where there is no other.
        language: as declared.
        page: address of the feed, the name of an entry that has nothing else.
        plain_title: a title that is no markup by its format: one such as "<dialog>" is kept as written.
        order: what days of numbers begin with in this feed.

    Returns:
        The record, or None when there is no name for it.
    """
    link = next((link for link in (absolute_link(*pair) for pair in links) if link), "")
    title = _first_line(titles) or _as_written(plain_title) or _shorten(_first_line(contents))
    if not (title or link or page):
        return None
    stamps = sorted(
        filter(None, (parse_date(date, order) for date in dates)), key=lambda stamp: stamp.year < FIRST_YEAR
    )
    return ParsedItem(
        title=title or link or page,
        link=link,
        guid="".join(character for character in guid if character.isprintable()).strip()[:_MAX_GUID_CHARACTERS],
        published=stamps[0] if stamps else None,
        summary=_first_line(summaries)[:MAX_SUMMARY_CHARACTERS].rstrip(),
        language=plain_language(language),
        has_words=bool(title),
    )


def feed_title(raw: str, *fallbacks: str) -> str:
    """Give the title of a feed, or the first fallback that is not empty."""
    return clean_text(raw) or next(filter(None, fallbacks), "")


def absolute_link(link: str, base: str) -> str:
    """Complete a link; "" when there is none, it is not http(s), or too long to be an address."""
    link = "".join(character for character in link if character.isprintable()).strip()
    if not link or len(link) > MAX_LINK_CHARACTERS:
        return ""
    try:
        complete = urljoin(base, link)
    except ValueError:  # brackets that are no IPv6 address
        return ""
    return complete if canonical_url(complete) else ""


def plain_language(raw: str) -> str:
    """Give a language tag in lower case; "" for what is none (RFC 5646: subtags of at most eight letters or digits)."""
    tag = raw.strip().lower().replace("_", "-")
    parts = tag.split("-")
    return tag if all(part.isascii() and part.isalnum() and len(part) <= 8 for part in parts) else ""


def _first_line(candidates: Iterable[str]) -> str:
    return next(filter(None, map(clean_text, candidates)), "")


def _as_written(plain: str) -> str:
    """Give plain text as one line, markup and all."""
    return "".join(character for character in " ".join(plain.split()) if character.isprintable())


def _shorten(line: str) -> str:
    if len(line) <= _MAX_FALLBACK_CHARACTERS:
        return line
    return f"{line[:_MAX_FALLBACK_CHARACTERS].rstrip()}…"
