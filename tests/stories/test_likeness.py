"""Two headlines are one story when they share most of their weight and nothing contradicts."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from sentinel.stories import contradict, is_same_story, likeness, read_headline

PAIRS = Path(__file__).parents[1] / "data" / "story_pairs.csv"
MIN_PRECISION = 0.90
MIN_RECALL = 0.93


def same(one: str, other: str) -> bool:
    return is_same_story(read_headline(one), read_headline(other))


@pytest.mark.parametrize("part", ["dev", "test"])
def test_labelled_pairs_are_told_apart_as_well_as_promised(part: str) -> None:
    with PAIRS.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["part"] == part]
    said = [(row["same"] == "1", same(row["first"], row["second"])) for row in rows]
    n_right = said.count((True, True))
    assert len(rows) == 156
    assert n_right / (n_right + said.count((False, True))) >= MIN_PRECISION
    assert n_right / (n_right + said.count((True, False))) >= MIN_RECALL


def test_labelled_pairs_hold_as_many_different_as_same_ones_and_no_family_in_both_parts() -> None:
    with PAIRS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 300
    assert sum(row["same"] == "1" for row in rows) * 2 == len(rows)
    parts = [{row["family"] for row in rows if row["part"] == part} for part in ("dev", "test")]
    assert not parts[0] & parts[1]


BASE = "Barrowgate Q1 profit rises 5 percent on Lantry mill sale"


@pytest.mark.parametrize(
    "other",
    [
        "Barrowgate Q1 profit falls 5 percent on Lantry mill sale",
        "Barrowgate Q1 profit rises 6 percent on Lantry mill sale",
        "Barrowgate Q2 profit rises 5 percent on Lantry mill sale",
        "Ostrava Q1 profit rises 5 percent on Lantry mill sale",
        "Barrowgate Q1 profit rises 5 percent on Kessel mill sale",
        "Barrowgate Q1 profit does not rise 5 percent on Lantry mill sale",
        "Barrowgate Q1 loss rises 5 percent on Lantry mill sale",
    ],
)
def test_one_contradiction_is_enough_however_alike_the_rest_is(other: str) -> None:
    one, two = read_headline(BASE), read_headline(other)
    assert likeness(one, two) > 0.45
    assert contradict(one, two)
    assert not is_same_story(one, two)


@pytest.mark.parametrize(
    "other",
    [
        "Barrowgate Q1 profit rises on Lantry mill sale",
        "Barrowgate first-quarter profit up 5% after Lantry mill sale",
        "UPDATE 2-Barrowgate Q1 profit rises 5 pct on Lantry mill sale; shares jump 8 pct",
    ],
)
def test_a_figure_that_one_leaves_out_contradicts_nothing(other: str) -> None:
    assert same(BASE, other)


def test_figures_in_another_order_are_other_news() -> None:
    assert not same("Barrowgate margin at 5 pct from 6 pct", "Barrowgate margin at 6 pct from 5 pct")


def test_directions_of_two_things_may_change_places_together() -> None:
    assert same("Oil falls while Barrowgate dollar bond climbs", "Barrowgate dollar bond climbs while oil falls")


def test_directions_exchanged_between_two_things_are_other_news() -> None:
    assert not same("Barrowgate shares rise, Lantry bonds fall", "Barrowgate shares fall, Lantry bonds rise")


def test_headlines_of_few_words_are_the_same_only_as_copies() -> None:
    assert same("Market report", "UPDATE 1-Market Report")
    assert not same("Market report", "Market report today on shares")


def test_titles_without_words_are_no_copies_of_one_another() -> None:
    assert not same("...", "?")


def test_likeness_is_a_share_of_weight_and_the_same_both_ways() -> None:
    one, other = read_headline(BASE), read_headline("Barrowgate profit rises on Lantry mill sale")
    assert likeness(one, one) == 1.0
    assert likeness(one, other) == likeness(other, one) < 1.0
    assert likeness(one, read_headline("Copper mine floods")) == 0.0
