"""The gate's part for what is drawn in the rows of the page's tables: bars, steps and small lines show their numbers.

A drawing is read back by its geometry. It has a digit behind the point of a percent, or of a unit of its box, so that
numbers agree as far as that goes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sentinel.report.comparison import Told, expect_same
from sentinel.report.drawings import SPARK_HEIGHT, SPARK_WIDTH
from sentinel.report.page_reader import numbers_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sentinel.report.page_reader import PageTable, ReadPage, Shape

DRAWN, TOLD = "what is drawn in index.html", "index.html"
_STEP = 0.1
"""A place is drawn to a tenth of a percent or unit."""
_WHISKER = re.compile(r"M(-?[\d.]+) 6H(-?[\d.]+)")
_POINT = re.compile(r"[ML]?(-?[\d.]+) (-?[\d.]+)")


def check_drawn(page: ReadPage) -> None:
    """Check what is drawn in the tables of a page.

    Args:
        page: as ``page_reader.read_page`` gives it.

    Raises:
        DisagreementError: a drawing and the number beside it differ.
        ValueError, IndexError, KeyError: a drawing cannot be read.
    """
    for table in page.tables:
        if table.name == "topics":
            for row, shapes in zip(table.rows, table.shapes, strict=True):
                _check_bar(row, shapes, table.scale)
                _check_spark(row, shapes)
        elif table.name == "moves":
            _check_steps(table)


def _check_bar(row: dict[str, str], shapes: Iterable[Shape], scale: Sequence[float]) -> None:
    """Compare the bar of a mood, and the line of its interval, with the numbers of the row."""
    of_bar = [shape.attributes for shape in shapes if shape.column == "drawn" and shape.tag != "svg"]
    drawn = {attributes["class"].split()[0]: attributes for attributes in of_bar}
    mood = numbers_in(row["mood"])
    if not drawn or not mood:
        expect_same(f"the number of bars of {row['topic']}", Told(DRAWN, bool(drawn)), Told(TOLD, bool(mood)))
        return
    begin, length = (float(drawn["fill"][name]) for name in ("x", "width"))
    end = begin + length if mood[0] >= 0 else begin
    low, high = map(float, _WHISKER.findall(drawn["whisker"]["d"])[0])
    told = dict(zip(("low", "high"), numbers_in(row["interval"]), strict=True))
    for name, place, value in (("mood", end, mood[0]), ("low", low, told["low"]), ("high", high, told["high"])):
        _expect_at(f"{name} of {row['topic']}", place, value, scale)


def _check_spark(row: dict[str, str], shapes: Sequence[Shape]) -> None:
    """Compare the last point of a small line with the mood of the row; its scale follows from its own words."""
    drawn = [shape.attributes for shape in shapes if shape.column == "spark"]
    mood = numbers_in(row["mood"])
    if not drawn:
        expect_same(f"the number of moods of {row['topic']}", Told(DRAWN, 0), Told(TOLD, len(mood)))
        return
    size = max(1.0, *map(abs, numbers_in(drawn[0]["aria-label"])[-2:]))
    points = next(shape["d"] for shape in drawn if shape.get("class") == "points")
    last = [float(y) for x, y in _POINT.findall(points) if float(x) > SPARK_WIDTH - 3.0 - _STEP]
    shown = size * (1.0 - 2.0 * (last[-1] - 2.0) / (SPARK_HEIGHT - 4.0)) if last else None
    within = size * _STEP / (SPARK_HEIGHT - 4.0)
    expect_same(
        f"the last mood of {row['topic']}", Told(DRAWN, shown), Told(TOLD, next(iter(mood), None)), within=within
    )


def _check_steps(table: PageTable) -> None:
    """Compare each bar of a waterfall with the parts of the change: it goes from the level before to the one after."""
    level = 0.0
    for number, (row, shapes) in enumerate(zip(table.rows, table.shapes, strict=True), start=1):
        value = numbers_in(row["mood"])[0]
        begin = 0.0 if number in (1, len(table.rows)) else level
        level = begin + value
        (bar,) = [shape.attributes for shape in shapes if shape.tag == "rect"]
        left, width = (float(bar[name].rstrip("%")) for name in ("x", "width"))
        for place, end in zip((left, left + width), sorted((begin, level)), strict=True):
            _expect_at(f"part {number} of the change", place, end, table.scale)


def _expect_at(what: str, place: float, value: float, scale: Sequence[float]) -> None:
    """Compare a place in percent of a scale with the number that is to be there, or with the end that is nearer."""
    low, high = scale
    shown = low + (high - low) * place / 100.0
    told = max(low, min(high, value))
    expect_same(what, Told(DRAWN, shown), Told(TOLD, told), within=(high - low) * _STEP / 100.0)
