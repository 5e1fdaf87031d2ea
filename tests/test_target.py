"""One name of a headline is marked, and nothing else in it looks like a mark."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.target import CLOSING, OPENING, mark, mark_name
from sentinel.text import classifier_text, fingerprint


def test_the_span_of_a_name_is_marked() -> None:
    assert mark("Ockley gains as Lantry warns", 16, 22) == "Ockley gains as [[Lantry]] warns"


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (3, 3), (4, 2), (0, 7)])
def test_a_span_outside_the_text_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="no span"):
        mark("Ockley", start, end)


@given(st.text(min_size=1), st.data())
def test_any_text_has_exactly_one_pair_of_marks(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    marked = mark(text, start, end)
    assert (marked.count(OPENING), marked.count(CLOSING)) == (1, 1)
    assert marked.replace(OPENING, "").replace(CLOSING, "") == text.replace("[", "(").replace("]", ")")


@pytest.mark.parametrize(
    ("text", "name", "marked"),
    [
        ("Ockley gains", "Ockley", "[[Ockley]] gains"),
        ("apple growers sue Apple", "Apple", "apple growers sue [[Apple]]"),
        ("ockley gains", "Ockley", "[[ockley]] gains"),
        ("Scotia says Coti falls", "Coti", "Scotia says [[Coti]] falls"),
        ("S&P 500 up, S&P 5 down", "S&P 5", "S&P 500 up, [[S&P 5]] down"),
        ("Shares of Ockleys rise", "Ockley", "Shares of [[Ockley]]s rise"),
    ],
)
def test_a_name_is_marked_where_it_stands_as_it_is_written(text: str, name: str, marked: str) -> None:
    assert mark_name(text, name) == marked


@pytest.mark.parametrize("name", ["Lantry", ""])
def test_a_name_that_is_not_there_marks_nothing(name: str) -> None:
    assert mark_name("Ockley gains", name) is None


def test_marks_outlast_the_cleaning_of_texts() -> None:
    assert classifier_text("Ockley gains as [[Lantry]] warns") == "Ockley gains as [[Lantry]] warns"


def test_marks_are_no_words() -> None:
    assert fingerprint("Ockley gains as [[Lantry]] warns") == fingerprint("Ockley gains as Lantry warns")
