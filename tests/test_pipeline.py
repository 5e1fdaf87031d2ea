"""The whole way from feeds to pages: done twice it changes nothing, and killed anywhere the next run mends it."""

from __future__ import annotations

import csv
import io
import re
import shutil
import signal
import sqlite3
import subprocess
import time
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from conftest import SENTINEL, EndedRun, clean_environment
from feeds.conftest import FeedServer, Reply, rss
from jobs import (
    LOSS,
    NOON,
    PROFIT,
    Clock,
    build_damaged_bundle,
    build_renamed_bundle,
    build_settings,
    build_swapped_bundle,
    digests,
    feed_entry,
    job_in,
    news,
    query,
    serve_feeds,
)

from sentinel import pipeline
from sentinel.errors import CanaryError, ConfigError, LockHeldError, ModelError, ReportError, SentinelError, StoreError
from sentinel.model.classifier import CANARIES, Classifier
from sentinel.pipeline.job import RecordedRun
from sentinel.store import start_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sentinel.pipeline import Job

TODAY = NOON.date()
SAMPLE_DAYS = [f"2026-03-{day:02}" for day in range(2, 12)]
STORE = "sentinel-sample.db"
ITEMS_SQL = "SELECT item_id, feed, guid, url, title, summary, text, published, first_seen FROM items ORDER BY item_id"
SCORES_SQL = "SELECT item_id, model_id, negative, neutral, positive FROM scores ORDER BY item_id, model_id"
MOODS_SQL = "SELECT * FROM daily_mood ORDER BY day, topic_kind, topic, model_id"
RUNS_SQL = "SELECT outcome, n_feeds, n_failed, n_new, n_scored, finished IS NOT NULL FROM runs ORDER BY rowid"
REASONS_SQL = "SELECT outcome, reason, finished IS NOT NULL FROM runs ORDER BY rowid"
LOGIN_PAGE = Reply(b"<html><body>Please log in</body></html>", headers={"Content-Type": "text/html"})


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with serve_feeds() as feed_server:
        yield feed_server


