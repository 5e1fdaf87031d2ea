"""Train the teachers, fuse them, and let them label texts.

Comes in: labelled texts with splits, and texts without labels. Goes out: the teachers' fused probabilities. Every
teacher is a bundle in a folder of its own, so that each can be measured, and used, like any other model.
"""

from __future__ import annotations

import logging
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np

from sentinel.errors import TrainingError
from sentinel.model.bundle import MANIFEST, write_manifest
from sentinel.model.classifier import Classifier
from sentinel.model.evaluation import measure
from sentinel.model.linear import WORD_PATTERN, save_linear
from sentinel.model.stack import Fusion, fit_fusion
from sentinel.model.training.datasets import VARIATION, one_hot
from sentinel.model.training.encoder import find_model
from sentinel.model.training.finetune import finetune
from sentinel.model.training.processes import first_alone
from sentinel.model.training.stages import computed_once, drop_checkpoints, make_readable, open_stage, write_bundle

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from sentinel.model.training.datasets import FileFacts
    from sentinel.model.training.recipe import Teacher

BUNDLE = "bundle"
SAID = "said"
STUDENT = "student"
BASE = "base"
_TRAINED = "teacher:"

_log = logging.getLogger(__name__)


class Ensemble:
    """Trained teachers and their fusion.

    Attributes:
        fusion: their weights.
        figures: accuracy, macro-F1 and ECE on the validation rows, by teacher and for the fusion.
    """

    def __init__(self, folders: dict[str, Path], labelled: pd.DataFrame) -> None:
        self._teachers = {name: Classifier.load_unchecked(str(folder / BUNDLE)) for name, folder in folders.items()}
        self._folders = folders
        validation = labelled[labelled["split"] == "validation"]
        label_ids = validation["label_id"].to_numpy()
        said = [teacher.probabilities(validation["text"].tolist()) for teacher in self._teachers.values()]
        self.fusion: Fusion = fit_fusion(list(folders), said, label_ids)
        fused = {**dict(zip(folders, said, strict=True)), "fusion": self.fusion.fuse(said)}
        self.figures = {name: _figures(label_ids, probabilities) for name, probabilities in fused.items()}

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Let the teachers label texts; what each has said is kept in its folder.

        Returns:
            float32 array of shape (n_texts, 3), columns in LABELS order.
        """
        return self.fusion.fuse(
            [
                computed_once(texts, teacher.probabilities, self._folders[name] / SAID)
                for name, teacher in self._teachers.items()
            ]
        )

    def targets(self, labelled: pd.DataFrame) -> np.ndarray:
        """Average what the labels and the teachers say of labelled texts.

        Args:
            labelled: frame with original (what the teachers read) and label_id.

        Returns:
            float32 array of shape (n_texts, 3), columns in LABELS order.
        """
        said = self.probabilities(labelled["original"].tolist())
        return np.asarray((said + one_hot(labelled["label_id"])) / 2, dtype=np.float32)

    def stack_with(self, student_dir: Path, labelled: pd.DataFrame, facts: Mapping[str, Any]) -> None:
        """Turn a student's bundle into a stack of it and its teachers, fused on the validation rows.

        Args:
            student_dir: the student's bundle; the stack takes its place.
            labelled: frame with text, label_id and split.
            facts: what goes into the stack's manifest.
        """
        with first_alone() as is_first:
            if is_first:
                self._stack_with(student_dir, labelled, facts)

    def _stack_with(self, student_dir: Path, labelled: pd.DataFrame, facts: Mapping[str, Any]) -> None:
        validation = labelled[labelled["split"] == "validation"]
        texts = validation["text"].tolist()
        members = {STUDENT: Classifier.load_unchecked(str(student_dir)), **self._teachers}
        said = [member.probabilities(texts) for member in members.values()]
        stack_dir = student_dir.with_name(f"{student_dir.name}.stack")
        shutil.rmtree(stack_dir, ignore_errors=True)
        shutil.copytree(student_dir, stack_dir / STUDENT)
        for name, folder in self._folders.items():
            shutil.copytree(folder / BUNDLE, stack_dir / name)
        fit_fusion(list(members), said, validation["label_id"].to_numpy()).save(stack_dir)
        write_manifest(stack_dir, {**facts, "kind": "stack", "temperature": 1.0})
        shutil.rmtree(student_dir)
        stack_dir.rename(student_dir)


def train_teachers(
    teachers: Sequence[Teacher],
    labelled: pd.DataFrame,
    *,
    base: str | Path,
    max_tokens: int,
    settings: dict[str, Any],
    data: Sequence[FileFacts],
    output_dir: Path,
) -> Ensemble:
    """Train those teachers that an earlier run with this output directory has not.

    Args:
        teachers: what to train.
        labelled: frame with text, label_id and split.
        base: what the student starts from, too.
        max_tokens: longest text an encoder reads.
        settings: what the labelled texts depend on.
        data: facts about the labelled files.
        output_dir: each teacher gets a folder in it.

    Returns:
        The teachers, fused on the validation rows.

    Raises:
        ModelError: an encoder cannot be loaded.
        TrainingError: a package that carries one is missing, or a folder was begun with other settings.
    """
    distinct = labelled[labelled["source"] != VARIATION]  # large encoders need no copies of what they have read
    folders = {}
    for teacher in teachers:
        folder = output_dir / teacher.name
        open_stage(folder, {**settings, "teacher": teacher.model_dump(mode="json")}, data)
        if not (folder / BUNDLE / MANIFEST).is_file():
            _log.info("teacher %s", teacher.name)
            if teacher.kind == "linear":
                with first_alone() as is_first:
                    if is_first:
                        _train_linear(teacher, distinct, folder)
            else:
                start = base if teacher.model == BASE else find_model(str(teacher.model))
                _train_encoder(teacher, distinct, start, max_tokens, folder)
        folders[teacher.name] = folder
    ensemble = Ensemble(folders, labelled)
    _log.info("teachers on validation rows: %s", ensemble.figures)
    return ensemble


def train_company_teacher(
    teacher: Teacher,
    rows: pd.DataFrame,
    *,
    max_tokens: int,
    settings: dict[str, Any],
    data: Sequence[FileFacts],
    teachers_dir: Path,
) -> np.ndarray:
    """Train the teacher of marked names unless an earlier run has, and let it label what it was trained on.

    Args:
        teacher: an encoder; its model may be "teacher:NAME", a trained teacher to start from.
        rows: frame with text, label_id and split; the texts have one name marked.
        max_tokens: longest text it reads.
        settings: what the rows depend on.
        data: facts about the labelled files.
        teachers_dir: folder of the teachers; it gets one in it.

    Returns:
        float32 array of shape (n_training_rows, 3), columns in LABELS order.

    Raises:
        ModelError: the encoder cannot be loaded.
        TrainingError: the folder was begun with other settings.
    """
    folder = teachers_dir / teacher.name
    open_stage(folder, {**settings, "teacher": teacher.model_dump(mode="json")}, data)
    if not (folder / BUNDLE / MANIFEST).is_file():
        _log.info("teacher %s", teacher.name)
        start = str(teacher.model)
        name = start.removeprefix(_TRAINED)
        base = teachers_dir / name / BUNDLE if start.startswith(_TRAINED) else find_model(start)
        _train_encoder(teacher, rows, base, max_tokens, folder)
    classifier = Classifier.load_unchecked(str(folder / BUNDLE))
    texts = rows.loc[rows["split"] == "train", "text"].tolist()
    return computed_once(texts, classifier.probabilities, folder / SAID)


def _train_encoder(teacher: Teacher, labelled: pd.DataFrame, base: str | Path, max_tokens: int, folder: Path) -> None:
    model, tokenizer, temperature = finetune(
        base,
        labelled,
        settings=teacher.finetuning,
        max_tokens=max_tokens,
        seed=teacher.seed,
        output_dir=folder,
    )
    facts = {"name": teacher.name, "max_tokens": max_tokens, "temperature": round(temperature, 4), "metrics": {}}
    write_bundle(folder / BUNDLE, model, tokenizer, facts)
    drop_checkpoints(folder)


def _train_linear(teacher: Teacher, labelled: pd.DataFrame, folder: Path) -> None:
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
    except ImportError as error:
        raise TrainingError("training needs more packages", hint="pip install 'sentinel-mood[train]'") from error
    training = labelled[labelled["split"] == "train"]
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, token_pattern=WORD_PATTERN)
    model = LogisticRegression(C=10.0, max_iter=2_000)
    model.fit(vectorizer.fit_transform(training["text"]), training["label_id"])
    save_linear(
        folder / BUNDLE,
        terms=vectorizer.get_feature_names_out().tolist(),
        idf=vectorizer.idf_,
        weights=model.coef_.T,
        bias=model.intercept_,
    )
    make_readable(folder / BUNDLE)
    write_manifest(folder / BUNDLE, {"name": teacher.name, "kind": "linear", "temperature": 1.0, "metrics": {}})


def _figures(label_ids: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    figures = measure(label_ids, probabilities)
    return {name: round(figures[name], 4) for name in ("accuracy", "macro_f1", "ece")}
