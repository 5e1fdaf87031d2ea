"""From stored texts to moods of companies, sectors and themes, on the page and in the tables."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pandas as pd
from jobs import NOON, job_in
from report.days import LAST_DAY, build_day, mood_row

from sentinel import pipeline, store
from sentinel.pipeline.topics import build_topics_frame, name_topics
from sentinel.records import TOPIC_COLUMNS
from sentinel.report import write_day
from sentinel.watchlist import Company, build_watchlist

if TYPE_CHECKING:
    from pathlib import Path

COMPANY = {"ticker": "BRRW", "names": ["Barrowgate"], "sector": "tools"}
OTHER = {"ticker": "LNTR", "names": ["Lantry"], "sector": "tools"}
HEADLINES = (
    "Net profit of Barrowgate rises 30 percent on strong demand",
    "Barrowgate lifts its dividend after a record quarter",
    "Barrowgate wins an order worth 2 billion",
    "Barrowgate and Lantry end talks; interest rates weigh",
)


def import_headlines(job: pipeline.Job, folder: Path) -> None:
    with (folder / "archived.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = [(f"2026-03-02T0{hour}:00:00Z", title) for hour, title in enumerate(HEADLINES)]
        csv.writer(stream).writerows([("published", "title"), *rows])
    pipeline.import_items(
        job,
        str(folder / "archived.csv"),
        feed="archive",
        text_column="title",
        time_column="published",
        timezone="UTC",
    )


def read_table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def test_a_report_has_the_moods_of_what_its_texts_speak_of(tmp_path: Path) -> None:
    with job_in(tmp_path, universe="none", watchlist=[COMPANY, OTHER]) as job:
        import_headlines(job, tmp_path)
        pipeline.run_step(job, pipeline.score)
        pipeline.write_reports(job, [NOON.date()])
    folder = tmp_path / "reports" / "2026-03-02"
    companies = {row["title"]: row["companies"] for row in read_table(folder / "items.csv")}
    assert companies == {title: "BRRW,LNTR" if "Lantry" in title else "BRRW" for title in HEADLINES}
    told = {(row["topic_kind"], row["topic"]): row for row in read_table(folder / "daily.csv")}
    assert {key: row["n_items"] for key, row in told.items() if key[0] in {"company", "sector", "theme"}} == {
        ("company", "BRRW"): "4",
        ("company", "LNTR"): "1",
        ("sector", "tools"): "4",
        ("theme", "rates"): "1",
    }
    assert float(told["company", "BRRW"]["mood"]) > 0
    assert told["company", "LNTR"]["mood"] == ""
    assert 3 < float(told["company", "BRRW"]["n_eff"]) < 4


def test_a_company_that_is_added_later_has_a_past(tmp_path: Path) -> None:
    found = []
    for watchlist in ([], [COMPANY]):
        with job_in(tmp_path, universe="none", watchlist=watchlist) as job:
            if not watchlist:
                import_headlines(job, tmp_path)
                pipeline.run_step(job, pipeline.score)
            pipeline.write_reports(job, [NOON.date()])
        found.append((tmp_path / "reports" / "2026-03-02" / "index.html").read_text(encoding="utf-8"))
    assert "Barrowgate (BRRW)" not in found[0]
    assert "Barrowgate (BRRW)" in found[1]
    ids = [page.split("(list <code>")[1][:12] for page in found]
    assert ids[0] != ids[1]


def test_texts_are_read_in_parts_of_which_none_is_lost(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("sentinel.store.items.TEXTS_AT_ONCE", 3)
    with job_in(tmp_path) as job:
        import_headlines(job, tmp_path)
        with job.database.read() as connection:
            span = {"start": datetime(2026, 3, 2, tzinfo=UTC), "end": NOON}
            parts = list(store.load_texts(connection, **span, known_by=NOON))
            early = list(store.load_texts(connection, **span, known_by=NOON - timedelta(hours=11)))
    assert [len(ids) for ids, _ in parts] == [3, 1]
    assert sorted(text for _, texts in parts for text in texts) == sorted(HEADLINES)
    assert [len(texts) for _, texts in early] == [2]


def test_topics_of_texts_are_a_frame_of_items_and_topics() -> None:
    watchlist = build_watchlist([Company("BRRW", ("Barrowgate",), sector="tools")])
    topics = build_topics_frame(watchlist, ["a", "b"], ["Barrowgate sells a mill", "Rain"])
    assert tuple(topics.columns) == TOPIC_COLUMNS
    assert topics.to_numpy().tolist() == [["a", "company", "BRRW", 1.0], ["a", "sector", "tools", 1.0]]
    assert tuple(build_topics_frame(watchlist, [], []).columns) == TOPIC_COLUMNS
    named = name_topics(pd.DataFrame({"item_id": ["b", "a"]}), topics)
    assert named["companies"].tolist() == ["", "BRRW"]


def test_the_page_calls_a_company_by_name_and_ticker(tmp_path: Path) -> None:
    plain = build_day()
    rows = [mood_row(LAST_DAY, "company", "ACME", 12.0, 9), mood_row(LAST_DAY, "sector", "energy", -3.0, 9)]
    rows += [mood_row(LAST_DAY, "company", "BRRW", None, 2)]
    moods = pd.concat([plain.moods, pd.DataFrame(rows)], ignore_index=True)
    page = write_day(tmp_path, build_day(moods=moods)).read_text(encoding="utf-8")
    assert '<td dir="auto">Acme &amp; Sons (ACME)</td>' in page
    assert "Barrowgate" not in page  # it has not enough news
    assert "1 more with fewer items" in page
    assert page.index("Mood by company") < page.index("Mood by sector") < page.index("Mood by topic")
    assert "Mood by theme" not in page
    assert "2 companies and 1 theme are looked for (list <code>0123456789ab</code>)" in page
    assert "ACME,12.00" in (tmp_path / LAST_DAY.isoformat() / "daily.csv").read_text(encoding="utf-8-sig")
