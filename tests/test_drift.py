"""From stored items to weeks compared, their page, and an alert on the newest of them."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd
import pytest
import yaml
from click.testing import CliRunner
from jobs import build_settings, feed_entry, job_in

from sentinel import pipeline, report, store
from sentinel.cli import main
from sentinel.errors import ReportError
from sentinel.pipeline.weeks import newest_drift, whole_weeks
from sentinel.records import LABELS

if TYPE_CHECKING:
    from pathlib import Path

LAST_MONDAY = date(2026, 2, 23)  # of the last whole week before jobs.NOON
USUAL = ("Harbour fees rise at Norland port", "Lantry mill shuts for repairs", "Barrowgate sells ten barges")
OTHER = ("Xylograph quizzers vex Qatzif jukebox", "Phlox wyverns jinx zydeco", "Fjord waltz quartz bequips glyphs")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Hold a store of nine weeks of a fixed score: eight alike, and a last one of other words and a better mood."""
    rows = [
        (number, LAST_MONDAY - timedelta(weeks=8 - week) + timedelta(days=number % 7), week)
        for week in range(9)
        for number in range(60)
    ]
    with (tmp_path / "news.csv").open("w", encoding="utf-8", newline="") as stream:
        titles = [f"{(OTHER if week == 8 else USUAL)[number % 3]}, {week} of {number}" for number, _, week in rows]
        times = [f"{day}T10:00:00Z" for _, day, _ in rows]
        csv.writer(stream).writerows([("published", "title"), *zip(times, titles, strict=True)])
    with job_in(tmp_path) as job:
        columns = {"text_column": "title", "time_column": "published", "timezone": "UTC"}
        pipeline.import_items(job, str(tmp_path / "news.csv"), feed="archive", **columns)
        with job.database.write() as connection:
            items = store.load_unscored(connection, model_id=job.bundle.model_id, limit=1_000)
            place = items["item_id"].rank().astype(int) % 7 / 20
            is_other = items["text"].str.startswith(tuple(words[:8] for words in OTHER))
            positive = (place + 0.3).where(is_other, place)
            scores = dict(zip(LABELS, (0.35 - positive / 2, 0.65 - positive / 2, positive), strict=True))
            scored = items[["item_id"]].assign(**scores)
            store.save_scores(connection, scored, model_id=job.bundle.model_id, now=job.now())
    return tmp_path


def test_the_week_of_other_words_and_moods_passes_both_limits(folder: Path) -> None:
    drifted = pipeline.measure_drift(build_settings(folder), last=LAST_MONDAY + timedelta(days=6))
    weeks = drifted.weeks
    assert weeks["week"].tolist() == [LAST_MONDAY - timedelta(weeks=ago) for ago in reversed(range(9))]
    assert weeks["n_items"].tolist() == [60] * 9
    assert weeks["passed"].tolist()[:8] == [""] * 8
    assert {"polarity", "novelty"} <= set(weeks["passed"].iloc[-1].split(","))
    assert weeks["pieces_per_word"].iloc[-1] > weeks["pieces_per_word"].iloc[0]
    assert weeks["accuracy"].isna().all()


def test_labels_of_a_week_measure_the_model_on_it(folder: Path) -> None:
    with job_in(folder) as job, job.database.read() as connection:
        span = {"start": job.now() - timedelta(days=6), "end": job.now(), "known_by": job.now()}
        items = store.load_scored_items(connection, model_id=job.bundle.model_id, **span)
    said = items[list(LABELS)].idxmax(axis=1)
    wrong = said.map({"negative": "neutral", "neutral": "positive", "positive": "negative"})
    labels = pd.DataFrame({"item_id": items["item_id"], "label": said.where(items.index % 2 == 0, wrong)})
    labels.head(20).to_csv(folder / "labels.csv", index=False)
    drifted = pipeline.measure_drift(
        build_settings(folder), last=LAST_MONDAY + timedelta(days=6), labels=str(folder / "labels.csv")
    )
    newest = drifted.weeks.iloc[-1]
    assert (newest["n_labels"], newest["accuracy"]) == (20, 0.5)
    assert newest["accuracy_low"] < 0.5 < newest["accuracy_high"]
    assert drifted.weeks["n_labels"].notna().sum() == 1


def test_the_page_is_one_file_without_a_script_and_the_same_each_time(folder: Path) -> None:
    drifted = pipeline.measure_drift(build_settings(folder), last=LAST_MONDAY + timedelta(days=6))
    pages = []
    for name in ("one.html", "two.html"):
        report.write_drift(folder / name, drifted)
        pages.append((folder / name).read_text(encoding="utf-8"))
    assert pages[0] == pages[1]
    assert "<script" not in pages[0]
    assert "1 of 9 weeks passed a limit; the week of 2026-02-23 passes the limit: polarity of the items" in pages[0]
    assert pages[0].count('<svg class="drift"') == 4
    assert pages[0].count(" (reference)") == 8


def test_the_newest_week_is_measured_for_the_rules(folder: Path) -> None:
    with job_in(folder) as job:
        figures = newest_drift(job)
    assert figures["polarity"] > 0.25
    assert figures["novelty"] > 0.5
    assert figures["unread"] == 0.0


def test_a_store_without_a_past_has_no_drift(tmp_path: Path) -> None:
    with job_in(tmp_path) as job:
        assert newest_drift(job) == {}
    with pytest.raises(ReportError, match="no whole week"):
        pipeline.measure_drift(build_settings(tmp_path), last=LAST_MONDAY)


def test_only_whole_weeks_are_compared() -> None:
    assert list(whole_weeks(date(2026, 2, 24), date(2026, 3, 14))) == [date(2026, 3, 2)]
    assert list(whole_weeks(date(2026, 2, 23), date(2026, 3, 8))) == [date(2026, 2, 23), date(2026, 3, 2)]


def test_the_command_writes_the_page_and_prints_the_weeks(folder: Path) -> None:
    settings = {
        "store": "sentinel.db",
        "reports": "reports",
        "feeds": [feed_entry("wire", "http://127.0.0.1:9/")],
    }
    (folder / "feeds.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    asked = ["drift", "--config", str(folder / "feeds.yaml"), "--to", "2026-03-01", "--reference-weeks", "4", "--json"]
    result = CliRunner().invoke(main, asked, catch_exceptions=False)
    assert result.exit_code == 0
    weeks = json.loads(result.stdout)
    assert [week["is_reference"] for week in weeks] == [True] * 4 + [False] * 5
    assert weeks[0]["accuracy"] is None
    assert (folder / "reports" / "drift.html").is_file()
