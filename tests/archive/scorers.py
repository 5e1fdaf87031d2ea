"""Scorers that read sentiment off one word, for shards scored in this process and in others."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

UP, DOWN, FLAT = (0.1, 0.2, 0.7), (0.6, 0.3, 0.1), (0.0, 1.0, 0.0)


def score(texts: list[str]) -> np.ndarray:
    """Score texts; a text that holds no word of direction is flat."""
    assert texts
    rows = [UP if "rises" in text else DOWN if "falls" in text else FLAT for text in texts]
    return np.array(rows, dtype=np.float32)


def load(worker: int) -> Callable[[list[str]], np.ndarray]:
    """Give the scorer to a worker."""
    assert worker >= 0
    return score


def load_fatal(worker: int) -> Callable[[list[str]], np.ndarray]:
    """Give a scorer that ends its process as a want of memory would."""

    def score_never(texts: list[str]) -> np.ndarray:
        os._exit(9)

    return score_never


class BrokenOff:
    """Gives a scorer that a text with the word "wait" breaks off as Ctrl-C does, until there is a file."""

    def __init__(self, gate: Path) -> None:
        self.gate = gate

    def __call__(self, worker: int) -> Callable[[list[str]], np.ndarray]:
        def score_when_open(texts: list[str]) -> np.ndarray:
            if any("wait" in text for text in texts) and not self.gate.exists():
                raise KeyboardInterrupt
            return score(texts)

        return score_when_open


class Waiting(BrokenOff):
    """Gives a scorer that waits for the file."""

    def __call__(self, worker: int) -> Callable[[list[str]], np.ndarray]:
        def score_when_open(texts: list[str]) -> np.ndarray:
            while any("wait" in text for text in texts) and not self.gate.exists():
                time.sleep(0.05)
            return score(texts)

        return score_when_open
