"""Pages of topics: safe places, a history that agrees with the day pages, and nothing rewritten that did not change."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.report import TopicsReport, Watched, write_day, write_index, write_topics
from sentinel.report.topic_links import slug, topic_path

from .days import COMPANIES, LAST_DAY, MODEL, build_day, mood_row
from .pages import read_page

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "../../<b onclick=alert(1)>x</b>"


def build_topics(moods: pd.DataFrame, *, days: int = 1, **changes: object) -> TopicsReport:
    reported = tuple(LAST_DAY - timedelta(days=ago) for ago in reversed(range(days)))
    report = TopicsReport(reported, "UTC", MODEL.model_id, moods, moods, Watched("", COMPANIES, ()))
    return replace(report, **changes)  # type: ignore[arg-type]


@pytest.fixture
def moods() -> pd.DataFrame:
    rows = []
    for ago in range(40):
        day = LAST_DAY - timedelta(days=ago)
        rows += [mood_row(day, "company", "ACME", 10.0 - ago, 9), mood_row(day, "sector", "energy", None, 2)]
        rows.append(mood_row(day, "topic", HOSTILE, -5.0 + ago / 7, 9))
    return pd.DataFrame(rows).sort_values(["day", "topic_kind", "topic"], ignore_index=True)


def files(folder: Path) -> dict[str, tuple[int, int]]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): (path.stat().st_ino, path.stat().st_mtime_ns) for path in paths}


@given(st.text(max_size=80))
def test_slug_of_any_name_is_a_safe_file_name(name: str) -> None:
    made = slug(name)
    assert made
    assert len(made) <= 49
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not made.startswith("-")


@pytest.mark.parametrize("names", [("ACME", "acme"), ("a.b", "a-b"), ("é", "e"), ("con", "con-"), ("", "-")])
def test_slugs_of_different_names_differ_whatever_the_disk_makes_of_capitals(names: tuple[str, str]) -> None:
    assert slug(names[0]) != slug(names[1])


@pytest.mark.parametrize("name", ["con", "nul", "com1", "index"])
def test_slug_is_no_name_that_means_something_to_a_system(name: str) -> None:
    assert slug(name) != name


def test_plain_names_keep_their_place() -> None:
    assert topic_path(("sector", "energy")) == "topics/sector/energy.html"


def test_a_topic_that_never_had_enough_news_has_no_page(tmp_path: Path, moods: pd.DataFrame) -> None:
    write_topics(tmp_path, build_topics(moods))
    pages = sorted(str(path.relative_to(tmp_path / "topics")) for path in (tmp_path / "topics").rglob("*.html"))
    assert pages == sorted([f"company/{slug('ACME')}.html", "index.html", f"topic/{slug(HOSTILE)}.html"])


def test_topic_page_shows_its_history_newest_first_with_links_to_days_on_file(
    tmp_path: Path, moods: pd.DataFrame
) -> None:
    write_day(tmp_path, build_day(n_days=8))
    write_topics(tmp_path, build_topics(moods))
    place = tmp_path / topic_path(("company", "ACME"))
    page = read_page(place)
    rows = page.rows("numbers")
    assert [row[0] for row in rows] == [str(LAST_DAY - timedelta(days=ago)) for ago in range(40)]
    assert [float(row[1]) for row in rows] == [10.0 - ago for ago in range(40)]
    assert page.all("h1")[0].text == (
        "Acme & Sons (ACME): mildly positive at +10.0 (95% interval +3.9 to +15.4) on Monday 2 March 2026; 9 items."
    )
    links = [e.attributes["href"].partition("#")[0] for e in page.all("a") if "table" in e.inside]
    assert links == [f"../../{LAST_DAY}/index.html"]
    assert (place.parent / links[0]).is_file()


def test_topic_page_shows_a_hostile_name_as_text(tmp_path: Path, moods: pd.DataFrame) -> None:
    write_topics(tmp_path, build_topics(moods))
    page = read_page(tmp_path / topic_path(("topic", HOSTILE)))
    assert page.all("h1")[0].text.startswith(HOSTILE)
    assert not [e for e in page.elements if "onclick" in e.attributes]


def test_writing_the_same_topics_again_touches_no_file(tmp_path: Path, moods: pd.DataFrame) -> None:
    write_topics(tmp_path, build_topics(moods))
    before = files(tmp_path)
    write_topics(tmp_path, build_topics(moods))
    assert files(tmp_path) == before


def test_a_run_rewrites_only_topics_whose_figures_changed(tmp_path: Path, moods: pd.DataFrame) -> None:
    write_topics(tmp_path, build_topics(moods))
    before = files(tmp_path)
    changed = moods.copy()
    changed.loc[(changed["topic"] == "ACME") & (changed["day"] == LAST_DAY), "mood"] = 40.0
    write_topics(tmp_path, build_topics(changed))
    after = files(tmp_path)
    assert {name for name in after if after[name] != before[name]} == {
        f"topics/company/{slug('ACME')}.html",
        "topics/index.html",
        "topics/topics.json",
    }


def test_topics_without_news_on_the_reported_days_stay_in_the_list(tmp_path: Path, moods: pd.DataFrame) -> None:
    write_topics(tmp_path, build_topics(moods))
    write_topics(tmp_path, build_topics(moods[moods["topic"] == "ACME"]))
    listed = json.loads((tmp_path / "topics" / "topics.json").read_bytes())["topics"]
    assert [topic["topic"] for topic in listed] == ["ACME", HOSTILE]
    page = read_page(tmp_path / "topics" / "index.html")
    assert {row[0] for number in (0, 1) for row in page.rows("numbers", number)} == {"Acme & Sons (ACME)", HOSTILE}


@pytest.mark.parametrize("damage", [b"", b"[]", b'{"topics": [{}]}', b'{"topics": 3}', b"\xff"])
def test_a_damaged_list_of_topics_is_made_anew(tmp_path: Path, moods: pd.DataFrame, damage: bytes) -> None:
    write_topics(tmp_path, build_topics(moods))
    intact = (tmp_path / "topics" / "topics.json").read_bytes()
    (tmp_path / "topics" / "topics.json").write_bytes(damage)
    write_topics(tmp_path, build_topics(moods))
    assert (tmp_path / "topics" / "topics.json").read_bytes() == intact


def test_every_topic_that_a_day_page_links_has_a_page_and_the_same_mood(tmp_path: Path) -> None:
    report = build_day()
    place = write_day(tmp_path, report)
    write_topics(tmp_path, build_topics(report.moods))
    page = read_page(place)
    links = [e.attributes["href"] for e in page.all("a") if e.attributes.get("href", "").startswith("../topics/")]
    assert len(links) > 10
    for link in links:
        assert (place.parent / link).is_file()
    by_name = {row[0]: row[1] for number in (1, 2, 3) for row in page.rows("numbers", number)}
    listed = json.loads((tmp_path / "topics" / "topics.json").read_bytes())["topics"]
    for topic in listed:
        if topic["kind"] != "market":
            shown = by_name[topic["name"]]
            assert (topic["mood"] is None) == (shown == "not enough news")
            assert topic["mood"] is None or topic["mood"] == float(shown)


def test_index_leads_to_the_topics_once_they_are_written(tmp_path: Path, moods: pd.DataFrame) -> None:
    assert not read_page(write_index(tmp_path)).all("a", href="topics/index.html")
    write_topics(tmp_path, build_topics(moods))
    assert read_page(write_index(tmp_path)).all("a", href="topics/index.html")
