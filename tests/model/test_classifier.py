from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
import transformers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sentinel.errors import CanaryError, ModelError
from sentinel.model import transformer as transformer_module
from sentinel.model.bundle import load_bundle
from sentinel.model.classifier import CANARIES, Classifier, weakest_canary
from sentinel.model.transformer import TransformerScorer
from sentinel.records import LABELS
from sentinel.text import classifier_text

from .bundles import MAX_TOKENS, build_gpt2, edit_json, load_unchecked, read_headlines, without_manifest

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = (
    "",
    " ",
    "\0",
    "\ud800",
    "\u202e\u200b",
    "<|endoftext|>",
    "<|padding|>",
    "Shares of Oxmead <|padding|><|padding|>",
    "<|endoftext|> Shares of Oxmead <|endoftext|>",
    "\U0001f680\U0001f680 Oxmead to the moon \U0001f4c8",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\u5229\u6da6\u589e\u957f",
    "\u0627\u0644\u0623\u0631\u0628\u0627\u062d",
    "e" + "\u0301" * 300,
    "<script>alert(1)</script>",
    "https://example.com/only-an-address",
    "=cmd|' /C calc'!A0",
    "Oxmead " * 2_000,
    "x" * 10_000,
)
TEXTS = (*HOSTILE, *read_headlines(), *(" ".join(read_headlines()[0].split()[:n]) for n in range(1, 8)))
SHORT = [text for text in TEXTS if len(text) < 40]
"""Texts that are read whole without a manifest too, which makes the longest length shorter."""


@pytest.fixture(scope="module")
def tiny(gpt2_dir: Path) -> Classifier:
    return load_unchecked(gpt2_dir)


