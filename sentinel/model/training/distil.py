"""Let a student learn what its teachers say.

Comes in: a base to start from, texts and their target probabilities. Goes out: a directory with a classifier that
``transformers`` loads. Source: Hinton, Vinyals and Dean 2015, "Distilling the Knowledge in a Neural Network".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from transformers import Trainer

from sentinel.model.training.arguments import batch_arguments, last_checkpoint
from sentinel.model.training.batches import TextBatches, only_element, token_rows
from sentinel.model.training.finetune import load_three_way, set_dropout

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from sentinel.model.training.recipe import Distillation


class _SoftTrainer(Trainer):
    """Trainer whose targets are probabilities."""

    def compute_loss(  # type: ignore[override]  # arguments that only other trainers use are left to **_
        self,
        model: Any,
        inputs: Any,
        return_outputs: bool = False,  # noqa: FBT001, FBT002  # the base class's signature
        **_: Any,
    ) -> Any:
        """Compute the cross-entropy between targets and predictions of one batch."""
        targets = inputs.pop("targets")
        outputs = model(**inputs)
        loss = torch.nn.functional.cross_entropy(outputs.logits.float(), targets.float())
        return (loss, outputs) if return_outputs else loss


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
    trainer = _SoftTrainer(
        model=model,
        args=batch_arguments(output_dir, seed=seed, settings=settings, weight_decay=0.01),
        train_dataset=TextBatches(rows, settings.batch_tokens, {"targets": targets}),
        data_collator=only_element,
    )
    trainer.train(resume_from_checkpoint=last_checkpoint(output_dir))
    model.save_pretrained(output_dir)
    tokenizer.save_pretrained(output_dir)
