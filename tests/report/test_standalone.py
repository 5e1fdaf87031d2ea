"""The page as one file: everything in it, nothing to fetch, no link that leads nowhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sentinel.errors import ReportError
from sentinel.report import write_day, write_standalone

from .days import build_day
from .pages import Page, read_page

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "hostile"])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Page:
    file = tmp_path_factory.mktemp("mail") / "deep" / "mood.html"
    write_standalone(file, build_day(hostile=request.param))
    assert [path.name for path in file.parent.iterdir()] == ["mood.html"]
    return read_page(file)


def test_file_has_no_script_and_its_policy_allows_none(page: Page) -> None:
    assert not page.all("script")
    (meta,) = [e for e in page.all("meta") if e.attributes.get("http-equiv") == "Content-Security-Policy"]
    assert "default-src 'none'" in meta.attributes["content"]
    assert "script-src" not in meta.attributes["content"]


def test_file_links_only_to_itself_and_to_the_sources_of_its_headlines(page: Page) -> None:
    places = {e.attributes["id"] for e in page.elements if "id" in e.attributes}
    for link in page.all("a"):
        target = link.attributes["href"]
        assert target[1:] in places if target.startswith("#") else re.match(r"https?://", target)
    for element in page.elements:
        assert not {"src", "srcset", "action", "data", "poster"} & set(element.attributes)
    assert [e.attributes["href"] for e in page.all("link")] == ["data:,"]


def test_file_draws_its_charts_and_tells_the_same_numbers_as_the_page(tmp_path: Path) -> None:
    report = build_day()
    write_standalone(tmp_path / "mood.html", report)
    alone, page = read_page(tmp_path / "mood.html"), read_page(write_day(tmp_path / "reports", report))
    drawings = [e for e in alone.all("svg") if "drawing" in e.attributes.get("class", "")]
    assert [e.attributes["aria-label"] for e in drawings] != []
    for number in range(4):
        assert alone.rows("numbers", number) == page.rows("numbers", number)
    assert alone.all("h1")[0].text == page.all("h1")[0].text
    assert (tmp_path / "mood.html").stat().st_size < 500_000


def test_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    with pytest.raises(ReportError, match="taken"):
        write_standalone(tmp_path / "taken" / "mood.html", build_day())
