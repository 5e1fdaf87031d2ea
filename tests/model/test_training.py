from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import torch
import transformers
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.errors import CanaryError, ConfigError, ModelError, TrainingError
from sentinel.model.bundle import MANIFEST, load_bundle
from sentinel.model.classifier import Classifier
from sentinel.model.training import finetune as finetune_module
from sentinel.model.training import run as run_module
from sentinel.model.training.arguments import CHECKPOINTS, last_checkpoint
from sentinel.model.training.batches import same_length_batches
from sentinel.model.training.card import CARD
from sentinel.model.training.corpora import read_corpora
from sentinel.model.training.datasets import class_weights, one_hot, read_labelled, split_of
from sentinel.model.training.pretrain import PretrainingModel, pretrain
from sentinel.model.training.recipe import CorpusFiles, FineTuning, LabelFile, Lora, load_recipe
from sentinel.model.training.run import STAGE_FACTS, run_recipe
from sentinel.model.training.tokenizer import END_OF_TEXT, train_tokenizer
from sentinel.model.training.trainer import layer_groups
from sentinel.records import LABELS
from sentinel.text import classifier_text, fingerprint

from . import tiny_training
from .bundles import edit_json, read_headlines
from .tiny_training import TINY, tiny_recipe, write_data

if TYPE_CHECKING:
    from collections.abc import Sequence

REPOSITORY = Path(__file__).parent.parent.parent
GOOD_NEWS = "Greyling shares soar as quarterly profit beats expectations"


# Recipe


def _write_recipe(path: Path, values: dict[str, Any]) -> Path:
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    return path


def test_recipe_is_read_from_yaml(tmp_path: Path) -> None:
    assert load_recipe(_write_recipe(tmp_path / "recipe.yaml", TINY)) == tiny_recipe()


