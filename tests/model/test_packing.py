from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.model.packing import LONG_TEXT, fitting_budget, n_slots, pack, plan_batches, smaller_budget

BUDGET = 96
LENGTHS = st.lists(st.integers(1, BUDGET), min_size=1, max_size=60)


@given(LENGTHS)
def test_plan_holds_every_text_once_and_no_batch_more_than_its_budget(lengths: list[int]) -> None:
    batches = plan_batches(lengths, BUDGET)
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    for texts in batches:
        assert 1 <= len(texts) <= n_slots(BUDGET)
        assert sum(lengths[text] for text in texts) <= BUDGET


@given(LENGTHS)
def test_plan_begins_with_the_longest_and_closes_no_batch_that_has_room(lengths: list[int]) -> None:
    batches = plan_batches(lengths, BUDGET)
    ordered = [lengths[text] for texts in batches for text in texts]
    assert ordered == sorted(lengths, reverse=True)
    for texts, following in itertools.pairwise(batches):
        is_full = len(texts) == n_slots(BUDGET)
        assert is_full or sum(lengths[text] for text in texts) + lengths[following[0]] > BUDGET


@given(LENGTHS)
def test_every_batch_has_one_shape_and_gives_its_texts_back(lengths: list[int]) -> None:
    rows = [[100 * text + place + 1 for place in range(length)] for text, length in enumerate(lengths)]
    for texts in plan_batches(lengths, BUDGET):
        batch = pack(rows, texts, BUDGET)
        assert (batch.token_ids.shape, batch.positions.shape) == ((BUDGET,), (BUDGET,))
        assert batch.last_rows.shape == (n_slots(BUDGET),)
        start = 0
        for place, text in enumerate(texts):
            stop = start + lengths[text]
            assert batch.token_ids[start:stop].tolist() == rows[text]
            assert batch.positions[start:stop].tolist() == list(range(lengths[text]))
            assert batch.last_rows[place] == stop - 1
            start = stop
        assert not batch.token_ids[start:].any()


@given(LENGTHS)
def test_groups_name_the_lengths_in_order_and_long_texts_stand_alone(lengths: list[int]) -> None:
    rows = [[1] * length for length in lengths]
    for texts in plan_batches(lengths, BUDGET):
        groups = pack(rows, texts, BUDGET).groups
        assert [length for count, length in groups for _ in range(count)] == [lengths[text] for text in texts]
        assert all(count == 1 for count, length in groups if length >= LONG_TEXT)
        short = [length for _, length in groups if length < LONG_TEXT]
        assert len(short) == len(set(short))


@pytest.mark.parametrize(
    ("free_bytes", "expected"), [(10**12, 1_024), (2_048_000, 1_024), (2_047_998, 512), (700_000, 256), (0, 100)]
)
def test_budget_is_halved_until_it_fits_into_half_of_what_is_free(free_bytes: int, expected: int) -> None:
    assert fitting_budget(free_bytes, 1_000, most=1_024, least=100) == expected


def test_smaller_budget_ends_at_a_single_text() -> None:
    assert [smaller_budget(budget, least=96) for budget in (1_024, 150, 96)] == [512, 96, None]
