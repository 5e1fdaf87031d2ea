from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from sentinel.model.training.overlap import NEAR, count_overlaps, near_copies

WORDS = st.lists(st.sampled_from(["a", "b", "c", "d", "e", "f", "g"]), max_size=7).map(" ".join)


@given(keys=st.lists(WORDS, max_size=8), others=st.lists(WORDS, max_size=8), near=st.sampled_from([0.3, 0.5, 0.8, 1.0]))
def test_near_copies_are_those_that_comparing_every_pair_finds(keys: list[str], others: list[str], near: float) -> None:
    sets = [set(other.split()) for other in others]
    expected = [
        any(words | other and len(words & other) >= near * len(words | other) for other in sets)
        for words in (set(key.split()) for key in keys)
    ]
    assert near_copies(keys, others, near=near) == expected


def test_headline_with_one_word_more_is_a_near_copy_and_the_opposite_news_is_not() -> None:
    known = ["oxmead first quarter profit rises on strong demand in europe"]
    assert near_copies([f"{known[0]} update", "lantry first quarter loss widens on weak demand in asia"], known) == [
        True,
        False,
    ]
    assert 0.5 < NEAR < 1


def test_overlaps_are_counted_on_both_sides() -> None:
    labelled = pd.DataFrame(
        [
            ("oxmead profit rises on strong demand", "train"),
            ("oxmead profit rises on strong demand update", "test"),
            ("quenby board meets on tuesday", "validation"),
        ],
        columns=["fingerprint", "split"],
    )
    assert count_overlaps(labelled, ["quenby board meets on tuesday", "something else entirely"]) == {
        "held_out": 2,
        "held_out_near_a_training_text": 1,
        "pretraining_near_a_held_out_text": 1,
    }
