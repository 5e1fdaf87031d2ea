"""Read a page as a browser would: elements with their attributes and texts, tables as rows of cells."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

VOID = {"meta", "link", "img", "br", "hr", "input"}


@dataclass
class Element:
    """An element of a page, and the text of everything in it."""

    tag: str
    attributes: dict[str, str]
    inside: tuple[str, ...]
    text: str = ""


@dataclass
class Page(HTMLParser):
    """A parsed page."""

    elements: list[Element] = field(default_factory=list)
    open_elements: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        inside = tuple(element.tag for element in self.open_elements)
        element = Element(tag, {name: value or "" for name, value in attrs}, inside)
        self.elements.append(element)
        if tag not in VOID:
            self.open_elements.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open_elements.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open_elements[-1].tag == tag, f"</{tag}> closes <{self.open_elements[-1].tag}>"
        self.open_elements.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open_elements:
            element.text += data

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Find elements by tag and attributes; ``class_`` stands for class."""
        wanted = {name.rstrip("_"): value for name, value in attributes.items()}
        return [
            element for element in self.elements if element.tag == tag and wanted.items() <= element.attributes.items()
        ]

    def figures(self) -> list[dict[str, Any]]:
        """Read the chart data."""
        return [json.loads(script.text) for script in self.all("script", type="application/json")]

    def rows(self, table_class: str, number: int = 0) -> list[list[str]]:
        """Read the cells of the n-th table of a class, without its head."""
        tables = [e for e in self.all("table") if table_class in e.attributes.get("class", "").split()]
        start = self.elements.index(tables[number])
        rows: list[list[str]] = []
        for element in self.elements[start + 1 :]:
            if element.tag == "table":
                break
            if element.tag == "tr" and "tbody" in element.inside:
                rows.append([])
            elif element.tag == "td" and "tbody" in element.inside:
                rows[-1].append(" ".join(element.text.split()))
        return rows


def read_page(path: Path) -> Page:
    """Parse a page; an element that is closed wrongly fails."""
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    page.close()
    assert not page.open_elements
    return page
