"""Write the page of how the news has drifted: one file with everything in it, no script, nothing from outside.

Each measure is a line over the weeks with its limit, drawn by the template; the table below holds the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sentinel.report.files import make_folder, write_bytes
from sentinel.report.page import render_drift
from sentinel.report.rounding import number_text
from sentinel.report.sentence import count_words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from sentinel.records import ModelFacts

QUALITY_COLUMNS = ("week", "n_labels", "accuracy", "accuracy_low", "accuracy_high", "ece", "ece_low", "ece_high")
"""Columns of a frame of how the model did on people's labels of a week: fractions with 95 % intervals."""

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 460.0, 150.0, 40.0, 10.0, 20.0
"""Size of a drawing, in units of its view box, and room for its labels."""

NAMES = {
    "polarity": ("Polarity of the items", "stability index"),
    "length": ("Length of the texts", "stability index"),
    "novelty": ("New words", "bits per byte piece above the reference"),
    "unread": ("In a language that is not read", "share of the items"),
}
"""What each measure is called, and its unit."""
_DECIMALS = 2


@dataclass(frozen=True)
class DriftReport:
    """What the page shows.

    Attributes:
        model: whose scores and byte pieces they are.
        timezone: IANA name of the zone that weeks are counted in.
        n_reference: how many of the weeks the others are compared with.
        limits: figure at which a week has drifted, by measure.
        weeks: columns ``drift.DRIFT_COLUMNS`` and QUALITY_COLUMNS, a row per week, at least one.
    """

    model: ModelFacts
    timezone: str
    n_reference: int
    limits: Mapping[str, float]
    weeks: pd.DataFrame


@dataclass(frozen=True)
class Line:
    """A measure over the weeks, placed for SVG.

    Attributes:
        name: what it is called.
        unit: what it is counted in.
        words: what the drawing shows.
        path: the line; weeks without a figure part it.
        passed: places of the weeks that pass the limit.
        limit_y: where the limit is drawn.
        zero_y: where 0 is.
        limit: the limit.
        first: first week.
        last: last week.
    """

    name: str
    unit: str
    words: str
    path: str
    passed: tuple[tuple[float, float], ...]
    limit_y: float
    zero_y: float
    limit: str
    first: str
    last: str


def write_drift(path: Path, report: DriftReport) -> None:
    """Write the page.

    Args:
        path: file to write; its folder is made when absent.
        report: what it shows.

    Raises:
        ReportError: the file cannot be written; what stood there before still does.
    """
    make_folder(path.parent)
    write_bytes(path, render_drift(_context(report)))


def drift_words(report: DriftReport) -> str:
    """Say in a sentence what the newest week shows."""
    newest = report.weeks.iloc[-1]
    n_passed = int((report.weeks["passed"] != "").sum())
    passed = [NAMES[name][0].lower() for name in newest["passed"].split(",") if name]
    last = f"the week of {newest['week']} " + (
        f"passes the limit: {', '.join(passed)}" if passed else "passes no limit"
    )
    return f"{n_passed} of {count_words(len(report.weeks), 'week')} passed a limit; {last}."


def drift_rows(report: DriftReport) -> list[dict[str, Any]]:
    """Give the weeks for programs: a row each, null where a figure is not known."""
    rows = report.weeks.astype(object).where(report.weeks.notna(), None).to_dict("records")
    return [{**{str(name): value for name, value in row.items()}, "week": str(row["week"])} for row in rows]


def _context(report: DriftReport) -> dict[str, Any]:
    rows = report.weeks.iloc[::-1].to_dict("records")
    return {
        "report": report,
        "headline": drift_words(report),
        "lines": [draw_line(report, name) for name in NAMES],
        "rows": [{**row, "marks": _marks(str(row["passed"]))} for row in rows],
        "has_labels": bool(report.weeks["n_labels"].notna().any()),
    }


def _marks(passed: str) -> str:
    return ", ".join(NAMES[name][0].lower() for name in passed.split(",") if name)


def draw_line(report: DriftReport, name: str) -> Line:
    """Place a measure for its drawing, from 0 or the lowest week up to the highest, the limit among them."""
    weeks, limit = report.weeks, report.limits[name]
    values = weeks[name].to_numpy(dtype=float)
    known = values[np.isfinite(values)]
    low, high = min(0.0, *known, 0.0), max(limit, *known, limit)

    def up(value: float) -> float:
        return float(TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low))

    step = (WIDTH - LEFT) / max(len(values) - 1, 1)
    places = [(LEFT + step * number, up(value)) for number, value in enumerate(values)]
    path, is_drawing = "", False
    for (x, y), value in zip(places, values, strict=True):
        if np.isfinite(value):
            path += f"{'L' if is_drawing else 'M'}{x:.1f} {y:.1f}"
        is_drawing = bool(np.isfinite(value))
    is_passed = [name in passed.split(",") for passed in weeks["passed"]]
    title, unit = NAMES[name]
    last = number_text(float(values[-1]), _DECIMALS)
    return Line(
        name=title,
        unit=unit,
        words=f"{title}: {last} in the last week, limit {limit:g}, passed in {count_words(sum(is_passed), 'week')}",
        path=path,
        passed=tuple(place for place, passes in zip(places, is_passed, strict=True) if passes),
        limit_y=up(limit),
        zero_y=up(0.0),
        limit=f"{limit:g}",
        first=str(weeks["week"].iloc[0]),
        last=str(weeks["week"].iloc[-1]),
    )
