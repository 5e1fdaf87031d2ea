"""What is told of the job as a whole: by ``sentinel status``, as metrics, and on a port of loopback."""

from __future__ import annotations

import http.client
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from click.testing import CliRunner
from jobs import LOSS, NOON, PROFIT, Clock, build_settings, feed_entry, news, serve_feeds

from sentinel import pipeline
from sentinel.cli import main
from sentinel.errors import ConfigError, ReportError, StoreError
from sentinel.metrics import build_metrics, write_metrics
from sentinel.monitor import serve_monitor
from sentinel.pipeline.condition import LOW_DISK_BYTES, FeedInTrouble, JobStatus, job_status, judge_runs
from sentinel.store import RunRecord
from sentinel.timetable import Entry, Timetable

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("_own_logs")

HOUR = timedelta(hours=1)
DAILY = Timetable((Entry("0 6 * * *"),), ZoneInfo("UTC"))
SIX = datetime(2026, 3, 2, 6, tzinfo=UTC)


def record(started: datetime = SIX, outcome: str = "done", reason: str = "") -> RunRecord:
    finished = None if outcome == "running" else started + timedelta(seconds=90)
    return RunRecord("20260302T060000Z-abcdef", started, finished, outcome, reason, 3, 1, 20, 19)


STATUS = JobStatus(
    now=NOON,
    runs=(record(),),
    last_good=record(),
    next_run=NOON + 6 * HOUR,
    n_feeds=3,
    feeds=(FeedInTrouble("wire", "failing", "HTTP 500", 4),),
    n_waiting=1,
    model_id="0123456789ab",
    model="tiny",
    store_bytes=4096,
    free_bytes=10**10,
    troubles=(),
)


# --- the verdict -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("runs", "last_good", "now", "expected"),
    [
        ((record(),), record(), SIX + 26 * HOUR, []),
        ((record(),), record(), SIX + 28 * HOUR, ["a good run is overdue: one was due at 2026-03-03 06:00 UTC"]),
        ((), None, NOON, ["no run has ended well yet"]),
        (
            (record(outcome="failed", reason="full"),),
            record(SIX - 12 * HOUR),
            SIX,
            ["the last run (20260302T060000Z-abcdef) failed: full"],
        ),
        ((record(SIX + HOUR, "running"), record()), record(), SIX + 2 * HOUR, []),
        (
            (record(SIX + HOUR, "running"), record()),
            record(),
            SIX + 5 * HOUR,
            ["the run 20260302T060000Z-abcdef began 4.0 h ago and has not ended"],
        ),
        (
            (record(SIX + HOUR, "running"), record(outcome="broken off", reason="SIGTERM")),
            record(SIX - HOUR),
            SIX + 2 * HOUR,
            ["the last run (20260302T060000Z-abcdef) was broken off: SIGTERM"],
        ),
    ],
    ids=["well", "overdue", "none", "failed", "runs", "hangs", "broken off"],
)
def test_judge_runs_says_what_somebody_should_be_woken_for(
    runs: tuple[RunRecord, ...], last_good: RunRecord | None, now: datetime, expected: list[str]
) -> None:
    assert judge_runs(runs, last_good, DAILY, now) == expected


def test_judge_runs_goes_by_age_where_one_is_given() -> None:
    weekly = Timetable((Entry("0 6 * * mon"),), ZoneInfo("UTC"))
    assert judge_runs((record(),), record(), weekly, SIX + 72 * HOUR) == []
    assert judge_runs((record(),), record(), weekly, SIX + 72 * HOUR, max_age=48 * HOUR) == [
        "the last good run began 72.0 h ago"
    ]


