"""Labels from the queue to the page: asked for in a table or on a page, kept by person, counted on the random half."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import urllib.request
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from conftest import SENTINEL, clean_environment
from jobs import NOON, Clock, build_settings, feed_entry, job_in, news, query, serve_feeds
from test_cli import assert_one_line, sentinel

from sentinel import pipeline
from sentinel.errors import ReportError, StoreError
from sentinel.model.training.datasets import read_labelled
from sentinel.model.training.recipe import LabelFile
from sentinel.pipeline.labelled import load_labelled
from sentinel.store import save_label

if TYPE_CHECKING:
    from sentinel.config import Settings

pytestmark = pytest.mark.usefixtures("_own_logs")

N_HEADLINES = 40
HEADLINES = [
    f"{name} {said}"
    for name in (
        "Barrowgate",
        "Lantry",
        "Holmstead",
        "Corvale",
        "Ostrey",
        "Tamsin",
        "Velden",
        "Quarrie",
        "Ingram",
        "Sable",
    )
    for said in (
        "net profit rises 30 percent on strong demand",
        "quarterly loss widens as sales slump",
        "names new head of sales for the region",
        "shares little changed before results",
    )
]


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of forty scored headlines."""
    folder = tmp_path_factory.mktemp("scored")
    with serve_feeds() as server:
        server.routes["/wire"] = news(*((title, NOON) for title in HEADLINES))
        with job_in(folder, feed_entry("wire", server.url("/wire"))) as job:
            pipeline.run_step(job, pipeline.collect)
            pipeline.run_step(job, pipeline.score)
    return folder


@pytest.fixture
def settings(scored: Path, tmp_path: Path) -> Settings:
    shutil.copytree(scored, tmp_path, dirs_exist_ok=True)
    return build_settings(tmp_path)


