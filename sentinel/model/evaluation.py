"""How good a classifier is: figures from labels and probabilities, and the baselines it must beat.

Pure functions of arrays; the baselines need the ``train`` extra.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sentinel.errors import TrainingError
from sentinel.records import LABELS

if TYPE_CHECKING:
    from collections.abc import Sequence

CALIBRATION_BINS = 15
VADER_NEUTRAL_BAND = 0.05


def measure(label_ids: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """Compute the figures of a classifier on labelled texts.

    Args:
        label_ids: int array of shape (n,), positions in LABELS.
        probabilities: float array of shape (n, 3), columns in LABELS order, rows sum to 1.

    Returns:
        n, accuracy, macro_f1 (mean over the labels present), ece and brier, each a fraction except n.

    Source: ece as in Guo et al. 2017 with 15 equal-width bins; brier as the mean squared distance to the one-hot
    label, summed over classes (Brier 1950), so between 0 and 2.
    """
    predicted = probabilities.argmax(axis=1)
    one_hot = np.eye(len(LABELS))[label_ids]
    return {
        "n": float(len(label_ids)),
        "accuracy": float((predicted == label_ids).mean()),
        "macro_f1": macro_f1(label_ids, predicted),
        "ece": expected_calibration_error(label_ids, probabilities),
        "brier": float(((probabilities - one_hot) ** 2).sum(axis=1).mean()),
    }


def macro_f1(label_ids: np.ndarray, predicted: np.ndarray) -> float:
    """Average F1 over the labels that occur among the truths or the predictions.

    Args:
        label_ids: int array of shape (n,).
        predicted: int array of shape (n,).

    Returns:
        A fraction.
    """
    scores = []
    for label in np.union1d(label_ids, predicted):
        both = np.sum((label_ids == label) & (predicted == label))
        scores.append(2.0 * both / (np.sum(label_ids == label) + np.sum(predicted == label)))
    return float(np.mean(scores))


def expected_calibration_error(label_ids: np.ndarray, probabilities: np.ndarray) -> float:
    """Average the gap between confidence and accuracy over bins of equal width, weighted by their counts.

    Args:
        label_ids: int array of shape (n,).
        probabilities: float array of shape (n, 3).

    Returns:
        A fraction; 0 is perfectly calibrated.
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == label_ids
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    gaps = [abs(confidence[bins == k].mean() - right[bins == k].mean()) * (bins == k).mean() for k in np.unique(bins)]
    return float(np.sum(gaps))


def bootstrap_interval(
    label_ids: np.ndarray, probabilities: np.ndarray, figure: str, *, seed: int = 0, n_draws: int = 1_000
) -> tuple[float, float]:
    """Give the 95 % percentile interval of a figure over resampled texts.

    Args:
        label_ids: int array of shape (n,).
        probabilities: float array of shape (n, 3).
        figure: a key of ``measure``.
        seed: seed of the draws.
        n_draws: number of draws.

    Returns:
        Lower and upper end.
    """
    generator = np.random.default_rng(seed)
    values = []
    for _ in range(n_draws):
        rows = generator.integers(0, len(label_ids), len(label_ids))
        values.append(measure(label_ids[rows], probabilities[rows])[figure])
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def majority_probabilities(training_label_ids: np.ndarray, n_texts: int) -> np.ndarray:
    """Predict the training set's label shares for every text; float array of shape (n_texts, 3)."""
    shares = np.bincount(training_label_ids, minlength=len(LABELS)) / len(training_label_ids)
    return np.tile(shares, (n_texts, 1))


def vader_probabilities(texts: Sequence[str]) -> np.ndarray:
    """Label texts with the VADER lexicon; certain predictions, float array of shape (n_texts, 3).

    Source: Hutto and Gilbert 2014; the authors' cut-offs of +-0.05 on the compound score.

    Raises:
        TrainingError: the ``train`` extra is not installed.
    """
    try:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    except ImportError as error:
        raise _missing_extra() from error
    analyzer = SentimentIntensityAnalyzer()
    compound = np.array([analyzer.polarity_scores(text)["compound"] for text in texts])
    label_ids = np.where(compound >= VADER_NEUTRAL_BAND, 2, np.where(compound <= -VADER_NEUTRAL_BAND, 0, 1))
    return np.eye(len(LABELS))[label_ids]


def tfidf_probabilities(
    training_texts: Sequence[str], training_label_ids: np.ndarray, texts: Sequence[str]
) -> np.ndarray:
    """Train TF-IDF (words and word pairs) with logistic regression and predict; float array (n_texts, 3).

    Raises:
        TrainingError: the ``train`` extra is not installed.
    """
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
    except ImportError as error:
        raise _missing_extra() from error
    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
        LogisticRegression(C=10.0, class_weight="balanced", max_iter=2_000),
    )
    model.fit(training_texts, training_label_ids)
    probabilities = np.zeros((len(texts), len(LABELS)))
    probabilities[:, model.classes_] = model.predict_proba(texts)
    return probabilities


def _missing_extra() -> TrainingError:
    return TrainingError("the baselines need more packages", hint="pip install 'sentinel-mood[train]'")
