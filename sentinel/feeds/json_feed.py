"""JSON Feed 1 and 1.1: text in, feed out.

Pure; standard library only. Lenient where feeds are careless (a missing version, numbers for strings, entries that
are no objects), strict about what a feed is: an object with items, or with the version of one.

Source: https://www.jsonfeed.org/version/1.1/
"""

from __future__ import annotations

import json
import re
from typing import Any

from sentinel.feeds.parsed import (
    ParsedFeed,
    ParsedItem,
    ParseFailure,
    absolute_link,
    build_item,
    feed_title,
    plain_language,
)

_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/(\d)(?:\.(\d))?/?", re.IGNORECASE)
_ITEMS_BEGIN = re.compile(r'"items"\s*:\s*\[')
_BETWEEN_ITEMS = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder(strict=False)  # control characters in strings are cleaned later
_UNREADABLE = (ValueError, RecursionError)  # ValueError: no JSON, or a number of thousands of digits


def parse_json_feed(text: str, url: str) -> ParsedFeed | ParseFailure:
    """Read a JSON Feed.

    Args:
        text: the body, decoded.
        url: where it came from; completes relative links.

    Returns:
        The feed, or why it is none. Of a body that was cut off the whole items.
    """
    document, truncated = _load(text)
    if not isinstance(document, dict):
        return ParseFailure("not a feed: malformed JSON" if document is None else "not a feed: JSON of another kind")
    version = _VERSION.fullmatch(_string(document.get("version")))
    entries = document.get("items")
    if not version and not isinstance(entries, list):
        return ParseFailure("not a feed: JSON of another kind")
    if truncated and not entries:
        return ParseFailure("the body is cut off before the end of its first item")
    entries = entries if isinstance(entries, list) else []
    link = absolute_link(_string(document.get("home_page_url")), url)
    language = plain_language(_string(document.get("language")))
    built = [_build_item(entry, link or url, language) for entry in entries if isinstance(entry, dict)]
    items = tuple(item for item in built if item is not None)
    return ParsedFeed(
        format=f"json{version[1]}{version[2] or ''}" if version else "json",
        title=feed_title(_string(document.get("title")), link, url),
        link=link,
        language=language,
        items=items,
        n_skipped=len(entries) - len(items) + truncated,
        truncated=truncated,
    )


def _load(text: str) -> tuple[Any, bool]:
    """Read the document, or as much of one as there is; None when it is no JSON.

    Returns:
        The document, and whether it was cut off.
    """
    try:
        return _DECODER.decode(text), False
    except _UNREADABLE:
        return _load_beginning(text), True


def _load_beginning(text: str) -> dict[str, Any] | None:
    """Read what stands before the items of a broken document, and its whole items."""
    begin = _ITEMS_BEGIN.search(text)
    if not begin:
        return None
    try:
        document = _DECODER.decode(f"{text[: begin.end()]}]}}")
    except _UNREADABLE:
        return None
    entries = document["items"] = []
    position = begin.end()
    while True:
        between = _BETWEEN_ITEMS.match(text, position)
        position = between.end() if between else position
        try:
            entry, position = _DECODER.raw_decode(text, position)
        except _UNREADABLE:
            return document if isinstance(document, dict) else None
        entries.append(entry)


def _build_item(entry: dict[str, Any], base: str, language: str) -> ParsedItem | None:
    guid = _string(entry.get("id"))
    title, summary = _string(entry.get("title")), _string(entry.get("summary"))
    contents = (summary, _string(entry.get("content_text")), _string(entry.get("content_html")))
    return build_item(
        titles=(title,),
        plain_title=title,
        contents=contents,
        summaries=contents,
        links=((_string(entry.get("url")), base), (_string(entry.get("external_url")), base), (guid, "")),
        guid=guid,
        page=base,
        dates=(_string(entry.get("date_published")), _string(entry.get("date_modified"))),
        language=_string(entry.get("language")) or language,
    )


def _string(value: object) -> str:
    """Take a string, or a number that stands for one."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
