"""Fine-tune a pre-trained model as a three-way sentiment classifier, and calibrate it.

Comes in: a directory or hub id with weights and tokenizer, and labelled texts with splits. Goes out: the best
model by validation macro-F1 and the temperature that fits the validation texts. Test texts are never read here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from sklearn.metrics import accuracy_score, f1_score
from transformers import DataCollatorWithPadding, EarlyStoppingCallback

from sentinel.errors import TrainingError
from sentinel.model.calibration import fit_temperature
from sentinel.model.pretrained import load_pretrained
from sentinel.model.training.arguments import last_checkpoint, training_arguments
from sentinel.model.training.datasets import class_weights, one_hot
from sentinel.model.training.trainer import TARGETS, TargetTrainer
from sentinel.records import LABELS

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from transformers import EvalPrediction, PreTrainedModel, PreTrainedTokenizerBase

    from sentinel.model.training.recipe import FineTuning, Lora


class _Texts(torch.utils.data.Dataset[dict[str, Any]]):
    """Tokenised texts with their targets."""

    def __init__(self, texts: list[str], targets: np.ndarray, tokenizer: PreTrainedTokenizerBase, max_tokens: int):
        rows = tokenizer(texts, truncation=True, max_length=max_tokens)["input_ids"]
        self.rows = [
            {"input_ids": row, TARGETS: target.tolist()}
            for row, target in zip(rows, np.asarray(targets, dtype=np.float32), strict=True)
        ]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return self.rows[index]


def finetune(
    base: str | Path,
    labelled: pd.DataFrame,
    *,
    settings: FineTuning,
    max_tokens: int,
    seed: int,
    output_dir: Path,
    targets: np.ndarray | None = None,
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase, float]:
    """Fine-tune with early stopping on validation macro-F1, then fit a temperature.

    Args:
        base: directory or hub id to start from.
        labelled: frame with text, label_id and split.
        settings: epochs, rates and regularisation.
        max_tokens: longest text read.
        seed: seed of the new head, dropout and order.
        output_dir: where checkpoints go.
        targets: float array of shape (n_training_texts, 3), rows sum to 1, columns in LABELS order, of the training
            texts in their order; None for their labels.

    Returns:
        Model, tokenizer and temperature (divide the logits by it before the softmax).

    Raises:
        ModelError: the base cannot be loaded.
    """
    torch.manual_seed(seed)
    model, tokenizer = load_three_way(base)
    set_dropout(model, settings.dropout)
    trained: Any = _with_adapters(model, settings.lora) if settings.lora is not None else model
    training = labelled[labelled["split"] == "train"]
    validation = labelled[labelled["split"] == "validation"]
    if targets is None:
        targets = one_hot(training["label_id"])
    validation_texts = _Texts(validation["text"].tolist(), one_hot(validation["label_id"]), tokenizer, max_tokens)
    trainer = TargetTrainer(
        weights=class_weights(training["label_id"].to_numpy(), power=settings.class_weight_power),
        label_smoothing=settings.label_smoothing,
        layer_decay=settings.layer_decay,
        model=trained,
        args=_arguments(settings, n_texts=len(training), seed=seed, output_dir=output_dir),
        train_dataset=_Texts(training["text"].tolist(), targets, tokenizer, max_tokens),
        eval_dataset=validation_texts,
        data_collator=DataCollatorWithPadding(tokenizer),
        compute_metrics=_metrics,
        callbacks=[EarlyStoppingCallback(settings.patience)],
    )
    trainer.train(resume_from_checkpoint=last_checkpoint(output_dir))
    predictions = trainer.predict(validation_texts)
    # In the order of the predictions: rows of one length are put together, so it is not that of the frame.
    temperature = fit_temperature(
        np.asarray(predictions.predictions), np.asarray(predictions.label_ids).argmax(axis=-1)
    )
    if settings.lora is not None:
        model = trained.merge_and_unload()
    return model, tokenizer, temperature


def _with_adapters(model: PreTrainedModel, lora: Lora) -> Any:
    """Freeze the model but for its head, and put adapters into every linear layer of its blocks."""
    try:
        from peft import LoraConfig, TaskType, get_peft_model
    except ImportError as error:
        raise TrainingError("LoRA needs one more package", hint="pip install 'sentinel-mood[train]'") from error
    return get_peft_model(
        model,
        LoraConfig(
            task_type=TaskType.SEQ_CLS,
            r=lora.rank,
            lora_alpha=lora.alpha,
            lora_dropout=lora.dropout,
            target_modules="all-linear",
            fan_in_fan_out=model.config.model_type == "gpt2",  # its Conv1D keeps weights transposed
        ),
    )


def load_three_way(base: str | Path) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Load a base in full precision as a classifier with LABELS; a head that the files lack is new.

    Raises:
        ModelError: it cannot be loaded.
    """
    model, tokenizer, _ = load_pretrained(
        base,
        local_files_only=False,
        num_labels=len(LABELS),
        id2label=dict(enumerate(LABELS)),
        label2id={label: position for position, label in enumerate(LABELS)},
        dtype=torch.float32,
    )
    return model, tokenizer


def move_towards(model: PreTrainedModel, base: str | Path, *, share: float) -> None:
    """Average a fine-tuned classifier, in place, with what it started from.

    Args:
        model: the classifier.
        base: directory or hub id of what it started from, a classifier with the same labels.
        share: of the base's weights, 0 to leave the model as it is.

    Raises:
        ModelError: the base cannot be loaded.
    """
    if share == 0:
        return
    started = load_three_way(base)[0].state_dict()
    with torch.no_grad():
        for name, weight in model.state_dict().items():
            weight.lerp_(started[name].to(weight), share)


def set_dropout(model: PreTrainedModel, share: float) -> None:
    """Set every dropout layer of a model to one share."""
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = share


def _arguments(settings: FineTuning, *, n_texts: int, seed: int, output_dir: Path) -> Any:
    steps_per_epoch = max(1, n_texts // (settings.batch_texts * settings.accumulation_steps))
    evaluation_steps = max(1, steps_per_epoch // settings.evaluations_per_epoch)
    return training_arguments(
        output_dir,
        seed=seed,
        num_train_epochs=settings.epochs,
        mixed_precision=settings.mixed_precision,
        per_device_train_batch_size=settings.batch_texts,
        gradient_accumulation_steps=settings.accumulation_steps,
        per_device_eval_batch_size=128,
        learning_rate=settings.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=round(settings.warmup_share * steps_per_epoch * settings.epochs),
        weight_decay=settings.weight_decay,
        max_grad_norm=1.0,
        train_sampling_strategy="group_by_length",
        logging_steps=evaluation_steps,
        eval_strategy="steps",
        eval_steps=evaluation_steps,
        save_strategy="steps",
        save_steps=evaluation_steps,
        load_best_model_at_end=True,
        metric_for_best_model="macro_f1",
        label_names=[TARGETS],
        remove_unused_columns=False,
    )


def _metrics(prediction: EvalPrediction) -> dict[str, float]:
    chosen = np.asarray(prediction.predictions).argmax(axis=-1)
    label_ids = np.asarray(prediction.label_ids).argmax(axis=-1)
    return {
        "accuracy": float(accuracy_score(label_ids, chosen)),
        "macro_f1": float(f1_score(label_ids, chosen, average="macro")),
    }
