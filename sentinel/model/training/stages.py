"""What the stages of a training run leave on disk, so that an interrupted run goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np

from sentinel.errors import TrainingError
from sentinel.model.bundle import NAMES, write_manifest
from sentinel.model.difference import write_difference
from sentinel.model.training.arguments import CHECKPOINTS
from sentinel.model.training.processes import first_ahead, first_alone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from sentinel.model.training.datasets import FileFacts

STAGE_SETTINGS = "settings.json"
CHUNK_TEXTS = 20_000


def open_stage(folder: Path, settings: Mapping[str, Any], data: Sequence[FileFacts]) -> None:
    """Make a stage's folder, or take up one that an interrupted run with the same settings and data has left.

    Args:
        folder: the stage's folder.
        settings: what the stage's result depends on.
        data: facts about the labelled files.

    Raises:
        TrainingError: the folder was begun with other settings or data.
    """
    with first_ahead():
        _note_settings(folder, settings, data)


def _note_settings(folder: Path, settings: Mapping[str, Any], data: Sequence[FileFacts]) -> None:
    note = folder / STAGE_SETTINGS
    text = json.dumps({"settings": settings, "data": [fact.sha256 for fact in data]}, indent=2)
    if note.is_file() and note.read_text(encoding="utf-8") != text:
        raise TrainingError(
            "was begun with other settings or data", where=str(folder), hint="delete it, or choose another output"
        )
    folder.mkdir(parents=True, exist_ok=True)
    note.write_text(text, encoding="utf-8")


def computed_once(texts: Sequence[str], compute: Callable[[Sequence[str]], np.ndarray], folder: Path) -> np.ndarray:
    """Compute an array of one row per text, chunk by chunk, keeping each chunk so that it is computed once.

    Of several processes the first computes.

    Args:
        texts: the texts.
        compute: texts to an array with as many rows.
        folder: where chunks are kept; made when missing.

    Returns:
        The rows of all texts, in order.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chunks = []
    with first_ahead():
        for start in range(0, len(texts), CHUNK_TEXTS):
            chunk = texts[start : start + CHUNK_TEXTS]
            path = folder / f"{_digest(chunk)}.npy"
            if not path.is_file():
                part = path.with_suffix(".part")
                with part.open("wb") as stream:
                    np.save(stream, compute(chunk))
                part.rename(path)
            chunks.append(np.load(path, allow_pickle=False))
    return np.concatenate(chunks) if chunks else compute([])


def drop_checkpoints(folder: Path) -> None:
    """Delete the checkpoints of a finished stage."""
    with first_alone() as is_first:
        if is_first:
            shutil.rmtree(folder / CHECKPOINTS, ignore_errors=True)


def _digest(texts: Sequence[str]) -> str:
    """Name texts by what they are."""
    return hashlib.sha256("\x00".join(texts).encode()).hexdigest()[:16]


def write_bundle(
    path: Path,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    facts: Mapping[str, Any],
    *,
    for_names: Mapping[str, torch.Tensor] | None = None,
) -> None:
    """Write a classifier as a bundle in bfloat16, readable by whoever runs the job; of several processes, once.

    Args:
        path: directory; what is there is replaced.
        model: the classifier.
        tokenizer: its tokenizer.
        facts: what goes into the manifest.
        for_names: the weights that read single names; None for a bundle that does not.
    """
    with first_alone() as is_first:
        if is_first:
            shutil.rmtree(path, ignore_errors=True)
            model.bfloat16().save_pretrained(path)
            tokenizer.save_pretrained(path)
            if for_names is not None:
                write_difference(path / NAMES, model.state_dict(), for_names)
            make_readable(path)
            write_manifest(path, facts)


def make_readable(path: Path) -> None:
    """Let everybody read the files of a directory; weights are saved readable by their owner alone."""
    for file in path.rglob("*"):
        if file.is_file():
            file.chmod(0o644)