def read_table(reports: Path, day: date | str, name: str) -> list[dict[str, str]]:
    content = (reports / str(day) / f"{name}.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


def import_headlines(job: Job, folder: Path, *rows: tuple[str, str]) -> dict[str, int]:
    """Bring (time, headline) pairs into the store through a CSV file."""
    path = folder / "archived.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("published", "title"), *rows])
    return pipeline.import_items(
        job, str(path), feed="archive", text_column="title", time_column="published", timezone="UTC"
    )


def count(folder: Path, table: str, *, store: str = "sentinel.db") -> int:
    return query(folder / store, f"SELECT COUNT(*) FROM {table}")[0][0]  # noqa: S608  # a name from this file


def test_a_robots_txt_is_remembered_from_run_to_run(tmp_path: Path, server: FeedServer) -> None:
    server.routes = {"/robots.txt": Reply(b"User-agent: sentinel\nDisallow: /b\n"), "/a": news((PROFIT, NOON))}
    entries = [feed_entry(name, server.url(f"/{name}")) for name in "ab"]
    for n_times in (1, 2):
        with job_in(tmp_path, *entries, fetch={"respect_robots": "always"}) as job:
            summary = pipeline.run_step(job, lambda job, summary: pipeline.collect(job, summary, asks_all=True))
        assert (summary.failed_feeds, summary.n_failed) == (("b",), 1)
        assert sorted(server.paths()) == ["/a"] * n_times + ["/robots.txt"]


# --- the sample ------------------------------------------------------------------------------------------------


def test_a_sample_run_collects_scores_and_reports_ten_days(sample_run: EndedRun) -> None:
    assert sample_run.ended.returncode == 0
    assert count(sample_run.folder, "items", store=STORE) == 175
    assert count(sample_run.folder, "scores", store=STORE) == 175
    reports = sample_run.folder / "reports"
    assert sorted(path.name for path in reports.iterdir() if path.is_dir()) == [*SAMPLE_DAYS, "assets", "topics"]
    assert sum(len(read_table(reports, day, "items")) for day in SAMPLE_DAYS) == 175
    for day in SAMPLE_DAYS:
        explained = ["explanations.json"] if day in SAMPLE_DAYS[-2:] else []
        tables = ["feeds.csv", "index.html", "items.csv", "items.parquet", "report.xlsx", "summary.json"]
        assert sorted(path.name for path in (reports / day).iterdir()) == ["daily.csv", *explained, *tables]


def test_a_sample_run_names_the_feed_that_failed_on_every_day(sample_run: EndedRun) -> None:
    for day in SAMPLE_DAYS:
        feeds = {row["feed"]: row for row in read_table(sample_run.folder / "reports", day, "feeds")}
        assert {name: row["outcome"] for name, row in feeds.items()} == {
            **dict.fromkeys(("companies", "economy", "markets", "wire"), "ok"),
            "broken": "failed",
        }
        assert feeds["broken"]["reason"]
        assert feeds["broken"]["n_items"] == "0"


def test_a_sample_run_notes_ten_partial_runs(sample_run: EndedRun) -> None:
    runs = query(sample_run.folder / STORE, RUNS_SQL)
    assert [(outcome, n_feeds, n_failed) for outcome, n_feeds, n_failed, *_ in runs] == [("partial", 5, 1)] * 10
    assert sum(n_new for _, _, _, n_new, *_ in runs) == 175
    assert [n_scored for *_, n_scored, _ in runs] == [0] * 9 + [175]


def test_a_second_sample_run_changes_not_a_byte(sample_run: EndedRun, tmp_path: Path) -> None:
    folder = shutil.copytree(sample_run.folder, tmp_path / "again")
    summary = pipeline.run_sample(folder, {})
    assert (summary.n_feeds, summary.n_failed, summary.n_new, summary.n_scored) == (5, 1, 0, 0)
    assert digests(folder / "reports") == digests(sample_run.folder / "reports")
    assert_same_store(folder, sample_run.folder)


def assert_same_store(one: Path, other: Path) -> None:
    for statement in (ITEMS_SQL, SCORES_SQL, MOODS_SQL):
        assert query(one / STORE, statement) == query(other / STORE, statement)


def some_items_are_stored(folder: Path) -> bool:
    return (folder / STORE).is_file() and has_rows(folder, "items", 60)


def the_last_items_are_stored(folder: Path) -> bool:
    return (folder / STORE).is_file() and has_rows(folder, "items", 175)


def some_pages_are_written(folder: Path) -> bool:
    return (folder / "reports" / SAMPLE_DAYS[3] / "index.html").is_file()


def has_rows(folder: Path, table: str, n_rows: int) -> bool:
    try:
        return count(folder, table, store=STORE) >= n_rows
    except sqlite3.OperationalError:  # the tables are not there yet
        return False


@pytest.mark.parametrize(
    "moment",
    [some_items_are_stored, the_last_items_are_stored, some_pages_are_written],
    ids=lambda moment: moment.__name__,
)
def test_a_killed_run_is_mended_by_the_next(
    sample_run: EndedRun, tmp_path: Path, moment: Callable[[Path], bool]
) -> None:
    command = [*SENTINEL, "run", "--sample"]
    with subprocess.Popen(command, cwd=tmp_path, env=clean_environment(), stdout=subprocess.PIPE) as process:
        while not moment(tmp_path):
            assert process.poll() is None
            time.sleep(0.001)
        process.kill()
        assert process.wait() == -signal.SIGKILL
    assert query(tmp_path / STORE, "SELECT COUNT(*) FROM runs WHERE outcome = 'running'") == [(1,)]
    summary = pipeline.run_sample(tmp_path, {})
    assert (summary.n_feeds, summary.n_failed) == (5, 1)
    assert digests(tmp_path / "reports") == digests(sample_run.folder / "reports")
    assert_same_store(tmp_path, sample_run.folder)


# --- feeds -----------------------------------------------------------------------------------------------------


def test_a_failing_feed_stops_no_other_and_its_reason_is_reported(server: FeedServer, tmp_path: Path) -> None:
    server.routes["/good"] = news((PROFIT, NOON), (LOSS, NOON - timedelta(hours=1)))
    server.routes["/login"] = LOGIN_PAGE
    entries = [feed_entry(name, server.url(f"/{name}")) for name in ("absent", "good", "login")]
    with job_in(tmp_path, *entries) as job:
        summary = pipeline.run_once(job)
    assert (summary.n_feeds, summary.n_failed, summary.n_new, summary.n_scored) == (3, 2, 2, 2)
    rows = {row["feed"]: row for row in read_table(tmp_path / "reports", TODAY, "feeds")}
    assert {name: row["outcome"] for name, row in rows.items()} == {"absent": "failed", "good": "ok", "login": "failed"}
    assert "404" in rows["absent"]["reason"]
    assert "feed" in rows["login"]["reason"]
    assert (rows["good"]["reason"], rows["good"]["n_items"]) == ("", "2")
    assert query(tmp_path / "sentinel.db", RUNS_SQL) == [("partial", 3, 2, 2, 2, 1)]


def test_a_run_without_failures_is_noted_as_done(server: FeedServer, tmp_path: Path) -> None:
    server.routes["/good"] = news((PROFIT, NOON))
    with job_in(tmp_path, feed_entry("good", server.url("/good"))) as job:
        summary = pipeline.run_once(job)
        again = pipeline.run_once(job)
    assert (summary.n_new, summary.n_scored, again.n_new, again.n_scored) == (1, 1, 0, 0)
    assert query(tmp_path / "sentinel.db", RUNS_SQL) == [("done", 1, 0, 1, 1, 1), ("done", 1, 0, 0, 0, 1)]


def test_try_feeds_stores_nothing_and_takes_no_lock(server: FeedServer, tmp_path: Path) -> None:
    server.routes["/good"] = news((PROFIT, NOON))
    settings = build_settings(tmp_path, feed_entry("good", server.url("/good")))
    (result,) = pipeline.try_feeds(settings)
    assert (result.outcome, [item.title for item in result.items]) == ("fetched", [PROFIT])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("build", "expected"), [(build_swapped_bundle, CanaryError), (build_damaged_bundle, ModelError)]
)
def test_an_untrustworthy_model_stops_a_run_before_it_asks_a_feed(
    server: FeedServer, tmp_path: Path, build: Callable[[Path], Path], expected: type[SentinelError]
) -> None:
    server.routes["/good"] = news((PROFIT, NOON), (LOSS, NOON))
    bundle = build(tmp_path / "bundle")
    entry = feed_entry("good", server.url("/good"))
    with job_in(tmp_path, entry, model=str(bundle)) as job, pytest.raises(expected) as caught:
        pipeline.run_once(job)
    assert type(caught.value) is expected
    assert server.requests == []
    assert query(tmp_path / "sentinel.db", RUNS_SQL) == [("failed", 0, 0, 0, 0, 1)]
    assert not (tmp_path / "reports").exists()
    with job_in(tmp_path, entry, model=str(bundle)) as job:
        pipeline.run_step(job, pipeline.collect)
        with pytest.raises(expected):
            pipeline.run_step(job, pipeline.score)
    assert (count(tmp_path, "items"), count(tmp_path, "scores"), count(tmp_path, "daily_mood")) == (2, 0, 0)
    with job_in(tmp_path, entry) as job:
        assert pipeline.run_once(job).n_scored == 2


