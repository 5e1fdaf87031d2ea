from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sentinel.errors import ModelError
from sentinel.model.bundle import load_bundle, write_manifest
from sentinel.model.classifier import Classifier
from sentinel.model.stack import FUSION, Fusion, fit_fusion

from .bundles import read_headlines

if TYPE_CHECKING:
    from pathlib import Path

GENERATOR = np.random.default_rng(4)
LABEL_IDS = GENERATOR.integers(0, 3, 600)
KNOWING = np.eye(3)[LABEL_IDS] * 0.7 + 0.1
GUESSING = GENERATOR.dirichlet((1, 1, 1), 600)


def test_fusion_follows_the_member_that_knows() -> None:
    fusion = fit_fusion(["guess", "know"], [GUESSING, KNOWING], LABEL_IDS)
    fused = fusion.fuse([GUESSING, KNOWING])
    assert fused.dtype == np.float32
    np.testing.assert_allclose(fused.sum(axis=1), 1, atol=1e-5)
    assert (fused.argmax(axis=1) == LABEL_IDS).all()
    assert np.abs(fusion.weights[:3]).max() < np.abs(fusion.weights[3:]).max() / 5


def test_fusion_survives_probabilities_of_zero_and_one() -> None:
    certain = np.eye(3)[LABEL_IDS]
    fused = fit_fusion(["a"], [certain], LABEL_IDS).fuse([certain])
    assert np.isfinite(fused).all()


def test_fusion_is_read_as_it_was_saved(tmp_path: Path) -> None:
    fusion = fit_fusion(["guess", "know"], [GUESSING, KNOWING], LABEL_IDS)
    fusion.save(tmp_path)
    read = Fusion.load(tmp_path)
    assert read.members == ("guess", "know")
    np.testing.assert_array_equal(read.fuse([GUESSING, KNOWING]), fusion.fuse([GUESSING, KNOWING]))


@pytest.fixture
def stack_dir(gpt2_dir: Path, tmp_path: Path) -> Path:
    path = tmp_path / "stack"
    for name in ("one", "two"):
        shutil.copytree(gpt2_dir, path / name)
    Fusion(("one", "two"), np.vstack([np.eye(3), np.eye(3)]) / 2, np.zeros(3)).save(path)
    write_manifest(path, {"name": "both", "kind": "stack", "metrics": {}})
    return path


def test_stack_of_one_model_twice_scores_as_that_model(stack_dir: Path, gpt2_dir: Path) -> None:
    texts = read_headlines()
    alone = Classifier.load_unchecked(str(gpt2_dir)).probabilities(texts)
    np.testing.assert_allclose(Classifier.load_unchecked(str(stack_dir)).probabilities(texts), alone, atol=2e-3)


def test_stack_tells_its_kind_and_hashes_its_members(stack_dir: Path) -> None:
    bundle = load_bundle(str(stack_dir))
    assert (bundle.kind, bundle.facts.architecture) == ("stack", "stack model")
    (stack_dir / "two" / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match=r"two/config\.json: is not what the manifest says"):
        load_bundle(str(stack_dir))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"members": ["one"]}, "do not fit together"),
        ({"members": []}, "do not fit together"),
        ({"members": ["../one", "two"]}, "do not fit together"),
        ({"weights": [[1.0]]}, "do not fit together"),
        ({"weights": "none"}, "cannot be read"),
        ({"bias": None}, "do not fit together|cannot be read"),
    ],
    ids=str,
)
def test_fusion_that_does_not_fit_is_refused(stack_dir: Path, changes: dict[str, object], message: str) -> None:
    facts = json.loads((stack_dir / FUSION).read_text(encoding="utf-8"))
    (stack_dir / FUSION).write_text(json.dumps({**facts, **changes}), encoding="utf-8")
    with pytest.raises(ModelError, match=message):
        Fusion.load(stack_dir)
