"""Read YAML files that people write: strict, bounded, and with the line of every key.

The only door to PyYAML. ``safe_load`` alone still expands alias bombs, keeps the last of two equal keys silently,
and ends in other errors than its own on a tag that does not fit; here anchors and tags are refused, equal keys are
errors, and each value's line is known, so that a later check can say where it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from sentinel.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    import pydantic

MAX_FILE_BYTES = 4_000_000
MAX_DEPTH = 12

KeyPath = tuple[str | int, ...]

# libyaml reads ten times as fast. Its parser recurses, so _check_tokens stands before it; from 0.2.6 on its scanner
# has a limit of its own, which it can reach while looking ahead, before the first of the tokens is handed out.
_LOADER: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LIBYAML_TOO_DEEP = "maximum nesting depth"
_TEXT_TAG = "tag:yaml.org,2002:str"
_OPENING = (
    yaml.BlockMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.FlowSequenceStartToken,
)
_CLOSING = (yaml.BlockEndToken, yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)
_PLAIN_WORDS = {
    "tuple_type": "should be a list",
    "model_type": "should be keys with values",
    "too_short": "should have at least one entry",
    "union_tag_invalid": "{discriminator} should be one of {expected_tags}",
    "union_tag_not_found": "needs the key {discriminator}",
}
"""What some of pydantic's findings mean for somebody who writes YAML, not Python."""
_REFUSED = {yaml.AnchorToken: "anchors", yaml.AliasToken: "aliases", yaml.TagToken: "tags"}


@dataclass(frozen=True)
class YamlFile:
    """A parsed file.

    Attributes:
        path: where it was read from.
        values: the mapping at its top.
        lines: line (from 1) of every key and list entry, by path from the top.
    """

    path: Path
    values: dict[str, Any]
    lines: dict[KeyPath, int]

    def where(self, key_path: KeyPath) -> str:
        """Say where a key stands: "feeds.yaml line 12, feeds[3].url"; the nearest known parent's line."""
        known = key_path
        while known and known not in self.lines:
            known = known[:-1]
        name = ""
        for part in key_path:
            name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else part
        line = f" line {self.lines[known]}" if known in self.lines else ""
        return f"{self.path}{line}{', ' + name if name else ''}"

    def error(self, invalid: pydantic.ValidationError) -> ConfigError:
        """Turn the first finding of pydantic into one line that names file, line and key."""
        findings = invalid.errors(include_url=False)
        holders = {each["loc"][:length] for each in findings for length in range(len(each["loc"]))}
        first, *others = (each for each in findings if each["loc"] not in holders)  # a holder fails for what it holds
        key_path = self._written_path(first["loc"], is_missing=first["type"] == "missing")
        more = f"; {len(others)} more" if others else ""
        if first["type"] == "extra_forbidden":
            return ConfigError(f"unknown key{more}", where=self.where(key_path), hint="check the spelling")
        plain = _PLAIN_WORDS.get(first["type"])
        message = plain.format(**first.get("ctx", {})) if plain else first["msg"].removeprefix("Value error, ")
        return ConfigError(f"{message[:1].lower()}{message[1:]}{more}", where=self.where(key_path))

    def _written_path(self, location: KeyPath, *, is_missing: bool) -> KeyPath:
        """Leave out what pydantic adds to the path of a key: names of models that a value was taken for."""
        path: KeyPath = ()
        for place, part in enumerate(location):
            if (*path, part) in self.lines or (is_missing and place == len(location) - 1):
                path = (*path, part)
        return path


