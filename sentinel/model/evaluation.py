"""How good a classifier is: figures from labels and probabilities, and the baselines it must beat.

Pure functions of arrays; the baselines need the ``train`` extra. Every headline figure is a function of sums over
rows, so a bootstrap draw is a vector of counts times a matrix, and one formula serves the figure and its draws.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sentinel.errors import TrainingError
from sentinel.figures import HEADLINE_FIGURES, ClassFigures, Figures, Measured, ReliabilityBin, wilson_interval
from sentinel.records import LABELS

if TYPE_CHECKING:
    from collections.abc import Sequence

CALIBRATION_BINS = 15
N_DRAWS = 1_000
VADER_NEUTRAL_BAND = 0.05

_N_LABELS = len(LABELS)
_N_CELLS = _N_LABELS**2
_BLOCK_CELLS = 4_000_000  # counts of draws held at a time


def measure(label_ids: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """Compute the figures of a classifier on labelled texts.

    Args:
        label_ids: int array of shape (n,), positions in LABELS.
        probabilities: float array of shape (n, 3), columns in LABELS order, rows sum to 1.

    Returns:
        n and HEADLINE_FIGURES, each a fraction except n; brier lies between 0 and 2.

    Source: ece as in Guo et al. 2017 with 15 equal-width bins; brier as the mean squared distance to the one-hot
    label, summed over classes (Brier 1950); macro and weighted F1 as in Sokolova and Lapalme 2009, over the labels
    that occur among the truths or the predictions.
    """
    figures = _headline_figures(_row_terms(label_ids, probabilities).sum(axis=0))
    return {"n": float(len(label_ids))} | {name: float(value) for name, value in figures.items()}


def bootstrap_interval(
    label_ids: np.ndarray, probabilities: np.ndarray, figure: str, *, seed: int = 0, n_draws: int = N_DRAWS
) -> tuple[float, float]:
    """Give the 95 % percentile interval of a figure over resampled texts.

    Args:
        label_ids: int array of shape (n,).
        probabilities: float array of shape (n, 3).
        figure: one of HEADLINE_FIGURES.
        seed: seed of the draws.
        n_draws: number of draws.

    Returns:
        Lower and upper end.

    Source: Efron and Tibshirani 1993, chapter 13.
    """
    sums = _draw_sums(_row_terms(label_ids, probabilities), seed=seed, n_draws=n_draws)
    low, high = np.percentile(_headline_figures(sums)[figure], [2.5, 97.5])
    return float(low), float(high)


def headline_figures(
    label_ids: np.ndarray, probabilities: np.ndarray, *, seed: int = 0, n_draws: int = N_DRAWS
) -> Figures:
    """Compute every headline figure with its interval, as in ``measure`` and ``bootstrap_interval``.

    Args:
        label_ids: int array of shape (n,), n at least 1.
        probabilities: float array of shape (n, 3).
        seed: seed of the draws.
        n_draws: number of draws.

    Returns:
        The figures.
    """
    terms = _row_terms(label_ids, probabilities)
    values = _headline_figures(terms.sum(axis=0))
    draws = _headline_figures(_draw_sums(terms, seed=seed, n_draws=n_draws))
    measured = {name: _measured(values[name], draws[name]) for name in HEADLINE_FIGURES}
    return Figures(n=len(label_ids), **measured)


def class_figures(
    label_ids: np.ndarray, probabilities: np.ndarray, *, seed: int = 0, n_draws: int = N_DRAWS
) -> tuple[ClassFigures, ...]:
    """Compute precision, recall and F1 of each label with their intervals.

    Args:
        label_ids: int array of shape (n,), n at least 1.
        probabilities: float array of shape (n, 3).
        seed: seed of the draws.
        n_draws: number of draws. Those in which a figure is not defined do not count towards its interval.

    Returns:
        One for each of LABELS.
    """
    terms = _row_terms(label_ids, probabilities)
    values = _rates(terms.sum(axis=0))
    draws = _rates(_draw_sums(terms, seed=seed, n_draws=n_draws))
    return tuple(
        ClassFigures(
            label=label,
            support=int(np.sum(label_ids == position)),
            **{name: _measured(values[name][position], draws[name][:, position]) for name in values},
        )
        for position, label in enumerate(LABELS)
    )


def confusion_counts(label_ids: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Count rows by the label they carry and the one they were given; int array of shape (3, 3), in LABELS order."""
    cells = label_ids * _N_LABELS + probabilities.argmax(axis=1)
    counts: np.ndarray = np.bincount(cells, minlength=_N_CELLS).reshape(_N_LABELS, _N_LABELS)
    return counts