def test_a_run_whose_report_cannot_be_written_is_noted_as_failed(server: FeedServer, tmp_path: Path) -> None:
    server.routes["/good"] = news((PROFIT, NOON))
    (tmp_path / "reports").write_text("in the way")
    with job_in(tmp_path, feed_entry("good", server.url("/good"))) as job, pytest.raises(ReportError):
        pipeline.run_once(job)
    assert server.requests == []
    assert query(tmp_path / "sentinel.db", RUNS_SQL) == [("failed", 0, 0, 0, 0, 1)]


def test_a_run_that_a_bug_ends_is_noted_as_failed_with_its_reason(tmp_path: Path) -> None:
    with job_in(tmp_path) as job, pytest.raises(ZeroDivisionError):
        pipeline.run_step(job, lambda job, summary: 1 / 0)
    assert query(tmp_path / "sentinel.db", REASONS_SQL) == [("failed", "ZeroDivisionError: division by zero", 1)]


def test_a_run_that_an_error_ends_is_noted_with_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("in the way")
    with job_in(tmp_path) as job, pytest.raises(ReportError) as caught:
        pipeline.run_once(job)
    assert query(tmp_path / "sentinel.db", REASONS_SQL) == [("failed", str(caught.value), 1)]


def test_a_run_notes_that_a_killed_one_before_it_was_broken_off(tmp_path: Path) -> None:
    with job_in(tmp_path) as job:
        pipeline.run_step(job, pipeline.score)
        with job.database.write() as connection:
            start_run(connection, "killed", now=NOON)
        pipeline.run_step(job, pipeline.score)
    killed = "ended without a word: killed, or the machine stopped"
    assert query(tmp_path / "sentinel.db", REASONS_SQL) == [("done", "", 1), ("broken off", killed, 0), ("done", "", 1)]


