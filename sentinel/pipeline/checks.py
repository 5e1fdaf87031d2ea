"""Looking: are the feeds alive, is the job ready to run, how good is a model."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sentinel import archive
from sentinel.errors import ReportError
from sentinel.pipeline.job import open_job, utc_now
from sentinel.pipeline.steps import fetch_feeds, load_scorer
from sentinel.report.files import make_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.config import Settings
    from sentinel.records import FeedResult


def try_feeds(settings: Settings) -> Iterator[FeedResult]:
    """Fetch every configured feed afresh; nothing is stored and no lock is taken."""
    return fetch_feeds(settings, {}, now=utc_now)


def verify(settings: Settings) -> dict[str, str]:
    """Check what a run will need: the model scores its canaries, the store is whole, the folder can be written.

    A store and a folder that are not there yet are made.

    Returns:
        For each of model, store and reports what was found.

    Raises:
        SentinelError: one of them is not usable.
    """
    with open_job(settings) as job:
        load_scorer(job)
        facts = job.bundle.facts
        found = {"model": f"{facts.name}, {facts.architecture}, id {facts.model_id}"}
        job.database.check()
        found["store"] = job.database.name
    make_folder(settings.reports)
    if not os.access(settings.reports, os.W_OK):
        raise ReportError("cannot be written", where=str(settings.reports), hint="check its permissions")
    found["reports"] = str(settings.reports)
    return found


def evaluate_table(bundle: str, source: str, *, text_column: str, label_column: str) -> dict[str, list[float]]:
    """Measure a model on a labelled table.

    Args:
        bundle: "packaged", a directory or a hub id.
        source: CSV, JSONL or Parquet file; rows whose label is none of LABELS are left out.
        text_column: column with the text.
        label_column: column with the label.

    Returns:
        n, and for accuracy, macro_f1, ece and brier the value with its 95 % bootstrap interval.

    Raises:
        TableError: the file cannot be read, lacks a column, or has no labelled row.
        ModelError: the model cannot be trusted.
    """
    from sentinel.model.classifier import Classifier
    from sentinel.model.evaluation import bootstrap_interval, measure

    texts, label_ids = archive.read_labelled_texts(source, text_column=text_column, label_column=label_column)
    probabilities = Classifier.load(bundle).probabilities(texts)
    figures = measure(label_ids, probabilities)
    return {
        name: [value] if name == "n" else [value, *bootstrap_interval(label_ids, probabilities, name)]
        for name, value in figures.items()
    }
