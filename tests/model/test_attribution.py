"""Why a model read a text as it did."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sentinel.errors import ModelError
from sentinel.model.attribution import Explainer
from sentinel.model.attribution.explainer import smallest_change
from sentinel.model.attribution.gradients import polarities, share_out
from sentinel.model.attribution.network import load_network
from sentinel.model.attribution.rollout import roll_out
from sentinel.model.attribution.words import (
    Edit,
    changed,
    opposites,
    single_edits,
    split_words,
    sum_by_word,
    words_of_tokens,
)
from sentinel.model.bundle import Bundle, load_bundle
from sentinel.model.calibration import Calibration
from sentinel.model.classifier import Classifier
from sentinel.model.gate import GATE_DIR, HEADLINES_NAME
from sentinel.model.stack import FUSION
from sentinel.model.tokens import load_reading
from sentinel.model.transformer import TransformerScorer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

TEXT = "Naïve café chain's loss narrows, shares up 5%"


def _bundle(path: Path, calibration: Calibration) -> Bundle:
    loaded = load_bundle(str(path))
    return Bundle(**{**{name: getattr(loaded, name) for name in Bundle.__annotations__}, "calibration": calibration})


@pytest.mark.parametrize("name", ["gpt2_dir", "bert_dir"])
def test_polarity_of_the_network_is_that_of_the_scorer(name: str, request: pytest.FixtureRequest) -> None:
    """The network with gradients says what the scorer in float32 says."""
    bundle = load_bundle(str(request.getfixturevalue(name)))
    scorer = TransformerScorer(bundle, device=torch.device("cpu"), dtype=torch.float32)
    said = bundle.calibration.apply(scorer.probabilities([TEXT]))[0]
    explanation = Explainer(bundle, lambda texts: np.tile(said, (len(texts), 1))).explain(TEXT)
    assert explanation.polarity == pytest.approx(float(said[2] - said[0]), abs=1e-5)


@pytest.mark.parametrize("calibration", [Calibration(), Calibration(1.3, 0.95), Calibration(0.7, 2.0)])
def test_polarities_are_calibrated_as_published(gpt2_dir: Path, calibration: Calibration) -> None:
    """Logits become the polarities that the calibration of the bundle gives."""
    bundle = _bundle(gpt2_dir, calibration)
    logits = torch.randn(50, 3, generator=torch.Generator().manual_seed(1)) * 3
    said = calibration.apply(torch.softmax(logits, dim=-1).numpy())
    assert polarities(logits, bundle).numpy() == pytest.approx(said[:, 2] - said[:, 0], abs=1e-6)


def test_shares_sum_to_the_polarity_less_the_reference(gpt2_dir: Path) -> None:
    """What the sum misses is told as the error, and is small; a token that is blank itself has no share."""
    bundle = load_bundle(str(gpt2_dir))
    reading = load_reading(gpt2_dir, max_tokens=bundle.max_tokens, pad_token_id=None)
    token_ids, _ = reading.read(TEXT)
    blank_ids = [*[reading.blank_id] * (len(token_ids) - 1), token_ids[-1]]
    shares = share_out(load_network(bundle), token_ids, blank_ids, bundle)
    assert shares.of_tokens.sum() == pytest.approx(shares.polarity - shares.reference + shares.error, abs=1e-9)
    assert abs(shares.error) < 0.02
    assert shares.of_tokens[-1] == 0.0
    assert abs(shares.of_tokens).max() > 0.01


def test_pieces_of_a_word_count_as_that_word(gpt2_dir: Path) -> None:
    """Pieces and single bytes of letters are summed over the word that they are part of."""
    bundle = load_bundle(str(gpt2_dir))
    reading = load_reading(gpt2_dir, max_tokens=bundle.max_tokens, pad_token_id=None)
    token_ids, spans = reading.read(TEXT)
    words = words_of_tokens(TEXT, spans)
    named = [word for word in words if word is not None]
    assert len(token_ids) > len(split_words(TEXT))
    assert named == sorted(named)
    assert set(named) == set(range(len(split_words(TEXT))))
    assert words[-1] is None, "the end-of-text token is no word"
    assert sum_by_word(np.ones(len(words)), words, 8).sum() == len(named)


@given(st.text(max_size=40))
def test_words_are_what_stands_between_spaces(text: str) -> None:
    """Joining the words gives the text with single spaces, whatever is in it; without changes nothing is lost."""
    assert changed(text, []).split() == text.split()
    assert [text[begin:end] for begin, end in split_words(text)] == text.split()


def test_rollout_of_a_network_that_copies_one_token_ends_at_it() -> None:
    """What the reader attends to arrives there, half of each layer being its own past."""
    attention = np.zeros((3, 4, 4))
    attention[:, :, 1] = 1.0
    rows = roll_out(attention, reader=3)
    assert rows.sum(axis=1) == pytest.approx([1.0, 1.0, 1.0])
    assert rows[:, 1] == pytest.approx([0.5, 0.75, 0.875])
    assert rows[:, 3] == pytest.approx([0.5, 0.25, 0.125])


def test_single_edits_drop_and_swap_in_the_case_and_punctuation_of_the_word() -> None:
    """A swapped word keeps its capital and what touches it; a lone sign is no word."""
    edits = single_edits("Profits rose, GAIN & rest")
    assert changed("Profits rose, GAIN & rest", edits[3:4]) == "Profits fell, GAIN & rest"
    assert [edit.words for edit in edits] == [
        'drop "Profits"',
        '"Losses" for "Profits"',
        'drop "rose"',
        '"fell" for "rose"',
        'drop "GAIN"',
        f'"{opposites()["gain"].upper()}" for "GAIN"',
        'drop "rest"',
    ]


def _reader(turning: dict[str, int], otherwise: int) -> object:
    """Make a model that says the label of the first of some texts."""

    def score(texts: Sequence[str]) -> np.ndarray:
        labels = [turning.get(text, otherwise) for text in texts]
        return np.eye(3, dtype=np.float32)[labels] * 0.7 + 0.1

    return score


def test_smallest_change_takes_one_word_before_two() -> None:
    """One swapped word turns the label, so no pair is tried; the text after it is told."""
    change = smallest_change("Profit falls again today", 0, _reader({"Profit rises again today": 2}, 0))  # type: ignore[arg-type]
    assert change is not None
    assert (change.words, change.label) == (('"rises" for "falls"',), "positive")
    assert change.polarity == pytest.approx(0.7)


def test_smallest_change_pairs_words_where_one_does_not_turn_the_label() -> None:
    """Two dropped words are found where neither alone suffices."""
    change = smallest_change("Sales not quite bad", 0, _reader({"Sales quite": 1}, 0))  # type: ignore[arg-type]
    assert change is not None
    assert change.words == ('drop "not"', 'drop "bad"')


def test_smallest_change_is_none_where_no_two_words_turn_the_label() -> None:
    """A model that always says the same has no change that turns it; nor has a text without words."""
    assert smallest_change("Profit falls", 0, _reader({}, 0)) is None  # type: ignore[arg-type]
    assert smallest_change(" ", 1, _reader({}, 1)) is None  # type: ignore[arg-type]


def test_a_stack_says_in_one_line_that_it_cannot_be_explained(gpt2_dir: Path) -> None:
    """Several models have no common embeddings; the error names the way out."""
    loaded = load_bundle(str(gpt2_dir))
    stack = Bundle(**{**{name: getattr(loaded, name) for name in Bundle.__annotations__}, "kind": "stack"})
    with pytest.raises(ModelError, match="cannot be explained") as caught:
        Explainer(stack, lambda texts: np.zeros((len(texts), 3)))
    assert "transformers in it" in str(caught.value)
    assert FUSION not in str(caught.value)


def test_deleting_the_top_word_moves_the_polarity_as_its_share_says() -> None:
    """On hand-written headlines that chose nothing here: in nine of ten, and twice as far as any word does."""
    with (GATE_DIR / HEADLINES_NAME).open(encoding="utf-8", newline="") as stream:
        texts = [row["text"] for row in csv.DictReader(stream)][1::14]
    classifier = Classifier.load("packaged", device="cpu")
    explainer = Explainer(classifier.bundle, classifier.probabilities)
    agreed, moved, of_any = [], [], []
    for text in texts:
        explanation = explainer.explain(text)
        shares = np.array([word.share for word in explanation.words])
        top = int(abs(shares).argmax())
        deleted = [changed(explanation.text, [Edit(place, "", "")]) for place in range(len(shares))]
        said = classifier.probabilities([explanation.text, *deleted])
        polarity = said[:, 2] - said[:, 0]
        fell = polarity[0] - polarity[1:]
        agreed.append(fell[top] * shares[top] > 0)
        moved.append(fell[top] * np.sign(shares[top]))
        of_any.append(abs(fell).mean())
    assert len(texts) == 30
    assert np.mean(agreed) >= 0.9
    assert np.mean(moved) >= 2.0 * np.mean(of_any)
