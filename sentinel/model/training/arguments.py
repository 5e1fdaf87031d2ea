"""Trainer settings that pre-training and fine-tuning share, and finding where to resume."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from transformers import TrainingArguments
from transformers.trainer import TRAINER_STATE_NAME

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
        output_dir=str(output_dir.resolve() / CHECKPOINTS),
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