@pytest.fixture
def folder(scored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with that store and a feeds file."""
    shutil.copytree(scored, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "feeds.yaml").write_text(json.dumps({"feeds": [feed_entry("wire", "http://127.0.0.1:9/")]}))
    return tmp_path


def queue(settings: Settings, n_wanted: int, **more: Any) -> pipeline.Queued:
    return pipeline.queue_labels(settings, n_wanted, **{"n_days": 7, "seed": 1, "now": Clock(), **more})


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def fill_in(path: Path, labels: list[str]) -> None:
    rows = rows_of(path)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ["item_id", "label"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows({**row, "label": label} for row, label in zip(rows, labels, strict=True))


def halves(settings: Settings) -> list[tuple[str, int, int]]:
    return query(
        Path(settings.store),
        "SELECT half, COUNT(*), MIN(seed) FROM label_queue GROUP BY half ORDER BY half",
    )


# --- queue and tables ------------------------------------------------------------------------------------------


def test_a_queue_keeps_half_seed_and_model_and_shows_neither_in_the_table(settings: Settings, tmp_path: Path) -> None:
    queued = queue(settings, 10, seed=7, destination=str(tmp_path / "labels.csv"))
    assert queued == pipeline.Queued(n_influence=5, n_random=5, n_written=10)
    assert halves(settings) == [("influence", 5, 7), ("random", 5, 7)]
    rows = rows_of(tmp_path / "labels.csv")
    assert list(rows[0]) == ["item_id", "day", "feed", "text", "label"]
    assert {row["text"] for row in rows} < set(HEADLINES)
    assert {(row["day"], row["feed"], row["label"]) for row in rows} == {("2026-03-02", "wire", "")}


def test_a_second_queue_asks_about_others_until_there_are_none(settings: Settings) -> None:
    assert queue(settings, 2 * N_HEADLINES).n_random == N_HEADLINES
    with pytest.raises(ReportError, match="no headline of the last 7 days is left"):
        queue(settings, 10)


def test_labels_of_a_table_are_kept_by_person_and_the_last_one_counts(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    queue(settings, 4, destination=str(path))
    fill_in(path, ["positive", "negative", "", "neutral"])
    assert pipeline.import_labels(settings, path, labeller="Ann", now=Clock()) == pipeline.ImportedLabels(3, 0)
    queue(settings, 0, destination=str(path), unanswered_by="Ann")
    assert len(rows_of(path)) == 1
    queue(settings, 0, destination=str(path), unanswered_by="Bob")
    fill_in(path, ["positive"] * 4)
    pipeline.import_labels(settings, path, labeller="Bob", now=Clock())
    fill_in(path, ["neutral"] * 4)
    pipeline.import_labels(settings, path, labeller="Bob", now=Clock())
    measured = pipeline.label_agreement(settings)
    assert (measured.counts, measured.n_shared) == ({"Ann": 3, "Bob": 4}, 3)
    assert measured.pairs[0].agreed == pytest.approx(1 / 3)


def test_labels_of_items_that_nobody_was_asked_about_are_left_out(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    queue(settings, 1, destination=str(path))
    with path.open("a", encoding="utf-8") as stream:
        stream.write("unknown,,,,positive\r\n")
    assert pipeline.import_labels(settings, path, labeller="Ann", now=Clock()) == pipeline.ImportedLabels(0, 1)


def test_labels_are_handed_to_training_without_the_half_that_measures(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    queue(settings, 8, destination=str(path))
    fill_in(path, ["positive"] * 8)
    pipeline.import_labels(settings, path, labeller="Ann", now=Clock())
    target = tmp_path / "train.csv"
    assert pipeline.export_labels(settings, target, halves=("influence",)) == 4
    file = LabelFile(path="train.csv", name="own", licence="own", source="our feeds")
    frame, _ = read_labelled([file], tmp_path, validation_share=0.0, test_share=0.0)
    assert list(frame["label"]) == ["positive"] * 4
    assert set(frame["text"]) < set(HEADLINES)
    assert pipeline.export_labels(settings, target, halves=("influence", "random")) == 8


def test_without_a_label_there_is_nothing_to_train_on(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="nobody has labelled"):
        pipeline.export_labels(settings, tmp_path / "train.csv", halves=("influence",))


# --- the page of a day -----------------------------------------------------------------------------------------


def label_all(settings: Settings, label: str, *, now: Clock) -> None:
    with pipeline.open_job(settings, now=now) as job, job.database.write() as connection:
        for (item_id,) in query(Path(settings.store), "SELECT item_id FROM label_queue"):
            save_label(connection, item_id, label, labeller="Ann", now=now())


def trust(settings: Settings, now: Clock) -> str:
    with pipeline.open_job(settings, now=now) as job:
        pipeline.write_reports(job, [now().date()])
    page = (settings.reports / now().date().isoformat() / "index.html").read_text(encoding="utf-8")
    return " ".join(re.findall(r"<li>([^<]*labelled by people[^<]*)</li>", page))


def test_the_page_tells_how_often_the_model_reads_as_people_do(settings: Settings) -> None:
    now = Clock()
    assert trust(settings, now) == ""
    queue(settings, 2 * N_HEADLINES)
    label_all(settings, "neutral", now=now)
    statement = "SELECT SUM(neutral > negative AND neutral > positive) FROM scores"
    n_right = query(Path(settings.store), statement)[0][0]
    assert 0 < n_right < N_HEADLINES
    said = trust(settings, now)
    begin = "Of 40 headlines drawn at random and labelled by people in the last 90 days, the model reads "
    assert said.startswith(f"{begin}{round(100 * n_right / 40)}% as people do (95% interval ")
    with pipeline.open_job(settings) as job:
        late, before = (load_labelled(job, NOON + timedelta(days=days)) for days in (91, -1))
    assert (late and late.n, before) == (0, None)


def test_the_page_says_that_there_are_too_few_labels(settings: Settings) -> None:
    queue(settings, 20)
    label_all(settings, "neutral", now=Clock())
    assert trust(settings, Clock()) == (
        "How often the model errs on these feeds is not known: 10 headlines drawn at random and labelled by people "
        "in the last 90 days, too few for a figure (30 are needed)."
    )


# --- commands --------------------------------------------------------------------------------------------------


def test_the_commands_lead_from_a_queue_to_agreement(folder: Path) -> None:
    result = sentinel("label", "queue", "--n", "6", "--days", "365", "--seed", "3", "-o", "labels.xlsx")
    assert (result.exit_code, result.stdout) == (0, "labels.xlsx\n")
    assert result.stderr == "sentinel: queued 3 by influence and 3 at random (seed 3), 6 written\n"
    book = openpyxl.load_workbook(folder / "labels.xlsx")
    for row in range(2, 8):
        book["Labels"].cell(row, 5).value = "positive" if row % 2 else "negative"
    book.save(folder / "labels.xlsx")
    for name in ("Ann", "Bob Ray"):
        result = sentinel("label", "import", "labels.xlsx", "--by", name)
        assert (result.exit_code, result.stderr) == (0, f"sentinel: 6 labels of {name} stored\n")
    result = sentinel("label", "agreement")
    assert [re.split(r"\s{2,}", line) for line in result.stdout.splitlines()] == [
        ["who", "headlines", "agreed", "Cohen's kappa"],
        ["Ann", "6"],
        ["Bob Ray", "6"],
        ["Ann and Bob Ray", "6", "100%", "1.00"],
    ]
    assert result.stderr == "sentinel: 6 headlines labelled by several, Fleiss' kappa 1.00, 0 tied\n"
    as_json = json.loads(sentinel("label", "agreement", "--json").stdout)
    assert (as_json["fleiss_kappa"], as_json["labellers"]) == (1.0, {"Ann": 6, "Bob Ray": 6})
    result = sentinel("label", "export", "-o", "train.csv")
    assert (result.exit_code, result.stderr) == (0, "sentinel: 3 labelled texts\n")


def test_what_cannot_be_done_is_one_line(folder: Path) -> None:
    assert_one_line(sentinel("label", "queue", "-o", "labels.ods"), 2, "labels.ods", "use .csv, .xlsx")
    assert_one_line(sentinel("label", "import", "none.csv", "--by", "Ann"), 2, "none.csv", "No such file")
    assert_one_line(sentinel("label", "import", "none.csv", "--by", "<b>"), 2, "is not a name")
    assert_one_line(sentinel("label", "serve", "--by", "Ann"), 1, "no headline is queued", "sentinel label queue")


def test_serving_asks_in_a_browser_until_it_is_interrupted(folder: Path) -> None:
    sentinel("label", "queue", "--n", "4", "--days", "365")
    command = [*SENTINEL, "label", "serve", "--by", "Ann"]
    with subprocess.Popen(
        command, cwd=folder, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        url = (process.stdout.readline() if process.stdout else "").strip()
        with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310  # the loopback
            page = answer.read().decode()
        item = re.search(r'name="item" value="([^"]+)"', page)
        secret = re.search(r'name="secret" value="([^"]+)"', page)
        assert item
        assert secret
        form = f"secret={secret[1]}&item={item[1]}&answer=positive".encode()
        with urllib.request.urlopen(url, form, timeout=20) as answer:  # noqa: S310
            assert "1 of 4" in answer.read().decode()
        os.kill(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 0
    assert said.endswith("sentinel: answers of Ann stored: 1\n")
    assert query(folder / "sentinel.db", "SELECT labeller, label FROM labels") == [("Ann", "positive")]


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store yet"):
        queue(build_settings(tmp_path), 5)
    assert list(tmp_path.iterdir()) == []
