"""Write feed.xml: the latest reports as an Atom feed, which any feed reader takes.

Atom and not RSS 2.0, because links of RSS must be absolute: a site that is a folder has no address. Here they are
relative to the feed where no address is configured.

Source: RFC 4287 (the Atom Syndication Format), sections 4.1.1 and 4.1.2; RFC 4122 section 4.3 (names as UUIDs).
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from sentinel.report.sentence import long_date, mood_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.report.summary import DaySummary

FEED_NAME = "feed.xml"
MAX_ENTRIES = 30
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "sentinel-mood.invalid")
_NEVER = "1970-01-01T00:00:00Z"


def atom_bytes(summaries: Sequence[DaySummary], *, site_url: str = "") -> bytes:
    """Write the feed of reports, the newest day first.

    Args:
        summaries: the days on file, oldest first.
        site_url: where the report folder is served, ending in a slash; empty when links shall be relative.

    Returns:
        An Atom document in UTF-8 with the last MAX_ENTRIES days; an entry is updated when its report knows later news.
    """
    newest = summaries[: -MAX_ENTRIES - 1 : -1]
    feed = ET.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": "en"})
    _add(feed, "title", "Market mood · sentinel")
    _add(feed, "id", _urn(site_url, "archive"))
    _add(feed, "updated", max((summary.known_by for summary in newest), default=_NEVER))
    _add(feed, "link", rel="self", type="application/atom+xml", href=f"{site_url}{FEED_NAME}")
    _add(feed, "link", rel="alternate", type="text/html", href=f"{site_url}index.html")
    _add(_add(feed, "author"), "name", "sentinel")
    for summary in newest:
        feed.append(_entry(summary, site_url))
    ET.indent(feed)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(feed, encoding="unicode").encode() + b"\n"


def _entry(summary: DaySummary, site_url: str) -> ET.Element:
    day = summary.day.isoformat()
    entry = ET.Element("entry")
    _add(entry, "title", f"{long_date(summary.day)}: {mood_words(summary.mood, summary.low, summary.high)}")
    _add(entry, "id", _urn(site_url, day))
    _add(entry, "updated", summary.known_by)
    _add(entry, "link", rel="alternate", type="text/html", href=f"{site_url}{day}/index.html")
    _add(entry, "summary", f"{'Sample, invented news. ' if summary.is_sample else ''}{summary.headline}")
    return entry


def _add(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, tag, attributes)
    element.text = text or None
    return element


def _urn(site_url: str, name: str) -> str:
    return uuid.uuid5(_NAMESPACE, f"{site_url} {name}").urn
