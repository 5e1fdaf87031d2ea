"""Items get their stories as they are stored, and again before any page; weights, tables and pages use them."""

from __future__ import annotations

import csv
import io
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from jobs import LOSS, NOON, PROFIT, Clock, digests, feed_entry, job_in, news, query, serve_feeds

from sentinel import pipeline
from sentinel.pipeline import reports, stories

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from feeds.conftest import FeedServer

    from sentinel.pipeline import Job

TODAY = NOON.date()
HOUR = timedelta(hours=1)
COPY = f"UPDATE 1-{PROFIT}; shares climb"
GIVEN = "SELECT i.title, l.title FROM stories s JOIN items i USING (item_id) JOIN items l ON l.item_id = s.story_id"


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with serve_feeds() as running:
        yield running


def import_headlines(job: Job, folder: Path, *rows: tuple[datetime, str], feed: str = "archive") -> dict[str, int]:
    path = folder / f"{feed}.csv"
    lines = [f'{time.isoformat()},"{title}"\n' for time, title in rows]
    path.write_text("published,title\n" + "".join(lines), encoding="utf-8")
    return pipeline.import_items(
        job, str(path), feed=feed, text_column="title", time_column="published", timezone="UTC"
    )


def given(folder: Path) -> dict[str, str]:
    """Read the headline that leads the story of each headline."""
    return dict(query(folder / "sentinel.db", GIVEN))


def read_rows(folder: Path, name: str, day: date = TODAY) -> list[dict[str, str]]:
    path = folder / "reports" / day.isoformat() / f"{name}.csv"
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def test_a_run_groups_what_two_feeds_tell_and_weighs_the_copy_less(server: FeedServer, tmp_path: Path) -> None:
    clock = Clock()
    server.routes["/wire"] = news((PROFIT, NOON - HOUR))
    with job_in(tmp_path, *(feed_entry(n, server.url(f"/{n}")) for n in ("wire", "desk")), clock=clock) as job:
        server.routes["/desk"] = news()
        pipeline.run_step(job, pipeline.collect)
        server.routes["/desk"] = news((COPY, NOON - HOUR), (LOSS, NOON - HOUR))
        clock.time += HOUR
        pipeline.run_once(job)
    rows = {row["title"]: row for row in read_rows(tmp_path, "items")}
    assert rows[PROFIT]["story_id"] == rows[COPY]["story_id"] == rows[PROFIT]["item_id"]
    assert rows[LOSS]["story_id"] == rows[LOSS]["item_id"]
    assert [float(rows[title]["weight"]) for title in (PROFIT, COPY, LOSS)] == [1.0, 0.75, 1.0]
    market = next(row for row in read_rows(tmp_path, "daily") if row["topic_kind"] == "market")
    assert (market["n_items"], market["n_stories"]) == ("3", "2")
    page = (tmp_path / "reports" / TODAY.isoformat() / "index.html").read_text(encoding="utf-8")
    assert "<summary>2 items in 2 feeds</summary>" in page
    assert "3 items of the day tell 2 stories" in page


def test_an_import_groups_its_items_in_batches_as_in_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        (NOON - n * HOUR, title) for n in range(30) for title in (f"{PROFIT} at mill {n % 4 + 20}", f"{LOSS} {n % 9}")
    ]
    found = []
    for batch in (5_000, 3, 1):
        monkeypatch.setattr(stories, "STORY_BATCH", batch)
        (folder := tmp_path / str(batch)).mkdir()
        with job_in(folder) as job:
            import_headlines(job, folder, *rows)
        found.append(query(folder / "sentinel.db", "SELECT item_id, story_id, joined_at FROM stories ORDER BY item_id"))
    assert found[0] == found[1] == found[2]
    assert len({row[0] for row in found[0]}) > len({row[1] for row in found[0]}) > 1


