"""Write the page of an evaluation: one file with everything in it, no script, nothing from outside.

The confusion matrix is a table with shaded cells; the reliability diagram is drawn by the template from the marks that
are placed here, with the table of the same bins behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sentinel.figures import HEADLINE_FIGURES
from sentinel.records import LABELS
from sentinel.report.files import write_bytes
from sentinel.report.page import render_evaluation
from sentinel.report.rounding import number_text

if TYPE_CHECKING:
    from pathlib import Path

    from sentinel.figures import Evaluation, Figures, Measured, ReliabilityBin

DECIMALS = 3
PLOT_LEFT, PLOT_TOP, PLOT_SIZE, PLOT_HEIGHT = 48.0, 10.0, 380.0, 320.0
"""Where the square of the diagram lies in its drawing, in its units."""

FIGURE_NAMES = {
    "accuracy": "Accuracy",
    "macro_f1": "Macro-F1",
    "weighted_f1": "Weighted F1",
    "ece": "Calibration error (ECE)",
    "brier": "Brier score",
}
_TICKS = 5


def write_evaluation(path: Path, evaluation: Evaluation) -> None:
    """Write the page of an evaluation.

    Args:
        path: file to write; its folder exists.
        evaluation: what was measured.

    Raises:
        ReportError: the file cannot be written; what stood there before still does.
    """
    write_bytes(path, render_evaluation(_context(evaluation)))


def _context(evaluation: Evaluation) -> dict[str, Any]:
    figures = evaluation.figures
    model = {
        "name": evaluation.model.name,
        "trained_on": "see its manifest",
        "cells": _cells(figures),
        "is_model": True,
    }
    baselines = [
        {"name": found.name, "trained_on": found.trained_on, "cells": _cells(found.figures), "is_model": False}
        for found in evaluation.baselines
    ]
    return {
        "evaluation": evaluation,
        "labels": LABELS,
        "heads": list(FIGURE_NAMES.values()),
        "key_figures": [{"name": FIGURE_NAMES[name], **_shown(getattr(figures, name))} for name in HEADLINE_FIGURES],
        "accuracy": {part: _percent(value) for part, value in figures.accuracy._asdict().items()},
        "confusion": confusion_rows(evaluation.confusion),
        "classes": [
            {
                "label": found.label,
                "support": found.support,
                "cells": [_shown(found.precision), _shown(found.recall), _shown(found.f1)],
            }
            for found in evaluation.classes
        ],
        "marks": reliability_marks(evaluation.reliability),
        "ticks": _ticks(),
        "plot": {"left": PLOT_LEFT, "top": PLOT_TOP, "width": PLOT_SIZE, "height": PLOT_HEIGHT},
        "bins": [_bin_row(part) for part in evaluation.reliability],
        "groups": {
            name: [{"value": group.value, "n": group.figures.n, "cells": _cells(group.figures)} for group in groups]
            for name, groups in evaluation.groups.items()
        },
        "systems": [model, *baselines],
    }


def confusion_rows(confusion: tuple[tuple[int, ...], ...]) -> list[dict[str, Any]]:
    """Give the rows of the confusion matrix with the share of its row that each cell holds.

    Args:
        confusion: counts, rows and columns in LABELS order.

    Returns:
        For each label its name, its count and its cells; a share is 0 in a row without any.
    """
    return [
        {
            "label": label,
            "n": sum(counts),
            "cells": [
                {
                    "count": count,
                    "percent": _percent(count / sum(counts)) if sum(counts) else "",
                    "shade": f"{count / max(sum(counts), 1):.3f}",
                    "is_right": given == label,
                }
                for given, count in zip(LABELS, counts, strict=True)
            ],
        }
        for label, counts in zip(LABELS, confusion, strict=True)
    ]


def reliability_marks(bins: tuple[ReliabilityBin, ...]) -> list[dict[str, str]]:
    """Place the marks of the reliability diagram.

    Args:
        bins: those that hold a row.

    Returns:
        For each bin the place of its point, the ends of its accuracy's interval, and the bar whose height is the share
        of rows in it, all in units of the drawing.
    """
    n_rows = sum(part.n for part in bins)
    marks = []
    for part in bins:
        value, low, high = part.accuracy
        place = {
            "x": _across(part.confidence),
            "y": _up(value or 0.0),
            "y_low": _up(low or 0.0),
            "y_high": _up(high or 0.0),
            "bar_x": _across(part.low) + 1,
            "bar_width": (part.high - part.low) * PLOT_SIZE - 2,
            "bar_y": _up(part.n / n_rows),
            "bar_height": PLOT_HEIGHT * part.n / n_rows,
        }
        marks.append({name: f"{value:.1f}" for name, value in place.items()})
    return marks


def _across(fraction: float) -> float:
    return PLOT_LEFT + fraction * PLOT_SIZE


def _up(fraction: float) -> float:
    return PLOT_TOP + (1.0 - fraction) * PLOT_HEIGHT


def _ticks() -> list[dict[str, str]]:
    fractions = [tick / _TICKS for tick in range(_TICKS + 1)]
    return [{"text": f"{at:.1f}", "x": f"{_across(at):.1f}", "y": f"{_up(at):.1f}"} for at in fractions]


def _bin_row(part: ReliabilityBin) -> dict[str, Any]:
    return {
        "range": f"{number_text(part.low, 2)} to {number_text(part.high, 2)}",
        "n": part.n,
        "confidence": number_text(part.confidence, DECIMALS),
        "accuracy": _shown(part.accuracy),
    }


def _cells(figures: Figures) -> list[dict[str, str]]:
    return [_shown(getattr(figures, name)) for name in HEADLINE_FIGURES]


def _shown(figure: Measured) -> dict[str, str]:
    if figure.value is None:
        return {"value": number_text(None), "interval": ""}
    return {
        "value": number_text(figure.value, DECIMALS),
        "interval": f"{number_text(figure.low, DECIMALS)} to {number_text(figure.high, DECIMALS)}",
    }


def _percent(fraction: float) -> str:
    return f"{number_text(100.0 * fraction, 1)}%"
