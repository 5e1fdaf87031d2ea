"""Carry out a recipe: data, pre-training, teachers and distillation, fine-tuning, calibration, bundle.

Comes in: a Recipe, a data directory, an output directory. Goes out: ``OUTPUT/bundle``, a directory that
``model:`` accepts. Each stage works in a folder of the output directory; started again, an unfinished stage goes on
from its last checkpoint, a finished one is not done twice, and one begun with other settings is refused. Several
processes that a launcher started carry out the same recipe together.
"""

from __future__ import annotations

import json
import logging
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sentinel.errors import TrainingError
from sentinel.model.bundle import MANIFEST, PACKAGED, load_bundle
from sentinel.model.training.companies import COMPANY_COLUMNS, read_companies
from sentinel.model.training.corpora import read_corpora
from sentinel.model.training.datasets import one_hot, read_labelled, training_rows, with_augmentation
from sentinel.model.training.distil import distil
from sentinel.model.training.finetune import finetune, move_towards
from sentinel.model.training.overlap import count_overlaps
from sentinel.model.training.pretrain import pretrain
from sentinel.model.training.processes import first_ahead, first_alone
from sentinel.model.training.publish import publish
from sentinel.model.training.stages import drop_checkpoints, open_stage, write_bundle
from sentinel.model.training.teachers import Ensemble, train_company_teacher, train_teachers
from sentinel.text import fingerprint

if TYPE_CHECKING:
    from sentinel.model.training.datasets import FileFacts
    from sentinel.model.training.recipe import Companies, Distillation, Pretraining, Recipe

CORPUS = "corpus.parquet"
STAGE_FACTS = "facts.json"
_LABEL_SETTINGS = {"seed", "labels", "validation_share", "test_share", "max_tokens"}
_PRETRAINING_SETTINGS = _LABEL_SETTINGS | {"architecture", "pretraining"}
_COMPANY_SETTINGS = _LABEL_SETTINGS | {"companies"}
_TEACHER_SETTINGS = _LABEL_SETTINGS | {"augmentation"}
_DISTILLATION_SETTINGS = _PRETRAINING_SETTINGS | {"base", "augmentation", "student_augmentation", "distillation"}

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Job:
    """One run of a recipe: where it reads and writes, and the labelled texts.

    Attributes:
        labelled: frame with LABELLED_COLUMNS, without made texts.
        for_teachers, for_student, for_finetuning: the same with the made texts that each of these stages reads.
        companies: frame with COMPANY_COLUMNS, empty where the recipe asks for none.
        facts: of the labelled files.
        company_facts: of those with names.
    """

    recipe: Recipe
    data_dir: Path
    output_dir: Path
    labelled: pd.DataFrame
    for_teachers: pd.DataFrame
    for_student: pd.DataFrame
    for_finetuning: pd.DataFrame
    companies: pd.DataFrame
    facts: list[FileFacts]
    company_facts: list[FileFacts]

    def settings(self, keys: set[str] | None = None) -> dict[str, Any]:
        """Give the recipe, or these keys of it, as plain values."""
        return self.recipe.model_dump(mode="json", include=keys)


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
    output_dir.mkdir(parents=True, exist_ok=True)
    job = _read_texts(recipe, data_dir, output_dir)
    base, stages, ensemble = _prepare_student(job)
    manifest = {
        "name": recipe.name,
        "max_tokens": recipe.max_tokens,
        "recipe": job.settings(),
        "labelled_data": [asdict(fact) for fact in (*job.facts, *job.company_facts)],
        "overlap": count_overlaps(job.labelled, _corpus_keys(output_dir / "base") if recipe.pretraining else ()),
        **stages,
    }
    unchecked_dir = output_dir / "bundle.unchecked"
    _finetune(job, base, ensemble, manifest, unchecked_dir)
    if ensemble is not None and recipe.stack:
        ensemble.stack_with(unchecked_dir, job.labelled, manifest)
    return publish(unchecked_dir, output_dir / "bundle", labelled=job.labelled, companies=job.companies)


