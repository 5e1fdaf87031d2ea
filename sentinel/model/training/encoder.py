"""A pre-trained sentence encoder: how it sees texts, and the vectors of its words.

Comes in: "package:NAME/FOLDER", a directory or a hub id of a BERT-like encoder. Goes out: one unit vector per text
(the mean over its tokens, as sentence-transformers pools), or one vector per entry of another vocabulary.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

from sentinel.errors import ModelError, TrainingError
from sentinel.model.device import choose_device, supports_bfloat16
from sentinel.model.pretrained import UNLOADABLE, first_line
from sentinel.model.training.batches import same_length_batches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transformers import PreTrainedTokenizerBase

PACKAGE_PREFIX = "package:"
BATCH_TOKENS = 4_096
CHUNK_TEXTS = 20_000


def find_model(spec: str) -> str:
    """Resolve "package:NAME/FOLDER" to the folder that an installed Python package carries.

    Args:
        spec: such a name, or a directory or hub id, which is returned as it is.

    Returns:
        A directory or hub id.

    Raises:
        TrainingError: the package is not installed or has no such folder.
    """
    if not spec.startswith(PACKAGE_PREFIX):
        return spec
    name, _, folder = spec.removeprefix(PACKAGE_PREFIX).partition("/")
    found = importlib.util.find_spec(name) if name.isidentifier() else None
    for location in (found.submodule_search_locations or []) if found else []:
        if (Path(location) / folder / "config.json").is_file():
            return str(Path(location) / folder)
    raise TrainingError("no installed package carries this model", where=spec, hint=f"pip install {name}")


class Encoder:
    """A loaded encoder.

    Attributes:
        width: length of its vectors.
    """

    def __init__(self, spec: str, *, max_tokens: int) -> None:
        source = find_model(spec)
        self._device = choose_device("auto")
        dtype = torch.bfloat16 if supports_bfloat16(self._device) else torch.float32
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
            model = AutoModel.from_pretrained(source, use_safetensors=True, trust_remote_code=False, dtype=dtype)
        except UNLOADABLE as error:
            raise ModelError(f"cannot be loaded: {first_line(error)}", where=source) from error
        self._model = model.to(self._device).eval()
        self._max_tokens = max_tokens
        self.width = int(model.config.hidden_size)

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Encode texts.

        Args:
            texts: any strings.

        Returns:
            float16 array of shape (n_texts, width), rows of length 1.
        """
        vectors = np.empty((len(texts), self.width), dtype=np.float16)
        for start in range(0, len(texts), CHUNK_TEXTS):
            rows = self._tokenizer(
                list(texts[start : start + CHUNK_TEXTS]), truncation=True, max_length=self._max_tokens
            )
            for positions in same_length_batches([len(row) for row in rows["input_ids"]], BATCH_TOKENS):
                tokens = torch.tensor([rows["input_ids"][position] for position in positions], device=self._device)
                with torch.inference_mode():
                    states = self._model(input_ids=tokens).last_hidden_state.float()  # (n, length, width)
                    unit = torch.nn.functional.normalize(states.mean(dim=1), dim=-1)
                vectors[start + positions] = unit.cpu().numpy()
        return vectors

    def word_vectors(self, tokenizer: PreTrainedTokenizerBase, *, width: int) -> np.ndarray:
        """Give every entry of another vocabulary the mean of this encoder's vectors of the same characters.

        Args:
            tokenizer: the other vocabulary.
            width: length wanted; the vectors are projected on their principal components.

        Returns:
            float32 array of shape (len(tokenizer), width), centred.
        """
        own = self._model.get_input_embeddings().weight.detach().float().cpu().numpy()
        words = [tokenizer.decode([index]) for index in range(len(tokenizer))]
        rows = self._tokenizer(words, add_special_tokens=False)["input_ids"]
        mean = own.mean(axis=0)
        vectors = np.stack([own[row].mean(axis=0) if row else mean for row in rows]) - mean
        _, _, directions = np.linalg.svd(vectors, full_matrices=False)
        return np.asarray(vectors @ directions[:width].T, dtype=np.float32)
