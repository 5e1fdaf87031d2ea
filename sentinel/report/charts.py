"""Build the charts as plain figures, and hand out the one plotly.js that draws them. The door to plotly.

A figure is a dictionary of plain lists, numbers and texts, ready for JSON; building it without plotly's
validating classes costs microseconds instead of tenths of a second. Every text that came from outside is
escaped here, because plotly reads markup in labels and hover texts. A colour is a name with a leading
``@``: the page's script puts in what the style sheet says, so that charts follow light, dark and print.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import plotly.offline

from sentinel.report.rounding import NOT_ENOUGH, is_known, json_number, number_text
from sentinel.report.sentence import interval_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

Figure = dict[str, Any]

_LEGEND = {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"}


def plotly_js() -> tuple[str, bytes]:
    """Give the plotly.js that the plotly package carries: its version and its bytes."""
    return plotly.offline.get_plotlyjs_version(), plotly.offline.get_plotlyjs().encode()


def history_figure(
    rows: Sequence[Mapping[str, Any]], earlier: Mapping[str, Sequence[Mapping[str, Any]]] | None = None
) -> Figure:
    """Draw moods over time: a point with its 95 % interval a day, and the trend.

    Args:
        rows: one per day, oldest first, with ``day`` (a date), ``n_items`` and rounded ``mood``, ``low``,
            ``high`` and ``trend``; a missing figure leaves a gap.
        earlier: by model id what other models published, rows of ``day`` and ``mood``; each is a line of its own.

    Returns:
        A figure.
    """
    days = [row["day"].isoformat() for row in rows]
    moods = [json_number(row["mood"]) for row in rows]
    size = mood_range([*rows, *itertools.chain.from_iterable((earlier or {}).values())])
    points = {
        "type": "scatter",
        "mode": "markers",
        "name": "Mood of the day, 95% interval",
        "x": days,
        "y": moods,
        "customdata": [[json_number(row["low"]), json_number(row["high"])] for row in rows],
        "error_y": _error_bars(rows, width=0),
        "marker": {"color": "@ink", "size": [7] * (len(rows) - 1) + [10] * bool(rows)},
        "text": [_mood_hover(row["day"].isoformat(), row) for row in rows],
        "hovertemplate": "%{text}<extra></extra>",
    }
    trend = {
        "type": "scatter",
        "mode": "lines",
        "name": "Trend, weight 0.95 per day of age",
        "x": days,
        "y": [json_number(row["trend"]) for row in rows],
        "line": {"color": "@accent", "width": 2.5},
        "hoverinfo": "skip",
    }
    layout = _layout(height=340)
    layout["xaxis"] |= _date_axis([row["day"] for row in rows])
    layout["yaxis"] |= {"range": [-size, size], "title": {"text": "mood"}, "zeroline": True}
    return {"data": [*_earlier_lines(earlier or {}), trend, points], "layout": layout}


def _earlier_lines(earlier: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Figure]:
    """Draw what other models published, each as a dashed line with open marks."""
    return [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": f"As published by model {model_id}",
            "x": [row["day"].isoformat() for row in rows],
            "y": [json_number(row["mood"]) for row in rows],
            "line": {"color": "@muted", "width": 1.5, "dash": dash},
            "marker": {"color": "@muted", "size": 6, "symbol": f"{symbol}-open"},
            "text": [f"{row['day'].isoformat()}: {number_text(row['mood'], signed=True)}" for row in rows],
            "hovertemplate": "%{text} by the model before<extra></extra>",
        }
        for (model_id, rows), dash, symbol in zip(
            earlier.items(),
            itertools.cycle(("dash", "dot")),
            itertools.cycle(("square", "diamond", "cross")),
            strict=False,
        )
    ]


def volume_figure(rows: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw the number of items a day, stacked by label.

    Args:
        rows: one per day, oldest first, with ``day``, ``n_negative``, ``n_neutral`` and ``n_positive``.

    Returns:
        A figure.
    """
    days = [row["day"].isoformat() for row in rows]
    data = [
        {
            "type": "bar",
            "name": label,
            "x": days,
            "y": [int(row[f"n_{label}"]) for row in rows],
            "marker": {"color": f"@{label}"},
            "hovertemplate": f"%{{x|%Y-%m-%d}}: %{{y:,}} {label}<extra></extra>",
        }
        for label in ("negative", "neutral", "positive")
    ]
    layout = _layout(height=280)
    layout["barmode"] = "stack"
    layout["bargap"] = 0.18
    layout["legend"] |= {"traceorder": "normal"}
    layout["xaxis"] |= _date_axis([row["day"] for row in rows])
    layout["yaxis"] |= {"title": {"text": "items"}, "rangemode": "tozero", "zeroline": False, "tickformat": ","}
    return {"data": data, "layout": layout}


def mood_range(rows: Sequence[Mapping[str, Any]]) -> float:
    """Find where an axis ends, the same on both sides of 0, that shows all moods, intervals and trends."""
    values = [row.get(key) for row in rows for key in ("mood", "low", "high", "trend")]
    largest = max((abs(value) for value in values if value is not None and is_known(value)), default=0.0)
    return min(105.0, max(20.0, 10.0 * math.ceil((largest + 1) / 10)))


def _error_bars(rows: Sequence[Mapping[str, Any]], *, width: int) -> Figure:
    return {
        "type": "data",
        "symmetric": False,
        "array": [_distance(row["mood"], row["high"]) for row in rows],
        "arrayminus": [_distance(row["low"], row["mood"]) for row in rows],
        "color": "@interval",
        "thickness": 1.5,
        "width": width,
    }


def _distance(low: float | None, high: float | None) -> float:
    if low is None or high is None or not (is_known(low) and is_known(high)):
        return 0.0
    return round(max(high - low, 0.0), 2)


def _mood_hover(name: str, row: Mapping[str, Any]) -> str:
    if not is_known(row["mood"]):
        return f"{name}: {NOT_ENOUGH}"
    mood, interval = number_text(row["mood"], signed=True), interval_words(row["low"], row["high"])
    return f"{name}: {mood} ({interval})<br>{int(row['n_items']):,} items"


def _date_axis(days: Sequence[date]) -> Figure:
    """Name days, not hours, however few there are."""
    axis: Figure = {"type": "date", "showgrid": False, "hoverformat": "%Y-%m-%d", "tickformat": "%-d %b"}
    if len(days) > 1 and (days[-1] - days[0]).days > 200:
        axis["tickformat"] = "%b %Y"
    elif len(days) < 8:
        axis |= {"tickmode": "array", "tickvals": [day.isoformat() for day in days]}
    return axis


def _layout(*, height: int) -> Figure:
    axis = {"gridcolor": "@grid", "linecolor": "@grid", "zerolinecolor": "@interval", "zerolinewidth": 1}
    return {
        "height": height,
        "margin": {"l": 52, "r": 12, "t": 34, "b": 40},
        "font": {"family": "@font", "size": 12, "color": "@ink"},
        "paper_bgcolor": "@paper",
        "plot_bgcolor": "@paper",
        "hoverlabel": {
            "bgcolor": "@paper",
            "bordercolor": "@interval",
            "font": {"color": "@ink"},
            "align": "left",
        },
        "legend": dict(_LEGEND),
        "dragmode": False,
        "xaxis": {**axis, "fixedrange": True},
        "yaxis": {**axis, "fixedrange": True},
    }
