"""What a training run does, as one file: the recipe.

Comes in: a YAML file written by a person. Goes out: a frozen Recipe. Unknown keys are errors.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

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
        in_sentences: whether each text is taken apart into its sentences.
    """

    path: str
    column: str
    share: Annotated[float, Field(gt=0, le=1)]
    in_sentences: bool = False
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


class Encoder(_Strict):
    """A sentence encoder whose view of a text the language model learns too, and whose word vectors it starts from.

    Attributes:
        model: "package:NAME/FOLDER" for a model that a Python package carries, a directory, or a hub id.
        licence: as its publisher states it.
        source: where it comes from, for the model card.
        weight: what one unit of cosine distance between the two views costs beside a nat of a token.
        max_tokens: longest text it reads.
    """

    model: str
    licence: str
    source: str
    weight: Annotated[float, Field(ge=0)] = 5.0
    max_tokens: Annotated[int, Field(ge=8, le=512)] = 48


class Pretraining(_Strict):
    """Language-model pre-training. Lengths in tokens, rates per optimizer step.

    Attributes:
        n_texts: texts drawn from the corpora.
        domain_share: the part of each corpus, most like the labelled texts, that is drawn from.
        held_out_texts: texts that perplexity is measured on.
        batch_tokens: tokens of a batch, padding included.
        sampled_tokens: negatives that the loss of a batch compares its tokens with; 0 for the whole vocabulary.
        encoder: None to learn from the next token alone.
    """

    corpora: tuple[CorpusFiles, ...]
    n_texts: Annotated[int, Field(ge=1)]
    domain_share: Annotated[float, Field(gt=0, le=1)] = 1.0
    held_out_texts: Annotated[int, Field(ge=1)] = 4_000
    epochs: Annotated[float, Field(gt=0)] = 1.0
    batch_tokens: Annotated[int, Field(ge=64)] = 4_096
    learning_rate: Annotated[float, Field(gt=0)] = 2e-3
    warmup_steps: Annotated[int, Field(ge=0)] = 100
    sampled_tokens: Annotated[int, Field(ge=0)] = 1_024
    encoder: Encoder | None = None


class Lora(_Strict):
    """Low-rank adapters instead of training all weights (Hu et al. 2021); merged into the weights at the end."""

    rank: Annotated[int, Field(ge=1, le=512)] = 16
    alpha: Annotated[int, Field(ge=1)] = 32
    dropout: Share = 0.05


class FineTuning(_Strict):
    """Supervised fine-tuning with early stopping on validation macro-F1.

    Attributes:
        epochs: at most.
        batch_texts: texts of a forward pass on one device.
        accumulation_steps: forward passes of an optimizer step.
        layer_decay: each layer learns at this times the rate of the layer above it; 1 for one rate.
        mixed_precision: "auto" is bf16 where the device multiplies it in hardware, else full precision.
        start_share: how much of the weights that it started from is in the result: between the two lie weights that are
            better on texts of other kinds, and often on all (Wortsman et al. 2022, "Robust fine-tuning of zero-shot
            models"). What reads single names is not averaged.
        lora: None to train all weights.
    """

    epochs: Annotated[float, Field(gt=0)] = 6
    batch_texts: Annotated[int, Field(ge=1)] = 32
    accumulation_steps: Annotated[int, Field(ge=1)] = 1
    learning_rate: Annotated[float, Field(gt=0)] = 3e-4
    layer_decay: Annotated[float, Field(gt=0, le=1)] = 1.0
    weight_decay: Annotated[float, Field(ge=0)] = 0.01
    warmup_share: Share = 0.1
    label_smoothing: Share = 0.05
    dropout: Share = 0.1
    class_weight_power: Annotated[float, Field(ge=0, le=1)] = 0.5
    evaluations_per_epoch: Annotated[int, Field(ge=1)] = 2
    patience: Annotated[int, Field(ge=1)] = 4
    mixed_precision: Literal["auto", "bf16", "fp16", "no"] = "auto"
    start_share: Share = 0.0
    lora: Lora | None = None


