"""Place correlations by lag, and prices around events, as numbers for SVG that the template draws."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sentinel.report.rounding import number_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sentinel.price_figures import EventPath, LagFigures

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 520.0, 260.0, 52.0, 12.0, 12.0, 40.0
"""Size of a drawing in units of its view box, and room for its labels."""
_STEPS = (1.0, 2.0, 4.0, 10.0)
_PERCENT = 100.0


@dataclass(frozen=True)
class Mark:
    """One estimate: where it lies, and the ends of its interval."""

    x: float
    y: float
    y_low: float
    y_high: float
    is_forecast: bool


@dataclass(frozen=True)
class Drawing:
    """What a template draws.

    Attributes:
        words: what it shows, for those who cannot see it.
        rules: places of the horizontal lines, with their labels.
        ticks: places along the bottom, with their labels.
        zero: height of 0.
        split: where the past of the signal ends and its future begins.
        marks: estimates with intervals.
        line: path of a mean.
        band: path around its interval.
    """

    words: str
    rules: tuple[tuple[float, str], ...]
    ticks: tuple[tuple[float, str], ...]
    zero: float
    split: float
    marks: tuple[Mark, ...] = ()
    line: str = ""
    band: str = ""


def lag_drawing(lags: Sequence[LagFigures], size: float) -> Drawing:
    """Draw the correlations of one signal by lag, each with its interval.

    Args:
        lags: in order of their lags.
        size: where the scale ends on both sides of 0.
    """
    known = [found for found in lags if math.isfinite(found.correlation.se)]
    width = (WIDTH - LEFT - RIGHT) / len(lags)

    def across(lag: int) -> float:
        return LEFT + width * (lag - lags[0].lag + 0.5)

    marks = [
        Mark(
            x=across(found.lag),
            y=_up(found.correlation.value, size),
            y_low=_up(found.correlation.low, size),
            y_high=_up(found.correlation.high, size),
            is_forecast=found.lag > 0,
        )
        for found in known
    ]
    extreme = max(known, key=lambda found: abs(found.correlation.value), default=None)
    words = "Correlation by lag; the table holds the same numbers."
    if extreme is not None:
        value = number_text(extreme.correlation.value, 2, signed=True)
        words = f"Correlation by lag, strongest {value} at lag {extreme.lag}; the table holds the same numbers."
    return Drawing(
        words=words,
        rules=_rules(size, decimals=2),
        ticks=tuple((across(found.lag), f"{found.lag:+d}" if found.lag else "0") for found in lags[::2]),
        zero=_up(0.0, size),
        split=across(0) + width / 2,
        marks=tuple(marks),
    )


def event_drawing(path: EventPath, size: float) -> Drawing:
    """Draw the mean price around events with its band, in percent.

    Args:
        path: of the price.
        size: where the scale ends on both sides of 0, in percent.
    """
    step = (WIDTH - LEFT - RIGHT) / (len(path.offsets) - 1)

    def across(offset: int) -> float:
        return LEFT + step * (offset - path.offsets[0])

    def points(values: Iterable[float]) -> list[str]:
        return [
            f"{across(offset):.1f} {_up(_PERCENT * value, size):.1f}"
            for offset, value in zip(path.offsets, values, strict=True)
        ]

    last = number_text(_PERCENT * path.mean[-1], 2, signed=True)
    return Drawing(
        words=f"Mean price around the {path.side} news, {last}% after {path.offsets[-1]} sessions.",
        rules=_rules(size, decimals=1),
        ticks=tuple((across(offset), f"{offset:+d}" if offset else "0") for offset in path.offsets if offset % 5 == 0),
        zero=_up(0.0, size),
        split=across(0),
        line="M" + "L".join(points(path.mean)),
        band="M" + "L".join([*points(path.low), *reversed(points(path.high))]) + "Z",
    )


def scale_of(values: Iterable[float]) -> float:
    """Give a round end of a scale that holds all values on both sides of 0."""
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    if largest == 0.0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(largest))
    return next(step * power for step in _STEPS if largest <= step * power)


def _up(value: float, size: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (size - value) / (2 * size)


def _rules(size: float, *, decimals: int) -> tuple[tuple[float, str], ...]:
    return tuple(
        (_up(value, size), number_text(value, decimals, signed=True))
        for value in (-size, -size / 2, 0.0, size / 2, size)
    )
