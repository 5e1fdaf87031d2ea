"""Place the bars of a waterfall: how one mood became another, a bar in each row of the table that tells it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Step:
    """A bar, in percent of the width: where it begins, how long it is, and the levels that join it to its neighbours.

    Attributes:
        start: its left end.
        length: from there to its right end.
        before: the level that it comes from; None at the first bar.
        after: the level that it leads to; None at the last.
    """

    start: float
    length: float
    before: float | None
    after: float | None


@dataclass(frozen=True)
class Waterfall:
    """A waterfall from ``low`` to ``high``, whole points of mood, with the place of 0 and a step for each row."""

    low: int
    high: int
    zero: float
    steps: tuple[Step, ...]


def waterfall(rows: Sequence[Mapping[str, Any]]) -> Waterfall:
    """Draw how one mood became another: bars from level to level, totals from 0.

    Args:
        rows: top to bottom, at least one, with rounded ``level`` (where the bar ends) and ``is_total`` (whether it
            stands on 0).
    """
    levels = [0.0, *(row["level"] for row in rows)]
    low, high = math.floor(min(levels)), math.ceil(max(levels))
    high += low == high

    def across(level: float) -> float:
        return float(100.0 * (level - low) / (high - low))

    steps = []
    for number, row in enumerate(rows):
        begin = 0.0 if row["is_total"] else rows[number - 1]["level"]
        left, right = sorted((across(begin), across(row["level"])))
        steps.append(
            Step(
                start=left,
                length=right - left,
                before=across(rows[number - 1]["level"]) if number else None,
                after=across(row["level"]) if number + 1 < len(rows) else None,
            )
        )
    return Waterfall(low, high, across(0.0), tuple(steps))
