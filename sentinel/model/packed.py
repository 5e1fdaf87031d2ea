"""Score texts with a GPT-2 as fast as the machine allows: tokens ahead, packed batches, every GPU.

Comes in: a bundle and cleaned texts. Goes out: a float32 array of shape (n_texts, 3), columns in LABELS order.
Invariant: the probabilities of a text depend on that text alone. Every batch has the same shape (``model.packing``), so
the same kernels with the same blocking run whatever else is scored beside it.
"""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import torch

from sentinel.errors import ModelError
from sentinel.model.bundle import NAMES
from sentinel.model.difference import add_difference
from sentinel.model.gpt2 import Gpt2, bytes_per_token, read_shape, read_weights
from sentinel.model.packing import fitting_budget, pack, plan_batches, smaller_budget
from sentinel.model.tokens import load_encoding
from sentinel.records import LABELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sentinel.model.bundle import Bundle
    from sentinel.model.tokens import Encoding

POOL_TEXTS = 8_192
"""Texts that are sorted by length together; the next pool becomes tokens while one is scored."""
CPU_TOKENS = 1_024
"""Tokens of a batch for each thread: smaller ones keep the kernels waiting, larger ones leave the caches."""
GPU_TOKENS = 32_768

_Result = TypeVar("_Result")
_log = logging.getLogger(__name__)


class PackedScorer:
    """A loaded GPT-2, once on each device."""

    def __init__(self, bundle: Bundle, encoding: Encoding, networks: Sequence[Gpt2], *, budget: int) -> None:
        self._bundle = bundle
        self._encoding = encoding
        self._networks = networks
        self._budget = budget

    @classmethod
    def load(
        cls, bundle: Bundle, *, devices: Sequence[torch.device], dtype: torch.dtype, reads_names: bool = False
    ) -> PackedScorer | None:
        """Load a bundle.

        Args:
            bundle: a checked transformer.
            devices: where to score; batches take turns.
            dtype: number format of the weights.
            reads_names: whether to load the weights that read one marked name.

        Returns:
            The scorer, or None where the bundle is no GPT-2 that ``model.gpt2`` knows or not whole, so that
            transformers has to read it, or say what is wrong.

        Raises:
            ModelError: its tokenizer, or what names need, cannot be loaded.
        """
        config = json.loads((bundle.path / "config.json").read_text(encoding="utf-8"))
        shape = read_shape(config)
        weights = read_weights(bundle.path, shape) if shape else None
        if shape is None or weights is None:
            return None
        if reads_names:
            weights = add_difference(bundle.path / NAMES, weights)
        encoding = load_encoding(bundle.path, max_tokens=bundle.max_tokens, pad_token_id=config.get("pad_token_id"))
        networks = [Gpt2(shape, weights, device=device, dtype=dtype) for device in devices]
        budget = _first_budget(devices[0], bytes_per_token(shape, dtype), least=bundle.max_tokens)
        return cls(bundle, encoding, networks, budget=budget)

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Score cleaned texts.

        Args:
            texts: none of them empty.

        Returns:
            float32 array of shape (n_texts, 3), columns in LABELS order, rows sum to 1.

        Raises:
            ModelError: the memory of the device holds not even one text.
        """
        return np.concatenate([self._score_pool(rows) for rows in self._tokenized(texts)])

    def _tokenized(self, texts: Sequence[str]) -> Iterator[list[list[int]]]:
        """Give the tokens of pool after pool; a thread is ahead by the pools that are left."""
        pools = [texts[start : start + POOL_TEXTS] for start in range(0, len(texts), POOL_TEXTS)]
        with ThreadPoolExecutor(1) as thread:
            yield from thread.map(self._encoding.rows, pools)

    def _score_pool(self, rows: list[list[int]]) -> np.ndarray:
        """Score rows of tokens, in smaller batches from the first time on that memory does not suffice."""
        said, self._budget = within_memory(
            lambda budget: self._score_within(rows, budget), self._budget, least=self._bundle.max_tokens
        )
        return said

    @torch.inference_mode()
    def _score_within(self, rows: list[list[int]], budget: int) -> np.ndarray:
        result = np.empty((len(rows), len(LABELS)), dtype=np.float32)
        parts = []
        for number, texts in enumerate(plan_batches([len(row) for row in rows], budget)):
            logits = self._networks[number % len(self._networks)].logits(pack(rows, texts, budget))
            ordered = logits[: len(texts), list(self._bundle.column_of_label)] / self._bundle.temperature
            parts.append((texts, torch.softmax(ordered, dim=-1)))
        for texts, part in parts:  # only now is a GPU waited for
            result[texts] = part.cpu().numpy()
        return result


def within_memory(score: Callable[[int], _Result], budget: int, *, least: int) -> tuple[_Result, int]:
    """Score in smaller and smaller batches until they fit.

    Args:
        score: what scores in batches of so many tokens.
        budget: tokens to begin with.
        least: tokens that a single text may have.

    Returns:
        What was scored, and the tokens with which it worked.

    Raises:
        ModelError: not even a batch of one text fits.
    """
    while True:
        try:
            return score(budget), budget
        except torch.OutOfMemoryError as error:
            smaller = smaller_budget(budget, least=least)
            if smaller is None:
                raise ModelError(
                    f"{budget} tokens at once do not fit into memory", hint="use another device"
                ) from error
        _log.warning("%d tokens at once do not fit into memory, going on with %d", budget, smaller)
        budget = smaller
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def _first_budget(device: torch.device, token_bytes: int, *, least: int) -> int:
    if device.type != "cuda":
        return max(least, CPU_TOKENS * torch.get_num_threads())
    free_bytes, _ = torch.cuda.mem_get_info(device)
    return fitting_budget(free_bytes, token_bytes, most=max(least, GPU_TOKENS), least=least)