def _one_at_a_time(path: Path, texts: list[str], max_tokens: int) -> np.ndarray:
    """Score as obviously as can be: one unpadded text at a time, straight through transformers in float32."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(path)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(path, dtype=torch.float32).eval()
    columns = [int(model.config.label2id[label]) for label in LABELS]
    rows = []
    for text in texts:
        tokens = tokenizer(classifier_text(text) or " ", truncation=True, max_length=max_tokens, return_tensors="pt")
        with torch.inference_mode():
            logits = model(**{name: tokens[name] for name in ("input_ids", "attention_mask")}).logits[0]
        rows.append(torch.softmax(logits, dim=-1)[columns].numpy())
    return np.array(rows)


def test_probabilities_are_float32_rows_that_sum_to_one(tiny: Classifier) -> None:
    probabilities = tiny.probabilities(TEXTS)
    assert probabilities.dtype == np.float32
    assert probabilities.shape == (len(TEXTS), 3)
    assert (probabilities >= 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-6)


def test_probabilities_differ_between_texts(tiny: Classifier) -> None:
    assert np.ptp(tiny.probabilities(read_headlines()), axis=0).min() > 0.2


def test_no_texts_give_no_rows(tiny: Classifier) -> None:
    assert tiny.probabilities([]).shape == (0, 3)


def test_probabilities_equal_the_model_one_text_at_a_time(tiny: Classifier, gpt2_dir: Path) -> None:
    expected = _one_at_a_time(gpt2_dir, list(TEXTS), MAX_TOKENS)
    np.testing.assert_allclose(tiny.probabilities(TEXTS), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=["float32", "bfloat16"])
@pytest.mark.parametrize("n_threads", [1, 2, 3])
def test_probabilities_do_not_depend_on_order_or_company(gpt2_dir: Path, dtype: torch.dtype, n_threads: int) -> None:
    torch.set_num_threads(n_threads)
    loaded = load_unchecked(gpt2_dir, dtype=dtype)
    together = loaded.probabilities(TEXTS)
    order = np.random.default_rng(n_threads).integers(0, len(TEXTS), size=400)
    np.testing.assert_array_equal(loaded.probabilities([TEXTS[index] for index in order]), together[order])


def test_probabilities_of_a_text_alone_are_those_among_many(tiny: Classifier) -> None:
    together = tiny.probabilities(TEXTS)
    for index in range(0, len(TEXTS), 5):
        np.testing.assert_array_equal(tiny.probabilities([TEXTS[index]])[0], together[index])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.one_of(st.text(max_size=120), st.sampled_from(TEXTS)), min_size=1, max_size=12), data=st.data()
)
def test_any_texts_in_any_order_get_the_same_probabilities(
    tiny: Classifier, texts: list[str], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(texts))))
    probabilities = tiny.probabilities(texts)
    np.testing.assert_array_equal(tiny.probabilities([texts[index] for index in order]), probabilities[order])
    assert np.isfinite(probabilities).all()


def test_batches_of_one_length_have_one_shape_however_many_texts_there_are(bert_dir: Path) -> None:
    # Matrix products round differently in different shapes, so that company would show in the last bits.
    loaded, shapes = load_unchecked(bert_dir), []
    assert isinstance(loaded._scorer, TransformerScorer)
    hook = loaded._scorer._model.register_forward_pre_hook(
        lambda _, __, inputs: shapes.append(tuple(inputs["input_ids"].shape)), with_kwargs=True
    )
    for n_texts in (1, 2, 7, 300, 600):
        tails = [f"number {number} of many" for number in range(n_texts)]
        loaded.probabilities(
            [f"Oxmead {tail}" for tail in tails] + [f"Shares of the very old Oxmead {t}" for t in tails]
        )
    hook.remove()
    assert len(shapes) > 10
    assert len(set(shapes)) == len({length for _, length in shapes}) >= 2


def test_small_batches_leave_the_probabilities_within_rounding(bert_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = load_unchecked(bert_dir)
    large = loaded.probabilities(TEXTS)
    monkeypatch.setitem(transformer_module.BATCH_TOKENS, "cpu", 1)
    np.testing.assert_allclose(loaded.probabilities(TEXTS), large, rtol=0, atol=1e-5)


def test_equal_texts_are_scored_once(tiny: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    score = tiny._scorer.probabilities
    monkeypatch.setattr(tiny._scorer, "probabilities", lambda texts: seen.extend(texts) or score(texts))
    texts = ["Oxmead rises", "Oxmead falls", "<b>Oxmead</b> rises", "OXMEAD rises", "Oxmead falls"]
    rows = tiny.probabilities(texts)
    assert seen == ["Oxmead rises", "Oxmead falls", "OXMEAD rises"]
    np.testing.assert_array_equal(rows[[0, 1]], rows[[2, 4]])
    assert not np.array_equal(rows[0], rows[3])


def test_texts_are_cleaned_as_in_training(tiny: Classifier) -> None:
    raw = ["<b>Oxmead &amp;amp; Rail</b> rises https://example.com/a?b=c", "Oxmead &amp; Rail rises"]
    rows = tiny.probabilities([*raw, "Oxmead & Rail rises"])
    np.testing.assert_array_equal(rows[0], rows[2])
    np.testing.assert_array_equal(rows[1], rows[2])


def test_text_is_read_up_to_the_longest_length_and_no_further(tiny: Classifier) -> None:
    long = "Oxmead " * 100
    rows = tiny.probabilities([f"Shares fall {long}", f"Shares fall {long} and more", f"Shares rise {long}"])
    np.testing.assert_array_equal(rows[0], rows[1])
    assert not np.array_equal(rows[0], rows[2])


@pytest.mark.parametrize("labels", [("positive", "negative", "neutral"), ("neutral", "positive", "negative")])
def test_probabilities_follow_the_names_of_the_labels(
    tiny: Classifier, tmp_path: Path, labels: tuple[str, ...]
) -> None:
    # The same weights under other names: what was the first output is now labels[0].
    renamed = load_unchecked(build_gpt2(tmp_path / "renamed", labels=labels)).probabilities(TEXTS)
    original = tiny.probabilities(TEXTS)
    columns = [labels.index(label) for label in LABELS]
    np.testing.assert_allclose(renamed, original[:, columns], rtol=0, atol=1e-6)


def test_permuted_outputs_with_permuted_names_give_identical_probabilities(tiny: Classifier, bundle_dir: Path) -> None:
    names = ("positive", "negative", "neutral")
    model = transformers.GPT2ForSequenceClassification.from_pretrained(bundle_dir)
    with torch.no_grad():
        model.score.weight.copy_(model.score.weight[[LABELS.index(name) for name in names]].clone())
    model.config.id2label = dict(enumerate(names))
    model.config.label2id = {name: position for position, name in enumerate(names)}
    model.save_pretrained(bundle_dir)
    permuted = load_unchecked(without_manifest(bundle_dir))
    assert permuted.bundle.column_of_label == (1, 2, 0)
    np.testing.assert_array_equal(permuted.probabilities(SHORT), tiny.probabilities(SHORT))


def test_temperature_divides_the_logits(tiny: Classifier, tmp_path: Path) -> None:
    warm = load_unchecked(build_gpt2(tmp_path / "warm", temperature=2.0)).probabilities(TEXTS)
    cold = tiny.probabilities(TEXTS).astype(np.float64)
    expected = np.sqrt(cold) / np.sqrt(cold).sum(axis=1, keepdims=True)  # softmax(z / 2) from softmax(z)
    np.testing.assert_allclose(warm, expected, rtol=0, atol=1e-5)


def test_model_that_reads_both_ways_is_not_changed_by_padding(bert_dir: Path) -> None:
    loaded = load_unchecked(bert_dir)
    expected = _one_at_a_time(bert_dir, list(TEXTS), loaded.bundle.max_tokens)
    assert np.ptp(expected, axis=0).min() > 0.1
    np.testing.assert_allclose(loaded.probabilities(TEXTS), expected, rtol=0, atol=1e-5)
    np.testing.assert_array_equal(loaded.probabilities(TEXTS[::-1]), loaded.probabilities(TEXTS)[::-1])


def test_text_without_any_token_is_scored_as_padding(bert_dir: Path, tmp_path: Path) -> None:
    plain_dir = shutil.copytree(bert_dir, tmp_path / "plain-bert")
    edit_json(plain_dir / "tokenizer.json", post_processor=None)  # no token but those of the text itself
    loaded = load_unchecked(plain_dir)
    probabilities = loaded.probabilities(["", "Shares of Oxmead rise"])
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-6)
    np.testing.assert_array_equal(loaded.probabilities([""])[0], probabilities[0])


def test_model_without_padding_token_reads_the_last_real_token(bundle_dir: Path) -> None:
    # As OpenAI's GPT-2 comes: no padding token anywhere, the end-of-text token stands in.
    edit_json(bundle_dir / "config.json", pad_token_id=None)
    edit_json(bundle_dir / "tokenizer_config.json", pad_token=None)
    loaded = load_unchecked(without_manifest(bundle_dir))
    texts = ["Oxmead", "Shares of Oxmead rise", "Shares of Oxmead rise after a long and quiet week"]
    tokenizer = transformers.AutoTokenizer.from_pretrained(bundle_dir)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(bundle_dir).eval()
    for text, row in zip(texts, loaded.probabilities(texts), strict=True):
        tokens = tokenizer(text, return_tensors="pt")["input_ids"][:, :-1]  # the stand-in is never read itself
        with torch.inference_mode():
            expected = torch.softmax(model(input_ids=tokens).logits[0], dim=-1).numpy()
        np.testing.assert_allclose(row, expected, rtol=0, atol=1e-5)


def test_padding_token_that_differs_in_the_config_changes_nothing(tiny: Classifier, bundle_dir: Path) -> None:
    edit_json(bundle_dir / "config.json", pad_token_id=7)
    np.testing.assert_array_equal(
        load_unchecked(without_manifest(bundle_dir)).probabilities(SHORT), tiny.probabilities(SHORT)
    )


def test_model_without_any_token_to_pad_with_is_refused(bundle_dir: Path) -> None:
    edit_json(bundle_dir / "config.json", pad_token_id=99_999)
    edit_json(bundle_dir / "tokenizer_config.json", pad_token=None)
    with pytest.raises(ModelError, match="its tokenizer has no padding token"):
        load_unchecked(without_manifest(bundle_dir))


def test_transformers_pipeline_loads_the_bundle_unchanged_and_agrees(tiny: Classifier, gpt2_dir: Path) -> None:
    pipeline = transformers.pipeline("text-classification", model=str(gpt2_dir), device="cpu", top_k=None)
    headlines = read_headlines()
    for answers, row in zip(pipeline(headlines, truncation=True), tiny.probabilities(headlines), strict=True):
        scores = {answer["label"]: answer["score"] for answer in answers}
        np.testing.assert_allclose([scores[label] for label in LABELS], row, rtol=0, atol=1e-5)


def test_model_that_fails_the_canaries_is_refused_with_the_sentence_named(gpt2_dir: Path) -> None:
    with pytest.raises(CanaryError, match="nothing was scored") as caught:
        Classifier.load(str(gpt2_dir), device="cpu")
    assert any(f'reads "{text}" as' in caught.value.what for text, _ in CANARIES)
    assert caught.value.where == str(gpt2_dir)


class _Reader(Classifier):
    """A classifier whose answers are given, for the rule of the canaries alone."""

    def __init__(self, gpt2_dir: Path, answers: list[tuple[float, float, float]]) -> None:
        super().__init__(load_bundle(str(gpt2_dir)), device=torch.device("cpu"), dtype=torch.float32)
        self.answers = np.array(answers, dtype=np.float32)

    def probabilities(self, texts: object) -> np.ndarray:
        return self.answers


SURE = {"negative": (0.8, 0.1, 0.1), "neutral": (0.1, 0.8, 0.1), "positive": (0.1, 0.1, 0.8)}
LEANING = {"negative": (0.4, 0.5, 0.1), "neutral": (0.5, 0.4, 0.1), "positive": (0.1, 0.5, 0.4)}


def test_canaries_pass_a_model_that_reads_them_rightly(gpt2_dir: Path) -> None:
    _Reader(gpt2_dir, [SURE[expected] for _, expected in CANARIES]).check_canaries()


@pytest.mark.parametrize("wrong", range(len(CANARIES)))
def test_canaries_pass_a_model_with_one_wrong_label_of_the_right_sign(gpt2_dir: Path, wrong: int) -> None:
    answers = [SURE[expected] for _, expected in CANARIES]
    answers[wrong] = LEANING[CANARIES[wrong][1]]
    _Reader(gpt2_dir, answers).check_canaries()


@pytest.mark.parametrize(
    ("wrong", "answer"),
    [
        (0, (0.1, 0.1, 0.8)),
        (1, (0.2, 0.5, 0.3)),
        (2, (0.8, 0.1, 0.1)),
        (3, (0.3, 0.5, 0.2)),
        (4, (float("nan"),) * 3),
    ],
)
def test_canaries_refuse_one_sentence_of_the_wrong_sign(
    gpt2_dir: Path, wrong: int, answer: tuple[float, float, float]
) -> None:
    answers = [SURE[expected] for _, expected in CANARIES]
    answers[wrong] = answer
    with pytest.raises(CanaryError) as caught:
        _Reader(gpt2_dir, answers).check_canaries()
    assert CANARIES[wrong][0] in str(caught.value)


def test_canaries_refuse_two_wrong_labels(gpt2_dir: Path) -> None:
    answers = [SURE[expected] for _, expected in CANARIES]
    answers[0], answers[5] = LEANING["negative"], LEANING["neutral"]
    with pytest.raises(CanaryError, match="labels 2 of 6 obvious sentences wrongly"):
        _Reader(gpt2_dir, answers).check_canaries()


def test_canaries_refuse_a_model_that_always_says_neutral(gpt2_dir: Path) -> None:
    with pytest.raises(CanaryError, match="labels 4 of 6 obvious sentences wrongly"):
        _Reader(gpt2_dir, [SURE["neutral"]] * len(CANARIES)).check_canaries()


def test_weights_that_lack_a_layer_are_refused(bundle_dir: Path) -> None:
    edit_json(bundle_dir / "config.json", n_layer=3)
    with pytest.raises(ModelError, match=r"its weights lack 'transformer\.h\.2"):
        load_unchecked(without_manifest(bundle_dir))


def test_language_model_without_a_trained_head_is_refused(bundle_dir: Path) -> None:
    model = transformers.GPT2LMHeadModel.from_pretrained(bundle_dir)
    model.save_pretrained(bundle_dir)
    with pytest.raises(ModelError, match=r"its weights lack 'score\.weight'"):
        load_unchecked(without_manifest(bundle_dir))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.safetensors", b"junk"),
        ("model.safetensors", b""),
        ("tokenizer.json", b"{"),
        ("tokenizer.json", b"{}"),
        ("tokenizer.json", b"[]"),
        ("tokenizer_config.json", b"["),
    ],
)
def test_damaged_file_of_a_directory_without_manifest_gives_one_line(
    bundle_dir: Path, name: str, content: bytes
) -> None:
    (without_manifest(bundle_dir) / name).write_bytes(content)
    with pytest.raises(ModelError, match="cannot be loaded: ") as caught:
        load_unchecked(bundle_dir)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"model_type": "nothing-known"},
        {"model_type": ["gpt2"]},
        {"model_type": "vit"},
        {"n_embd": 64},
        {"n_embd": 33},
        {"n_layer": "two"},
        {"vocab_size": -1},
        {"activation_function": "none-such"},
        {"dtype": "float12"},
    ],
    ids=str,
)
def test_config_that_does_not_fit_gives_one_line(bundle_dir: Path, changes: dict[str, object]) -> None:
    edit_json(bundle_dir / "config.json", **changes)
    with pytest.raises(ModelError, match="cannot be loaded: "):
        load_unchecked(without_manifest(bundle_dir))


def test_pickled_weights_are_never_read(bundle_dir: Path) -> None:
    bundle = load_bundle(str(without_manifest(bundle_dir)))
    model = transformers.AutoModelForSequenceClassification.from_pretrained(bundle_dir)
    torch.save(model.state_dict(), bundle_dir / "pytorch_model.bin")
    (bundle_dir / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="cannot be loaded"):
        Classifier(bundle, device=torch.device("cpu"), dtype=torch.float32)


def test_the_weakest_canary_is_the_lowest_probability_of_its_own_label() -> None:
    answers = [SURE[expected] for _, expected in CANARIES]
    answers[1] = (0.55, 0.05, 0.4)
    assert weakest_canary(np.array(answers)) == 0.55
