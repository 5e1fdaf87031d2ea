"""What a training run does, as one file: the recipe.

Comes in: a YAML file written by a person. Goes out: a frozen Recipe. Unknown keys are errors.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sentinel.yaml_file import read_yaml

Share = Annotated[float, Field(ge=0, lt=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LabelFile(_Strict):
    """A file of labelled texts.

    Attributes:
        path: CSV with columns text and label, relative to the data directory.
        name: short name in tables.
        licence: as its publisher states it.
        source: where it comes from, for the model card.
    """

    path: Path
    name: str
    licence: str
    source: str


class CorpusFiles(_Strict):
    """Plain text for language-model pre-training.

    Attributes:
        path: Parquet files, relative to the data directory; a glob pattern.
        column: column with the text.
        share: part of the pre-training texts that should come from here, in (0, 1].
        licence: as its publisher states it.
        source: where it comes from, for the model card.
    """

    path: str
    column: str
    share: Annotated[float, Field(gt=0, le=1)]
    licence: str
    source: str


class Architecture(_Strict):
    """Shape of a GPT-2 trained from scratch."""

    vocab_size: Annotated[int, Field(ge=300, le=60_000)] = 8_192
    n_layer: Annotated[int, Field(ge=1, le=48)] = 4
    n_embd: Annotated[int, Field(ge=16, le=2_048)] = 256
    n_head: Annotated[int, Field(ge=1, le=32)] = 4

    @model_validator(mode="after")
    def _check_heads(self) -> Self:
        if self.n_embd % self.n_head:
            raise ValueError(f"n_embd {self.n_embd} is not a multiple of n_head {self.n_head}")
        return self


class Pretraining(_Strict):
    """Language-model pre-training. Lengths in tokens, rates per optimizer step."""

    corpora: tuple[CorpusFiles, ...]
    n_texts: Annotated[int, Field(ge=1)]
    held_out_texts: Annotated[int, Field(ge=1)] = 4_000
    epochs: Annotated[float, Field(gt=0)] = 1.0
    block_tokens: Annotated[int, Field(ge=8, le=1_024)] = 128
    batch_blocks: Annotated[int, Field(ge=1)] = 32
    learning_rate: Annotated[float, Field(gt=0)] = 2e-3
    warmup_steps: Annotated[int, Field(ge=0)] = 100
    compile_model: bool = False


class FineTuning(_Strict):
    """Supervised fine-tuning with early stopping on validation macro-F1."""

    epochs: Annotated[float, Field(gt=0)] = 6
    batch_texts: Annotated[int, Field(ge=1)] = 32
    learning_rate: Annotated[float, Field(gt=0)] = 3e-4
    weight_decay: Annotated[float, Field(ge=0)] = 0.01
    warmup_share: Share = 0.1
    label_smoothing: Share = 0.05
    dropout: Share = 0.1
    class_weight_power: Annotated[float, Field(ge=0, le=1)] = 0.5
    evaluations_per_epoch: Annotated[int, Field(ge=1)] = 2
    patience: Annotated[int, Field(ge=1)] = 4


class Recipe(_Strict):
    """A whole training run.

    Attributes:
        name: name of the resulting bundle.
        base: None to train a GPT-2 of ``architecture`` from scratch, else a bundle, a Hugging Face directory or a
            hub id such as "gpt2" whose weights and tokenizer are fine-tuned.
        labels: labelled files; a text that stands in several counts once, the first file's label wins.
        validation_share, test_share: parts of the labelled texts, chosen by hash of the normalised text.
        max_tokens: longest text the classifier reads.
        pretraining: required without a base, refused with one.
    """

    name: str
    seed: int = 17
    base: str | None = None
    labels: Annotated[tuple[LabelFile, ...], Field(min_length=1)]
    validation_share: Share = 0.1
    test_share: Share = 0.1
    max_tokens: Annotated[int, Field(ge=8, le=1_024)] = 96
    architecture: Architecture = Architecture()
    pretraining: Pretraining | None = None
    finetuning: FineTuning = FineTuning()


def load_recipe(path: Path) -> Recipe:
    """Read a recipe.

    Raises:
        ConfigError: the file is missing, not YAML, or a key is unknown or out of range.
    """
    file = read_yaml(path)
    try:
        return Recipe.model_validate(file.values)
    except ValidationError as error:
        raise file.error(error) from error
