"""What moved a day, as the store has it: exact, the same as of a time as it was then, and no silent restatement."""

from __future__ import annotations

import csv
import io
import json
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from jobs import NOON, Clock, build_renamed_bundle, digests, feed_entry, job_in, news, query, serve_feeds
from report.pages import Page, read_page

from sentinel import pipeline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime
    from pathlib import Path

    from feeds.conftest import FeedServer

    from sentinel.pipeline import Job

TODAY = NOON.date()
YESTERDAY = TODAY - timedelta(days=1)
PARTS = ("from_new", "from_faded", "from_ongoing", "from_feeds", "from_mix", "from_amount", "from_rounding")
BAD = (
    "Barrowgate shares plunge after a profit warning",
    "Lantry cuts 4,000 jobs as losses widen",
    "Regulator fines Ostrey Bank for misleading clients",
    "Quarterly sales of Pellham fall short of forecasts",
    "Storm damage forces Dunmere Ports to close for a month",
)
GOOD = (
    "Velloria lifts its outlook after record orders",
    "Profit of Harrow & Pike doubles on strong demand",
    "Graymarch wins a contract worth 2 billion dollars",
    "Caldora raises its dividend by 20 percent",
    "Norvasta shares jump to a five-year high",
)
LATE = ("Jovellin beats forecasts and hires 900 people", "Unemployment falls to the lowest level in a decade")


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with serve_feeds() as feed_server:
        yield feed_server


def tell(server: FeedServer, path: str, *told: tuple[tuple[str, ...], datetime]) -> None:
    entries = [(title, time + timedelta(minutes=n)) for titles, time in told for n, title in enumerate(titles)]
    server.routes[path] = news(*entries)


def market(folder: Path, day: date) -> dict[str, str]:
    content = (folder / "reports" / str(day) / "daily.csv").read_text(encoding="utf-8-sig")
    return next(row for row in csv.DictReader(io.StringIO(content)) if row["topic_kind"] == "market")


def shown(folder: Path, day: date) -> str:
    """Give the mood as the page of a day shows it."""
    return f"{json.loads((folder / 'reports' / str(day) / 'summary.json').read_text(encoding='utf-8'))['mood']:+.1f}"


def page_of(folder: Path, day: date) -> Page:
    return read_page(folder / "reports" / str(day) / "index.html")


def trust_of(page: Page) -> str:
    return " ".join(element.text for element in page.all("ul", class_="trust"))


@contextmanager
def run_two_days(server: FeedServer, folder: Path) -> Iterator[tuple[Job, Clock]]:
    """Run at noon of two days, bad news on the first and good on the second."""
    clock = Clock(NOON - timedelta(days=1))
    tell(server, "/wire", (BAD, clock.time - timedelta(hours=3)))
    with job_in(folder, feed_entry("wire", server.url("/wire")), clock=clock) as job:
        pipeline.run_once(job)
        clock.time = NOON
        tell(server, "/wire", (BAD, NOON - timedelta(hours=27)), (GOOD, NOON - timedelta(hours=3)))
        pipeline.run_once(job)
        yield job, clock


@pytest.fixture
def two_days(server: FeedServer, tmp_path: Path) -> Iterator[tuple[Job, Clock]]:
    with run_two_days(server, tmp_path) as job_and_clock:
        yield job_and_clock


def test_page_tells_what_moved_the_mood_in_figures_that_sum_to_the_change(
    two_days: tuple[Job, Clock], tmp_path: Path
) -> None:
    row = market(tmp_path, TODAY)
    assert float(row["change"]) > 20
    assert sum(float(row[part]) for part in PARTS) == pytest.approx(float(row["change"]), abs=1e-9)
    rows = page_of(tmp_path, TODAY).rows("moves")
    assert [rows[0][0], rows[-1][0]] == [f"Mood of {YESTERDAY}", f"Mood of {TODAY}"]
    named = " ".join(cell for part in rows for cell in part)
    assert sum(title in named for title in GOOD) == sum(title in named for title in BAD) == 3


