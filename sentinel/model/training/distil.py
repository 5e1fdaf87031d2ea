"""Let a student learn what its teachers say.

Comes in: a base to start from, texts and their target probabilities. Goes out: a directory with a classifier that
``transformers`` loads. Source: Hinton, Vinyals and Dean 2015, "Distilling the Knowledge in a Neural Network".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from sentinel.model.training.arguments import batch_arguments, last_checkpoint
from sentinel.model.training.batches import TextBatches, only_element, token_rows
from sentinel.model.training.finetune import load_three_way, set_dropout
from sentinel.model.training.processes import first_alone
from sentinel.model.training.trainer import TARGETS, TargetTrainer

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from sentinel.model.training.recipe import Distillation


def distil(
    base: str | Path,
    texts: list[str],
    targets: np.ndarray,
    *,
    settings: Distillation,
    max_tokens: int,
    seed: int,
    output_dir: Path,
) -> None:
    """Train a classifier on soft targets; write it to ``output_dir``.

    Args:
        base: directory or hub id to start from.
        texts: in random order.
        targets: float array of shape (n_texts, 3), columns in LABELS order, rows sum to 1.
        settings: epochs, rates, sizes.
        max_tokens: longest text read.
        seed: seed of the new head, dropout and order.
        output_dir: where checkpoints and the classifier go.

    Raises:
        ModelError: the base cannot be loaded.
    """
    torch.manual_seed(seed)
    model, tokenizer = load_three_way(base)
    set_dropout(model, settings.dropout)
    rows = token_rows(tokenizer, texts, max_tokens=max_tokens)
    trainer = TargetTrainer(
        model=model,
        args=batch_arguments(output_dir, seed=seed, settings=settings, weight_decay=0.01),
        train_dataset=TextBatches(rows, settings.batch_tokens, {TARGETS: targets}),
        data_collator=only_element,
    )
    trainer.train(resume_from_checkpoint=last_checkpoint(output_dir))
    with first_alone() as is_first:
        if is_first:
            model.save_pretrained(output_dir)
            tokenizer.save_pretrained(output_dir)
