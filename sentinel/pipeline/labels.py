"""Labels of people: which headlines they are asked about, their answers, and what these say of the model.

None of it takes the run lock: each answer is a transaction of its own, so that a run may come in between.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentinel import labels, mood, report, store
from sentinel.errors import ConfigError, ReportError, StoreError
from sentinel.pipeline.job import read_job, utc_now
from sentinel.pipeline.reports import load_weighed, span_of
from sentinel.records import LABELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from sentinel.config import Settings
    from sentinel.pipeline.job import Job


@dataclass(frozen=True, slots=True)
class Queued:
    """What was queued.

    Attributes:
        n_influence: headlines chosen for their influence.
        n_random: headlines drawn at random.
        n_written: rows of the table.
    """

    n_influence: int
    n_random: int
    n_written: int


@dataclass(frozen=True, slots=True)
class ImportedLabels:
    """What became of the labels of a table.

    Attributes:
        n_stored: labels taken.
        n_unknown: those of items that nobody was asked about.
    """

    n_stored: int
    n_unknown: int


def queue_labels(
    settings: Settings,
    n_wanted: int,
    *,
    n_days: int,
    seed: int,
    destination: str = "",
    unanswered_by: str = "",
    now: Callable[[], datetime] = utc_now,
) -> Queued:
    """Choose headlines of the last days for people to label.

    Args:
        settings: the settings in force.
        n_wanted: how many.
        n_days: from how many days, today included.
        seed: of the random half.
        destination: .csv or .xlsx file, or "-" for CSV on standard output; "" for none.
        unanswered_by: the table has all queued headlines without a label of this person; "" for those just chosen.
        now: clock, aware UTC.

    Returns:
        Counts.

    Raises:
        StoreError: there is no store, or it cannot be written.
        ModelError: the configured model cannot be trusted.
        ReportError: there is nothing to ask, or the table cannot be written.
        TableError: the destination is no kind of table.
    """
    if destination:
        report.check_label_sheet(destination)
    with read_job(settings, now=now) as job:
        with job.database.read() as connection:
            known = store.load_queue(connection)
        halves = dict(zip(known["item_id"], known["half"], strict=True))
        drawn = labels.draw_queue(_candidates(job, n_days), n_wanted, queued=halves, rng=np.random.default_rng(seed))
        if n_wanted and drawn.empty:
            raise ReportError(f"no headline of the last {n_days} days is left to ask about", hint="give more --days")
        with job.database.write() as connection:
            store.save_queue(connection, drawn, model_id=job.model_id, seed=seed, now=now())
            queue = store.load_queue(connection, unanswered_by=unanswered_by)
    wanted = queue if unanswered_by else queue[queue["item_id"].isin(drawn["item_id"])]
    if destination:
        report.write_label_sheet(destination, wanted, created=now())
    n_random = int((drawn["half"] == labels.RANDOM).sum())
    return Queued(len(drawn) - n_random, n_random, len(wanted) if destination else 0)


def _candidates(job: Job, n_days: int) -> pd.DataFrame:
    """Give the scored items of the last days with what they do to the mood of the market."""
    first, last = job.today - timedelta(days=n_days - 1), job.today
    weighed = load_weighed(job, first, last, known_by=job.now())
    scored = weighed[weighed["polarity"].notna() & weighed["day"].between(first, last)]
    pulled = scored[["item_id", *LABELS]].assign(pull=mood.market_pulls(scored))
    begin, end = span_of(first, last, job.settings.zone)
    with job.database.read() as connection:
        chunks = store.load_texts(connection, start=begin, end=end, known_by=job.now())
        texts = {item_id: text for ids, said in chunks for item_id, text in zip(ids, said, strict=True)}
    return pulled.assign(text=pulled["item_id"].map(texts))


def import_labels(
    settings: Settings, path: Path, *, labeller: str, now: Callable[[], datetime] = utc_now
) -> ImportedLabels:
    """Take the labels of a filled-in table, all of them or none.

    Args:
        settings: the settings in force.
        path: .csv or .xlsx file as ``queue_labels`` wrote it.
        labeller: who filled it in; what he or she said before of the same headlines is replaced.
        now: clock, aware UTC.

    Raises:
        TableError: the table cannot be read, or holds a label that is none.
        StoreError: there is no store, or it cannot be written.
    """
    answers = labels.read_answers(path)
    with read_job(settings, now=now) as job, job.database.write() as connection:
        stored = [
            store.save_label(connection, item_id, label, labeller=labeller, now=now())
            for item_id, label in answers.items()
        ]
    return ImportedLabels(sum(stored), len(stored) - sum(stored))


def label_agreement(settings: Settings) -> labels.Agreement:
    """Measure how far people agree on all labels in the store.

    Raises:
        StoreError: there is no store, or it cannot be read.
    """
    with read_job(settings) as job, job.database.read() as connection:
        return labels.measure_agreement(store.load_labels(connection))


def export_labels(settings: Settings, destination: Path, *, halves: tuple[str, ...]) -> int:
    """Write what people say together as a file that recipes train on: columns text and label.

    Args:
        settings: the settings in force.
        destination: .csv file.
        halves: of the queue. What is trained on cannot measure the model any more.

    Returns:
        How many texts were written.

    Raises:
        StoreError: there is no store, or it cannot be read.
        ReportError: there is no label, or the file cannot be written.
    """
    with read_job(settings) as job, job.database.read() as connection:
        given = store.load_labels(connection)
    given = given[given["half"].isin(halves)]
    said = labels.consensus(given)
    texts = dict(zip(given["item_id"], given["text"], strict=True))
    rows = pd.DataFrame({"text": [texts[item_id] for item_id in said], "label": list(said.values())}, dtype="str")
    if rows.empty:
        raise ReportError("nobody has labelled a headline of this half yet", hint="see 'sentinel label queue'")
    report.write_training_table(destination, rows)
    return len(rows)


class QueueDesk:
    """What one person is asked, out of the store."""

    def __init__(self, database: store.Database, labeller: str, now: Callable[[], datetime]) -> None:
        self._database = database
        self._labeller = labeller
        self._now = now
        self._skipped: list[str] = []
        self.n_answers = 0

    def next(self) -> labels.Question | None:
        """Give the next headline without an answer, those that were skipped last."""
        with self._database.read() as connection:
            waiting = store.load_queue(connection, unanswered_by=self._labeller)
        if waiting.empty:
            return None
        skipped_at = waiting["item_id"].map({item_id: place for place, item_id in enumerate(self._skipped)}).fillna(-1)
        return _question(waiting.iloc[int(skipped_at.to_numpy().argmin())])

    def find(self, item_id: str) -> labels.Question | None:
        """Give a headline of the queue with what this person said of it."""
        with self._database.read() as connection:
            queue = store.load_queue(connection)
            given = store.load_labels(connection)
        found = queue[queue["item_id"] == item_id]
        mine = given[(given["item_id"] == item_id) & (given["labeller"] == self._labeller)]["label"]
        return None if found.empty else _question(found.iloc[0], label=next(iter(mine), ""))

    def answer(self, item_id: str, label: str) -> None:
        """Store an answer."""
        with self._database.write() as connection:
            store.save_label(connection, item_id, label, labeller=self._labeller, now=self._now())
        self.n_answers += 1

    def skip(self, item_id: str) -> None:
        """Put a headline behind the others."""
        self._skipped = [*(other for other in self._skipped if other != item_id), item_id]

    def progress(self) -> tuple[int, int]:
        """Tell how many have an answer, and how many there are."""
        with self._database.read() as connection:
            n_all = len(store.load_queue(connection))
            n_left = len(store.load_queue(connection, unanswered_by=self._labeller))
        return n_all - n_left, n_all


@contextmanager
def serve_labels(
    settings: Settings, *, labeller: str, port: int = 0, now: Callable[[], datetime] = utc_now
) -> Iterator[tuple[str, Callable[[], None], QueueDesk]]:
    """Open the page that asks one person about the queue.

    Args:
        settings: the settings in force.
        labeller: who answers.
        port: of the loopback; 0 for any that is free.
        now: clock, aware UTC.

    Returns:
        The address to open, what serves it until it is interrupted, and the desk.

    Raises:
        StoreError: there is no store, or nothing is queued.
        ConfigError: the port cannot be used.
    """
    with read_job(settings, now=now) as job:
        desk = QueueDesk(job.database, labeller, now)
        if not desk.progress()[1]:
            raise StoreError("no headline is queued", where=job.database.name, hint="run 'sentinel label queue'")
        try:
            opened = labels.open_label_server(desk, render=report.render_label, script=report.label_script(), port=port)
            with opened as (url, serve):
                yield url, serve, desk
        except OSError as error:
            raise ConfigError(f"port {port} cannot be used: {error.strerror or error}", where="--port") from error


def _question(row: pd.Series, *, label: str = "") -> labels.Question:
    return labels.Question(row["item_id"], row["text"], row["feed"], row["first_seen"].date().isoformat(), label)
