"""Why a text was read as it was, on a page: words, picture, what turns the label; and what is kept of it on file."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sentinel.explanations import Change, Explanation, Word
from sentinel.report import leading_items, read_explanations, write_day, write_explanation
from sentinel.report.explained_items import EXPLANATIONS_NAME, explanations_bytes
from sentinel.report.words import explained

from .days import LAST_DAY, MODEL, build_day
from .pages import read_page

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "<script>alert(1)</script>"


def build_explanation(text: str = "Profit falls less") -> Explanation:
    """Explain an invented reading of three words."""
    return Explanation(
        text=text,
        model=MODEL,
        label="negative",
        polarity=-0.31,
        reference=0.02,
        error=-0.004,
        words=(Word("Profit", 0.2, 0.5), Word("falls", -0.52, 0.3), Word("less", -0.01, 0.05)),
        rollout=((0.3, 0.3, 0.01), (0.5, 0.3, 0.05)),
        change=Change(('"rises" for "falls"',), "Profit rises less", "positive", 0.4),
    )


def test_words_are_signed_coloured_and_told() -> None:
    """A word that counts has its sign and strength; one that does not has no colour; the strongest are told."""
    story = explained(build_explanation())
    assert [(row["tone"], row["strength"]) for row in story["words"]] == [("positive", 2), ("negative", 4), ("", 0)]
    assert story["told"] == "up: Profit +0.20; down: falls -0.52"


def test_the_picture_has_a_cell_for_each_part_that_counts() -> None:
    """Cells of a layer stand in one row, of a word in one column, in the darkness of their part."""
    picture = explained(build_explanation())["picture"]
    assert [path.count("M") for path in picture["paths"]] == [0, 1, 0, 3, 1]
    assert picture["paths"][4].startswith("M60 16h")
    assert picture["words"] == "attention ends at Profit 50%, falls 30%, less 5%"


def test_the_page_stands_alone_and_tells_all(tmp_path: Path) -> None:
    """No script and nothing from outside; words, error and change are there to read."""
    write_explanation(tmp_path / "page.html", build_explanation())
    page = read_page(tmp_path / "page.html")
    tags = [element.tag for element in page.elements]
    assert "script" not in tags
    assert not [element for element in page.elements if element.attributes.get("src")]
    [policy] = [element for element in page.elements if element.attributes.get("http-equiv")]
    assert "script-src" not in policy.attributes["content"]
    assert policy.attributes["content"].startswith("default-src 'none'")
    [picture] = [element for element in page.elements if element.attributes.get("class") == "rollout"]
    assert "Profit 50%" in picture.attributes["aria-label"]
    content = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "The shares miss the sum by -0.004" in content
    assert "it would be positive (+0.40)" in content


def test_a_hostile_text_is_text(tmp_path: Path) -> None:
    """Whatever a headline brings is shown, never run."""
    hostile = replace(build_explanation(HOSTILE), words=(Word(HOSTILE, 0.9, 0.5),), rollout=((0.5,),))
    write_explanation(tmp_path / "page.html", hostile)
    assert "script" not in [element.tag for element in read_page(tmp_path / "page.html").elements]


def test_an_explanation_without_words_or_change_has_a_page(tmp_path: Path) -> None:
    """An empty text is explained by nothing."""
    empty = replace(build_explanation(""), words=(), rollout=((), ()), change=None)
    write_explanation(tmp_path / "page.html", empty)
    content = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "No change of up to two words was found" in content
    assert "no word counts for much" in content


def test_explanations_on_file_come_back_as_they_were(tmp_path: Path) -> None:
    """What is written is read, by text; another model's is not."""
    folder = tmp_path / LAST_DAY.isoformat()
    folder.mkdir()
    found = [build_explanation(), replace(build_explanation("No change"), change=None)]
    (folder / EXPLANATIONS_NAME).write_bytes(explanations_bytes(MODEL.model_id, found))
    assert read_explanations(tmp_path, LAST_DAY, model=MODEL) == {each.text: each for each in found}
    assert read_explanations(tmp_path, LAST_DAY, model=replace(MODEL, model_id="0" * 12)) == {}


@pytest.mark.parametrize("content", ["", "[]", '{"model_id": 1}', '{"model_id": "3f9c21ab7d04", "explanations": [1]}'])
def test_a_damaged_file_of_explanations_is_none(tmp_path: Path, content: str) -> None:
    """It costs computing them again, nothing else."""
    (tmp_path / LAST_DAY.isoformat()).mkdir()
    (tmp_path / LAST_DAY.isoformat() / EXPLANATIONS_NAME).write_text(content, encoding="utf-8")
    assert read_explanations(tmp_path, LAST_DAY, model=MODEL) == {}


def test_the_day_page_explains_its_leading_stories(tmp_path: Path) -> None:
    """Each explained story says why under its headline, and the folder keeps it; others say nothing."""
    day = build_day()
    leading = leading_items(day)
    assert leading
    write_day(tmp_path, replace(day, explanations={leading[0]: build_explanation()}))
    content = (tmp_path / LAST_DAY.isoformat() / "index.html").read_text(encoding="utf-8")
    assert content.count("<summary>Why negative</summary>") == 1
    kept = json.loads((tmp_path / LAST_DAY.isoformat() / EXPLANATIONS_NAME).read_bytes())
    assert [row["text"] for row in kept["explanations"]] == ["Profit falls less"]
