"""Trainer settings that pre-training and fine-tuning share, and finding where to resume."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from transformers import TrainingArguments
from transformers.trainer import TRAINER_STATE_NAME

from sentinel.model.device import choose_device, supports_bfloat16

if TYPE_CHECKING:
    from pathlib import Path

    from sentinel.model.training.recipe import Distillation, Pretraining

CHECKPOINTS = "checkpoints"


def training_arguments(
    output_dir: Path, *, seed: int, mixed_precision: str = "auto", **settings: Any
) -> TrainingArguments:
    """Build TrainingArguments: seeded, two checkpoints kept, several GPUs where a launcher started one process each.

    Args:
        output_dir: the run's directory; checkpoints go into a folder inside.
        seed: seed of everything random.
        mixed_precision: "auto" (bf16 where the device multiplies it in hardware), "bf16", "fp16" or "no".
        settings: passed on to TrainingArguments.

    Returns:
        Arguments for one training stage.
    """
    device = choose_device("auto")
    on_gpu = device.type == "cuda"
    return TrainingArguments(
        output_dir=str(output_dir.resolve() / CHECKPOINTS),
        seed=seed,
        data_seed=seed,
        bf16=mixed_precision == "bf16" or (mixed_precision == "auto" and supports_bfloat16(device)),
        fp16=mixed_precision == "fp16",
        use_cpu=not on_gpu,
        dataloader_pin_memory=on_gpu,
        save_total_limit=2,
        report_to=[],
        **settings,
    )


def batch_arguments(
    output_dir: Path, *, seed: int, settings: Pretraining | Distillation, **others: Any
) -> TrainingArguments:
    """Build TrainingArguments for a dataset whose elements are batches already.

    Args:
        output_dir: the run's directory.
        seed: seed of everything random.
        settings: epochs, rate and warm-up.
        others: passed on to TrainingArguments.

    Returns:
        Arguments for one training stage.
    """
    return training_arguments(
        output_dir,
        seed=seed,
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=1,
        learning_rate=settings.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=settings.warmup_steps,
        max_grad_norm=1.0,
        logging_steps=100,
        save_steps=500,
        remove_unused_columns=False,
        **others,
    )


def last_checkpoint(output_dir: Path) -> str | None:
    """Find the newest whole checkpoint of an earlier, interrupted stage; None when there is none."""
    checkpoints = (output_dir / CHECKPOINTS).glob("checkpoint-*")
    newest_first = sorted(checkpoints, key=lambda path: int(path.name.rpartition("-")[2]), reverse=True)
    return next((str(path) for path in newest_first if _is_whole(path)), None)


def _is_whole(checkpoint: Path) -> bool:
    """Tell whether the trainer's state, which it writes last, is there and complete."""
    try:
        json.loads((checkpoint / TRAINER_STATE_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True
