from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
import transformers

from sentinel.errors import ModelError
from sentinel.model import packed as packed_module
from sentinel.model.bundle import load_bundle
from sentinel.model.gpt2 import Gpt2, read_shape, read_weights
from sentinel.model.packed import PackedScorer, within_memory
from sentinel.model.packing import pack, plan_batches
from sentinel.model.transformer import TransformerScorer

from .bundles import MAX_TOKENS, build_gpt2, edit_json, load_unchecked, read_headlines, without_manifest

if TYPE_CHECKING:
    from pathlib import Path

CPU = torch.device("cpu")
BUDGET = 256


def _random_model(path: Path, **settings: Any) -> transformers.GPT2ForSequenceClassification:
    config = transformers.GPT2Config(
        **{"vocab_size": 300, "n_positions": 100, "n_layer": 3, "n_embd": 48, "n_head": 3, "initializer_range": 0.3}
        | {"pad_token_id": 1, "num_labels": 3}
        | settings
    )
    torch.manual_seed(5)
    model = transformers.GPT2ForSequenceClassification(config).eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name.endswith("bias") or "ln_" in name:
                weight.add_(torch.randn_like(weight) * 0.2)
    model.save_pretrained(path)
    return model


def _random_rows(n_rows: int, *, longest: int) -> list[list[int]]:
    random = np.random.default_rng(6)
    lengths = [1, 2, longest, *random.integers(1, longest, size=n_rows - 3).tolist()]
    return [random.integers(2, 300, size=length).tolist() for length in lengths]


def _load(path: Path, dtype: torch.dtype = torch.float32) -> Gpt2:
    shape = read_shape(json.loads((path / "config.json").read_text(encoding="utf-8")))
    assert shape is not None
    weights = read_weights(path, shape)
    assert weights is not None
    return Gpt2(shape, weights, device=CPU, dtype=dtype)


def _logits(network: Gpt2, rows: list[list[int]]) -> np.ndarray:
    logits = np.empty((len(rows), 3), dtype=np.float32)
    with torch.inference_mode():
        for texts in plan_batches([len(row) for row in rows], BUDGET):
            logits[texts] = network.logits(pack(rows, texts, BUDGET)).numpy()[: len(texts)]
    return logits


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"n_layer": 1},
        {"n_inner": 80, "n_head": 1},
        {"activation_function": "gelu"},
        {"activation_function": "gelu_pytorch_tanh", "layer_norm_epsilon": 0.01},
        {"scale_attn_weights": False},
        {"scale_attn_by_inverse_layer_idx": True},
    ],
    ids=str,
)
def test_logits_equal_those_of_transformers_one_text_at_a_time(tmp_path: Path, settings: dict[str, Any]) -> None:
    model = _random_model(tmp_path, **settings)
    rows = _random_rows(60, longest=100)
    with torch.inference_mode():
        expected = [model(input_ids=torch.tensor([row])).logits[0].numpy() for row in rows]
    np.testing.assert_allclose(_logits(_load(tmp_path), rows), expected, rtol=0, atol=2e-5)
    assert np.ptp(expected, axis=0).min() > 1


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=["float32", "bfloat16"])
@pytest.mark.parametrize("n_threads", [1, 2, 3])
def test_logits_of_short_and_long_texts_do_not_depend_on_company(
    tmp_path: Path, dtype: torch.dtype, n_threads: int
) -> None:
    _random_model(tmp_path)
    network, rows = _load(tmp_path, dtype), _random_rows(80, longest=100)
    torch.set_num_threads(n_threads)
    together = _logits(network, rows)
    order = np.random.default_rng(7).permutation(len(rows))[:31]
    np.testing.assert_array_equal(_logits(network, [rows[index] for index in order]), together[order])
    np.testing.assert_array_equal(_logits(network, rows[2:3]), together[2:3])


def test_logits_in_bfloat16_are_near_those_in_float32(tmp_path: Path) -> None:
    _random_model(tmp_path, initializer_range=0.1)
    rows = _random_rows(60, longest=60)
    exact, rounded = (_logits(_load(tmp_path, dtype), rows) for dtype in (torch.float32, torch.bfloat16))
    assert 0 < np.abs(exact - rounded).max() < 0.05 * np.abs(exact).max()


def test_weights_in_bfloat16_are_read_exactly(tmp_path: Path) -> None:
    model = _random_model(tmp_path).to(torch.bfloat16)
    model.save_pretrained(tmp_path)
    rows = _random_rows(20, longest=30)
    with torch.inference_mode():
        expected = [model.float()(input_ids=torch.tensor([row])).logits[0].numpy() for row in rows]
    np.testing.assert_allclose(_logits(_load(tmp_path), rows), expected, rtol=0, atol=2e-5)


def test_plain_products_agree_with_packed_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # What runs on a GPU, and on processors for which oneDNN lays nothing out.
    _random_model(tmp_path)
    rows, packed = _random_rows(30, longest=50), _load(tmp_path)
    monkeypatch.setattr("torch.backends.mkldnn.is_available", lambda: False)
    np.testing.assert_allclose(_logits(_load(tmp_path), rows), _logits(packed, rows), rtol=0, atol=2e-5)