def _read_texts(recipe: Recipe, data_dir: Path, output_dir: Path) -> _Job:
    """Read the labelled texts and make those that the recipe adds."""
    labelled, facts = read_labelled(
        recipe.labels, data_dir, validation_share=recipe.validation_share, test_share=recipe.test_share
    )
    _require_all_splits(labelled, recipe.name)
    for_teachers = for_student = with_augmentation(labelled, recipe.augmentation, seed=recipe.seed)
    if recipe.student_augmentation is not None:
        for_student = with_augmentation(labelled, recipe.student_augmentation, seed=recipe.seed)
    for_finetuning = for_student
    if recipe.finetuning_augmentation is not None:
        for_finetuning = with_augmentation(labelled, recipe.finetuning_augmentation, seed=recipe.seed)
    companies = pd.DataFrame(columns=list(COMPANY_COLUMNS))
    company_facts: list[FileFacts] = []
    if recipe.companies is not None:
        companies, company_facts = read_companies(
            recipe.companies,
            data_dir,
            validation_share=recipe.validation_share,
            test_share=recipe.test_share,
            seed=recipe.seed,
        )
    _log.info("%d labelled texts: %s", len(for_student), for_student["split"].value_counts().to_dict())
    return _Job(
        recipe,
        data_dir,
        output_dir,
        labelled,
        for_teachers,
        for_student,
        for_finetuning,
        companies,
        facts,
        company_facts,
    )


def _prepare_student(job: _Job) -> tuple[str | Path, dict[str, Any], Ensemble | None]:
    """Pre-train and distil what the recipe says; return what to fine-tune, facts by stage, and the teachers."""
    recipe = job.recipe
    base: str | Path = _find_base(recipe.base) if recipe.base is not None else job.output_dir / "base"
    stages: dict[str, Any] = {}
    if recipe.pretraining is not None:
        stages["pretraining"] = _pretrain_once(job, recipe.pretraining)
    ensemble = None
    if recipe.distillation is not None:
        ensemble = train_teachers(
            recipe.distillation.teachers,
            job.for_teachers,
            base=base,
            max_tokens=recipe.max_tokens,
            settings=job.settings(_TEACHER_SETTINGS),
            data=job.facts,
            output_dir=job.output_dir / "teachers",
        )
        stages["distillation"] = _distil_once(job, recipe.distillation, base, ensemble)
        base = job.output_dir / "distilled"
    return base, stages, ensemble


def _finetune(
    job: _Job, base: str | Path, ensemble: Ensemble | None, manifest: dict[str, Any], bundle_dir: Path
) -> None:
    """Fine-tune and calibrate the student; write it as a bundle."""
    stage_dir = job.output_dir / "finetuning"
    open_stage(stage_dir, job.settings(), job.facts)
    rows = job.for_finetuning
    training = training_rows(rows)
    targets = one_hot(training["label_id"]) if ensemble is None else ensemble.targets(training)
    if job.recipe.companies is not None:
        targets = np.concatenate([targets, _company_targets(job, job.recipe.companies)])
        rows = pd.concat([rows, job.companies], ignore_index=True)
    model, tokenizer, temperature = finetune(
        base,
        rows,
        settings=job.recipe.finetuning,
        max_tokens=job.recipe.max_tokens,
        seed=job.recipe.seed,
        output_dir=stage_dir,
        targets=targets,
    )
    tuned = {name: weight.detach().clone() for name, weight in model.state_dict().items()}
    move_towards(model, base, share=job.recipe.finetuning.start_share)
    write_bundle(
        bundle_dir,
        model,
        tokenizer,
        {**manifest, "temperature": round(temperature, 4)},
        for_names=None if job.recipe.companies is None else tuned,
    )
    with first_alone() as is_first:
        if is_first:
            shutil.rmtree(stage_dir)


def _company_targets(job: _Job, companies: Companies) -> np.ndarray:
    """Give what the student is to say of the training rows with marked names: float32 of shape (n_rows, 3)."""
    labels = one_hot(training_rows(job.companies)["label_id"])
    if companies.teacher is None:
        return labels
    said = train_company_teacher(
        companies.teacher,
        job.companies,
        max_tokens=job.recipe.max_tokens,
        settings=job.settings(_COMPANY_SETTINGS),
        data=[*job.facts, *job.company_facts],
        teachers_dir=job.output_dir / "teachers",
    )
    return np.asarray((labels + said) / 2, dtype=np.float32)


def _require_all_splits(labelled: pd.DataFrame, name: str) -> None:
    missing = {"train", "validation", "test"} - set(labelled["split"])
    if missing:
        raise TrainingError(f"no text falls into {min(missing)}", where=name, hint="give more labelled texts")


