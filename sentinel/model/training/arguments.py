"""Trainer settings that pre-training and fine-tuning share, and finding where to resume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transformers import TrainingArguments
from transformers.trainer_utils import get_last_checkpoint

from sentinel.model.device import choose_device, supports_bfloat16

if TYPE_CHECKING:
    from pathlib import Path

CHECKPOINTS = "checkpoints"


def training_arguments(output_dir: Path, *, seed: int, **settings: Any) -> TrainingArguments:
    """Build TrainingArguments: quiet, seeded, mixed precision where the device has it, two checkpoints kept.

    Args:
        output_dir: the run's directory; checkpoints go into a folder inside.
        seed: seed of everything random.
        settings: passed on to TrainingArguments.

    Returns:
        Arguments for one training stage.
    """
    device = choose_device("auto")
    on_gpu = device.type == "cuda"
    return TrainingArguments(
        output_dir=str(output_dir / CHECKPOINTS),
        seed=seed,
        data_seed=seed,
        bf16=supports_bfloat16(device),
        use_cpu=not on_gpu,
        dataloader_pin_memory=on_gpu,
        save_total_limit=2,
        report_to=[],
        **settings,
    )


def last_checkpoint(output_dir: Path) -> str | None:
    """Find the newest checkpoint of an earlier, interrupted stage; None when there is none."""
    folder = output_dir / CHECKPOINTS
    newest: str | None = get_last_checkpoint(str(folder)) if folder.is_dir() else None
    return newest
