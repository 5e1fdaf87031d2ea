"""What a device can do and what a model asks of it, for the benchmarks that print a share of the peak."""

from __future__ import annotations

import json
import shutil
import time
from typing import TYPE_CHECKING

import torch
import transformers

from sentinel.model.bundle import PACKAGED, load_bundle

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GPT2_SMALL = "gpt2-small"
_SEED = 3
_LARGE = {"cpu": 2_048, "cuda": 8_192}
_TIMES = 5
_SECONDS = 1.0


def resolve_model(name: str, folder: Path) -> str:
    """Give the directory of a model; "gpt2-small" is built with random weights and the packaged tokenizer."""
    if name != GPT2_SMALL:
        return name
    packaged = load_bundle(PACKAGED).path
    facts = json.loads((packaged / "config.json").read_text(encoding="utf-8"))
    kept = ("vocab_size", "n_positions", "bos_token_id", "eos_token_id", "pad_token_id", "id2label", "label2id")
    torch.manual_seed(_SEED)
    config = transformers.GPT2Config(n_layer=12, n_embd=768, n_head=12, **{key: facts[key] for key in kept})
    transformers.GPT2ForSequenceClassification(config).save_pretrained(folder)
    for file in packaged.glob("tokenizer*"):
        shutil.copy(file, folder)
    return str(folder)


def flops_per_token(path: Path) -> float:
    """Count the products of a token's way through all layers, as a forward without short cuts has them.

    Two for each weight of the matrices; attention's own products are under a twentieth of them in a headline, and left
    out.
    """
    config = json.loads((path / "config.json").read_text(encoding="utf-8"))
    width = config["n_embd"]
    return 2.0 * config["n_layer"] * (4 * width * width + 2 * width * (config.get("n_inner") or 4 * width))


def measured_peak(device: torch.device, clock: Callable[[], float], dtype: torch.dtype = torch.bfloat16) -> float:
    """Multiply large square matrices, and give the best rate of several tries in FLOP/s of the clock."""
    n = _LARGE[device.type]
    left, right = (torch.randn(n, n, device=device, dtype=dtype) for _ in range(2))
    best = 0.0
    for _ in range(_TIMES + 1):  # the first try warms up
        n_products, began, started = 0, time.perf_counter(), clock()
        while time.perf_counter() - began < _SECONDS:
            left @ right
            if device.type == "cuda":
                torch.cuda.synchronize(device)
            n_products += 1
        best = max(best, 2.0 * n**3 * n_products / (clock() - started))
    return best