# --- the whole of it, from a real store ------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a folder where a run has ended: one feed of two failed, and one of its items was not scored."""
    monkeypatch.chdir(tmp_path)
    with serve_feeds() as server:
        server.routes["/good"] = news((PROFIT, NOON), (LOSS, NOON))
        entries = [feed_entry("good", server.url("/good")), feed_entry("bad", server.url("/bad"))]
        document = {"feeds": entries, "schedule": "0 6 * * *"}
        (tmp_path / "feeds.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
        assert sentinel("collect").exit_code == 0
        yield tmp_path


def sentinel(*arguments: str) -> Any:
    return CliRunner().invoke(main, arguments, prog_name="sentinel")


def test_status_tells_runs_feeds_backlog_model_and_disk(folder: Path) -> None:
    shown = sentinel("status", "--json")
    found = json.loads(shown.stdout)
    assert (shown.exit_code, found["troubles"]) == (0, [])
    assert [(run["outcome"], run["n_failed"], run["n_new"]) for run in found["runs"]] == [("partial", 1, 2)]
    assert found["last_good"] == found["runs"][0]
    bad = {"feed": "bad", "word": "failing", "reason": "HTTP 404 Not Found", "n_failures": 1}
    assert [(feed["feed"], feed["word"]) for feed in found["feeds"]] == [("good", "stale"), ("bad", "failing")]
    assert bad in found["feeds"]
    assert (found["n_feeds"], found["n_waiting"]) == (2, 2)
    assert found["store_bytes"] == (folder / "sentinel.db").stat().st_size
    assert found["free_bytes"] > 0
    text = sentinel("status")
    assert text.exit_code == 0
    for words in ("partial in", "2 items to be scored", "bad: failing, HTTP 404 Not Found", found["model_id"]):
        assert words in text.stdout


def test_status_ends_with_5_and_names_the_trouble(folder: Path) -> None:
    (folder / "feeds.yaml").write_text(
        (folder / "feeds.yaml").read_text(encoding="utf-8") + "model: no-such-model\n", encoding="utf-8"
    )
    shown = sentinel("status", "--json", "--max-age", "0.0000001")
    assert shown.exit_code == 5
    late, without_model = json.loads(shown.stdout)["troubles"]
    assert "began 0.0 h ago" in late
    assert "no-such-model" in without_model
    assert shown.stderr.startswith("sentinel: the last good run began")


def test_status_without_a_store_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("feeds.yaml").write_text(yaml.safe_dump({"feeds": [feed_entry("a", "http://127.0.0.1:9/")]}), encoding="utf-8")
    shown = sentinel("status")
    assert (shown.exit_code, shown.stdout, shown.stderr.count("\n")) == (1, "", 1)
    assert "there is no store yet" in shown.stderr


def test_job_status_counts_feeds_that_fail_and_a_disk_that_fills(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = build_settings(folder, feed_entry("bad", "http://127.0.0.1:9/"), schedule="0 6 * * *")
    with pipeline.open_job(settings, now=Clock()) as job:
        pipeline.run_step(job, pipeline.collect)
    monkeypatch.setattr("sentinel.pipeline.condition.LOW_DISK_BYTES", 10**18)
    troubles = job_status(settings, now=Clock(NOON + HOUR)).troubles
    assert LOW_DISK_BYTES == 500_000_000
    assert "1 of 1 feeds fail" in troubles
    assert any("MB are free on the disk" in trouble for trouble in troubles)


# --- metrics ---------------------------------------------------------------------------------------------------


def samples(text: bytes) -> dict[str, float]:
    lines = (line for line in text.decode().splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_metrics_are_the_figures_of_the_status() -> None:
    found = samples(build_metrics(STATUS))
    assert found["sentinel_up"] == 1
    assert found["sentinel_last_good_run_timestamp_seconds"] == SIX.timestamp()
    assert found["sentinel_next_run_timestamp_seconds"] == (NOON + 6 * HOUR).timestamp()
    assert found['sentinel_last_run_outcome{outcome="done"}'] == 1
    assert found['sentinel_last_run_outcome{outcome="failed"}'] == 0
    assert found["sentinel_last_run_duration_seconds"] == 90
    assert (found["sentinel_feeds"], found['sentinel_feeds_in_trouble{state="failing"}']) == (3, 1)
    assert found['sentinel_feed_failures{feed="wire"}'] == 4
    assert (found["sentinel_items_waiting"], found['sentinel_model_info{model_id="0123456789ab"}']) == (1, 1)
    assert samples(build_metrics(replace(STATUS, troubles=("late",), runs=(), last_good=None)))["sentinel_up"] == 0


def test_a_metrics_file_is_replaced_whole_and_a_place_that_refuses_is_named(tmp_path: Path) -> None:
    path = tmp_path / "sentinel.prom"
    path.write_text("old", encoding="utf-8")
    write_metrics(path, STATUS)
    assert path.read_bytes() == build_metrics(STATUS)
    assert [file.name for file in tmp_path.iterdir()] == ["sentinel.prom"]
    with pytest.raises(ReportError):
        write_metrics(tmp_path / "nowhere" / "sentinel.prom", STATUS)


@pytest.mark.parametrize("place", ["sentinel.prom", "nowhere/sentinel.prom"])
def test_a_run_leaves_its_metrics_and_does_not_fail_for_them(folder: Path, place: str) -> None:
    shown = sentinel("run", "--config", str(with_setting(folder, "metrics_file", place)))
    assert shown.exit_code == 0
    assert (folder / place).exists() == (place == "sentinel.prom")
    if (folder / place).exists():
        assert samples((folder / place).read_bytes())["sentinel_items_waiting"] == 0
    else:
        assert "the metrics were not written" in shown.stderr


def with_setting(folder: Path, key: str, value: object) -> Path:
    document = yaml.safe_load((folder / "feeds.yaml").read_text(encoding="utf-8"))
    (folder / "feeds.yaml").write_text(yaml.safe_dump(document | {key: value}), encoding="utf-8")
    return folder / "feeds.yaml"


# --- the port --------------------------------------------------------------------------------------------------


def ask(port: int, path: str, host: str = "") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_the_port_tells_health_and_metrics() -> None:
    found = [STATUS]
    with serve_monitor(0, lambda: found[0]) as port:
        assert ask(port, "/healthz") == (200, b'{"ok": true, "troubles": []}')
        assert ask(port, "/metrics") == (200, build_metrics(STATUS))
        assert ask(port, "/feeds.yaml")[0] == 404
        found[0] = replace(STATUS, troubles=("late",))
        assert ask(port, "/healthz") == (503, b'{"ok": false, "troubles": ["late"]}')


def test_the_port_says_so_where_there_is_no_store_yet() -> None:
    def look() -> JobStatus:
        raise StoreError("there is no store yet")

    with serve_monitor(0, look) as port:
        assert ask(port, "/healthz") == (503, b'{"ok": false, "troubles": ["there is no store yet"]}')
        assert ask(port, "/metrics")[0] == 503


def test_the_port_answers_nobody_who_takes_it_for_another_host() -> None:
    with serve_monitor(0, lambda: STATUS) as port:
        assert ask(port, "/metrics", host=f"news.example:{port}")[0] == 403
        assert ask(port, "/metrics", host=f"localhost:{port}")[0] == 200


def test_a_port_that_is_taken_is_a_wrong_setting() -> None:
    with (
        serve_monitor(0, lambda: STATUS) as port,
        pytest.raises(ConfigError, match=f"port {port} cannot be"),
        serve_monitor(port, lambda: STATUS),
    ):
        pytest.fail("listened twice")
