"""A GPT-2 classifier in plain torch: what a label needs and nothing else.

Comes in: a model directory with ``config.json`` and ``model.safetensors``, then batches. Goes out: logits. It is the
network of transformers' GPT2ForSequenceClassification without padding and without mask: texts stand one behind the
other in a batch, attention runs over texts of one length at a time, and the last layer's query and MLP and the final
norm are computed for each text's last token alone. A directory that says anything this module does not know is not
read by it, and transformers reads it instead. Invariant: each row of a result depends on the tokens of its text alone.

Source: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners"; the names of weights and settings
are those of Hugging Face's GPT2Config.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch.nn.functional import gelu, layer_norm, linear, scaled_dot_product_attention

from sentinel.records import LABELS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from sentinel.model.packing import Batch

WEIGHTS = "model.safetensors"
_GELU_FORMS = {"gelu": "none", "gelu_new": "tanh", "gelu_pytorch_tanh": "tanh"}
_FORMATS = ("float32", "bfloat16", "float16", None)
_FIXED = {
    "model_type": ("gpt2",),
    "architectures": (["GPT2ForSequenceClassification"],),
    "add_cross_attention": (False,),
    "is_encoder_decoder": (False,),
    "reorder_and_upcast_attn": (False,),
    "dtype": _FORMATS,
    "torch_dtype": _FORMATS,
}
"""Settings that would change the network, and the values with which it is the one below."""
_READ = {
    "activation_function", "layer_norm_epsilon", "n_embd", "n_head", "n_inner", "n_layer", "n_positions",
    "scale_attn_by_inverse_layer_idx", "scale_attn_weights", "vocab_size",
}  # fmt: skip
_WITHOUT_EFFECT = {
    "_name_or_path", "attn_pdrop", "bos_token_id", "classifier_dropout", "embd_pdrop", "eos_token_id",
    "finetuning_task", "gradient_checkpointing", "id2label", "initializer_range", "label2id", "n_ctx", "num_labels",
    "output_past", "pad_token_id", "problem_type", "resid_pdrop", "summary_activation", "summary_first_dropout",
    "summary_proj_to_labels", "summary_type", "summary_use_proj", "task_specific_params", "tie_word_embeddings",
    "transformers_version", "use_cache",
}  # fmt: skip
_FINAL_NORM = ("transformer.ln_f.weight", "transformer.ln_f.bias")
_WORKING_VALUES = 16
"""What a token takes while it is scored, in widths of the network: states, query, key and value, a MLP four wide."""


@dataclass(frozen=True)
class Shape:
    """What a configuration says of the network.

    Attributes:
        n_layers: layers.
        width: values of a token's state.
        n_heads: heads of attention.
        inner: values inside a MLP.
        n_positions: longest text in tokens.
        n_vocabulary: known tokens.
        epsilon: what keeps a norm from dividing by 0.
        gelu_form: torch's name for the activation's formula.
        scales: what each layer's attention multiplies its scores with.
    """

    n_layers: int
    width: int
    n_heads: int
    inner: int
    n_positions: int
    n_vocabulary: int
    epsilon: float
    gelu_form: str
    scales: tuple[float, ...]


def read_shape(config: Mapping[str, Any]) -> Shape | None:
    """Read a configuration.

    Args:
        config: what ``config.json`` holds.

    Returns:
        The network's shape, or None where the configuration says something that is not known here.
    """
    if not config.keys() <= _READ | _WITHOUT_EFFECT | _FIXED.keys() or config.get("model_type") != "gpt2":
        return None
    if any(config[name] not in values for name, values in _FIXED.items() if name in config):
        return None
    sizes = [config.get(name) for name in ("n_layer", "n_embd", "n_head", "n_positions", "vocab_size")]
    epsilon, activation = config.get("layer_norm_epsilon", 1e-5), config.get("activation_function", "gelu_new")
    if not all(type(size) is int and size > 0 for size in sizes) or not isinstance(epsilon, float):
        return None
    n_layers, width, n_heads, n_positions, n_vocabulary = (int(size) for size in sizes if size)
    inner = config.get("n_inner") or 4 * width
    if width % n_heads or type(inner) is not int or not isinstance(activation, str) or activation not in _GELU_FORMS:
        return None
    scale = (width // n_heads) ** -0.5 if config.get("scale_attn_weights", True) else 1.0
    by_layer = bool(config.get("scale_attn_by_inverse_layer_idx", False))
    return Shape(
        n_layers=n_layers,
        width=width,
        n_heads=n_heads,
        inner=inner,
        n_positions=n_positions,
        n_vocabulary=n_vocabulary,
        epsilon=epsilon,
        gelu_form=_GELU_FORMS[activation],
        scales=tuple(scale / (layer + 1 if by_layer else 1) for layer in range(n_layers)),
    )


def read_weights(path: Path, shape: Shape) -> dict[str, torch.Tensor] | None:
    """Read the weights of a network.

    Args:
        path: the model directory.
        shape: what its configuration says.

    Returns:
        Every weight by its name, or None where the file is missing or damaged, or lacks one or has one of another
        shape.
    """
    try:
        found = load_file(path / WEIGHTS)
    except (OSError, SafetensorError):
        return None
    expected = _sizes(shape)
    if any(name not in found or tuple(found[name].shape) != size for name, size in expected.items()):
        return None
    return {name: found[name] for name in expected}


def _sizes(shape: Shape) -> dict[str, tuple[int, ...]]:
    """Give the size of every weight by its name; those of products are (n_in, n_out)."""
    width, inner = shape.width, shape.inner
    layer: dict[str, tuple[int, ...]] = {}
    for norm in ("ln_1", "ln_2"):
        layer |= {f"{norm}.weight": (width,), f"{norm}.bias": (width,)}
    products = {"attn.c_attn": (width, 3 * width), "attn.c_proj": (width, width)}
    products |= {"mlp.c_fc": (width, inner), "mlp.c_proj": (inner, width)}
    for name, size in products.items():
        layer |= {f"{name}.weight": size, f"{name}.bias": size[1:]}
    sizes: dict[str, tuple[int, ...]] = {
        "transformer.wte.weight": (shape.n_vocabulary, width),
        "transformer.wpe.weight": (shape.n_positions, width),
        **dict.fromkeys(_FINAL_NORM, (width,)),
        "score.weight": (len(LABELS), width),
    }
    for number in range(shape.n_layers):
        sizes |= {f"transformer.h.{number}.{name}": size for name, size in layer.items()}
    return sizes


def bytes_per_token(shape: Shape, dtype: torch.dtype) -> int:
    """Tell what a token takes while it is scored."""
    return (_WORKING_VALUES * shape.width + 2 * shape.inner) * dtype.itemsize


class Gpt2:
    """A loaded network.

    Attributes:
        device: where it is.
    """

    def __init__(
        self, shape: Shape, weights: Mapping[str, torch.Tensor], *, device: torch.device, dtype: torch.dtype
    ) -> None:
        self.device = device
        kept = {name: weight.to(device, dtype) for name, weight in weights.items()}
        self._tokens, self._positions = kept["transformer.wte.weight"], kept["transformer.wpe.weight"]
        self._layers = [_Layer(shape, number, kept) for number in range(shape.n_layers)]
        # The last steps cost nothing, so they are computed as exactly as the weights are given.
        last = {name: weights[name].to(device, torch.float32) for name in (*_FINAL_NORM, "score.weight")}
        self._final_norm, self._score = _Norm(shape, last, "transformer.ln_f"), last["score.weight"]

    def logits(self, batch: Batch) -> torch.Tensor:
        """Compute the logits of a batch.

        Args:
            batch: the texts.

        Returns:
            float32 tensor of shape (n_slots, 3) on the device; rows behind the batch's texts mean nothing.
        """
        token_ids, positions, last_rows = (
            self._sent(ids) for ids in (batch.token_ids, batch.positions, batch.last_rows)
        )
        states = self._tokens[token_ids] + self._positions[positions]  # (budget, width)
        for layer in self._layers[:-1]:
            states = layer.all_rows(states, batch.groups)
        states = self._layers[-1].last_rows(states, batch.groups, last_rows)  # (n_slots, width)
        return linear(self._final_norm(states.float()), self._score)

    def _sent(self, array: Any) -> torch.Tensor:
        tensor = torch.from_numpy(array)
        if self.device.type == "cpu":
            return tensor
        return tensor.pin_memory().to(self.device, non_blocking=True)  # so that copies do not wait for the last batch


class _Layer:
    def __init__(self, shape: Shape, number: int, weights: Mapping[str, torch.Tensor]) -> None:
        name, width = f"transformer.h.{number}", shape.width
        self._width, self._n_heads, self._scale = width, shape.n_heads, shape.scales[number]
        self._norm_1, self._norm_2 = (_Norm(shape, weights, f"{name}.{norm}") for norm in ("ln_1", "ln_2"))
        weight, bias = weights[f"{name}.attn.c_attn.weight"], weights[f"{name}.attn.c_attn.bias"]
        if number < shape.n_layers - 1:
            self._attended = _product(weight, bias)
        else:
            self._query = _product(weight[:, :width], bias[:width])
            self._key_value = _product(weight[:, width:], bias[width:])
        self._mixed, self._expanded, self._contracted = (
            _product(weights[f"{name}.{part}.weight"], weights[f"{name}.{part}.bias"], form)
            for part, form in (("attn.c_proj", ""), ("mlp.c_fc", shape.gelu_form), ("mlp.c_proj", ""))
        )

    def all_rows(self, states: torch.Tensor, groups: tuple[tuple[int, int], ...]) -> torch.Tensor:
        """Give the next states of all tokens; (budget, width)."""
        attended = self._attended(self._norm_1(states))  # (budget, 3 * width)
        mixed = torch.zeros_like(states)
        start = 0
        for n_texts, length in groups:
            rows = slice(start, start + n_texts * length)
            query, key, value = self._heads(attended[rows], n_texts, length)
            seen = scaled_dot_product_attention(query, key, value, is_causal=True, scale=self._scale)
            self._heads(mixed[rows], n_texts, length)[0].copy_(seen)
            start = rows.stop
        return self._fed_forward(states + self._mixed(mixed))

    def last_rows(
        self, states: torch.Tensor, groups: tuple[tuple[int, int], ...], last_rows: torch.Tensor
    ) -> torch.Tensor:
        """Give the next states of each text's last token, which reads all of its text; (n_slots, width)."""
        normed = self._norm_1(states)
        key_value = self._key_value(normed)  # (budget, 2 * width)
        queries = self._query(normed[last_rows])  # (n_slots, width)
        mixed = torch.zeros_like(queries)
        start = first = 0
        for n_texts, length in groups:
            rows, texts = slice(start, start + n_texts * length), slice(first, first + n_texts)
            key, value = self._heads(key_value[rows], n_texts, length)
            query = self._heads(queries[texts], n_texts, 1)[0]
            self._heads(mixed[texts], n_texts, 1)[0].copy_(_attend_once(query, key, value, self._scale))
            start, first = rows.stop, texts.stop
        return self._fed_forward(states[last_rows] + self._mixed(mixed))

    def _heads(self, rows: torch.Tensor, n_texts: int, length: int) -> torch.Tensor:
        """View rows by heads; (n_parts, n_texts, n_heads, length, width of a head)."""
        n_parts = rows.shape[1] // self._width
        by_head = rows.view(n_texts, length, n_parts, self._n_heads, self._width // self._n_heads)
        return by_head.permute(2, 0, 3, 1, 4)

    def _fed_forward(self, states: torch.Tensor) -> torch.Tensor:
        return states + self._contracted(self._expanded(self._norm_2(states)))


def _attend_once(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, scale: float) -> torch.Tensor:
    """Let one token of each text read all of it; (n_texts, n_heads, 1, width of a head).

    Product by product: for a single query torch's own kernels divide the work by the number of texts, and round so.
    """
    scores = (query * key).sum(dim=-1, dtype=torch.float32) * scale  # (n_texts, n_heads, length)
    weights = torch.softmax(scores, dim=-1).to(value.dtype)
    return (weights[..., None] * value).sum(dim=-2, keepdim=True)


class _Norm:
    def __init__(self, shape: Shape, weights: Mapping[str, torch.Tensor], name: str) -> None:
        self._weight, self._bias, self._epsilon = weights[f"{name}.weight"], weights[f"{name}.bias"], shape.epsilon

    def __call__(self, states: torch.Tensor) -> torch.Tensor:
        return layer_norm(states, self._weight.shape, self._weight, self._bias, self._epsilon)


def _product(weight: torch.Tensor, bias: torch.Tensor, gelu_form: str = "") -> Callable[[torch.Tensor], torch.Tensor]:
    """Build a product with a matrix, followed by GELU where its form is given.

    On a CPU oneDNN lays the matrix out for its kernels once and applies GELU as it writes: a fifth faster.

    Args:
        weight: of shape (n_in, n_out).
        bias: of shape (n_out,).
        gelu_form: "tanh", "none" (the exact one), or "" for no activation.

    Returns:
        A function of a tensor of shape (n_rows, n_in).
    """
    turned = weight.t().contiguous()
    if _has_packed_products(weight):
        packed = torch.ops.mkldnn._reorder_linear_weight(turned)  # noqa: SLF001  # torch has no public name for it
        multiply = torch.ops.mkldnn._linear_pointwise  # noqa: SLF001  # nor for this
        name = "gelu" if gelu_form else "none"
        return lambda rows: multiply(rows, packed, bias, name, [], gelu_form)
    if gelu_form:
        return lambda rows: gelu(linear(rows, turned, bias), approximate=gelu_form)
    return lambda rows: linear(rows, turned, bias)


def _has_packed_products(weight: torch.Tensor) -> bool:
    if weight.device.type != "cpu" or not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    if weight.dtype != torch.float32 and not torch.ops.mkldnn._is_mkldnn_bf16_supported():  # noqa: SLF001  # as above
        return False
    return torch.backends.cpu.get_cpu_capability().startswith("AVX")
