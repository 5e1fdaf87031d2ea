"""Weeks that are alike stay within the limits, and each kind of drift passes its own."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.drift import DRIFT_COLUMNS, LIMITS, MEASURES, PieceCounts, WeekSample, build_weeks, psi, psi_noise

MONDAY = date(2026, 1, 5)
N_PIECES = 50


def sample(number: int, *, shift: float = 0.0, stretch: int = 1, first_piece: int = 0, n_unread: int = 0) -> WeekSample:
    """Draw a week of 400 items."""
    chance = np.random.default_rng(number)
    pieces = chance.integers(first_piece, first_piece + 20, size=4_000)
    return WeekSample(
        week=MONDAY + timedelta(weeks=number),
        n_items=400,
        n_unread=n_unread,
        polarity=np.clip(chance.normal(shift, 0.4, size=400), -1, 1),
        length=chance.integers(40, 90, size=400) * stretch,
        pieces=PieceCounts(np.bincount(pieces, minlength=N_PIECES), 2_000),
    )


@pytest.mark.parametrize(
    ("drifted", "measure"),
    [
        ({"shift": 0.5}, "polarity"),
        ({"stretch": 2}, "length"),
        ({"first_piece": 10}, "novelty"),
        ({"n_unread": 250}, "unread"),
    ],
)
def test_a_week_that_drifts_in_one_way_passes_that_limit_alone(drifted: dict[str, float], measure: str) -> None:
    weeks = build_weeks([*(sample(number) for number in range(10)), sample(10, **drifted)])
    assert tuple(weeks.columns) == DRIFT_COLUMNS
    assert weeks["passed"].tolist() == [*[""] * 10, measure]
    assert weeks["is_reference"].tolist() == [*[True] * 8, False, False, False]


def test_an_index_within_chance_is_no_drift() -> None:
    few = [WeekSample(one.week, 12, 0, one.polarity[:12], one.length[:12], None) for one in map(sample, range(10))]
    weeks = build_weeks(few)
    assert (weeks["polarity"] > LIMITS["polarity"]).any()
    assert weeks["passed"].tolist() == [""] * 10
    assert weeks["novelty"].isna().all()


def test_one_week_alone_has_nothing_to_be_compared_with() -> None:
    weeks = build_weeks([sample(0)])
    assert weeks[["polarity", "length", "bits_per_piece"]].isna().all(axis=None)
    assert weeks["passed"].tolist() == [""]


def test_every_measure_has_a_limit_and_a_column() -> None:
    assert set(MEASURES) == set(LIMITS)
    assert set(MEASURES) <= set(DRIFT_COLUMNS)


def test_bits_per_piece_are_the_entropy_of_even_pieces_and_more_for_a_new_one() -> None:
    even = PieceCounts(np.full(8, 1_000), 100)
    assert even.bits_per_piece(even) == pytest.approx(3.0)
    assert PieceCounts(np.array([1, 0]), 1).bits_per_piece(PieceCounts(np.array([0, 3]), 1)) == pytest.approx(3.0)
    assert PieceCounts(np.array([3, 1]), 2).pieces_per_word() == 2.0


def test_noise_of_the_index_is_passed_by_one_pair_in_twenty() -> None:
    chance = np.random.default_rng(4)
    pairs = [(chance.normal(size=3_000), chance.normal(size=500)) for _ in range(400)]
    n_above = sum(psi(*pair) > psi_noise(*pair) for pair in pairs)
    assert 8 <= n_above <= 36


values = st.lists(st.floats(-1, 1), min_size=1, max_size=30).map(np.array)


@given(values, values)
def test_the_index_is_never_negative_and_zero_for_the_same_values(left: np.ndarray, right: np.ndarray) -> None:
    assert psi(left, right) >= 0.0
    assert psi(left, left) == 0.0
