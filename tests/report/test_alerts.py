"""The page lists a day's alerts, open ones first, and hostile words in them stay words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from sentinel.alert_types import Alert
from sentinel.report import write_day, write_standalone
from sentinel.report.alerts import MAX_ALERT_ROWS, alert_rows

from .days import HOSTILE, HOSTILE_URLS, build_day
from .pages import read_page

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
OPEN = Alert("a1", "down", "mood", "market", "Mood of the market -34.2", -34.21, NOON, NOON, ("Oil slides",))
CLEARED = replace(
    OPEN, alert_id="a2", raised_at=NOON + HOUR, cleared_at=NOON + 2 * HOUR, clear_reason="back to usual", headlines=()
)
OLDER = replace(OPEN, alert_id="a3", rule="older", raised_at=NOON - 30 * HOUR)


def test_open_alerts_stand_first_and_of_each_group_the_newest() -> None:
    rows, n_more = alert_rows(build_day(alerts=(OLDER, OPEN, CLEARED), timezone="UTC"))
    assert [(row["rule"], row["is_open"]) for row in rows] == [("down", True), ("older", True), ("down", False)]
    assert (rows[2]["cleared"], rows[2]["clear_reason"]) == ("2026-03-02 14:00", "back to usual")
    assert n_more == 0


def test_times_are_in_the_zone_of_the_report() -> None:
    (row,), _ = alert_rows(replace(build_day(alerts=(OPEN,)), timezone="Asia/Tokyo"))
    assert row["raised"] == "2026-03-02 21:00"


def test_many_alerts_are_counted_where_they_are_not_listed() -> None:
    alerts = tuple(replace(OPEN, alert_id=f"a{number}") for number in range(MAX_ALERT_ROWS + 7))
    rows, n_more = alert_rows(build_day(alerts=alerts))
    assert (len(rows), n_more) == (MAX_ALERT_ROWS, 7)


@pytest.mark.parametrize(
    ("kind", "figure", "shown", "href"),
    [
        ("mood", -34.21, "-34.2", "items.csv"),
        ("z", 2.55, "+2.5", "items.csv"),
        ("volume", 4.04, "4.0 x usual", "items.csv"),
        ("negative-stories", 5.0, "5 stories", "items.csv"),
        ("stale-feed", 1.0, "stale", "feeds.csv"),
        ("failing-feed", 30.2, "30 h", "feeds.csv"),
        ("unread", 0.254, "25%", "items.csv"),
        ("left-out", 0.5, "50%", "items.csv"),
        ("canary", 0.553, "0.55", "#method"),
    ],
)
def test_a_figure_is_shown_in_its_unit_and_leads_to_its_rows(kind: str, figure: float, shown: str, href: str) -> None:
    (row,), _ = alert_rows(build_day(alerts=(replace(OPEN, kind=kind, figure=figure),)))
    assert (row["figure"], row["href"]) == (shown, href)


def test_a_page_lists_its_alerts_with_their_headlines(tmp_path: Path) -> None:
    page = read_page(write_day(tmp_path, build_day(alerts=(OPEN, CLEARED), timezone="UTC")))
    assert page.all("section", id="alerts")
    first, second = page.rows("alerts")
    assert first == [
        "▲ open",
        "Mood of the market -34.2 raised 2026-03-02 12:00 · rule down Oil slides",
        "-34.2",
        "items.csv",
    ]
    assert second[0] == "✓ cleared"
    assert "raised 2026-03-02 13:00, cleared 2026-03-02 14:00: back to usual" in second[1]


@pytest.mark.parametrize(("alerts", "is_shown"), [(None, False), ((), True)])
def test_a_page_of_a_day_without_alerts_has_the_section_where_rules_watch(
    tmp_path: Path, *, alerts: tuple[Alert, ...] | None, is_shown: bool
) -> None:
    path = write_day(tmp_path, build_day(alerts=alerts))
    page = read_page(path)
    assert bool(page.all("section", id="alerts")) == is_shown
    assert ("found anything unusual on this day" in path.read_text(encoding="utf-8")) == is_shown


def test_hostile_alerts_run_nothing_and_link_nowhere(tmp_path: Path) -> None:
    alerts = tuple(
        replace(OPEN, alert_id=f"a{number}", message=text, headlines=(*HOSTILE, *HOSTILE_URLS))
        for number, text in enumerate(HOSTILE)
    )
    page = read_page(write_day(tmp_path, build_day(alerts=alerts)))
    plain = read_page(write_day(tmp_path / "plain", build_day(alerts=())))
    assert len(page.all("script")) == len(plain.all("script"))
    links = {element.attributes["href"] for element in page.all("a")} - {e.attributes["href"] for e in plain.all("a")}
    assert links == set()
    assert sorted(row[1].split(" raised ")[0] for row in page.rows("alerts")) == sorted(
        " ".join(text.split()) for text in HOSTILE
    )


def test_a_page_that_stands_alone_lists_alerts_and_links_to_no_file(tmp_path: Path) -> None:
    path = tmp_path / "alone.html"
    write_standalone(path, build_day(alerts=(OPEN,)))
    page = read_page(path)
    ((_, _, figure, rows),) = page.rows("alerts")
    assert (figure, rows) == ("-34.2", "items.csv")
    assert not page.all("a", href="items.csv")
