"""How good a model is: on a labelled table, beside baselines, and against its pinned floors."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sentinel import archive
from sentinel.errors import TableError
from sentinel.figures import Audit, Evaluation, GroupFigures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.figures import GroupShift, WorstPair
    from sentinel.model.classifier import Classifier
    from sentinel.model.comparison import TrainingRows
    from sentinel.model.gate import GateResult

GROUP_COLUMNS = ("source", "agreement", "phenomenon")
MAX_GROUPS = 20


def evaluate_table(
    bundle: str, source: str, *, text_column: str, label_column: str, train_files: Sequence[str] = ()
) -> Evaluation:
    """Measure a model on a labelled table, beside the baselines.

    Args:
        bundle: "packaged", a directory or a hub id.
        source: CSV, JSONL or Parquet file; rows without a label or a text are left out.
        text_column: column with the text.
        label_column: column with the label.
        train_files: tables with the same two columns that train the baselines, less the headlines that the source has
            too; without any they are cross-fitted on the source.

    Returns:
        Every figure with its 95 % interval.

    Raises:
        TableError: a file cannot be read, lacks a column, has an unknown label, or has no labelled row.
        TrainingError: the training files hold no headline that the source has not.
        ModelError: the model cannot be trusted.
    """
    from sentinel.model.classifier import Classifier
    from sentinel.model.comparison import measure_baselines
    from sentinel.model.evaluation import class_figures, confusion_counts, headline_figures, reliability_bins

    rows = archive.read_labelled_rows(
        source, text_column=text_column, label_column=label_column, group_columns=GROUP_COLUMNS
    )
    training, notes = _read_training(train_files, rows.texts, text_column=text_column, label_column=label_column)
    if rows.n_left_out:
        notes.insert(0, f"{rows.n_left_out:,} rows without a label or a text are left out")
    classifier = Classifier.load(bundle)
    probabilities = classifier.probabilities(rows.texts)
    groups = {name: _group_figures(rows.label_ids, probabilities, values) for name, values in rows.groups.items()}
    baselines, reasons = measure_baselines(rows.texts, rows.label_ids, training)
    return Evaluation(
        model=classifier.bundle.facts,
        file=source,
        figures=headline_figures(rows.label_ids, probabilities),
        classes=class_figures(rows.label_ids, probabilities),
        confusion=tuple(map(tuple, confusion_counts(rows.label_ids, probabilities).tolist())),
        reliability=reliability_bins(rows.label_ids, probabilities),
        groups={name: found for name, found in groups.items() if found},
        baselines=baselines,
        notes=(*notes, *reasons, *_uncounted_groups(rows.groups)),
    )


def measure_gate(bundle: str, folder: Path | None = None) -> GateResult:
    """Measure a model on the headlines of the release gate.

    Args:
        bundle: "packaged", a directory or a hub id.
        folder: holds headlines.csv (columns text, label and phenomenon) and floors.yaml; None for the packaged one.

    Returns:
        Each figure beside its floor.

    Raises:
        TableError: the headlines cannot be read, or lack a column.
        ConfigError: the floors are missing or wrong.
        ModelError: the model cannot be trusted.
    """
    from sentinel.model import gate
    from sentinel.model.classifier import Classifier

    folder = folder or gate.GATE_DIR
    path = str(folder / gate.HEADLINES_NAME)
    rows = archive.read_labelled_rows(
        path, text_column="text", label_column="label", group_columns=[gate.PHENOMENON_COLUMN]
    )
    if gate.PHENOMENON_COLUMN not in rows.groups:
        raise TableError(f"has no column {gate.PHENOMENON_COLUMN!r}", where=path)
    phenomena = rows.groups[gate.PHENOMENON_COLUMN]
    floors = gate.load_floors(folder / gate.FLOORS_NAME, phenomena=set(phenomena))
    classifier = Classifier.load(bundle)
    lines = gate.judge(rows.label_ids, classifier.probabilities(rows.texts), phenomena, floors)
    if floors.max_shift is not None:
        lines += gate.judge_shifts(_audit(classifier).shifts, floors.max_shift)
    return gate.GateResult(classifier.bundle.facts, lines)


def audit_model(bundle: str, folder: Path | None = None) -> Audit:
    """Measure what swapping countries, companies' homes, persons and company sizes does to a model.

    Args:
        bundle: "packaged", a directory or a hub id.
        folder: lists of words, see ``model.fairness``; None for the packaged ones.

    Returns:
        Shifts by group with intervals, and the worst pairs.

    Raises:
        TableError: the lists cannot be read.
        ModelError: the model cannot be trusted.
    """
    from sentinel.model.classifier import Classifier

    return _audit(Classifier.load(bundle), folder)


def _audit(classifier: Classifier, folder: Path | None = None) -> Audit:
    from sentinel.model.fairness import AUDIT_DIR, load_swaps, measure_swaps

    shifts: list[GroupShift] = []
    turned: dict[str, float] = {}
    worst: list[WorstPair] = []
    for swaps in load_swaps(folder or AUDIT_DIR):
        found, turned[swaps.kind], pairs = measure_swaps(swaps, classifier.probabilities)
        shifts += found
        worst += pairs
    return Audit(classifier.bundle.facts, tuple(shifts), turned, tuple(worst))


def _read_training(
    files: Sequence[str], texts: Sequence[str], *, text_column: str, label_column: str
) -> tuple[TrainingRows | None, list[str]]:
    """Read the rows that train the baselines, and a sentence on those left out because they are measured."""
    from sentinel.model.comparison import TrainingRows, leave_out_shared

    if not files:
        return None, []
    parts = [archive.read_labelled_rows(file, text_column=text_column, label_column=label_column) for file in files]
    together = TrainingRows(
        name=", ".join(Path(file).name for file in files),
        texts=[text for part in parts for text in part.texts],
        label_ids=np.concatenate([part.label_ids for part in parts]),
    )
    training, n_shared = leave_out_shared(together, texts)
    n_rows = len(together.texts)
    return training, [f"{n_shared:,} of {n_rows:,} training rows are left out: their headline is measured"]


def _group_figures(label_ids: np.ndarray, probabilities: np.ndarray, values: Sequence[str]) -> tuple[GroupFigures, ...]:
    """Measure the model on each value of a column, the most frequent first; nothing where all cells are empty."""
    from sentinel.model.evaluation import headline_figures

    cells = np.array(values, dtype=object)
    return tuple(
        GroupFigures(value, headline_figures(label_ids[cells == value], probabilities[cells == value]))
        for value in _largest(values)
    )


def _largest(values: Sequence[str]) -> list[str]:
    """Give the MAX_GROUPS most frequent values; none where all cells are empty."""
    counts = Counter(values)
    if set(counts) == {""}:
        return []
    return sorted(counts, key=lambda value: (-counts[value], value))[:MAX_GROUPS]


def _uncounted_groups(groups: dict[str, list[str]]) -> list[str]:
    """Say where a column has more values than are shown."""
    return [
        f"{name}: the {MAX_GROUPS} most frequent of {len(set(values)):,} values are shown"
        for name, values in groups.items()
        if len(set(values)) > MAX_GROUPS
    ]
