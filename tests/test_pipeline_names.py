"""A headline that names several companies is read once for each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentinel.pipeline.names import score_names
from sentinel.records import NAME_SCORE_COLUMNS
from sentinel.watchlist import Company, Watchlist

if TYPE_CHECKING:
    from collections.abc import Sequence

WATCHLIST = Watchlist([Company("OCK", ("Ockley",)), Company("LAN", ("Lantry",)), Company("PEM", ("Pembrith",))], [])


class AfterTheMark:
    """A scorer that finds good news where "gains" follows the marked name, and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += texts
        return np.array([[0.1, 0.1, 0.8] if "]] gains" in text else [0.7, 0.2, 0.1] for text in texts], np.float32)


def score(*texts: str) -> tuple[pd.DataFrame, list[str]]:
    scorer = AfterTheMark()
    batch = pd.DataFrame({"item_id": [f"i{number}" for number in range(len(texts))], "text": texts})
    return score_names(batch, WATCHLIST, scorer=lambda: scorer), scorer.asked


def test_each_company_of_a_headline_has_a_score_of_its_own() -> None:
    names, asked = score("Ockley gains as Lantry warns")
    assert tuple(names.columns) == NAME_SCORE_COLUMNS
    assert names[["item_id", "name"]].to_numpy().tolist() == [["i0", "OCK"], ["i0", "LAN"]]
    assert names["positive"].round(3).tolist() == [0.8, 0.1]
    assert sorted(asked) == ["Ockley gains as [[Lantry]] warns", "[[Ockley]] gains as Lantry warns"]


def test_a_company_named_twice_is_marked_where_it_stands_first() -> None:
    _, asked = score("Lantry sues Ockley, Lantry says")
    assert sorted(asked) == ["Lantry sues [[Ockley]], Lantry says", "[[Lantry]] sues Ockley, Lantry says"]


def test_headlines_with_fewer_than_two_companies_are_not_read_again() -> None:
    names, asked = score("Ockley gains", "Rates unchanged", "Ockley and Ockley")
    assert names.empty
    assert tuple(names.columns) == NAME_SCORE_COLUMNS
    assert asked == []


def test_equal_headlines_are_read_once() -> None:
    names, asked = score("Ockley gains as Lantry warns", "Ockley gains as Lantry warns")
    assert len(names) == 4
    assert len(asked) == 2
