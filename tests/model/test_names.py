"""The packaged model says what a headline is for one of its names; the rest of it reads headlines as before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file

from sentinel.cli import main
from sentinel.errors import ModelError
from sentinel.model.classifier import Classifier
from sentinel.model.difference import add_difference
from sentinel.model.training.run import run_recipe
from sentinel.target import mark_name

from .tiny_training import COMPANIES, tiny_recipe, write_data

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


def test_training_on_names_leaves_a_bundle_that_reads_them_and_is_averaged(tmp_path: Path) -> None:
    """The weights for headlines lie half way to the distilled ones; those for names are what fine-tuning ended with."""
    data = write_data(tmp_path / "data")
    good, bad = "shares soar after quarterly profit beats expectations", "warns on profit as demand falls"
    rows = [
        (f"{one} {good}; {other} {bad}", label, name)
        for one in COMPANIES
        for other in COMPANIES
        if one != other
        for name, label in ((one, "positive"), (other, "negative"))
    ]
    rows += [(f"{one} will hold a meeting on {number} May", "neutral", one) for one in COMPANIES for number in range(6)]
    pd.DataFrame(rows, columns=["text", "label", "entity"]).to_csv(data / "names.csv", index=False)
    file = {"path": "names.csv", "name": "Invented names", "licence": "CC0", "source": "invented"}
    recipe = tiny_recipe(
        distillation={"teachers": [{"name": "words", "kind": "linear"}], "n_texts": 100, "learning_rate": 0.005},
        companies={"labels": [file], "generated_texts": 60},
        finetuning={"epochs": 2, "batch_texts": 16, "learning_rate": 0.005, "start_share": 0.5},
    )
    bundle = run_recipe(recipe, data_dir=data, output_dir=tmp_path / "out")
    classifier = Classifier.load(str(bundle))
    assert classifier.bundle.reads_names
    assert {"Invented names accuracy", "Invented names in disagreement macro_f1"} <= set(
        classifier.bundle.facts.metrics
    )
    distilled, averaged = (load_file(path / "model.safetensors") for path in (tmp_path / "out" / "distilled", bundle))
    tuned = add_difference(bundle / "names.safetensors", averaged)
    for name, weight in averaged.items():
        middle = (distilled[name].float() + tuned[name]) / 2
        assert torch.allclose(weight.float(), middle, atol=0.02 * float(middle.abs().max()) + 1e-4)
    assert any(not torch.allclose(tuned[name], distilled[name].float(), atol=0.01) for name in averaged)
