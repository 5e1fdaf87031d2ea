"""Carry out a recipe: data, pre-training, fine-tuning, calibration, bundle.

Comes in: a Recipe, a data directory, an output directory. Goes out: ``OUTPUT/bundle``, a directory that
``model:`` accepts. Each stage works in a folder of the output directory; started again, an unfinished stage goes on
from its last checkpoint, a finished pre-training is not done twice, and one begun with other settings is refused.
"""

from __future__ import annotations

import json
import logging
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentinel.errors import TrainingError
from sentinel.model.bundle import MANIFEST, PACKAGED, load_bundle, write_manifest
from sentinel.model.classifier import Classifier
from sentinel.model.evaluation import measure
from sentinel.model.training.arguments import CHECKPOINTS
from sentinel.model.training.datasets import FileFacts, read_corpora, read_labelled
from sentinel.model.training.finetune import finetune
from sentinel.model.training.pretrain import pretrain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from sentinel.model.training.recipe import Recipe

PRETRAINING_FACTS = "pretraining.json"
STAGE_SETTINGS = "settings.json"

_log = logging.getLogger(__name__)


def run_recipe(recipe: Recipe, *, data_dir: Path, output_dir: Path) -> Path:
    """Train what the recipe says.

    Args:
        recipe: the recipe.
        data_dir: folder its paths are relative to.
        output_dir: where stages and the bundle go; made when missing.

    Returns:
        The bundle's directory, checked by loading it and scoring its canaries.

    Raises:
        TrainingError: data is missing or unusable, or the recipe contradicts itself.
        ModelError: the base cannot be loaded.
        CanaryError: the trained model reads obvious sentences wrongly.
    """
    if (recipe.base is None) == (recipe.pretraining is None):
        raise TrainingError("give either base or pretraining, not both and not neither", where=recipe.name)
    output_dir.mkdir(parents=True, exist_ok=True)
    labelled, facts = read_labelled(
        recipe.labels, data_dir, validation_share=recipe.validation_share, test_share=recipe.test_share
    )
    _require_all_splits(labelled, recipe.name)
    _log.info("%d labelled texts: %s", len(labelled), labelled["split"].value_counts().to_dict())
    base: str | Path
    if recipe.base is None:
        base = output_dir / "base"
        _open_stage(base, recipe.model_dump(mode="json", exclude={"name", "finetuning"}), facts)
        pretraining = _pretrain_once(recipe, labelled, data_dir, base)
    else:
        base, pretraining = _find_base(recipe.base), {}
    stage_dir = output_dir / "finetuning"
    _open_stage(stage_dir, recipe.model_dump(mode="json"), facts)
    model, tokenizer, temperature = finetune(
        base,
        labelled,
        settings=recipe.finetuning,
        max_tokens=recipe.max_tokens,
        seed=recipe.seed,
        output_dir=stage_dir,
    )
    manifest: dict[str, Any] = {
        "name": recipe.name,
        "max_tokens": recipe.max_tokens,
        "temperature": round(temperature, 4),
        "recipe": recipe.model_dump(mode="json"),
        "labelled_data": [asdict(fact) for fact in facts],
        "pretraining": pretraining,
    }
    unchecked_dir = output_dir / "bundle.unchecked"
    _write_bundle(unchecked_dir, model, tokenizer, manifest)
    shutil.rmtree(stage_dir)
    write_manifest(unchecked_dir, {**manifest, "metrics": _held_out_metrics(unchecked_dir, labelled)})
    bundle_dir = output_dir / "bundle"
    shutil.rmtree(bundle_dir, ignore_errors=True)
    unchecked_dir.rename(bundle_dir)
    return bundle_dir


def _require_all_splits(labelled: pd.DataFrame, name: str) -> None:
    missing = {"train", "validation", "test"} - set(labelled["split"])
    if missing:
        raise TrainingError(f"no text falls into {min(missing)}", where=name, hint="give more labelled texts")


def _open_stage(folder: Path, settings: dict[str, Any], data: Sequence[FileFacts]) -> None:
    """Make a stage's folder, or take up one that an interrupted run with the same settings and data has left."""
    note = folder / STAGE_SETTINGS
    text = json.dumps({"settings": settings, "data": [fact.sha256 for fact in data]}, indent=2)
    if note.is_file() and note.read_text(encoding="utf-8") != text:
        raise TrainingError(
            "was begun with other settings or data", where=str(folder), hint="delete it, or choose another output"
        )
    folder.mkdir(parents=True, exist_ok=True)
    note.write_text(text, encoding="utf-8")


def _pretrain_once(recipe: Recipe, labelled: pd.DataFrame, data_dir: Path, base: Path) -> dict[str, Any]:
    """Pre-train unless an earlier run with this output directory has finished it; return its facts."""
    done = base / PRETRAINING_FACTS
    if done.is_file():
        facts: dict[str, Any] = json.loads(done.read_text(encoding="utf-8"))
        return facts
    settings = recipe.pretraining
    if settings is None:
        raise TrainingError("no pretraining section", where=recipe.name)
    excluded = set(labelled.loc[labelled["split"] != "train", "fingerprint"])
    texts, corpora = read_corpora(
        settings.corpora, data_dir, n_texts=settings.n_texts, excluded=excluded, seed=recipe.seed
    )
    figures = pretrain(
        texts,
        settings=settings,
        shape=recipe.architecture,
        max_tokens=recipe.max_tokens,
        seed=recipe.seed,
        output_dir=base,
    )
    facts = {"figures": figures, "corpora": [asdict(corpus) for corpus in corpora]}
    done.write_text(json.dumps(facts, indent=2), encoding="utf-8")
    shutil.rmtree(base / CHECKPOINTS, ignore_errors=True)
    return facts


def _find_base(spec: str) -> str | Path:
    """Check a base that is a bundle; a plain directory or hub id, which needs no labels, is left to transformers."""
    if spec == PACKAGED or (Path(spec) / MANIFEST).is_file():
        return load_bundle(spec).path
    return spec


def _write_bundle(
    path: Path, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, manifest: Mapping[str, Any]
) -> None:
    shutil.rmtree(path, ignore_errors=True)
    model.bfloat16().save_pretrained(path)
    tokenizer.save_pretrained(path)
    for file in path.iterdir():
        file.chmod(0o644)  # weights are saved readable by their owner alone; the job may run as someone else
    write_manifest(path, manifest)


def _held_out_metrics(bundle_dir: Path, labelled: pd.DataFrame) -> dict[str, float]:
    """Measure the written bundle on the test texts of each file, which nothing was chosen on."""
    classifier = Classifier.load(str(bundle_dir))
    metrics = {}
    test = labelled[labelled["split"] == "test"]
    for source, rows in test.groupby("source"):
        figures = measure(rows["label_id"].to_numpy(), classifier.probabilities(rows["text"].tolist()))
        for name in ("accuracy", "macro_f1", "ece"):
            metrics[f"{source} {name}"] = round(figures[name], 4)
    return metrics
