"""robots.txt: the bytes of one in, the rules that are meant for this program out.

Pure; standard library only. Written out because the libraries at hand are not what the standard says: Protego lets a
group for "sen" speak to "sentinel" and lets a Crawl-delay end a list of user agents; ``urllib.robotparser`` takes
the first rule that fits, not the longest, and knows no wildcards. Invariant: reading and matching are linear in the
file, however it is made.

Source: RFC 9309. Crawl-delay is no part of it; 2.2.4 lets a crawler read such records.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PRODUCT_TOKEN = "sentinel"  # noqa: S105 (a name, not a secret)
"""What a publisher writes behind ``User-agent:`` to speak to this program; the beginning of its User-Agent."""
MAX_ROBOTS_BYTES = 500 * 1024
"""What is read of a file (RFC 9309 2.5)."""
MAX_CRAWL_DELAY_S = 10.0
_MAX_SHOWN_CHARACTERS = 80

_LINE_END = re.compile(r"[\r\n]+")
_RECORD = re.compile(r"\s*([A-Za-z-]+)\s*:([^#]*)")
_TOKEN = re.compile(r"\*|[A-Za-z_-]+")  # what follows, as in "sentinel/1.0", is left out
_SECONDS = re.compile(r"\d{1,6}(?:\.\d{0,3})?")
_RULES = ("allow", "disallow")
# An escape, or what must be one: everything but unreserved characters (RFC 3986 2.3) and the marks between the parts
# of a path and a query.
_OCTETS = re.compile(r"%([0-9A-Fa-f]{2})|[^A-Za-z0-9._~/?&=-]")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_QUERY_MARKS = {"%2F": "/", "%3F": "?"}  # in a query they part nothing (RFC 3986 3.4)


@dataclass(frozen=True, slots=True)
class RobotRules:
    """The rules of one host for this program.

    Attributes:
        rules: pairs of "allow" or "disallow" and a path as written, in the order of the file.
        crawl_delay_s: seconds that shall lie between two requests, at most MAX_CRAWL_DELAY_S; 0 for none said.
    """

    rules: tuple[tuple[str, str], ...] = ()
    crawl_delay_s: float = 0.0

    def refusal(self, url: str) -> str:
        """Say which rule speaks against an address; "" where none does.

        The rule with the longest path counts; of two of one length the one that allows (RFC 9309 2.2.2).

        Args:
            url: http or https.

        Returns:
            For example "Disallow: /private", cut and without control characters.
        """
        target = _target(url)
        longest, refusing = -1, ""
        for kind, path in self.rules:
            pattern = _normal(path, keeps="*$")
            if len(pattern) < longest or not _fits(pattern, target):
                continue
            if len(pattern) > longest or kind == "allow":
                longest, refusing = len(pattern), "" if kind == "allow" else path
        shown = "".join(character for character in refusing if character.isprintable())
        return f"Disallow: {shown[:_MAX_SHOWN_CHARACTERS]}" if refusing else ""

    def to_text(self) -> str:
        """Write the rules as a robots.txt that ``parse_robots`` reads; "" for none."""
        lines = [f"{kind}: {path}" for kind, path in self.rules]
        lines += [f"crawl-delay: {self.crawl_delay_s:g}"] if self.crawl_delay_s else []
        return "\n".join(["user-agent: *", *lines]) if lines else ""


def parse_robots(body: bytes) -> RobotRules:
    """Read a robots.txt.

    All groups that name this program count together; where none does, all for ``*`` (RFC 9309 2.2.1). Lines that are
    no records are passed over, so that a web page in place of the file has no rules.

    Args:
        body: as it came; what lies behind MAX_ROBOTS_BYTES is not read, nor is the line that is cut there.
    """
    text = body[:MAX_ROBOTS_BYTES].decode("utf-8", errors="replace").removeprefix("\ufeff")
    lines = _LINE_END.split(text)
    if len(body) > MAX_ROBOTS_BYTES:
        lines.pop()
    own: list[tuple[str, str]] = []
    others: list[tuple[str, str]] = []
    is_named = False
    for name, records in _groups(lines):
        if name == PRODUCT_TOKEN:
            is_named = True
            own += records
        elif name == "*":
            others += records
    return _build_rules(own if is_named else others)


def _groups(lines: Iterable[str]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Give each name of each group with the records of the group.

    Only a rule ends the names of a group: "A Sitemaps record MUST NOT terminate a group" (RFC 9309 2.2.4).
    """
    names: set[str] = set()
    records: list[tuple[str, str]] = []
    has_rules = False
    for line in lines:
        record = _RECORD.match(line)
        if not record:
            continue
        key, value = record[1].lower(), record[2].strip()
        if key == "user-agent":
            if has_rules:
                yield from ((name, records) for name in names)
                names, records, has_rules = set(), [], False
            token = _TOKEN.match(value)
            names |= {token[0].lower()} if token else set()
        elif names:
            records.append((key, value))
            has_rules = has_rules or key in _RULES
    yield from ((name, records) for name in names)


def _build_rules(records: list[tuple[str, str]]) -> RobotRules:
    """Keep what counts: a rule without a path fits nothing, and a path begins with "/" or "*" (RFC 9309 2.2)."""
    delays = [float(value) for key, value in records if key == "crawl-delay" and _SECONDS.fullmatch(value)]
    rules = tuple((key, value) for key, value in records if key in _RULES and value.startswith(("/", "*")))
    return RobotRules(rules, min(max(delays, default=0.0), MAX_CRAWL_DELAY_S))


def _target(url: str) -> str:
    """Give what rules are compared with: path and query."""
    parts = urlsplit(url)
    has_query = "?" in url.partition("#")[0]
    return _normal((parts.path or "/") + (f"?{parts.query}" if has_query else ""))


def _normal(path: str, *, keeps: str = "") -> str:
    """Write a path so that two spellings of one are equal (RFC 9309 2.2.2): an escape only where there must be one.

    Args:
        path: path and query.
        keeps: characters that mean something as they are; their escapes stand for themselves.
    """

    def octet(found: re.Match[str]) -> str:
        if found[1]:
            character = chr(int(found[1], 16))
            return character if _UNRESERVED.fullmatch(character) else f"%{found[1].upper()}"
        return found[0] if found[0] in keeps else quote(found[0], safe="", errors="replace")

    plain = _OCTETS.sub(octet, path)
    before, mark, query = plain.partition("?")
    for escape, character in _QUERY_MARKS.items():
        query = query.replace(escape, character)
    return f"{before}{mark}{query}"


def _fits(pattern: str, target: str) -> bool:
    """Tell whether a rule's path fits: "*" stands for anything, "$" at the end for the end (RFC 9309 2.2.3)."""
    is_anchored = pattern.endswith("$")
    first, *others = pattern.removesuffix("$").replace("$", "%24").split("*")
    if not target.startswith(first):
        return False
    if not others:
        return len(target) == len(first) or not is_anchored
    position = len(first)
    *middle, last = others
    for piece in middle:
        found = target.find(piece, position)
        if found < 0:
            return False
        position = found + len(piece)
    if is_anchored:
        return len(target) - len(last) >= position and target.endswith(last)
    return target.find(last, position) >= 0
