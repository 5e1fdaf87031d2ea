"""What a user meets at the terminal: results on standard output, one line on standard error, the right exit code."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from click.testing import CliRunner, Result
from conftest import SENTINEL, EndedRun, clean_environment
from jobs import LOSS, NOON, PROFIT, build_damaged_bundle, build_swapped_bundle, feed_entry, news, query, serve_feeds

from sentinel import pipeline
from sentinel.cli import main
from sentinel.figures import HEADLINE_FIGURES
from sentinel.lock import hold_lock
from sentinel.records import LABELS
from sentinel.store import database, open_database

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from http.server import BaseHTTPRequestHandler

    from feeds.conftest import FeedServer

pytestmark = pytest.mark.usefixtures("_own_logs")

STORE_FILES = {"sentinel.db", "sentinel.db-wal", "sentinel.db-shm"}
WIRE = "feeds: [{name: wire, url: 'http://127.0.0.1:9/', kind: markets, allow_private: true}]\n"
SHARED = Path(__file__).parents[1]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder with a feeds file whose one feed nobody serves."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "feeds.yaml").write_text(WIRE, encoding="utf-8")
    return tmp_path


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with serve_feeds() as feed_server:
        yield feed_server


def sentinel(*arguments: str, given: str | bytes = "", charset: str = "utf-8") -> Result:
    """Run a command in this process."""
    result = CliRunner(charset=charset).invoke(main, arguments, input=given, prog_name="sentinel")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result


def write_feeds(folder: Path, *entries: dict[str, object], **more: object) -> None:
    (folder / "feeds.yaml").write_text(yaml.safe_dump({"feeds": list(entries), **more}), encoding="utf-8")


def all_files(folder: Path) -> set[str]:
    """List the files below a folder but for the lock's, which means nothing and comes before all checks."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir() and path.suffix != ".lock"}


def assert_one_line(result: Result, code: int, *words: str) -> None:
    """Hold that a command ended with a code, one line that says the words, and no result."""
    assert (result.exit_code, result.stdout) == (code, "")
    line = result.stderr
    assert line.startswith("sentinel: ")
    assert line.endswith("\n")
    assert line.count("\n") == 1
    for word in words:
        assert word in line


# --- what is wrong with the settings ---------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["run", "collect", "score", "report", "check", "schedule"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("feds: []\n" + WIRE, ("feeds.yaml line 1", "feds", "unknown key")),
        (WIRE.replace("kind", "sort"), ("feeds.yaml line 1", "feeds[0]")),
        (WIRE.replace("http:", "ftp:"), ("feeds.yaml line 1", "feeds[0].url", "not an http or https address")),
        ("feeds: []\n", ("feeds.yaml", "names no feeds")),
        ("", ("feeds.yaml", "empty")),
        ("feeds: [\n", ("feeds.yaml", "not valid YAML")),
        (WIRE + "timezone: Mars/Olympus\n", ("feeds.yaml line 2", "timezone", "Mars/Olympus")),
    ],
    ids=["key", "feed-key", "url", "no-feeds", "empty", "yaml", "zone"],
)
def test_a_wrong_feeds_file_is_one_line_and_writes_nothing(
    folder: Path, command: str, content: str, words: tuple[str, ...]
) -> None:
    (folder / "feeds.yaml").write_text(content, encoding="utf-8")
    assert_one_line(sentinel(command), 2, *words)
    assert all_files(folder) == {"feeds.yaml"}


def test_a_missing_feeds_file_is_one_line(folder: Path) -> None:
    assert_one_line(sentinel("run", "--config", "other.yaml"), 2, "other.yaml: no such file", "--config")


def test_an_unknown_variable_is_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTINEL_STOER", "x.db")
    assert_one_line(sentinel("run"), 2, "SENTINEL_STOER: unknown variable")
    assert_one_line(sentinel("run", "--sample"), 2, "SENTINEL_STOER: unknown variable")
    assert all_files(folder) == {"feeds.yaml"}


@pytest.mark.parametrize("expression", ["0 6 32 * *", "61 * * * *", "0 0 30 2 *", "0 6 1 * mon"])
def test_a_wrong_schedule_is_one_line(folder: Path, expression: str) -> None:
    (folder / "feeds.yaml").write_text(f"schedule: ['{expression}']\n{WIRE}", encoding="utf-8")
    for command in ("schedule", "check", "run", "collect"):
        assert_one_line(sentinel(command), 2, "feeds.yaml line 1, schedule[0]", repr(expression))
    assert all_files(folder) == {"feeds.yaml"}