def read_yaml(path: Path, *, hint: str = "check its path", content: bytes | None = None) -> YamlFile:
    """Read a YAML mapping strictly.

    Args:
        path: the file.
        hint: what to do when it is missing.
        content: what to take for the content of the file instead of reading it.

    Returns:
        Its values and the line of each key.

    Raises:
        ConfigError: the file is missing, unreadable, not UTF-8, too large or deep, not YAML, not a mapping, has
            an anchor, an alias or a tag, a key that is not text, or the same key twice.
    """
    try:
        if (path.stat().st_size if content is None else len(content)) > MAX_FILE_BYTES:
            raise ConfigError(f"larger than {MAX_FILE_BYTES // 1_000_000} MB", where=str(path))
        text = (path.read_bytes() if content is None else content).decode("utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError("no such file", where=str(path), hint=hint) from error
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise ConfigError("not UTF-8 text", where=str(path), hint="save it as UTF-8") from error
    return _parse(path, text)


@dataclass(frozen=True)
class ListPlace:
    """Where a list stands in the text of a file, for somebody who adds to it and leaves the rest as it is.

    Attributes:
        start: index of its first character.
        ends: for each entry, the index behind its last character; a comment on that line is not part of it.
        column: how far its entries are indented, in characters.
        is_block: whether its entries stand below one another behind dashes, and not within brackets.
    """

    start: int
    ends: tuple[int, ...]
    column: int
    is_block: bool


def locate_list(text: str, key: str) -> ListPlace | None:
    """Find the list under a key at the top of a file that ``read_yaml`` has accepted.

    Args:
        text: the file's text.
        key: its key.

    Returns:
        The list's place; None where the key is missing or holds no list.
    """
    document = yaml.compose(text, Loader=_LOADER)
    pairs = document.value if isinstance(document, yaml.MappingNode) else []
    node = next((value for name, value in pairs if name.value == key), None)
    if not isinstance(node, yaml.SequenceNode):
        return None
    ends = tuple(map(_end_of, node.value))
    return ListPlace(node.start_mark.index, ends, node.start_mark.column, not node.flow_style)


def _end_of(node: yaml.Node) -> int:
    """Give the index behind a node; a block in itself ends only where the next thing begins, so its parts are asked."""
    if not isinstance(node, yaml.CollectionNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end_of(last[1] if isinstance(node, yaml.MappingNode) else last)


def _parse(path: Path, text: str) -> YamlFile:
    loader = None
    lines: dict[KeyPath, int] = {}
    try:
        _check_tokens(path, text)
        loader = _LOADER(text)
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise ConfigError("empty, or not a mapping of keys to values", where=str(path))
        _note_lines(path, node, (), lines)
        values = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f" line {mark.line + 1}" if mark else ""
        if _LIBYAML_TOO_DEEP in str(error.problem):
            raise _too_deep(f"{path}{line}") from error
        raise ConfigError(f"not valid YAML: {error.problem}", where=f"{path}{line}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(f"not valid YAML: {error}", where=str(path)) from error
    finally:
        if loader is not None:
            loader.dispose()
    return YamlFile(path, values, lines)


def _check_tokens(path: Path, text: str) -> None:
    """Refuse what no settings need, before anything is built of it."""
    depth = 0
    for token in yaml.scan(text, Loader=_LOADER):
        depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
        line = token.start_mark.line + 1
        if depth > MAX_DEPTH:
            raise _too_deep(f"{path} line {line}")
        if type(token) in _REFUSED:
            raise ConfigError(f"{_REFUSED[type(token)]} are not allowed", where=f"{path} line {line}")


def _too_deep(where: str) -> ConfigError:
    return ConfigError(f"nested deeper than {MAX_DEPTH} levels", where=where)


def _note_lines(path: Path, node: yaml.Node, key_path: KeyPath, lines: dict[KeyPath, int]) -> None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.tag != _TEXT_TAG:
                raise ConfigError("a key must be text", where=f"{path} line {line}", hint="put it in quotes")
            inner = (*key_path, key.value)
            if inner in lines:
                raise ConfigError(f"the key {key.value!r} stands twice", where=f"{path} line {line}")
            lines[inner] = line
            _note_lines(path, value, inner, lines)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            inner = (*key_path, index)
            lines[inner] = value.start_mark.line + 1
            _note_lines(path, value, inner, lines)
