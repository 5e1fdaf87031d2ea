"""The words follow from the numbers."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from sentinel.report.rounding import json_number, number_text
from sentinel.report.sentence import (
    arrow,
    count_words,
    headline,
    long_date,
    mood_tone,
    mood_words,
    unusual_words,
    volume_words,
)

NAN = float("nan")


@pytest.mark.parametrize(
    ("mood", "words"),
    [
        (-35.0, "strongly negative"),
        (-15.0, "moderately negative"),
        (-5.0, "mildly negative"),
        (-4.99, "neutral"),
        (0.0, "neutral"),
        (14.99, "mildly positive"),
        (34.99, "moderately positive"),
        (100.0, "strongly positive"),
        (NAN, "not enough news"),
        (None, "not enough news"),
    ],
)
def test_mood_words_change_at_their_limits(mood: float | None, words: str) -> None:
    assert mood_words(mood) == words


@pytest.mark.parametrize(
    ("low", "high", "words", "tone"),
    [
        (-18.2, -6.4, "mildly negative", "negative"),
        (-18.2, 0.0, "no clear direction", ""),
        (0.0, 3.0, "no clear direction", ""),
        (-18.2, 0.1, "no clear direction", ""),
        (None, None, "mildly negative", "negative"),
        (NAN, NAN, "mildly negative", "negative"),
    ],
)
def test_mood_has_a_direction_only_where_its_interval_leaves_out_zero(
    low: float | None, high: float | None, words: str, tone: str
) -> None:
    assert (mood_words(-12.3, low, high), mood_tone(-12.3, low, high)) == (words, tone)


@pytest.mark.parametrize("mood", [0.0, 4.9, NAN, None])
def test_mood_without_a_side_has_no_tone(mood: float | None) -> None:
    assert mood_tone(mood) == ""


def _headline(**changes: Any) -> str:
    figures: dict[str, Any] = {"mood": -12.3, "low": -18.2, "high": -6.4, "change": -5.0}
    return headline(**{**figures, "n_items": 143, "n_feeds_ok": 4, "n_feeds": 5, **changes})


def test_headline_says_the_day_in_one_sentence() -> None:
    assert _headline() == (
        "Mood is mildly negative at -12.3 (95% interval -18.2 to -6.4), down 5.0 from the day before; "
        "143 items from 4 of 5 feeds."
    )


def test_headline_says_first_that_the_interval_includes_zero() -> None:
    assert _headline(high=0.1) == (
        "No clear direction: mood -12.3 (95% interval -18.2 to +0.1), down 5.0 from the day before; "
        "143 items from 4 of 5 feeds."
    )


@pytest.mark.parametrize("missing", [None, NAN])
def test_headline_never_turns_missing_news_into_zero(missing: float | None) -> None:
    sentence = _headline(mood=missing, low=missing, high=missing, change=missing, n_items=1, n_feeds_ok=1, n_feeds=1)
    assert sentence == "Not enough news to state a mood; 1 item from 1 of 1 feed."


def test_headline_says_when_there_is_no_day_before() -> None:
    assert ", with no mood the day before to compare with;" in _headline(change=NAN)
    assert ", unchanged from the day before;" in _headline(change=0.0)


def test_arrow_has_a_shape_for_every_direction() -> None:
    assert [arrow(change) for change in (1.0, -1.0, 0.0, NAN, None)] == ["▲", "▼", "■", "", ""]


@pytest.mark.parametrize(
    ("value", "text"),
    [(-0.0, "0.0"), (-0.01, "0.0"), (0.5, "+0.5"), (-1234.5, "-1,234.5"), (NAN, "n/a"), (None, "n/a")],
)
def test_number_text_has_no_negative_zero_and_no_invented_number(value: float | None, text: str) -> None:
    assert number_text(value, signed=True) == text


def test_json_number_is_a_number_or_nothing() -> None:
    assert [json_number(value) for value in (1.234, -0.0, NAN, float("inf"), None)] == [
        1.23,
        0.0,
        None,
        None,
        None,
    ]


def test_volume_words_compare_with_the_usual_count() -> None:
    assert volume_words(143, 118.0) == "about the usual 118"
    assert volume_words(30, 1180.0) == "fewer than the usual 1,180"
    assert volume_words(300, 118.0) == "more than the usual 118"
    assert volume_words(3, NAN) == volume_words(3, 0.0) == "usual number not known yet"


def test_unusual_words_follow_the_size_of_z() -> None:
    words = [unusual_words(z, 34).removesuffix(" for the 34 days before") for z in (0.5, -1.5, 2.5, -3.5)]
    assert words == ["ordinary", "somewhat unusual", "unusual", "extreme"]
    assert unusual_words(NAN, 9) == "needs 20 days before it, has 9"


def test_dates_and_counts_are_english_whatever_the_locale() -> None:
    assert long_date(date(2026, 3, 2)) == "Monday 2 March 2026"
    assert count_words(1, "story", "stories") == "1 story"
    assert count_words(1204, "item") == "1,204 items"