@pytest.mark.parametrize("path", sorted((REPOSITORY / "recipes").glob("*.yaml")), ids=lambda path: path.name)
def test_shipped_recipe_is_valid(path: Path) -> None:
    assert load_recipe(path).labels


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epoch": 3}, "recipe.yaml line 1, epoch: unknown key (check the spelling)"),
        ({"finetuning": {"epoch": 3}}, "recipe.yaml line 2, finetuning.epoch: unknown key"),
        ({"seed": "many"}, "input should be a valid integer"),
        ({"labels": []}, "at least one entry"),
        ({"validation_share": 1.5}, "less than 1"),
        ({"finetuning": {"batch_texts": 0}}, "greater than or equal to 1"),
        ({"architecture": {"n_embd": 33, "n_head": 2}}, "n_embd 33 is not a multiple of n_head 2"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_recipe_with_a_wrong_key_or_value_gives_one_line(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    path = _write_recipe(tmp_path / "recipe.yaml", changes | {k: v for k, v in TINY.items() if k not in changes})
    text = path.read_text(encoding="utf-8")
    first = yaml.safe_dump(changes)  # the changed key comes first, so that its line is known
    path.write_text(first + text.replace(first, ""), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_recipe(path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


# Labelled texts


def _label_file(
    path: Path, rows: Sequence[tuple[str, str]], *, columns: tuple[str, str] = ("text", "label")
) -> LabelFile:
    pd.DataFrame(rows, columns=list(columns)).to_csv(path, index=False)
    return LabelFile(path=Path(path.name), name=path.stem, licence="CC0", source="invented")


def _read(files: Sequence[LabelFile], data_dir: Path) -> pd.DataFrame:
    return read_labelled(files, data_dir, validation_share=0.2, test_share=0.2)[0]


def test_split_has_the_shares_asked_for() -> None:
    splits = pd.Series([split_of(f"headline {n}", validation_share=0.1, test_share=0.2) for n in range(5_000)])
    shares = splits.value_counts(normalize=True)
    assert shares["test"] == pytest.approx(0.2, abs=0.02)
    assert shares["validation"] == pytest.approx(0.1, abs=0.02)


def test_split_puts_every_spelling_of_a_headline_on_one_side(tmp_path: Path) -> None:
    texts = [f"Oxmead Rail posts loss number {n}" for n in range(60)]
    plain = _read([_label_file(tmp_path / "a.csv", [(text, "negative") for text in texts])], tmp_path)
    shouted = [(f"<b>{text.upper()}!</b> https://example.com/{n}", "negative") for n, text in enumerate(texts)]
    again = _read([_label_file(tmp_path / "b.csv", shouted)], tmp_path)
    assert set(plain["split"]) == {"train", "validation", "test"}
    assert plain["split"].tolist() == again["split"].tolist()


def test_labelled_texts_stand_once_and_keep_the_first_label(tmp_path: Path) -> None:
    first = _label_file(tmp_path / "a.csv", [("Oxmead rises", "positive"), ("oxmead RISES!", "neutral")])
    second = _label_file(tmp_path / "b.csv", [("Oxmead  rises.", "negative"), ("Oxmead falls", "negative")])
    labelled = _read([first, second], tmp_path)
    assert labelled[["text", "label", "label_id", "source"]].to_numpy().tolist() == [
        ["Oxmead rises", "positive", 2, "a"],
        ["Oxmead falls", "negative", 0, "b"],
    ]
    assert labelled["fingerprint"].is_unique


def test_adding_a_file_never_moves_a_text(tmp_path: Path) -> None:
    first = _label_file(tmp_path / "a.csv", [(f"Oxmead headline {n}", "neutral") for n in range(50)])
    other = _label_file(tmp_path / "b.csv", [(f"OXMEAD headline {n}!", "negative") for n in range(25, 90)])
    alone = _read([first], tmp_path).set_index("fingerprint")["split"]
    for files in ([first, other], [other, first]):
        together = _read(files, tmp_path).set_index("fingerprint")["split"]
        assert together[alone.index].tolist() == alone.tolist()
        assert len(together) == 90


def test_rows_without_text_or_known_label_are_left_out(tmp_path: Path) -> None:
    rows = [
        ("Oxmead rises", "positive"),
        ("", "neutral"),
        ("!!!", "neutral"),
        ("Oxmead falls", "bad"),
        ("NA", "neutral"),
    ]
    assert _read([_label_file(tmp_path / "a.csv", rows)], tmp_path)["text"].tolist() == ["Oxmead rises", "NA"]


def test_facts_tell_what_was_read(tmp_path: Path) -> None:
    file = _label_file(tmp_path / "a.csv", [("Oxmead rises", "positive"), ("Oxmead falls", "bad")])
    _, (facts,) = read_labelled([file], tmp_path, validation_share=0, test_share=0)
    assert (facts.name, facts.n_texts, facts.licence, facts.source, len(facts.sha256)) == (
        "a",
        1,
        "CC0",
        "invented",
        64,
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file (give the data directory with --data)"),
        (b"", "cannot be read as CSV"),
        (b"text,label\n\xff\xfe,neutral\n", "cannot be read as CSV"),
        (b"headline,label\nOxmead rises,positive\n", "lacks the column 'text'"),
        (b"text,tag\nOxmead rises,positive\n", "lacks the column 'label'"),
        (b"text,label\nOxmead rises,2\n", "no row has a label among negative, neutral, positive"),
    ],
)
def test_label_file_that_cannot_be_used_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(TrainingError) as caught:
        _read([LabelFile(path=Path("a.csv"), name="a", licence="CC0", source="invented")], tmp_path)
    assert message in str(caught.value)
    assert caught.value.where == str(tmp_path / "a.csv")


# Corpora


def _corpus(path: Path, texts: Sequence[Any], *, share: float = 1.0, column: str = "title") -> CorpusFiles:
    pd.DataFrame({column: list(texts)}).to_parquet(path)
    return CorpusFiles(path=path.name, column="title", share=share, licence="CC0", source="invented")


def test_corpora_give_each_its_share_without_repeats(tmp_path: Path) -> None:
    large = _corpus(tmp_path / "a.parquet", [f"Lantry headline {n}" for n in range(200)] * 2, share=0.75)
    small = _corpus(tmp_path / "b.parquet", [f"Quenby headline {n}" for n in range(200)], share=0.25)
    texts, facts = read_corpora([large, small], tmp_path, n_texts=100, excluded=set(), seed=1)
    assert len(set(texts)) == len(texts) == 100
    assert sum(text.startswith("Lantry") for text in texts) == 75
    assert [fact.n_texts for fact in facts] == [75, 25]


def test_corpora_are_drawn_by_seed(tmp_path: Path) -> None:
    corpus = _corpus(tmp_path / "a.parquet", [f"Lantry headline {n}" for n in range(50)])
    draws = [read_corpora([corpus], tmp_path, n_texts=20, excluded=set(), seed=seed)[0] for seed in (1, 1, 2)]
    assert draws[0] == draws[1] != draws[2]


def test_corpora_exclude_held_out_texts_however_they_are_written(tmp_path: Path) -> None:
    texts = [f"Lantry headline {n}" for n in range(40)]
    corpus = _corpus(tmp_path / "a.parquet", [*(f"<i>{text.upper()}</i>!!" for text in texts), None, "", "..."])
    drawn, _ = read_corpora([corpus], tmp_path, n_texts=99, excluded={fingerprint(text) for text in texts[:30]}, seed=1)
    assert {fingerprint(text) for text in drawn} == {fingerprint(text) for text in texts[30:]}
    assert all(text == classifier_text(text) for text in drawn)


def test_corpus_files_are_found_by_pattern(tmp_path: Path) -> None:
    _corpus(tmp_path / "wire_1.parquet", ["Lantry rises"])
    _corpus(tmp_path / "wire_2.parquet", ["Lantry falls"])
    corpus = CorpusFiles(path="wire_*.parquet", column="title", share=1, licence="CC0", source="invented")
    texts, (facts,) = read_corpora([corpus], tmp_path, n_texts=9, excluded=set(), seed=1)
    assert sorted(texts) == ["Lantry falls", "Lantry rises"]
    assert facts.name == "wire_*.parquet"


@pytest.mark.parametrize("pattern", ["none_*.parquet", "", "/etc/*.parquet"])
def test_corpus_pattern_that_matches_nothing_is_refused(tmp_path: Path, pattern: str) -> None:
    corpus = CorpusFiles(path=pattern, column="title", share=1, licence="CC0", source="invented")
    with pytest.raises(TrainingError, match=r"no file matches|not a pattern of files in the data directory"):
        read_corpora([corpus], tmp_path, n_texts=9, excluded=set(), seed=1)


def test_corpus_without_its_column_is_named(tmp_path: Path) -> None:
    corpus = _corpus(tmp_path / "a.parquet", ["Lantry rises"], column="headline")
    with pytest.raises(TrainingError, match=r"a\.parquet: lacks the column 'title'"):
        read_corpora([corpus], tmp_path, n_texts=9, excluded=set(), seed=1)


@pytest.mark.parametrize("content", [b"title\nLantry rises\n", b""])
def test_corpus_that_is_not_parquet_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.parquet").write_bytes(content)
    corpus = CorpusFiles(path="a.parquet", column="title", share=1, licence="CC0", source="invented")
    with pytest.raises(TrainingError, match=r"a\.parquet: cannot be read as Parquet"):
        read_corpora([corpus], tmp_path, n_texts=9, excluded=set(), seed=1)


def test_corpus_of_something_else_than_text_is_named(tmp_path: Path) -> None:
    corpus = _corpus(tmp_path / "a.parquet", [{"text": "Lantry rises"}])
    with pytest.raises(TrainingError, match=r"a\.parquet: cannot be read as Parquet"):
        read_corpora([corpus], tmp_path, n_texts=9, excluded=set(), seed=1)


def test_corpus_in_sentences_gives_each_sentence_without_dateline(tmp_path: Path) -> None:
    paragraph = (
        "LONDON (Reuters) - Oxmead Inc. said on Monday that profit rose 3.5 percent. Shares fell after the news. Bad."
    )
    pd.DataFrame({"title": [paragraph]}).to_parquet(tmp_path / "a.parquet")
    corpus = CorpusFiles(path="a.parquet", column="title", share=1, licence="CC0", source="invented", in_sentences=True)
    texts, _ = read_corpora([corpus], tmp_path, n_texts=9, excluded=set(), seed=1)
    assert sorted(texts) == [
        "Oxmead Inc. said on Monday that profit rose 3.5 percent.",
        "Shares fell after the news.",
    ]


def test_corpus_is_drawn_from_what_is_most_like_the_domain(tmp_path: Path) -> None:
    news = [f"Lantry profit rises {n} percent" for n in range(50)]
    sport = [f"Quenby wins match number {n}" for n in range(50)]
    corpus = _corpus(tmp_path / "a.parquet", [text for pair in zip(news, sport, strict=True) for text in pair])
    domain = ["oxmead profit falls 3 percent", "shares of oxmead rise"]
    texts, _ = read_corpora([corpus], tmp_path, n_texts=99, excluded=set(), seed=1, domain=domain, domain_share=0.5)
    assert sorted(texts) == sorted(news)


# Weights


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("counts", [(10, 60, 30), (1, 1, 1), (0, 5, 95)])
def test_class_weights_have_mean_one_over_the_rows(power: float, counts: tuple[int, int, int]) -> None:
    label_ids = np.repeat([0, 1, 2], counts)
    weights = class_weights(label_ids, power=power)
    assert weights.dtype == np.float32
    assert weights[label_ids].mean() == pytest.approx(1.0)


def test_class_weights_follow_the_inverse_frequency_to_the_power() -> None:
    label_ids = np.repeat([0, 1, 2], (1, 4, 16))
    assert class_weights(label_ids, power=0.0).tolist() == [1, 1, 1]
    half, full = class_weights(label_ids, power=0.5), class_weights(label_ids, power=1.0)
    assert (half / half[2]).tolist() == pytest.approx([4, 2, 1])
    assert (full / full[2]).tolist() == pytest.approx([16, 4, 1])


# Tokenizer and pre-training


@pytest.mark.parametrize("n_words", [1, 3, 10, 500])
def test_tokenizer_ends_each_text_with_end_of_text_even_when_it_is_cut(n_words: int) -> None:
    tokenizer = train_tokenizer(read_headlines(), vocab_size=400, max_tokens=12)
    tokens = tokenizer("Oxmead " * n_words, truncation=True)["input_ids"]
    assert tokens[-1] == tokenizer.convert_tokens_to_ids(END_OF_TEXT) == tokenizer.eos_token_id
    assert tokens.count(tokenizer.eos_token_id) == 1
    assert len(tokens) <= 12
    assert len(tokens) == 12 or n_words < 10


@settings(deadline=None, max_examples=50)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_tokenizer_round_trips_any_text(text: str) -> None:
    tokenizer = _trained_tokenizer()
    decoded = tokenizer.decode(tokenizer(text, add_special_tokens=False)["input_ids"])
    assert decoded.removeprefix(" ") == text.removeprefix(" ")


_TOKENIZERS: list[Any] = []


def _trained_tokenizer() -> Any:
    if not _TOKENIZERS:
        _TOKENIZERS.append(train_tokenizer(read_headlines(), vocab_size=400, max_tokens=512))
    return _TOKENIZERS[0]


def test_tokenizer_has_the_size_asked_for_and_all_bytes() -> None:
    tokenizer = _trained_tokenizer()
    assert len(tokenizer) == 400
    assert tokenizer.unk_token is None
    assert tokenizer.pad_token_id != tokenizer.eos_token_id
    assert tokenizer.padding_side == "right"


def _pretrain(texts: list[str], output_dir: Path, **changes: Any) -> dict[str, float]:
    recipe = tiny_recipe(pretraining=TINY["pretraining"] | changes)
    assert recipe.pretraining is not None
    return pretrain(
        texts, settings=recipe.pretraining, shape=recipe.architecture, max_tokens=30, seed=1, output_dir=output_dir
    )


def test_pretraining_reads_every_token_of_the_texts_that_are_not_held_out(tmp_path: Path) -> None:
    texts = [f"{headline} {n}" for n in range(3) for headline in read_headlines()]
    figures = _pretrain(texts, tmp_path, held_out_texts=10)
    tokenizer = finetune_module.load_pretrained(tmp_path, local_files_only=True, num_labels=3)[1]
    n_tokens = sum(len(tokenizer(text, truncation=True)["input_ids"]) for text in texts[:-10])
    assert figures["n_tokens"] == n_tokens
    assert figures["held_out_perplexity"] == pytest.approx(np.exp(figures["held_out_loss"]))
    assert 1 < figures["held_out_perplexity"] < len(tokenizer)


@pytest.mark.parametrize("n_texts", [0, 1])
def test_pretraining_on_too_few_texts_is_refused(tmp_path: Path, n_texts: int) -> None:
    with pytest.raises(TrainingError, match=f"{n_texts} texts are too few to train on"):
        _pretrain(read_headlines()[:n_texts], tmp_path)


def test_pretrained_directory_is_the_language_model_that_was_measured(tmp_path: Path) -> None:
    texts = [f"{headline} {n}" for n in range(3) for headline in read_headlines()]
    figures = _pretrain(texts, tmp_path, held_out_texts=10)
    model = transformers.GPT2LMHeadModel.from_pretrained(tmp_path).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path)
    total, n_tokens = 0.0, 0
    for text in texts[-10:]:
        tokens = torch.tensor([tokenizer(text, truncation=True)["input_ids"]])
        with torch.inference_mode():
            loss = float(model(input_ids=tokens, labels=tokens).loss)
        total, n_tokens = total + loss * (tokens.shape[1] - 1), n_tokens + tokens.shape[1] - 1
    assert figures["held_out_loss"] == pytest.approx(total / n_tokens, rel=1e-4)


def _pretraining_model(*, n_sampled: int) -> PretrainingModel:
    torch.manual_seed(2)
    config = transformers.GPT2Config(
        vocab_size=50,
        n_positions=16,
        n_layer=1,
        n_embd=16,
        n_head=2,
        bos_token_id=0,
        eos_token_id=0,
        embd_pdrop=0,
        attn_pdrop=0,
        resid_pdrop=0,
    )
    return PretrainingModel(config, counts=np.arange(50.0), n_sampled=n_sampled, view_width=4, view_weight=2.0)


def test_sampled_loss_is_on_average_near_the_loss_over_the_whole_vocabulary() -> None:
    tokens = torch.randint(0, 50, (8, 12), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        full = float(_pretraining_model(n_sampled=0)(tokens)["loss"])
        model = _pretraining_model(n_sampled=40)
        sampled = np.mean([float(model(tokens)["loss"]) for _ in range(200)])
    assert sampled == pytest.approx(full, rel=0.02)


def test_view_of_the_encoder_costs_by_its_cosine_distance() -> None:
    model = _pretraining_model(n_sampled=0)
    assert model.view is not None
    tokens = torch.randint(0, 50, (8, 12), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        seen = model.view(model.body(input_ids=tokens).last_hidden_state[:, -1])
        alone, same, opposite = (float(model(tokens, views)["loss"]) for views in (None, seen * 3, -seen))
    assert same == pytest.approx(alone, abs=1e-5)
    assert opposite == pytest.approx(alone + 4.0, abs=1e-5)


def test_texts_of_one_length_share_a_batch_and_none_is_lost() -> None:
    lengths = [3, 9, 3, 3, 5, 9, 3]
    batches = [batch.tolist() for batch in same_length_batches(lengths, 9)]
    assert batches == [[0, 2, 3], [6], [4], [1], [5]]
    assert same_length_batches([], 9) == []


# Fine-tuning


def _classifier(path: Path) -> Any:
    return finetune_module.load_three_way(path)[0]


def test_lower_layers_learn_more_slowly_and_every_weight_stands_in_one_group(gpt2_dir: Path) -> None:
    model = _classifier(gpt2_dir)
    groups = layer_groups(model, 1.0, 0.1, 0.5)
    grouped = [id(parameter) for group in groups for parameter in group["params"]]
    assert sorted(grouped) == sorted(id(parameter) for parameter in model.parameters())
    rate_of = {id(parameter): group["lr"] for group in groups for parameter in group["params"]}
    rates = [
        rate_of[id(parameter)]
        for parameter in (
            model.score.weight,
            model.transformer.ln_f.weight,
            model.transformer.h[1].mlp.c_fc.weight,
            model.transformer.h[0].mlp.c_fc.weight,
            model.transformer.wte.weight,
        )
    ]
    assert rates == [1.0, 1.0, 0.5, 0.25, 0.125]
    decays = {parameter.ndim > 1: group["weight_decay"] for group in groups for parameter in group["params"]}
    assert decays == {True: 0.1, False: 0.0}


@pytest.mark.parametrize("kind", ["gpt2", "bert"])
def test_adapters_change_what_a_model_says_and_leave_its_shape(
    kind: str, gpt2_dir: Path, bert_dir: Path, tmp_path: Path
) -> None:
    base = {"gpt2": gpt2_dir, "bert": bert_dir}[kind]
    data_dir = write_data(tmp_path / "data")
    recipe = tiny_recipe()
    labelled, _ = read_labelled(recipe.labels, data_dir, validation_share=0.15, test_share=0.15)
    before = _classifier(base).state_dict()
    model, _, temperature = finetune_module.finetune(
        base,
        labelled,
        settings=FineTuning(epochs=1, learning_rate=0.01, lora=Lora(rank=4), accumulation_steps=2, batch_texts=8),
        max_tokens=30,
        seed=1,
        output_dir=tmp_path / "out",
    )
    after = model.state_dict()
    assert {name: value.shape for name, value in after.items()} == {name: value.shape for name, value in before.items()}
    changed = {name for name, value in after.items() if not torch.equal(value, before[name])}
    assert any("attn" in name or "attention" in name for name in changed)
    assert not any("wte" in name or "word_embeddings" in name for name in changed)
    assert 0.25 <= temperature <= 4


def test_fine_tuning_follows_its_targets_where_labels_say_otherwise(gpt2_dir: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    data_dir = write_data(tmp_path / "data")
    labelled, _ = read_labelled(tiny_recipe().labels, data_dir, validation_share=0.15, test_share=0.15)
    n_training = int((labelled["split"] == "train").sum())
    targets = np.tile(np.array([0.1, 0.2, 0.7]), (n_training, 1))
    model, tokenizer, _ = finetune_module.finetune(
        gpt2_dir,
        labelled,
        settings=FineTuning(epochs=3, learning_rate=0.01, label_smoothing=0, dropout=0, class_weight_power=0),
        max_tokens=30,
        seed=1,
        output_dir=tmp_path / "out",
        targets=targets,
    )
    texts = labelled["text"].tolist()[:50]
    with torch.no_grad():
        logits = [model(**tokenizer(text, return_tensors="pt")).logits[0] for text in texts]
    said = torch.stack(logits).softmax(-1).mean(0).tolist()
    assert said == pytest.approx([0.1, 0.2, 0.7], abs=0.15)  # labels alone: a third each


def test_targets_of_labels_are_sure() -> None:
    assert one_hot([2, 0]).tolist() == [[0, 0, 1], [1, 0, 0]]


# Checkpoints


def _checkpoint(output_dir: Path, step: int, state: str | None) -> Path:
    path = output_dir / CHECKPOINTS / f"checkpoint-{step}"
    path.mkdir(parents=True)
    if state is not None:
        (path / "trainer_state.json").write_text(state, encoding="utf-8")
    return path


def test_last_checkpoint_is_the_one_with_the_most_steps(tmp_path: Path) -> None:
    assert last_checkpoint(tmp_path) is None
    _checkpoint(tmp_path, 90, "{}")
    newest = _checkpoint(tmp_path, 1000, "{}")
    _checkpoint(tmp_path, 200, "{}")
    assert last_checkpoint(tmp_path) == str(newest)


@pytest.mark.parametrize("state", [None, "", '{"global_step": 20'])
def test_last_checkpoint_skips_one_that_is_half_written(tmp_path: Path, state: str | None) -> None:
    whole = _checkpoint(tmp_path, 10, "{}")
    _checkpoint(tmp_path, 20, state)
    assert last_checkpoint(tmp_path) == str(whole)


# Whole runs


class _Trained:
    """A finished run of the tiny recipe; its directories are not to be changed."""

    def __init__(self, root: Path) -> None:
        self.data_dir = write_data(root / "data")
        self.output_dir = root / "out"
        self.bundle_dir = run_recipe(tiny_recipe(), data_dir=self.data_dir, output_dir=self.output_dir)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> _Trained:
    torch.set_num_threads(1)
    return _Trained(tmp_path_factory.mktemp("training"))


def _contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_recipe_leads_to_a_bundle_that_reads_the_news(trained: _Trained) -> None:
    assert trained.bundle_dir == trained.output_dir / "bundle"
    classifier = Classifier.load(str(trained.bundle_dir), device="cpu")
    assert LABELS[classifier.probabilities([GOOD_NEWS])[0].argmax()] == "positive"


def test_recipe_leaves_its_facts_in_the_manifest(trained: _Trained) -> None:
    manifest = json.loads((trained.bundle_dir / MANIFEST).read_text(encoding="utf-8"))
    assert manifest["name"] == "tiny"
    assert manifest["max_tokens"] == 30
    assert 0.25 <= manifest["temperature"] <= 4
    assert 0.25 <= manifest["calibration"]["temperature"] <= 4
    assert 0 <= manifest["calibration"]["exponent"] <= 2
    assert manifest["recipe"] == tiny_recipe().model_dump(mode="json")
    assert manifest["labelled_data"][0]["licence"] == "CC0"
    assert manifest["pretraining"]["corpora"][0]["name"] == "corpus*.parquet"
    assert manifest["pretraining"]["figures"]["held_out_perplexity"] < 500
    assert set(manifest["metrics"]) == {"Invented accuracy", "Invented macro_f1", "Invented ece"}
    assert manifest["metrics"]["Invented accuracy"] > 0.9


def test_recipe_leaves_a_model_card_with_data_licences_and_figures(trained: _Trained) -> None:
    card = (trained.bundle_dir / CARD).read_text(encoding="utf-8")
    manifest = json.loads((trained.bundle_dir / MANIFEST).read_text(encoding="utf-8"))
    assert "| Invented | " in card
    assert [found["dimension"] for found in manifest["audit"]] == [
        *("region", "region", "origin", "gender"),
        "size of company",
    ]
    assert f"| person | {manifest['audit'][2]['group']} (origin) | {manifest['audit'][2]['value']:+.3f} (" in card
    (corpus,) = manifest["pretraining"]["corpora"]
    assert f"| corpus*.parquet | {corpus['n_texts']} | pre-training | CC0 | invented |" in card
    assert f"| Invented | {manifest['metrics']['Invented accuracy']:.3f} | " in card
    assert f"{manifest['overlap']['held_out']} nearly repeat one" in card


def test_bundle_can_be_read_by_the_user_that_runs_the_job(trained: _Trained) -> None:
    assert {path.stat().st_mode & 0o777 for path in trained.bundle_dir.glob("[!m]*")} == {0o644}
    assert (trained.bundle_dir / "model.safetensors").stat().st_mode & 0o777 == 0o644


def test_recipe_leaves_no_checkpoint_and_no_unchecked_bundle(trained: _Trained) -> None:
    assert {path.name for path in trained.output_dir.iterdir()} == {"base", "bundle"}
    assert not list(trained.output_dir.rglob("checkpoint-*"))


def test_recipe_started_again_skips_the_finished_pretraining(
    trained: _Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "base").symlink_to(trained.output_dir / "base", target_is_directory=True)
    monkeypatch.setattr(run_module, "pretrain", None)
    again = run_recipe(tiny_recipe(), data_dir=trained.data_dir, output_dir=tmp_path)
    assert _contents(again) == _contents(trained.bundle_dir)


def test_recipe_with_other_settings_does_not_go_on_from_what_the_first_left(trained: _Trained, tmp_path: Path) -> None:
    (tmp_path / "base").symlink_to(trained.output_dir / "base", target_is_directory=True)
    with pytest.raises(TrainingError, match=r"base: was begun with other settings or data \(delete it"):
        run_recipe(tiny_recipe(seed=18), data_dir=trained.data_dir, output_dir=tmp_path)


@pytest.mark.parametrize(
    ("checkpoint", "stage", "resumed_from"),
    [(1, "base", None), (3, "finetuning", "checkpoint-16")],
    ids=["in pre-training", "in fine-tuning"],
)
def test_recipe_killed_half_way_ends_the_same_when_started_again(
    trained: _Trained,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    checkpoint: int,
    stage: str,
    resumed_from: str | None,
) -> None:
    program = [sys.executable, "-m", f"{__package__}.{Path(tiny_training.__file__).stem}"]
    killed = subprocess.run(
        [*program, str(trained.data_dir), str(tmp_path), str(checkpoint)],
        cwd=Path(__file__).parent.parent,
        env={"PYTHONPATH": str(REPOSITORY), "PATH": "", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-500:]
    assert not (tmp_path / "bundle").exists()
    assert (tmp_path / "base" / STAGE_FACTS).exists() == (stage == "finetuning")
    resumed: list[str | None] = []
    train = finetune_module.TargetTrainer.train
    monkeypatch.setattr(
        finetune_module.TargetTrainer,
        "train",
        lambda trainer, resume_from_checkpoint: (
            resumed.append(resume_from_checkpoint) or train(trainer, resume_from_checkpoint=resume_from_checkpoint)
        ),
    )
    bundle_dir = run_recipe(tiny_recipe(), data_dir=trained.data_dir, output_dir=tmp_path)
    assert [Path(path).name if path else None for path in resumed] == [resumed_from]
    assert _contents(bundle_dir) == _contents(trained.bundle_dir)


def test_processes_of_a_launcher_train_one_bundle_together(trained: _Trained, tmp_path: Path) -> None:
    program = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    finished = subprocess.run(
        [*program, "-m", "tests.model.tiny_training", str(trained.data_dir), str(tmp_path), "0"],
        cwd=REPOSITORY,
        env={"PATH": "", "OMP_NUM_THREADS": "1", "HOME": str(tmp_path)},
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert finished.returncode == 0, finished.stderr[-2_000:]
    assert load_bundle(str(tmp_path / "bundle")).facts.metrics["Invented accuracy"] > 0.8
    assert {path.name for path in (tmp_path / "bundle").iterdir()} == {
        path.name for path in trained.bundle_dir.iterdir()
    }


def test_recipe_with_a_base_fine_tunes_from_that_bundle(trained: _Trained, tmp_path: Path) -> None:
    recipe = tiny_recipe(
        base=str(trained.bundle_dir), pretraining=None, finetuning={"epochs": 1, "learning_rate": 1e-5}
    )
    bundle_dir = run_recipe(recipe, data_dir=trained.data_dir, output_dir=tmp_path)
    texts = [GOOD_NEWS, *read_headlines()]
    before, after = (
        Classifier.load(str(path), device="cpu").probabilities(texts).argmax(axis=1)
        for path in (trained.bundle_dir, bundle_dir)
    )
    assert (before == after).mean() > 0.9  # so small a rate can hardly have changed what the base knew
    assert load_bundle(str(bundle_dir)).model_id != load_bundle(str(trained.bundle_dir)).model_id
    assert not (tmp_path / "base").exists()


def test_model_that_learned_the_wrong_way_round_never_becomes_the_bundle(trained: _Trained, tmp_path: Path) -> None:
    recipe = tiny_recipe(base=str(trained.output_dir / "base"), pretraining=None)
    good = run_recipe(recipe, data_dir=trained.data_dir, output_dir=tmp_path / "out")
    before = _contents(good)
    with pytest.raises(CanaryError):
        run_recipe(recipe, data_dir=write_data(tmp_path / "swapped", swapped=True), output_dir=tmp_path / "out")
    assert _contents(good) == before
    assert not list((tmp_path / "out").rglob("checkpoint-*"))  # or the next run would go on from them


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"base": "packaged"}, "give either base or pretraining"),
        ({"pretraining": None}, "give either base or pretraining"),
        ({"stack": True}, "a stack needs distillation"),
        (
            {
                "base": "packaged",
                "pretraining": None,
                "distillation": {"n_texts": 1, "teachers": [{"name": "words", "kind": "linear"}]},
            },
            "distillation on unlabelled texts needs pretraining",
        ),
    ],
    ids=["both", "neither", "no teachers", "no corpora"],
)
def test_recipe_that_contradicts_itself_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        tiny_recipe(**changes)


def test_recipe_with_too_few_labelled_texts_is_refused(tmp_path: Path) -> None:
    _label_file(tmp_path / "labels.csv", [("Oxmead rises", "positive")])
    with pytest.raises(TrainingError, match=r"tiny: no text falls into .* \(give more labelled texts\)"):
        run_recipe(tiny_recipe(), data_dir=tmp_path, output_dir=tmp_path / "out")


def test_base_that_is_a_damaged_bundle_is_refused(trained: _Trained, bundle_dir: Path, tmp_path: Path) -> None:
    edit_json(bundle_dir / "config.json", initializer_range=0.5)
    recipe = tiny_recipe(base=str(bundle_dir), pretraining=None)
    with pytest.raises(ModelError, match=r"config\.json: is not what the manifest says"):
        run_recipe(recipe, data_dir=trained.data_dir, output_dir=tmp_path / "out")


def test_base_that_is_not_there_gives_one_line(trained: _Trained, tmp_path: Path) -> None:
    recipe = tiny_recipe(base=str(tmp_path / "no-such-base"), pretraining=None)
    with pytest.raises(ModelError, match="no-such-base: cannot be loaded: ") as caught:
        run_recipe(recipe, data_dir=trained.data_dir, output_dir=tmp_path / "out")
    assert "\n" not in str(caught.value)
