"""An export is the day files' rows: of any days, of a topic, with chosen columns, in four formats."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from jobs import NOON, build_settings, job_in

from sentinel import pipeline
from sentinel.cli import main
from sentinel.config import build_sample_settings
from sentinel.errors import ConfigError, ReportError, StoreError, TableError
from sentinel.report.workbook_reader import read_sheet
from sentinel.sample import sample_clock, serve_sample

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import EndedRun

    from sentinel.config import Settings

FIRST, LAST = date(2026, 3, 2), date(2026, 3, 11)


@pytest.fixture(scope="module")
def settings(sample_run: EndedRun) -> Settings:
    with serve_sample() as server:
        return build_sample_settings(server.feeds, sample_run.folder, {}, watchlist=server.watchlist)


@pytest.fixture
def export(settings: Settings, tmp_path: Path) -> Callable[..., Path]:
    """Give a function that exports days of the sample run into a file and returns it."""

    def write(name: str = "rows.csv", **changes: Any) -> Path:
        wanted: dict[str, Any] = {"kind": "items", "first": FIRST, "last": LAST, "now": lambda: sample_clock()[-1]}
        pipeline.export_rows(settings, str(tmp_path / name), **wanted | changes)
        return tmp_path / name

    return write


def read_rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), strict=True))


def day_rows(run: EndedRun, name: str) -> list[dict[str, str]]:
    return [row for path in sorted((run.folder / "reports").glob(f"2026-*/{name}")) for row in read_rows(path)]


@pytest.mark.parametrize("kind", ["items", "daily"])
def test_export_of_all_days_is_their_files_one_after_another(
    export: Callable[..., Path], sample_run: EndedRun, kind: str
) -> None:
    rows = read_rows(export(kind=kind))
    expected = day_rows(sample_run, f"{kind}.csv")
    assert rows == expected
    assert len({row.get("day", row.get("local_date")) for row in rows}) == 10


def test_export_of_one_day_is_its_file(export: Callable[..., Path], sample_run: EndedRun) -> None:
    written = export(first=LAST, last=LAST).read_bytes()
    assert written == (sample_run.folder / "reports" / str(LAST) / "items.csv").read_bytes()


@pytest.mark.parametrize(
    "topic", ["market", "energy", "theme:energy", "sector:financials", "kind:markets", "feed:wire"]
)
def test_export_of_a_topic_has_the_items_that_its_mood_counts(
    export: Callable[..., Path], sample_run: EndedRun, topic: str
) -> None:
    counted: dict[str, int] = {}
    kinds = set()
    for row in day_rows(sample_run, "daily.csv"):
        if topic in (row["topic"], f"{row['topic_kind']}:{row['topic']}"):
            kinds.add(row["topic_kind"])
            counted[row["day"]] = max(counted.get(row["day"], 0), int(row["n_items"]))
    written: dict[str, int] = {}
    for row in read_rows(export(topic=topic)):
        written[row["local_date"]] = written.get(row["local_date"], 0) + 1
    if len(kinds) == 1:
        assert written == {day: n_items for day, n_items in counted.items() if n_items}
    else:
        assert all(written[day] >= n_items for day, n_items in counted.items() if n_items)
    assert sum(written.values()) > 0


def test_export_of_moods_of_a_topic_has_its_rows_alone(export: Callable[..., Path], sample_run: EndedRun) -> None:
    rows = read_rows(export(kind="daily", topic="theme:rates", columns=("day", "mood", "change")))
    expected = [
        row for row in day_rows(sample_run, "daily.csv") if (row["topic_kind"], row["topic"]) == ("theme", "rates")
    ]
    assert rows == [{name: row[name] for name in ("day", "mood", "change")} for row in expected]
    assert rows


def test_four_formats_hold_the_same_rows(export: Callable[..., Path]) -> None:
    columns = ("title", "first_seen", "local_date", "weight", "n_items")[:4]
    texts = read_rows(export("rows.csv", columns=columns))
    objects = [json.loads(line) for line in export("rows.jsonl", columns=columns).read_text("utf-8").splitlines()]
    table = pq.read_table(export("rows.parquet", columns=columns))
    head, *sheet = read_sheet(export("rows.xlsx", columns=columns), "Items")
    assert tuple(objects[0]) == tuple(texts[0]) == tuple(table.column_names) == tuple(head.values()) == columns
    assert [row["title"] for row in objects] == table.column("title").to_pylist() == [cells[0] for cells in sheet]
    assert [float(row["weight"]) for row in texts] == table.column("weight").to_pylist()
    assert [row["weight"] for row in objects] == [cells[3] for cells in sheet] == table.column("weight").to_pylist()
    times = [pd.Timestamp(row["first_seen"]) for row in texts]
    assert times == [pd.Timestamp(row["first_seen"]) for row in objects] == table.column("first_seen").to_pylist()
    serial = [(time.tz_localize(None) - pd.Timestamp("1899-12-30")) / pd.Timedelta(days=1) for time in times]
    assert [cells[1] for cells in sheet] == pytest.approx(serial, abs=1e-6)


@pytest.mark.parametrize("name", ["rows.csv", "rows.jsonl", "rows.parquet", "rows.xlsx"])
def test_the_same_export_is_the_same_file(export: Callable[..., Path], name: str) -> None:
    once = export(name).read_bytes()
    assert export(name).read_bytes() == once


def test_parquet_says_what_its_columns_mean_and_whose_scores_they_are(export: Callable[..., Path]) -> None:
    schema = pq.read_schema(export("rows.parquet"))
    assert str(schema.field("first_seen").type) == "timestamp[us, tz=UTC]"
    assert str(schema.field("local_date").type) == "date32[day]"
    assert schema.field("polarity").metadata[b"unit"] == b"difference of two shares, -1 to 1"
    assert schema.metadata[b"sentinel.first_day"] == b"2026-03-02"
    assert len(schema.metadata[b"sentinel.model_id"]) == 12


def test_a_topic_or_column_that_is_not_known_is_named_beside_those_that_are(export: Callable[..., Path]) -> None:
    with pytest.raises(
        ConfigError, match=r"no topic 'nergy'; market: market; .*theme: .*energy.*did you mean energy\?"
    ):
        export(topic="nergy")
    with pytest.raises(ConfigError, match=r"items have no column 'mood'; there are item_id, .*story_id"):
        export(columns=("title", "mood"))
    with pytest.raises(ConfigError, match="'title' is named twice"):
        export(columns=("title", "title"))


def test_an_export_without_rows_says_so_and_leaves_the_file_of_before(
    export: Callable[..., Path], tmp_path: Path
) -> None:
    (tmp_path / "rows.csv").write_text("of before")
    with pytest.raises(ReportError, match="nothing to export from 2025-03-02 to 2025-03-03"):
        export(first=date(2025, 3, 2), last=date(2025, 3, 3))
    with pytest.raises(ReportError, match=r"nothing to export.*sentinel report"):
        export(kind="daily", first=date(2025, 3, 2), last=date(2025, 3, 3))
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("rows.csv", "of before")]


def test_a_name_that_is_no_table_and_a_folder_that_is_not_there_are_refused(export: Callable[..., Path]) -> None:
    with pytest.raises(TableError, match=r"rows\.ods: not a kind of table this writes"):
        export("rows.ods")
    with pytest.raises(ReportError, match="there is no such folder"):
        export("none/rows.csv")


def test_export_makes_no_store_and_needs_no_lock(tmp_path: Path) -> None:
    settings = build_settings(tmp_path)
    days = {"first": NOON.date(), "last": NOON.date(), "now": lambda: NOON}
    with pytest.raises(StoreError, match="there is no store yet"):
        pipeline.export_rows(settings, "-", kind="items", **days)
    assert list(tmp_path.iterdir()) == []
    with job_in(tmp_path), pytest.raises(ReportError, match="nothing to export"):
        pipeline.export_rows(settings, "-", kind="items", **days)


def test_export_command_prints_csv_and_one_line(tmp_path: Path, sample_run: EndedRun) -> None:
    config = tmp_path / "feeds.yaml"
    store = sample_run.folder / "sentinel-sample.db"
    config.write_text(f"store: {store}\nfeeds: [{{name: wire, url: 'https://wire.example/', kind: markets}}]\n")
    arguments = ["export", "--config", str(config), "--from", "2026-03-11", "--to", "2026-03-11"]
    ended = CliRunner().invoke(main, [*arguments, "--columns", "item_id, polarity"])
    expected = [
        (row["item_id"], row["polarity"])
        for row in day_rows(sample_run, "items.csv")
        if row["local_date"] == "2026-03-11"
    ]
    rows = list(csv.reader(io.StringIO(ended.stdout_bytes.decode("utf-8-sig"), newline="")))
    assert rows == [["item_id", "polarity"], *map(list, expected)]
    assert ended.stderr == f"sentinel: {len(expected)} rows\n"
    backwards = CliRunner().invoke(
        main, ["export", "--config", str(config), "--from", "2026-03-11", "--to", "2026-03-10"]
    )
    assert (backwards.exit_code, backwards.stdout) == (2, "")
    assert "--to lies before --from" in backwards.stderr
    unknown = CliRunner().invoke(main, [*arguments, "--topic", "nothing"])
    assert (unknown.exit_code, unknown.stdout, unknown.stderr.count("\n")) == (2, "", 1)
