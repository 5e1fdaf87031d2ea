"""What is drawn without a script stands where its numbers say, and says what it shows."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.report.drawings import dial, history_drawing, mood_bar, sparkline

LAST = date(2026, 3, 2)
NAN = float("nan")
MOODS = st.floats(-100, 100)


def history(*moods: float) -> list[dict[str, object]]:
    first = LAST - timedelta(days=len(moods) - 1)
    return [
        {"day": first + timedelta(days=n), "mood": mood, "low": mood - 5, "high": mood + 5, "trend": mood / 2}
        for n, mood in enumerate(moods)
    ]


def places(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path)]


def test_history_places_a_dot_per_mood_from_left_to_right_and_high_moods_above_low_ones() -> None:
    points = places(history_drawing(history(-10.0, 0.0, 20.0), 3, 50.0).points)
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert [y for _, y in points] == sorted((y for _, y in points), reverse=True)


def test_history_leaves_a_gap_where_there_was_not_enough_news() -> None:
    drawing = history_drawing(history(1.0, 2.0, NAN, 3.0, 4.0), 5, 50.0)
    assert len(places(drawing.points)) == 4
    assert drawing.trend.count("M") == drawing.band.count("M") == drawing.band.count("Z") == 2


def test_history_shows_only_its_range_and_says_so() -> None:
    drawing = history_drawing(history(*([90.0] * 5), -1.0, 2.0, 3.0), 3, 100.0)
    assert len(places(drawing.points)) == 3
    assert drawing.words == (
        "3 days, 3 with a mood: lowest -1.0 on 2026-02-28, highest +3.0 on 2026-03-02, last +3.0 on 2026-03-02"
    )


def test_history_draws_what_another_model_published_over_the_overlap_and_says_so() -> None:
    """The earlier model has a line of its own: days before the range and after the last day are left out."""
    days = [LAST - timedelta(days=ago) for ago in (5, 2, 1)]
    published = [{"day": day, "mood": mood} for day, mood in zip(days, (9.0, 3.0, 4.0), strict=True)]
    drawing = history_drawing(history(1.0, 2.0, 3.0), 3, 50.0, {"old": published, "older": published[:1]})
    assert list(drawing.earlier) == ["old"]
    line, points = places(drawing.earlier["old"]), places(drawing.points)
    assert [x for x, _ in line] == [x for x, _ in points[:2]]
    assert line[1][1] < line[0][1] == points[2][1]
    assert drawing.words.endswith("; from 2026-02-28 to 2026-03-01 also as published by model old")


@given(st.lists(MOODS, min_size=1, max_size=60), st.integers(1, 400))
def test_history_stays_within_its_frame(moods: list[float], n_days: int) -> None:
    drawing = history_drawing(history(*moods), n_days, 105.0)
    for x, y in places(drawing.points) + places(drawing.trend) + places(drawing.band):
        assert 44 <= x <= 1000
        assert 0 <= y <= 240


def test_sparkline_says_how_many_days_it_shows_and_its_range() -> None:
    days = [LAST - timedelta(days=ago) for ago in (3, 2, 1, 0)]
    line = sparkline(days, {days[0]: -4.0, days[1]: 6.5, days[3]: NAN}, 10.0)
    assert line is not None
    assert line.words == "2 of 4 days with a mood, -4.0 to +6.5"
    assert line.last is None
    assert sparkline(days, {days[0]: NAN}, 10.0) is None


def test_sparkline_shows_a_day_between_gaps_as_a_dot() -> None:
    days = [LAST - timedelta(days=ago) for ago in (4, 3, 2, 1, 0)]
    line = sparkline(days, {days[0]: 1.0, days[2]: 1.0, days[3]: 2.0}, 10.0)
    assert line is not None
    assert len(places(line.points)) == 1


@given(MOODS, MOODS, MOODS, st.floats(20, 105))
def test_bar_lies_on_the_side_of_its_sign_within_the_scale(mood: float, low: float, high: float, size: float) -> None:
    bar = mood_bar({"mood": mood, "low": low, "high": high}, size)
    assert bar is not None
    assert 0 <= bar.start <= 50
    assert 0 <= bar.start + bar.length <= 100
    assert (bar.start < 50) == (mood < 0 and bar.length > 0)
    assert mood_bar({"mood": NAN, "low": low, "high": high}, size) is None


@pytest.mark.parametrize(("mood", "hand"), [(-100.0, (34.0, 92.0)), (0.0, (100.0, 26.0)), (100.0, (166.0, 92.0))])
def test_dial_points_left_for_negative_up_for_nothing_and_right_for_positive(
    mood: float, hand: tuple[float, float]
) -> None:
    shown = dial(mood, -100.0, 100.0)
    assert shown is not None
    assert shown.hand == pytest.approx(hand)
    assert shown.interval == "M20.0 92.0A80 80 0 0 1 180.0 92.0"


def test_dial_of_not_enough_news_is_none() -> None:
    assert dial(None, None, None) is None