# --- wrong usage -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--loud"], ("--loud", "see sentinel --help")),
        (["walk"], ("'walk'", "see sentinel --help")),
        (["feeds", "walk"], ("'walk'", "see sentinel feeds --help")),
        (["run", "--loud"], ("--loud", "see sentinel run --help")),
        (["run", "--day", "2026-02-30"], ("'--day'", "2026-02-30")),
        (["run", "--day", "tomorrow"], ("'--day'", "tomorrow")),
        (["run", "--sample", "--store", "x.db"], ("--sample", "leave --store out")),
        (["report", "--day", "0001-01-01"], ("'--day'", "outside the years")),
        (["report", "--day", "9999-12-31"], ("'--day'", "outside the years")),
        (["report", "--from", "2026-03-02"], ("--from and --to",)),
        (["report", "--to", "2026-03-02"], ("--from and --to",)),
        (["report", "--day", "2026-03-02", "--to", "2026-03-02"], ("--from and --to",)),
        (["report", "--from", "2026-03-02", "--to", "2026-03-01"], ("--to lies before --from",)),
        (["report", "--day", "2026-03-02", "--as-of", "noon"], ("'--as-of'", "noon")),
        (["report", "--day", "2026-03-02", "--as-of", "0001-01-01T00:00:00+1400"], ("'--as-of'", "outside the years")),
        (["import", "archived.csv"], ("'--feed'",)),
        (["train", "recipe.yaml"], ("'--output'",)),
        (["train", "recipe.yaml", "-o", "feeds.yaml"], ("'--output'", "feeds.yaml")),
        (["evaluate", "packaged"], ("give FILE, or --gate",)),
        (["evaluate", "packaged", "labels.csv", "--gate"], ("leave FILE", "out")),
        (["evaluate", "packaged", "--gate", "--html", "page.html"], ("--html out",)),
        (["evaluate", "packaged", "labels.csv", "--gate-dir", "."], ("--gate-dir goes with --gate",)),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_one_line_and_writes_nothing(folder: Path, arguments: list[str], words: tuple[str, ...]) -> None:
    assert_one_line(sentinel(*arguments), 2, "--help", *words)
    assert all_files(folder) == {"feeds.yaml"}


@pytest.mark.parametrize("arguments", [[], ["feeds"]])
def test_a_group_without_a_command_shows_its_help(arguments: list[str]) -> None:
    result = sentinel(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith("Usage: sentinel ")
    assert "Commands:" in result.stderr


# --- what is wrong with the model ------------------------------------------------------------------------------


def build_model(folder: Path, kind: str) -> str:
    """Make a model directory that cannot be used; give its name on the command line."""
    path = folder / "model"
    if kind == "damaged":
        build_damaged_bundle(path)
    elif kind != "absent":
        path.mkdir()
    if kind == "no weights":
        (path / "config.json").write_text("{}", encoding="utf-8")
    elif kind == "not JSON":
        (path / "config.json").write_text("{", encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("absent", "not a directory"),
        ("empty", "has no config.json"),
        ("not JSON", "cannot be read as JSON"),
        ("no weights", "no .safetensors weights"),
        ("damaged", "model.safetensors: is not what the manifest says"),
    ],
)
def test_a_model_that_cannot_be_trusted_is_one_line(folder: Path, kind: str, words: str) -> None:
    model = build_model(folder, kind)
    before = all_files(folder)
    (folder / "text.csv").write_text(f"text\n{PROFIT}\n", encoding="utf-8")
    assert_one_line(sentinel("classify", "text.csv", "-o", "scored.csv", "--model", model), 1, "model", words)
    for command in ("run", "score", "report", "check"):
        assert_one_line(sentinel(command, "--model", model), 1, "model", words)
    assert_one_line(sentinel("run", "--sample", "--model", model), 1, "model", words)
    assert all_files(folder) - before == {"text.csv"}


