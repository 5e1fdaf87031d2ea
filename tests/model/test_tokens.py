from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import transformers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sentinel.model.bundle import load_bundle
from sentinel.model.tokens import Encoding, _load_plain, load_encoding
from sentinel.text import classifier_text

from .bundles import MAX_TOKENS, edit_json, read_headlines

if TYPE_CHECKING:
    from pathlib import Path

PACKAGED = load_bundle("packaged")
VARIED = (
    *read_headlines(),
    "",
    " ",
    "a",
    "  two  spaces ",
    "Oxmead's profit rose 12.5% to \u20ac3.4bn",
    "\u5229\u6da6\u589e\u957f \U0001f680",
    "e" + "\u0301" * 50,
    "<|endoftext|> in <|padding|> the middle",
    "Oxmead " * 300,
    "x" * 3_000,
)


def _by_transformers(path: Path, texts: tuple[str, ...], max_tokens: int) -> list[list[int]]:
    tokenizer = transformers.AutoTokenizer.from_pretrained(path)
    return tokenizer(list(texts), truncation=True, max_length=max_tokens)["input_ids"]


@pytest.fixture(scope="module")
def plain() -> Encoding:
    loaded = _load_plain(PACKAGED.path, max_tokens=PACKAGED.max_tokens, pad_token_id=None)
    assert loaded is not None
    return loaded


@pytest.mark.parametrize("max_tokens", [MAX_TOKENS, 7, 2])
def test_ids_are_those_of_transformers_up_to_any_length(gpt2_dir: Path, max_tokens: int) -> None:
    plain = _load_plain(gpt2_dir, max_tokens=max_tokens, pad_token_id=None)
    assert plain is not None
    assert plain.encode(list(VARIED)) == _by_transformers(gpt2_dir, VARIED, max_tokens)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=200).map(classifier_text), min_size=1, max_size=20))
def test_ids_of_the_packaged_tokenizer_are_those_of_transformers(plain: Encoding, texts: list[str]) -> None:
    assert plain.encode(texts) == _by_transformers(PACKAGED.path, tuple(texts), PACKAGED.max_tokens)


def test_rows_end_with_no_padding_that_a_text_spells_out(plain: Encoding) -> None:
    encoding = Encoding(lambda texts: [[5, 1, 6, 1, 1], [1, 1], [], [7]], pad_id=1)
    assert encoding.rows(["any"] * 4) == [[5, 1, 6], [1], [1], [7]]
    assert plain.pad_id == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"tokenizer_class": "GPT2Tokenizer"},
        {"tokenizer_class": None},
        {"truncation_side": "left"},
        {"add_bos_token": True},
        {"extra_special_tokens": {"more": "<|more|>"}},
        {"pad_token": {"content": "<|padding|>"}},
    ],
    ids=str,
)
def test_setting_that_may_change_the_ids_is_left_to_transformers(bundle_dir: Path, changes: dict[str, object]) -> None:
    edit_json(bundle_dir / "tokenizer_config.json", **changes)
    assert _load_plain(bundle_dir, max_tokens=MAX_TOKENS, pad_token_id=None) is None


@pytest.mark.parametrize("name", ["added_tokens.json", "special_tokens_map.json"])
def test_file_that_may_change_the_ids_is_left_to_transformers(bundle_dir: Path, name: str) -> None:
    (bundle_dir / name).write_text("{}", encoding="utf-8")
    assert _load_plain(bundle_dir, max_tokens=MAX_TOKENS, pad_token_id=None) is None


def test_tokenizer_of_another_class_is_read_by_transformers(bundle_dir: Path, gpt2_dir: Path) -> None:
    edit_json(bundle_dir / "tokenizer_config.json", clean_up_tokenization_spaces=False, some_new_setting=1)
    encoding = load_encoding(bundle_dir, max_tokens=MAX_TOKENS, pad_token_id=None)
    assert encoding.encode(list(VARIED)) == _by_transformers(gpt2_dir, VARIED, MAX_TOKENS)
    assert encoding.pad_id == load_encoding(gpt2_dir, max_tokens=MAX_TOKENS, pad_token_id=None).pad_id


@pytest.mark.parametrize(("named", "expected"), [(None, 0), (7, 7)])
def test_padding_without_a_token_of_its_own_is_the_models_or_the_end_of_text(
    bundle_dir: Path, named: int | None, expected: int
) -> None:
    edit_json(bundle_dir / "tokenizer_config.json", pad_token=None)
    assert load_encoding(bundle_dir, max_tokens=MAX_TOKENS, pad_token_id=named).pad_id == expected


def test_packaged_model_scores_without_transformers(tmp_path: Path) -> None:
    program = (
        "import sys; from sentinel.cli import main; main(standalone_mode=False, args=sys.argv[1:]);"
        "sys.exit('transformers' in sys.modules)"
    )
    source, destination = tmp_path / "line.txt", tmp_path / "scored.csv"
    source.write_text("Shares of Oxmead soar after profit beats expectations\n", encoding="utf-8")
    command = [sys.executable, "-c", program, "classify", str(source), "-o", str(destination), "--device", "cpu"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (ended.returncode, destination.read_text(encoding="utf-8").count("\n")) == (0, 2), ended.stderr
