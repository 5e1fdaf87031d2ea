"""The archive page: a calendar that can be read without colour, a feed that feed readers take, and a list of days."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import feedparser
import pytest

from sentinel.feeds import parse_feed
from sentinel.report import write_day, write_index
from sentinel.report.calendar_map import build_months
from sentinel.report.links import all_neighbours
from sentinel.report.summary import DaySummary, read_summaries, summary_bytes

from .days import LAST_DAY, build_day
from .pages import read_page

if TYPE_CHECKING:
    from pathlib import Path

DAYS = [LAST_DAY - timedelta(days=back) for back in (40, 2, 1, 0)]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for day in DAYS:
        write_day(tmp_path, build_day(day, n_items=20, n_days=8))
    write_index(tmp_path)
    return tmp_path


def bare_summary(day: date, *, is_sample: bool = False) -> DaySummary:
    texts = dict.fromkeys(("timezone", "known_by", "headline", "model_id"), "")
    figures = dict.fromkeys(("mood", "low", "high", "change", "trend"), 1.0)
    counts = dict.fromkeys(("n_items", "n_feeds_ok", "n_feeds"), 1)
    return DaySummary(day=day, **texts, **figures, **counts, is_point_in_time=False, is_sample=is_sample)


def file_summary(reports_dir: Path, summary: DaySummary, **changes: object) -> None:
    """Put a day's summary on file, without the page that it speaks for."""
    changed = replace(summary, **changes)  # type: ignore[arg-type]
    folder = reports_dir / changed.day.isoformat()
    folder.mkdir(exist_ok=True)
    (folder / "summary.json").write_bytes(summary_bytes(changed))


def test_calendar_shows_the_mood_of_every_day_on_file_as_a_number_and_opens_its_page(site: Path) -> None:
    page = read_page(site / "index.html")
    for summary in read_summaries(site):
        (cell,) = page.all("td", id=summary.day.isoformat())
        (link,) = [e for e in page.all("a", href=f"{summary.day}/index.html") if "aria-label" in e.attributes]
        assert float(cell.attributes["data-value"]) == summary.mood
        assert link.text.split() == [str(summary.day.day), f"{summary.mood:+.0f}"]
        assert summary.day.isoformat() in link.attributes["aria-label"]
        assert f"{summary.mood:+.1f}" in link.attributes["title"]
        assert (site / link.attributes["href"]).is_file()


def test_calendar_tints_only_moods_with_a_direction(site: Path) -> None:
    summary = read_summaries(site)[-1]
    clear, open_ended = LAST_DAY + timedelta(days=1), LAST_DAY + timedelta(days=2)
    file_summary(site, summary, day=clear, mood=-20.0, low=-30.0, high=-10.0)
    file_summary(site, summary, day=open_ended, mood=-20.0, low=-60.0, high=10.0)
    page = read_page(write_index(site))
    assert page.all("td", id=clear.isoformat())[0].attributes["class"] == "moderately negative"
    assert page.all("td", id=open_ended.isoformat())[0].attributes["class"] == ""


def test_calendar_says_that_a_day_had_not_enough_news(site: Path) -> None:
    thin = LAST_DAY + timedelta(days=1)
    file_summary(site, read_summaries(site)[-1], day=thin, mood=None, low=None, high=None, change=None)
    page = read_page(write_index(site))
    (cell,) = page.all("td", id=thin.isoformat())
    (link,) = page.all("a", href=f"{thin}/index.html")[1:2]
    assert cell.attributes["data-value"] == ""
    assert "not enough news" in link.attributes["aria-label"]


def test_months_with_days_on_file_have_links_that_need_no_script(site: Path) -> None:
    page = read_page(site / "index.html")
    links = [e.attributes["href"] for e in page.all("a") if "ul" in e.inside]
    assert links == ["#2026-01", "#2026-02", "#2026-03"]
    assert {table.attributes["id"] for table in page.all("table", class_="month")} == {link[1:] for link in links}
    assert "hidden" in page.all("div", class_="find-day")[0].attributes


def test_months_lay_every_day_in_the_column_of_its_weekday() -> None:
    summary = bare_summary(date(2024, 2, 29))
    (month,) = build_months([summary])
    placed = [(column, cell) for week in month.weeks for column, cell in enumerate(week) if cell is not None]
    assert [cell.day.day for _, cell in placed] == list(range(1, 30))
    assert all(cell.day.weekday() == column for column, cell in placed)
    assert [cell.summary for _, cell in placed] == [None] * 28 + [summary]


def test_feed_lists_the_days_newest_first_for_feedparser_and_for_our_own_parser(site: Path) -> None:
    body = (site / "feed.xml").read_bytes()
    foreign = feedparser.parse(body)
    own = parse_feed(body, "application/atom+xml", "https://desk.example/mood/feed.xml")
    summaries = read_summaries(site)[::-1]
    assert not foreign.bozo
    assert [entry.summary for entry in foreign.entries] == [summary.headline for summary in summaries]
    assert [item.link for item in own.items] == [
        f"https://desk.example/mood/{summary.day}/index.html" for summary in summaries
    ]
    assert len({entry.id for entry in foreign.entries}) == len(summaries)
    assert own.items[0].published is not None
    assert own.items[0].published.isoformat() == "2026-03-03T04:30:00+00:00"


def test_feed_links_lie_where_the_site_is_served(site: Path) -> None:
    write_index(site, site_url="https://desk.example/mood/")
    links = [entry.link for entry in feedparser.parse((site / "feed.xml").read_bytes()).entries]
    assert links[0] == f"https://desk.example/mood/{LAST_DAY}/index.html"


def test_feed_is_named_by_the_archive_page(site: Path) -> None:
    (link,) = read_page(site / "index.html").all("link", rel="alternate")
    assert link.attributes["type"] == "application/atom+xml"
    assert (site / link.attributes["href"]).is_file()


def test_feed_of_nothing_has_no_entry(tmp_path: Path) -> None:
    write_index(tmp_path)
    feed = feedparser.parse((tmp_path / "feed.xml").read_bytes())
    assert (feed.bozo, feed.entries) == (False, [])


def test_list_of_days_holds_the_figures_of_the_summaries(site: Path) -> None:
    content = json.loads((site / "days.json").read_bytes())
    summaries = read_summaries(site)
    assert [row["day"] for row in content["days"]] == [summary.day.isoformat() for summary in summaries]
    assert [row["mood"] for row in content["days"]] == [summary.mood for summary in summaries]
    assert content["days"][1]["previous_day"] == DAYS[0].isoformat()


def test_index_opens_only_pages_whose_neighbours_changed(site: Path) -> None:
    stale = site / DAYS[0].isoformat() / "index.html"
    marked = stale.read_bytes().replace(b"no earlier day", b"kept as it was")
    stale.write_bytes(marked)
    write_index(site)
    assert stale.read_bytes() == marked  # its neighbours are those of the list
    (site / "days.json").write_bytes(b"{")
    write_index(site)
    assert b"no earlier day" in stale.read_bytes()


def test_neighbours_are_days_of_the_same_kind() -> None:
    days = [bare_summary(day, is_sample=number % 2 == 1) for number, day in enumerate(DAYS)]
    names = [day.isoformat() for day in DAYS]
    assert all_neighbours(days) == {
        names[0]: ("", names[2]),
        names[1]: ("", names[3]),
        names[2]: (names[0], ""),
        names[3]: (names[1], ""),
    }