def test_first_day_has_nothing_to_explain(two_days: tuple[Job, Clock], tmp_path: Path) -> None:
    assert "There is no change to explain" in page_of(tmp_path, YESTERDAY).all("main")[0].text
    assert market(tmp_path, YESTERDAY)["from_new"] == ""


def test_late_news_shows_yesterday_as_published_beside_as_now_known(
    two_days: tuple[Job, Clock], server: FeedServer, tmp_path: Path
) -> None:
    job, clock = two_days
    published, then = market(tmp_path, YESTERDAY)["mood"], shown(tmp_path, YESTERDAY)
    assert trust_of(page_of(tmp_path, TODAY)).count("published") == 0
    clock.time = NOON + timedelta(hours=1)
    tell(server, "/wire", (LATE, NOON - timedelta(hours=20)))  # of yesterday, met today
    pipeline.run_once(job)
    row = market(tmp_path, YESTERDAY)
    assert (row["published_mood"], row["mood"] == published) == (published, False)
    line = f"{YESTERDAY} was published as {then} (2026-03-01 12:00) and is {shown(tmp_path, YESTERDAY)} as now known"
    for day in (YESTERDAY, TODAY):
        assert line in trust_of(page_of(tmp_path, day))
    pages = digests(tmp_path / "reports")
    clock.time += timedelta(hours=3)
    pipeline.run_once(job)
    assert digests(tmp_path / "reports") == pages


def test_page_as_of_a_time_tells_what_the_page_made_then_told(
    two_days: tuple[Job, Clock], server: FeedServer, tmp_path: Path
) -> None:
    job, clock = two_days
    then = clock.time
    tables = {day: digests(tmp_path / "reports" / str(day))["daily.csv"] for day in (YESTERDAY, TODAY)}
    told = {day: (page_of(tmp_path, day).rows("moves"), trust_of(page_of(tmp_path, day))) for day in (TODAY,)}
    clock.time = NOON + timedelta(days=1)
    tell(server, "/wire", (LATE, NOON - timedelta(hours=20)), (BAD[:2], NOON + timedelta(hours=20)))
    pipeline.run_once(job)
    assert market(tmp_path, TODAY)["published_mood"] != ""
    assert {day: digests(tmp_path / "reports" / str(day))["daily.csv"] for day in tables} != tables
    pipeline.write_reports(job, [YESTERDAY, TODAY], as_of=then)
    assert {day: digests(tmp_path / "reports" / str(day))["daily.csv"] for day in tables} == tables
    page = page_of(tmp_path, TODAY)
    assert {TODAY: (page.rows("moves"), trust_of(page))} == told


def test_a_report_as_of_a_time_publishes_nothing(two_days: tuple[Job, Clock], tmp_path: Path) -> None:
    job, clock = two_days
    rows = query(tmp_path / "sentinel.db", "SELECT * FROM published_mood ORDER BY day, topic_kind, topic")
    clock.time = NOON + timedelta(hours=5)
    pipeline.write_reports(job, [YESTERDAY, TODAY], as_of=NOON)
    assert query(tmp_path / "sentinel.db", "SELECT * FROM published_mood ORDER BY day, topic_kind, topic") == rows != []


def test_a_new_model_stands_beside_what_the_old_one_published(server: FeedServer, tmp_path: Path) -> None:
    with run_two_days(server, tmp_path) as (job, _):
        old_id = job.bundle.model_id
    moods = [shown(tmp_path, day) for day in (TODAY, YESTERDAY)]
    clock = Clock(NOON + timedelta(hours=2))
    entry = feed_entry("wire", server.url("/wire"))
    with job_in(tmp_path, entry, clock=clock, model=str(build_renamed_bundle(tmp_path / "renamed"))) as job:
        assert job.bundle.model_id != old_id
        pipeline.run_once(job)
    page = page_of(tmp_path, TODAY)
    assert f"Published by {old_id}" in [element.text for element in page.all("th")]
    assert [row[-1] for row in page.rows("numbers")] == moods
    assert market(tmp_path, YESTERDAY)["model_id"] == old_id
    assert market(tmp_path, TODAY)["model_id"] != old_id
