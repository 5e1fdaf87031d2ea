"""OPML: lists of feeds as other programs write and read them. Pure.

A file from elsewhere is not trusted: its size and depth are bounded, entities are refused before any is expanded (no
bomb, no file read through one), and nothing in it opens one's own networks to a feed.

Source: OPML 2.0, http://opml.org/spec2.opml (subscription lists: type, text, xmlUrl, category).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape, unescape
from typing import TYPE_CHECKING
from xml.parsers import expat

from sentinel.errors import ConfigError
from sentinel.feeds.charset import decode_body

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sentinel.records import Feed

MAX_OPML_BYTES = 5_000_000
MAX_DEPTH = 50
MAX_OUTLINES = 20_000
NAMESPACE = "urn:sentinel-mood:opml"
"""Of the attributes that OPML has no words for: ``weight`` and ``useSummary``."""

_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_REFERENCE = re.compile(r"&(?:#\d{1,8};|#[xX][0-9a-fA-F]{1,8};|([A-Za-z][A-Za-z0-9]{0,40});)?")
_DECLARATION = re.compile(r"<\?xml[^>]{0,300}\?>")


@dataclass(frozen=True, slots=True)
class Outline:
    """A feed as an OPML file names it.

    Attributes:
        text: its title; may be empty.
        url: its address as written, without what cannot be printed.
        folders: titles of the outlines around it, outermost first.
        categories: what its ``category`` attribute lists, without slashes at the ends.
        weight: as written in ``sentinel:weight``; empty when it is not.
        use_summary: whether ``sentinel:useSummary`` says so.
    """

    text: str
    url: str
    folders: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    weight: str = ""
    use_summary: bool = False


def read_outlines(content: bytes, *, where: str) -> tuple[Outline, ...]:
    """Read the feeds of an OPML file.

    Bare ampersands and HTML's named characters, which many programs leave in titles, are put right.

    Args:
        content: the file.
        where: its path, for messages.

    Returns:
        The feeds in order; outlines without an ``xmlUrl`` are folders, or nothing.

    Raises:
        ConfigError: it is too large or too deep, is no OPML, is malformed, or declares entities.
    """
    if len(content) > MAX_OPML_BYTES:
        raise ConfigError(f"larger than {MAX_OPML_BYTES // 1_000_000} MB", where=where, hint="split it")
    text = _REFERENCE.sub(_proper_reference, _DECLARATION.sub("", decode_body(content, ""), count=1))
    reader = _Reader(where)
    try:
        reader.parser.Parse(text, True)  # noqa: FBT003  # pyexpat takes no names
    except expat.ExpatError as error:
        message = f"not well-formed XML: {expat.errors.messages.get(error.code, 'malformed')}"
        raise ConfigError(message, where=f"{where} line {error.lineno}", hint="export it again") from error
    if not reader.is_opml:
        raise ConfigError("not an OPML file", where=where)
    return tuple(reader.found)


class _Reader:
    """Takes what expat reports; ``found`` are the feeds."""

    def __init__(self, where: str) -> None:
        self.parser = expat.ParserCreate()  # blind to namespaces: many files use prefixes that they never declare
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.EntityDeclHandler = self._refuse_entity
        self.found: list[Outline] = []
        self.is_opml = False
        self._where = where
        self._folders: list[str] = []
        self._depth = 0

    def _line(self) -> str:
        return f"{self._where} line {self.parser.CurrentLineNumber}"

    def _refuse_entity(self, *_: object) -> None:
        raise ConfigError("declares entities, which no list of feeds needs", where=self._line())

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth == 1:
            self.is_opml = name.lower() == "opml"
        if self._depth > MAX_DEPTH:
            raise ConfigError(f"nested deeper than {MAX_DEPTH} levels", where=self._line())
        if name.lower() != "outline":
            return
        values = {key.lower(): value for key, value in attributes.items()}
        text = (values.get("text") or values.get("title") or "").strip()
        if values.get("xmlurl", "").strip():
            self.found.append(_as_outline(text, values, self._folders))
            if len(self.found) > MAX_OUTLINES:
                raise ConfigError(f"more than {MAX_OUTLINES:,} feeds", where=self._line(), hint="split it")
        self._folders.append(text)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if name.lower() == "outline":
            self._folders.pop()


def _as_outline(text: str, values: dict[str, str], folders: Sequence[str]) -> Outline:
    categories = (category.strip().strip("/") for category in values.get("category", "").split(","))
    return Outline(
        text=text,
        url="".join(filter(str.isprintable, values["xmlurl"])).strip(),
        folders=tuple(filter(None, folders)),
        categories=tuple(filter(None, categories)),
        weight=values.get("sentinel:weight", "").strip(),
        use_summary=values.get("sentinel:usesummary", "") == "true",
    )


def _proper_reference(match: re.Match[str]) -> str:
    """Write an ampersand or a named character as XML knows it."""
    name = match[1]
    if name is None:
        return match[0] if len(match[0]) > 1 else "&amp;"
    if name in _XML_NAMES:
        return match[0]
    character = unescape(f"&{name};")
    return escape(character) if character != f"&{name};" else f"&amp;{name};"


def build_opml(feeds: Iterable[Feed]) -> bytes:
    """Write feeds as an OPML 2.0 subscription list: a folder for each kind, topics as categories.

    ``allow_private`` is left out: whom a network trusts is not for exchange.

    Args:
        feeds: what to write, in the order wanted.

    Returns:
        The file in UTF-8; the same for the same feeds.
    """
    by_kind: dict[str, list[Feed]] = {}
    for feed in feeds:
        by_kind.setdefault(feed.kind, []).append(feed)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<opml version="2.0" xmlns:sentinel="{NAMESPACE}">',
        "  <head><title>Feeds of sentinel</title></head>",
        "  <body>",
    ]
    for kind, members in by_kind.items():
        lines.append(f'    <outline text="{escape(kind)}">')
        lines += (f"      <outline {_attribute_text(feed)}/>" for feed in members)
        lines.append("    </outline>")
    return "\n".join([*lines, "  </body>", "</opml>", ""]).encode()


def _attribute_text(feed: Feed) -> str:
    values = {"type": "rss", "text": feed.name, "title": feed.name, "xmlUrl": feed.url}
    if feed.topics:
        values["category"] = ",".join(f"/{topic}" for topic in feed.topics)
    if feed.weight != 1.0:
        values["sentinel:weight"] = repr(float(feed.weight))
    if feed.use_summary:
        values["sentinel:useSummary"] = "true"
    return " ".join(f'{key}="{escape(value)}"' for key, value in values.items())
