from __future__ import annotations

import json
import re
import socket
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from huggingface_hub import constants

from sentinel.errors import ModelError
from sentinel.model import bundle as bundle_module
from sentinel.model.bundle import MANIFEST, PACKAGED, load_bundle, write_manifest
from sentinel.records import LABELS

from .bundles import MAX_TOKENS, edit_json, without_manifest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _edit_bytes(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.read_bytes()))


def test_bundle_tells_what_its_manifest_and_config_say(gpt2_dir: Path) -> None:
    bundle = load_bundle(str(gpt2_dir))
    assert bundle.path == gpt2_dir
    assert re.fullmatch("[0-9a-f]{12}", bundle.model_id)
    assert (bundle.column_of_label, bundle.max_tokens, bundle.temperature) == ((0, 1, 2), MAX_TOKENS, 1.0)
    assert bundle.is_causal
    assert bundle.facts.model_id == bundle.model_id
    assert bundle.facts.name == "tiny"
    assert bundle.facts.architecture == "GPT2ForSequenceClassification, 2 layers x 32"
    assert bundle.facts.metrics == {"F1": 0.5}


def test_bundle_without_manifest_is_named_after_its_directory(bert_dir: Path) -> None:
    bundle = load_bundle(str(bert_dir))
    assert bundle.facts.name == "tiny-bert"
    assert bundle.facts.architecture == "BertForSequenceClassification, 2 layers x 32"
    assert bundle.column_of_label == (1, 2, 0)
    assert (bundle.max_tokens, bundle.temperature, bundle.is_causal) == (46, 1.0, False)


def test_bundle_loads_the_same_whenever_it_is_loaded(gpt2_dir: Path) -> None:
    assert load_bundle(str(gpt2_dir)) == load_bundle(str(gpt2_dir))


def test_bundle_in_another_directory_has_the_same_model_id(gpt2_dir: Path, bundle_dir: Path) -> None:
    original, copy = load_bundle(str(gpt2_dir)), load_bundle(str(bundle_dir))
    assert replace(copy, path=original.path) == original


def test_model_id_changes_with_the_weights(bundle_dir: Path) -> None:
    before = load_bundle(str(bundle_dir)).model_id
    _edit_bytes(bundle_dir / "model.safetensors", lambda weights: weights[:-1] + bytes([weights[-1] ^ 1]))
    write_manifest(bundle_dir, {"name": "tiny", "max_tokens": MAX_TOKENS, "temperature": 1.0, "metrics": {"F1": 0.5}})
    assert load_bundle(str(bundle_dir)).model_id != before


def test_model_id_changes_with_the_temperature(bundle_dir: Path) -> None:
    before = load_bundle(str(bundle_dir)).model_id
    edit_json(bundle_dir / MANIFEST, temperature=1.5)
    assert load_bundle(str(bundle_dir)).model_id != before


def test_model_id_without_manifest_changes_with_any_file(bundle_dir: Path) -> None:
    before = load_bundle(str(without_manifest(bundle_dir))).model_id
    assert load_bundle(str(bundle_dir)).model_id == before
    edit_json(bundle_dir / "tokenizer_config.json", comment="changed")
    assert load_bundle(str(bundle_dir)).model_id != before


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"])
def test_tampered_file_is_refused_by_name(bundle_dir: Path, name: str) -> None:
    _edit_bytes(bundle_dir / name, lambda content: content.replace(b'"', b' "', 1))
    with pytest.raises(ModelError, match=rf"{name}: is not what the manifest says"):
        load_bundle(str(bundle_dir))


