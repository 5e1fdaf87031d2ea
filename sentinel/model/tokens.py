"""Texts to token ids. The door to tokenizers.

Comes in: a model directory and texts. Goes out: the ids that transformers' tokenizer of that directory gives, without
importing transformers where ``tokenizer.json`` alone decides them. Invariant: no row is empty, and none ends with
padding that a text spelled out, because the last token of a row is what a label is read from.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from tokenizers import Tokenizer

from sentinel.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

_FIXED: Mapping[str, tuple[Any, ...]] = {
    # Classes of transformers that take tokenizer.json as it is; others rebuild parts of it.
    "tokenizer_class": ("TokenizersBackend", "PreTrainedTokenizerFast"),
    "truncation_side": ("right",),
    "padding_side": ("right", "left"),
    "extra_special_tokens": ({}, []),
}
_WITHOUT_EFFECT = {
    "backend", "bos_token", "clean_up_tokenization_spaces", "is_local", "local_files_only", "max_length",
    "model_max_length", "stride", "truncation_strategy", "unk_token",
}  # fmt: skip
_READ = {"eos_token", "pad_token"}
_OTHER_FILES = ("added_tokens.json", "special_tokens_map.json")


class Encoding(NamedTuple):
    """How a model reads texts.

    Attributes:
        encode: texts -> their token ids, cut to the longest length.
        pad_id: token that stands for nothing.
    """

    encode: Callable[[list[str]], list[list[int]]]
    pad_id: int

    def rows(self, texts: Sequence[str]) -> list[list[int]]:
        """Give the token ids of texts; at least one each, and the last is no padding unless all are."""
        return [_without_padding(row, self.pad_id) for row in self.encode(list(texts))]


class Reading(NamedTuple):
    """How a model reads one text, and where in it each token stands.

    Attributes:
        read: a text -> its token ids, cut to the longest length, and for each token where it begins and ends in the
            text; a token that is no part of it has an empty span.
        blank_id: token that says nothing: the end-of-text token, else the padding token.
    """

    read: Callable[[str], tuple[list[int], list[tuple[int, int]]]]
    blank_id: int


def load_reading(path: Path, *, max_tokens: int, pad_token_id: int | None) -> Reading:
    """Load the tokenizer of a model directory so that it tells where tokens stand.

    Args:
        path: the directory.
        max_tokens: longest text; longer ones are cut at the end.
        pad_token_id: what the model's configuration says, for a tokenizer that has no padding token.

    Returns:
        How a text is read.

    Raises:
        ModelError: it cannot be loaded, or does not tell where its tokens stand.
    """
    plain = _plain_tokenizer(path, max_tokens=max_tokens, pad_token_id=pad_token_id)
    if plain is not None:
        tokenizer, pad_id, end_token = plain
        end_id = tokenizer.token_to_id(end_token) if isinstance(end_token, str) else None

        def read(text: str) -> tuple[list[int], list[tuple[int, int]]]:
            encoded = tokenizer.encode(text)
            return encoded.ids, encoded.offsets

        return Reading(read, pad_id if end_id is None else end_id)
    return _pretrained_reading(path, max_tokens=max_tokens, pad_token_id=pad_token_id)


def _pretrained_reading(path: Path, *, max_tokens: int, pad_token_id: int | None) -> Reading:
    from sentinel.model.pretrained import load_tokenizer

    tokenizer = load_tokenizer(path, pad_token_id=pad_token_id)
    if not tokenizer.is_fast:
        raise ModelError("its tokenizer does not tell where tokens stand in a text", where=str(path))

    def read(text: str) -> tuple[list[int], list[tuple[int, int]]]:
        encoded = tokenizer(text, truncation=True, max_length=max_tokens, return_offsets_mapping=True)
        return encoded["input_ids"], [tuple(span) for span in encoded["offset_mapping"]]

    blank_id = tokenizer.pad_token_id if tokenizer.eos_token_id is None else tokenizer.eos_token_id
    return Reading(read, blank_id)


def load_encoding(path: Path, *, max_tokens: int, pad_token_id: int | None) -> Encoding:
    """Load the tokenizer of a model directory.

    Args:
        path: the directory.
        max_tokens: longest text; longer ones are cut at the end.
        pad_token_id: what the model's configuration says, for a tokenizer that has no padding token.

    Returns:
        How texts are read.

    Raises:
        ModelError: it cannot be loaded.
    """
    plain = _load_plain(path, max_tokens=max_tokens, pad_token_id=pad_token_id)
    if plain is not None:
        return plain
    from sentinel.model.pretrained import load_tokenizer

    tokenizer = load_tokenizer(path, pad_token_id=pad_token_id)

    def encode(texts: list[str]) -> list[list[int]]:
        ids: list[list[int]] = tokenizer(texts, truncation=True, max_length=max_tokens)["input_ids"]
        return ids

    return Encoding(encode, tokenizer.pad_token_id)


def _load_plain(path: Path, *, max_tokens: int, pad_token_id: int | None) -> Encoding | None:
    plain = _plain_tokenizer(path, max_tokens=max_tokens, pad_token_id=pad_token_id)
    if plain is None:
        return None
    tokenizer, pad_id, _ = plain
    return Encoding(lambda texts: [encoded.ids for encoded in tokenizer.encode_batch_fast(texts)], pad_id)


def _plain_tokenizer(
    path: Path, *, max_tokens: int, pad_token_id: int | None
) -> tuple[Tokenizer, int, str | None] | None:
    """Load ``tokenizer.json`` alone, with the padding token's id and the end-of-text token.

    Returns:
        None where other files or settings may change what it gives.
    """
    if any((path / name).exists() for name in _OTHER_FILES):
        return None
    try:
        settings = json.loads((path / "tokenizer_config.json").read_text(encoding="utf-8"))
        tokenizer = Tokenizer.from_buffer((path / "tokenizer.json").read_bytes())
    except (OSError, ValueError):
        return None
    pad_id = _pad_id(tokenizer, settings, pad_token_id) if _is_known(settings) else None
    if pad_id is None or not 0 <= pad_id < tokenizer.get_vocab_size():
        return None
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer, pad_id, settings.get("eos_token")


def _is_known(settings: Any) -> bool:
    return (
        isinstance(settings, dict)
        and "tokenizer_class" in settings
        and settings.keys() <= _FIXED.keys() | _WITHOUT_EFFECT | _READ
        and all(settings[name] in values for name, values in _FIXED.items() if name in settings)
    )


def _pad_id(tokenizer: Tokenizer, settings: Mapping[str, Any], pad_token_id: Any) -> int | None:
    """Find the padding token: the tokenizer's, else the model's, else the end-of-text token."""
    pad_token, end_token = settings.get("pad_token"), settings.get("eos_token")
    if pad_token is None and pad_token_id is not None:
        return pad_token_id if isinstance(pad_token_id, int) else None
    token = end_token if pad_token is None else pad_token
    return tokenizer.token_to_id(token) if isinstance(token, str) else None


def _without_padding(row: list[int], pad_id: int) -> list[int]:
    n_tokens = len(row)
    while n_tokens > 1 and row[n_tokens - 1] == pad_id:
        n_tokens -= 1
    return row[:n_tokens] or [pad_id]
