from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sentinel.errors import ModelError
from sentinel.model.bundle import load_bundle, write_manifest
from sentinel.model.classifier import Classifier
from sentinel.model.linear import VOCABULARY, WORD_PATTERN, save_linear

from .bundles import read_headlines

if TYPE_CHECKING:
    from pathlib import Path

    import sklearn.pipeline

LABEL_IDS = np.arange(len(read_headlines())) % 3


@pytest.fixture(scope="module")
def peer() -> sklearn.pipeline.Pipeline:
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, token_pattern=WORD_PATTERN)
    return make_pipeline(vectorizer, LogisticRegression(C=10.0)).fit(read_headlines(), LABEL_IDS)


@pytest.fixture(scope="module")
def linear_dir(peer: sklearn.pipeline.Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bundles") / "linear"
    vectorizer, model = peer[0], peer[1]
    save_linear(
        path,
        terms=vectorizer.get_feature_names_out().tolist(),
        idf=vectorizer.idf_,
        weights=model.coef_.T,
        bias=model.intercept_,
    )
    write_manifest(path, {"name": "words", "kind": "linear", "temperature": 1.0, "metrics": {}})
    return path


@pytest.fixture(scope="module")
def linear(linear_dir: Path) -> Classifier:
    return Classifier.load_unchecked(str(linear_dir))


def test_linear_bundle_scores_as_scikit_learn_does(linear: Classifier, peer: sklearn.pipeline.Pipeline) -> None:
    texts = [*read_headlines(), "Oxmead Oxmead rises rises rises", "nothing known here", "."]
    probabilities = linear.probabilities(texts)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities, peer.predict_proba(texts), atol=1e-5)


@settings(deadline=None, max_examples=50)
@given(texts=st.lists(st.text(max_size=60), min_size=1, max_size=5))
def test_linear_bundle_gives_probabilities_for_any_texts(linear: Classifier, texts: list[str]) -> None:
    probabilities = linear.probabilities(texts)
    assert np.isfinite(probabilities).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)


def test_linear_bundle_tells_its_kind(linear_dir: Path) -> None:
    bundle = load_bundle(str(linear_dir))
    assert (bundle.kind, bundle.facts.name, bundle.facts.architecture) == ("linear", "words", "linear model")


@pytest.mark.parametrize(
    ("vocabulary", "message"),
    [("[", "cannot be loaded"), ("3", "cannot be loaded"), ('["only one"]', "do not fit together")],
)
def test_linear_bundle_that_does_not_fit_is_refused(tmp_path: Path, vocabulary: str, message: str) -> None:
    save_linear(tmp_path, terms=["a", "b"], idf=np.ones(2), weights=np.ones((2, 3)), bias=np.ones(3))
    (tmp_path / VOCABULARY).write_text(vocabulary, encoding="utf-8")
    write_manifest(tmp_path, {"name": "words", "kind": "linear", "metrics": {}})
    with pytest.raises(ModelError, match=message):
        Classifier.load_unchecked(str(tmp_path))


def test_bundle_of_an_unknown_kind_is_refused(linear_dir: Path, tmp_path: Path) -> None:
    manifest = json.loads((linear_dir / "manifest.json").read_text(encoding="utf-8"))
    (tmp_path / "manifest.json").write_text(json.dumps({**manifest, "kind": "oracle"}), encoding="utf-8")
    with pytest.raises(ModelError, match=r"its kind 'oracle' is not known \(update this program\)"):
        load_bundle(str(tmp_path))