def test_a_device_that_is_not_there_is_one_line_and_writes_nothing(folder: Path) -> None:
    for command in (["run"], ["score"], ["check"], ["run", "--sample"]):
        assert_one_line(sentinel(*command, "--device", "cuda:99"), 2, "'cuda:99' is not on this machine")
    assert all_files(folder) == {"feeds.yaml"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--day", "2999-01-01"],
        ["run", "--sample", "--day", "2026-03-12"],
        ["report", "--day", "2999-01-01"],
        ["report", "--from", "2026-03-02", "--to", "2999-01-01"],
        ["report", "--as-of", "2999-01-01"],
    ],
    ids=" ".join,
)
def test_a_time_that_has_not_come_is_one_line_and_writes_nothing(folder: Path, arguments: list[str]) -> None:
    result = sentinel(*arguments)
    assert_one_line(result, 2)
    assert "has not begun yet" in result.stderr or "lies in the future" in result.stderr
    assert all_files(folder) == {"feeds.yaml"}


def test_a_model_with_swapped_labels_is_one_line_wherever_it_would_score(folder: Path) -> None:
    model = str(build_swapped_bundle(folder / "model"))
    (folder / "text.csv").write_text(f"text,label\n{PROFIT},positive\n", encoding="utf-8")
    for command in (
        ["check", "--model", model],
        ["classify", "text.csv", "--model", model],
        ["evaluate", model, "text.csv"],
    ):
        assert_one_line(sentinel(*command), 1, "reads", "check the label order")


def test_a_hub_model_that_cannot_be_reached_is_one_line(folder: Path) -> None:
    command = [*SENTINEL, "score", "--model", "nobody/nothing"]
    environment = clean_environment(HF_HUB_OFFLINE="1", HF_HOME=str(folder / "hub"))
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("sentinel: nobody/nothing: neither a directory here nor a model")
    assert ended.stderr.count("\n") == 1


# --- what is wrong with the store ------------------------------------------------------------------------------


def test_a_run_beside_another_is_told_so_before_its_model_is_loaded(folder: Path) -> None:
    with hold_lock(folder / "sentinel.db.lock"):
        assert_one_line(sentinel("run", "--model", "no-such/model/at-all"), 75, "another run is at work")


def test_a_run_beside_another_ends_with_75(folder: Path) -> None:
    with hold_lock(folder / "sentinel.db.lock"):
        for command in ("run", "collect", "score", "report"):
            assert_one_line(sentinel(command), 75, "sentinel.db.lock: another run is at work")
    assert all_files(folder) == {"feeds.yaml"}


