"""Copies of texts about somebody else."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from random import Random

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sentinel
from sentinel.model.training.augmentation import direction_texts, news_texts, swap_identities
from sentinel.model.training.augmentation.grammar import sections
from sentinel.model.training.augmentation.identity import draw_person, draw_stem
from sentinel.model.training.datasets import IDENTITY, LABELLED_COLUMNS, with_augmentation
from sentinel.model.training.recipe import Augmentation
from sentinel.text import fingerprint

AUDIT_DIR = Path(sentinel.__file__).parent / "assets" / "audit"


def test_swap_identities_names_another_company_wherever_it_is_mentioned() -> None:
    """Every mention of an invented company becomes the same other company, and the news stays."""
    [copy] = swap_identities(["Quinmont Oyj's loss widens as Quinmont closes a mill"], seed=3)
    found = re.fullmatch(r"(.+)'s loss widens as (.+) closes a mill", copy)
    assert found is not None
    assert "Quinmont" not in copy
    assert found[2].split()[0] in found[1]


def test_swap_identities_keeps_two_countries_apart() -> None:
    """Two countries become two others, and an adjective follows its country."""
    for seed in range(40):
        [copy] = swap_identities(["Germany lends to Peru, German banks say"], seed=seed)
        found = re.fullmatch(r"(.+) lends to (.+), (.+) banks say", copy)
        assert found is not None
        assert found[1] != found[2]
        pairs = {tuple(cell.strip() for cell in line.split("|")) for line in sections("identity")["countries"]}
        assert (found[1][:1].lower() + found[1][1:], found[3]) in pairs or (found[1], found[3]) in pairs


def test_swap_identities_swaps_whole_persons() -> None:
    """Given and family name are both another's."""
    [copy] = swap_identities(["Analyst Deepa Larchlux cuts forecast"], seed=1)
    assert re.fullmatch(r"Analyst \S+ \S+ cuts forecast", copy)
    assert "Larchlux" not in copy


def test_swap_identities_says_a_size_before_a_trade_only() -> None:
    """A size stands before the trade of a company, and not after an article that might not fit."""
    copies = swap_identities(["Insurer sees lower claims"] * 60, seed=2)
    sized = {copy for copy in copies if copy != "Insurer sees lower claims"}
    assert sized
    assert all(re.fullmatch(r"[A-Z][a-z-]+ insurer sees lower claims", copy) for copy in sized)
    assert set(swap_identities(["Fire at an insurer"] * 60, seed=2)) == {"Fire at an insurer"}


@given(st.text(max_size=80), st.integers(0, 9))
def test_swap_identities_leaves_a_text_alone_that_names_nobody(text: str, seed: int) -> None:
    """A text in which no name begins with a capital letter comes back as it is."""
    lowered = text.lower().replace("er", "").replace("ut", "").replace("air", "").replace("tele", "").replace("ftw", "")
    assert swap_identities([lowered], seed=seed) == [lowered]


def test_names_of_copies_are_none_of_the_audit() -> None:
    """Nobody that a model is audited with can have been in its training."""
    rng = Random(0)
    persons = _column("person.csv", "person")
    companies = " ".join(_column("company.csv", "company"))
    assert persons.isdisjoint(draw_person(rng) for _ in range(20_000))
    assert not any(re.search(rf"\b{re.escape(draw_stem(rng)[0])}\b", companies) for _ in range(5_000))


def test_copies_of_made_texts_keep_label_and_original() -> None:
    """A copy has the label of what it was copied from, and the teachers read that."""
    settings = Augmentation(direction_texts=150, news_texts=150, identity_swaps=1)
    rows = with_augmentation(_labelled("Arvex Corp wins order", "positive"), settings, seed=4)
    label_of = dict([*direction_texts(150, seed=4), *news_texts(150, seed=4), ("Arvex Corp wins order", "positive")])
    copies = rows[rows["source"] == IDENTITY]
    assert len(copies) > 100
    assert (copies["label"] == copies["original"].map(label_of)).all()
    assert (copies["text"] != copies["original"]).all()
    others = rows[rows["source"] != IDENTITY]
    assert (others["text"] == others["original"]).all()


@pytest.mark.parametrize("copies", [0, 2])
def test_copies_are_as_many_as_the_recipe_says(copies: int) -> None:
    """A text that names a company gets as many copies as are asked for, none by default."""
    rows = with_augmentation(
        _labelled("Arvex Corp wins order", "positive"), Augmentation(identity_swaps=copies), seed=4
    )
    assert len(rows) == 1 + copies


def _labelled(text: str, label: str) -> pd.DataFrame:
    row = {"text": text, "label": label, "label_id": 2, "source": "x", "fingerprint": fingerprint(text)}
    return pd.DataFrame([{**row, "split": "train", "original": text}])[list(LABELLED_COLUMNS)]


def _column(name: str, column: str) -> set[str]:
    with (AUDIT_DIR / name).open(encoding="utf-8", newline="") as stream:
        return {row[column] for row in csv.DictReader(stream)}