def test_a_store_can_be_worked_on_by_one_job_at_a_time(tmp_path: Path) -> None:
    settings = build_settings(tmp_path)
    with pipeline.open_job(settings), pytest.raises(LockHeldError), pipeline.open_job(settings):
        pytest.fail("opened twice")
    with pipeline.open_job(settings):
        pass


# --- which days ------------------------------------------------------------------------------------------------


def ago(n_days: int) -> date:
    return TODAY - timedelta(days=n_days)


def test_days_to_report_are_today_alone_without_news(tmp_path: Path) -> None:
    with job_in(tmp_path) as job:
        assert pipeline.days_to_report(job) == [TODAY]


@pytest.fixture
def reported(tmp_path: Path) -> Iterator[Job]:
    """Give a job with an item 1, 3, 7, 8 and 30 days ago, each with its page."""
    with job_in(tmp_path) as job:
        import_headlines(job, tmp_path, *((ago(n_days).isoformat(), PROFIT) for n_days in (1, 3, 7, 8, 30)))
        pipeline.run_step(job, pipeline.score)
        pipeline.write_reports(job, [ago(n_days) for n_days in (30, 8, 7, 3, 1)])
        yield job


def test_days_to_report_reach_back_as_far_as_late_items_do(reported: Job) -> None:
    assert pipeline.days_to_report(reported) == [ago(7), ago(3), ago(1), TODAY]


def test_days_to_report_begin_with_the_first_page_that_lacks_an_item(reported: Job, tmp_path: Path) -> None:
    import_headlines(reported, tmp_path, (ago(8).isoformat(), LOSS))
    pipeline.run_step(reported, pipeline.score)
    assert pipeline.days_to_report(reported) == [ago(8), ago(7), ago(3), ago(1), TODAY]
    import_headlines(reported, tmp_path, (ago(20).isoformat(), LOSS))
    assert pipeline.days_to_report(reported) == [ago(20), ago(8), ago(7), ago(3), ago(1), TODAY]


def test_days_to_report_begin_with_the_first_page_whose_items_were_scored_later(tmp_path: Path) -> None:
    with job_in(tmp_path) as job:
        import_headlines(job, tmp_path, (ago(30).isoformat(), PROFIT))
        pipeline.write_reports(job, [ago(30)])
        assert pipeline.days_to_report(job) == [TODAY]
        pipeline.run_step(job, pipeline.score)
        assert pipeline.days_to_report(job) == [ago(30), TODAY]
        pipeline.write_reports(job, pipeline.days_to_report(job))
        assert pipeline.days_to_report(job) == [TODAY]


def test_days_to_report_leave_no_gap_after_an_outage(tmp_path: Path) -> None:
    clock = Clock(NOON - timedelta(days=5))
    with job_in(tmp_path, clock=clock) as job:
        import_headlines(job, tmp_path, (ago(5).isoformat(), PROFIT))
        pipeline.run_step(job, pipeline.score)
        pipeline.write_reports(job, [ago(5)])
        clock.time = NOON - timedelta(days=1)
        with suppress(StoreError), RecordedRun(job):
            pipeline.write_reports(job, [ago(3)])
            raise StoreError("full")
        clock.time = NOON
        assert pipeline.days_to_report(job) == [ago(5), ago(4), ago(2), ago(1), TODAY]
        pipeline.write_reports(job, pipeline.days_to_report(job))
        assert pipeline.days_to_report(job) == [ago(5), TODAY]


def test_days_to_report_make_a_page_as_of_a_time_whole_again(reported: Job) -> None:
    pipeline.write_reports(reported, [ago(30)], as_of=NOON - timedelta(days=5))
    assert pipeline.days_to_report(reported) == [ago(30), ago(8), ago(7), ago(3), ago(1), TODAY]


def test_days_to_report_leave_pages_of_another_model_alone(tmp_path: Path) -> None:
    with job_in(tmp_path) as job:
        import_headlines(job, tmp_path, *((ago(n_days).isoformat(), PROFIT) for n_days in (1, 3)))
        pipeline.run_step(job, pipeline.score)
        pipeline.write_reports(job, [ago(1), TODAY])
    with job_in(tmp_path, model=str(build_renamed_bundle(tmp_path / "other"))) as job:
        pipeline.run_step(job, pipeline.score)
        assert pipeline.days_to_report(job) == [ago(3), TODAY]


