"""A feed that falls silent is seen on the page and in its status, as of any moment, and nobody else is blamed."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from jobs import NOON, PROFIT, Clock, build_settings, digests, feed_entry, job_in, news, serve_feeds

from sentinel import pipeline
from sentinel.errors import StoreError
from sentinel.feeds import build_items_frame
from sentinel.pipeline.coverage import FeedLives
from sentinel.records import FeedResult, FeedState, Item
from sentinel.store import load_feed_states, open_database, save_fetch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from feeds.conftest import FeedServer

    from sentinel.pipeline import Job

N_DAYS = 12
LAST = NOON + timedelta(days=N_DAYS - 1)  # a Friday
NOT_A_FEED = "not a feed: text/html page titled 'Sign in'"
SILENT = "no item since Fri 13 Mar 10:00 UTC; usually at least one every 24 h on weekdays"


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with serve_feeds() as feed_server:
        yield feed_server


def keep_fetch(job: Job, clock: Clock, feed: str, *published: datetime, failure: str = "") -> None:
    """Store a fetch as a collection does: a failure, or what a feed showed with one item for each time."""
    urls = {configured.name: configured.url for configured in job.settings.feeds}
    with job.database.read() as connection:
        known = load_feed_states(connection).get(feed) or FeedState(feed, urls[feed])
    items = tuple(
        Item(f"{feed}-{time:%Y%m%d%H%M}", feed, "", "", f"{PROFIT} of {time}", "", PROFIT, time, clock.time)
        for time in published
    )
    changes = {"n_failures": known.n_failures + 1} if failure else {"n_failures": 0, "succeeded_at": clock.time}
    state = replace(known, checked_at=clock.time, reason=failure, **changes)
    result = FeedResult(feed, "failed" if failure else "fetched", failure, state, items)
    with job.database.write() as connection:
        save_fetch(connection, f"{clock.time}", result, build_items_frame(items), now=clock.time)


def mornings(now: datetime) -> list[datetime]:
    """Give the times that a feed with one item each weekday morning shows."""
    shown = [now.replace(hour=10, minute=0) - timedelta(days=day) for day in range(5)]
    return [time for time in shown if time.weekday() < 5]


@pytest.fixture
def lived(tmp_path: Path) -> Iterator[tuple[Job, Clock]]:
    """Give a job that has collected two feeds on the noon of twelve days, the last of them a Friday."""
    clock = Clock()
    entries = [feed_entry(name, f"http://127.0.0.1:9/{name}") for name in ("desk", "wire")]
    with job_in(tmp_path, *entries, clock=clock) as job:
        for day in range(N_DAYS):
            clock.time = NOON + timedelta(days=day)
            for feed in ("desk", "wire"):
                keep_fetch(job, clock, feed, *mornings(clock.time))
        yield job, clock


def live_on(job: Job, clock: Clock, days: int) -> None:
    """Collect for some more days: the wire has news each weekday, the desk answers as before."""
    for _ in range(days):
        clock.time += timedelta(days=1)
        keep_fetch(job, clock, "wire", *mornings(clock.time))
        keep_fetch(job, clock, "desk", *mornings(LAST))


def stale_reasons(folder: Path, day: datetime) -> dict[str, str]:
    content = (folder / "reports" / f"{day:%Y-%m-%d}" / "feeds.csv").read_text(encoding="utf-8-sig")
    return {row["feed"]: row["stale"] for row in csv.DictReader(io.StringIO(content))}


def test_a_weekend_makes_no_feed_stale(lived: tuple[Job, Clock], tmp_path: Path) -> None:
    job, clock = lived
    live_on(job, clock, 3)
    pipeline.write_reports(job, [clock.time.date()])
    assert clock.time.weekday() == 0
    assert stale_reasons(tmp_path, clock.time) == {"desk": "", "wire": ""}


def test_a_feed_whose_newest_item_stopped_moving_is_stale_though_it_answers(
    lived: tuple[Job, Clock], tmp_path: Path
) -> None:
    job, clock = lived
    live_on(job, clock, 10)
    days = [(LAST + timedelta(days=day)).date() for day in range(11)]
    pipeline.write_reports(job, days)
    reasons = [stale_reasons(tmp_path, LAST + timedelta(days=day)) for day in range(11)]
    assert {reason["wire"] for reason in reasons} == {""}
    assert [reason["desk"] for reason in reasons] == [""] * 5 + [SILENT] * 6
    page = (tmp_path / "reports" / f"{days[-1]}" / "index.html").read_text(encoding="utf-8")
    assert SILENT in page


def test_a_page_as_of_a_moment_knows_no_later_silence_and_no_earlier_end_of_it(
    lived: tuple[Job, Clock], tmp_path: Path
) -> None:
    job, clock = lived
    live_on(job, clock, 10)
    silent_at = clock.time
    clock.time = silent_at + timedelta(hours=5)
    keep_fetch(job, clock, "desk", silent_at + timedelta(hours=4))
    found = {}
    for name, as_of in (("full", None), ("silent", silent_at), ("early", silent_at - timedelta(days=8))):
        pipeline.write_reports(job, [(as_of or silent_at).date()], as_of=as_of)
        found[name] = stale_reasons(tmp_path, as_of or silent_at)["desk"]
    assert found == {"full": "", "silent": SILENT, "early": ""}


def test_a_page_made_again_later_has_the_same_bytes(lived: tuple[Job, Clock], tmp_path: Path) -> None:
    job, clock = lived
    live_on(job, clock, 7)
    days = [(LAST + timedelta(days=day)).date() for day in range(8)]
    pipeline.write_reports(job, days)
    pages = digests(tmp_path / "reports")
    clock.time += timedelta(hours=11)
    for day in days:
        pipeline.write_reports(job, [day])
    assert digests(tmp_path / "reports") == pages


def test_hours_in_which_nobody_asked_are_no_silence(lived: tuple[Job, Clock], tmp_path: Path) -> None:
    job, clock = lived
    for days_off in (6, 30):
        clock.time = LAST + timedelta(days=days_off)
        assert [status.word for status in pipeline.feed_statuses(job.settings, now=clock)] == ["ok", "ok"]
    keep_fetch(job, clock, "wire", *mornings(clock.time))
    keep_fetch(job, clock, "desk", *mornings(LAST))
    pipeline.write_reports(job, [clock.time.date()])
    assert stale_reasons(tmp_path, clock.time)["wire"] == ""
    assert stale_reasons(tmp_path, clock.time)["desk"] == SILENT


def test_a_feed_that_turns_into_a_page_is_stale_at_once(lived: tuple[Job, Clock], tmp_path: Path) -> None:
    job, clock = lived
    clock.time += timedelta(hours=2)
    keep_fetch(job, clock, "desk", failure=NOT_A_FEED)
    keep_fetch(job, clock, "wire", *mornings(clock.time))
    pipeline.write_reports(job, [clock.time.date()])
    assert stale_reasons(tmp_path, clock.time) == {
        "desk": "turned into something else than a feed; no item since Fri 13 Mar 10:00 UTC",
        "wire": "",
    }
    desk, wire = pipeline.feed_statuses(job.settings, now=clock)
    assert (desk.word, desk.state.n_failures, wire.word) == ("failing", 1, "ok")
    assert desk.state.reason == NOT_A_FEED


def test_a_status_tells_success_failures_volume_and_rhythm(lived: tuple[Job, Clock]) -> None:
    job, clock = lived
    for _ in range(3):
        clock.time += timedelta(hours=1)
        keep_fetch(job, clock, "desk", failure="HTTP 503 Service Unavailable")
        keep_fetch(job, clock, "wire", *mornings(clock.time))
    desk, wire = pipeline.feed_statuses(job.settings, now=clock)
    assert (desk.state.succeeded_at, desk.state.n_failures) == (LAST, 3)
    assert (wire.state.succeeded_at, wire.state.n_failures) == (clock.time, 0)
    assert (wire.n_recent, wire.health.newest) == (5, LAST - timedelta(hours=2))
    assert (wire.health.rhythm.usual_gap_h, wire.health.rhythm.weekend_weight) == (24.0, 0.0)


def test_what_had_piled_up_before_the_first_fetch_tells_the_rhythm(server: FeedServer, tmp_path: Path) -> None:
    backlog = [NOON - timedelta(hours=6 * number) for number in range(60)]
    server.routes["/wire"] = news(*((f"{PROFIT} {number}", time) for number, time in enumerate(backlog)))
    with job_in(tmp_path, feed_entry("wire", server.url("/wire"))) as job:
        pipeline.run_step(job, pipeline.collect)
        (status,) = pipeline.feed_statuses(job.settings, now=Clock())
    assert status.health.rhythm.usual_gap_h == pytest.approx(6.0)
    assert status.n_recent == 28


def test_an_imported_archive_has_no_status_and_is_never_stale(tmp_path: Path) -> None:
    (tmp_path / "archived.csv").write_text(f"title,published\n{PROFIT},2026-03-01T12:00:00Z\n", encoding="utf-8")
    with job_in(tmp_path) as job:
        pipeline.import_items(
            job,
            str(tmp_path / "archived.csv"),
            feed="archive",
            text_column="title",
            time_column="published",
            timezone="UTC",
        )
        pipeline.run_step(job, pipeline.score)
        pipeline.write_reports(job, [NOON.date() - timedelta(days=1)])
        (status,) = pipeline.feed_statuses(job.settings, now=Clock())
    assert stale_reasons(tmp_path, NOON - timedelta(days=1)) == {"archive": ""}
    assert (status.feed, status.word) == ("wire", "never asked")


def test_a_status_needs_no_lock_and_makes_no_store(server: FeedServer, tmp_path: Path) -> None:
    settings = build_settings(tmp_path, feed_entry("wire", server.url("/wire")))
    with pytest.raises(StoreError, match=r"there is no store yet \('sentinel collect' makes it\)"):
        pipeline.feed_statuses(settings)
    assert list(tmp_path.iterdir()) == []
    server.routes["/wire"] = news((PROFIT, NOON))
    with job_in(tmp_path, feed_entry("wire", server.url("/wire"))) as job:
        pipeline.run_step(job, pipeline.collect)
        (status,) = pipeline.feed_statuses(job.settings, now=Clock(datetime(2026, 3, 2, 13, tzinfo=UTC)))
    assert (status.word, status.n_recent) == ("ok", 1)


def test_a_status_asks_for_an_older_or_newer_store_to_be_seen_to(tmp_path: Path) -> None:
    settings = build_settings(tmp_path)
    database = open_database(settings.store)
    try:
        for change, words in (
            ("DELETE FROM schema_migrations WHERE number > 1", "is older than this program's"),
            ("INSERT INTO schema_migrations VALUES (999, '')", "is newer than this program's"),
        ):
            with database.write() as connection:
                connection.exec_driver_sql(change)
            with pytest.raises(StoreError, match=words):
                pipeline.feed_statuses(settings)
    finally:
        database.close()


def test_a_feed_fails_since_the_first_of_its_failures_in_a_row(lived: tuple[Job, Clock]) -> None:
    job, clock = lived
    for hours, failure in ((24, "HTTP 500"), (30, ""), (36, "HTTP 502"), (42, "HTTP 503")):
        clock.time = LAST + timedelta(hours=hours)
        keep_fetch(job, clock, "desk", failure=failure)
    lives = FeedLives.load(job.database, LAST, clock.time)
    assert lives.failing("desk", clock.time) == (LAST + timedelta(hours=36), "HTTP 503")
    assert lives.failing("desk", LAST + timedelta(hours=40)) == (LAST + timedelta(hours=36), "HTTP 502")
    assert lives.failing("desk", LAST + timedelta(hours=33)) is None
    assert lives.failing("desk", clock.time + timedelta(days=8)) is None
    assert lives.failing("wire", clock.time) is None
    assert lives.failing("absent", clock.time) is None