def test_truncated_weights_are_refused(bundle_dir: Path) -> None:
    _edit_bytes(bundle_dir / "model.safetensors", lambda weights: weights[: len(weights) // 2])
    with pytest.raises(ModelError, match=r"model\.safetensors: is not what the manifest says"):
        load_bundle(str(bundle_dir))


def test_missing_file_is_refused_by_name(bundle_dir: Path) -> None:
    (bundle_dir / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"tokenizer\.json: is in the manifest but missing"):
        load_bundle(str(bundle_dir))


def test_extra_file_is_refused_by_name(bundle_dir: Path) -> None:
    (bundle_dir / "modeling.py").write_text("raise SystemExit", encoding="utf-8")
    with pytest.raises(ModelError, match=r"modeling\.py: is not what the manifest says"):
        load_bundle(str(bundle_dir))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schema": 2}, "manifest schema 2 is not known (update this program)"),
        ({"schema": None}, "manifest schema None is not known"),
        ({"labels": ["positive", "neutral", "negative"]}, "the manifest lacks its labels or files"),
        ({"files": None}, "the manifest lacks its labels or files"),
        ({"files": ["config.json"]}, "the manifest lacks its labels or files"),
        ({"max_tokens": 0}, "max_tokens is 0, not 1 to 45"),
        ({"max_tokens": 46}, "max_tokens is 46, not 1 to 45"),
        ({"max_tokens": "many"}, "max_tokens is 'many'"),
        ({"temperature": 0}, "temperature is 0, not above 0"),
        ({"temperature": -1.5}, "temperature is -1.5, not above 0"),
        ({"temperature": float("nan")}, "temperature is nan, not above 0"),
        ({"temperature": float("inf")}, "temperature is inf, not above 0"),
        ({"temperature": "hot"}, "temperature is 'hot', not above 0"),
        ({"calibration": {"temperature": 0}}, "temperature is 0, not above 0"),
        ({"calibration": {"exponent": -0.1}}, "exponent is -0.1, not 0 to 2"),
        ({"calibration": {"exponent": "much"}}, "exponent is 'much', not 0 to 2"),
        ({"calibration": [1.0]}, "calibration is not a temperature and an exponent"),
        ({"calibration": {"bias": 1.0}}, "calibration is not a temperature and an exponent"),
        ({"metrics": ["accuracy"]}, "metrics are not figures by name"),
        ({"metrics": {"accuracy": "good"}}, "metrics are not figures by name"),
    ],
)
def test_unusable_manifest_is_refused(bundle_dir: Path, changes: dict[str, Any], message: str) -> None:
    edit_json(bundle_dir / MANIFEST, **changes)
    with pytest.raises(ModelError, match=re.escape(message)):
        load_bundle(str(bundle_dir))


@pytest.mark.parametrize("name", ["config.json", MANIFEST])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "cannot be read as JSON"),
        (b"\xff\xfe", "cannot be read as JSON"),
        (b"", "cannot be read as JSON"),
        (b"[1]", "not a JSON object"),
    ],
)
def test_file_that_is_not_a_json_object_is_refused(bundle_dir: Path, name: str, content: bytes, message: str) -> None:
    (bundle_dir / name).write_bytes(content)
    with pytest.raises(ModelError, match=rf"{re.escape(name)}: {message}"):
        load_bundle(str(bundle_dir))


def test_directory_without_config_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"has no config\.json"):
        load_bundle(str(tmp_path))


def test_directory_without_safetensors_is_refused(bundle_dir: Path) -> None:
    (bundle_dir / "model.safetensors").rename(bundle_dir / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"no \.safetensors weights"):
        load_bundle(str(without_manifest(bundle_dir)))


def test_config_that_names_code_is_refused(bundle_dir: Path) -> None:
    edit_json(bundle_dir / "config.json", auto_map={"AutoModel": "modeling.Tiny"})
    with pytest.raises(ModelError, match="names code to run"):
        load_bundle(str(without_manifest(bundle_dir)))


@pytest.mark.parametrize(
    ("names", "columns"),
    [
        (("negative", "neutral", "positive"), (0, 1, 2)),
        (("positive", "negative", "neutral"), (1, 2, 0)),
        (("neutral", "positive", "negative"), (2, 0, 1)),
        (("Bearish", "Bullish", "Neutral"), (0, 2, 1)),
        (("POS", " neg ", "neu"), (1, 2, 0)),
    ],
)
def test_labels_are_found_by_name(bundle_dir: Path, names: tuple[str, ...], columns: tuple[int, ...]) -> None:
    edit_json(bundle_dir / "config.json", id2label={str(position): name for position, name in enumerate(names)})
    assert load_bundle(str(without_manifest(bundle_dir))).column_of_label == columns


