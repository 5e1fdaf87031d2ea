"""A headline that its feed changed is told beside the first, from when it was seen on."""

from __future__ import annotations

import csv
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

from feeds.conftest import Reply, rss
from jobs import LOSS, NOON, PROFIT, Clock, feed_entry, job_in, serve_feeds
from report.pages import Page, read_page

from sentinel import pipeline

if TYPE_CHECKING:
    from pathlib import Path

CHANGED = "CORRECTED: =Net profit of <b>Barrowgate</b> rises 3 percent"


def _feed(*titles: str) -> Reply:
    when = format_datetime(NOON - timedelta(minutes=5))
    items = (
        f"<guid isPermaLink='false'>news-{number}</guid><title><![CDATA[{title}]]></title><pubDate>{when}</pubDate>"
        for number, title in enumerate(titles)
    )
    return Reply(rss(*items), headers={"Content-Type": "application/rss+xml"})


def _told(folder: Path) -> tuple[Page, list[dict[str, str]]]:
    day = folder / "reports" / "2026-03-02"
    with (day / "items.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["title"])
    return read_page(day / "index.html"), rows


def test_changed_headline_is_told_with_its_time_and_the_first_keeps_its_score(tmp_path: Path) -> None:
    """After the change page and items.csv tell both texts; as of a time before it, the first alone."""
    clock = Clock()
    with serve_feeds() as server, job_in(tmp_path, feed_entry("wire", server.url("/wire")), clock=clock) as job:
        server.routes["/wire"] = _feed(PROFIT, LOSS)
        pipeline.run_once(job)
        page, before = _told(tmp_path)
        assert not page.all("span", class_="meta edited")
        clock.time += timedelta(hours=2)
        server.routes["/wire"] = _feed(CHANGED, LOSS)
        pipeline.run_once(job)
        page, after = _told(tmp_path)
        pipeline.write_reports(job, [NOON.date()], as_of=NOON)
        early_page, early = _told(tmp_path)
    told = {element.text.strip() for element in page.all("span", class_="meta edited")}
    assert told == {"headline changed 2026-03-02 14:00, now: CORRECTED: =Net profit of Barrowgate rises 3 percent"}
    assert [row["edited_title"] != "" for row in after] == [row["title"] == PROFIT for row in after]
    (edited,) = [row for row in after if row["edited_title"]]
    assert edited["edited_at"] == "2026-03-02T14:00:00Z"
    figures = ("item_id", "title", "polarity", "weight")
    assert [[row[name] for name in figures] for row in after] == [[row[name] for name in figures] for row in before]
    assert early == before
    assert not early_page.all("span", class_="meta edited")
