from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from sentinel.errors import ModelError, TrainingError
from sentinel.model.bundle import MANIFEST, load_bundle
from sentinel.model.classifier import Classifier
from sentinel.model.training import run as run_module
from sentinel.model.training import teachers as teachers_module
from sentinel.model.training.card import CARD
from sentinel.model.training.encoder import Encoder, find_model
from sentinel.model.training.recipe import Distillation
from sentinel.model.training.recipe import Encoder as EncoderSettings
from sentinel.model.training.run import run_recipe
from sentinel.model.training.stages import computed_once

from .bundles import read_headlines
from .tiny_training import TINY, tiny_recipe, write_data

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


# Encoder


def test_encoder_gives_unit_vectors_that_depend_on_the_text_alone(bert_dir: Path) -> None:
    encoder = Encoder(str(bert_dir), max_tokens=20)
    texts = [*read_headlines(), "Oxmead", "Oxmead " * 100]
    vectors = encoder.embed(texts).astype(np.float32)
    assert vectors.shape == (len(texts), encoder.width) == (len(texts), 32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-2)
    np.testing.assert_allclose(encoder.embed(texts[::-1])[::-1], vectors, atol=2e-2)


def test_words_that_an_encoder_knows_keep_their_likeness(bert_dir: Path) -> None:
    encoder = Encoder(str(bert_dir), max_tokens=20)
    vectors = encoder.word_vectors(encoder._tokenizer, width=32)
    own = encoder._model.get_input_embeddings().weight.detach().float().numpy()
    known = [
        index
        for index in range(len(vectors))
        if encoder._tokenizer(encoder._tokenizer.decode([index]), add_special_tokens=False)["input_ids"] == [index]
    ]
    assert len(known) > 50
    inner = [matrix[known] - matrix[known].mean(axis=0) for matrix in (vectors, own)]
    np.testing.assert_allclose(inner[0] @ inner[0].T, inner[1] @ inner[1].T, atol=1e-2)


def test_model_that_a_package_carries_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "carries_a_model" / "weights"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}", encoding="utf-8")
    (folder.parent / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    assert find_model("package:carries_a_model/weights") == str(folder)
    assert find_model("gpt2") == "gpt2"
    for missing in ("package:carries_a_model/none", "package:no_such_package/weights", "package:/etc", "package:"):
        with pytest.raises(TrainingError, match="no installed package carries this model"):
            find_model(missing)


def test_encoder_that_is_not_there_gives_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="none: cannot be loaded: ") as caught:
        Encoder(str(tmp_path / "none"), max_tokens=20)
    assert "\n" not in str(caught.value)


# What is computed once


def test_rows_are_computed_once_chunk_by_chunk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sentinel.model.training.stages.CHUNK_TEXTS", 4)
    asked: list[int] = []

    def compute(texts: Sequence[str]) -> np.ndarray:
        asked.append(len(texts))
        if len(asked) == 3:
            raise KeyboardInterrupt
        return np.array([[len(text)] for text in texts])

    texts = ["a" * n for n in range(10)]
    with pytest.raises(KeyboardInterrupt):
        computed_once(texts, compute, tmp_path / "chunks")
    rows = computed_once(texts, compute, tmp_path / "chunks")
    assert rows.tolist() == [[n] for n in range(10)]
    assert asked == [4, 4, 2, 2]
    assert computed_once(texts[:3], compute, tmp_path / "chunks").tolist() == [[0], [1], [2]]
    assert asked == [4, 4, 2, 2, 3]


# Whole runs


def _recipe_with_teachers(bert_dir: Path, **changes: Any) -> Any:
    teachers = [
        {"name": "encoder", "model": str(bert_dir), "finetuning": {"epochs": 1, "learning_rate": 0.003}},
        {"name": "own", "model": "base", "finetuning": {"epochs": 1}},
        {"name": "words", "kind": "linear"},
    ]
    encoder = {"model": str(bert_dir), "licence": "CC0", "source": "random weights", "max_tokens": 20}
    return tiny_recipe(
        pretraining=TINY["pretraining"] | {"encoder": encoder},
        augmentation={"direction_texts": 60, "variations": 1},
        distillation={"teachers": teachers, "n_texts": 300, "batch_tokens": 256, "learning_rate": 0.005, "epochs": 3}
        | changes,
    )


def test_student_learns_from_its_teachers(bert_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    data_dir = write_data(tmp_path / "data")
    recipe = _recipe_with_teachers(bert_dir)
    bundle_dir = run_recipe(recipe, data_dir=data_dir, output_dir=tmp_path / "out")
    manifest = json.loads((bundle_dir / MANIFEST).read_text(encoding="utf-8"))
    figures = manifest["distillation"]["teachers_on_validation_rows"]
    assert set(figures) == {"encoder", "own", "words", "fusion"}
    assert figures["fusion"]["accuracy"] >= figures["encoder"]["accuracy"] - 0.05
    assert manifest["metrics"]["Invented accuracy"] > 0.8
    student = Classifier.load_unchecked(str(bundle_dir))
    assert student.bundle.facts.architecture == "GPT2ForSequenceClassification, 1 layers x 32"
    assert f"| fusion | {figures['fusion']['accuracy']:.3f} | " in (bundle_dir / CARD).read_text(encoding="utf-8")
    assert not list((tmp_path / "out").rglob("checkpoint-*"))
    monkeypatch.setattr(run_module, "distil", None)
    monkeypatch.setattr(run_module, "pretrain", None)
    monkeypatch.setattr(teachers_module, "finetune", None)
    again = run_recipe(recipe, data_dir=data_dir, output_dir=tmp_path / "out")
    assert (again / MANIFEST).read_text(encoding="utf-8") == json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"teachers": []}, "at least 1 item"),
        ({"teachers": [{"name": "a", "kind": "linear"}] * 2}, "two teachers have one name"),
        ({"teachers": [{"name": "a"}]}, "an encoder needs a model, and only an encoder"),
        ({"teachers": [{"name": "a", "kind": "linear", "model": "gpt2"}]}, "an encoder needs a model"),
        ({"teachers": [{"name": "../a", "kind": "linear"}]}, "should match pattern"),
    ],
    ids=["none", "twins", "no model", "a model too many", "a path"],
)
def test_teachers_that_cannot_be_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Distillation.model_validate({"n_texts": 10, **changes})


def test_encoder_settings_name_their_licence() -> None:
    with pytest.raises(ValueError, match="licence"):
        EncoderSettings.model_validate({"model": "gpt2", "source": "somewhere"})


def test_stack_fuses_the_student_with_its_teachers(bert_dir: Path, gpt2_dir: Path, tmp_path: Path) -> None:
    torch.set_num_threads(1)
    recipe = _recipe_with_teachers(bert_dir, n_texts=0).model_copy(
        update={"base": str(gpt2_dir), "pretraining": None, "stack": True}
    )
    bundle_dir = run_recipe(recipe, data_dir=write_data(tmp_path / "data"), output_dir=tmp_path / "out")
    bundle = load_bundle(str(bundle_dir))
    assert bundle.kind == "stack"
    assert bundle.facts.metrics["Invented accuracy"] > 0.9
    assert {path.name for path in bundle_dir.iterdir()} == {
        "student",
        "encoder",
        "own",
        "words",
        "fusion.json",
        "README.md",
        MANIFEST,
    }
    alone = Classifier.load_unchecked(str(bundle_dir / "student")).probabilities(read_headlines())
    assert np.abs(Classifier.load(str(bundle_dir)).probabilities(read_headlines()) - alone).max() > 0.01
