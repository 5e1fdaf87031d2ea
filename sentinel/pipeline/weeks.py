"""Weeks of stored items as they are compared: read one at a time, so that years of them need little memory."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentinel import drift, mood, report, store
from sentinel.language import UNDETERMINED
from sentinel.records import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentinel.model.tokens import Encoding
    from sentinel.pipeline.job import Job

MIN_LABELS = 10
"""With fewer labels in a week nothing is said of it: an interval would be sixty points wide."""
_READ = ("item_id", "text", "published", "first_seen", "language", *LABELS)
_WEEK = timedelta(days=7)


def newest_drift(job: Job) -> dict[str, float]:
    """Compare the last whole week with the REFERENCE_WEEKS before it.

    Returns:
        The figure of each measure; an index that chance may make is 0, one that is not known is left out.
    """
    monday = job.today - timedelta(days=job.today.weekday()) - _WEEK
    mondays = [monday - number * _WEEK for number in range(drift.REFERENCE_WEEKS, -1, -1)]
    weeks, _ = compare_weeks(job, mondays)
    if weeks.empty or weeks["week"].iloc[-1] != monday or bool(weeks["is_reference"].iloc[-1]):
        return {}
    return drift.figures_of(weeks.iloc[-1])


def whole_weeks(first: date, last: date) -> Iterator[date]:
    """Give the Mondays of the weeks that lie in a span from Monday to Sunday."""
    monday = first + timedelta(days=-first.weekday() % 7)
    while monday + timedelta(days=6) <= last:
        yield monday
        monday += _WEEK


def compare_weeks(
    job: Job, mondays: Sequence[date], *, n_reference: int = drift.REFERENCE_WEEKS, labels: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read weeks and compare them.

    Args:
        job: an open job.
        mondays: of the weeks, in order; those without items are left out.
        n_reference: how many of those left are the reference.
        labels: columns item_id and label_id, places in LABELS; None for none.

    Returns:
        A frame with ``drift.DRIFT_COLUMNS``, and one with ``report.QUALITY_COLUMNS`` for weeks with MIN_LABELS labels.
    """
    encoding = _load_encoding(job)
    samples, quality = [], []
    for monday in mondays:
        items = _load_week(job, monday)
        if len(items):
            samples.append(_sample(items, monday, encoding, languages=job.model.languages))
            quality += _judge(items, monday, labels)
    measured = pd.DataFrame(quality, columns=list(report.QUALITY_COLUMNS))
    return drift.build_weeks(samples, n_reference=n_reference), measured


def _load_week(job: Job, monday: date) -> pd.DataFrame:
    midnight, zone = datetime.min.time(), job.settings.zone
    begin, end = (datetime.combine(day, midnight, zone).astimezone(UTC) for day in (monday, monday + _WEEK))
    with job.database.read() as connection:
        items = store.load_scored_items(
            connection,
            start=begin,
            end=end,
            model_id=job.bundle.model_id,
            by_language=job.model.ids_by_language,
            known_by=job.now(),
            columns=_READ,
        )
    times = mood.believable_times(items["published"], items["first_seen"])
    return items[(times >= begin) & (times < end)]


def _sample(
    items: pd.DataFrame, monday: date, encoding: Encoding | None, *, languages: Sequence[str]
) -> drift.WeekSample:
    is_read = items["language"].isin(["", UNDETERMINED, *languages])
    texts = items.loc[is_read, "text"].tolist()
    polarity = (items["positive"] - items["negative"]).dropna()
    return drift.WeekSample(
        week=monday,
        n_items=len(items),
        n_unread=int((~is_read).sum()),
        polarity=polarity.to_numpy(dtype=float),
        length=np.array([len(text) for text in texts], dtype=float),
        pieces=count_pieces(encoding, texts) if encoding is not None else None,
    )


def count_pieces(encoding: Encoding, texts: Sequence[str]) -> drift.PieceCounts:
    """Count the byte pieces and the words of texts."""
    pieces = [piece for row in encoding.encode(list(texts)) for piece in row]
    return drift.PieceCounts(np.bincount(np.array(pieces, dtype=np.int64)), sum(len(text.split()) for text in texts))


def _load_encoding(job: Job) -> Encoding | None:
    """Load the tokenizer of the model; a linear model, and a stack, has none of its own."""
    if job.bundle.kind != "transformer":
        return None
    from sentinel.model.tokens import load_encoding

    return load_encoding(job.bundle.path, max_tokens=job.bundle.max_tokens, pad_token_id=None)


def _judge(items: pd.DataFrame, monday: date, labels: pd.DataFrame | None) -> list[tuple[object, ...]]:
    """Measure the model on a week's labels; nothing where they are too few."""
    if labels is None:
        return []
    scored = items[items["positive"].notna()].merge(labels, on="item_id")
    if len(scored) < MIN_LABELS:
        return []
    from sentinel.model.evaluation import headline_figures

    figures = headline_figures(scored["label_id"].to_numpy(dtype=int), scored[list(LABELS)].to_numpy(dtype=float))
    return [(monday, len(scored), *figures.accuracy, *figures.ece)]
