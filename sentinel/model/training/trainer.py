"""The Trainer of both classifier stages: its targets are probabilities, of which a label is the surest kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from transformers import Trainer

if TYPE_CHECKING:
    import numpy as np

TARGETS = "targets"


class TargetTrainer(Trainer):
    """Trainer that may weigh classes and smooth targets, and whose lower layers may learn more slowly."""

    def __init__(
        self,
        *,
        weights: np.ndarray | None = None,
        label_smoothing: float = 0.0,
        layer_decay: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        class_weights = None if weights is None else torch.from_numpy(weights)
        self.loss = torch.nn.CrossEntropyLoss(class_weights, label_smoothing=label_smoothing)
        self._layer_decay = layer_decay
        self._trained: torch.nn.Module = kwargs["model"]

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        """Build AdamW, with a rate for each layer where the recipe asks for it."""
        if self.optimizer is None and self._layer_decay < 1:
            groups = layer_groups(self._trained, self.args.learning_rate, self.args.weight_decay, self._layer_decay)
            self.optimizer = torch.optim.AdamW(groups, betas=(self.args.adam_beta1, self.args.adam_beta2))
            return self.optimizer
        return super().create_optimizer() if model is None else super().create_optimizer(model)

    def compute_loss(  # type: ignore[override]  # arguments that only other trainers use are left to **_
        self,
        model: Any,
        inputs: Any,
        return_outputs: bool = False,  # noqa: FBT001, FBT002  # the base class's signature
        **_: Any,
    ) -> Any:
        """Compute the cross-entropy between targets of shape (n_texts, 3) and predictions of one batch."""
        targets = inputs.pop(TARGETS)
        outputs = model(**inputs)
        loss = self.loss.to(outputs.logits.device)(outputs.logits.float(), targets.float())
        return (loss, outputs) if return_outputs else loss


def layer_groups(model: torch.nn.Module, rate: float, weight_decay: float, layer_decay: float) -> list[dict[str, Any]]:
    """Give each layer of a transformer a learning rate of its own, the lower the smaller; biases do not decay.

    Args:
        model: a classifier whose layers stand in one ModuleList.
        rate: of the head.
        weight_decay: of matrices.
        layer_decay: rate of a layer over that of the layer above it; the embeddings are below the lowest.

    Returns:
        Parameter groups for an optimizer; each trained parameter stands in one.

    Source: Howard and Ruder 2018, "Universal Language Model Fine-tuning for Text Classification", section 3.2.
    """
    layers = max((module for module in model.modules() if isinstance(module, torch.nn.ModuleList)), key=len)
    height = {id(parameter): index + 1 for index, layer in enumerate(layers) for parameter in layer.parameters()}
    embedded = {
        id(parameter)
        for module in model.modules()
        if isinstance(module, torch.nn.Embedding)
        for parameter in module.parameters()
    }
    groups: dict[tuple[int, bool], list[torch.nn.Parameter]] = {}
    for parameter in model.parameters():
        if parameter.requires_grad:
            at = 0 if id(parameter) in embedded else height.get(id(parameter), len(layers) + 1)
            groups.setdefault((at, parameter.ndim > 1), []).append(parameter)
    return [
        {
            "params": parameters,
            "lr": rate * layer_decay ** (len(layers) + 1 - at),
            "weight_decay": weight_decay if is_matrix else 0.0,
        }
        for (at, is_matrix), parameters in groups.items()
    ]