def test_days_between_begin_with_the_day_of_the_first_item(reported: Job) -> None:
    assert pipeline.days_between(reported, date(1900, 1, 1), ago(29)) == [ago(30), ago(29)]
    assert pipeline.days_between(reported, ago(3), ago(2)) == [ago(3), ago(2)]
    with pytest.raises(ReportError, match="no item is stored for these days"):
        pipeline.days_between(reported, date(1900, 1, 1), ago(31))


def test_days_between_of_an_empty_store_are_none(tmp_path: Path) -> None:
    with job_in(tmp_path) as job, pytest.raises(ReportError, match="no item is stored"):
        pipeline.days_between(job, ago(3), TODAY)


def test_a_day_that_has_not_begun_is_refused_before_a_feed_is_asked(server: FeedServer, tmp_path: Path) -> None:
    with job_in(tmp_path, feed_entry("good", server.url("/good"))) as job:
        for attempt in (
            lambda: pipeline.run_once(job, day=ago(-1)),
            lambda: pipeline.write_reports(job, [TODAY, ago(-1)]),
            lambda: pipeline.days_between(job, TODAY, ago(-1)),
            lambda: pipeline.write_reports(job, [TODAY], as_of=NOON + timedelta(seconds=1)),
        ):
            with pytest.raises(ConfigError, match=r"has not begun yet|lies in the future"):
                attempt()
    assert server.requests == []
    assert not (tmp_path / "reports").exists()


def test_days_to_report_make_up_for_missing_pages_of_ninety_days(tmp_path: Path) -> None:
    with job_in(tmp_path) as job:
        import_headlines(job, tmp_path, *((ago(n_days).isoformat(), PROFIT) for n_days in (20, 89, 90)))
        assert pipeline.days_to_report(job) == [ago(89), ago(20), TODAY]


def test_days_to_report_leave_out_what_is_not_known_yet(server: FeedServer, tmp_path: Path) -> None:
    clock = Clock(NOON + timedelta(days=1))
    server.routes["/good"] = news((PROFIT, NOON - timedelta(days=3)))
    with job_in(tmp_path, feed_entry("good", server.url("/good")), clock=clock) as job:
        pipeline.run_step(job, pipeline.collect)
        assert pipeline.days_to_report(job) == [ago(3), ago(-1)]
        clock.time = NOON
        assert pipeline.days_to_report(job) == [TODAY]


def test_days_to_report_are_days_of_the_reports_time_zone(tmp_path: Path) -> None:
    late = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)
    with job_in(tmp_path, clock=Clock(late), timezone="Asia/Tokyo") as job:
        import_headlines(job, tmp_path, ("2026-02-28T15:00:00Z", PROFIT), ("2026-02-28T14:59:59Z", LOSS))
        assert pipeline.days_to_report(job) == [date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2)]


# --- reports ---------------------------------------------------------------------------------------------------


def test_archived_headlines_become_pages_and_are_stored_once(tmp_path: Path) -> None:
    rows = [
        (f"2026-02-{day}T{hour:02}:00:00Z", f"{PROFIT} in case {day}-{hour}")
        for day in (26, 27)
        for hour in (8, 9, 10, 11)
    ]
    unusable = [("2026-02-26", ""), ("soon", LOSS)]
    days = [date(2026, 2, 26), date(2026, 2, 27)]
    with job_in(tmp_path) as job:
        assert import_headlines(job, tmp_path, *rows, *unusable) == {"read": 10, "new": 8, "known": 0, "unusable": 2}
        assert import_headlines(job, tmp_path, *rows, *unusable) == {"read": 10, "new": 0, "known": 8, "unusable": 2}
        assert pipeline.run_step(job, pipeline.score).n_scored == 8
        assert pipeline.run_step(job, pipeline.score).n_scored == 0
        index = pipeline.write_reports(job, days)
        before = digests(tmp_path / "reports")
        pipeline.write_reports(job, days)
    assert index == tmp_path / "reports" / "index.html"
    assert digests(tmp_path / "reports") == before
    for day in days:
        assert [row["feed"] for row in read_table(tmp_path / "reports", day, "items")] == ["archive"] * 4
        market = next(row for row in read_table(tmp_path / "reports", day, "daily") if row["topic_kind"] == "market")
        assert float(market["mood"]) > 0
        (coverage,) = read_table(tmp_path / "reports", day, "feeds")
        assert (coverage["feed"], coverage["outcome"], coverage["n_items"]) == ("archive", "ok", "4")
    assert query(tmp_path / "sentinel.db", "SELECT DISTINCT day FROM daily_mood ORDER BY day") == [
        ("2026-02-26",),
        ("2026-02-27",),
    ]


