"""Pre-train a small GPT-2 on plain texts.

Comes in: texts and a shape. Goes out: a directory with model and tokenizer, and its held-out perplexity. The model
learns the next token of every text and, where the recipe names an encoder, that encoder's view of the whole text at
its last token. Invariant: interrupted and started again with the same output directory, it goes on from the last
checkpoint.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
from transformers import GPT2Config, GPT2LMHeadModel, GPT2Model, Trainer

from sentinel.errors import TrainingError
from sentinel.model.training.arguments import batch_arguments, last_checkpoint
from sentinel.model.training.batches import TextBatches, only_element, token_rows
from sentinel.model.training.encoder import Encoder
from sentinel.model.training.processes import first_alone
from sentinel.model.training.stages import computed_once
from sentinel.model.training.tokenizer import train_tokenizer

if TYPE_CHECKING:
    from pathlib import Path

    from transformers import PreTrainedTokenizerFast

    from sentinel.model.training.recipe import Architecture, Pretraining

TOKENIZER_TEXTS = 200_000
NOISE_POWER = 0.75
"""Negatives are drawn by word frequency to this power (Mikolov et al. 2013, section 2.2)."""


class PretrainingModel(torch.nn.Module):
    """A GPT-2 body with the two tasks it is pre-trained on.

    Attributes:
        body: the transformer; its token embeddings are the output weights too.
        view: last hidden state to the encoder's view; None without an encoder.
    """

    log_noise: torch.Tensor

    def __init__(self, config: GPT2Config, *, counts: np.ndarray, n_sampled: int, view_width: int, view_weight: float):
        super().__init__()
        self.body = GPT2Model(config)
        self.view = torch.nn.Linear(config.n_embd, view_width, bias=False) if view_width else None
        self._n_sampled = n_sampled
        self._view_weight = view_weight
        noise = np.maximum(counts, 1.0) ** NOISE_POWER
        self.register_buffer("log_noise", torch.from_numpy(np.log(noise / noise.sum())).float(), persistent=False)

    def forward(self, input_ids: torch.Tensor, views: torch.Tensor | None = None) -> dict[str, torch.Tensor]:
        """Compute the loss of a batch.

        Args:
            input_ids: int64 of shape (n, length), no padding; every text ends with the end-of-text token.
            views: the encoder's unit vectors, shape (n, width).

        Returns:
            loss: nats per token, plus the weighted cosine distance to the views.
        """
        states = self.body(input_ids=input_ids).last_hidden_state  # (n, length, n_embd)
        before, targets = states[:, :-1].flatten(0, 1), input_ids[:, 1:].flatten()
        loss = self._sampled_loss(before, targets) if self._n_sampled else self.full_loss(before, targets)
        if self.view is not None and views is not None:
            distance = 1 - torch.nn.functional.cosine_similarity(self.view(states[:, -1]).float(), views.float())
            loss = loss + self._view_weight * distance.mean()
        return {"loss": loss}

    def full_loss(self, states: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Compute the mean nats per token under the whole vocabulary; states (n, n_embd), targets (n,)."""
        logits = states @ self.body.wte.weight.to(states.dtype).T
        return torch.nn.functional.cross_entropy(logits.float(), targets)

    def _sampled_loss(self, states: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Estimate the loss under the whole vocabulary from negatives that the batch shares.

        Source: Bengio and Senecal 2008, "Adaptive Importance Sampling to Accelerate Training of a Neural
        Probabilistic Language Model": the softmax's sum over all other tokens is the mean over drawn ones, each
        weighted by the inverse of its chance; here the weights stand in the logits.
        """
        weight = self.body.wte.weight
        drawn = torch.multinomial(self.log_noise.exp(), self._n_sampled, replacement=True)
        expected = self.log_noise[drawn] + math.log(self._n_sampled)
        negatives = (states @ weight[drawn].to(states.dtype).T).float() - expected
        negatives = negatives.masked_fill(targets[:, None] == drawn, -torch.inf)
        positives = (states * weight[targets].to(states.dtype)).sum(dim=-1, keepdim=True).float()
        logits = torch.cat([positives, negatives], dim=1)
        return torch.nn.functional.cross_entropy(logits, torch.zeros_like(targets))


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
    training_texts, held_out_texts = texts[:-n_held_out], texts[-n_held_out:]
    if len(training_texts) < n_held_out:
        raise TrainingError(f"{len(texts)} texts are too few to train on")
    tokenizer = train_tokenizer(training_texts[:TOKENIZER_TEXTS], vocab_size=shape.vocab_size, max_tokens=max_tokens)
    with first_alone() as is_first:
        if is_first:
            tokenizer.save_pretrained(output_dir)
    rows = token_rows(tokenizer, training_texts, max_tokens=max_tokens)
    torch.manual_seed(seed)
    model, targets = _begin(tokenizer, rows, training_texts, settings, shape, max_tokens, output_dir)
    training = TextBatches(rows, settings.batch_tokens, targets)
    trainer = Trainer(
        model=model,
        args=batch_arguments(output_dir, seed=seed, settings=settings, weight_decay=0.1, adam_beta2=0.95),
        train_dataset=training,
        data_collator=only_element,
    )
    trainer.train(resume_from_checkpoint=last_checkpoint(output_dir))
    loss = _held_out_loss(
        model, TextBatches(token_rows(tokenizer, held_out_texts, max_tokens=max_tokens), settings.batch_tokens)
    )
    with first_alone() as is_first:
        if is_first:
            _save(model, output_dir)
    return {
        "n_parameters": float(sum(parameter.numel() for parameter in model.body.parameters())),
        "n_tokens": float(sum(map(len, rows)) * settings.epochs),
        "held_out_loss": loss,
        "held_out_perplexity": math.exp(loss),
    }


def _begin(
    tokenizer: PreTrainedTokenizerFast,
    rows: list[np.ndarray],
    texts: list[str],
    settings: Pretraining,
    shape: Architecture,
    max_tokens: int,
    output_dir: Path,
) -> tuple[PretrainingModel, dict[str, np.ndarray]]:
    """Build the model, and what it learns of the encoder where there is one: its views of the texts."""
    encoder = None
    if settings.encoder is not None:
        encoder = Encoder(settings.encoder.model, max_tokens=settings.encoder.max_tokens)
    model = PretrainingModel(
        _config(tokenizer, shape, n_positions=max_tokens),
        counts=np.bincount(np.concatenate(rows), minlength=len(tokenizer)).astype(np.float64),
        n_sampled=settings.sampled_tokens,
        view_width=encoder.width if encoder is not None else 0,
        view_weight=settings.encoder.weight if settings.encoder is not None else 0.0,
    )
    if encoder is None:
        return model, {}
    _start_from(model, encoder.word_vectors(tokenizer, width=shape.n_embd))
    return model, {"views": computed_once(texts, encoder.embed, output_dir / "views")}


def _start_from(model: PretrainingModel, vectors: np.ndarray) -> None:
    """Take an encoder's word vectors, at the scale of fresh weights, as the token embeddings to start from."""
    scale = model.body.config.initializer_range / vectors.std()
    with torch.no_grad():
        model.body.wte.weight.copy_(torch.from_numpy(vectors * scale))


def _held_out_loss(model: PretrainingModel, held_out: TextBatches) -> float:
    """Average the nats per token over all tokens of the held-out texts, under the whole vocabulary."""
    model.eval()
    total, n_tokens = 0.0, 0
    device = model.body.wte.weight.device
    with torch.inference_mode():
        for index in range(len(held_out)):
            tokens = held_out[index]["input_ids"].to(device)
            states = model.body(input_ids=tokens).last_hidden_state[:, :-1].flatten(0, 1)
            targets = tokens[:, 1:].flatten()
            total += float(model.full_loss(states, targets)) * len(targets)
            n_tokens += len(targets)
    return total / n_tokens


def _save(model: PretrainingModel, output_dir: Path) -> None:
    language_model = GPT2LMHeadModel(model.body.config)
    language_model.transformer = model.body
    language_model.tie_weights()
    language_model.save_pretrained(output_dir)


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
