"""What a headline is for one of its names: the packaged model asked about the name, beside its score of the headline.

    python benchmarks/names.py DATA [--bundle packaged]

DATA holds ``labelled/sentfin_entities.csv`` and ``labelled/finentity_entities.csv`` (text, label, entity). Printed are
the test rows of the recipe's split, which nothing was chosen on, with bootstrap intervals over headlines: rows whose
headline has names with different labels, and all others.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score, f1_score

from sentinel.model.classifier import Classifier
from sentinel.model.training.companies import read_companies
from sentinel.model.training.recipe import load_recipe
from sentinel.target import CLOSING, OPENING

RECIPE = Path(__file__).parents[1] / "recipes" / "default.yaml"
N_RESAMPLES = 1_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--bundle", default="packaged")
    arguments = parser.parse_args()
    recipe = load_recipe(RECIPE)
    if recipe.companies is None:
        parser.error("the recipe reads no names")
    rows, _ = read_companies(
        recipe.companies,
        arguments.data,
        validation_share=recipe.validation_share,
        test_share=recipe.test_share,
        seed=recipe.seed,
    )
    test = rows[rows["split"] == "test"].reset_index(drop=True)
    classifier = Classifier.load(arguments.bundle)
    marked = test["text"].tolist()
    plain = [text.replace(OPENING, "").replace(CLOSING, "") for text in marked]
    said = {"headline": classifier.probabilities(plain), "name": classifier.name_reader().probabilities(marked)}
    print(f"{classifier.bundle.model_id}, {len(test):,} test rows\n")
    print("| rows | n | score | accuracy | macro-F1 |\n|---|---|---|---|---|")
    for source, of_source in test.groupby("source"):
        for kind, chosen in of_source.groupby(of_source["disagrees"].astype(bool)):
            where = f"{source}, {'names disagree' if kind else 'names agree, or one'}"
            for name, probabilities in said.items():
                print(f"| {where} | {len(chosen):,} | {name} | {_figures(chosen, probabilities)} |")


def _figures(rows: pd.DataFrame, probabilities: np.ndarray) -> str:
    label_ids, chosen = rows["label_id"].to_numpy(), probabilities[rows.index].argmax(axis=1)
    rng = np.random.default_rng(0)
    headlines = [np.flatnonzero(codes) for codes in pd.get_dummies(rows["fingerprint"]).to_numpy().T]
    drawn = [rng.integers(len(headlines), size=len(headlines)) for _ in range(N_RESAMPLES)]
    samples = [np.concatenate([headlines[place] for place in places]) for places in drawn]
    cells = []
    for figure in (accuracy_score, lambda one, other: f1_score(one, other, average="macro")):
        low, high = np.percentile([figure(label_ids[sample], chosen[sample]) for sample in samples], [2.5, 97.5])
        cells.append(f"{figure(label_ids, chosen):.3f} ({low:.3f} to {high:.3f})")
    return " | ".join(cells)


if __name__ == "__main__":
    main()