def test_a_day_without_news_gets_a_page_that_says_so(tmp_path: Path) -> None:
    with job_in(tmp_path) as job:
        pipeline.write_reports(job, [TODAY])
    folder = tmp_path / "reports" / TODAY.isoformat()
    assert "Not enough news to state a mood" in (folder / "index.html").read_text(encoding="utf-8")
    assert read_table(tmp_path / "reports", TODAY, "items") == []
    assert TODAY.isoformat() in (tmp_path / "reports" / "index.html").read_text(encoding="utf-8")


def test_a_day_whose_items_have_no_published_time_gets_its_page(server: FeedServer, tmp_path: Path) -> None:
    server.routes["/dateless"] = Reply(rss(*(f"<title>{title}</title>" for title in (PROFIT, LOSS))))
    with job_in(tmp_path, feed_entry("dateless", server.url("/dateless"))) as job:
        pipeline.run_once(job)
    rows = read_table(tmp_path / "reports", TODAY, "items")
    assert [(row["published"], row["local_time"]) for row in rows] == [("", "2026-03-02 12:00")] * 2


def test_items_first_seen_later_than_now_are_no_first_day(tmp_path: Path) -> None:
    clock = Clock(NOON + timedelta(days=9))
    with job_in(tmp_path, clock=clock) as job:
        import_headlines(job, tmp_path, ("2026-03-10", PROFIT))
        clock.time = NOON
        with pytest.raises(ReportError, match="no item is stored"):
            pipeline.days_between(job, ago(3), TODAY)


def test_archived_headlines_of_the_future_are_unusable(tmp_path: Path) -> None:
    soon, later = NOON + timedelta(hours=1), NOON + timedelta(hours=1, seconds=1)
    rows = [(time.isoformat(), f"{PROFIT} {time:%S}") for time in (soon, later)]
    with job_in(tmp_path) as job:
        counts = import_headlines(job, tmp_path, *rows, ("2099-01-01", LOSS))
    assert counts == {"read": 3, "new": 1, "known": 0, "unusable": 2}
    assert query(tmp_path / "sentinel.db", "SELECT first_seen FROM items") == [("2026-03-02 13:00:00.000000",)]


def test_a_report_of_no_day_is_refused(tmp_path: Path) -> None:
    with job_in(tmp_path) as job, pytest.raises(ReportError, match="no day to report"):
        pipeline.write_reports(job, [])


@pytest.fixture
def two_collections(server: FeedServer, tmp_path: Path) -> Iterator[tuple[Job, datetime]]:
    """Give a job that collected at noon and at six, when one feed had more and the other was gone; and the noon."""
    clock = Clock()
    server.routes["/wire"] = news((PROFIT, NOON - timedelta(hours=2)))
    server.routes["/desk"] = news((f"{PROFIT} again", NOON - timedelta(hours=1)))
    entries = [feed_entry(name, server.url(f"/{name}")) for name in ("wire", "desk")]
    with job_in(tmp_path, *entries, clock=clock) as job:
        pipeline.run_step(job, pipeline.collect)
        clock.time = NOON + timedelta(hours=6)
        server.routes["/wire"] = news((PROFIT, NOON - timedelta(hours=2)), (LOSS, NOON + timedelta(hours=5)))
        del server.routes["/desk"]
        pipeline.run_step(job, pipeline.collect)
        pipeline.run_step(job, pipeline.score)
        yield job, NOON


def test_a_report_as_of_a_time_uses_only_what_was_first_seen_by_then(
    two_collections: tuple[Job, datetime], tmp_path: Path
) -> None:
    job, noon = two_collections
    reports = tmp_path / "reports"
    pipeline.write_reports(job, [TODAY], as_of=noon)
    assert [row["title"] for row in read_table(reports, TODAY, "items")] == [PROFIT, f"{PROFIT} again"]
    assert [row["outcome"] for row in read_table(reports, TODAY, "feeds")] == ["ok", "ok"]
    pipeline.write_reports(job, [TODAY], as_of=noon - timedelta(microseconds=1))
    assert read_table(reports, TODAY, "items") == []
    assert read_table(reports, TODAY, "feeds") == []
    pipeline.write_reports(job, [TODAY])
    assert [row["title"] for row in read_table(reports, TODAY, "items")] == [PROFIT, f"{PROFIT} again", LOSS]
    assert {row["feed"]: row["outcome"] for row in read_table(reports, TODAY, "feeds")} == {
        "wire": "ok",
        "desk": "failed",
    }


