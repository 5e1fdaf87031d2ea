"""Discovery: which feeds a web page names, and where a site that names none usually has one.

Pure. Pages are written by others: every step is linear in the page, and only its first MAX_CHARACTERS are read.

Source: the RSS Advisory Board's and the WHATWG's autodiscovery, ``<link rel="alternate" type="...">``
(https://html.spec.whatwg.org/multipage/links.html#rel-alternate, https://www.rssboard.org/rss-autodiscovery).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from sentinel.text import canonical_url, clean_text, page_url

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CHARACTERS = 1_000_000
MAX_CANDIDATES = 10
WELL_KNOWN_PATHS = ("feed/", "rss", "rss.xml", "feed.xml", "atom.xml", "index.xml", "feed.json")
"""Where the common programs that make sites put a feed, the most common first."""

_FEED_TYPES = frozenset(
    {
        "application/rss+xml",
        "application/atom+xml",
        "application/rdf+xml",
        "application/feed+json",
        "application/json",
        "application/xml",
        "text/xml",
    }
)
# No "<" inside, so that a tag that never ends costs no more than its own length; "<" in an attribute is rare.
_TAG = re.compile(r"<(link|base)\b((?:[^<>\"']|\"[^<\"]*\"|'[^<']*')*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-z-]{1,40})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_HIDDEN_FROM = re.compile(r"<!--|<(script|style|template)\b", re.IGNORECASE)
_HIDDEN_TO = {
    "": re.compile("-->"),
    **{name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style", "template")},
}
_MAX_TITLE_CHARACTERS = 200
_N_BELOW_FOLDER = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A feed that a page names.

    Attributes:
        url: its address, http or https.
        title: what the page calls it; may be empty.
    """

    url: str
    title: str


def find_candidates(page: str, url: str) -> tuple[Candidate, ...]:
    """Read which feeds a page names.

    Args:
        page: HTML.
        url: where it came from: relative addresses are completed with it, or with the page's own base.

    Returns:
        The feeds in the order of the page, each address once, at most MAX_CANDIDATES.
    """
    base = url
    found: dict[str, Candidate] = {}
    for tag in _TAG.finditer(" ".join(_visible(page[:MAX_CHARACTERS]))):
        name, inside = tag.groups()
        attributes = _attributes(inside)
        if name.lower() == "base":
            base = _complete(attributes.get("href", ""), url) or base
        elif _is_feed_link(attributes):
            address = _complete(attributes.get("href", ""), base)
            title = clean_text(attributes.get("title", ""))[:_MAX_TITLE_CHARACTERS]
            if address:
                found.setdefault(page_url(canonical_url(address)), Candidate(address, title))
        if len(found) == MAX_CANDIDATES:
            break
    return tuple(found.values())


def well_known_urls(url: str) -> tuple[str, ...]:
    """List where a site usually has its feed: below the page's folder, then below the host.

    Args:
        url: address of one of its pages.

    Returns:
        Addresses, each once.
    """
    parts = urlsplit(url)
    folder = parts.path.rpartition("/")[0] if "." in parts.path.rpartition("/")[2] else parts.path.rstrip("/")
    site = f"{parts.scheme}://{parts.netloc}"
    below_folder = [f"{site}{folder}/{path}" for path in WELL_KNOWN_PATHS[:_N_BELOW_FOLDER]] if folder else []
    return (*below_folder, *(f"{site}/{path}" for path in WELL_KNOWN_PATHS))


def _visible(page: str) -> Iterator[str]:
    """Give what stands outside of comments and scripts: feeds named in those are examples, or old."""
    start = 0
    while opening := _HIDDEN_FROM.search(page, start):
        yield page[start : opening.start()]
        closing = _HIDDEN_TO[(opening[1] or "").lower()].search(page, opening.end())
        if closing is None:
            return
        start = closing.end()
    yield page[start:]


def _attributes(inside: str) -> dict[str, str]:
    """Read the attributes of a tag; of equal ones the first counts."""
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(inside):
        found.setdefault(name.lower(), unescape(double or single or bare))
    return found


def _is_feed_link(attributes: dict[str, str]) -> bool:
    relations = attributes.get("rel", "").lower().split()
    media_type = attributes.get("type", "").partition(";")[0].strip().lower()
    return "feed" in relations or ("alternate" in relations and media_type in _FEED_TYPES)


def _complete(link: str, base: str) -> str:
    """Complete a link; "" when it is none, or neither http nor https."""
    try:
        address = urljoin(base, link.strip()) if link.strip() else ""
    except ValueError:  # brackets that are no IPv6 address
        return ""
    return address if canonical_url(address) else ""
