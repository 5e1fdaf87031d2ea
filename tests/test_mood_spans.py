"""Spans of a day have moods by the day's formula, with intervals that hang on their own stories alone."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.mood import SHRINKAGE_STORIES, build_span_moods

DAY = date(2026, 3, 2)


def items(*rows: tuple[str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["story_id", "weight", "polarity"])


def test_mood_of_a_span_is_the_shrunk_weighted_mean_of_its_stories() -> None:
    """Four stories of equal weight: the mean times 4 / 9, times 100."""
    told = items(*[(f"s{number}", 1.0, polarity) for number, polarity in enumerate((0.9, -0.1, 0.5, 0.3))])
    moods = build_span_moods(told, np.zeros(4, dtype=int), 1, day=DAY)
    assert moods["mood"].iloc[0] == pytest.approx(100 * 0.4 * 4 / (4 + SHRINKAGE_STORIES))
    assert moods["low"].iloc[0] < moods["mood"].iloc[0] < moods["high"].iloc[0]


def test_copies_of_two_stories_are_not_enough_news() -> None:
    """Five items of two stories make no mood, and no interval."""
    told = items(*[(f"s{number % 2}", 1.0, 0.5) for number in range(5)])
    assert build_span_moods(told, np.zeros(5, dtype=int), 1, day=DAY).isna().all(axis=None)


@settings(deadline=None, max_examples=15)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9), st.floats(-1, 1)), min_size=1, max_size=40), st.data())
def test_order_of_items_and_news_of_other_spans_change_nothing(
    rows: list[tuple[int, int, float]], data: st.DataObject
) -> None:
    """A span by itself, its items in any order, has the mood and interval that it has beside others."""
    told = items(*[(f"s{story}", 1.0, polarity) for _, story, polarity in rows])
    span = np.array([place for place, _, _ in rows])
    moods = build_span_moods(told, span, 4, day=DAY)
    own = data.draw(st.permutations(np.flatnonzero(span == span[0]).tolist()))
    alone = build_span_moods(told.iloc[own], span[own], 4, day=DAY)
    np.testing.assert_allclose(moods.iloc[span[0]], alone.iloc[span[0]], atol=1e-9)
