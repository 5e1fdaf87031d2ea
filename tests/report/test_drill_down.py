"""From every figure to its headlines in one click, without a script; movers, sectors, hours and disagreement."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from sentinel.pipeline.hours import build_hours
from sentinel.report import write_day
from sentinel.report.headlines import MAX_HEADLINES, list_headlines
from sentinel.report.intraday import hour_rows
from sentinel.report.movers import biggest_disagreements, biggest_movers
from sentinel.report.rounded_day import round_day
from sentinel.report.sector_map import MAP_DAYS, sector_map

from .days import LAST_DAY, build_day, mood_row
from .pages import Page, read_page

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    return read_page(write_day(tmp_path_factory.mktemp("plain"), build_day()))


def past(kind: str, topic: str, mood: float, n_days: int = 8) -> list[dict[str, object]]:
    """The moods of a topic on the days before the last."""
    return [mood_row(LAST_DAY - timedelta(days=ago), kind, topic, mood, 9) for ago in range(1, n_days + 1)]


def test_every_link_within_the_page_leads_to_a_place_on_it(page: Page) -> None:
    places = {e.attributes["id"] for e in page.elements if "id" in e.attributes}
    links = {e.attributes["href"][1:] for e in page.all("a") if e.attributes.get("href", "").startswith("#")}
    assert links <= places
    assert {"headlines", "history", "disagreement", "coverage", "method", "of-feed-markets-wire"} <= links


def test_figure_of_a_topic_leads_to_as_many_headlines_as_it_counts(tmp_path: Path) -> None:
    report = build_day()
    counts = report.items["feed"].value_counts()
    moods = report.moods.copy()
    is_feed = (moods["topic_kind"] == "feed") & (moods["day"] == LAST_DAY)
    moods.loc[is_feed, "n_items"] = moods.loc[is_feed, "topic"].map(counts).fillna(0).astype(int)
    page = read_page(write_day(tmp_path, build_day(moods=moods)))
    styles = " ".join(e.text for e in page.all("style"))
    for feed, count in counts.items():
        links = [e for e in page.all("a", href=f"#of-feed-{feed}") if e.text == str(count)]
        assert links
        mark = styles.partition(f"#of-feed-{feed}:target~div tbody tr:not(.")[2].partition(")")[0]
        rows = [e for e in page.all("tr") if mark in e.attributes.get("class", "").split()]
        assert len(rows) == count
        assert all(str(feed) in row.text for row in rows)


def test_headlines_are_listed_the_most_negative_first_with_their_probabilities(page: Page) -> None:
    rows = page.rows("numbers", -2)
    polarities = [float(row[0]) for row in rows]
    assert len(rows) == 60
    assert polarities == sorted(polarities)
    assert all("negative " in row[1] and "positive " in row[1] for row in rows)


def test_headlines_of_a_huge_day_are_those_with_the_strongest_pull() -> None:
    items = build_day(n_items=MAX_HEADLINES + 50).items
    items["weight"] = 1.0
    items.loc[: MAX_HEADLINES - 1, "polarity"] = -0.9
    items.loc[MAX_HEADLINES:, "polarity"] = 0.1
    listed = list_headlines(round_day(build_day(items=items)), [("feed", "markets-wire")], {})
    assert {row["polarity"] for row in listed.rows} == {-0.9}
    assert (len(listed.rows), listed.n_items) == (MAX_HEADLINES, MAX_HEADLINES + 50)
    found = listed.filters["feed", "markets-wire"]
    assert found.n_items == int((items["feed"] == "markets-wire").sum()) > found.n_listed


def test_movers_are_topics_whose_usual_mood_lies_outside_the_interval() -> None:
    rows = [
        *past("company", "FAR", 30.0),
        mood_row(LAST_DAY, "company", "FAR", -20.0, 12),
        *past("company", "NEAR", -18.0),
        mood_row(LAST_DAY, "company", "NEAR", -20.0, 12),
        *past("sector", "some", 0.0),
        mood_row(LAST_DAY, "sector", "some", -20.0, 12),
    ]
    movers, n_incomparable = biggest_movers(round_day(build_day(moods=pd.DataFrame(rows))))
    assert [(row["key"], row["usual"], row["move"], row["n_past"]) for row in movers] == [
        ("FAR", 30.0, -50.0, 8),
        ("some", 0.0, -20.0, 8),
    ]
    assert n_incomparable == 0


def test_topics_without_enough_news_today_or_before_are_counted_not_compared() -> None:
    rows = [
        *past("company", "THIN", 30.0),
        mood_row(LAST_DAY, "company", "THIN", None, 2),
        *past("company", "NEW", 30.0, n_days=4),
        mood_row(LAST_DAY, "company", "NEW", -20.0, 12),
    ]
    assert biggest_movers(round_day(build_day(moods=pd.DataFrame(rows)))) == ([], 2)


def test_disagreement_lists_topics_by_the_spread_of_their_feeds() -> None:
    spreads = {"a": 12.0, "b": 30.0, "c": float("nan")}
    rows = [mood_row(LAST_DAY, "sector", name, 1.0, 9, dispersion=spread) for name, spread in spreads.items()]
    rows.append(mood_row(LAST_DAY, "sector", "thin", None, 2, dispersion=90.0))
    found = biggest_disagreements(round_day(build_day(moods=pd.DataFrame(rows))))
    assert [(row["key"], row["dispersion"]) for row in found] == [("b", 30.0), ("a", 12.0)]


def test_sector_map_has_a_column_for_each_day_and_no_zero_for_no_news() -> None:
    rows = [*past("sector", "energy", -7.0, n_days=3), mood_row(LAST_DAY, "sector", "energy", 4.0, 9)]
    rows.append(mood_row(LAST_DAY, "sector", "utilities", None, 1))
    found = sector_map(round_day(build_day(moods=pd.DataFrame(rows))))
    assert found is not None
    assert len(found.days) == MAP_DAYS
    ((name, path, cells),) = found.rows
    assert (name, path) == ("energy", "topics/sector/energy.html")
    assert [None if cell is None else cell["mood"] for cell in cells] == [None] * 10 + [-7.0] * 3 + [4.0]


def hours_of(day: date, zone: str, *times: str) -> list[dict[str, object]]:
    report = build_day(day, n_items=max(len(times), 1))
    items = report.items.head(len(times)).assign(
        time=pd.to_datetime(list(times), utc=True), weight=1.0, polarity=-0.5, label="negative"
    )
    hours = build_hours(items, day, ZoneInfo(zone))
    return hour_rows(build_day(day, items=items, hours=hours, timezone=zone))


def test_an_hour_that_comes_twice_is_told_apart_by_its_zone() -> None:
    rows = hours_of(date(2026, 10, 25), "Europe/Berlin", "2026-10-25T00:30Z", "2026-10-25T01:30Z", "2026-10-25T22:59Z")
    assert len(rows) == 25
    assert [row["name"] for row in rows if row["n_items"]] == ["02:00 CEST", "02:00 CET", "23:00"]


def test_a_night_that_loses_an_hour_has_twenty_three() -> None:
    rows = hours_of(date(2026, 3, 29), "Europe/Berlin", "2026-03-28T23:00Z", "2026-03-29T01:00Z", "2026-03-29T21:30Z")
    assert len(rows) == 23
    assert [row["name"] for row in rows if row["n_items"]] == ["00:00", "03:00", "23:00"]
    assert "02:00" not in {row["name"] for row in rows}


def test_hours_add_up_to_the_day_and_have_a_mood_from_three_stories_on() -> None:
    times = ["2026-03-02T09:10Z"] * 3 + ["2026-03-02T10:10Z"] * 2
    rows = hours_of(LAST_DAY, "UTC", *times)
    assert sum(row["n_items"] for row in rows) == sum(row["n_negative"] for row in rows) == 5  # type: ignore[misc]
    assert rows[9]["mood"] == round(100 * -0.5 * 3 / (3 + 5), 1)
    assert rows[10]["mood"] != rows[10]["mood"]


def test_an_hour_with_a_mood_has_an_interval_around_it() -> None:
    """Stories that all say the same leave no doubt; an hour without a mood has no interval either."""
    rows = hours_of(LAST_DAY, "UTC", *["2026-03-02T09:10Z"] * 4, *["2026-03-02T10:10Z"] * 2)
    assert rows[9]["low"] == rows[9]["mood"] == rows[9]["high"] < 0  # type: ignore[operator]
    assert all(rows[10][name] != rows[10][name] for name in ("mood", "low", "high"))
    told = hour_rows(build_day())
    known = [row for row in told if row["mood"] == row["mood"]]
    assert known
    assert all(row["low"] <= row["mood"] <= row["high"] and row["low"] < row["high"] for row in known)


def test_items_of_an_hour_lead_to_their_headlines(page: Page) -> None:
    """The number of an hour leads to a filter that says the same number."""
    links = [link for link in page.all("a", class_="pick") if link.attributes["href"].startswith("#of-hour-")]
    assert sum(int(link.text) for link in links) == 60
    for link in links:
        (words,) = page.all("p", id=link.attributes["href"].removeprefix("#"))
        assert words.text.split(".")[0].endswith(f": {link.text}")


def test_page_shows_the_hours_with_their_counts(page: Page) -> None:
    head = [e.text for e in page.all("th", scope="col") if e.text.isdigit() and len(e.text) == 2]
    assert head == [f"{hour:02d}" for hour in range(24)]
    counts = [sum(int(cell or 0) for cell in row) for row in page.rows("hours")[3:]]
    assert counts[0] == 60
    assert counts[1] + counts[2] <= 60
