"""The page of an evaluation: what it says, that it stands alone, and that no text of a file becomes markup."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sentinel.errors import ReportError
from sentinel.figures import BaselineFigures, Evaluation, GroupFigures
from sentinel.model.evaluation import class_figures, confusion_counts, headline_figures, reliability_bins
from sentinel.records import ModelFacts
from sentinel.report import write_evaluation

from .pages import Page, read_page
from .test_browser import CHROMIUM, open_page

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "<script>alert('1')</script>\"&<img src=x onerror=alert(2)>"


def build_evaluation(text: str = "wire") -> Evaluation:
    """Measure a simulated classifier; every text that comes from outside is the one given."""
    generator = np.random.default_rng(1)
    probabilities = generator.dirichlet([0.7, 1.0, 0.4], size=200)
    label_ids = np.array([generator.choice(3, p=row) for row in probabilities])
    figures = headline_figures(label_ids, probabilities)
    return Evaluation(
        model=ModelFacts("0123456789ab", text, text, {}),
        file=text,
        figures=figures,
        classes=class_figures(label_ids, probabilities),
        confusion=tuple(map(tuple, confusion_counts(label_ids, probabilities).tolist())),
        reliability=reliability_bins(label_ids, probabilities),
        groups={"source": (GroupFigures(text, figures), GroupFigures("", figures))},
        baselines=(BaselineFigures("majority", text, figures),),
        notes=(text,),
    )


def write_page(path: Path, evaluation: Evaluation) -> Page:
    write_evaluation(path, evaluation)
    return read_page(path)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    return write_page(tmp_path_factory.mktemp("plain") / "page.html", build_evaluation())


@pytest.fixture(scope="module")
def hostile_page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    return write_page(tmp_path_factory.mktemp("hostile") / "page.html", build_evaluation(HOSTILE))


@pytest.mark.parametrize("kind", ["page", "hostile_page"])
def test_page_needs_no_other_file_and_runs_nothing(kind: str, request: pytest.FixtureRequest) -> None:
    page: Page = request.getfixturevalue(kind)
    assert {element.tag for element in page.elements}.isdisjoint({"script", "img", "iframe", "object", "form", "use"})
    for element in page.elements:
        assert not [name for name in element.attributes if name.startswith("on")]
        for name in ("src", "href", "action", "poster", "srcset", "xlink:href"):
            assert element.attributes.get(name, "#").startswith(("#", "data:,"))
    style = "".join(element.text for element in page.all("style"))
    assert not re.search(r"url\(|@import|https?:", style)
    (meta,) = [e for e in page.all("meta") if e.attributes.get("http-equiv") == "Content-Security-Policy"]
    assert meta.attributes["content"].startswith("default-src 'none'; style-src")
    assert "script-src" not in meta.attributes["content"]


def test_page_shows_text_from_outside_as_text(hostile_page: Page) -> None:
    assert HOSTILE in hostile_page.all("h1")[0].text
    assert hostile_page.rows("by-source")[0][0] == HOSTILE
    assert [row[0] for row in hostile_page.rows("systems")] == [HOSTILE, "majority"]


def test_page_shows_each_figure_with_its_interval(page: Page) -> None:
    figures = build_evaluation().figures
    shown = [element.text for element in page.all("dd", class_="value")]
    measured = (figures.accuracy, figures.macro_f1, figures.weighted_f1, figures.ece, figures.brier)
    assert shown == [f"{figure.value:.3f}" for figure in measured]
    notes = [element.text for element in page.all("dd", class_="note")]
    assert notes == [f"{figure.low:.3f} to {figure.high:.3f}" for figure in measured]


def test_confusion_matrix_holds_the_counts_and_shades_them(page: Page) -> None:
    confusion = build_evaluation().confusion
    cells = [element for element in page.all("td") if element.attributes.get("class", "").startswith("cell")]
    counts = [int(re.match(r"[\d,]+", cell.text)[0]) for cell in page.all("b") if "td" in cell.inside]
    assert counts == [count for row in confusion for count in row]
    shades = [float(cell.attributes["style"].removeprefix("--shade: ")) for cell in cells]
    assert shades == pytest.approx([count / sum(row) for row in confusion for count in row], abs=5e-4)
    right = [position for position, cell in enumerate(cells) if cell.attributes["class"] == "cell right"]
    assert right == [0, 4, 8]


def test_reliability_diagram_and_its_table_hold_the_same_bins(page: Page) -> None:
    bins = build_evaluation().reliability
    points = page.all("circle", class_="point")
    assert len(points) == len(page.rows("bins")) == len(bins)
    for point, part, row in zip(points, bins, page.rows("bins"), strict=True):
        assert float(point.attributes["cx"]) == pytest.approx(48 + 380 * part.confidence, abs=0.06)
        assert float(point.attributes["cy"]) == pytest.approx(330 - 320 * part.accuracy.value, abs=0.06)
        assert row[1] == f"{part.n:,}"
        assert row[2] == f"{part.confidence:.3f}"
        assert row[3].startswith(f"{part.accuracy.value:.3f}")


def test_an_empty_cell_and_an_undefined_figure_are_named(tmp_path: Path, page: Page) -> None:
    assert [row[0] for row in page.rows("by-source")] == ["wire", "(empty)"]
    label_ids = np.array([0, 0])
    probabilities = np.eye(3)[label_ids]
    evaluation = replace(
        build_evaluation(),
        figures=headline_figures(label_ids, probabilities),
        classes=class_figures(label_ids, probabilities),
        confusion=((2, 0, 0), (0, 0, 0), (0, 0, 0)),
        reliability=reliability_bins(label_ids, probabilities),
        groups={},
        baselines=(),
        notes=(),
    )
    bare = write_page(tmp_path / "page.html", evaluation)
    assert bare.rows("classes")[1] == ["neutral", "n/a", "n/a", "n/a", "0"]
    assert "labels 100.0% of 2 rows rightly (95% interval 100.0% to 100.0%)" in bare.all("h1")[0].text


def test_a_page_in_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"page\.html"):
        write_evaluation(tmp_path / "absent" / "page.html", build_evaluation())


@pytest.mark.skipif(not CHROMIUM, reason="needs Chromium or Chrome")
def test_browser_opens_the_page_in_silence(tmp_path: Path) -> None:
    write_evaluation(tmp_path / "page.html", build_evaluation(HOSTILE))
    document, console = open_page(tmp_path / "page.html", tmp_path / "profile")
    assert console == ""
    assert document.count('class="point"') == len(build_evaluation().reliability)
