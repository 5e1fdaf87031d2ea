"""Batches of texts of one length: no padding, so no mask and no wasted work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from transformers import PreTrainedTokenizerBase

TOKENIZE_CHUNK = 20_000


def token_rows(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], *, max_tokens: int) -> list[np.ndarray]:
    """Tokenise texts; one uint16 or int32 array a text, special tokens included."""
    dtype = np.uint16 if len(tokenizer) <= 2**16 else np.int32
    rows: list[np.ndarray] = []
    for start in range(0, len(texts), TOKENIZE_CHUNK):
        chunk = list(texts[start : start + TOKENIZE_CHUNK])
        tokens = tokenizer(chunk, truncation=True, max_length=max_tokens)["input_ids"]
        rows.extend(np.asarray(row, dtype=dtype) for row in tokens)
    return rows


def same_length_batches(lengths: Sequence[int], batch_tokens: int) -> list[np.ndarray]:
    """Group texts of one length.

    Args:
        lengths: lengths in tokens.
        batch_tokens: most tokens of a batch; a longer text makes a batch of its own.

    Returns:
        Arrays of positions; each position stands in exactly one, those of a batch in their original order.
    """
    if not lengths:
        return []
    order = np.argsort(lengths, kind="stable")
    ends = np.flatnonzero(np.diff(np.asarray(lengths)[order])) + 1
    batches: list[np.ndarray] = []
    for group in np.split(order, ends):
        step = max(1, batch_tokens // max(1, lengths[group[0]]))
        batches.extend(group[start : start + step] for start in range(0, len(group), step))
    return batches


class TextBatches(torch.utils.data.Dataset[dict[str, torch.Tensor]]):
    """Tokenised texts, a batch of one length an element; give it to a Trainer with ``only_element`` as collator.

    Attributes:
        batches: positions of the texts of each batch.
    """

    def __init__(self, rows: Sequence[np.ndarray], batch_tokens: int, targets: Mapping[str, np.ndarray] | None = None):
        self._rows = rows
        self._targets = targets or {}
        self.batches = same_length_batches([len(row) for row in rows], batch_tokens)

    def __len__(self) -> int:
        """Count the batches."""
        return len(self.batches)

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        """Give a batch: input_ids of shape (n, length), and its rows of every target."""
        positions = self.batches[index]
        tokens = np.stack([self._rows[position] for position in positions]).astype(np.int64)
        targets = {name: torch.from_numpy(values[positions]) for name, values in self._targets.items()}
        return {"input_ids": torch.from_numpy(tokens), **targets}


def only_element(batch: list[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """Collate a list of one element, which is a batch already."""
    (element,) = batch
    return element
