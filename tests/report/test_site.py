"""The folder as a whole: one plotly.js, right links, an archive, and nothing changes without a reason."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import plotly.offline
import pytest

from sentinel.errors import DisagreementError, ReportError
from sentinel.report import write_day, write_index
from sentinel.report.summary import read_summaries

from .days import LAST_DAY, build_day
from .pages import read_page

if TYPE_CHECKING:
    from pathlib import Path

DAY_FILES = ("daily.csv", "feeds.csv", "index.html", "items.csv", "items.parquet", "report.xlsx", "summary.json")
DAYS = [LAST_DAY - timedelta(days=back) for back in (4, 2, 1, 0)]


def write_site(reports_dir: Path, days: list[date]) -> None:
    for day in days:
        write_day(reports_dir, build_day(day, n_items=20, n_days=8))
    write_index(reports_dir)


def contents(reports_dir: Path) -> dict[str, bytes]:
    files = [path for path in reports_dir.rglob("*") if path.is_file()]
    return {str(path.relative_to(reports_dir)): path.read_bytes() for path in files}


def links(reports_dir: Path, day: date) -> tuple[list[str], list[str]]:
    page = read_page(reports_dir / day.isoformat() / "index.html")
    return tuple([e.attributes["href"] for e in page.all("a", rel=rel)] for rel in ("prev", "next"))  # type: ignore[return-value]


def test_site_holds_exactly_the_documented_files(tmp_path: Path) -> None:
    write_site(tmp_path, DAYS[:1])
    version = plotly.offline.get_plotlyjs_version()
    day = DAYS[0].isoformat()
    names = sorted(re.sub(r"-[0-9a-f]{12}[.]js$", "-HASH.js", name) for name in contents(tmp_path))
    assert names == [
        *(f"{day}/{name}" for name in DAY_FILES),
        "assets/charts-HASH.js",
        "assets/page-HASH.js",
        f"assets/plotly-{version}.min.js",
        "days.json",
        "feed.xml",
        "index.html",
    ]


def test_site_has_one_plotly_and_it_is_the_packages_own(tmp_path: Path) -> None:
    write_site(tmp_path, DAYS)
    (script,) = (tmp_path / "assets").glob("plotly-*.min.js")
    assert script.read_text(encoding="utf-8") == plotly.offline.get_plotlyjs()
    for page in tmp_path.rglob("*.html"):
        assert page.stat().st_size < 1_000_000
        for element in read_page(page).all("script"):
            if "src" in element.attributes:
                assert (page.parent / element.attributes["src"]).is_file()


@pytest.mark.parametrize("order", [DAYS, DAYS[::-1], [DAYS[2], DAYS[0], DAYS[3], DAYS[1]]])
def test_site_is_the_same_in_whatever_order_days_are_written(tmp_path: Path, order: list[date]) -> None:
    write_site(tmp_path / "given", order)
    write_site(tmp_path / "sorted", DAYS)
    assert contents(tmp_path / "given") == contents(tmp_path / "sorted")


def test_writing_the_same_days_again_touches_no_file(tmp_path: Path) -> None:
    write_site(tmp_path, DAYS)
    before = {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in tmp_path.rglob("*") if path.is_file()}
    for _ in range(3):
        write_site(tmp_path, DAYS)
    after = {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in tmp_path.rglob("*") if path.is_file()}
    assert after == before


def test_pages_link_to_the_days_beside_them(tmp_path: Path) -> None:
    write_site(tmp_path, [DAYS[0], DAYS[2]])
    assert links(tmp_path, DAYS[0]) == ([], [f"../{DAYS[2]}/index.html"])
    write_day(tmp_path, build_day(DAYS[1], n_items=20, n_days=8))
    assert links(tmp_path, DAYS[0]) == ([], [f"../{DAYS[1]}/index.html"])
    assert links(tmp_path, DAYS[1]) == ([f"../{DAYS[0]}/index.html"], [f"../{DAYS[2]}/index.html"])
    assert links(tmp_path, DAYS[2]) == ([f"../{DAYS[1]}/index.html"], [])


def test_index_puts_links_right_when_a_day_is_gone(tmp_path: Path) -> None:
    write_site(tmp_path, DAYS[:3])
    for path in (tmp_path / DAYS[1].isoformat()).iterdir():
        path.unlink()
    write_index(tmp_path)
    assert links(tmp_path, DAYS[0]) == ([], [f"../{DAYS[2]}/index.html"])
    assert links(tmp_path, DAYS[2]) == ([f"../{DAYS[0]}/index.html"], [])


def test_a_headline_cannot_move_the_links(tmp_path: Path) -> None:
    write_day(tmp_path, build_day(DAYS[2], hostile=True))
    page = tmp_path / DAYS[2].isoformat() / "index.html"
    before = page.read_text(encoding="utf-8")
    write_day(tmp_path, build_day(DAYS[3]))
    after = page.read_text(encoding="utf-8")
    assert after.count("<!-- days -->") == before.count("<!-- days -->") == 1
    assert after.partition("<!-- /days -->")[2] == before.partition("<!-- /days -->")[2]


def test_index_lists_days_newest_first_with_their_numbers(tmp_path: Path) -> None:
    write_site(tmp_path, DAYS)
    page = read_page(tmp_path / "index.html")
    rows = page.rows("archive")
    summaries = [json.loads((tmp_path / str(day) / "summary.json").read_bytes()) for day in DAYS[::-1]]
    assert [row[0] for row in rows] == [str(day) for day in DAYS[::-1]]
    assert [float(row[1]) for row in rows] == [summary["mood"] for summary in summaries]
    assert page.figures()[0]["data"][1]["y"] == [summary["mood"] for summary in summaries[::-1]]
    assert page.all("h1")[0].text == summaries[0]["headline"]
    assert page.all("a", class_="button")[0].attributes["href"] == f"{DAYS[-1]}/index.html"
    assert rows[0][-2:] == ["4 of 5", "3f9c21ab7d04"]


def test_sample_days_are_the_archive_until_there_are_real_ones(tmp_path: Path) -> None:
    for day in DAYS[:2]:
        write_day(tmp_path, build_day(day, n_items=20, n_days=8, is_sample=True))
    page = read_page(write_index(tmp_path))
    assert [row[0] for row in page.rows("archive")] == [str(day) for day in DAYS[1::-1]]
    assert page.all("p", class_="notice")[0].text.startswith("Sample.")
    for day in DAYS[2:]:
        write_day(tmp_path, build_day(day, n_items=20, n_days=8))
    page = read_page(write_index(tmp_path))
    assert [row[0] for row in page.rows("archive")] == [str(day) for day in DAYS[:1:-1]]
    assert page.figures() == []  # two real days are too few for a chart, whatever the sample has
    assert page.all("p", class_="notice") == []
    assert "Sample days" in page.all("main")[0].text
    assert links(tmp_path, DAYS[1]) == ([f"../{DAYS[0]}/index.html"], [])
    assert links(tmp_path, DAYS[2]) == ([], [f"../{DAYS[3]}/index.html"])


def test_index_marks_a_day_that_was_reported_as_of_a_time(tmp_path: Path) -> None:
    write_day(tmp_path, build_day(is_point_in_time=True))
    (row,) = read_page(write_index(tmp_path)).rows("archive")
    assert row[0] == "2026-03-02 as of 2026-03-03T04:30:00Z"


def test_index_of_nothing_says_so(tmp_path: Path) -> None:
    page = read_page(write_index(tmp_path / "reports"))
    assert page.all("h1")[0].text == "No day has been reported yet."


def test_summary_has_its_documented_keys_sorted(tmp_path: Path) -> None:
    write_day(tmp_path, build_day())
    content = json.loads((tmp_path / "2026-03-02" / "summary.json").read_bytes())
    assert list(content) == sorted(content)
    assert {"schema_version", "day", "mood", "low", "high", "change", "n_items", "n_feeds_ok"} <= set(content)
    assert {"n_feeds", "model_id", "known_by", "is_point_in_time", "is_sample"} <= set(content)
    assert content["known_by"] == "2026-03-03T04:30:00Z"


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b'{"schema_version": 99, "day": "2026-03-01"}',
        b'{"schema_version": 1, "day": "2026-03-01"}',
        b"[" * 200_000,
    ],
)
def test_a_damaged_summary_is_left_out_and_mended_by_writing_again(tmp_path: Path, damage: bytes) -> None:
    write_site(tmp_path, DAYS[2:])
    intact = contents(tmp_path)
    (tmp_path / DAYS[2].isoformat() / "summary.json").write_bytes(damage)
    (tmp_path / "2026-02-30").mkdir()
    (tmp_path / "notes").mkdir()
    write_index(tmp_path)
    assert [summary.day for summary in read_summaries(tmp_path)] == DAYS[3:]
    write_site(tmp_path, DAYS[2:])
    assert contents(tmp_path) == intact


def test_an_unwritable_place_is_named_with_a_hint(tmp_path: Path) -> None:
    blocked = tmp_path / "reports"
    blocked.write_text("a file where the folder should be")
    for write in (lambda: write_day(blocked, build_day()), lambda: write_index(blocked)):
        with pytest.raises(ReportError) as caught:
            write()
        assert str(blocked) in str(caught.value)
        assert caught.value.hint
    assert blocked.read_text() == "a file where the folder should be"


def test_a_page_that_cannot_be_replaced_stays_whole(tmp_path: Path) -> None:
    write_site(tmp_path, DAYS[3:])
    before = contents(tmp_path)
    (tmp_path / ".2026-03-02.partial").write_text("a file where the folder should be")
    with pytest.raises(ReportError, match="2026-03-02: cannot create the folder"):
        write_day(tmp_path, build_day(n_items=30))
    (tmp_path / ".2026-03-02.partial").unlink()
    assert contents(tmp_path) == before


def test_a_day_whose_files_disagree_leaves_those_of_before(tmp_path: Path) -> None:
    write_site(tmp_path, DAYS[3:])
    before = contents(tmp_path)
    day = build_day(n_items=30)
    with pytest.raises(DisagreementError, match=r"the number of items is 29 in items\.csv and 30 in summary\.json"):
        write_day(tmp_path, replace(day, items=day.items.iloc[1:]))
    assert contents(tmp_path) == before


def test_the_archive_page_removes_what_a_killed_run_was_writing(tmp_path: Path) -> None:
    write_site(tmp_path, DAYS[3:])
    before = contents(tmp_path)
    (tmp_path / DAYS[3].isoformat() / ".index.html.partial").write_bytes(b"half a page")
    write_index(tmp_path)
    assert contents(tmp_path) == before
