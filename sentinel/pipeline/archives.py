"""An archive of shards: the model that scores it, and the moods of its days."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sentinel import archive, mood, report
from sentinel.errors import ArchiveError
from sentinel.model.bundle import PACKAGED, load_bundle
from sentinel.pipeline.job import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    import numpy as np


def score_archive(
    source: str,
    destination: str,
    *,
    text_column: str,
    model: str = PACKAGED,
    device: str = "auto",
    engine: Literal["local", "ray"] = "local",
    n_workers: int | None = None,
) -> archive.Archived:
    """Score an archive.

    Args:
        source: folder of tables, path or URL.
        destination: folder for the scored shards, path or URL.
        text_column: column with the text.
        model: "packaged", a directory or a hub id.
        device: "auto", "cpu", "cuda" or "cuda:N".
        engine: this machine, or a Ray cluster.
        n_workers: shards at a time; None for one per core, or per GPU.

    Returns:
        What came of it.

    Raises:
        TableError: the source is not there, or the destination cannot be written.
        ArchiveError: the destination holds other scores, or Ray is not there.
        ModelError: the model cannot be found or trusted.
        ConfigError: there is no such device here.
        LockHeldError: another run writes there.
    """
    work = archive.Work(_anywhere(source), _anywhere(destination), text_column, load_bundle(model).model_id)
    load_score = partial(load_scorer, _anywhere(model) if Path(model).is_dir() else model, device)

    def score(work: archive.Work, shards: Sequence[archive.Shard]) -> Iterator[archive.ShardRecord]:
        if engine == "ray":
            return archive.score_on_ray(work, shards, load_score, n_actors=n_workers)
        n_processes = min(n_workers or _usual_workers(device), len(shards))
        return archive.score_locally(work, shards, load_score, n_processes=n_processes)

    return archive.score_archive(work, score)


def _anywhere(place: str) -> str:
    """Name a place so that it is the same in every process, wherever that was started."""
    return place if "://" in place else str(Path(place).resolve())


def load_scorer(model: str, device: str, worker: int) -> Callable[[list[str]], np.ndarray]:
    """Load the scorer of one worker among several; each has a core of its own, or takes turns on the GPUs.

    Raises:
        ModelError: the model cannot be found, trusted or loaded, or reads obvious sentences wrongly.
        ConfigError: there is no such device here.
    """
    from sentinel.model.classifier import Classifier  # imports torch, which other commands need not wait for
    from sentinel.model.device import device_of_worker

    return Classifier.load(model, device=device_of_worker(device, worker)).probabilities


def _usual_workers(device: str) -> int:
    from sentinel.model.device import count_workers

    return count_workers(device)


def export_archive_moods(
    spec: str,
    destination: str,
    *,
    time_column: str,
    timezone: str,
    columns: tuple[str, ...] = (),
    now: Callable[[], datetime] = utc_now,
) -> tuple[int, int]:
    """Write the market's mood on every day of a scored archive.

    Args:
        spec: folder or URL that ``score_archive`` has filled.
        destination: path ending in .csv, .xlsx, .parquet or .jsonl, or "-" for CSV on standard output.
        time_column: column with the time of each row.
        timezone: IANA name of the zone that days are counted in, and that a time without zone is in.
        columns: of daily.csv, in order; without any, all.
        now: clock, aware UTC.

    Returns:
        How many days were written, and how many scored rows have no time.

    Raises:
        ArchiveError: the archive is not finished, or damaged.
        TableError: a file lacks the column, there is no such zone, or the destination is no kind of table.
        ConfigError: there is no such column.
        ReportError: there is nothing to write, or the file cannot be written.
    """
    report.check_destination(destination)
    chosen = report.choose_columns("daily", columns)
    days = archive.sum_archive(spec, time_column=time_column, timezone=timezone, now=now())
    if days.sums.empty:
        raise ArchiveError("no row of the archive has scores and a time", hint="name the column with --time-column")
    first, last = days.sums["day"].iloc[0], days.sums["day"].iloc[-1]
    extract = report.Extract("daily", chosen, first, last, timezone, days.model_id)
    rows = report.daily_rows(mood.moods_of_sums(days.sums), extract, first, report.Movement())
    return report.write_extract(destination, extract, [rows]), days.n_undated
