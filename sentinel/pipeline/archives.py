"""An archive of shards and the model that scores it."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

import torch

from sentinel import archive
from sentinel.model.bundle import load_bundle
from sentinel.model.device import choose_device

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np


def score_archive(
    source: str, destination: str, *, text_column: str, model: str, device: str, n_processes: int | None
) -> archive.Archived:
    """Score an archive on this machine.

    Args:
        source: folder of tables, path or URL.
        destination: folder for the scored shards, path or URL.
        text_column: column with the text.
        model: "packaged", a directory or a hub id.
        device: "auto", "cpu", "cuda" or "cuda:N".
        n_processes: shards at a time; None for one per core, or per GPU.

    Returns:
        What came of it.

    Raises:
        TableError: the source is not there, or the destination cannot be written.
        ArchiveError: the destination holds other scores.
        ModelError: the model cannot be found or trusted.
        ConfigError: there is no such device here.
        LockHeldError: another run writes there.
    """
    work = archive.Work(source, destination, text_column, load_bundle(model).model_id)
    load_score = partial(load_scorer, model, device)
    most = n_processes or _usual_processes(device)

    def engine(work: archive.Work, shards: list[archive.Shard]) -> object:
        return archive.score_locally(work, shards, load_score, n_processes=min(most, len(shards)))

    return archive.score_archive(work, engine)


def load_scorer(model: str, device: str, worker: int) -> Callable[[list[str]], np.ndarray]:
    """Load the scorer of one worker among several; each has a core of its own, or takes turns on the GPUs.

    Raises:
        ModelError: the model cannot be found, trusted or loaded, or reads obvious sentences wrongly.
        ConfigError: there is no such device here.
    """
    from sentinel.model.classifier import Classifier

    torch.set_num_threads(1)  # several threads for one text wait for each other: processes are faster
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    chosen = choose_device(device)
    if chosen.type == "cuda" and chosen.index is None:
        chosen = torch.device("cuda", worker % torch.cuda.device_count())
    return Classifier.load(model, device=str(chosen)).probabilities


def _usual_processes(device: str) -> int:
    if choose_device(device).type == "cuda":
        return torch.cuda.device_count()
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
