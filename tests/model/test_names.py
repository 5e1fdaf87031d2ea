"""The packaged model says what a headline is for one of its names; the rest of it reads headlines as before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
from click.testing import CliRunner

from sentinel.cli import main
from sentinel.errors import ModelError
from sentinel.model.classifier import Classifier
from sentinel.target import mark_name

from .tiny_training import tiny_recipe

if TYPE_CHECKING:
    from pathlib import Path

HEADLINES = (
    ("Ockley gains as Lantry warns on profit", "Ockley", "Lantry"),
    ("Broker upgrades Ockley, downgrades Lantry", "Ockley", "Lantry"),
    ("Ockley beats forecasts, Lantry misses", "Ockley", "Lantry"),
    ("Ockley shares jump 8%, Lantry falls 5%", "Ockley", "Lantry"),
    ("Lantry loses market share to Ockley", "Ockley", "Lantry"),
    ("Ockley to buy Lantry", "Lantry", "Ockley"),
)
"""Headlines with a name that fares better and one that fares worse."""


@pytest.fixture(scope="module")
def packaged() -> Classifier:
    return Classifier.load("packaged")


def polarity(classifier: Classifier, texts: list[str]) -> list[float]:
    probabilities = classifier.probabilities(texts)
    return [float(value) for value in probabilities[:, 2] - probabilities[:, 0]]


def test_the_name_that_fares_better_has_the_higher_polarity(packaged: Classifier) -> None:
    reader = packaged.name_reader()
    better = polarity(reader, [mark_name(text, name) or "" for text, name, _ in HEADLINES])
    worse = polarity(reader, [mark_name(text, name) or "" for text, _, name in HEADLINES])
    assert sum(high > low + 0.3 for high, low in zip(better, worse, strict=True)) >= 5


def test_loading_what_reads_names_leaves_the_model_as_it_is(packaged: Classifier) -> None:
    texts = [text for text, _, _ in HEADLINES]
    before = polarity(packaged, texts)
    assert polarity(packaged.name_reader(), texts) != before
    assert polarity(packaged, texts) == before


def test_a_model_that_was_not_trained_for_names_says_so(gpt2_dir: Path) -> None:
    with pytest.raises(ModelError, match="not trained to read single names"):
        Classifier.load_unchecked(str(gpt2_dir)).name_reader()


def test_classify_scores_rows_for_their_names(tmp_path: Path) -> None:
    rows = [(text, name) for text, *names in HEADLINES for name in names]
    rows += [("Ockley gains as Lantry warns on profit", name) for name in ("", "Pembrith")]
    source, output = tmp_path / "in.csv", tmp_path / "out.csv"
    pd.DataFrame(rows, columns=["text", "company"]).to_csv(source, index=False)
    command = ["classify", str(source), "-o", str(output), "--name-column", "company"]
    result = CliRunner().invoke(main, command, catch_exceptions=False)
    assert result.exit_code == 0
    scored = pd.read_csv(output)
    pairs = scored["polarity"][: 2 * len(HEADLINES)].to_numpy().reshape(-1, 2)
    assert (pairs[:, 0] > pairs[:, 1] + 0.3).sum() >= 5
    whole = polarity(Classifier.load("packaged"), [HEADLINES[0][0]])[0]
    assert scored["polarity"].tolist()[-2:] == pytest.approx([whole, whole], abs=1e-5)


def test_start_share_needs_what_has_a_head_to_average_with() -> None:
    finetuning = {"epochs": 1, "start_share": 0.5}
    with pytest.raises(ValueError, match="start_share needs distillation"):
        tiny_recipe(finetuning=finetuning)


def test_a_recipe_with_companies_cannot_be_a_stack() -> None:
    file = {"path": "names.csv", "name": "Invented", "licence": "CC0", "source": "invented"}
    teachers = {"teachers": [{"name": "words", "kind": "linear"}]}
    with pytest.raises(ValueError, match="leave out companies or stack"):
        tiny_recipe(companies={"labels": [file]}, distillation=teachers, stack=True)
