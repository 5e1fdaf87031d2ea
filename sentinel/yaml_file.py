"""Read YAML files that people write: strict, bounded, and with the line of every key.

The only door to PyYAML. ``safe_load`` alone still expands alias bombs and keeps the last of two equal keys
silently; here anchors are refused, equal keys are errors, and each value's line is known, so that a later
check can say where it stands.
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
        first = invalid.errors(include_url=False)[0]
        key_path = tuple(part for part in first["loc"] if part != "__root__")
        more = f"; {invalid.error_count() - 1} more" if invalid.error_count() > 1 else ""
        if first["type"] == "extra_forbidden":
            return ConfigError(f"unknown key{more}", where=self.where(key_path), hint="check the spelling")
        message = first["msg"].removeprefix("Value error, ")
        return ConfigError(f"{message[:1].lower()}{message[1:]}{more}", where=self.where(key_path))


def read_yaml(path: Path) -> YamlFile:
    """Read a YAML mapping strictly.

    Args:
        path: the file.

    Returns:
        Its values and the line of each key.

    Raises:
        ConfigError: the file is missing, unreadable, not UTF-8, too large or deep, not YAML, not a mapping, has
            an anchor or alias, or the same key twice.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ConfigError(f"larger than {MAX_FILE_BYTES // 1_000_000} MB", where=str(path))
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError("no such file", where=str(path), hint="give its path with --config") from error
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise ConfigError("not UTF-8 text", where=str(path), hint="save it as UTF-8") from error
    return _parse(path, text)


def _parse(path: Path, text: str) -> YamlFile:
    try:
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            if isinstance(token, yaml.AliasToken | yaml.AnchorToken):
                line = token.start_mark.line + 1
                raise ConfigError("anchors and aliases are not allowed", where=f"{path} line {line}")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        lines: dict[KeyPath, int] = {}
        if node is not None:
            _note_lines(path, node, (), lines)
        values = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f" line {mark.line + 1}" if mark else ""
        raise ConfigError(f"not valid YAML: {error.problem}", where=f"{path}{line}") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ConfigError(f"not valid YAML: {error}", where=str(path)) from error
    if not isinstance(values, dict):
        raise ConfigError("empty, or not a mapping of keys to values", where=str(path))
    return YamlFile(path, values, lines)


def _note_lines(path: Path, node: yaml.Node, key_path: KeyPath, lines: dict[KeyPath, int]) -> None:
    if len(key_path) > MAX_DEPTH:
        raise ConfigError(f"nested deeper than {MAX_DEPTH} levels", where=str(path))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            line = key.start_mark.line + 1
            inner = (*key_path, str(key.value))
            if inner in lines:
                raise ConfigError(f"the key {key.value!r} stands twice", where=f"{path} line {line}")
            lines[inner] = line
            _note_lines(path, value, inner, lines)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            inner = (*key_path, index)
            lines[inner] = value.start_mark.line + 1
            _note_lines(path, value, inner, lines)