def test_a_store_that_another_program_writes_to_is_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    open_database(str(folder / "sentinel.db")).close()
    with closing(sqlite3.connect(folder / "sentinel.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert_one_line(sentinel("collect"), 1, "sentinel.db: cannot be written: database is locked", "try again")
        other.execute("ROLLBACK")
    assert query(folder / "sentinel.db", "SELECT COUNT(*) FROM runs") == [(0,)]


def test_a_store_that_is_no_database_is_one_line_and_kept(folder: Path) -> None:
    (folder / "sentinel.db").write_text("shopping list\n" * 100, encoding="utf-8")
    for command in ("run", "report"):
        assert_one_line(sentinel(command), 1, "sentinel.db", "not a database", "left as it is")
    assert (folder / "sentinel.db").read_text(encoding="utf-8") == "shopping list\n" * 100


def test_a_store_of_a_newer_program_is_one_line(folder: Path) -> None:
    open_database(str(folder / "sentinel.db")).close()
    with closing(sqlite3.connect(folder / "sentinel.db")) as connection, connection:
        connection.execute("INSERT INTO schema_migrations VALUES (99, '2030-01-01')")
    assert_one_line(sentinel("run"), 1, "sentinel.db: its schema 99 is newer", "update this program")


@pytest.mark.parametrize("store", ["nonsense://desk:secret@db.example/news", "postgresql+psycopg://127.0.0.1:9/news"])
def test_a_store_address_that_cannot_be_used_is_one_line_and_makes_nothing(folder: Path, store: str) -> None:
    for command in ("collect", "report"):
        result = sentinel(command, "--store", store)
        assert_one_line(result, 1)
        assert "secret" not in result.stderr
    assert list(folder.iterdir()) == [folder / "feeds.yaml"]


@pytest.mark.parametrize("store", [".", "feeds.yaml/sentinel.db"])
def test_a_place_where_no_store_can_be_is_one_line(folder: Path, store: str) -> None:
    assert_one_line(sentinel("score", "--store", store), 1, f"sentinel: {store}")


def test_a_report_folder_that_cannot_be_written_is_one_line(folder: Path) -> None:
    (folder / "reports").write_text("in the way", encoding="utf-8")
    for command in (["run"], ["report", "--day", "2026-03-02"], ["check"]):
        assert_one_line(sentinel(*command), 1, "reports", "cannot create the folder")
    assert all_files(folder) == {"feeds.yaml", "reports"}


# --- what is wrong with a table --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["classify", "absent.csv"], "absent.csv: no such file"),
        (["classify", "labels.csv", "--text-column", "body"], "labels.csv: has no column 'body'"),
        (["classify", "labels.xls"], "labels.xls: not a kind of table"),
        (["classify", "latin-1.csv"], "latin-1.csv: not UTF-8"),
        (["classify", "labels.csv", "-o", "absent/out.csv"], "absent/out.csv: cannot be written"),
        (["classify", "labels.csv", "-o", "out.txt"], "out.txt: not a kind of table"),
        (["classify", "labels.csv", "--device", "abacus"], "'abacus' is not a device"),
        (["evaluate", "packaged", "labels.csv", "--label-column", "mood"], "labels.csv: has no column 'mood'"),
        (["evaluate", "packaged", "unlabelled.csv"], "unlabelled.csv: 1 rows have a label that is none of"),
        (["evaluate", "packaged", "empty.csv"], "empty.csv: no row has a text and a label"),
        (["evaluate", "packaged", "labels.csv", "--train-file", "absent.csv"], "absent.csv: no such file"),
        (["evaluate", "packaged", "--gate", "--gate-dir", "absent"], "headlines.csv: no such file"),
        (["import", "absent.csv", "--feed", "archive"], "absent.csv: no such file"),
        (["import", "labels.csv", "--feed", "archive"], "labels.csv: has no column 'title'"),
        (["import", "labels.csv", "--feed", "My Feed"], "'My Feed' is not a name"),
        (
            ["import", "labels.csv", "--feed", "archive", "--text-column", "text", "--time-column", "label"],
            "labels.csv: no row has both a text in 'text' and a time in 'label' (times are ISO 8601",
        ),
        (["import", "labels.csv", "--feed", "archive", "--tz", "Mars"], "'Mars' is not a time zone"),
        (["train", "absent.yaml", "-o", "runs"], "absent.yaml: no such file"),
        (["train", "feeds.yaml", "-o", "runs"], "feeds.yaml"),
    ],
    ids=" ".join,
)
def test_a_wrong_table_is_one_line_and_nothing_is_half_written(folder: Path, arguments: list[str], words: str) -> None:
    (folder / "labels.csv").write_text(f"text,label\n{PROFIT},positive\n", encoding="utf-8")
    (folder / "unlabelled.csv").write_text(f"text,label\n{PROFIT},good\n", encoding="utf-8")
    (folder / "empty.csv").write_text(f"text,label\n{PROFIT},\n", encoding="utf-8")
    (folder / "latin-1.csv").write_bytes(b"text\ncaf\xe9\n")
    before = all_files(folder)
    assert_one_line(sentinel(*arguments), 2, words)
    assert all_files(folder) - before <= STORE_FILES


def test_training_without_its_data_is_one_line(folder: Path) -> None:
    shutil.copy(SHARED / "recipes" / "default.yaml", folder / "recipe.yaml")
    result = sentinel("train", "recipe.yaml", "--data", "data", "-o", "out")
    assert_one_line(result, 1, "sentfin.csv: no such file", "--data")
    assert all_files(folder) == {"feeds.yaml", "recipe.yaml"}


# --- results ---------------------------------------------------------------------------------------------------


def test_a_sample_run_prints_one_summary_line_and_the_path_of_the_report(sample_run: EndedRun) -> None:
    ended = sample_run.ended
    assert ended.returncode == 0
    assert ended.stdout.splitlines()[-1] == str(sample_run.folder / "reports" / "index.html")
    assert ended.stderr.startswith("sentinel: 4 of 5 feeds (failed: broken), 175 new items, 175 scored, ")
    assert ended.stderr.count("\n") == 1