def test_a_report_as_of_a_time_leaves_the_stored_moods_alone(
    two_collections: tuple[Job, datetime], tmp_path: Path
) -> None:
    job, noon = two_collections
    pipeline.write_reports(job, [TODAY])
    moods, pages = query(tmp_path / "sentinel.db", MOODS_SQL), digests(tmp_path / "reports")
    pipeline.write_reports(job, [TODAY], as_of=noon)
    assert query(tmp_path / "sentinel.db", MOODS_SQL) == moods != []
    assert digests(tmp_path / "reports") != pages
    pipeline.write_reports(job, [TODAY])
    assert digests(tmp_path / "reports") == pages


def test_a_fetch_at_midnight_belongs_to_the_day_that_begins(tmp_path: Path, server: FeedServer) -> None:
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    with job_in(tmp_path, feed_entry("absent", server.url("/absent")), clock=Clock(midnight)) as job:
        pipeline.run_step(job, pipeline.collect)
        pipeline.write_reports(job, [ago(1), TODAY])
    assert read_table(tmp_path / "reports", ago(1), "feeds") == []
    assert [row["outcome"] for row in read_table(tmp_path / "reports", TODAY, "feeds")] == ["failed"]


def test_an_item_counts_and_is_shown_at_a_time_that_can_be_true(server: FeedServer, tmp_path: Path) -> None:
    server.routes["/good"] = news(
        (PROFIT, NOON - timedelta(hours=3)),
        (LOSS, NOON + timedelta(days=5)),
        (f"{LOSS} again", NOON - timedelta(days=9)),
    )
    with job_in(tmp_path, feed_entry("good", server.url("/good"))) as job:
        pipeline.run_once(job)
    rows = read_table(tmp_path / "reports", TODAY, "items")
    assert [(row["title"], row["local_time"]) for row in sorted(rows, key=lambda row: row["title"])] == [
        (PROFIT, "2026-03-02 09:00"),
        (LOSS, "2026-03-02 12:00"),
        (f"{LOSS} again", "2026-03-02 12:00"),
    ]
    assert rows[0]["title"] == PROFIT
    assert {row["published"] for row in rows} == {
        "2026-03-02T09:00:00Z",
        "2026-03-07T12:00:00Z",
        "2026-02-21T12:00:00Z",
    }
    (coverage,) = read_table(tmp_path / "reports", TODAY, "feeds")
    assert coverage["newest"] == "2026-03-02T12:00:00Z"
    page = (tmp_path / "reports" / TODAY.isoformat() / "index.html").read_text(encoding="utf-8")
    assert "1 item of 3 is dated more than a week before its collection" in page


def test_a_sample_day_never_takes_the_place_of_a_real_one(tmp_path: Path) -> None:
    with job_in(tmp_path) as job:
        pipeline.write_reports(job, [TODAY])
    pages = digests(tmp_path / "reports")
    with pytest.raises(ReportError, match="holds a page of real news"):
        pipeline.run_sample(tmp_path, {})
    assert digests(tmp_path / "reports") == pages


def test_items_not_scored_yet_are_counted_on_the_page_and_left_out(tmp_path: Path, server: FeedServer) -> None:
    server.routes["/good"] = news((PROFIT, NOON), (LOSS, NOON))
    with job_in(tmp_path, feed_entry("good", server.url("/good"))) as job:
        pipeline.run_step(job, pipeline.collect)
        pipeline.write_reports(job, [TODAY])
    assert read_table(tmp_path / "reports", TODAY, "items") == []
    page = (tmp_path / "reports" / TODAY.isoformat() / "index.html").read_text(encoding="utf-8")
    assert "<dt>Not scored yet</dt><dd>2 items</dd>" in page


