"""Score texts with a transformer: tokens, batches of fixed shapes, probabilities.

Comes in: a bundle of a Hugging Face classifier and cleaned texts. Goes out: a float32 array of shape (n_texts, 3),
columns in LABELS order. Invariant: the probabilities of a text depend on that text alone. Each text is scored in a
batch whose shape follows from its own length only (rows are filled up, lengths rounded up), so that the same kernels
with the same blocking run whatever else is scored beside it, and a causal model reads nothing to the right of the
last token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
import transformers

from sentinel.errors import ModelError
from sentinel.model.pretrained import load_pretrained
from sentinel.records import LABELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.model.bundle import Bundle

LENGTH_STEP = 8
BATCH_TOKENS = {"cpu": 2_048, "cuda": 65_536}


class TransformerScorer:
    """A loaded transformer.

    Attributes:
        bundle: what was loaded.
        device: torch device it runs on.
        dtype: number format of its weights.
    """

    def __init__(self, bundle: Bundle, *, device: torch.device, dtype: torch.dtype) -> None:
        self.bundle = bundle
        self.device = device
        self.dtype = dtype
        transformers.utils.logging.disable_progress_bar()
        transformers.utils.logging.set_verbosity_error()
        self._model, self._tokenizer, missing = load_pretrained(bundle.path, local_files_only=True, dtype=dtype)
        if missing:
            raise ModelError(f"its weights lack {min(missing)!r}", where=str(bundle.path), hint="fetch the model again")
        self._model.to(device).eval()  # type: ignore[arg-type]  # its decorator hides self

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Score cleaned texts.

        Args:
            texts: none of them empty.

        Returns:
            float32 array of shape (n_texts, 3), columns in LABELS order, rows sum to 1.
        """
        result = np.empty((len(texts), len(LABELS)), dtype=np.float32)
        max_tokens = self.bundle.max_tokens
        tokenized = self._tokenizer(list(texts), truncation=True, max_length=max_tokens)["input_ids"]
        rows = [row or [self._tokenizer.pad_token_id] for row in tokenized]
        for indices, length in _plan_batches([len(row) for row in rows], self._batch_tokens(), max_tokens):
            result[indices] = self._score_batch([rows[index] for index in indices], length)
        return result

    def _batch_tokens(self) -> int:
        return BATCH_TOKENS.get(self.device.type, BATCH_TOKENS["cpu"])

    def _score_batch(self, rows: list[list[int]], length: int) -> np.ndarray:
        """Score up to a batch of rows in one fixed shape; float32 of shape (len(rows), 3)."""
        n_rows = _rows_per_batch(length, self._batch_tokens())
        pad_id = self._tokenizer.pad_token_id
        tokens = np.full((n_rows, length), pad_id, dtype=np.int64)
        mask = np.zeros((n_rows, length), dtype=np.int64)
        for position in range(n_rows):
            row = rows[position] if position < len(rows) else rows[0]
            tokens[position, : len(row)] = row
            mask[position, : len(row)] = 1
        inputs = {"input_ids": torch.from_numpy(tokens).to(self.device)}  # (n_rows, length)
        if not self.bundle.is_causal:
            inputs["attention_mask"] = torch.from_numpy(mask).to(self.device)
        with torch.inference_mode():
            logits = self._model(**inputs).logits.float() / self.bundle.temperature  # (n_rows, 3)
            ordered = logits[: len(rows), list(self.bundle.column_of_label)]
            probabilities: np.ndarray = torch.softmax(ordered, dim=-1).cpu().numpy()
        return probabilities


def _plan_batches(lengths: Sequence[int], batch_tokens: int, max_tokens: int) -> list[tuple[np.ndarray, int]]:
    """Group texts of like length; each group has the indices of its texts and its padded length in tokens."""
    padded = np.minimum(max_tokens, -(-np.asarray(lengths) // LENGTH_STEP) * LENGTH_STEP)
    batches: list[tuple[np.ndarray, int]] = []
    for length in np.unique(padded)[::-1]:
        indices = np.flatnonzero(padded == length)
        step = _rows_per_batch(int(length), batch_tokens)
        batches.extend((indices[start : start + step], int(length)) for start in range(0, len(indices), step))
    return batches


def _rows_per_batch(length: int, batch_tokens: int) -> int:
    return max(1, batch_tokens // length)
