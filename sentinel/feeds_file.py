"""Editing feeds.yaml: entries are put into its text, so that comments, order and spacing stay the owner's.

In: the file's text and new feeds. Out: the new text, which differs from the old one by the new entries alone; that is
verified by reading both. Writing replaces the file whole or leaves it as it was.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

from sentinel.errors import ConfigError
from sentinel.yaml_file import locate_list, read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from sentinel.records import Feed

KEY = "feeds"
HINT = "add the entries by hand"
_COLUMN = 2
# What YAML takes for text without quotes wherever it stands: no number, no date, no word with a meaning of its own.
_PLAIN = re.compile(
    r"(?!(?:true|false|null|yes|off)$)[a-z][a-z0-9]{2,}(?:-[a-z0-9]+)*|https?://[\w./?&=%+~:-]*[\w/=-]", re.ASCII
)
_NO_LIST = re.compile(rf"^{KEY}[ \t]*:[ \t]*(?:~|null|\[\s*\])?[ \t]*(?P<comment>#[^\r\n]*)?\r?$", re.MULTILINE)


def read_text(path: Path) -> str:
    """Read the file as it stands, its line ends and byte order mark included; "" when there is none.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise ConfigError("not UTF-8 text", where=str(path), hint="save it as UTF-8") from error


def insert_feeds(text: str, feeds: Sequence[Feed], *, kinds: Sequence[str]) -> str:
    """Put entries into the text of a feeds file, each behind the last one of its kind, else at the end.

    Args:
        text: a file that ``read_yaml`` accepts, or "" for a new one.
        feeds: what to add; names and addresses are new.
        kinds: kind of each entry that is there, in order.

    Returns:
        The new text.
    """
    mark, body = text[: text.startswith("\ufeff")], text.removeprefix("\ufeff")
    newline = "\r\n" if "\r\n" in body else "\n"
    place = locate_list(body, KEY) if body.strip() else None
    if place is None or not place.ends:
        return mark + _begin_list(body, "".join(_block_entry(feed, _COLUMN, newline) for feed in feeds), newline)
    pieces: dict[int, str] = {}
    for feed in feeds:
        if place.is_block:
            at = _line_behind(body, place.ends[_neighbour(feed, kinds)], place.column)
            piece = _block_entry(feed, place.column, newline)
        else:
            at, piece = place.ends[-1], f", {_flow_entry(feed)}"
        pieces[at] = pieces.get(at, "") + piece
    for at in sorted(pieces, reverse=True):
        breaks_line = place.is_block and not body[:at].endswith("\n")
        body = body[:at] + (newline if breaks_line else "") + pieces[at] + body[at:]
    return mark + body


def check_insertion(old: Path, new: Path, feeds: Sequence[Feed]) -> None:
    """Hold that a new file says what the old one said, and the new entries besides.

    Args:
        old: the file as it was; may be missing or empty.
        new: the file that is to take its place.
        feeds: what was added.

    Raises:
        ConfigError: it says something else, so that it must not take the old one's place.
    """
    before = dict(read_yaml(old).values) if read_text(old).strip("\ufeff \t\r\n") else {}
    try:
        after = dict(read_yaml(new).values)
    except ConfigError as error:
        raise ConfigError(f"cannot be added to: {error.what}", where=str(old), hint=HINT) from error
    listed, added = before.pop(KEY, None) or [], after.pop(KEY, None) or []
    names = {feed.name for feed in feeds}
    kept = [entry for entry in added if entry.get("name") not in names]
    if (after, kept, len(added)) != (before, listed, len(listed) + len(names)):
        raise ConfigError("cannot be added to without changing what it says", where=str(old), hint=HINT)


def replace_file(path: Path, old: str, new: str, check: Callable[[Path], None]) -> None:
    """Put a new text in the place of the old one, if it passes a check and nobody else wrote meanwhile.

    Args:
        path: the file; a link is followed.
        old: the text that was read.
        new: the text to be written.
        check: raises ConfigError when the file it is given must not be used.

    Raises:
        ConfigError: the check refused it, the file changed meanwhile, or it cannot be written; it is as it was.
    """
    target = path.resolve()
    aside = target.with_name(f".{target.name}.new")
    try:
        with aside.open("wb") as file:
            file.write(new.encode())
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, aside)
        check(aside)
        if read_text(target) != old:
            raise ConfigError("was changed by somebody else meanwhile", where=str(path), hint="try again")
        aside.replace(target)
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror or error}", where=str(path), hint=HINT) from error
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)


def _begin_list(body: str, entries: str, newline: str) -> str:
    """Put a list where there is none: below its key if that stands there alone, else at the end."""
    key = _NO_LIST.search(body)
    if key is None:
        gap = newline if body and not body.endswith("\n") else ""
        return f"{body}{gap}{KEY}:{newline}{entries}"
    comment = f" {key['comment']}" if key["comment"] else ""
    rest = body[key.end() :].removeprefix("\n")
    return f"{body[: key.start()]}{KEY}:{comment}{newline}{entries}{rest}"


def _neighbour(feed: Feed, kinds: Sequence[str]) -> int:
    """Give the position of the last entry of a feed's kind, of the last of all where there is none."""
    return max((place for place, kind in enumerate(kinds) if kind == feed.kind), default=len(kinds) - 1)


def _line_behind(body: str, end: int, column: int) -> int:
    """Give the index of the line behind an entry and behind the comments that are indented like its keys."""
    at = end if body[:end].endswith("\n") else body.find("\n", end) + 1 or len(body)
    own_comment = re.compile(rf"[ ]{{{column + 1},}}#[^\n]*(?:\n|$)")
    while comment := own_comment.match(body, at):
        at = comment.end()
    return at


def _block_entry(feed: Feed, column: int, newline: str) -> str:
    margin = " " * column
    lines = [f"{key}: {value}" for key, value in _fields(feed)]
    return f"{margin}- {lines[0]}{newline}" + "".join(f"{margin}  {line}{newline}" for line in lines[1:])


def _flow_entry(feed: Feed) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in _fields(feed)) + "}"


def _fields(feed: Feed) -> Iterator[tuple[str, str]]:
    """Write a feed's keys, leaving out what says no more than the default."""
    yield "name", _scalar(feed.name)
    yield "url", _scalar(feed.url)
    yield "kind", _scalar(feed.kind)
    yield "weight", repr(float(feed.weight))
    if feed.topics:
        yield "topics", f"[{', '.join(map(_scalar, feed.topics))}]"
    for key in ("use_summary", "allow_private"):
        if getattr(feed, key):
            yield key, "true"


def _scalar(text: str) -> str:
    """Write text as YAML: plain where that cannot be misread, else in quotes as JSON, which YAML contains."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
