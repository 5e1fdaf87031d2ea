"""A waterfall leads from level to level, and every bar lies within its scale."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.report.waterfall import waterfall

MOODS = st.floats(-100, 100).map(lambda value: round(value, 1))


def rows(levels: list[float]) -> list[dict[str, object]]:
    last = len(levels) - 1
    return [{"level": level, "is_total": place in (0, last)} for place, level in enumerate(levels)]


def test_waterfall_of_two_moods_stands_on_zero_and_joins_their_levels() -> None:
    """Both totals begin at 0, and the step between them goes from one level to the other."""
    drawn = waterfall(rows([-2.0, 1.0, 1.0]))
    assert (drawn.low, drawn.high, round(drawn.zero, 3)) == (-2, 1, 66.667)
    before, step, after = drawn.steps
    assert (before.start, before.before, before.after) == (0.0, None, 0.0)
    assert (step.start, step.length, step.before, step.after) == (0.0, 100.0, 0.0, 100.0)
    assert (round(after.start, 3), after.before, after.after) == (66.667, 100.0, None)


def test_waterfall_that_stays_at_zero_has_a_scale() -> None:
    """Two moods of 0 are drawn on a scale that is not empty."""
    drawn = waterfall(rows([0.0, 0.0]))
    assert drawn.low < drawn.high
    assert [step.length for step in drawn.steps] == [0.0, 0.0]


@given(st.lists(MOODS, min_size=2, max_size=9))
def test_waterfall_joins_each_bar_to_the_next_within_its_scale(levels: list[float]) -> None:
    """What a bar leads to is where the next one comes from, and an end of both."""
    drawn = waterfall(rows(levels))
    for step, following in zip(drawn.steps, drawn.steps[1:], strict=False):
        assert step.after == following.before
        assert step.after in (pytest.approx(step.start), pytest.approx(step.start + step.length))
    for step in drawn.steps:
        assert step.start >= -1e-9
        assert step.start + step.length <= 100 + 1e-9
