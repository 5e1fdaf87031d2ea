"""A headline is taken apart into words that count, figures, directions and negation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.stories import read_headline
from sentinel.stories.headline import MAX_TOKENS, strip_marks


@pytest.mark.parametrize(
    "title",
    [
        "UPDATE 1-Barrowgate to close mill",
        "CORRECTED-UPDATE 2-Barrowgate to close mill",
        "RPT - UPDATE 3 - Barrowgate to close mill",
        "(RPT) Barrowgate to close mill",
        "BREAKING: Barrowgate to close mill",
        "Update 4: Barrowgate to close mill",
        "Barrowgate to close mill - Reuters",
        "Barrowgate to close mill | The Harbour Times",
        "Barrowgate to close mill - example.com",
    ],
)
def test_marks_of_a_wire_and_its_publisher_are_no_part_of_a_headline(title: str) -> None:
    assert strip_marks(title) == "Barrowgate to close mill"
    assert read_headline(title).key == "barrowgate to close mill"


@pytest.mark.parametrize("title", ["UPDATE 1-", "Live", "Final results - Barrowgate", "Update on the Lantry mill"])
def test_a_title_that_only_looks_marked_stays_whole(title: str) -> None:
    assert strip_marks(title) == title


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lantry sells $2.40 bln of bonds", "Lantry sells $2.4 billion of bonds"),
        ("Lantry sells 900 mln euros of bonds", "Lantry sells 0.9 billion euros of bonds"),
        ("Lantry cuts 1,200 jobs", "Lantry cuts 1200 jobs"),
        ("Lantry profit up 5 pct", "Lantry profit up 5%"),
        ("Lantry profit up 5 percent", "Lantry profit up 5.0 per cent"),
        ("Rates up 25 basis points", "Rates up 0.25 percent"),
        ("Lantry first-quarter profit", "Lantry Q1 profit"),
        ("Lantry 2Q profit", "Lantry second quarter profit"),
        ("Lantry shuts two mills", "Lantry shuts 2 mills"),
        ("U.S. jobs data for March", "US jobs data for Mar"),
    ],
)
def test_a_figure_has_one_form_however_it_is_written(one: str, other: str) -> None:
    assert read_headline(one).figures == read_headline(other).figures != {}


@pytest.mark.parametrize(
    ("title", "figures"),
    [
        ("Lantry Q3 profit -5% on 12 sites", {"period": ("q3",), "rate": ("-5",), "count": ("12",)}),
        ("Oil at 80.5, up from 79", {"count": ("80.5", "79")}),
        ("Lantry, 3rd in size, raises $5m", {"ordinal": ("3",), "money": ("5000000",)}),
        ("Lantry profit flat", {}),
        ("Index at 1.234.567", {"count": ("1.234.567",)}),
    ],
)
def test_figures_are_kept_by_kind_in_their_order(title: str, figures: dict[str, tuple[str, ...]]) -> None:
    assert read_headline(title).figures == figures


def test_names_are_specific_and_words_of_every_headline_are_not() -> None:
    headline = read_headline("Barrowgate shares rise on strong demand")
    assert headline.specific == {"barrowgat"}
    assert headline.opening == "barrowgat"
    assert headline.weights["barrowgat"] > headline.weights["shar"] > 0


def test_what_follows_a_semicolon_counts_less_and_names_no_subject() -> None:
    headline = read_headline("Barrowgate cuts dividend; Lantry stake unsold")
    assert headline.weights["lantry"] < headline.weights["barrowgat"]
    assert headline.specific == {"barrowgat", "dividend"}


@pytest.mark.parametrize(
    ("title", "is_negated"),
    [
        ("Barrowgate will not bid for Lantry", True),
        ("Barrowgate won't bid for Lantry", True),
        ("Barrowgate rules out bid for Lantry", True),
        ("Barrowgate drops bid for Lantry", True),
        ("Barrowgate drops 5 percent on bid for Lantry", False),
        ("Barrowgate bids for Lantry", False),
    ],
)
def test_a_headline_is_negated_by_a_word_that_turns_it_over(title: str, is_negated: bool) -> None:  # noqa: FBT001
    assert read_headline(title).is_negated is is_negated


def test_a_direction_belongs_to_the_word_before_it() -> None:
    assert read_headline("Oil falls as dollar climbs").stances["level"] == {("-level", "crud"), ("+level", "dollar")}


def test_a_title_that_was_cut_off_is_read_without_its_last_half_word() -> None:
    assert read_headline("Barrowgate may close Harbour mi...").key == "barrowgate may close harbour"
    assert read_headline("Barrowg\u2026").key == "barrowg"


@pytest.mark.parametrize("title", ["", "...", "\u2014 ?!", "\U0001f680"])
def test_a_title_without_words_has_no_key(title: str) -> None:
    assert read_headline(title).key == ""


def test_a_long_title_is_compared_by_its_first_words() -> None:
    headline = read_headline(" ".join(f"word{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(500)))
    assert len(headline.weights) == MAX_TOKENS


@given(
    st.text(max_size=80) | st.from_regex(r"[-+$]?[0-9.,]{1,40}(%| bln|bp|th)? [A-Z][a-z]+ - [a-z.]+", fullmatch=True)
)
def test_any_text_can_be_read_and_copies_say_the_same(title: str) -> None:
    headline = read_headline(title)
    copy = read_headline(f"UPDATE 1-{title.strip()}")
    assert headline.total == sum(headline.weights.values())
    assert copy.key != headline.key or copy.figures == headline.figures