def test_items_in_a_language_that_the_model_does_not_read_are_kept_and_left_out(
    tmp_path: Path, server: FeedServer
) -> None:
    german = "Gewinn der Nordhafen AG bricht im dritten Quartal ein"
    server.routes["/wire"] = news((PROFIT, NOON), (german, NOON), ("$LNTR", NOON))
    with job_in(tmp_path, feed_entry("wire", server.url("/wire"))) as job:
        summary = pipeline.run_once(job)
    assert (summary.n_new, summary.n_scored) == (3, 2)
    languages = dict(query(tmp_path / "sentinel.db", "SELECT title, language FROM items"))
    assert languages == {PROFIT: "en", german: "de", "$LNTR": "und"}
    page = (tmp_path / "reports" / str(TODAY) / "index.html").read_text(encoding="utf-8")
    assert "<dt>In a language that the model does not read</dt><dd>1 item</dd>" in page
    with job_in(tmp_path, feed_entry("wire", server.url("/wire")), languages=["en", "de"]) as job:
        assert pipeline.run_step(job, pipeline.score).n_scored == 1


def test_an_edited_headline_keeps_its_first_text_and_score(tmp_path: Path, server: FeedServer) -> None:
    clock = Clock()
    for title in (PROFIT, f"{PROFIT}, corrected"):
        server.routes["/wire"] = Reply(rss(f"<title>{title}</title><guid isPermaLink='false'>g</guid>"))
        with job_in(tmp_path, feed_entry("wire", server.url("/wire")), clock=clock) as job:
            pipeline.run_step(job, pipeline.collect)
            pipeline.run_step(job, pipeline.score)
        clock.time += timedelta(hours=1)
    store = tmp_path / "sentinel.db"
    assert query(store, "SELECT title, text FROM items") == [(PROFIT, PROFIT)]
    assert query(store, "SELECT title, seen_at FROM item_versions") == [
        (f"{PROFIT}, corrected", "2026-03-02 13:00:00.000000")
    ]
    assert count(tmp_path, "scores") == 1


def test_a_text_is_scored_once_by_a_model_whichever_item_it_comes_with(
    tmp_path: Path, server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    score = Classifier.probabilities
    monkeypatch.setattr(Classifier, "probabilities", lambda self, texts: read.extend(texts) or score(self, texts))
    server.routes["/a"] = news((PROFIT, NOON), (LOSS, NOON))
    server.routes["/b"] = news((PROFIT, NOON))
    server.routes["/c"] = news((LOSS, NOON), (LOSS.upper(), NOON))
    for number, names in enumerate(("ab", "abc", "abc")):
        feeds = [feed_entry(name, server.url(f"/{name}")) for name in names]
        with job_in(tmp_path, *feeds) as job:
            pipeline.run_step(job, pipeline.collect)
            assert pipeline.run_step(job, pipeline.score).n_scored == (3, 2, 0)[number]
    canaries = {text for text, _ in CANARIES}
    assert sorted(text for text in read if text not in canaries) == sorted([PROFIT, LOSS, LOSS.upper()])
    rows = query(
        tmp_path / "sentinel.db",
        "SELECT title, count(*), count(DISTINCT positive), sum(text_hash <> '') FROM scores JOIN items USING (item_id) "
        "GROUP BY title ORDER BY title",
    )
    assert rows == [(PROFIT, 2, 1, 1), (LOSS.upper(), 1, 1, 1), (LOSS, 2, 1, 1)]


def test_another_model_scores_known_texts_again(tmp_path: Path, server: FeedServer) -> None:
    server.routes["/a"] = news((PROFIT, NOON))
    for more in ({}, {"model": str(build_renamed_bundle(tmp_path / "renamed"))}):
        with job_in(tmp_path, feed_entry("a", server.url("/a")), **more) as job:
            pipeline.run_step(job, pipeline.collect)
            assert pipeline.run_step(job, pipeline.score).n_scored == 1
    assert count(tmp_path, "scores WHERE text_hash <> ''") == 2


# --- looking ---------------------------------------------------------------------------------------------------


def test_verify_says_what_names_model_store_and_folder_it_found(tmp_path: Path) -> None:
    settings = build_settings(tmp_path)
    found: dict[str, Any] = pipeline.verify(settings)
    assert list(found) == ["watchlist", "model", "store", "reports"]
    assert re.fullmatch(r"283 companies, 6 themes, list [0-9a-f]{12}", found["watchlist"])
    assert "GPT2ForSequenceClassification" in found["model"]
    assert (found["store"], found["reports"]) == (settings.store, str(settings.reports))


def test_verify_names_a_report_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("in the way")
    with pytest.raises(ReportError, match="cannot create the folder") as caught:
        pipeline.verify(build_settings(tmp_path))
    assert caught.value.where == str(tmp_path / "reports")
