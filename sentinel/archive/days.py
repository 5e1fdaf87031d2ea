"""What a scored archive says of each day, summed row group by row group, so that any number of rows fits.

Comes in: a folder that ``score_archive`` has filled. Goes out: one row per day. Invariant: a row of the archive is
counted in one day, or as one without a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sentinel.archive.archives import read_manifest
from sentinel.archive.folders import Folder
from sentinel.archive.items import CLOCK_ERROR, check_zone, read_times
from sentinel.errors import ArchiveError, TableError
from sentinel.records import DAY_SUM_COLUMNS, LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS_AT_ONCE = 65_536
FIRST_DAY = date(1900, 1, 1)


@dataclass(frozen=True)
class ArchiveDays:
    """A scored archive by days.

    Attributes:
        sums: frame with DAY_SUM_COLUMNS, a row per day with scored rows, sorted.
        model_id: of the model that scored it.
        n_undated: scored rows without a readable time since FIRST_DAY that has come.
    """

    sums: pd.DataFrame
    model_id: str
    n_undated: int


def sum_archive(spec: str, *, time_column: str, timezone: str, now: datetime) -> ArchiveDays:
    """Sum a scored archive by days.

    Args:
        spec: folder or URL that ``score_archive`` has filled.
        time_column: column with the time, as in ``read_archived_items``.
        timezone: IANA name of the zone that days are counted in, and that a time without zone is in.
        now: aware UTC; later times cannot be true.

    Returns:
        The sums by day.

    Raises:
        ArchiveError: the archive is not finished, or a file of it is missing or damaged.
        TableError: a file lacks the column, or there is no such zone.
    """
    check_zone(timezone)
    folder = Folder.open(spec)
    manifest = read_manifest(folder)
    n_days = (now.date() - FIRST_DAY).days + 2
    sums = np.zeros((n_days, len(DAY_SUM_COLUMNS) - 1))
    n_undated = 0
    for shard in manifest["shards"]:
        if shard["failure"]:
            continue
        for rows in _scored_rows(folder, shard["file"], time_column):
            day, is_dated = _days(rows[time_column], timezone, now)
            n_undated += int((~is_dated).sum())
            _add(sums, day[is_dated], rows[is_dated])
    has_news = np.flatnonzero(sums[:, 0])
    frame = pd.DataFrame(sums[has_news], columns=list(DAY_SUM_COLUMNS[1:]))
    frame.insert(0, DAY_SUM_COLUMNS[0], [FIRST_DAY + timedelta(days=int(day)) for day in has_news])
    return ArchiveDays(frame, manifest["model_id"], n_undated)


def _scored_rows(folder: Folder, name: str, time_column: str) -> Iterator[pd.DataFrame]:
    """Give the time, polarity and label of a file's scored rows, a part at a time."""
    try:
        with folder.open_file(name) as stream, pq.ParquetFile(stream) as file:
            if time_column not in file.schema_arrow.names:
                raise TableError(
                    f"has no column {time_column!r}; it has {', '.join(file.schema_arrow.names)}",
                    where=name,
                    hint="name it with --time-column",
                )
            for batch in file.iter_batches(ROWS_AT_ONCE, columns=[time_column, "polarity", "label"]):
                table = pa.Table.from_batches([batch]).filter(batch.column("polarity").is_valid())
                yield table.to_pandas(types_mapper=pd.ArrowDtype, ignore_metadata=True)
    except (OSError, pa.ArrowException) as error:
        cause = next(iter(str(error).splitlines()), type(error).__name__)
        raise ArchiveError(f"cannot be read: {cause}", where=name, hint="run 'sentinel archive' again") from error


def _days(values: pd.Series, timezone: str, now: datetime) -> tuple[np.ndarray, np.ndarray]:
    """Give the day of each time, counted from FIRST_DAY, and whether it has a day that can be true."""
    times = read_times(values, timezone)
    midnights = times.dt.tz_convert(timezone).dt.tz_localize(None).dt.normalize()
    days = (midnights - pd.Timestamp(FIRST_DAY)) // pd.Timedelta(days=1)
    is_dated = ((days >= 0) & (times <= now + CLOCK_ERROR)).to_numpy(dtype=bool)
    return days.fillna(-1).to_numpy(dtype=np.int64), is_dated


def _add(sums: np.ndarray, day: np.ndarray, rows: pd.DataFrame) -> None:
    polarity = rows["polarity"].to_numpy(dtype=np.float64)
    label = rows["label"].to_numpy(dtype=object)
    figures: list[Any] = [np.ones_like(polarity), polarity, polarity**2, *(label == name for name in LABELS)]
    for place, values in enumerate(figures):
        sums[:, place] += np.bincount(day, weights=values, minlength=len(sums))
