"""A scored archive becomes moods by day, whatever it is cut into."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sentinel import pipeline
from sentinel.archive import Work, days, score_archive, score_locally, sum_archive
from sentinel.errors import ArchiveError, TableError
from sentinel.mood import build_moods, moods_of_sums, weigh_items
from sentinel.records import DAY_SUM_COLUMNS, LABELS, MOOD_COLUMNS
from tests.archive.scorers import load

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
FIRST = date(2024, 1, 1)


def scored_archive(tmp_path: Path, **shards: list[tuple[Any, str]]) -> str:
    """Score shards of (time, text) and give the folder."""
    (tmp_path / "news").mkdir()
    for name, rows in shards.items():
        times, texts = zip(*rows, strict=True)
        pq.write_table(pa.table({"published": list(times), "text": list(texts)}), tmp_path / "news" / f"{name}.parquet")
    work = Work(str(tmp_path / "news"), str(tmp_path / "scored"), "text", "m1")
    score_archive(work, lambda work, missing: score_locally(work, missing, load, n_processes=1))
    return str(tmp_path / "scored")


def sums(spec: str, timezone: str = "UTC") -> days.ArchiveDays:
    return sum_archive(spec, time_column="published", timezone=timezone, now=NOW)


def test_archive_is_summed_by_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Items, polarities and labels of a day are summed over shards and parts of them."""
    monkeypatch.setattr(days, "ROWS_AT_ONCE", 2)
    found = sums(
        scored_archive(
            tmp_path,
            a=[("2024-01-01T08:00Z", "Profit rises"), ("2024-01-03", "Profit falls"), ("2024-01-01", "Meeting")],
            b=[("2024-01-01T23:59:59Z", "Profit falls")],
        )
    )
    assert found.sums.columns.tolist() == list(DAY_SUM_COLUMNS)
    assert found.sums.round(6).to_numpy().tolist() == [
        [date(2024, 1, 1), 3.0, 0.1, 0.61, 1.0, 1.0, 1.0],
        [date(2024, 1, 3), 1.0, -0.5, 0.25, 1.0, 0.0, 0.0],
    ]
    assert (found.model_id, found.n_undated) == ("m1", 0)


def test_archive_days_are_those_of_the_zone(tmp_path: Path) -> None:
    """A time with a zone falls on the day it has there; one without is of that zone."""
    spec = scored_archive(tmp_path, a=[("2024-01-02T03:00Z", "Profit rises"), ("2024-01-02T03:00", "Profit rises")])
    assert sums(spec, "America/New_York").sums["day"].tolist() == [date(2024, 1, 1), date(2024, 1, 2)]


@pytest.mark.parametrize("times", [["2024-01-02", "soon", None, "1850-01-01", "2024-06-02", "0001-01-01"]])
def test_archive_rows_without_a_day_are_counted(tmp_path: Path, times: list[str | None]) -> None:
    """A time that is unreadable, absent, before 1900 or yet to come is no day; a row without scores is not counted."""
    spec = scored_archive(tmp_path, a=[(time, "Profit rises") for time in times], b=[("2024-01-02", "")])
    found = sums(spec)
    assert (found.sums["n_items"].tolist(), found.n_undated) == ([1.0], 5)


@pytest.mark.parametrize("unit", ["s", "us"])
def test_archive_reads_timestamps(tmp_path: Path, unit: str) -> None:
    """Times of Parquet are read by their type."""
    times = [datetime(2024, 1, 2, 23, tzinfo=UTC), None]
    (tmp_path / "news").mkdir()
    table = pa.table({"published": pa.array(times, pa.timestamp(unit, "UTC")), "text": ["Profit rises"] * 2})
    pq.write_table(table, tmp_path / "news" / "a.parquet")
    work = Work(str(tmp_path / "news"), str(tmp_path / "scored"), "text", "m1")
    score_archive(work, lambda work, missing: score_locally(work, missing, load, n_processes=1))
    found = sums(str(tmp_path / "scored"))
    assert (found.sums["day"].tolist(), found.n_undated) == ([date(2024, 1, 2)], 1)


def test_archive_that_is_not_finished_has_no_days(tmp_path: Path) -> None:
    """Without a manifest, or without a file that it names, nothing is summed."""
    spec = scored_archive(tmp_path, a=[("2024-01-02", "Profit rises")])
    (tmp_path / "scored" / "a.parquet").rename(tmp_path / "away")
    with pytest.raises(ArchiveError, match=r"a\.parquet: cannot be read"):
        sums(spec)
    (tmp_path / "scored" / "manifest.json").unlink()
    with pytest.raises(ArchiveError, match="has no manifest"):
        sums(spec)


