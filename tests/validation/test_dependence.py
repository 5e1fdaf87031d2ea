"""Correlations are those of the textbooks, and their errors allow for dependence between neighbours."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.validation.dependence import (
    correlation,
    holm,
    mean_estimate,
    newey_west,
    rank_correlation,
    two_sided_p,
    upper_p,
)


def test_correlation_and_its_error_are_those_of_statsmodels() -> None:
    """OLS(z(y), z(x)).fit(cov_type="HAC", maxlags=4, use_correction=False) of statsmodels 0.15 gives these."""
    i = np.arange(120)
    x = np.sin(i * i) + np.sin(i / 9)
    y = 0.4 * x + np.cos(i * i * 1.7) + np.sin(i / 7)
    found = correlation(x, y)
    assert found.value == pytest.approx(0.3410436526572507, rel=1e-9)
    assert found.se == pytest.approx(0.11406674412749847, rel=1e-9)


def test_error_of_a_series_with_a_memory_is_larger_than_that_of_the_same_values_shuffled() -> None:
    generator = np.random.default_rng(3)
    values = np.convolve(generator.normal(size=1_009), np.ones(10), "valid")
    assert newey_west(values) > 2.0 * newey_west(generator.permutation(values))


def test_rank_correlation_does_not_care_how_large_an_outlier_is() -> None:
    x = np.arange(40.0)
    y = np.where(x == 39, 1e9, x)
    assert rank_correlation(x, y).value == pytest.approx(1.0)
    assert correlation(x, y).value < 0.5


def test_unknown_pairs_are_left_out_and_too_few_give_no_estimate() -> None:
    x, y = np.arange(60.0), np.arange(60.0) ** 2
    x[::2] = np.nan
    assert correlation(x, y) == correlation(x[1::2], y[1::2])
    assert correlation(x[:50], y[:50]).n == 25
    assert math.isnan(correlation(x[:50], y[:50]).value)
    assert math.isnan(correlation(np.ones(60), y).value)
    assert math.isnan(mean_estimate(x[:40]).se)


@pytest.mark.parametrize(
    ("t", "two_sided", "upper"), [(1.959964, 0.05, 0.025), (0.0, 1.0, 0.5), (-1.644854, 0.1, 0.95)]
)
def test_p_values_are_those_of_the_normal_distribution(t: float, two_sided: float, upper: float) -> None:
    assert two_sided_p(t) == pytest.approx(two_sided, abs=1e-6)
    assert upper_p(t) == pytest.approx(upper, abs=1e-6)


def test_undefined_t_is_no_evidence() -> None:
    assert two_sided_p(math.nan) == upper_p(math.nan) == 1.0


def test_holm_corrects_as_worked_out_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005, 0.2]) == pytest.approx([0.04, 0.09, 0.09, 0.025, 0.2])


@given(st.lists(st.floats(min_value=0.0, max_value=1.0), min_size=1, max_size=20))
def test_holm_keeps_the_order_makes_nothing_smaller_and_the_smallest_as_large_as_bonferroni(
    p_values: list[float],
) -> None:
    corrected = holm(p_values)
    assert all(p <= found <= 1.0 for p, found in zip(p_values, corrected, strict=True))
    assert min(corrected) == min(1.0, len(p_values) * min(p_values))
    order = np.argsort(p_values, kind="stable")
    assert (np.diff(np.array(corrected)[order]) >= 0).all()
