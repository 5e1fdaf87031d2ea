"""Histories of a year, pages of topics from the store, one page as a file, and the name of the settings."""

from __future__ import annotations

import csv
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from jobs import NOON, build_settings, digests, feed_entry, job_in
from report.days import mood_row
from report.pages import read_page

from sentinel import mood, pipeline
from sentinel.pipeline.history import HISTORY_DAYS, join_moods, market_history
from sentinel.pipeline.settings_id import settings_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sentinel.pipeline import Job

DAY = date(2026, 3, 2)
TITLES = (
    "Net profit of Barrowgate rises 30 percent on strong demand",
    "Quarterly loss of Lantry widens as sales slump",
    "Chip orders climb to a record in the first quarter",
    "Harbour strike delays shipments for a second week",
)


def moods_of(value: float, first: int, last: int) -> pd.DataFrame:
    """The market's moods on days that lie so many days before the last."""
    days = [DAY - timedelta(days=ago) for ago in range(first, last - 1, -1)]
    return pd.DataFrame([mood_row(day, "market", "market", value, 9) for day in days])


def test_history_is_what_was_built_for_ninety_days_and_what_is_on_file_before() -> None:
    history = market_history(moods_of(1.0, 180, 0), moods_of(2.0, 500, 0), DAY)
    assert len(history) == HISTORY_DAYS
    assert history["mood"].tolist() == [2.0] * (HISTORY_DAYS - 90) + [1.0] * 90
    assert history["day"].tolist() == [DAY - timedelta(days=ago) for ago in range(HISTORY_DAYS - 1, -1, -1)]


def test_history_of_a_day_does_not_depend_on_the_days_reported_with_it() -> None:
    on_file = moods_of(2.0, 400, 91)
    alone = market_history(moods_of(1.0, 90, 0), on_file, DAY)
    beside_others = market_history(moods_of(1.0, 200, 0), on_file, DAY)
    pd.testing.assert_frame_equal(alone, beside_others)


def test_history_of_a_store_without_moods_is_what_was_built() -> None:
    nothing = moods_of(2.0, 0, 1)
    assert (
        market_history(moods_of(1.0, 90, 0), nothing.reindex(columns=moods_of(1.0, 0, 0).columns), DAY)["mood"].tolist()
        == [1.0] * 90
    )


def test_joined_moods_stand_in_the_order_of_their_days() -> None:
    joined = join_moods(moods_of(1.0, 1, 0), moods_of(2.0, 3, 2))
    assert joined["mood"].tolist() == [2.0, 2.0, 1.0, 1.0]


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    """Give a job with four headlines on each of three days, scored."""
    with (tmp_path / "archived.csv").open("w", encoding="utf-8", newline="") as stream:
        times = [
            (NOON - timedelta(days=ago, hours=hour)).isoformat() for ago in range(3) for hour in range(len(TITLES))
        ]
        rows = [(time, f"{TITLES[place % 4]}, part {place // 4}") for place, time in enumerate(times)]
        csv.writer(stream).writerows([("published", "title"), *rows])
    with job_in(tmp_path, feed_entry("wire", "http://127.0.0.1:9/")) as opened:
        pipeline.import_items(
            opened,
            str(tmp_path / "archived.csv"),
            feed="wire",
            text_column="title",
            time_column="published",
            timezone="UTC",
        )
        pipeline.run_step(opened, pipeline.score)
        yield opened


def test_pages_of_topics_grow_with_the_days_reported_and_link_to_them(job: Job, tmp_path: Path) -> None:
    pipeline.write_reports(job, [NOON.date() - timedelta(days=1)])
    place = tmp_path / "reports" / "topics" / "feed" / "wire.html"
    assert [row[0] for row in read_page(place).rows("numbers")] == ["2026-03-01"]
    pipeline.write_reports(job, [NOON.date()])
    page = read_page(place)
    assert [row[0] for row in page.rows("numbers")] == ["2026-03-02", "2026-03-01"]
    links = [e.attributes["href"] for e in page.all("a") if "table" in e.inside]
    assert links == ["../../2026-03-02/index.html#of-feed-wire", "../../2026-03-01/index.html#of-feed-wire"]
    day = read_page(tmp_path / "reports" / "2026-03-02" / "index.html")
    assert day.all("p", id="of-feed-wire")
    assert day.all("a", href="../topics/feed/wire.html")