def test_archive_without_the_time_column_says_which_it_has(tmp_path: Path) -> None:
    """A missing column is named with those that are there."""
    spec = scored_archive(tmp_path, a=[("2024-01-02", "Profit rises")])
    with pytest.raises(TableError, match="has no column 'date'; it has published, text"):
        sum_archive(spec, time_column="date", timezone="UTC", now=NOW)


# --- moods of sums ---------------------------------------------------------------------------------------------------


@pytest.fixture
def items() -> pd.DataFrame:
    """Give items of one feed over 200 days, some of them without news, each a story of its own."""
    random = np.random.default_rng(5)
    day = np.sort(random.choice(np.setdiff1d(np.arange(200), [7, 8, 60, *range(100, 110)]), 6_000))
    probabilities = random.dirichlet([1.0, 1.5, 1.2], len(day)).astype(np.float32)
    times = pd.Series([datetime(2024, 1, 1, 9, tzinfo=UTC) + timedelta(days=int(offset)) for offset in day])
    return pd.DataFrame(
        {
            "item_id": [f"{number:05}" for number in range(len(day))],
            "feed": "wire",
            "published": times.astype("datetime64[us, UTC]"),
            "first_seen": times.astype("datetime64[us, UTC]"),
            **{label: probabilities[:, place] for place, label in enumerate(LABELS)},
        }
    )


def sums_of(weighed: pd.DataFrame) -> pd.DataFrame:
    by_day = weighed.assign(squared=weighed["polarity"].astype(float) ** 2).groupby("day")
    frame = pd.DataFrame(
        {
            "n_items": by_day.size().astype(float),
            "sum_polarity": by_day["polarity"].sum().astype(float),
            "sum_polarity_squared": by_day["squared"].sum(),
            **{
                f"n_{label}": by_day["label"].agg(lambda found, label=label: float((found == label).sum()))
                for label in LABELS
            },
        }
    )
    return frame.reset_index()


def test_moods_of_sums_are_those_of_their_items(items: pd.DataFrame) -> None:
    """Every figure of a day but the interval is what the items themselves give."""
    weighed = weigh_items(items, {}, timezone="UTC")
    last = weighed["day"].max()
    of_items = build_moods(weighed, first_day=FIRST, last_day=last, interval_days=[])
    expected = of_items[of_items["topic_kind"] == "market"].reset_index(drop=True)
    found = moods_of_sums(sums_of(weighed))
    assert found.columns.tolist() == list(MOOD_COLUMNS)
    intervals = ["low", "high"]
    pd.testing.assert_frame_equal(
        found.drop(columns=intervals), expected.drop(columns=intervals), check_dtype=False, rtol=1e-5, atol=1e-5
    )
    assert found["mood"].isna().sum() >= 13


def test_moods_of_sums_have_nearly_the_intervals_of_the_bootstrap(items: pd.DataFrame) -> None:
    """With thirty stories a day the normal interval and the bootstrap's are a fraction of their width apart."""
    weighed = weigh_items(items, {}, timezone="UTC")
    of_items = build_moods(weighed, first_day=FIRST, last_day=weighed["day"].max(), interval_days=[])
    expected = of_items[of_items["topic_kind"] == "market"].reset_index(drop=True)
    found = moods_of_sums(sums_of(weighed))
    width = (expected["high"] - expected["low"]).mean()
    assert (found["low"] - expected["low"]).abs().mean() < 0.05 * width
    assert (found["high"] - expected["high"]).abs().mean() < 0.05 * width
    assert (found["high"] - found["low"]).mean() == pytest.approx(width, rel=0.03)


def test_moods_of_no_sums_are_none() -> None:
    """Without a day there is no mood."""
    assert moods_of_sums(pd.DataFrame(columns=list(DAY_SUM_COLUMNS))).empty


def test_moods_of_an_archive_are_a_table(tmp_path: Path) -> None:
    """The table has the columns of daily.csv that were asked for, a row per day."""
    spec = scored_archive(tmp_path, a=[(f"2024-01-0{1 + row % 2}", "Profit rises") for row in range(10)])
    written = pipeline.export_archive_moods(
        spec,
        str(tmp_path / "moods.jsonl"),
        time_column="published",
        timezone="UTC",
        columns=("day", "mood", "n_items"),
        now=lambda: NOW,
    )
    assert written == (2, 0)
    rows = [json.loads(line) for line in (tmp_path / "moods.jsonl").read_text(encoding="utf-8").splitlines()]
    assert rows == [{"day": f"2024-01-0{day}", "mood": 30.0, "n_items": 5} for day in (1, 2)]
