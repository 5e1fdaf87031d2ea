"""What reached the place that a label is read from: attention rollout.

Comes in: each layer's attention. Goes out: after each layer, how much of that place came from each token.

Source: Abnar and Zuidema 2020, "Quantifying Attention Flow in Transformers": half of a layer is its residual path.
"""

from __future__ import annotations

import numpy as np


def roll_out(attention: np.ndarray, *, reader: int) -> np.ndarray:
    """Follow attention through the layers.

    Args:
        attention: float array of shape (n_layers, n_tokens, n_tokens), rows sum to 1.
        reader: token that the label is read from.

    Returns:
        float64 array of shape (n_layers, n_tokens), rows sum to 1: what that token holds after each layer.
    """
    n_layers, n_tokens, _ = attention.shape
    flow = np.eye(n_tokens)
    rows = np.empty((n_layers, n_tokens))
    for layer in range(n_layers):
        flow = (0.5 * attention[layer].astype(np.float64) + 0.5 * np.eye(n_tokens)) @ flow
        rows[layer] = flow[reader]
    return rows
