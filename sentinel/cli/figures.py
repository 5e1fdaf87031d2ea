"""Write an evaluation and a gate as text tables for a terminal, and as the JSON that docs/formats.md describes."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sentinel.cli.tables import one_line, table_lines
from sentinel.figures import HEADLINE_FIGURES
from sentinel.records import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.figures import Evaluation, Figures, Measured
    from sentinel.model.gate import GateResult

EMPTY_CELL = "(empty)"


def evaluation_json(evaluation: Evaluation) -> dict[str, Any]:
    """Give an evaluation as one JSON object; a figure is a list of value and interval."""
    facts = evaluation.model
    return {
        "model_id": facts.model_id,
        "model": facts.name,
        "file": evaluation.file,
        **_figures_json(evaluation.figures),
        "classes": {found.label: _without(asdict(found), "label") for found in evaluation.classes},
        "labels": list(LABELS),
        "confusion": [list(row) for row in evaluation.confusion],
        "reliability": [asdict(part) for part in evaluation.reliability],
        "groups": {
            name: [{"value": group.value, **_figures_json(group.figures)} for group in groups]
            for name, groups in evaluation.groups.items()
        },
        "baselines": [
            {"name": found.name, "trained_on": found.trained_on, **_figures_json(found.figures)}
            for found in evaluation.baselines
        ],
        "notes": list(evaluation.notes),
    }


def gate_json(result: GateResult) -> dict[str, Any]:
    """Give a gate's result as one JSON object."""
    return {
        "model_id": result.model.model_id,
        "model": result.model.name,
        "passed": all(line.holds for line in result.lines),
        "lines": [{**asdict(line), "passed": line.holds} for line in result.lines],
    }


def evaluation_lines(evaluation: Evaluation) -> Iterator[str]:
    """Write an evaluation as tables; an interval stands behind its figure.

    Args:
        evaluation: what was measured.

    Yields:
        Lines without their ends.
    """
    facts, figures = evaluation.model, evaluation.figures
    yield f"{facts.name} {facts.model_id} on {figures.n:,} rows of {evaluation.file}; 95% intervals in brackets"
    yield ""
    measures = [[name, _interval(getattr(figures, name), 4)] for name in HEADLINE_FIGURES]
    yield from table_lines(["measure", "value"], measures)
    yield ""
    classes = [
        [found.label, *map(_interval, (found.precision, found.recall, found.f1)), f"{found.support:,}"]
        for found in evaluation.classes
    ]
    yield from table_lines(["class", "precision", "recall", "f1", "support"], classes)
    yield ""
    counts = [[label, *map("{:,}".format, row)] for label, row in zip(LABELS, evaluation.confusion, strict=True)]
    yield from table_lines(["label \\ predicted", *LABELS], counts)
    for name, groups in evaluation.groups.items():
        rows = [[one_line(group.value) or EMPTY_CELL, *_cells(group.figures)] for group in groups]
        yield ""
        yield from table_lines([name, "n", *HEADLINE_FIGURES], rows)
    systems = [[found.name, *_cells(found.figures)[1:], found.trained_on] for found in evaluation.baselines]
    this_model = [[one_line(facts.name), *_cells(figures)[1:], "see its manifest"]]
    yield ""
    yield from table_lines(["system", *HEADLINE_FIGURES, "trained on"], systems + this_model)
    if evaluation.notes:
        yield ""
        yield from evaluation.notes


def gate_lines(result: GateResult) -> Iterator[str]:
    """Write a gate's result as a table.

    Args:
        result: what was measured.

    Yields:
        Lines without their ends.
    """
    rows = [
        [
            one_line(line.rows) or EMPTY_CELL,
            line.measure,
            f"{line.n:,}",
            f"{line.value:.4f}",
            "" if line.bound is None else f"{'<=' if line.is_ceiling else '>='} {line.bound:.4f}",
            "" if line.bound is None else "pass" if line.holds else "FAIL",
        ]
        for line in result.lines
    ]
    yield from table_lines(["rows", "measure", "n", "value", "floor", ""], rows)


def _cells(figures: Figures) -> list[str]:
    return [f"{figures.n:,}", *(_interval(getattr(figures, name)) for name in HEADLINE_FIGURES)]


def _interval(figure: Measured, decimals: int = 3) -> str:
    if figure.value is None:
        return "n/a"
    return f"{figure.value:.{decimals}f} [{figure.low:.{decimals}f} {figure.high:.{decimals}f}]"


def _figures_json(figures: Figures) -> dict[str, Any]:
    return {"n": figures.n, **{name: getattr(figures, name) for name in HEADLINE_FIGURES}}


def _without(values: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != key}
