"""Write texts from templates: the small grammar that every generator of this package uses.

Comes in: a template such as ``"{co} [wins|lands] order worth {money}[ in {country}|]"``, values and a random generator.
Goes out: one line of text. Brackets hold alternatives (they nest, and may be empty), braces name a slot; what a slot
gives is a template itself. Invariant: the same template, values and state of the generator give the same text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

Filler = Sequence[str] | Callable[[Random], str]
"""What a slot gives: one of several templates, or whatever a function draws."""

_TOKEN = re.compile(r"[\[\]|]|\{[a-z0-9_]+\}|[^\[\]|{}]+|[{}]")
_SPACE = re.compile(r" {2,}")
_SPACE_BEFORE = re.compile(r" ([,;:.!?])(?= |$)")


_TEMPLATES = Path(__file__).parent / "templates"


@cache
def sections(name: str) -> Mapping[str, tuple[str, ...]]:
    """Read one file of templates: a line each, in sections that ``== name`` heads; ``#`` starts a remark.

    Args:
        name: of a file in ``templates/``, without its ending.

    Returns:
        The lines of each section, by its name.
    """
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in (_TEMPLATES / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            lines = found.setdefault(line[3:], [])
        elif line and not line.startswith("#"):
            lines.append(line)
    return {section: tuple(held) for section, held in found.items()}


@dataclass(frozen=True)
class _Slot:
    name: str


@dataclass(frozen=True)
class _Choice:
    options: tuple[tuple[_Node, ...], ...]


_Node = str | _Slot | _Choice


@cache
def _parsed(template: str) -> tuple[_Node, ...]:
    """Parse a template once.

    Raises:
        ValueError: its brackets do not match, or braces hold no name.
    """
    levels: list[list[list[_Node]]] = [[[]]]
    for piece in _TOKEN.findall(template):
        if piece in "{}":
            raise ValueError(f"no slot in braces in {template!r}")
        if piece == "[":
            levels.append([[]])
        elif piece == "|":
            levels[-1].append([])
        elif piece == "]":
            options = levels.pop()
            levels[-1][-1].append(_Choice(tuple(tuple(option) for option in options)))
        else:
            levels[-1][-1].append(_Slot(piece[1:-1]) if piece.startswith("{") else piece)
    if len(levels) != 1 or len(levels[0]) != 1:
        raise ValueError(f"brackets do not match in {template!r}")
    return tuple(levels[0][0])


class Grammar:
    """Templates filled from named slots.

    Args:
        slots: what each slot name gives.
    """

    def __init__(self, slots: Mapping[str, Filler]) -> None:
        self._slots = slots

    def write(self, rng: Random, template: str, values: Mapping[str, str]) -> str:
        """Fill one template.

        Args:
            rng: random generator; its state moves on.
            template: alternatives in brackets, slots in braces.
            values: text or templates for slots of this text; they come before the grammar's own.

        Returns:
            One line without double spaces or spaces before punctuation.

        Raises:
            ValueError: the brackets do not match.
            KeyError: a slot that nobody fills.
        """
        parts: list[str] = []
        self._expand(rng, _parsed(template), values, parts)
        text = _SPACE.sub(" ", "".join(parts)).strip()
        return _SPACE_BEFORE.sub(r"\1", text)

    def _expand(self, rng: Random, nodes: Sequence[_Node], values: Mapping[str, str], parts: list[str]) -> None:
        for node in nodes:
            if isinstance(node, str):
                parts.append(node)
            elif isinstance(node, _Choice):
                self._expand(rng, rng.choice(node.options), values, parts)
            else:
                self._expand(rng, _parsed(self._draw(rng, node.name, values)), values, parts)

    def _draw(self, rng: Random, name: str, values: Mapping[str, str]) -> str:
        value = values.get(name)
        if value is not None:
            return value
        filler = self._slots[name]
        return filler(rng) if callable(filler) else rng.choice(filler)
