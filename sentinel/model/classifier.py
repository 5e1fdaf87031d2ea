"""Texts in, probabilities out.

Comes in: a bundle and texts. Goes out: a float32 array of shape (n_texts, 3), columns in LABELS order.
Invariant: the probabilities of a text depend on that text alone. Each text is scored in a batch whose shape
follows from its own length only (rows are filled up, lengths rounded up), so that the same kernels with the same
blocking run whatever else is scored beside it, and a causal model reads nothing to the right of the last token.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np
import torch
import transformers

from sentinel.errors import CanaryError, ModelError
from sentinel.model.bundle import Bundle, load_bundle
from sentinel.model.device import choose_device, supports_bfloat16
from sentinel.model.pretrained import load_pretrained
from sentinel.records import LABELS
from sentinel.text import classifier_text

if TYPE_CHECKING:
    from collections.abc import Sequence

LENGTH_STEP = 8
BATCH_TOKENS = {"cpu": 2_048, "cuda": 65_536}

CANARIES = (
    ("Shares plunge after the company files for bankruptcy", "negative"),
    ("Quarterly loss widens as sales slump and the company warns on profit", "negative"),
    ("Shares soar after quarterly profit beats expectations", "positive"),
    ("Net profit rises 30 percent on strong demand", "positive"),
    ("The company will hold its annual general meeting on Tuesday", "neutral"),
    ("The board meets on 12 May to consider quarterly results", "neutral"),
)
"""Sentences of obvious sentiment; a model that reads them wrongly is not the model it claims to be."""

_log = logging.getLogger(__name__)


class Classifier:
    """A loaded model.

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

    @classmethod
    def load(cls, model: str | Bundle, *, device: str = "auto") -> Classifier:
        """Load a model and check it with the canaries.

        Args:
            model: a checked bundle, or "packaged", a directory or a hub id.
            device: "auto", "cpu", "cuda" or "cuda:N".

        Returns:
            A classifier ready to score.

        Raises:
            ModelError: the model cannot be found, trusted or loaded.
            CanaryError: it reads obvious sentences wrongly.
            ConfigError: the device does not exist here.
        """
        bundle = load_bundle(model) if isinstance(model, str) else model
        chosen = choose_device(device)
        dtype = torch.bfloat16 if supports_bfloat16(chosen) else torch.float32
        classifier = cls(bundle, device=chosen, dtype=dtype)
        classifier.check_canaries()
        _log.info("model %s on %s, %s", bundle.model_id, chosen, classifier.dtype)
        return classifier

    def check_canaries(self) -> None:
        """Score the canaries.

        Raises:
            CanaryError: an obviously good or bad sentence has the wrong sign, or most labels are wrong.
        """
        probabilities = self.probabilities([text for text, _ in CANARIES])
        labels = [LABELS[column] for column in probabilities.argmax(axis=1)]
        polarity = probabilities[:, 2] - probabilities[:, 0]
        signs = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}
        for (text, expected), label, value in zip(CANARIES, labels, polarity, strict=True):
            if not np.isfinite(value) or value * signs[expected] < 0:
                raise CanaryError(
                    f'reads "{text}" as {label}, which is {expected}',
                    where=str(self.bundle.path),
                    hint="check the label order, tokenizer and weights; nothing was scored",
                )
        n_wrong = sum(label != expected for (_, expected), label in zip(CANARIES, labels, strict=True))
        if n_wrong > 1:
            raise CanaryError(
                f"labels {n_wrong} of {len(CANARIES)} obvious sentences wrongly",
                where=str(self.bundle.path),
                hint="this is not a three-way financial sentiment model; nothing was scored",
            )

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Score texts.

        Args:
            texts: any strings; they are cleaned as in training. An empty one is scored as an empty text.

        Returns:
            float32 array of shape (n_texts, 3), columns in LABELS order, rows sum to 1.
        """
        result = np.empty((len(texts), len(LABELS)), dtype=np.float32)
        if not texts:
            return result
        cleaned = [classifier_text(text) or " " for text in texts]
        max_tokens = self.bundle.max_tokens
        tokenized = self._tokenizer(cleaned, truncation=True, max_length=max_tokens)["input_ids"]
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
