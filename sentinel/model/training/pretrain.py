"""Pre-train a small GPT-2 as a language model on plain texts.

Comes in: texts, held-out texts and a shape. Goes out: a directory with model and tokenizer, and its held-out
perplexity. Invariant: interrupted and started again with the same output directory, it goes on from the last
checkpoint.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
from transformers import GPT2Config, GPT2LMHeadModel, Trainer

from sentinel.errors import TrainingError
from sentinel.model.training.arguments import last_checkpoint, training_arguments
from sentinel.model.training.tokenizer import train_tokenizer

if TYPE_CHECKING:
    from pathlib import Path

    from transformers import PreTrainedTokenizerFast, TrainingArguments

    from sentinel.model.training.recipe import Architecture, Pretraining

TOKENIZER_TEXTS = 200_000
TOKENIZE_CHUNK = 20_000


class _Blocks(torch.utils.data.Dataset[dict[str, torch.Tensor]]):
    """Fixed-length windows over one long stream of tokens; the labels are the tokens themselves."""

    def __init__(self, stream: np.ndarray, block_tokens: int) -> None:
        n_blocks = len(stream) // block_tokens
        self.blocks = stream[: n_blocks * block_tokens].reshape(n_blocks, block_tokens)

    def __len__(self) -> int:
        return len(self.blocks)

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        tokens = torch.from_numpy(self.blocks[index].astype(np.int64))
        return {"input_ids": tokens, "labels": tokens}


def pretrain(
    texts: list[str],
    *,
    settings: Pretraining,
    shape: Architecture,
    max_tokens: int,
    seed: int,
    output_dir: Path,
) -> dict[str, float]:
    """Train tokenizer and language model; write both to ``output_dir``.

    Args:
        texts: distinct texts in random order; the last ``settings.held_out_texts`` are held out.
        settings: lengths and rates.
        shape: size of the model.
        max_tokens: longest text the tokenizer keeps.
        seed: seed of weights and order.
        output_dir: where model, tokenizer and checkpoints go.

    Returns:
        Figures: parameters, tokens trained on, held-out loss (nats per token) and perplexity.
    """
    n_held_out = min(settings.held_out_texts, max(1, len(texts) // 10))
    tokenizer = train_tokenizer(
        texts[: min(TOKENIZER_TEXTS, len(texts) - n_held_out)],
        vocab_size=shape.vocab_size,
        max_tokens=max_tokens,
    )
    tokenizer.save_pretrained(output_dir)
    training = _Blocks(_token_stream(tokenizer, texts[:-n_held_out]), settings.block_tokens)
    held_out = _Blocks(_token_stream(tokenizer, texts[-n_held_out:]), settings.block_tokens)
    needed = settings.batch_blocks if settings.compile_model else 1
    if min(len(training), len(held_out)) < needed:
        raise TrainingError(f"{len(texts)} texts fill too few blocks of {settings.block_tokens} tokens to train on")
    torch.manual_seed(seed)
    model = GPT2LMHeadModel(_config(tokenizer, shape, n_positions=max(settings.block_tokens, max_tokens)))
    trainer = Trainer(
        model=model,
        args=_arguments(settings, seed=seed, output_dir=output_dir),
        train_dataset=training,
        eval_dataset=held_out,
    )
    trainer.train(resume_from_checkpoint=last_checkpoint(output_dir))
    loss = float(trainer.evaluate()["eval_loss"])
    trainer.save_model(str(output_dir))
    return {
        "n_parameters": float(sum(parameter.numel() for parameter in model.parameters())),
        "n_tokens": float(training.blocks.size * settings.epochs),
        "held_out_loss": loss,
        "held_out_perplexity": math.exp(loss),
    }


def _arguments(settings: Pretraining, *, seed: int, output_dir: Path) -> TrainingArguments:
    return training_arguments(
        output_dir,
        seed=seed,
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=settings.batch_blocks,
        per_device_eval_batch_size=settings.batch_blocks,
        learning_rate=settings.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=settings.warmup_steps,
        weight_decay=0.1,
        adam_beta2=0.95,
        max_grad_norm=1.0,
        logging_steps=100,
        save_steps=500,
        torch_compile=settings.compile_model,
        dataloader_drop_last=settings.compile_model,
    )


def _token_stream(tokenizer: PreTrainedTokenizerFast, texts: list[str]) -> np.ndarray:
    """Tokenise texts into one uint16 or int32 array; each text ends with the end-of-text token."""
    dtype = np.uint16 if len(tokenizer) <= 2**16 else np.int32
    parts = [np.empty(0, dtype=dtype)]
    for start in range(0, len(texts), TOKENIZE_CHUNK):
        rows = tokenizer(texts[start : start + TOKENIZE_CHUNK], truncation=True)["input_ids"]
        parts.append(np.concatenate([np.asarray(row, dtype=dtype) for row in rows]))
    return np.concatenate(parts)


def _config(tokenizer: PreTrainedTokenizerFast, shape: Architecture, *, n_positions: int) -> GPT2Config:
    return GPT2Config(
        vocab_size=len(tokenizer),
        n_positions=n_positions,
        n_layer=shape.n_layer,
        n_embd=shape.n_embd,
        n_head=shape.n_head,
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        use_cache=False,
    )