class Augmentation(_Strict):
    """Texts made for training alone.

    Attributes:
        direction_texts: generated sentences in which a quantity moves, an expectation is met or not, or a fact is
            denied.
        news_texts: generated news of companies, economies and markets from whole frames.
        variations: copies of every labelled training text with other numbers, names, spelling or casing.
        identity_swaps: copies of every labelled, direction and news text about other countries, home regions, persons
            and company sizes, where it names any.
    """

    direction_texts: Annotated[int, Field(ge=0)] = 0
    news_texts: Annotated[int, Field(ge=0)] = 0
    variations: Annotated[int, Field(ge=0, le=10)] = 0
    identity_swaps: Annotated[int, Field(ge=0, le=10)] = 0


class Teacher(_Strict):
    """A model whose probabilities the student learns.

    Attributes:
        kind: "encoder" fine-tunes a pre-trained model; "linear" is TF-IDF with logistic regression.
        model: what an encoder starts from: "package:NAME/FOLDER", a directory, a hub id, or "base" for the base that
            the student starts from, too.
        seed: of the new head, the order and dropout.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    kind: Literal["encoder", "linear"] = "encoder"
    model: str | None = None
    licence: str = ""
    source: str = ""
    seed: int = 17
    finetuning: FineTuning = FineTuning()

    @model_validator(mode="after")
    def _check_model(self) -> Self:
        if (self.kind == "encoder") != (self.model is not None):
            raise ValueError("an encoder needs a model, and only an encoder")
        return self


class Distillation(_Strict):
    """The student learns what the teachers, fused by stacking, say of unlabelled texts.

    Attributes:
        teachers: at least one; several are fused by logistic regression on the validation rows.
        n_texts: texts of the pre-training corpora that the teachers label; 0 without pre-training.
        gold_repeats: how often the labelled training texts, augmented, stand among them; their target is the mean of
            label and teachers, here and in the fine-tuning that follows.
    """

    teachers: Annotated[tuple[Teacher, ...], Field(min_length=1)]
    n_texts: Annotated[int, Field(ge=0)] = 0
    gold_repeats: Annotated[int, Field(ge=0, le=20)] = 1
    epochs: Annotated[float, Field(gt=0)] = 1.0
    batch_tokens: Annotated[int, Field(ge=64)] = 2_048
    learning_rate: Annotated[float, Field(gt=0)] = 1e-3
    warmup_steps: Annotated[int, Field(ge=0)] = 100
    dropout: Share = 0.0

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        if len({teacher.name for teacher in self.teachers}) < len(self.teachers):
            raise ValueError("two teachers have one name")
        return self


class Companies(_Strict):
    """What the student learns about one name among several: the same network reads a headline with the name marked.

    Attributes:
        labels: files with a column ``entity`` besides: the name, as it stands in the text, that the label is for.
        generated_texts: made headlines with two names.
        teacher: an encoder that learns these rows alone; its probabilities are averaged with the labels. Its model may
            be "teacher:NAME", a teacher of the distillation to start from. None for the labels as they are.
    """

    labels: Annotated[tuple[LabelFile, ...], Field(min_length=1)]
    generated_texts: Annotated[int, Field(ge=0)] = 0
    teacher: Teacher | None = None


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
        augmentation: made texts for teachers, distillation and fine-tuning.
        student_augmentation: those for distillation and fine-tuning, where they should read others than the teachers;
            None for the same.
        finetuning_augmentation: those for fine-tuning, where it should read fewer than distillation; None for the same.
        distillation: None to go from the base to fine-tuning.
        companies: None for a model that reads whole headlines alone.
        stack: whether the bundle fuses the student with its teachers, instead of being the student alone.
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
    augmentation: Augmentation = Augmentation()
    student_augmentation: Augmentation | None = None
    finetuning_augmentation: Augmentation | None = None
    distillation: Distillation | None = None
    companies: Companies | None = None
    stack: bool = False
    finetuning: FineTuning = FineTuning()

    @model_validator(mode="after")
    def _check_stages(self) -> Self:
        if (self.base is None) == (self.pretraining is None):
            raise ValueError("give either base or pretraining, not both and not neither")
        if self.distillation is None and self.stack:
            raise ValueError("a stack needs distillation, which has the teachers")
        if self.distillation is not None and self.distillation.n_texts and self.pretraining is None:
            raise ValueError("distillation on unlabelled texts needs pretraining, which has the corpora")
        if self.finetuning.start_share and self.distillation is None:
            raise ValueError("start_share needs distillation, which has the head to average with")
        if self.companies is not None and self.stack:
            raise ValueError("the teachers of a stack read no marked names: leave out companies or stack")
        return self


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
