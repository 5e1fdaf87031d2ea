"""Load a Hugging Face sequence classifier and its tokenizer, for scoring and for fine-tuning.

Comes in: a directory, or for fine-tuning a hub id. Goes out: model and tokenizer with padding set up. Invariant:
weights are read from safetensors only, code that a model names is never run, and whatever its files make the
libraries raise is a ModelError.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from sentinel.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

    from transformers import PreTrainedModel, PreTrainedTokenizerBase

UNLOADABLE = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    RuntimeError,
    ImportError,
    AssertionError,
    SafetensorError,
    StrictDataclassError,
)
"""What transformers and its libraries raise on a wrong config, tokenizer or weights file."""


def load_pretrained(
    source: str | Path, *, local_files_only: bool, **settings: Any
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase, set[str]]:
    """Load a classifier and its tokenizer.

    Args:
        source: directory or hub id.
        local_files_only: whether the hub must not be asked.
        settings: passed on to the model's ``from_pretrained``: dtype, labels.

    Returns:
        Model, tokenizer that pads on the right, and the names of weights that the files lack and chance supplied.

    Raises:
        ModelError: it cannot be loaded.
    """
    common: dict[str, Any] = {"local_files_only": local_files_only, "trust_remote_code": False}
    tokenizer = _read_tokenizer(source, **common)
    try:
        model, found = AutoModelForSequenceClassification.from_pretrained(
            source, use_safetensors=True, output_loading_info=True, **common, **settings
        )
    except UNLOADABLE as error:
        raise ModelError(f"cannot be loaded: {first_line(error)}", where=str(source)) from error
    _set_padding(tokenizer, model.config.pad_token_id, str(source))
    model.config.pad_token_id = tokenizer.pad_token_id
    return model, tokenizer, set(found["missing_keys"])


def load_tokenizer(path: Path, *, pad_token_id: int | None) -> PreTrainedTokenizerBase:
    """Load the tokenizer of a classifier alone.

    Args:
        path: model directory.
        pad_token_id: what the model's configuration says.

    Returns:
        A tokenizer with a padding token.

    Raises:
        ModelError: it cannot be loaded.
    """
    tokenizer = _read_tokenizer(path, local_files_only=True, trust_remote_code=False)
    _set_padding(tokenizer, pad_token_id, str(path))
    return tokenizer


def _read_tokenizer(source: str | Path, **common: Any) -> PreTrainedTokenizerBase:
    try:
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(source, padding_side="right", **common)
    except UNLOADABLE as error:
        raise ModelError(f"cannot be loaded: {first_line(error)}", where=str(source)) from error
    return tokenizer


def first_line(error: Exception) -> str:
    """Give the first line of a library's error, shortened."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def _set_padding(tokenizer: PreTrainedTokenizerBase, pad_token_id: int | None, source: str) -> None:
    """Give a tokenizer a padding token, by which a causal model finds the last real token.

    It is the tokenizer's, else the model's, else the end-of-text token, as GPT-2 has none of its own.
    """
    if tokenizer.pad_token_id is None:
        known = [token for token in (pad_token_id, tokenizer.eos_token_id) if token is not None]
        if not known or not 0 <= known[0] < len(tokenizer):
            raise ModelError("its tokenizer has no padding token", where=source, hint="name one in its config")
        tokenizer.pad_token = tokenizer.convert_ids_to_tokens(known[0])
