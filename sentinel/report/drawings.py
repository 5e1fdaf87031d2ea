"""Place what is drawn without a script: histories, sparklines, bars and the dial, as numbers for SVG.

Templates draw them. A drawing shows what a table beside it tells, or carries its own words; paths have one decimal, so
that a year of days is a few kilobytes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sentinel.report.rounding import is_known, number_text
from sentinel.report.sentence import MONTHS, count_words, short_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 1000.0, 240.0, 44.0, 20.0, 8.0, 22.0
"""Size of a history, in units of its view box, and room for its labels."""
SPARK_WIDTH, SPARK_HEIGHT = 90.0, 20.0
DIAL_RADIUS = 80.0
_Point = tuple[float, float]


@dataclass(frozen=True)
class HistoryDrawing:
    """A history as paths.

    Attributes:
        n_days: days from its left end to its right.
        words: what it shows, for those who cannot see it.
        band: paths around the intervals, one for each stretch of days that have one.
        trend: path of the trend.
        points: path of a dot per mood.
        last: the last mood; None where that day has none.
        earlier: paths of what other models published, by model id.
        rules: places of the horizontal lines with their labels.
        days: places along the bottom with their labels.
    """

    n_days: int
    words: str
    band: str
    trend: str
    points: str
    last: _Point | None
    earlier: Mapping[str, str]
    rules: tuple[tuple[float, str], ...]
    days: tuple[tuple[float, str], ...]


def history_drawing(
    rows: Sequence[Mapping[str, Any]],
    n_days: int,
    size: float,
    earlier: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
) -> HistoryDrawing:
    """Draw the last days of a history: moods as dots, their intervals as a band, the trend as a line.

    Args:
        rows: one per day, oldest first, with ``day``, ``mood``, ``low``, ``high`` and ``trend``; at least one.
        n_days: how many days up to the last row's are shown.
        size: where the scale ends on both sides of 0.
        earlier: by model id what other models published, rows of ``day`` and ``mood``; each is a line of its own.
    """
    last_day: date = rows[-1]["day"]
    shown = [row for row in rows if (last_day - row["day"]).days < n_days]
    others = {
        model_id: [row for row in published if 0 <= (last_day - row["day"]).days < n_days]
        for model_id, published in (earlier or {}).items()
    }

    def across(day: date) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (n_days - 0.5 - (last_day - day).days) / n_days

    def up(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (size - value) / (2 * size)

    def line(key: str, of: Sequence[Mapping[str, Any]] = shown) -> list[_Point | None]:
        return [(across(row["day"]), up(row[key])) if is_known(row[key]) else None for row in of]

    moods = line("mood")
    return HistoryDrawing(
        n_days=n_days,
        words=history_words(shown, n_days) + "".join(map(_earlier_words, others, others.values())),
        band="".join(_around(stretch) for stretch in _stretches(zip(line("low"), line("high"), strict=True))),
        trend=_path(line("trend")),
        points="".join(f"M{x:.1f} {y:.1f}h0" for x, y in filter(None, moods)),
        last=moods[-1] if moods else None,
        earlier={model_id: _path(line("mood", of)) for model_id, of in others.items() if of},
        rules=tuple(
            (up(value), number_text(value, 0, signed=True)) for value in (-size, -size / 2, 0.0, size / 2, size)
        ),
        days=tuple((across(day), label) for day, label in _labels([row["day"] for row in shown], n_days)),
    )


def history_words(rows: Sequence[Mapping[str, Any]], n_days: int) -> str:
    """Say what a history shows: how many moods there are, the extremes and the last."""
    known = [row for row in rows if is_known(row["mood"])]
    if not known:
        return f"{count_words(n_days, 'day')}: no day with enough news"
    low, high = min(known, key=_mood), max(known, key=_mood)
    return (
        f"{count_words(n_days, 'day')}, {len(known)} with a mood: lowest {number_text(low['mood'], signed=True)} on "
        f"{low['day']}, highest {number_text(high['mood'], signed=True)} on {high['day']}, last "
        f"{number_text(known[-1]['mood'], signed=True)} on {known[-1]['day']}"
    )


def _earlier_words(model_id: str, rows: Sequence[Mapping[str, Any]]) -> str:
    return f"; from {rows[0]['day']} to {rows[-1]['day']} also as published by model {model_id}" if rows else ""


@dataclass(frozen=True)
class Sparkline:
    """A small line; ``words`` says what it shows, ``last`` is its last point if that day has one."""

    path: str
    points: str
    zero: float
    last: _Point | None
    words: str


def sparkline(days: Sequence[date], moods: Mapping[date, float], size: float) -> Sparkline | None:
    """Draw the moods of some days, oldest first; None where no day has one.

    Args:
        days: from left to right.
        moods: by day; a day without enough news is absent or NaN, and leaves a gap.
        size: where the scale ends on both sides of 0.
    """
    known = [moods[day] for day in days if day in moods and is_known(moods[day])]
    if not known:
        return None
    step = (SPARK_WIDTH - 6.0) / max(len(days) - 1, 1)

    def up(value: float) -> float:
        return 2.0 + (SPARK_HEIGHT - 4.0) * (size - value) / (2 * size)

    points: list[_Point | None] = [
        (3.0 + step * place, up(moods[day])) if is_known(moods.get(day)) else None for place, day in enumerate(days)
    ]
    words = (
        f"{len(known)} of {count_words(len(days), 'day')} with a mood, {number_text(min(known), signed=True)} to "
        f"{number_text(max(known), signed=True)}"
    )
    alone = "".join(f"M{x:.1f} {y:.1f}h0" for stretch in _stretches(points) if len(stretch) == 1 for x, y in stretch)
    return Sparkline(_path(points), alone, up(0.0), points[-1], words)


@dataclass(frozen=True)
class MoodBar:
    """Where a mood and its interval lie on a scale from 0 to 100 percent."""

    start: float
    length: float
    low: float
    high: float


def mood_bar(row: Mapping[str, Any], size: float) -> MoodBar | None:
    """Place a mood on a scale that ends at ``size`` on both sides of 0; None where it is not known."""
    if not is_known(row["mood"]):
        return None
    mood, low, high = (_percent(row[key], size) if is_known(row[key]) else 50.0 for key in ("mood", "low", "high"))
    return MoodBar(min(mood, 50.0), abs(mood - 50.0), low, high)


@dataclass(frozen=True)
class Dial:
    """A half circle from -100 to +100: path of the interval, end of the hand."""

    interval: str
    hand: _Point


def dial(mood: float | None, low: float | None, high: float | None) -> Dial | None:
    """Draw a mood and its interval on a dial; None where it is not known."""
    if mood is None or not is_known(mood):
        return None
    arc = ""
    if low is not None and high is not None and is_known(low) and is_known(high):
        (x0, y0), (x1, y1) = _on_dial(low, DIAL_RADIUS), _on_dial(high, DIAL_RADIUS)
        arc = f"M{x0:.1f} {y0:.1f}A{DIAL_RADIUS:.0f} {DIAL_RADIUS:.0f} 0 0 1 {x1:.1f} {y1:.1f}"
    return Dial(arc, _on_dial(mood, DIAL_RADIUS - 14.0))


def _on_dial(value: float, radius: float) -> _Point:
    angle = math.pi * (100.0 - max(-100.0, min(100.0, value))) / 200.0
    return 100.0 + radius * math.cos(angle), 92.0 - radius * math.sin(angle)


def _percent(value: float, size: float) -> float:
    return max(0.0, min(100.0, 50.0 + 50.0 * value / size))


def _mood(row: Mapping[str, Any]) -> float:
    return float(row["mood"])


def _labels(days: Sequence[date], n_days: int) -> list[tuple[date, str]]:
    """Choose days to name: the first of each month where there are many, else some at equal distance."""
    if n_days > 200:
        return [(day, f"{MONTHS[day.month - 1][:3]} {day.year}") for day in days if day.day == 1 and day.month % 2]
    step = max(1, math.ceil(len(days) / 7))
    return [(day, short_date(day)) for day in days[::-1][::step]][::-1]


def _stretches(points: Iterable[Any]) -> list[list[Any]]:
    """Cut a line where a point, or a part of it, is not known."""
    stretches: list[list[Any]] = [[]]
    for point in points:
        if point is None or None in point:
            stretches.append([])
        else:
            stretches[-1].append(point)
    return [stretch for stretch in stretches if stretch]


def _path(points: Iterable[_Point | None]) -> str:
    return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in stretch) for stretch in _stretches(points))


def _around(stretch: list[tuple[_Point, _Point]]) -> str:
    """Enclose an interval that goes on over some days; that of a single day is a narrow box."""
    if len(stretch) == 1:
        ((x, low), (_, high)) = stretch[0]
        return f"M{x - 1.5:.1f} {low:.1f}V{high:.1f}H{x + 1.5:.1f}V{low:.1f}Z"
    edge = [low for low, _ in stretch] + [high for _, high in reversed(stretch)]
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in edge) + "Z"