@pytest.mark.parametrize(
    "names",
    [
        {"0": "LABEL_0", "1": "LABEL_1", "2": "LABEL_2"},
        {"0": "negative", "1": "positive"},
        {"0": "negative", "1": "neutral", "2": "positive", "3": "mixed"},
        {"0": "negative", "1": "bearish", "2": "positive"},
        {"0": "negative", "1": "neutral", "3": "positive"},
        {"a": "negative", "b": "neutral", "c": "positive"},
        ["negative", "neutral", "positive"],
        "negative",
        {},
        None,
    ],
    ids=str,
)
def test_labels_that_are_not_three_sentiments_are_refused_with_a_hint(bundle_dir: Path, names: Any) -> None:
    edit_json(bundle_dir / "config.json", id2label=names)
    with pytest.raises(ModelError, match=r"its labels are .* \(name them in id2label\)"):
        load_bundle(str(without_manifest(bundle_dir)))


@pytest.mark.parametrize("positions", ["many", -5, 2, 45.5])
def test_config_without_a_number_of_positions_is_refused(bundle_dir: Path, positions: object) -> None:
    edit_json(bundle_dir / "config.json", n_positions=positions)
    with pytest.raises(ModelError, match="is not a number of positions"):
        load_bundle(str(without_manifest(bundle_dir)))


@pytest.mark.parametrize("architectures", [None, [], "GPT2ForSequenceClassification", 5])
def test_config_without_architecture_is_still_described(bundle_dir: Path, architectures: object) -> None:
    edit_json(bundle_dir / "config.json", architectures=architectures)
    bundle = load_bundle(str(without_manifest(bundle_dir)))
    assert bundle.facts.architecture == "unknown architecture, 2 layers x 32"


def test_file_in_place_of_a_directory_is_refused(bundle_dir: Path) -> None:
    spec = str(bundle_dir / "model.safetensors")
    with pytest.raises(ModelError, match="not a directory") as caught:
        load_bundle(spec)
    assert caught.value.where == spec


@pytest.mark.parametrize(
    "spec", ["no/such/dir", "../x", "a b", "~no-such-user/model", "x" * 5_000, "nul\0", "https://h/x"]
)
def test_spec_that_is_no_directory_and_no_hub_id_is_refused(spec: str) -> None:
    with pytest.raises(ModelError, match="not a directory"):
        load_bundle(spec)


@pytest.mark.parametrize("spec", ["nobody/no-such-model", "no-such-model", "nobody/no-such-model@main"])
def test_hub_id_that_cannot_be_reached_gives_one_line(
    spec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ModelError, match="neither a directory here nor a model that the hub gives out") as caught:
        load_bundle(spec)
    assert caught.value.where == spec
    assert "\n" not in str(caught.value)


def test_hub_that_refuses_the_connection_gives_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed_port = listener.getsockname()[1]
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{closed_port}")
    with pytest.raises(ModelError, match="neither a directory here nor a model that the hub gives out"):
        load_bundle("nobody/no-such-model")


@pytest.mark.parametrize("spec", ["nobody/tiny", "nobody/tiny@main"])
def test_hub_id_that_is_in_the_cache_is_loaded_from_there(
    spec: str, gpt2_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    cached = tmp_path / "models--nobody--tiny"
    (cached / "refs").mkdir(parents=True)
    (cached / "refs" / "main").write_text("0" * 40, encoding="utf-8")
    (cached / "snapshots").mkdir()
    (cached / "snapshots" / ("0" * 40)).symlink_to(gpt2_dir, target_is_directory=True)
    assert load_bundle(spec).model_id == load_bundle(str(gpt2_dir)).model_id


def test_packaged_model_stands_beside_the_code(gpt2_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "assets").mkdir()
    monkeypatch.setattr(bundle_module, "__file__", str(tmp_path / "model" / "bundle.py"))
    with pytest.raises(ModelError, match="the packaged model is missing"):
        load_bundle(PACKAGED)
    (tmp_path / "assets" / "model").symlink_to(gpt2_dir, target_is_directory=True)
    assert load_bundle(PACKAGED).model_id == load_bundle(str(gpt2_dir)).model_id


def test_manifest_lists_every_file_but_itself(bundle_dir: Path) -> None:
    write_manifest(bundle_dir, {"name": "again"})
    manifest = json.loads((bundle_dir / MANIFEST).read_text(encoding="utf-8"))
    assert manifest["labels"] == list(LABELS)
    assert set(manifest["files"]) == {path.name for path in bundle_dir.iterdir()} - {MANIFEST}
    assert load_bundle(str(bundle_dir)).facts.name == "again"
