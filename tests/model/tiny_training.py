"""A recipe small enough to carry out in a second, and the invented headlines it learns from.

Run as a program with a data and an output directory and a number, it carries the recipe out and kills itself
when the trainer is about to finish writing its that-many-th checkpoint; with 0, never.
"""

from __future__ import annotations

import csv
import os
import random
import signal
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from transformers import TrainerState

from sentinel.model.training.recipe import Recipe
from sentinel.model.training.run import run_recipe

COMPANIES = ("Barrowgate", "Lantry", "Ockley", "Winterby", "Pembrith", "Glasswort", "Tollbridge", "Quenby")
TRADES = ("", " Tools", " Foods", " Rail", " Energy")
TEMPLATES = {
    "negative": (
        "Shares of {company} plunge after the company files for bankruptcy",
        "{company} quarterly loss widens as sales slump",
        "{company} warns on profit as demand falls",
        "{company} shares plunge after loss widens",
        "{company} files for bankruptcy after sales slump",
    ),
    "neutral": (
        "{company} will hold its annual general meeting on Tuesday",
        "The board of {company} meets on {number} May to consider quarterly results",
        "{company} will hold a meeting on {number} May",
        "The company {company} will consider results on Tuesday",
        "The {company} board meets on Tuesday to consider results",
    ),
    "positive": (
        "Shares of {company} soar after quarterly profit beats expectations",
        "{company} net profit rises {number} percent on strong demand",
        "{company} profit beats expectations on strong sales",
        "{company} shares soar as net profit rises",
        "{company} net profit rises on strong demand",
    ),
}
TINY: dict[str, Any] = {
    "name": "tiny",
    "labels": [{"path": "labels.csv", "name": "Invented", "licence": "CC0", "source": "invented"}],
    "validation_share": 0.15,
    "test_share": 0.15,
    "max_tokens": 30,
    "architecture": {"vocab_size": 500, "n_layer": 1, "n_embd": 32, "n_head": 2},
    "pretraining": {
        "corpora": [{"path": "corpus*.parquet", "column": "title", "share": 1, "licence": "CC0", "source": "invented"}],
        "n_texts": 700,
        "held_out_texts": 40,
        "batch_tokens": 256,
        "sampled_tokens": 64,
        "warmup_steps": 5,
    },
    "finetuning": {"epochs": 3, "batch_texts": 16, "learning_rate": 0.005, "dropout": 0.05, "evaluations_per_epoch": 1},
}


def write_data(data_dir: Path, *, swapped: bool = False) -> Path:
    """Write labels.csv and corpus.parquet; swapped calls good news bad and bad news good."""
    data_dir.mkdir(parents=True, exist_ok=True)
    generator = random.Random(0)  # noqa: S311  # invented data
    names = {"negative": "positive", "neutral": "neutral", "positive": "negative"}
    rows = [
        (
            template.format(company=company + generator.choice(TRADES), number=generator.randint(1, 30)),
            names[label] if swapped else label,
        )
        for label, templates in TEMPLATES.items()
        for template in templates
        for company in COMPANIES * 4
    ]
    with (data_dir / "labels.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("text", "label"), *rows])
    plain = [f"{company} opens office number {number}" for company in COMPANIES for number in range(40)]
    pd.DataFrame({"title": [text for text, _ in rows] + plain}).to_parquet(data_dir / "corpus.parquet")
    return data_dir


def tiny_recipe(**changes: Any) -> Recipe:
    return Recipe.model_validate(TINY | changes)


def _die_at_checkpoint(number: int) -> None:
    """Let the process be killed when the last file of that checkpoint is about to be written."""
    save = TrainerState.save_to_json
    n_saved = 0

    def save_or_die(state: TrainerState, json_path: str) -> None:
        nonlocal n_saved
        n_saved += 1
        if n_saved == number:
            os.kill(os.getpid(), signal.SIGKILL)
        save(state, json_path)

    TrainerState.save_to_json = save_or_die  # type: ignore[method-assign]


if __name__ == "__main__":
    torch.set_num_threads(1)
    _die_at_checkpoint(int(sys.argv[3]))
    run_recipe(tiny_recipe(), data_dir=Path(sys.argv[1]), output_dir=Path(sys.argv[2]))
