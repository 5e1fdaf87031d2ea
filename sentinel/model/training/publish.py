"""From weights on disk to a bundle that can be trusted: calibrated, measured, audited, described, checked.

Comes in: a written bundle and the labelled rows. Goes out: the bundle in its place. Invariant: calibration is fitted on
validation rows, figures are those of test rows, and no bundle takes its place that reads its canaries wrongly.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sentinel.model.bundle import MANIFEST, write_manifest
from sentinel.model.calibration import fit_calibration
from sentinel.model.classifier import Classifier
from sentinel.model.evaluation import measure
from sentinel.model.fairness import largest_shifts, load_swaps, measure_swaps
from sentinel.model.training.card import CARD, build_card
from sentinel.model.training.companies import by_source
from sentinel.model.training.processes import first_alone

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


def publish(unchecked_dir: Path, bundle_dir: Path, *, labelled: pd.DataFrame, companies: pd.DataFrame) -> Path:
    """Calibrate and measure a bundle, and let it take its place only when it has passed its canaries.

    Args:
        unchecked_dir: the bundle; it is moved.
        bundle_dir: its place; what is there is replaced.
        labelled: frame with LABELLED_COLUMNS.
        companies: frame with COMPANY_COLUMNS; empty for a bundle that reads no names.

    Returns:
        The bundle's place.

    Raises:
        ModelError: the bundle cannot be loaded.
        CanaryError: it reads obvious sentences wrongly.
    """
    with first_alone() as is_first:
        if is_first:
            _describe(unchecked_dir, labelled, companies)
            shutil.rmtree(bundle_dir, ignore_errors=True)
            unchecked_dir.rename(bundle_dir)
    return bundle_dir


def _describe(bundle_dir: Path, labelled: pd.DataFrame, companies: pd.DataFrame) -> None:
    """Complete the manifest of a bundle, and write its card."""
    manifest = json.loads((bundle_dir / MANIFEST).read_text(encoding="utf-8"))
    classifier = Classifier.load_unchecked(str(bundle_dir))
    manifest["calibration"] = _calibration(classifier, labelled)
    if not companies.empty:
        manifest["names_calibration"] = _calibration(classifier.name_reader(), companies)
    write_manifest(bundle_dir, manifest)
    classifier = Classifier.load(str(bundle_dir))
    manifest["metrics"] = _held_out_metrics(classifier, labelled, companies)
    manifest["audit"] = _audit(classifier)
    (bundle_dir / CARD).write_text(build_card(manifest), encoding="utf-8")
    write_manifest(bundle_dir, manifest)


def _calibration(classifier: Classifier, rows: pd.DataFrame) -> dict[str, float]:
    """Fit on the validation rows how the probabilities of a model that has no calibration yet are to be corrected."""
    validation = rows[rows["split"] == "validation"]
    said = classifier.probabilities(validation["text"].tolist())
    return asdict(fit_calibration(said, validation["label_id"].to_numpy()))


def _held_out_metrics(classifier: Classifier, labelled: pd.DataFrame, companies: pd.DataFrame) -> dict[str, float]:
    """Measure a model on the test rows of each file, which nothing was chosen on."""
    metrics = {}
    test = labelled[labelled["split"] == "test"]
    groups = [(str(source), rows, classifier) for source, rows in test.groupby("source")]
    if not companies.empty:
        reader = classifier.name_reader()
        groups += [(source, rows, reader) for source, rows in by_source(companies)]
    for source, rows, asked in groups:
        figures = measure(rows["label_id"].to_numpy(), asked.probabilities(rows["text"].tolist()))
        for name in ("accuracy", "macro_f1", "ece"):
            metrics[f"{source} {name}"] = round(figures[name], 4)
    return metrics


def _audit(classifier: Classifier) -> list[dict[str, Any]]:
    """Swap names in the audit's headlines; of each kind and dimension, the group with the largest shift."""
    shifts = [found for swaps in load_swaps() for found in measure_swaps(swaps, classifier.probabilities)[0]]
    return [
        {
            **{name: getattr(found, name) for name in ("kind", "dimension", "group")},
            **{name: round(value or 0.0, 4) for name, value in found.shift._asdict().items()},
        }
        for found in largest_shifts(shifts)
    ]
