"""Read the cells of a finished workbook back from its XML, a sheet at a time.

Source: ECMA-376, part 1, 18.3: a ZIP archive of XML files; a sheet has rows, these have cells, with ``v`` for a number
and ``is`` for a text in place. Only what ``workbook`` writes has to be understood.
"""

from __future__ import annotations

import re
import xml.parsers.expat
import zipfile
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    CellValue = str | float

_BYTES_AT_ONCE = 1 << 20
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def read_sheet(path: Path, name: str) -> Iterator[dict[int, CellValue]]:
    """Read a sheet row by row.

    Args:
        path: the workbook.
        name: of the sheet.

    Returns:
        Of each row its cells by column, counted from 0: numbers (dates too) are floats, texts strings; empty ones are
        left out.

    Raises:
        OSError, zipfile.BadZipFile, xml.parsers.expat.ExpatError: it is no workbook.
        ValueError: there is no such sheet.
    """
    with zipfile.ZipFile(path) as archive:
        place = _sheet_names(archive).index(name) + 1
        parser = _SheetParser()
        with archive.open(f"xl/worksheets/sheet{place}.xml") as stream:
            while content := stream.read(_BYTES_AT_ONCE):
                parser.feed(content)
                yield from parser.take_rows()


def _sheet_names(archive: zipfile.ZipFile) -> list[str]:
    names: list[str] = []
    parser = xml.parsers.expat.ParserCreate()

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet":
            names.append(attributes["name"])

    parser.StartElementHandler = start
    parser.Parse(archive.read("xl/workbook.xml"), True)  # noqa: FBT003  # pyexpat takes no keywords
    return names


class _SheetParser:
    """Collects the finished rows of a sheet as its XML comes in."""

    def __init__(self) -> None:
        self._parser = xml.parsers.expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._rows: list[dict[int, CellValue]] = []
        self._row: dict[int, CellValue] = {}
        self._column = 0
        self._texts: list[str] = []

    def feed(self, content: bytes) -> None:
        self._parser.Parse(content, False)  # noqa: FBT003  # pyexpat takes no keywords

    def take_rows(self) -> list[dict[int, CellValue]]:
        rows, self._rows = self._rows, []
        return rows

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "row":
            self._row = {}
        elif tag == "c":
            self._column = _column_number(attributes["r"].rstrip("0123456789"))
        elif tag in ("v", "is"):
            self._texts = []

    def _end(self, tag: str) -> None:
        if tag == "v":
            self._row[self._column] = float("".join(self._texts))
        elif tag == "is":
            text = "".join(self._texts)
            self._row[self._column] = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
        elif tag == "row":
            self._rows.append(self._row)

    def _characters(self, text: str) -> None:
        self._texts.append(text)


@cache
def _column_number(letters: str) -> int:
    """Count a column: 0 for "A", 26 for "AA"."""
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1
