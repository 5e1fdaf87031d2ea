"""A model directory that can be trusted: what is in it, whether it is whole, and its id.

Comes in: "packaged", a directory, or a Hugging Face hub id (optionally ``id@revision``). Goes out: a Bundle.
A bundle is a standard Hugging Face sequence-classification directory plus ``manifest.json``; a directory without
a manifest is accepted too, its id is then the hash of its files. Two other kinds, which the manifest names, are a
linear model ("linear") and several models with their fusion ("stack"). Invariant: only safetensors are read, no code
from a model directory is ever run, and a file that differs from the manifest is refused.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentinel.errors import ModelError
from sentinel.model.calibration import EXPONENTS, Calibration
from sentinel.records import LABELS, ModelFacts

if TYPE_CHECKING:
    from collections.abc import Mapping

PACKAGED = "packaged"
MANIFEST = "manifest.json"
NAMES = "names.safetensors"
"""Holds what has to be added to the weights to read one marked name among several."""
MANIFEST_SCHEMA = 1
MODEL_ID_DIGITS = 12
DEFAULT_MAX_TOKENS = 128
KINDS = ("transformer", "linear", "stack")

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*(?:/[\w.-]+)?(?:@[\w.-]+)?")
_HUB_FILES = [
    "config.json",
    "*.safetensors",
    "*.safetensors.index.json",
    "tokenizer*",
    "vocab*",
    "merges.txt",
    "special*",
]
_NAMED_LABELS = {"id2label": dict(enumerate(LABELS))}
_LABEL_NAMES = {
    **dict.fromkeys(("negative", "neg", "bearish"), "negative"),
    **dict.fromkeys(("neutral", "neu", "none"), "neutral"),
    **dict.fromkeys(("positive", "pos", "bullish"), "positive"),
}


@dataclass(frozen=True)
class Bundle:
    """A checked model directory.

    Attributes:
        path: the directory.
        kind: one of KINDS.
        model_id: MODEL_ID_DIGITS hexadecimal digits, hash of the manifest, or of all files without one.
        column_of_label: position of each of LABELS among the model's outputs.
        max_tokens: longest text in tokens.
        temperature: what the logits are divided by.
        calibration: how the probabilities are corrected after that.
        is_causal: whether the model reads left to right, so that padding on the right changes nothing.
        names_calibration: how the probabilities of marked names (``sentinel.target``) are corrected; None for a model
            that was not trained to read one name among several.
        facts: what a report says about the model.
    """

    path: Path
    kind: str
    model_id: str
    column_of_label: tuple[int, int, int]
    max_tokens: int
    temperature: float
    calibration: Calibration
    is_causal: bool
    names_calibration: Calibration | None
    facts: ModelFacts

    @property
    def reads_names(self) -> bool:
        """Whether it can be asked what a headline is for one of the names in it."""
        return self.names_calibration is not None


def load_bundle(spec: str) -> Bundle:
    """Find and check a model.

    Args:
        spec: "packaged", a directory, or a hub id.

    Returns:
        The checked bundle; no weights are loaded yet.

    Raises:
        ModelError: nothing is there, a file is missing, damaged or not what the manifest says, the directory names
            code to run, or its labels are not negative, neutral and positive.
    """
    path = _resolve(spec)
    manifest = _read_json(path / MANIFEST) if (path / MANIFEST).exists() else {}
    kind = manifest.get("kind", KINDS[0])
    if kind not in KINDS:
        raise ModelError(f"its kind {kind!r} is not known", where=str(path / MANIFEST), hint="update this program")
    config = _transformer_config(path) if kind == "transformer" else _NAMED_LABELS
    digests = _digests(path)
    if MANIFEST in digests:
        _verify(path, manifest, digests)
        model_id = digests[MANIFEST][:MODEL_ID_DIGITS]
    else:
        model_id = hashlib.sha256(json.dumps(digests).encode()).hexdigest()[:MODEL_ID_DIGITS]
    return Bundle(
        path=path,
        kind=kind,
        model_id=model_id,
        column_of_label=_columns_of_labels(config, path),
        max_tokens=_max_tokens(manifest, config, path),
        temperature=_temperature(manifest, path),
        calibration=_calibration(manifest, path, "calibration"),
        is_causal=config.get("model_type") == "gpt2",
        names_calibration=_calibration(manifest, path, "names_calibration") if (path / NAMES).is_file() else None,
        facts=ModelFacts(
            model_id=model_id,
            name=str(manifest.get("name", spec if spec != str(path) else path.name)),
            architecture=_architecture(config) if kind == "transformer" else f"{kind} model",
            metrics=_metrics(manifest, path),
        ),
    )


def _transformer_config(path: Path) -> dict[str, Any]:
    config = _read_json(path / "config.json")
    if "auto_map" in config:
        raise ModelError("config.json names code to run (auto_map), which is never done", where=str(path))
    if not list(path.glob("*.safetensors")):
        raise ModelError("no .safetensors weights; other weight formats are not read", where=str(path))
    return config


def write_manifest(path: Path, facts: Mapping[str, Any]) -> None:
    """Write ``manifest.json`` for a finished model directory.

    Args:
        path: the directory; every file in it is hashed.
        facts: name, max_tokens, temperature, calibration, training_data, metrics and whatever else describes the model.
    """
    files = {name: digest for name, digest in _digests(path).items() if name != MANIFEST}
    manifest = {"schema": MANIFEST_SCHEMA, "labels": list(LABELS), **facts, "files": files}
    (path / MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _resolve(spec: str) -> Path:
    if spec == PACKAGED:
        path = Path(__file__).resolve().parent.parent / "assets" / "model"
        if not (path / "config.json").is_file():
            raise ModelError("the packaged model is missing", where=str(path), hint="install the package again")
        return path
    path = Path(spec)
    try:
        path = path.expanduser()
        if path.is_dir():
            return path
        is_other = path.exists()
    except (OSError, RuntimeError):  # a name too long for a file, a home directory of nobody
        is_other = True
    if is_other or not _HUB_ID.fullmatch(spec):
        raise ModelError("not a directory", where=spec, hint='give "packaged", a model directory or a hub id')
    return _download(spec)


def _download(hub_id: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    name, _, revision = hub_id.partition("@")
    try:
        return Path(snapshot_download(name, revision=revision or None, allow_patterns=_HUB_FILES))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise ModelError(
            "neither a directory here nor a model that the hub gives out",
            where=hub_id,
            hint="check the spelling, or download it and give the directory",
        ) from error


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"has no {path.name}", where=str(path.parent)) from error
    except (OSError, ValueError) as error:
        raise ModelError("cannot be read as JSON", where=str(path)) from error
    if not isinstance(value, dict):
        raise ModelError("not a JSON object", where=str(path))
    return value


def _verify(path: Path, manifest: Mapping[str, Any], digests: Mapping[str, str]) -> None:
    schema = manifest.get("schema")
    if schema != MANIFEST_SCHEMA:
        raise ModelError(f"manifest schema {schema!r} is not known", where=str(path), hint="update this program")
    listed = manifest.get("files")
    if manifest.get("labels") != list(LABELS) or not isinstance(listed, dict):
        raise ModelError("the manifest lacks its labels or files", where=str(path / MANIFEST))
    for name in sorted(listed.keys() | (digests.keys() - {MANIFEST})):
        if name not in digests:
            raise ModelError("is in the manifest but missing", where=str(path / name), hint="fetch the model again")
        if listed.get(name) != digests[name]:
            raise ModelError("is not what the manifest says", where=str(path / name), hint="fetch the model again")


def _columns_of_labels(config: Mapping[str, Any], path: Path) -> tuple[int, int, int]:
    names = config.get("id2label")
    if not isinstance(names, dict):
        names = {}
    columns: dict[str, int] = {}
    for position, name in names.items():
        label = _LABEL_NAMES.get(str(name).strip().lower())
        if label is not None and str(position).isdigit():
            columns[label] = int(position)
    if len(names) != len(LABELS) or sorted(columns.values()) != [0, 1, 2]:
        raise ModelError(
            f"its labels are {sorted(map(str, names.values())) or 'not named'}, not negative, neutral and positive",
            where=str(path / "config.json"),
            hint="name them in id2label",
        )
    return (columns["negative"], columns["neutral"], columns["positive"])


def _max_tokens(manifest: Mapping[str, Any], config: Mapping[str, Any], path: Path) -> int:
    """Read the longest text; without a manifest leave two positions, which some models reserve (RoBERTa's padding)."""
    positions = config.get("n_positions") or config.get("max_position_embeddings") or DEFAULT_MAX_TOKENS + 2
    if not isinstance(positions, int) or positions < 3:
        raise ModelError(f"{positions!r} is not a number of positions", where=str(path / "config.json"))
    max_tokens = manifest.get("max_tokens", min(DEFAULT_MAX_TOKENS, positions - 2))
    if not isinstance(max_tokens, int) or not 1 <= max_tokens <= positions:
        raise ModelError(f"max_tokens is {max_tokens!r}, not 1 to {positions}", where=str(path / MANIFEST))
    return max_tokens


def _temperature(manifest: Mapping[str, Any], path: Path) -> float:
    return _above_zero(manifest.get("temperature", 1.0), path)


def _calibration(manifest: Mapping[str, Any], path: Path, key: str) -> Calibration:
    facts = manifest.get(key, {})
    if not isinstance(facts, dict) or not facts.keys() <= {"temperature", "exponent"}:
        raise ModelError(f"{key} is not a temperature and an exponent", where=str(path / MANIFEST))
    exponent = facts.get("exponent", 0.0)
    if not isinstance(exponent, int | float) or not 0 <= exponent <= max(EXPONENTS):
        raise ModelError(f"exponent is {exponent!r}, not 0 to {max(EXPONENTS):g}", where=str(path / MANIFEST))
    return Calibration(_above_zero(facts.get("temperature", 1.0), path), float(exponent))


def _above_zero(temperature: Any, path: Path) -> float:
    if not isinstance(temperature, int | float) or not 0 < temperature < math.inf:
        raise ModelError(f"temperature is {temperature!r}, not above 0", where=str(path / MANIFEST))
    return float(temperature)


def _metrics(manifest: Mapping[str, Any], path: Path) -> dict[str, float]:
    metrics = manifest.get("metrics", {})
    if not isinstance(metrics, dict) or not all(isinstance(value, int | float) for value in metrics.values()):
        raise ModelError("metrics are not figures by name", where=str(path / MANIFEST))
    return {name: float(value) for name, value in metrics.items()}


def _architecture(config: Mapping[str, Any]) -> str:
    architectures = config.get("architectures")
    name = architectures[0] if isinstance(architectures, list) and architectures else "unknown architecture"
    layers = config.get("n_layer") or config.get("num_hidden_layers") or "?"
    width = config.get("n_embd") or config.get("hidden_size") or "?"
    return f"{name}, {layers} layers x {width}"


def _digests(path: Path) -> dict[str, str]:
    """Hash every file of a directory and of the folders in it, by relative path; hidden ones (caches) are no part."""
    names = {file: file.relative_to(path) for file in sorted(path.rglob("*")) if file.is_file()}
    return {
        name.as_posix(): _sha256(file)
        for file, name in names.items()
        if not any(part.startswith(".") for part in name.parts)
    }


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"cannot be read: {error.strerror}", where=str(path)) from error
