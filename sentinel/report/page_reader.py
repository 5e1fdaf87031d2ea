"""Read a finished day page back: its headline, key figures, marked tables and charts.

A table is read when it has ``data-table`` and heads with ``data-column``, a chart when its data have ``data-chart``.
Numbers are those that a reader sees, taken from the text of the cells.
"""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

_NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?")
_COLUMN, _TABLE, _CHART, _SCALE = "data-column", "data-table", "data-chart", "data-scale"
_SHAPES = ("svg", "rect", "path")


class Shape(NamedTuple):
    """A shape that is drawn in a cell.

    Attributes:
        column: ``data-column`` of the cell's head.
        tag: svg, rect or path.
        attributes: as written.
    """

    column: str
    tag: str
    attributes: dict[str, str]


@dataclass
class PageTable:
    """A table of a page.

    Attributes:
        name: its ``data-table``.
        kind: its ``data-kind``; empty where it has none.
        columns: ``data-column`` of each head; empty where it has none.
        rows: texts of the cells by column, and the row's own ``data-topic`` where it has one.
        shapes: what is drawn in the cells of each row.
        scale: its ``data-scale``, the ends of the scale that is drawn on; empty where it has none.
    """

    name: str
    kind: str = ""
    columns: list[str] = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)
    shapes: list[list[Shape]] = field(default_factory=list)
    scale: tuple[float, ...] = ()


@dataclass
class ReadPage:
    """What is read of a page.

    Attributes:
        headline: text of its first heading.
        figures: text of each key figure by its name.
        tables: marked tables, in order.
        charts: data of the marked charts by name.
    """

    headline: str = ""
    figures: dict[str, str] = field(default_factory=dict)
    tables: list[PageTable] = field(default_factory=list)
    charts: dict[str, Any] = field(default_factory=dict)


def read_page(path: Path) -> ReadPage:
    """Read a page.

    Raises:
        OSError: it cannot be read.
        ValueError: the data of a chart are no JSON.
    """
    parser = _PageParser()
    parser.feed(path.read_text(encoding="utf-8"))
    parser.close()
    return parser.page


def numbers_in(text: str) -> list[float]:
    """Read the numbers of a cell: one, two of an interval, none of "n/a"."""
    return [float(number.replace(",", "")) for number in _NUMBER.findall(text)]


class _PageParser(HTMLParser):
    """Collects texts as elements end; what stands outside what is read costs little."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = ReadPage()
        self._table: PageTable | None = None
        self._chart = ""
        self._place, self._span = 0, 1
        self._figure = ""
        self._texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "table":
            scale = tuple(map(float, attributes.get(_SCALE, "").split()))
            self._table = (
                PageTable(attributes[_TABLE], attributes.get("data-kind", ""), scale=scale)
                if _TABLE in attributes
                else None
            )
            if self._table is not None:
                self.page.tables.append(self._table)
        elif tag == "script":
            self._chart = attributes.get(_CHART, "")
        elif self._table is not None:
            self._start_in_table(tag, attributes, self._table)
        if tag in ("h1", "dt", "dd", "td", "script"):
            self._texts = []

    def _start_in_table(self, tag: str, attributes: dict[str, str], table: PageTable) -> None:
        if tag == "th" and len(table.rows) == 1:
            table.columns.append(attributes.get(_COLUMN, ""))
        elif tag == "tr":
            table.rows.append({"topic": attributes["data-topic"]} if "data-topic" in attributes else {})
            table.shapes.append([])
            self._place = 0
        elif tag in _SHAPES and table.shapes:
            column = next(iter(table.columns[self._place : self._place + 1]), "")
            table.shapes[-1].append(Shape(column, tag, attributes))
        elif tag == "td":
            self._span = int(attributes.get("colspan") or 1)

    def handle_endtag(self, tag: str) -> None:
        text = "".join(self._texts)
        if tag == "h1" and not self.page.headline:
            self.page.headline = text
        elif tag == "dt":
            self._figure = text
        elif tag == "dd" and self._figure:
            self.page.figures.setdefault(self._figure, text)
        elif tag == "script" and self._chart:
            self.page.charts[self._chart] = json.loads(text)
        elif tag == "td" and self._table is not None:
            self._end_cell(text, self._table)
        elif tag == "th" and self._table is not None:
            self._place += 1  # of the head of a row; a new row begins at 0
        elif tag == "table" and self._table is not None:
            filled = [bool(row) for row in self._table.rows]
            self._table.shapes = list(itertools.compress(self._table.shapes, filled))
            self._table.rows = list(itertools.compress(self._table.rows, filled))
            self._table = None

    def _end_cell(self, text: str, table: PageTable) -> None:
        """Note a cell under its head; one that spans several stands under each."""
        for name in table.columns[self._place : self._place + self._span]:
            if name:
                table.rows[-1].setdefault(name, " ".join(text.split()))
        self._place += self._span

    def handle_data(self, data: str) -> None:
        self._texts.append(data)
