"""Tiny models with random weights, built where a test needs a real model directory."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

from sentinel.model.bundle import MANIFEST, load_bundle, write_manifest
from sentinel.model.classifier import Classifier
from sentinel.model.training.tokenizer import train_tokenizer
from sentinel.records import LABELS

HEADLINES = Path(__file__).parent.parent / "data" / "headlines.csv"
MAX_TOKENS = 45  # not a multiple of the length step, so that padding meets the end of the positions


def read_headlines() -> list[str]:
    with HEADLINES.open(encoding="utf-8", newline="") as stream:
        return [row["text"] for row in csv.DictReader(stream)]


def build_gpt2(path: Path, *, labels: tuple[str, ...] = LABELS, temperature: float = 1.0) -> Path:
    """Write a bundle: GPT-2 of 2 layers x 32 with spread-out random weights, the same ones each time."""
    tokenizer = train_tokenizer(read_headlines(), vocab_size=400, max_tokens=MAX_TOKENS)
    config = transformers.GPT2Config(
        vocab_size=len(tokenizer),
        n_positions=MAX_TOKENS,
        n_layer=2,
        n_embd=32,
        n_head=2,
        initializer_range=0.3,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        id2label=dict(enumerate(labels)),
        label2id={label: position for position, label in enumerate(labels)},
    )
    torch.manual_seed(3)
    model = transformers.GPT2ForSequenceClassification(config)
    model.save_pretrained(path)
    tokenizer.save_pretrained(path)
    write_manifest(path, {"name": "tiny", "max_tokens": MAX_TOKENS, "temperature": temperature, "metrics": {"F1": 0.5}})
    return path


def build_bert(path: Path) -> Path:
    """Write a Hugging Face directory without a manifest: BERT of 2 layers x 32 that reads both ways."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(
        read_headlines(), trainers.WordPieceTrainer(vocab_size=400, special_tokens=special, show_progress=False)
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, **dict(zip(names, special, strict=True)), model_max_length=48
    )
    config = transformers.BertConfig(
        vocab_size=len(fast),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=48,
        initializer_range=0.3,
        id2label={0: "positive", 1: "negative", 2: "neutral"},
        label2id={"positive": 0, "negative": 1, "neutral": 2},
    )
    torch.manual_seed(4)
    transformers.BertForSequenceClassification(config).save_pretrained(path)
    fast.save_pretrained(path)
    return path


def load_unchecked(path: Path, *, dtype: torch.dtype = torch.float32) -> Classifier:
    """Load on the CPU without canaries, which random weights cannot pass."""
    return Classifier(load_bundle(str(path)), device=torch.device("cpu"), dtype=dtype)


def edit_json(path: Path, **changes: Any) -> None:
    """Change values of a JSON file; None removes a key."""
    values = json.loads(path.read_text(encoding="utf-8")) | changes
    path.write_text(json.dumps({key: value for key, value in values.items() if value is not None}), encoding="utf-8")


def without_manifest(path: Path) -> Path:
    (path / MANIFEST).unlink()
    return path
