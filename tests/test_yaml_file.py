"""A YAML file that people write is read strictly, and every finding names its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pydantic
import pytest

from sentinel.errors import ConfigError
from sentinel.yaml_file import MAX_DEPTH, MAX_FILE_BYTES, YamlFile, read_yaml

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "file.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refusal(path: Path) -> str:
    """Read a file that must be refused; gives the message without the folder."""
    with pytest.raises(ConfigError) as caught:
        read_yaml(path)
    assert "\n" not in str(caught.value)
    assert caught.value.where.startswith(str(path))
    return str(caught.value).replace(f"{path.parent}/", "")


def test_read_yaml_gives_values_and_lines(tmp_path: Path) -> None:
    file = read_yaml(
        write(tmp_path, "# first\nstore: a.db\nfeeds:\n  - name: one\n    topics: [x, y]\n  - name: two\n")
    )
    assert file.values == {"store": "a.db", "feeds": [{"name": "one", "topics": ["x", "y"]}, {"name": "two"}]}
    assert file.lines == {
        ("store",): 2,
        ("feeds",): 3,
        ("feeds", 0): 4,
        ("feeds", 0, "name"): 4,
        ("feeds", 0, "topics"): 5,
        ("feeds", 0, "topics", 0): 5,
        ("feeds", 0, "topics", 1): 5,
        ("feeds", 1): 6,
        ("feeds", 1, "name"): 6,
    }


@pytest.mark.parametrize(
    "content",
    [b"\xef\xbb\xbfstore: \xc3\xa4.db\r\n", "store: ä.db", "---\nstore: ä.db\n...\n", '"store": "\\u00e4.db"'],
)
def test_read_yaml_takes_the_forms_that_editors_write(tmp_path: Path, content: str | bytes) -> None:
    assert read_yaml(write(tmp_path, content)).values == {"store": "ä.db"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("store: a\nstore: b\n", "file.yaml line 2: the key 'store' stands twice"),
        ("a:\n  b: 1\n  'b': 2\n", "file.yaml line 3: the key 'b' stands twice"),
        ("feeds:\n- {name: x, name: y}\n", "file.yaml line 2: the key 'name' stands twice"),
        ("a: &x 1\nb: 2\n", "file.yaml line 1: anchors are not allowed"),
        ("b: 2\na: *x\n", "file.yaml line 2: aliases are not allowed"),
        ("a: 1\nb: !!bool maybe\n", "file.yaml line 2: tags are not allowed"),
        ("a: 1\nb: !!python/object:os.system x\n", "file.yaml line 2: tags are not allowed"),
        ("a: 1\n1: x\n", "file.yaml line 2: a key must be text (put it in quotes)"),
        ("yes: x\n", "file.yaml line 1: a key must be text (put it in quotes)"),
        ("? [a]\n: x\n", "file.yaml line 1: a key must be text (put it in quotes)"),
        ("<<: {store: a}\nstore: b\n", "file.yaml line 1: a key must be text (put it in quotes)"),
        ("a: 1\nb: [1, 2\n", "file.yaml line 3: not valid YAML"),
        ("a: 1\n\tb: 2\n", "file.yaml line 2: not valid YAML"),
        ("a: 1\nb: c: d\n", "file.yaml line 2: not valid YAML"),
        ("a: 1\n---\nb: 2\n", "file.yaml line 2: not valid YAML"),
        ("a: 2020-13-45\n", "file.yaml: not valid YAML: month must be in 1..12"),
        ("a: " + "9" * 5000, "file.yaml: not valid YAML"),
        ("a: \x07bell\n", "file.yaml: not valid YAML"),
        ("", "file.yaml: empty, or not a mapping"),
        ("# only a remark\n", "file.yaml: empty, or not a mapping"),
        ("- a\n- b\n", "file.yaml: empty, or not a mapping"),
        ("just words", "file.yaml: empty, or not a mapping"),
        (b"caf\xe9: 1\n", "file.yaml: not UTF-8 text (save it as UTF-8)"),
        ("store: ä".encode("utf-16"), "file.yaml: not UTF-8 text (save it as UTF-8)"),
    ],
)
def test_read_yaml_refuses_with_the_line(tmp_path: Path, content: str | bytes, expected: str) -> None:
    assert refusal(write(tmp_path, content)).startswith(expected)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("a: " + "[" * MAX_DEPTH, 1),
        ("[" * 3_000_000, 1),
        ("{a: " * 900_000, 1),
        ("".join("  " * level + "a:\n" for level in range(MAX_DEPTH + 1)), MAX_DEPTH + 1),
        ("- " * 100_000, 1),
    ],
    ids=["one too many", "brackets", "braces", "blocks", "dashes"],
)
def test_read_yaml_refuses_deep_nesting_before_it_costs_anything(tmp_path: Path, content: str, line: int) -> None:
    assert refusal(write(tmp_path, content)) == f"file.yaml line {line}: nested deeper than {MAX_DEPTH} levels"


def test_read_yaml_takes_nesting_up_to_its_limit(tmp_path: Path) -> None:
    depth = MAX_DEPTH - 1
    value = read_yaml(write(tmp_path, "a: " + "[" * depth + "]" * depth)).values["a"]
    for _ in range(depth - 1):
        value = value[0]
    assert value == []


def test_read_yaml_refuses_a_large_file(tmp_path: Path) -> None:
    path = write(tmp_path, "a: 1\n" + "#" * MAX_FILE_BYTES)
    assert refusal(path) == "file.yaml: larger than 4 MB"


def test_read_yaml_names_a_missing_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.yaml") == "none.yaml: no such file (check its path)"


def test_read_yaml_names_what_is_not_a_file(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert refusal(tmp_path / "folder") == "folder: cannot be read: Is a directory"


@pytest.mark.parametrize(
    ("key_path", "expected"),
    [
        (("store",), "file.yaml line 1, store"),
        (("feeds", 1, "url"), "file.yaml line 4, feeds[1].url"),
        (("feeds", 1, "kind"), "file.yaml line 4, feeds[1].kind"),
        (("feeds", 7), "file.yaml line 2, feeds[7]"),
        (("missing",), "file.yaml, missing"),
        ((), "file.yaml"),
    ],
)
def test_where_names_the_nearest_line_known(tmp_path: Path, key_path: tuple[str | int, ...], expected: str) -> None:
    file = read_yaml(write(tmp_path, "store: a\nfeeds:\n  - url: x\n  - url: y\n"))
    assert file.where(key_path).replace(f"{tmp_path}/", "") == expected


class _Entry(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")

    weight: float = 1.0
    size: int = 1


def explain(file: YamlFile) -> str:
    with pytest.raises(pydantic.ValidationError) as caught:
        _Entry.model_validate(file.values)
    return str(file.error(caught.value)).replace(f"{file.path.parent}/", "")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("\nwieght: 2\n", "file.yaml line 2, wieght: unknown key (check the spelling)"),
        ("weight: heavy\n", "file.yaml line 1, weight: input should be a valid number, unable to parse"),
        ("weight: a\n\nsize: b\n", "file.yaml line 1, weight: input should be a valid number"),
    ],
)
def test_error_turns_a_finding_into_one_line(tmp_path: Path, content: str, expected: str) -> None:
    assert explain(read_yaml(write(tmp_path, content))).startswith(expected)


def test_error_counts_the_other_findings(tmp_path: Path) -> None:
    assert explain(read_yaml(write(tmp_path, "weight: a\nsize: b\n"))).endswith("; 1 more")
