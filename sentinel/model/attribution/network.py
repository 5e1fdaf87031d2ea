"""A transformer that can be looked into: from token embeddings to logits with gradients, and its attention.

Comes in: a bundle. Goes out: a network in float32 on the CPU. Scoring has a faster network (``model.gpt2``), whose
kernels know no gradients; this one computes the same in plain torch. Whatever that one does not know is run by
transformers. Invariant: one text at a time, no padding, weights fixed.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Protocol

import torch
from torch.nn.functional import gelu, layer_norm, linear, scaled_dot_product_attention

from sentinel.errors import ModelError
from sentinel.model.gpt2 import read_shape, read_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sentinel.model.bundle import Bundle
    from sentinel.model.gpt2 import Shape


class Network(Protocol):
    """What an explanation needs of a model."""

    def embed(self, token_ids: torch.Tensor) -> torch.Tensor:
        """Give the embeddings of tokens, without their positions: (n_tokens) to (n_tokens, width)."""

    def logits(self, embedded: torch.Tensor) -> torch.Tensor:
        """Read embedded texts of one length: (n_texts, n_tokens, width) to (n_texts, 3), with gradients."""

    def attention(self, token_ids: torch.Tensor) -> torch.Tensor:
        """Give each layer's attention, mean over heads: (n_tokens) to (n_layers, n_tokens, n_tokens), rows sum to 1."""


def load_network(bundle: Bundle) -> Network:
    """Load the network of a bundle.

    Raises:
        ModelError: the bundle is no transformer, or cannot be loaded.
    """
    if bundle.kind != "transformer":
        raise ModelError(
            f"a {bundle.kind} model has no token embeddings that gradients lead to, so it cannot be explained",
            where=str(bundle.path),
            hint="explain one of the transformers in it" if bundle.kind == "stack" else "explain a transformer",
        )
    shape = read_shape(json.loads((bundle.path / "config.json").read_text(encoding="utf-8")))
    weights = read_weights(bundle.path, shape) if shape else None
    if shape is None or weights is None:
        return _PretrainedNetwork(bundle)
    return Gpt2Network(shape, weights)


class Gpt2Network:
    """A GPT-2 in plain torch."""

    def __init__(self, shape: Shape, weights: Mapping[str, torch.Tensor]) -> None:
        self._shape = shape
        self._weights = {name: _turned(name, weight.float()) for name, weight in weights.items()}

    def embed(self, token_ids: torch.Tensor) -> torch.Tensor:
        """Give the embeddings of tokens; (n_tokens, width)."""
        return self._weights["transformer.wte.weight"][token_ids]

    def logits(self, embedded: torch.Tensor) -> torch.Tensor:
        """Read embedded texts; (n_texts, 3)."""
        states = self._states(embedded, lambda _layer, query, key, value, scale: _attend(query, key, value, scale))
        return linear(self._norm(states[:, -1], "transformer.ln_f"), self._weights["score.weight"])

    @torch.no_grad()
    def attention(self, token_ids: torch.Tensor) -> torch.Tensor:
        """Give each layer's attention, mean over heads; (n_layers, n_tokens, n_tokens)."""
        seen: list[torch.Tensor] = []

        def attend(
            _layer: int, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, scale: float
        ) -> torch.Tensor:
            scores = (query @ key.transpose(-1, -2)) * scale  # (1, n_heads, n_tokens, n_tokens)
            hidden = torch.ones_like(scores, dtype=torch.bool).triu(1)
            weights = torch.softmax(scores.masked_fill(hidden, float("-inf")), dim=-1)
            seen.append(weights[0].mean(dim=0))
            return weights @ value

        self._states(self.embed(token_ids)[None], attend)
        return torch.stack(seen)

    def _states(self, embedded: torch.Tensor, attend: Callable[..., torch.Tensor]) -> torch.Tensor:
        n_texts, n_tokens, width = embedded.shape
        n_heads = self._shape.n_heads
        states = embedded + self._weights["transformer.wpe.weight"][:n_tokens]
        for number in range(self._shape.n_layers):
            name = f"transformer.h.{number}"
            attended = self._product(self._norm(states, f"{name}.ln_1"), f"{name}.attn.c_attn")
            parts = attended.view(n_texts, n_tokens, 3, n_heads, width // n_heads).permute(2, 0, 3, 1, 4)
            mixed = attend(number, *parts, self._shape.scales[number])  # (n_texts, n_heads, n_tokens, head)
            joined = mixed.transpose(1, 2).reshape(n_texts, n_tokens, width)
            states = states + self._product(joined, f"{name}.attn.c_proj")
            inner = gelu(
                self._product(self._norm(states, f"{name}.ln_2"), f"{name}.mlp.c_fc"),
                approximate=self._shape.gelu_form,
            )
            states = states + self._product(inner, f"{name}.mlp.c_proj")
        return states

    def _norm(self, states: torch.Tensor, name: str) -> torch.Tensor:
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        return layer_norm(states, weight.shape, weight, bias, self._shape.epsilon)

    def _product(self, rows: torch.Tensor, name: str) -> torch.Tensor:
        return linear(rows, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])


def _attend(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, scale: float) -> torch.Tensor:
    return scaled_dot_product_attention(query, key, value, is_causal=True, scale=scale)


def _turned(name: str, weight: torch.Tensor) -> torch.Tensor:
    """Turn the matrices of products, which GPT-2 stores as (n_in, n_out)."""
    is_product = ".attn." in name or ".mlp." in name
    return weight.t().contiguous() if is_product and weight.dim() == 2 else weight


class _PretrainedNetwork:
    """Any other transformer, as transformers runs it."""

    def __init__(self, bundle: Bundle) -> None:
        from sentinel.model.pretrained import load_pretrained  # imports transformers, which takes seconds

        model, _, missing = load_pretrained(
            bundle.path, local_files_only=True, dtype=torch.float32, attn_implementation="eager"
        )
        if missing:
            raise ModelError(f"its weights lack {min(missing)!r}", where=str(bundle.path), hint="fetch the model again")
        self._model = model.eval().requires_grad_(requires_grad=False)

    def embed(self, token_ids: torch.Tensor) -> torch.Tensor:
        """Give the embeddings of tokens; (n_tokens, width)."""
        embedded: torch.Tensor = self._model.get_input_embeddings()(token_ids)
        return embedded

    def logits(self, embedded: torch.Tensor) -> torch.Tensor:
        """Read embedded texts; (n_texts, 3)."""
        logits: torch.Tensor = self._model(inputs_embeds=embedded).logits
        return logits

    @torch.no_grad()
    def attention(self, token_ids: torch.Tensor) -> torch.Tensor:
        """Give each layer's attention, mean over heads; (n_layers, n_tokens, n_tokens)."""
        layers = self._model(inputs_embeds=self.embed(token_ids)[None], output_attentions=True).attentions
        return torch.stack([layer[0].mean(dim=0) for layer in layers])