def test_gpt2_is_scored_without_transformers_and_agrees_with_it(gpt2_dir: Path) -> None:
    loaded = load_unchecked(gpt2_dir)
    assert isinstance(loaded._scorer, PackedScorer)
    peer = TransformerScorer(loaded.bundle, device=CPU, dtype=torch.float32)
    texts = read_headlines()
    np.testing.assert_allclose(loaded.probabilities(texts), peer.probabilities(texts), rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    "changes",
    [
        {"model_type": "gpt_neo"},
        {"architectures": ["GPT2LMHeadModel"]},
        {"activation_function": "silu"},
        {"add_cross_attention": True},
        {"reorder_and_upcast_attn": True},
        {"quantization_config": {"bits": 8}},
        {"n_head": 5},
        {"n_inner": "wide"},
        {"layer_norm_epsilon": None},
        {"dtype": "float12"},
    ],
    ids=str,
)
def test_configuration_that_is_not_known_is_left_to_transformers(gpt2_dir: Path, changes: dict[str, Any]) -> None:
    config = json.loads((gpt2_dir / "config.json").read_text(encoding="utf-8"))
    assert read_shape(config) is not None
    assert read_shape(config | changes) is None


def test_weights_of_another_shape_or_name_are_left_to_transformers(bundle_dir: Path) -> None:
    config = json.loads((bundle_dir / "config.json").read_text(encoding="utf-8"))
    for changes in ({"n_embd": 64}, {"n_layer": 3}, {"n_inner": 100}):
        shape = read_shape(config | changes)
        assert shape is not None
        assert read_weights(bundle_dir, shape) is None


def test_gpt2_that_is_not_known_is_scored_by_transformers(bundle_dir: Path, gpt2_dir: Path) -> None:
    edit_json(bundle_dir / "config.json", reorder_and_upcast_attn=True)
    loaded = load_unchecked(without_manifest(bundle_dir))
    assert isinstance(loaded._scorer, TransformerScorer)
    texts = [text for text in read_headlines() if len(text) < 40]
    expected = load_unchecked(gpt2_dir).probabilities(texts)
    np.testing.assert_allclose(loaded.probabilities(texts), expected, rtol=0, atol=1e-5)


def test_several_devices_take_turns_and_change_nothing(gpt2_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed_module, "CPU_TOKENS", 64)
    bundle = load_bundle(str(gpt2_dir))
    one, two = (PackedScorer.load(bundle, devices=[CPU] * count, dtype=torch.float32) for count in (1, 2))
    assert one is not None
    assert two is not None
    used = []
    for number, network in enumerate(two._networks):
        score = network.logits
        monkeypatch.setattr(network, "logits", lambda batch, n=number, score=score: used.append(n) or score(batch))
    texts = read_headlines()
    np.testing.assert_array_equal(two.probabilities(texts), one.probabilities(texts))
    assert used == [number % 2 for number in range(len(used))]
    assert len(used) > 2


def test_pools_of_texts_change_nothing(gpt2_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded, texts = load_unchecked(gpt2_dir), read_headlines()
    together = loaded.probabilities(texts)
    monkeypatch.setattr(packed_module, "POOL_TEXTS", 7)
    np.testing.assert_array_equal(loaded.probabilities(texts), together)


class _SmallMemory:
    """Scores what fits, and notes what was tried."""

    def __init__(self, n_fitting: int) -> None:
        self.n_fitting = n_fitting
        self.tried: list[int] = []

    def __call__(self, budget: int) -> str:
        self.tried.append(budget)
        if budget > self.n_fitting:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return "scored"


def test_batch_that_does_not_fit_into_memory_is_halved_until_it_does() -> None:
    memory = _SmallMemory(300)
    assert within_memory(memory, 1_024, least=96) == ("scored", 256)
    assert memory.tried == [1_024, 512, 256]


def test_text_that_does_not_fit_into_memory_is_an_error_of_one_line() -> None:
    memory = _SmallMemory(95)
    with pytest.raises(ModelError, match="96 tokens at once do not fit into memory"):
        within_memory(memory, 200, least=96)
    assert memory.tried == [200, 100, 96]


def test_scorer_goes_on_with_the_batches_that_fitted(gpt2_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded, texts = load_unchecked(gpt2_dir), read_headlines()
    scorer = loaded._scorer
    assert isinstance(scorer, PackedScorer)
    expected, sizes = loaded.probabilities(texts), []
    score = scorer._networks[0].logits

    def logits(batch: Any) -> torch.Tensor:
        sizes.append(len(batch.token_ids))
        if sizes[-1] > 300:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return score(batch)

    monkeypatch.setattr(scorer._networks[0], "logits", logits)
    np.testing.assert_allclose(loaded.probabilities(texts), expected, rtol=0, atol=1e-5)
    assert sizes[:3] == [1_024, 512, 256]
    assert set(sizes[3:]) == {256}
    assert loaded.bundle.max_tokens == MAX_TOKENS


def test_labels_in_another_order_are_read_by_name(tmp_path: Path, gpt2_dir: Path) -> None:
    renamed = load_unchecked(build_gpt2(tmp_path / "renamed", labels=("positive", "negative", "neutral")))
    texts = read_headlines()
    expected = load_unchecked(gpt2_dir).probabilities(texts)[:, [1, 2, 0]]
    np.testing.assert_allclose(renamed.probabilities(texts), expected, rtol=0, atol=1e-6)
