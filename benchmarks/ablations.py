"""Print what each part of a recipe's training brings: from scratch, pre-training, augmentation, distillation, stacking.

    python benchmarks/ablations.py --data DIR --run DIR [--recipe recipes/default.yaml] [--unseen FILE.csv]

``--run`` is the output directory of ``sentinel train RECIPE``: its stages are measured as they are (a teacher that
starts from the recipe's base is what pre-training and augmentation come to without a teacher), and the two models that
it does not contain (from scratch; pre-trained; both fine-tuned on labels alone) are trained by the recipe's settings in
a folder inside, once. Rows are the recipe's test rows, which nothing was chosen on, the gate's headlines, and a file
of labelled texts that the recipe never saw.
"""

from __future__ import annotations

import argparse
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import torch
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

from sentinel.model.bundle import MANIFEST
from sentinel.model.classifier import Classifier
from sentinel.model.evaluation import measure
from sentinel.model.stack import fit_fusion
from sentinel.model.training.datasets import read_labelled
from sentinel.model.training.finetune import finetune
from sentinel.model.training.recipe import Recipe, load_recipe
from sentinel.model.training.stages import write_bundle
from sentinel.model.training.teachers import BASE
from sentinel.records import LABELS

if TYPE_CHECKING:
    import numpy as np


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder the recipe's paths are relative to")
    parser.add_argument("--run", type=Path, required=True, help="output directory of the recipe")
    parser.add_argument("--recipe", type=Path, default=Path("recipes/default.yaml"))
    parser.add_argument("--unseen", type=Path, help="CSV with text and label that the recipe never saw")
    arguments = parser.parse_args()
    recipe = load_recipe(arguments.recipe)
    labelled, _ = read_labelled(
        recipe.labels, arguments.data, validation_share=recipe.validation_share, test_share=recipe.test_share
    )
    rows = _rows(labelled, arguments.unseen)
    said = {}
    for name, bundle in _bundles(recipe, labelled, arguments.run).items():
        classifier = Classifier.load_unchecked(str(bundle))
        said[name] = {
            "validation": classifier.probabilities(labelled.loc[labelled["split"] == "validation", "text"].tolist()),
            **{title: classifier.probabilities(part["text"].tolist()) for title, part in rows.items()},
        }
    _add_stack(said, labelled)
    print(f"| accuracy / macro-F1 | {' | '.join(f'{title} ({len(part)})' for title, part in rows.items())} |")
    print("|---" * (len(rows) + 1) + "|")
    for name, by_rows in said.items():
        cells = [_cell(part["label_id"].to_numpy(), by_rows[title]) for title, part in rows.items()]
        print(f"| {name} | {' | '.join(cells)} |")


def _rows(labelled: pd.DataFrame, unseen: Path | None) -> dict[str, pd.DataFrame]:
    rows = {str(source): part for source, part in labelled[labelled["split"] == "test"].groupby("source")}
    gate = resources.files("sentinel") / "assets" / "gate" / "headlines.csv"
    for title, file in (("gate", gate), ("never seen", unseen)):
        if file is not None:
            frame = pd.read_csv(str(file))
            rows[title] = frame.assign(label_id=frame["label"].map(LABELS.index))
    return rows


def _bundles(recipe: Recipe, labelled: pd.DataFrame, run: Path) -> dict[str, Path]:
    """Give the models to measure, training those that the run has not left."""
    bundles = {
        "from scratch": _trained(recipe, labelled, _scratch(run, recipe.seed), run / "ablations" / "scratch"),
        "+ pre-training": _trained(recipe, labelled, run / "base", run / "ablations" / "pretrained"),
    }
    for teacher in recipe.distillation.teachers if recipe.distillation is not None else ():
        what = ": pre-training and augmentation" if teacher.model == BASE else ""
        bundles[f"teacher {teacher.name}{what}"] = run / "teachers" / teacher.name / "bundle"
    return {
        **bundles,
        "+ distillation (without the last stage)": run / "distilled",
        "+ distillation and the last stage (the recipe's bundle)": run / "bundle",
    }


def _scratch(run: Path, seed: int) -> Path:
    """Write a classifier of the base's shape with new weights."""
    folder = run / "ablations" / "new-weights"
    if not (folder / "config.json").is_file():
        torch.manual_seed(seed)
        config = AutoConfig.from_pretrained(run / "base", num_labels=len(LABELS))
        AutoModelForSequenceClassification.from_config(config).save_pretrained(folder)
        AutoTokenizer.from_pretrained(run / "base").save_pretrained(folder)
    return folder


def _trained(recipe: Recipe, labelled: pd.DataFrame, base: Path, folder: Path) -> Path:
    """Fine-tune on labels alone, unless an earlier call has."""
    bundle = folder / "bundle"
    if not (bundle / MANIFEST).is_file():
        model, tokenizer, temperature = finetune(
            base,
            labelled,
            settings=recipe.finetuning,
            max_tokens=recipe.max_tokens,
            seed=recipe.seed,
            output_dir=folder,
        )
        facts = {"name": folder.name, "max_tokens": recipe.max_tokens, "temperature": temperature, "metrics": {}}
        write_bundle(bundle, model, tokenizer, facts)
    return bundle


def _add_stack(said: dict[str, dict[str, np.ndarray]], labelled: pd.DataFrame) -> None:
    """Fuse the recipe's bundle with its teachers on the validation rows."""
    members = [name for name in said if name.startswith("teacher ")] + [list(said)[-1]]
    label_ids = labelled.loc[labelled["split"] == "validation", "label_id"].to_numpy()
    fusion = fit_fusion(members, [said[name]["validation"] for name in members], label_ids)
    said["+ stacking with its teachers"] = {
        title: fusion.fuse([said[name][title] for name in members]) for title in said[members[0]]
    }


def _cell(label_ids: np.ndarray, probabilities: np.ndarray) -> str:
    figures = measure(label_ids, probabilities)
    return f"{figures['accuracy']:.3f} / {figures['macro_f1']:.3f}"


if __name__ == "__main__":
    main()