def test_a_sample_run_keeps_to_its_own_store_and_the_options(
    sample_run: EndedRun, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(sample_run.folder / "sentinel-sample.db", folder)
    monkeypatch.setenv("SENTINEL_STORE", "other.db")
    result = sentinel("run", "--sample", "--reports", "pages", "--day", "2026-03-04", "--json", "--strict")
    assert result.exit_code == 3
    summary = json.loads(result.stdout)
    assert (summary["n_feeds"], summary["n_failed"], summary["n_new"], summary["n_scored"]) == (5, 1, 0, 0)
    assert summary["report_path"] == "pages/index.html"
    assert (folder / "pages" / "2026-03-04" / "index.html").is_file()
    assert not (folder / "reports").exists()
    assert not (folder / "other.db").exists()


def test_steps_of_a_run_can_be_commands_of_their_own(folder: Path, server: FeedServer) -> None:
    server.routes["/good"] = news((PROFIT, NOON), (LOSS, NOON))
    write_feeds(folder, feed_entry("good", server.url("/good")))
    collected, scored = sentinel("collect"), sentinel("score", "--json")
    assert (collected.exit_code, collected.stdout) == (0, "")
    assert collected.stderr.startswith("sentinel: 1 of 1 feeds, 2 new items, 0 scored, ")
    assert json.loads(scored.stdout)["n_scored"] == 2
    reported = sentinel("report")
    assert (reported.exit_code, reported.stdout) == (0, f"{folder / 'reports' / 'index.html'}\n")
    assert reported.stderr == "sentinel: 1 page\n"
    assert len(list(folder.glob("reports/*/summary.json"))) == 1


@pytest.mark.parametrize(
    ("as_of", "n_known"),
    [
        ("2026-03-02", 0),
        ("2026-03-02T11:59", 0),
        ("2026-03-02T12:00:00", 1),
        ("2026-03-02T12:00:00Z", 1),
        ("2026-03-02T13:00:00+02:00", 0),
        ("2026-03-02T07:00:00-05:00", 1),
    ],
)
def test_a_time_to_report_as_of_may_name_its_offset(folder: Path, as_of: str, n_known: int) -> None:
    (folder / "archived.csv").write_text(f"title,published\n{PROFIT},2026-03-02T12:00:00Z\n", encoding="utf-8")
    for command in (["import", "archived.csv", "--feed", "archive"], ["score"]):
        assert sentinel(*command).exit_code == 0
    assert sentinel("report", "--day", "2026-03-02", "--as-of", as_of).exit_code == 0
    rows = (folder / "reports" / "2026-03-02" / "items.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == 1 + n_known


def test_the_page_of_a_day_can_be_written_as_one_file_alone(folder: Path) -> None:
    (folder / "archived.csv").write_text(f"title,published\n{PROFIT},2026-03-02T12:00:00Z\n", encoding="utf-8")
    for command in (["import", "archived.csv", "--feed", "archive"], ["score"]):
        assert sentinel(*command).exit_code == 0
    written = sentinel("report", "--day", "2026-03-02", "--standalone", "mood.html")
    assert (written.exit_code, written.stdout) == (0, "mood.html\n")
    assert PROFIT in (folder / "mood.html").read_text(encoding="utf-8")
    assert not (folder / "reports").exists()
    refused = sentinel("report", "--from", "2026-03-01", "--to", "2026-03-02", "--standalone", "mood.html")
    assert refused.exit_code == 2
    assert "--standalone is the page of one day" in refused.stderr


def test_a_range_is_reported_from_the_first_day_with_news_on_and_not_into_the_future(folder: Path) -> None:
    (folder / "archived.csv").write_text(f"title,published\n{PROFIT},2026-03-02T12:00:00Z\n", encoding="utf-8")
    for command in (["import", "archived.csv", "--feed", "archive"], ["score"]):
        assert sentinel(*command).exit_code == 0
    reported = sentinel("report", "--from", "1990-01-01", "--to", "2026-03-03", "--as-of", "2026-03-02T23:00:00Z")
    assert reported.exit_code == 0
    assert reported.stderr.startswith("sentinel: 2 pages as of 2026-03-02 23:00:00 UTC; the next run")
    assert sorted(path.parent.name for path in folder.glob("reports/*/summary.json")) == ["2026-03-02", "2026-03-03"]
    before = all_files(folder)
    assert_one_line(sentinel("report", "--day", "2999-01-01"), 2, "2999-01-01 has not begun yet")
    assert_one_line(sentinel("report", "--from", "2026-03-02", "--to", "2999-01-01"), 2, "2999-01-01 has not begun yet")
    assert_one_line(sentinel("report", "--as-of", "2999-01-01"), 2, "--as-of: 2999-01-01T00:00:00Z lies in the future")
    assert_one_line(sentinel("report", "--from", "1990-01-01", "--to", "1990-12-31"), 1, "no item is stored for these")
    assert all_files(folder) == before


def test_a_failed_feed_counts_only_when_asked(folder: Path, server: FeedServer) -> None:
    write_feeds(folder, feed_entry("absent", server.url("/absent")))
    assert sentinel("collect").exit_code == 0
    waiting = sentinel("collect", "--strict")
    assert (waiting.exit_code, ", 1 not due, " in waiting.stderr) == (0, True)
    strict = sentinel("collect", "--all", "--strict")
    assert strict.exit_code == 3
    summary, reason = strict.stderr.splitlines()
    assert summary.startswith("sentinel: 0 of 1 feeds (failed: absent), 0 new items, ")
    assert reason.startswith("sentinel: 1 feed failed")


def test_check_prints_every_setting_with_its_origin(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTINEL_TIMEZONE", "Europe/Berlin")
    result = sentinel("check", "--reports", "pages")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["timezone", "Europe/Berlin", "(variable", "SENTINEL_TIMEZONE)"] in lines
    assert ["reports", "pages", "(option)"] in lines
    assert ["device", "auto", "(default)"] in lines
    assert [words[:2] for words in lines[-3:]] == [["model", "ok:"], ["store", "ok:"], ["reports", "ok:"]]
    as_json = json.loads(sentinel("check", "--json").stdout)
    assert list(as_json) == ["settings", "origins", "found"]
    assert as_json["settings"].keys() == as_json["origins"].keys()
    assert as_json["settings"]["feeds"] == 1


def test_check_prints_no_password(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = "postgresql://sentinel:***@db.example/news"
    monkeypatch.setattr(pipeline, "verify", lambda _, **__: {"model": "m", "store": shown, "reports": "r"})
    url = shown.replace("***", "hunter2")
    for result in (sentinel("check", "--store", url), sentinel("check", "--store", url, "--json")):
        assert result.exit_code == 0
        assert shown in result.stdout
        assert "hunter2" not in result.output


def test_import_counts_what_it_stored(folder: Path) -> None:
    rows = f"title,published\n{PROFIT},2026-03-01\n{LOSS},2026-03-01\n{LOSS},\n"
    (folder / "archived.csv").write_text(rows, encoding="utf-8")
    first = sentinel("import", "archived.csv", "--feed", "archive")
    assert (first.exit_code, first.stdout, first.stderr) == (0, "", "sentinel: 3 read, 2 new, 0 known, 1 unusable\n")
    again = sentinel("import", "archived.csv", "--feed", "archive", "--json")
    assert json.loads(again.stdout) == {"read": 3, "new": 0, "known": 2, "unusable": 1}


def test_classify_scores_lines_from_standard_input() -> None:
    result = sentinel("classify", "-", given=f"{PROFIT}\n\n{LOSS}\n")
    assert (result.exit_code, result.stderr) == (0, "")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [(row["text"], row["label"]) for row in rows] == [(PROFIT, "positive"), ("", ""), (LOSS, "negative")]
    for row in (rows[0], rows[2]):
        assert sum(float(row[name]) for name in ("negative", "neutral", "positive")) == pytest.approx(1, abs=2e-6)


def test_classify_reads_and_writes_utf_8_whatever_the_locale_says() -> None:
    result = sentinel("classify", "-", given="Gewinn für Bärenbräu steigt\n".encode(), charset="ascii")
    assert result.exit_code == 0
    assert "Gewinn für Bärenbräu steigt," in result.stdout_bytes.decode("utf-8")


def test_classify_refuses_standard_input_that_is_not_utf_8() -> None:
    result = sentinel("classify", "-", given=b"caf\xe9\n")
    assert result.exit_code == 2
    assert "not UTF-8 text" in result.stderr
    assert result.stderr.count("\n") == 1


def test_classify_writes_a_file_and_says_how_many_rows(folder: Path) -> None:
    (folder / "text.csv").write_text(f"text\n{PROFIT}\n{LOSS}\n", encoding="utf-8")
    result = sentinel("classify", "text.csv", "-o", "scored.jsonl")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith("sentinel: 2 rows scored by ")
    rows = [json.loads(line) for line in (folder / "scored.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["label"] for row in rows] == ["positive", "negative"]


def test_evaluate_gives_each_figure_with_its_interval(folder: Path) -> None:
    headlines = str(SHARED / "tests" / "data" / "headlines.csv")
    found = json.loads(sentinel("evaluate", "packaged", headlines, "--json").stdout)
    assert found["n"] == 60
    for name in HEADLINE_FIGURES:
        value, low, high = found[name]
        assert low <= value <= high
    assert list(found["classes"]) == found["labels"] == list(LABELS)
    assert [sum(row) for row in found["confusion"]] == [found["classes"][label]["support"] for label in LABELS]
    assert sum(part["n"] for part in found["reliability"]) == 60
    assert [system["name"] for system in found["baselines"]] == ["majority", "VADER", "TF-IDF + LR"]
    assert all_files(folder) == {"feeds.yaml"}


def test_evaluate_prints_a_table_of_each_kind(folder: Path) -> None:
    rows = [
        (PROFIT, "positive", "wire", 100),
        (LOSS, "negative", "desk", 66),
        ("Oxmead names a chair", "neutral", "", 66),
    ]
    lines = [f"{text},{label},{source},{share}\n" for text, label, source, share in rows]
    (folder / "labels.csv").write_text("text,label,source,agreement\n" + "".join(lines), encoding="utf-8")
    result = sentinel("evaluate", "packaged", "labels.csv", "--html", "page.html")
    assert (result.exit_code, result.stderr) == (0, "sentinel: page written to page.html\n")
    first_words = [line.split("  ")[0] for line in result.stdout.splitlines()]
    assert first_words[2:8] == ["measure", *HEADLINE_FIGURES]
    for head in ("class", "label \\ predicted", "source", "agreement", "system", "wire", "(empty)", "100", "majority"):
        assert head in first_words
    assert "5-fold on these rows" in result.stdout
    assert first_words[-1] == "TF-IDF + LR is left out: too few different texts or labels to train on"
    assert all_files(folder) == {"feeds.yaml", "labels.csv", "page.html"}


def write_gate(folder: Path, floors: str) -> None:
    rows = f"text,label,phenomenon\n{PROFIT},positive,plain\n{LOSS},negative,plain\n{LOSS},positive,upside-down\n"
    (folder / "headlines.csv").write_text(rows, encoding="utf-8")
    (folder / "floors.yaml").write_text(floors, encoding="utf-8")


def test_the_gate_passes_a_model_that_holds_its_floors(folder: Path) -> None:
    write_gate(folder, "{accuracy: 0.66, macro_f1: 0.2, max_ece: 1, phenomena: {plain: 1}}")
    result = sentinel("evaluate", "packaged", "--gate", "--gate-dir", ".")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[1] == ["all", "rows", "accuracy", "3", "0.6667", ">=", "0.6600", "pass"]
    assert lines[3][:4] == ["all", "rows", "ece", "3"]
    assert lines[4:] == [
        ["plain", "accuracy", "2", "1.0000", ">=", "1.0000", "pass"],
        ["upside-down", "accuracy", "1", "0.0000"],
    ]


def test_the_gate_ends_with_4_and_names_what_is_below(folder: Path) -> None:
    write_gate(folder, "{accuracy: 0.9, macro_f1: 0.2, max_ece: 1, phenomena: {upside-down: 0.5}}")
    result = sentinel("evaluate", "packaged", "--gate", "--gate-dir", ".", "--json")
    assert result.exit_code == 4
    assert result.stderr.count("\n") == 1
    assert "all rows accuracy 0.6667 (floor 0.9), upside-down accuracy 0.0000 (floor 0.5)" in result.stderr
    found = json.loads(result.stdout)
    assert found["passed"] is False
    assert [line["passed"] for line in found["lines"]] == [False, True, True, True, False]


@pytest.mark.parametrize(
    ("floors", "words"),
    [
        ("accuracy: 0.5\n", ("floors.yaml", "macro_f1")),
        ("accuracy: 50\nmacro_f1: 0.5\nmax_ece: 0.1\n", ("floors.yaml line 1", "accuracy")),
        ("accuracy: 0.5\nmacro_f1: '0.5'\nmax_ece: 0.1\n", ("floors.yaml line 2", "macro_f1")),
        ("accuracy: 0.5\nmacro_f1: 0.5\nmax_ece: 0.1\nf1: 1\n", ("floors.yaml line 4", "unknown key")),
        (
            "accuracy: 0.5\nmacro_f1: 0.5\nmax_ece: 0.1\nphenomena:\n  plane: 1\n",
            ("floors.yaml line 5, phenomena.plane", "no headline has this phenomenon"),
        ),
    ],
    ids=["missing", "percent", "text", "unknown", "phenomenon"],
)
def test_wrong_floors_are_one_line(folder: Path, floors: str, words: tuple[str, ...]) -> None:
    write_gate(folder, floors)
    assert_one_line(sentinel("evaluate", "packaged", "--gate", "--gate-dir", "."), 2, *words)


def test_gate_headlines_without_a_phenomenon_are_one_line(folder: Path) -> None:
    write_gate(folder, "{accuracy: 0.5, macro_f1: 0.5, max_ece: 1}")
    (folder / "headlines.csv").write_text(f"text,label\n{PROFIT},positive\n", encoding="utf-8")
    command = ("evaluate", "packaged", "--gate", "--gate-dir", ".")
    assert_one_line(sentinel(*command), 2, "headlines.csv: has no column 'phenomenon'")


def test_verbose_logs_each_step_with_the_id_of_its_run(folder: Path, server: FeedServer) -> None:
    write_feeds(folder, feed_entry("absent", server.url("/absent?key=hunter2")))
    result = sentinel("-v", "collect", "--json")
    run_id = json.loads(result.stdout)["run_id"]
    assert f" INFO {run_id} sentinel.pipeline.steps: feed absent failed: " in result.stderr
    assert "hunter2" not in result.stderr


# --- interrupted -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "code", "words", "reason"),
    [(signal.SIGINT, 130, "interrupted", "KeyboardInterrupt"), (signal.SIGTERM, 143, "ended by SIGTERM", "Terminated")],
)
def test_a_run_that_is_broken_off_says_so_in_one_line_and_in_the_store(
    folder: Path, server: FeedServer, number: signal.Signals, code: int, words: str, reason: str
) -> None:
    asked = threading.Event()

    def never_answer(_: BaseHTTPRequestHandler) -> None:
        while not query(folder / "sentinel.db", "SELECT 1 FROM feed_results"):  # by then a parser is up
            time.sleep(0.01)
        asked.set()
        server.stop.wait()

    server.routes["/good"] = news((PROFIT, NOON))
    server.routes["/slow"] = never_answer
    write_feeds(folder, *(feed_entry(name, server.url(f"/{name}")) for name in ("good", "slow")))
    ended = interrupt([*SENTINEL, "run"], asked, number)
    assert (ended.returncode, ended.stdout, ended.stderr) == (code, "", f"sentinel: {words}\n")
    assert query(folder / "sentinel.db", "SELECT outcome, reason, finished IS NOT NULL FROM runs") == [
        ("broken off", reason, 1)
    ]
    with hold_lock(folder / "sentinel.db.lock"):
        pass


def interrupt(
    command: Sequence[str], asked: threading.Event, number: signal.Signals = signal.SIGINT
) -> subprocess.CompletedProcess[str]:
    """Start a command, send its group a signal (as a terminal does) once something is under way; wait for its end."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=clean_environment(), text=True, start_new_session=True, **pipes) as process:
        try:
            assert asked.wait(60)
            os.killpg(process.pid, number)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def test_classify_into_a_pipe_that_is_closed_ends_without_a_traceback() -> None:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([*SENTINEL, "classify", "-"], env=clean_environment(), **pipes) as process:
        assert process.stdout is not None
        process.stdout.close()
        process.stdout = None
        _, err = process.communicate(f"{PROFIT}\n".encode(), timeout=120)
    assert (process.returncode, err) == (1, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full here")
def test_a_full_disk_under_standard_output_is_one_line(folder: Path) -> None:
    with Path("/dev/full").open("w") as full:
        command = [*SENTINEL, "report", "--day", "2026-03-02"]
        ended = subprocess.run(
            command, env=clean_environment(), stdout=full, stderr=subprocess.PIPE, text=True, timeout=120, check=False
        )
    assert (ended.returncode, ended.stderr) == (1, "sentinel: 1 page\nsentinel: [Errno 28] No space left on device\n")