def test_reporting_an_earlier_day_again_leaves_the_later_days_on_the_pages_of_topics(job: Job, tmp_path: Path) -> None:
    days = [NOON.date() - timedelta(days=ago) for ago in (2, 1, 0)]
    pipeline.write_reports(job, days)
    before = digests(tmp_path / "reports")
    for day in days:
        pipeline.write_reports(job, [day])
        assert digests(tmp_path / "reports") == before


def test_a_page_as_of_a_time_is_the_page_that_was_made_then(job: Job, tmp_path: Path) -> None:
    first, last = NOON.date() - timedelta(days=2), NOON.date()
    pipeline.write_reports(job, [first, first + timedelta(days=1), last])
    made = (tmp_path / "reports" / str(last) / "daily.csv").read_bytes()
    pipeline.write_reports(job, [last], as_of=NOON)
    page = read_page(tmp_path / "reports" / "topics" / "feed" / "wire.html")
    assert page.all("p", class_="notice")[0].text.startswith("Point in time.")
    assert (tmp_path / "reports" / str(last) / "daily.csv").read_bytes() == made


def test_one_page_as_a_file_leaves_reports_and_stored_moods_as_they_are(job: Job, tmp_path: Path) -> None:
    path = pipeline.write_standalone(job, NOON.date(), tmp_path / "mail" / "mood.html")
    assert read_page(path).all("h1")[0].text.startswith(("Mood is", "No clear direction"))
    assert not (tmp_path / "reports").exists()
    pipeline.write_reports(job, [NOON.date()])
    assert [row[0] for row in read_page(path).rows("numbers")] == [
        row[0] for row in read_page(tmp_path / "reports" / "2026-03-02" / "index.html").rows("numbers")
    ]


def test_page_names_the_settings_it_was_made_with(job: Job, tmp_path: Path) -> None:
    pipeline.write_reports(job, [NOON.date()])
    facts = read_page(tmp_path / "reports" / "2026-03-02" / "index.html").all("dl", class_="facts")[0].text
    assert re.search(r"Settings \(.*\)[0-9a-f]{12}", " ".join(facts.split()))


def test_settings_have_another_name_when_a_figure_would_be_another(tmp_path: Path) -> None:
    def name(*, model_id: str = "m", list_id: str = "l", **changes: object) -> str:
        entry = {"weight": changes.pop("weight", 1.0), "url": changes.pop("url", "http://127.0.0.1:9/")}
        settings = build_settings(tmp_path, feed_entry("wire", **entry), **changes)  # type: ignore[arg-type]
        return settings_id(settings, list_id=list_id, model_id=model_id)

    names = [name(), name(weight=2.0), name(timezone="Asia/Tokyo"), name(model_id="n"), name(list_id="k")]
    assert len(set(names)) == len(names)
    assert name(url="http://127.0.0.1:8/") == name(schedule=["0 5 * * *"]) == names[0]


@pytest.mark.parametrize("constant", ["NOVELTY_DECAY", "TREND_DECAY_PER_DAY", "SHRINKAGE_STORIES", "BOOTSTRAP_DRAWS"])
def test_settings_have_another_name_when_a_formula_has_another_constant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, constant: str
) -> None:
    """A page made with another decay, or another number of draws, cannot pass for one made with today's."""
    told = build_settings(tmp_path, feed_entry("wire", url="http://127.0.0.1:9/"))
    before = settings_id(told, list_id="l", model_id="m")
    monkeypatch.setattr(mood, constant, 7)
    assert settings_id(told, list_id="l", model_id="m") != before