def reliability_bins(label_ids: np.ndarray, probabilities: np.ndarray) -> tuple[ReliabilityBin, ...]:
    """Compare confidence and accuracy in the bins that ``ece`` is made of.

    Args:
        label_ids: int array of shape (n,).
        probabilities: float array of shape (n, 3).

    Returns:
        The bins that hold a row, by confidence.

    Source: Guo et al. 2017, section 2; the interval of a bin's accuracy is Wilson's (Wilson 1927).
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == label_ids
    bins = _bins(confidence)
    return tuple(
        ReliabilityBin(
            low=float(k / CALIBRATION_BINS),
            high=float((k + 1) / CALIBRATION_BINS),
            n=int(np.sum(bins == k)),
            confidence=float(confidence[bins == k].mean()),
            accuracy=wilson_interval(int(right[bins == k].sum()), int(np.sum(bins == k))),
        )
        for k in np.unique(bins)
    )


def _row_terms(label_ids: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Write each row as the terms whose sums all figures are made of.

    Returns:
        float64 array of shape (n, 9 + 1 + 15): which cell of the confusion matrix it is in, its squared distance to
        the one-hot label, and in the column of its bin its confidence minus whether it is right.
    """
    rows = np.arange(len(label_ids))
    exact = probabilities.astype(np.float64)
    predicted, confidence = exact.argmax(axis=1), exact.max(axis=1)
    terms = np.zeros((len(label_ids), _N_CELLS + 1 + CALIBRATION_BINS))
    terms[rows, label_ids * _N_LABELS + predicted] = 1.0
    terms[:, _N_CELLS] = ((exact - np.eye(_N_LABELS)[label_ids]) ** 2).sum(axis=1)
    terms[rows, _N_CELLS + 1 + _bins(confidence)] = confidence - (predicted == label_ids)
    return terms


def _bins(confidence: np.ndarray) -> np.ndarray:
    bins: np.ndarray = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    return bins


def _draw_sums(terms: np.ndarray, *, seed: int, n_draws: int) -> np.ndarray:
    """Sum the terms of resampled rows; float64 array of shape (n_draws, n_terms)."""
    n_rows, n_terms = terms.shape
    generator = np.random.default_rng(seed)
    sums = np.empty((n_draws, n_terms))
    step = max(1, _BLOCK_CELLS // n_rows)
    for start in range(0, n_draws, step):
        block = sums[start : start + step]
        drawn = generator.integers(0, n_rows, (len(block), n_rows))
        drawn += np.arange(len(block))[:, np.newaxis] * n_rows
        counts = np.bincount(drawn.ravel(), minlength=len(block) * n_rows).reshape(len(block), n_rows)
        block[:] = counts.astype(np.float64) @ terms
    return sums


def _rates(sums: np.ndarray) -> dict[str, np.ndarray]:
    """Turn sums of shape (..., n_terms) into precision, recall and f1 of shape (..., 3); NaN where not defined."""
    confusion = sums[..., :_N_CELLS].reshape(*sums.shape[:-1], _N_LABELS, _N_LABELS)
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    support, predicted = confusion.sum(axis=-1), confusion.sum(axis=-2)
    with np.errstate(invalid="ignore"):
        return {
            "precision": hits / predicted,
            "recall": hits / support,
            "f1": 2.0 * hits / (support + predicted),
        }


def _headline_figures(sums: np.ndarray) -> dict[str, np.ndarray]:
    """Turn sums of shape (..., n_terms) into HEADLINE_FIGURES of shape (...)."""
    confusion = sums[..., :_N_CELLS].reshape(*sums.shape[:-1], _N_LABELS, _N_LABELS)
    n_rows = confusion.sum(axis=(-2, -1))
    f1 = _rates(sums)["f1"]
    return {
        "accuracy": np.trace(confusion, axis1=-2, axis2=-1) / n_rows,
        "macro_f1": np.nanmean(f1, axis=-1),
        "weighted_f1": np.nansum(f1 * confusion.sum(axis=-1), axis=-1) / n_rows,
        "ece": np.abs(sums[..., _N_CELLS + 1 :]).sum(axis=-1) / n_rows,
        "brier": sums[..., _N_CELLS] / n_rows,
    }


def _measured(value: np.ndarray | np.floating, draws: np.ndarray) -> Measured:
    known = draws[~np.isnan(draws)]
    if np.isnan(value) or not known.size:
        return Measured(None, None, None)
    low, high = np.percentile(known, [2.5, 97.5])
    return Measured(float(value), float(low), float(high))


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
        TrainingError: the ``train`` extra is not installed, or the training rows have one label or no word twice.
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
    try:
        model.fit(training_texts, training_label_ids)
    except ValueError as error:  # what scikit-learn says of an empty vocabulary and of a single class
        raise TrainingError("too few different texts or labels to train on") from error
    probabilities = np.zeros((len(texts), len(LABELS)))
    probabilities[:, model.classes_] = model.predict_proba(texts)
    return probabilities


def _missing_extra() -> TrainingError:
    return TrainingError("the baselines need more packages", hint="pip install 'sentinel-mood[train]'")
