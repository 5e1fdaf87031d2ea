"""A second set of weights of one network, kept as what differs, in a byte a weight.

Comes in: the weights of a network and others of the same shapes. Goes out: a safetensors file, and from it and the
first weights the second. Invariant: no weight is off by more than half of a 127th of its row's largest difference.

Source: symmetric quantisation with one scale for each row, Jacob et al. 2018, "Quantization and Training of Neural
Networks for Efficient Integer-Arithmetic-Only Inference", section 2.1, with a zero point of 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from sentinel.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_SCALE = ".scale"
_STEPS = 127


def write_difference(path: Path, weights: Mapping[str, torch.Tensor], others: Mapping[str, torch.Tensor]) -> None:
    """Write what has to be added to some weights to get others.

    Args:
        path: the file.
        weights: by name, as they will be read.
        others: of the same names and shapes.
    """
    parts: dict[str, torch.Tensor] = {}
    for name, weight in weights.items():
        difference = others[name].float() - weight.float()
        rows = difference.reshape(len(difference), -1)
        scale = rows.abs().amax(dim=1).clamp(min=torch.finfo(torch.float32).tiny) / _STEPS
        parts[name] = (rows / scale[:, None]).round().to(torch.int8).reshape(difference.shape)
        parts[name + _SCALE] = scale
    save_file(parts, path)


def add_difference(path: Path, weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Make the other weights.

    Args:
        path: what ``write_difference`` has written.
        weights: those it was written for.

    Returns:
        float32 weights by name.

    Raises:
        ModelError: the file is damaged, or belongs to other weights.
    """
    try:
        parts = load_file(path)
    except (OSError, SafetensorError) as error:
        raise ModelError("cannot be read", where=str(path), hint="fetch the model again") from error
    if any(name not in parts or parts[name].shape != weight.shape for name, weight in weights.items()):
        raise ModelError("is the difference to another network", where=str(path), hint="fetch the model again")
    others = {}
    for name, weight in weights.items():
        scale = parts[name + _SCALE].reshape(-1, *[1] * (weight.dim() - 1))
        others[name] = weight.float() + parts[name].float() * scale
    return others
