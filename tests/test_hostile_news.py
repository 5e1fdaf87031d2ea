"""News that attacks its reader, in every field that a feed can set, runs nothing, calls nobody, starts no formula."""

from __future__ import annotations

import csv
import os
import zipfile
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import pandas as pd
import pytest
from feeds.conftest import Reply
from hostile import hostile_strings
from jobs import NOON, feed_entry, job_in, serve_feeds
from report.pages import read_page
from report.test_browser import CHROMIUM, open_page

from sentinel import pipeline
from sentinel.report.cells import text_cell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from feeds.conftest import FeedServer

N_ITEMS = int(os.environ.get("HOSTILE_ITEMS", "120"))
"""Each brings five strings."""


@pytest.fixture(scope="module")
def server() -> Iterator[FeedServer]:
    with serve_feeds() as serving:
        yield serving


@pytest.fixture(scope="module")
def strings(server: FeedServer) -> list[str]:
    return hostile_strings(5 * N_ITEMS + 3, server.url(""))


@pytest.fixture(scope="module")
def reports(server: FeedServer, strings: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run a job on a feed that is hostile in every field, and give its reports with a page that stands alone."""
    folder = tmp_path_factory.mktemp("hostile")
    server.routes["/feed"] = Reply(_feed(strings), headers={"Content-Type": "application/rss+xml"})
    with job_in(folder, feed_entry("wire", server.url("/feed"))) as job:
        summary = pipeline.run_once(job)
        pipeline.write_standalone(job, NOON.date(), folder / "reports" / "alone.html")
    assert summary.n_scored > 0.9 * N_ITEMS
    return folder / "reports"


def _feed(strings: list[str]) -> bytes:
    texts = iter(strings)
    items = []
    for number in range(N_ITEMS):
        fields = {name: escape(next(texts)) for name in ("title", "link", "description", "dc:creator", "source")}
        fields["guid"] = escape(strings[number]) + f"-{number}"
        fields["pubDate"] = format_datetime(NOON - timedelta(minutes=number % 600))
        items.append("<item>" + "".join(f"<{name}>{text}</{name}>" for name, text in fields.items()) + "</item>")
    title, link, language = (escape(next(texts)) for _ in range(3))
    head = f"<title>{title}</title><link>{link}</link><language>{language}</language>"
    namespace = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return f'<rss version="2.0" {namespace}><channel>{head}{"".join(items)}</channel></rss>'.encode()


def pages(reports: Path) -> list[Path]:
    found = sorted(reports.rglob("*.html"))
    assert {path.parent.name for path in found} >= {"2026-03-02", "topics", "reports"}
    return found


def test_pages_of_hostile_news_have_no_script_handler_or_link_of_its_own(reports: Path) -> None:
    """Every script is the site's or data, no element listens, and links lead to http addresses or into the site."""
    for path in pages(reports):
        for element in read_page(path).elements:
            attributes = element.attributes
            assert not [name for name in attributes if name.startswith("on")]
            assert element.tag not in {"iframe", "object", "embed", "base", "form", "img", "video", "math"}
            if element.tag == "script" and attributes.get("type") != "application/json":
                assert attributes["src"].startswith(("../assets/", "../../assets/", "assets/"))
            scheme, colon, _ = attributes.get("href", "").partition(":")
            assert not colon or scheme in {"http", "https", "data"}
            assert scheme != "data" or attributes["href"] == "data:,"


def test_hostile_headlines_are_shown_as_they_were_written(reports: Path) -> None:
    """Nothing of a title is lost: the page shows the text of the markup that it does not obey."""
    with (reports / "2026-03-02" / "items.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    page = read_page(reports / "2026-03-02" / "index.html")
    shown = {text_cell(element.text) for tag in ("a", "span") for element in page.all(tag)}
    assert len(rows) > 0.9 * N_ITEMS
    assert {row["title"] for row in rows} <= shown


def test_hostile_texts_start_no_formula_in_any_table(reports: Path) -> None:
    """A text cell of the CSV files is what the rule for spreadsheets makes of it, and the workbook holds no formula."""
    for name in ("items.csv", "daily.csv", "feeds.csv"):
        frame = pd.read_csv(reports / "2026-03-02" / name, dtype=str, keep_default_na=False)
        for column in frame.columns:
            texts = [text for text in frame[column] if text and not _is_number(text)]
            assert [text_cell(text) for text in texts] == texts
    with zipfile.ZipFile(reports / "2026-03-02" / "report.xlsx") as book:
        sheets = [book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) >= 4
    assert not [sheet for sheet in sheets if b"<f>" in sheet or b"<hyperlink" in sheet]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@pytest.mark.skipif(not CHROMIUM, reason="needs Chromium or Chrome")
def test_browser_runs_nothing_of_hostile_news_and_calls_nobody(
    reports: Path, server: FeedServer, strings: list[str], tmp_path: Path
) -> None:
    """The pages send no request; the same strings in a page without defences send many, so the test can fail."""
    before = len(server.requests)
    for number, path in enumerate(pages(reports)[:6]):
        document, console = open_page(path, tmp_path / f"profile-{number}")
        assert "<title>ran" not in document
        assert console == ""
    assert server.paths()[before:] == []
    bare = tmp_path / "bare.html"
    bare.write_text("".join(f"<p>{text}</p>" for text in strings[:60]), encoding="utf-8")
    open_page(bare, tmp_path / "bare")
    assert any("-" in path for path in server.paths()[before:])
