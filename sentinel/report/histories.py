"""The chart of a history with its ranges: one figure for plotly, and a static drawing of each range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sentinel.report.charts import Figure, history_figure, mood_range
from sentinel.report.drawings import HistoryDrawing, history_drawing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

RANGES = (30, 90, 365)
"""Days that a reader can choose among."""
FIRST_RANGE = 90
"""Days shown first, where there are as many."""
MIN_CHART_DAYS = 3
"""A chart over time needs as many days with news; fewer are told by the table alone."""


@dataclass(frozen=True)
class HistoryChart:
    """A history to be drawn.

    Attributes:
        figure: for plotly.
        drawings: one for each range, the shortest first.
        first_range: days of the range shown first.
        earlier: ids of the models that have a line of their own.
    """

    figure: Figure
    drawings: tuple[HistoryDrawing, ...]
    first_range: int
    earlier: tuple[str, ...]


def fills_a_chart(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Say whether enough days have news."""
    return len([row for row in rows if row["n_items"]]) >= MIN_CHART_DAYS


def history_chart(
    rows: Sequence[Mapping[str, Any]], earlier: Mapping[str, Sequence[Mapping[str, Any]]] | None = None
) -> HistoryChart | None:
    """Draw moods over time; None where too few days have news.

    Args:
        rows: as for ``charts.history_figure``.
        earlier: likewise.
    """
    if not fills_a_chart(rows):
        return None
    span = (rows[-1]["day"] - rows[0]["day"]).days + 1
    ranges = [n_days for n_days in RANGES if n_days < span] + [min(span, RANGES[-1])]
    size = mood_range([*rows, *(row for of_model in (earlier or {}).values() for row in of_model)])
    drawings = tuple(history_drawing(rows, n_days, size, earlier) for n_days in ranges)
    return HistoryChart(
        history_figure(rows, earlier), drawings, max(n for n in ranges if n <= FIRST_RANGE), tuple(earlier or {})
    )
