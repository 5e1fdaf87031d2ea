"""Half of the queue is what an answer would change most, half is drawn at random from everything."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.labels.queue import INFLUENCE, RANDOM, draw_queue, expected_move
from sentinel.records import LABELS

SURE, UNSURE = (0.0, 0.0, 1.0), (0.5, 0.0, 0.5)


def candidates(*rows: tuple[str, str, float, tuple[float, float, float]]) -> pd.DataFrame:
    """Build candidates from (item_id, text, pull, probabilities)."""
    plain = [(item_id, text, pull, *shares) for item_id, text, pull, shares in rows]
    return pd.DataFrame(plain, columns=["item_id", "text", "pull", *LABELS])


def draw(frame: pd.DataFrame, n_wanted: int, *, seed: int = 1, queued: dict[str, str] | None = None) -> dict[str, str]:
    drawn = draw_queue(frame, n_wanted, queued=queued or {}, rng=np.random.default_rng(seed))
    return dict(zip(drawn["item_id"], drawn["half"], strict=True))


def many(n: int) -> pd.DataFrame:
    return candidates(*((f"i{number:03}", f"Text {number}", 1.0, UNSURE) for number in range(n)))


@pytest.mark.parametrize(
    ("shares", "move"),
    [(SURE, 0.0), ((0.0, 1.0, 0.0), 0.0), (UNSURE, 1.0), ((1 / 3, 1 / 3, 1 / 3), 2 / 3), ((0.0, 0.5, 0.5), 0.5)],
)
def test_what_is_less_certain_would_move_further(shares: tuple[float, float, float], move: float) -> None:
    assert expected_move(np.array([shares])) == pytest.approx([move])


def test_influence_is_doubt_times_weight_in_the_mood() -> None:
    frame = candidates(
        ("certain", "A", 9.0, SURE),
        ("light", "B", 0.1, UNSURE),
        ("heavy", "C", 5.0, UNSURE),
        ("middle", "D", 1.0, UNSURE),
    )
    drawn = draw_queue(frame, 1, queued={}, rng=np.random.default_rng(1))
    assert drawn.to_dict("records") == [{"item_id": "heavy", "half": INFLUENCE, "influence": pytest.approx(5.0)}]


def test_copies_of_a_headline_are_asked_about_once_and_count_together() -> None:
    frame = candidates(
        ("b", "Same", 1.0, UNSURE), ("a", "Same", 1.0, UNSURE), ("c", "Other", 1.5, UNSURE), ("d", "Third", 1.0, UNSURE)
    )
    assert draw(frame, 1) == {"a": INFLUENCE}
    assert set(draw(frame, 10)) == {"a", "c", "d"}


def test_a_queue_has_two_halves_and_an_odd_one_goes_by_influence() -> None:
    halves = list(draw(many(40), 11).values())
    assert (halves.count(INFLUENCE), halves.count(RANDOM)) == (6, 5)


def test_the_random_half_hangs_on_the_seed_and_not_on_the_order_of_rows() -> None:
    frame = many(40)
    assert draw(frame, 10, seed=5) == draw(frame.iloc[::-1], 10, seed=5)
    assert draw(frame, 10, seed=5) != draw(frame, 10, seed=6)


def test_the_random_half_may_draw_what_was_asked_about_for_its_influence() -> None:
    frame = many(4)
    queued = dict.fromkeys(frame["item_id"], INFLUENCE)
    assert draw(frame, 8, queued=queued) == dict.fromkeys(frame["item_id"], RANDOM)


def test_what_was_drawn_at_random_is_not_asked_about_again() -> None:
    frame = many(4)
    assert draw(frame, 8, queued=dict.fromkeys(frame["item_id"], RANDOM)) == {}


def test_the_random_half_is_drawn_evenly_whatever_is_doubtful() -> None:
    frame = candidates(
        *((f"i{number}", f"T{number}", float(number), UNSURE if number else SURE) for number in range(10))
    )
    random = [item for seed in range(100) for item, half in draw(frame, 4, seed=seed).items() if half == RANDOM]
    counts = pd.Series(random).value_counts()
    assert len(counts) == 10
    assert counts.min() > 5  # 20 expected, standard deviation 4


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.integers(0, 8), st.floats(0, 5), st.tuples(*[st.floats(0.01, 1)] * 3)), max_size=12),
    st.integers(0, 15),
    st.integers(0, 5),
)
def test_a_queue_asks_about_each_text_once_and_no_more_than_wanted(
    rows: list[tuple[int, float, tuple[float, float, float]]], n_wanted: int, seed: int
) -> None:
    frame = candidates(
        *((f"i{place}", f"T{text}", pull, tuple(np.array(p) / sum(p))) for place, (text, pull, p) in enumerate(rows))
    )
    drawn = draw(frame, n_wanted, seed=seed)
    texts = frame.set_index("item_id").loc[list(drawn), "text"]
    assert texts.is_unique
    assert len(drawn) <= n_wanted
    if n_wanted >= 2 * len(frame):
        assert len(drawn) == frame["text"].nunique()
