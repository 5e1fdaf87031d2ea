"""Share a polarity out over the tokens of a text: integrated gradients. The door to captum.

Comes in: a network and token ids. Goes out: a number per token, which sum to the polarity less that of an empty
reference, up to an error that is told. Source: Sundararajan, Taly and Yan 2017, "Axiomatic Attribution for Deep
Networks"; completeness is their proposition 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from captum.attr import IntegratedGradients

from sentinel.model.calibration import FIXED_NORM, LEAST_PROBABILITY

if TYPE_CHECKING:
    from sentinel.model.attribution.network import Network
    from sentinel.model.bundle import Bundle

N_STEPS = 48
INTEGRAL = "riemann_trapezoid"
"""Steps of the integral and its rule; ``docs/experiments.md`` has what others miss."""


class Shares(NamedTuple):
    """A polarity, shared out.

    Attributes:
        polarity: of the text, -1 to 1.
        reference: polarity of the reference, where every word is blank.
        of_tokens: float64 array of shape (n_tokens,).
        error: sum of the shares less (polarity - reference): what the numerical integral misses.
    """

    polarity: float
    reference: float
    of_tokens: np.ndarray
    error: float


def polarities(logits: torch.Tensor, bundle: Bundle) -> torch.Tensor:
    """Turn logits into polarities as they are published, with gradients.

    Args:
        logits: of shape (n_texts, 3), in the model's order.
        bundle: whose temperature and calibration apply.

    Returns:
        P(positive) - P(negative), of shape (n_texts,).

    Source: ``Calibration.apply``, here for tensors.
    """
    logs = torch.log_softmax(logits[:, list(bundle.column_of_label)] / bundle.temperature, dim=-1)
    logs = logs.clamp(min=float(np.log(LEAST_PROBABILITY)))
    centred = logs - logs.mean(dim=-1, keepdim=True)
    norms = centred.norm(dim=-1, keepdim=True).clamp(min=LEAST_PROBABILITY)
    bent = centred * (norms / FIXED_NORM) ** bundle.calibration.exponent / bundle.calibration.temperature
    probabilities = torch.softmax(bent, dim=-1)
    return probabilities[:, 2] - probabilities[:, 0]


def share_out(network: Network, token_ids: list[int], blank_ids: list[int], bundle: Bundle) -> Shares:
    """Share the polarity of a text out over its tokens.

    Args:
        network: the bundle's network.
        token_ids: the text.
        blank_ids: the reference, as long as the text.
        bundle: whose calibration applies.

    Returns:
        The polarity and what each token adds to that of the reference.
    """
    embedded, blank = (network.embed(torch.tensor(ids))[None].detach() for ids in (token_ids, blank_ids))
    gradients = IntegratedGradients(lambda states: polarities(network.logits(states), bundle))
    given = gradients.attribute(embedded, baselines=blank, n_steps=N_STEPS, method=INTEGRAL)
    of_tokens = given[0].detach().double().sum(dim=-1).numpy()
    with torch.no_grad():
        ends = polarities(network.logits(torch.cat([embedded, blank])), bundle).double().numpy()
    polarity, reference = float(ends[0]), float(ends[1])
    return Shares(polarity, reference, of_tokens, float(of_tokens.sum()) - (polarity - reference))
