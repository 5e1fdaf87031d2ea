"""Print how good a model is beside a majority vote, VADER and TF-IDF with logistic regression.

    python benchmarks/quality.py --data DIR [--recipe recipes/default.yaml] [--model packaged] [--split test]

Every system sees the same rows: the recipe's labelled files, split by hash of the normalised text, so that no headline
stands on two sides. The baselines are trained on the recipe's training rows. The test split is what nothing was chosen
on; early stopping and the temperature of the packaged model were chosen on the validation split. Intervals are 95 %
percentile bootstraps over rows.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from sentinel.model.classifier import Classifier
from sentinel.model.evaluation import (
    bootstrap_interval,
    majority_probabilities,
    measure,
    tfidf_probabilities,
    vader_probabilities,
)
from sentinel.model.training.datasets import read_labelled
from sentinel.model.training.recipe import load_recipe


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder the recipe's paths are relative to")
    parser.add_argument("--recipe", type=Path, default=Path("recipes/default.yaml"))
    parser.add_argument("--model", default="packaged")
    parser.add_argument("--split", choices=("validation", "test"), default="test")
    arguments = parser.parse_args()
    recipe = load_recipe(arguments.recipe)
    labelled, _ = read_labelled(
        recipe.labels, arguments.data, validation_share=recipe.validation_share, test_share=recipe.test_share
    )
    training = labelled[labelled["split"] == "train"]
    rows = labelled[labelled["split"] == arguments.split]
    texts = rows["text"].tolist()
    training_ids = training["label_id"].to_numpy()
    classifier = Classifier.load(arguments.model)
    systems = {
        "majority": majority_probabilities(training_ids, len(texts)),
        "VADER": vader_probabilities(texts),
        "TF-IDF + LR": tfidf_probabilities(training["text"].tolist(), training_ids, texts),
        f"{recipe.name} {classifier.bundle.model_id}": classifier.probabilities(texts),
    }
    print(f"{arguments.split} rows; training rows: {len(training)}\n")
    print("| rows | system | accuracy | macro-F1 | ECE |")
    print("|---|---|---|---|---|")
    for source, part in rows.groupby("source"):
        positions = np.flatnonzero(rows["source"] == source)
        label_ids = part["label_id"].to_numpy()
        for name, probabilities in systems.items():
            print(f"| {source} ({len(part)}) | {name} | {_cells(label_ids, probabilities[positions])} |")


def _cells(label_ids: np.ndarray, probabilities: np.ndarray) -> str:
    figures = measure(label_ids, probabilities)
    shown = []
    for figure in ("accuracy", "macro_f1", "ece"):
        low, high = bootstrap_interval(label_ids, probabilities, figure)
        shown.append(f"{figures[figure]:.3f} ({low:.3f} to {high:.3f})")
    return " | ".join(shown)


if __name__ == "__main__":
    main()