def test_an_import_in_parts_in_order_of_time_gives_the_stories_of_one(tmp_path: Path) -> None:
    rows = [(NOON - n * HOUR, f"{PROFIT} at mill {n % 4 + 20}") for n in range(200, 0, -1)]
    found = []
    for parts in ([rows], [rows[:70], rows[70:71], rows[71:]]):
        (folder := tmp_path / str(len(parts))).mkdir()
        with job_in(folder) as job:
            for part in parts:
                import_headlines(job, folder, *part)
        found.append(query(folder / "sentinel.db", "SELECT item_id, story_id FROM stories ORDER BY item_id"))
    assert found[0] == found[1]


def test_a_second_archive_of_the_same_time_joins_the_stories_of_the_first(tmp_path: Path) -> None:
    with job_in(tmp_path) as job:
        import_headlines(job, tmp_path, (NOON - 5 * HOUR, PROFIT), feed="first")
        import_headlines(job, tmp_path, (NOON - 7 * HOUR, COPY), (NOON - 99 * HOUR, f"RPT-{PROFIT}"), feed="second")
    assert given(tmp_path) == {PROFIT: PROFIT, COPY: PROFIT, f"RPT-{PROFIT}": f"RPT-{PROFIT}"}


def test_a_story_is_joined_as_of_the_first_seen_of_its_item(tmp_path: Path) -> None:
    with job_in(tmp_path) as job:
        import_headlines(job, tmp_path, (NOON - 2 * HOUR, PROFIT), (NOON, COPY))
    joined = "SELECT count(*) FROM stories JOIN items USING (item_id) WHERE joined_at = first_seen"
    assert query(tmp_path / "sentinel.db", joined) == [(2,)]


def test_a_report_groups_items_that_have_no_story_yet(tmp_path: Path) -> None:
    with job_in(tmp_path) as job:
        import_headlines(job, tmp_path, (NOON - 2 * HOUR, PROFIT), (NOON - HOUR, COPY), (NOON, LOSS))
        pipeline.run_step(job, pipeline.score)
        pipeline.write_reports(job, [TODAY])
    before, files = given(tmp_path), digests(tmp_path / "reports")
    assert before == {PROFIT: PROFIT, COPY: PROFIT, LOSS: LOSS}
    with closing(sqlite3.connect(tmp_path / "sentinel.db")) as lost, lost:
        lost.execute("DELETE FROM stories WHERE item_id <> story_id")
    with job_in(tmp_path) as job:
        pipeline.write_reports(job, [TODAY])
        assert stories.group_items(job.database) == 0
    assert given(tmp_path) == before
    assert digests(tmp_path / "reports") == files


def test_a_page_as_of_a_time_knows_the_stories_of_then(tmp_path: Path) -> None:
    with job_in(tmp_path) as job:
        import_headlines(job, tmp_path, (NOON - 3 * HOUR, PROFIT), (NOON - HOUR, COPY))
        pipeline.run_step(job, pipeline.score)
        pipeline.write_reports(job, [TODAY], as_of=NOON - 2 * HOUR)
        assert [(row["title"], row["weight"]) for row in read_rows(tmp_path, "items")] == [(PROFIT, "1.0000")]
        pipeline.write_reports(job, [TODAY])
    assert [row["weight"] for row in read_rows(tmp_path, "items")] == ["1.0000", "0.7500"]


def test_what_a_copy_weighs_does_not_hang_on_the_days_that_are_read(tmp_path: Path) -> None:
    first = datetime(2026, 2, 20, 23, tzinfo=UTC)
    with job_in(tmp_path) as job:
        import_headlines(job, tmp_path, (first, PROFIT), (first + 70 * HOUR, COPY))
        for days in (0, 1, 2, 30):
            day = date(2026, 2, 23)
            weighed = reports.load_weighed(job, day - timedelta(days=days), day, known_by=NOON)
            (copy,) = weighed[weighed["day"] == day].itertuples()
            assert (copy.weight, copy.story_since) == (0.75, first)