def _pretrain_once(job: _Job, settings: Pretraining) -> dict[str, Any]:
    """Pre-train unless an earlier run with this output directory has finished it; return its facts."""
    stage_dir = job.output_dir / "base"
    open_stage(stage_dir, job.settings(_PRETRAINING_SETTINGS), job.facts)
    if (known := _facts_of(stage_dir)) is not None:
        return known
    with first_ahead():
        corpora = _draw_corpus_once(job, settings, stage_dir)
    figures = pretrain(
        _corpus(stage_dir),
        settings=settings,
        shape=job.recipe.architecture,
        max_tokens=job.recipe.max_tokens,
        seed=job.recipe.seed,
        output_dir=stage_dir,
    )
    return _finish(stage_dir, {"figures": figures, "corpora": corpora})


def _draw_corpus_once(job: _Job, settings: Pretraining, stage_dir: Path) -> list[dict[str, Any]]:
    """Draw the texts unless an earlier run has; return facts about each corpus."""
    path = stage_dir / CORPUS
    if not path.is_file():
        is_training = job.labelled["split"] == "train"
        texts, corpora = read_corpora(
            settings.corpora,
            job.data_dir,
            n_texts=settings.n_texts,
            excluded=set(job.labelled.loc[~is_training, "fingerprint"]),
            seed=job.recipe.seed,
            domain=job.labelled.loc[is_training, "fingerprint"],
            domain_share=settings.domain_share,
        )
        table = pa.table({"text": texts}, metadata={"corpora": json.dumps([asdict(corpus) for corpus in corpora])})
        part = path.with_suffix(".part")
        pq.write_table(table, part)
        part.rename(path)
    facts: list[dict[str, Any]] = json.loads(pq.read_schema(path).metadata[b"corpora"])
    return facts


def _corpus(stage_dir: Path) -> list[str]:
    return [str(text) for text in pq.read_table(stage_dir / CORPUS).column("text").to_pylist()]


def _corpus_keys(stage_dir: Path) -> list[str]:
    return [fingerprint(text) for text in _corpus(stage_dir)]


def _distil_once(job: _Job, settings: Distillation, base: str | Path, ensemble: Ensemble) -> dict[str, Any]:
    """Distil unless an earlier run with this output directory has finished it; return its facts."""
    stage_dir = job.output_dir / "distilled"
    open_stage(stage_dir, job.settings(_DISTILLATION_SETTINGS), job.facts)
    if (known := _facts_of(stage_dir)) is not None:
        return known
    unlabelled = _corpus(job.output_dir / "base")[: settings.n_texts] if settings.n_texts else []
    gold = training_rows(job.for_student)
    texts = unlabelled + gold["text"].tolist() * settings.gold_repeats
    targets = [ensemble.probabilities(unlabelled)]
    targets += [ensemble.targets(gold)] * settings.gold_repeats
    order = np.random.default_rng(job.recipe.seed).permutation(len(texts))
    distil(
        base,
        [texts[position] for position in order],
        np.concatenate(targets)[order],
        settings=settings,
        max_tokens=job.recipe.max_tokens,
        seed=job.recipe.seed,
        output_dir=stage_dir,
    )
    return _finish(stage_dir, {"n_texts": len(texts), "teachers_on_validation_rows": ensemble.figures})


def _facts_of(stage_dir: Path) -> dict[str, Any] | None:
    """Read what a finished stage has noted; None when it is not finished."""
    path = stage_dir / STAGE_FACTS
    if not path.is_file():
        return None
    facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return facts


def _finish(stage_dir: Path, facts: dict[str, Any]) -> dict[str, Any]:
    """Note that a stage is finished, and drop its checkpoints."""
    with first_alone() as is_first:
        if is_first:
            (stage_dir / STAGE_FACTS).write_text(json.dumps(facts, indent=2), encoding="utf-8")
    drop_checkpoints(stage_dir)
    return facts


def _find_base(spec: str) -> str | Path:
    """Check a base that is a bundle; a plain directory or hub id, which needs no labels, is left to transformers."""
    if spec == PACKAGED or (Path(spec) / MANIFEST).is_file():
        return load_bundle(spec).path
    return spec
