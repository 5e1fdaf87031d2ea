"""Archived tables are read whole, in chunks, and come out row by row; what cannot be read is one line."""

from __future__ import annotations

import csv
import decimal
import gzip
import io
import json
import sys
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sentinel.archive import (
    SCORE_OUTPUT_COLUMNS,
    ArchivedItems,
    classify_table,
    read_archived_items,
    read_chunks,
    read_labelled_rows,
    tables,
)
from sentinel.errors import TableError
from sentinel.records import ITEM_COLUMNS, LABELS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ROWS = [
    ("Profit rises", "1"),
    ("Profit falls", "2"),
    ("", "3"),
    ("Annual meeting", "4"),
    ("https://only.example/", "5"),
]
UP, DOWN, FLAT = (0.1, 0.2, 0.7), (0.6, 0.3, 0.1), (0.0, 1.0, 0.0)
FAR_AHEAD = datetime(9999, 1, 1, tzinfo=UTC)
LABELS_OF_ROWS = ["positive", "negative", "", "neutral", ""]


def score(texts: list[str]) -> np.ndarray:
    """Read sentiment off one word; a text that holds none is flat."""
    assert texts
    rows = [UP if "rises" in text else DOWN if "falls" in text else FLAT for text in texts]
    return np.array(rows, dtype=np.float32)


def classify(source: Path, destination: Path, *, text_column: str = "text") -> tuple[int, int]:
    return classify_table(str(source), str(destination), text_column=text_column, score=score, model_id="m1")


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "CHUNK_ROWS", 2)


def write_rows(path: Path, rows: Sequence[tuple[str, str]] = ROWS) -> Path:
    """Write a table with columns text and n in the form its name asks for."""
    frame = pd.DataFrame(rows, columns=["text", "n"])
    if path.name.lower().endswith((".csv", ".csv.gz")):
        frame.to_csv(path, index=False)
    elif path.suffix in (".jsonl", ".ndjson"):
        frame.to_json(path, orient="records", lines=True)
    elif path.suffix == ".txt":
        path.write_text("".join(f"{text}\n" for text, _ in rows), encoding="utf-8")
    else:
        frame.to_parquet(path, index=False)
    return path


def write_jsonl(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def read_csv(path: Path) -> list[dict[str, str]]:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


# --- reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.csv", "A.CSV", "a.csv.gz", "a.b.jsonl", "a.ndjson", "a.parquet", "a.pq"])
def test_read_chunks_gives_all_rows_in_order(tmp_path: Path, name: str) -> None:
    chunks = list(read_chunks(str(write_rows(tmp_path / name))))
    assert [len(chunk) for chunk in chunks] == [2, 2, 1]
    assert [row for chunk in chunks for row in zip(chunk["text"], chunk["n"], strict=True)] == ROWS


def test_read_chunks_reads_plain_lines_as_the_column_text(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeffone\r\n\n three \nfour".encode())
    chunks = list(read_chunks(str(path)))
    assert [text for chunk in chunks for text in chunk["text"]] == ["one", "", " three ", "four"]


@pytest.mark.parametrize(
    "text", ["NA", "null", "nan", "007", "1e5", " spaced ", 'a "quote", and more', "two\nlines", "#"]
)
def test_read_chunks_keeps_cells_as_written(tmp_path: Path, text: str) -> None:
    (chunk,) = read_chunks(str(write_rows(tmp_path / "a.csv", [(text, "1")])))
    assert chunk["text"].tolist() == [text]


def test_read_chunks_takes_a_mark_at_the_start_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbftext\r\nhello\r\n")
    (chunk,) = read_chunks(str(path))
    assert chunk.to_dict("list") == {"text": ["hello"]}


def test_read_chunks_gives_each_chunk_the_keys_of_all(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", {"a": 1}, {"b": 2}, {"b": 3, "c": None})
    chunks = list(read_chunks(str(path)))
    assert [chunk.columns.tolist() for chunk in chunks] == [["a", "b", "c"]] * 2


def test_read_chunks_keeps_the_index_column_of_a_pandas_file(tmp_path: Path) -> None:
    frame = pd.DataFrame({"n": [1, 2]}, index=pd.Index(["Profit rises", "Profit falls"], name="text"))
    frame.to_parquet(tmp_path / "a.parquet")
    (chunk,) = read_chunks(str(tmp_path / "a.parquet"))
    assert chunk["text"].tolist() == ["Profit rises", "Profit falls"]


BROKEN: list[tuple[str, bytes, str]] = [
    ("a.csv", b"", "cannot be read as csv: No columns"),
    ("a.csv", b"text\ncaf\xe9\n", "not UTF-8 text (save it as UTF-8)"),
    ("a.csv", b"a,b\n1,2\n3,4,5\n", "cannot be read as csv: Error tokenizing data"),
    ("a.csv", b"a,b\n1,2,3\n4,5,6\n", "its rows have more cells than its header"),
    ("a.csv", b'a,b\n"1,2\n3,4\n', "cannot be read as csv"),
    ("a.csv.gz", b"text\nnot packed\n", "cannot be read as csv"),
    ("a.csv.gz", gzip.compress(b"text\n" + bytes(range(32, 127)) * 99)[:60], "cannot be read as csv: Compressed file"),
    ("a.parquet", b"PAR1 but no more", "cannot be read as parquet"),
    ("a.parquet", b"", "cannot be read as parquet"),
    ("a.txt", b"caf\xe9\n", "not UTF-8 text"),
    ("a.jsonl", b'{"a": "\xe9"}\n', "not UTF-8 text"),
]


@pytest.mark.parametrize(("name", "content", "expected"), BROKEN)
def test_read_chunks_names_what_cannot_be_read(tmp_path: Path, name: str, content: bytes, expected: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(TableError) as caught:
        list(read_chunks(str(path)))
    assert str(caught.value).startswith(f"{path}: {expected}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("line", ["[1]", "words", "1", '{"a": 1', "[" * 100_000, '{"a": 1} {"b": 2}'])
def test_read_chunks_names_the_line_that_is_no_object(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 1}\n\n' + line + "\n")
    with pytest.raises(TableError) as caught:
        list(read_chunks(str(path)))
    assert str(caught.value) == f"{path} line 3: not a JSON object"


@pytest.mark.parametrize("name", ["a.xlsx", "a", ".csv", "a.gz", "a.jsonl.gz", "a.csv.zip"])
def test_read_chunks_refuses_other_kinds_of_files(tmp_path: Path, name: str) -> None:
    with pytest.raises(TableError, match="not a kind of table this reads"):
        list(read_chunks(str(tmp_path / name)))


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.jsonl", "a.parquet", "a.txt"])
def test_read_chunks_names_a_missing_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(TableError) as caught:
        list(read_chunks(str(tmp_path / name)))
    assert str(caught.value) == f"{tmp_path / name}: no such file"


def test_read_chunks_refuses_two_columns_of_one_name(tmp_path: Path) -> None:
    pq.write_table(pa.table([["a"], ["b"]], names=["text", "text"]), tmp_path / "a.parquet")
    with pytest.raises(TableError, match="has two columns named 'text'"):
        list(read_chunks(str(tmp_path / "a.parquet")))


# --- scoring ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["a.csv", "a.csv.gz", "a.jsonl", "a.parquet", "a.txt"])
def test_classify_table_keeps_rows_and_their_order(tmp_path: Path, source: str) -> None:
    assert classify(write_rows(tmp_path / source), tmp_path / "out.csv") == (len(ROWS), sum(map(bool, LABELS_OF_ROWS)))
    rows = read_csv(tmp_path / "out.csv")
    assert list(rows[0]) == ["text", *([] if source == "a.txt" else ["n"]), *SCORE_OUTPUT_COLUMNS]
    assert [row["text"] for row in rows] == [text for text, _ in ROWS]
    assert [row["label"] for row in rows] == LABELS_OF_ROWS
    assert [row["model_id"] for row in rows] == ["m1", "m1", "", "m1", ""]
    assert [rows[0][name] for name in (*LABELS, "polarity")] == ["0.100000", "0.200000", "0.700000", "0.600000"]
    assert [rows[2][name] for name in (*LABELS, "polarity")] == ["", "", "", ""]


@pytest.mark.parametrize("name", ["out.csv.gz", "out.jsonl", "out.parquet"])
def test_classify_table_writes_the_other_kinds(tmp_path: Path, name: str) -> None:
    classify(write_rows(tmp_path / "a.csv"), tmp_path / name)
    rows = [row for chunk in read_chunks(str(tmp_path / name)) for row in chunk.to_dict("records")]
    assert [(row["text"], row["n"]) for row in rows] == ROWS
    assert [row["label"] for row in rows] == LABELS_OF_ROWS
    assert [float(rows[1][label]) for label in LABELS] == pytest.approx(DOWN)
    assert list(rows[0]) == ["text", "n", *SCORE_OUTPUT_COLUMNS]


def test_classify_table_writes_missing_scores_as_null(tmp_path: Path) -> None:
    classify(write_rows(tmp_path / "a.csv"), tmp_path / "out.jsonl")
    row = read_jsonl(tmp_path / "out.jsonl")[2]
    assert row == {"text": "", "n": "3", **dict.fromkeys((*LABELS, "polarity")), "label": "", "model_id": ""}


def test_classify_table_scores_standard_input_to_standard_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("Größe rises\n\n".encode()), encoding="ascii"))
    assert classify_table("-", "-", text_column="text", score=score, model_id="m1") == (2, 1)
    out = capsys.readouterr().out.splitlines()
    assert out[1:] == ["Größe rises,0.100000,0.200000,0.700000,0.600000,positive,m1", ",,,,,,"]


def test_classify_table_names_standard_input_that_is_not_utf_8(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"caf\xe9\n"), encoding="latin-1"))
    with pytest.raises(TableError, match=r"^-: not UTF-8 text"):
        classify_table("-", "-", text_column="text", score=score, model_id="m1")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl", "out.parquet"])
def test_classify_table_keeps_columns_named_like_scores(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text("label,text,input_label,positive\nold,Profit rises,older,yes\n")
    classify(path, tmp_path / name)
    (chunk,) = read_chunks(str(tmp_path / name))
    row = {key: value for key, value in chunk.iloc[0].items() if "input" in key or key in ("text", "label")}
    assert row == {
        "input_input_label": "old",
        "text": "Profit rises",
        "input_label": "older",
        "input_positive": "yes",
        "label": "positive",
    }


def test_classify_table_may_score_its_own_output_again_and_again(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "0.csv")
    for number in range(3):
        classify(tmp_path / f"{number}.csv", tmp_path / f"{number + 1}.csv")
    rows = read_csv(tmp_path / "3.csv")
    assert len(rows[0]) == 2 + 3 * len(SCORE_OUTPUT_COLUMNS)
    assert {row["label"] == row["input_label"] == row["input_input_label"] for row in rows} == {True}
    assert path.exists()


def test_classify_table_may_write_over_its_source(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv")
    classify(path, path)
    assert [row["label"] for row in read_csv(path)] == LABELS_OF_ROWS


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl", "out.parquet"])
def test_classify_table_keeps_keys_that_come_later(tmp_path: Path, name: str) -> None:
    rows: list[dict[str, Any]] = [
        {"text": "a", "x": 1},
        {"text": "b", "x": None},
        {"text": "c", "y": "late"},
        {"z": [{"k": "ä"}], "text": "d"},
        {"text": "e", "x": 5},
    ]
    classify(write_jsonl(tmp_path / "a.jsonl", *rows), tmp_path / name)
    path, keys = tmp_path / name, ("text", "x", "y", "z")
    if name == "out.csv":
        assert [tuple(row[key] for key in keys) for row in read_csv(path)] == [
            ("a", "1", "", ""),
            ("b", "", "", ""),
            ("c", "", "late", ""),
            ("d", "", "", '[{"k": "ä"}]'),
            ("e", "5", "", ""),
        ]
    else:
        got = read_jsonl(path) if name == "out.jsonl" else pq.read_table(path).to_pylist()
        assert [{key: row[key] for key in keys} for row in got] == [{key: row.get(key) for key in keys} for row in rows]


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl", "out.parquet"])
@pytest.mark.parametrize("empty_first", [True, False])
def test_classify_table_keeps_values_beside_a_chunk_without_any(
    tmp_path: Path, name: str, *, empty_first: bool
) -> None:
    large = 2**60 + 1
    values: dict[str, list[Any]] = {
        "n": [None, None, large, None],
        "s": [None, None, None, "x"],
        "f": [None, None, 1e-9, 2.5],
    }
    if not empty_first:
        values = {key: column[::-1] for key, column in values.items()}
    types = {"n": pa.int64(), "s": pa.string(), "f": pa.float64()}
    columns = {key: pa.array(column, types[key]) for key, column in values.items()}
    pq.write_table(pa.table({"text": list("abcd"), **columns}), tmp_path / "a.parquet")
    classify(tmp_path / "a.parquet", tmp_path / name)
    path = tmp_path / name
    if name == "out.csv":
        got = {key: [row[key] for row in read_csv(path)] for key in values}
        assert got == {key: ["" if v is None else str(v) for v in column] for key, column in values.items()}
    else:
        rows = read_jsonl(path) if name == "out.jsonl" else pq.read_table(path).to_pylist()
        assert {key: [row[key] for row in rows] for key in values} == values


@pytest.mark.parametrize(
    "values", [[1, 2, 3.5, 4], [None, None, "late", None], [1, 2, None, 4], [True, None, None, False]]
)
def test_classify_table_widens_a_parquet_column(tmp_path: Path, values: list[Any]) -> None:
    rows = [{"text": "a", "v": value} for value in values]
    classify(write_jsonl(tmp_path / "a.jsonl", *rows), tmp_path / "out.parquet")
    assert pq.read_table(tmp_path / "out.parquet")["v"].to_pylist() == values
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "out.parquet"]


@pytest.mark.parametrize("values", [["x", "y", 3, 4], [1, "x", 2, 3], [10**30, 1, 1, 1], [2**60 + 1, 1, 0.5, 1]])
def test_classify_table_names_values_that_parquet_cannot_hold_together(tmp_path: Path, values: list[Any]) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", *({"text": "a", "v": value} for value in values))
    with pytest.raises(TableError, match="cannot be written") as caught:
        classify(path, tmp_path / "out.parquet")
    assert caught.value.hint == "write CSV or JSONL instead"
    assert "\n" not in str(caught.value)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.jsonl"]
    classify(path, tmp_path / "out.jsonl")
    assert [row["v"] for row in read_jsonl(tmp_path / "out.jsonl")] == values


def test_classify_table_keeps_the_types_of_parquet(tmp_path: Path) -> None:
    table = pa.table(
        {
            "text": pa.array(["Profit rises", None]).dictionary_encode(),
            "when": pa.array([datetime(2026, 3, 2, 12, tzinfo=UTC), None], pa.timestamp("ns", "Europe/Berlin")),
            "day": pa.array([date(2026, 3, 2), None]),
            "price": pa.array([decimal.Decimal("1.10"), None]),
            "tags": pa.array([["a", "b"], None]),
            "count": pa.array([2**62 + 1, None]),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    classify(tmp_path / "a.parquet", tmp_path / "out.parquet")
    assert pq.read_table(tmp_path / "out.parquet").select(table.column_names).equals(table)
    classify(tmp_path / "a.parquet", tmp_path / "out.jsonl")
    first, second = read_jsonl(tmp_path / "out.jsonl")
    assert {key: first[key] for key in table.column_names} == {
        "text": "Profit rises",
        "when": "2026-03-02T13:00:00+01:00",
        "day": "2026-03-02",
        "price": "1.10",
        "tags": ["a", "b"],
        "count": 2**62 + 1,
    }
    assert {second[key] for key in table.column_names} == {None}


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl", "out.parquet"])
def test_classify_table_replaces_half_a_character(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(r'{"text": "Profit \ud83d rises \ud83d\ude00"}' + "\n")
    classify(path, tmp_path / name)
    (chunk,) = read_chunks(str(tmp_path / name))
    assert chunk["text"].tolist() == ["Profit ? rises \U0001f600"]


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet", "a.txt"])
@pytest.mark.parametrize("output", ["out.csv", "out.jsonl", "out.parquet"])
def test_classify_table_of_no_rows_is_a_table_of_no_rows(tmp_path: Path, name: str, output: str) -> None:
    assert classify(write_rows(tmp_path / name, []), tmp_path / output) == (0, 0)
    if (name, output) != ("a.jsonl", "out.csv"):  # no object names a column, and no CSV is without a header
        assert sum(len(chunk) for chunk in read_chunks(str(tmp_path / output))) == 0


def write_half(path: Path, *, n_good: int = 5) -> Path:
    """Write lines of which the last cannot be read."""
    path.write_bytes(b'{"text": "fine"}\n' * n_good + b"broken\n")
    return path


@pytest.mark.parametrize("old", [None, b"yesterday's"])
@pytest.mark.parametrize("name", ["out.csv", "out.csv.gz", "out.jsonl", "out.parquet"])
def test_classify_table_writes_all_or_nothing(tmp_path: Path, name: str, old: bytes | None) -> None:
    source, destination = write_half(tmp_path / "a.jsonl"), tmp_path / name
    if old:
        destination.write_bytes(old)
    with pytest.raises(TableError, match="line 6: not a JSON object"):
        classify(source, destination)
    assert (destination.read_bytes() if destination.exists() else None) == old
    assert {entry.name for entry in tmp_path.iterdir()} <= {"a.jsonl", name}


def test_classify_table_leaves_nothing_when_scoring_fails(tmp_path: Path) -> None:
    calls: list[int] = []

    def fail_later(texts: list[str]) -> np.ndarray:
        calls.append(len(texts))
        return score(texts) if len(calls) == 1 else score([])

    path = write_rows(tmp_path / "a.csv")
    with pytest.raises(AssertionError):
        classify_table(str(path), str(tmp_path / "out.csv"), text_column="text", score=fail_later, model_id="m1")
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.csv"]


@pytest.mark.parametrize(
    ("destination", "expected"),
    [
        ("none/out.csv", "cannot be written: No such file or directory"),
        ("none/out.parquet", "cannot be written: Failed to open local file"),
        ("a.csv/out.csv", "cannot be written: Not a directory"),
        ("folder.csv", "cannot be written: Is a directory"),
        ("out.txt", "not a kind of table this writes"),
        ("out.xlsx", "not a kind of table this reads"),
    ],
)
def test_classify_table_names_a_destination_that_cannot_be_written(
    tmp_path: Path, destination: str, expected: str
) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(TableError) as caught:
        classify(write_rows(tmp_path / "a.csv"), tmp_path / destination)
    assert str(caught.value).startswith(f"{tmp_path / destination}: {expected}")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.csv", "folder.csv"]


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet", "a.txt"])
def test_classify_table_names_a_missing_column(tmp_path: Path, name: str) -> None:
    source = write_rows(tmp_path / name)
    with pytest.raises(TableError) as caught:
        classify(source, tmp_path / "out.csv", text_column="headline")
    columns = "text" if name == "a.txt" else "text, n"
    assert caught.value.what == f"has no column 'headline'; it has {columns}"
    assert "--...-column" in caught.value.hint
    assert not (tmp_path / "out.csv").exists()


CELLS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=12)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(CELLS | st.sampled_from(["\r", "a\r\nb", '"', "\n", ","]), CELLS), min_size=1, max_size=5)
)
@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_classify_table_keeps_any_text(tmp_path: Path, name: str, rows: list[tuple[str, str]]) -> None:
    path, out = tmp_path / name, tmp_path / "out.csv"
    if name == "a.csv":
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([("text", "n"), *rows])
    else:
        write_rows(path, rows)
    classify(path, out)
    assert [(row["text"], row["n"]) for row in read_csv(out)] == rows
    assert [row for chunk in read_chunks(str(out)) for row in zip(chunk["text"], chunk["n"], strict=True)] == rows


# --- items -----------------------------------------------------------------------------------------------------------


def read_items(path: Path, timezone: str = "UTC", now: datetime = FAR_AHEAD) -> list[ArchivedItems]:
    columns = {"text_column": "title", "time_column": "published"}
    return list(read_archived_items(str(path), feed="archive", timezone=timezone, now=now, **columns))


def read_times(folder: Path, *times: object, timezone: str = "UTC") -> list[str]:
    """Read one headline per time; gives the times of the readable ones."""
    rows = [{"title": f"Headline {number}", "published": time} for number, time in enumerate(times)]
    chunks = read_items(write_jsonl(folder / "a.jsonl", *rows), timezone)
    return [time.isoformat() for chunk in chunks for time in chunk.items["published"]]


def test_read_archived_items_gives_items_first_seen_when_published(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "title,published,link\n"
        "Profit &amp; loss,2026-03-02T12:00:00Z,https://News.example/a?utm_source=x\n"
        "Rates,2026-03-02 13:00,javascript:x\n"
    )
    (chunk,) = read_items(path)
    assert chunk.items.columns.tolist() == list(ITEM_COLUMNS)
    assert (chunk.n_rows, chunk.n_unusable) == (2, 0)
    assert chunk.items["title"].tolist() == chunk.items["text"].tolist() == ["Profit & loss", "Rates"]
    assert chunk.items["url"].tolist() == ["https://news.example/a", ""]
    assert chunk.items["published"].equals(chunk.items["first_seen"].rename("published"))
    assert str(chunk.items["published"].dtype) == str(chunk.items["first_seen"].dtype) == "datetime64[us, UTC]"
    assert set(chunk.items["feed"]) == {"archive"}
    assert set(chunk.items["guid"]) == set(chunk.items["summary"]) == {""}


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2026-03-02T12:00:00Z", "2026-03-02T12:00:00+00:00"),
        ("2026-03-02t12:00:00z", "2026-03-02T12:00:00+00:00"),
        ("2026-03-02T12:00:00+02:00", "2026-03-02T10:00:00+00:00"),
        ("2026-03-02 12:00:00-0500", "2026-03-02T17:00:00+00:00"),
        ("2026-03-02 12:00:00.123456+00", "2026-03-02T12:00:00.123456+00:00"),
        ("2026-03-02 12:00:00 +05:30", "2026-03-02T06:30:00+00:00"),
        (" 2026-03-02 12:00 ", "2026-03-02T11:00:00+00:00"),
        ("2026-03-02", "2026-03-01T23:00:00+00:00"),
        ("20260302T1200", "2026-03-02T11:00:00+00:00"),
        ("2026-07-02 12:00", "2026-07-02T10:00:00+00:00"),
        ("2026-10-25 02:30", "2026-10-25T00:30:00+00:00"),
        ("2026-10-25 02:30+01:00", "2026-10-25T01:30:00+00:00"),
        ("2026-03-29 02:30", "2026-03-29T01:00:00+00:00"),
        ("2026-03-02T12:00:00.123456789Z", "2026-03-02T12:00:00.123456+00:00"),
    ],
)
def test_times_are_read_in_their_zone_or_the_given_one(tmp_path: Path, time: str, expected: str) -> None:
    assert read_times(tmp_path, time, timezone="Europe/Berlin") == [expected]


@pytest.mark.parametrize(
    "time",
    [
        None,
        "",
        "yesterday",
        "02.03.2026",
        "2026",
        "2026-03",
        "2026-02-30",
        "2026-03-02 25:00",
        "1772452800",
        "1772452800000",
        1772452800,
        20260302,
        1772452800.5,
        True,
        ["2026-03-02"],
        "0001-01-01T00:00:00+05:00",
        "9999-12-31T23:59:59-05:00",
        "9999-12-31 23:59",
    ],
)
def test_a_time_that_cannot_be_read_is_counted(tmp_path: Path, time: object) -> None:
    path = write_jsonl(
        tmp_path / "a.jsonl", {"title": "a", "published": time}, {"title": "b", "published": "2026-03-02"}
    )
    (chunk,) = read_items(path, "America/New_York")
    assert chunk.items["title"].tolist() == ["b"]
    assert (chunk.n_rows, chunk.n_unusable) == (2, 1)


def test_times_of_every_form_may_stand_in_one_column(tmp_path: Path) -> None:
    times = ["2026-03-02T12:00:00Z", "2026-03-02 12:00:00+00", "2026-03-02", "2026-03-02T12:00:00.123456789", "never"]
    expected = ["2026-03-02T12:00:00+00:00"] * 2 + ["2026-03-02T00:00:00+00:00", "2026-03-02T12:00:00.123456+00:00"]
    assert read_times(tmp_path, *times) == expected


def local(text: str) -> datetime:
    """Give a time without a zone, as a file may hold it."""
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([local("2026-03-02 12:00"), None], pa.timestamp("ns")), ["2026-03-02T11:00:00+00:00"]),
        (pa.array([local("2026-10-25 02:30"), None], pa.timestamp("s")), ["2026-10-25T00:30:00+00:00"]),
        (pa.array([local("2026-03-29 02:30"), None], pa.timestamp("us")), ["2026-03-29T01:00:00+00:00"]),
        (pa.array([local("2026-03-02 12:00"), None], pa.timestamp("ms", "Asia/Tokyo")), ["2026-03-02T12:00:00+00:00"]),
        (pa.array([date(2026, 3, 2), None]), ["2026-03-01T23:00:00+00:00"]),
        (pa.array(["2026-03-02T12:00Z", None]).dictionary_encode(), ["2026-03-02T12:00:00+00:00"]),
        (pa.array([20260302, None]), []),
        (pa.array([None, None]), []),
    ],
)
def test_times_of_parquet_are_read_by_their_type(tmp_path: Path, column: pa.Array, expected: list[str]) -> None:
    pq.write_table(pa.table({"title": ["a", "b"], "published": column}), tmp_path / "a.parquet")
    (chunk,) = read_items(tmp_path / "a.parquet", "Europe/Berlin")
    assert [time.isoformat() for time in chunk.items["published"]] == expected
    assert chunk.n_unusable == 2 - len(expected)
    assert str(chunk.items["published"].dtype) == "datetime64[us, UTC]"


def test_the_same_headline_twice_a_day_is_one_item(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "CHUNK_ROWS", 10)
    days = ["2026-03-02T08:00:00Z", "2026-03-02T23:59:59Z", "2026-03-03T00:00:00Z"]
    assert read_times(tmp_path, *days) == [time.replace("Z", "+00:00") for time in days]
    path = write_jsonl(tmp_path / "b.jsonl", *({"title": "Same", "published": time} for time in days))
    (chunk,) = read_items(path)
    assert [time.day for time in chunk.items["published"]] == [2, 3]
    assert (chunk.n_rows, chunk.n_unusable) == (3, 0)


def test_ids_do_not_depend_on_where_a_chunk_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"title": f"Headline {n % 5}", "published": f"2026-03-0{n % 3 + 1}", "url": ""} for n in range(20)]
    path = write_jsonl(tmp_path / "a.jsonl", *rows)
    ids = []
    for n_rows in (1, 3, 7, 100):
        monkeypatch.setattr(tables, "CHUNK_ROWS", n_rows)
        ids.append(dict.fromkeys(item_id for chunk in read_items(path) for item_id in chunk.items["item_id"]))
    assert len(ids[0]) == 15
    assert all(list(other) == list(ids[0]) for other in ids)


def test_an_item_with_an_address_is_named_by_it(tmp_path: Path) -> None:
    rows = [
        {"title": "Old headline", "published": "2026-03-02", "url": "https://a.example/1?utm_source=x"},
        {"title": "New headline", "published": "2026-03-03", "url": "https://A.example/1"},
    ]
    (chunk,) = read_items(write_jsonl(tmp_path / "a.jsonl", *rows))
    assert chunk.items["title"].tolist() == ["Old headline"]
    assert (chunk.n_rows, chunk.n_unusable) == (2, 0)


@pytest.mark.parametrize("title", ["", " ", "<p></p>", "\u200b", None, 7])
def test_a_row_without_text_is_counted(tmp_path: Path, title: object) -> None:
    (chunk,) = read_items(write_jsonl(tmp_path / "a.jsonl", {"title": title, "published": "2026-03-02"}))
    assert (len(chunk.items), chunk.n_rows, chunk.n_unusable) == (0, 1, 1)
    assert chunk.items.columns.tolist() == list(ITEM_COLUMNS)


def test_a_time_that_has_not_come_is_counted(tmp_path: Path) -> None:
    now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    times = ("2026-03-02T13:00:00Z", "2026-03-02T13:00:00.000001Z", "2099-01-01")
    rows = [{"title": f"Headline {number}", "published": time} for number, time in enumerate(times)]
    chunks = read_items(write_jsonl(tmp_path / "a.jsonl", *rows), now=now)
    assert [title for chunk in chunks for title in chunk.items["title"]] == ["Headline 0"]
    assert sum(chunk.n_unusable for chunk in chunks) == 2


@pytest.mark.parametrize("column", ["title", "published"])
def test_read_archived_items_names_a_missing_column(tmp_path: Path, column: str) -> None:
    row = {"title": "a", "published": "2026-03-02"}
    del row[column]
    with pytest.raises(TableError, match=f"has no column '{column}'"):
        read_items(write_jsonl(tmp_path / "a.jsonl", row))


@pytest.mark.parametrize("timezone", ["Mars/Olympus", "", "../../etc/passwd", "+02:00"])
def test_read_archived_items_names_a_zone_that_is_none(tmp_path: Path, timezone: str) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", {"title": "a", "published": "2026-03-02"})
    with pytest.raises(TableError) as caught:
        read_items(path, timezone)
    assert str(caught.value).startswith(f"{timezone!r} is not a time zone")


# --- labels ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_read_labelled_rows_reads_the_rows_with_a_label(tmp_path: Path, name: str) -> None:
    rows = [("up", "positive"), ("down", "negative"), ("odd", ""), ("flat", "neutral"), ("https://a.b", "neutral")]
    found = read_labelled_rows(str(write_rows(tmp_path / name, rows)), text_column="text", label_column="n")
    assert found.texts == ["up", "down", "flat"]
    assert found.label_ids.tolist() == [2, 0, 1]
    assert found.label_ids.dtype == np.int64
    assert (found.groups, found.n_left_out) == ({}, 2)


def test_read_labelled_rows_leaves_out_what_is_missing(tmp_path: Path) -> None:
    columns = {"text": ["a", None, "c", " <b>d</b>"], "label": ["positive", "negative", None, " neutral"]}
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    found = read_labelled_rows(str(tmp_path / "a.parquet"), text_column="text", label_column="label")
    assert (found.texts, found.label_ids.tolist(), found.n_left_out) == (["a", "d"], [2, 1], 2)
    rows = [{"text": "a"}, {"text": 1, "label": "positive"}, {"text": "c", "label": "neutral"}]
    path = write_jsonl(tmp_path / "a.jsonl", *rows)
    found = read_labelled_rows(str(path), text_column="text", label_column="label")
    assert (found.texts, found.label_ids.tolist(), found.n_left_out) == (["c"], [1], 2)


def test_read_labelled_rows_reads_grouping_columns_as_text(tmp_path: Path) -> None:
    columns = {
        "text": ["a", "b", "c", "d"],
        "label": ["positive", "positive", None, "positive"],
        "source": ["wire", None, "wire", " desk "],
        "agreement": [100.0, 66.5, 50.0, None],
    }
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    found = read_labelled_rows(
        str(tmp_path / "a.parquet"),
        text_column="text",
        label_column="label",
        group_columns=("source", "agreement", "absent"),
    )
    assert found.groups == {"source": ["wire", "", "desk"], "agreement": ["100", "66.5", ""]}


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (
            ["positive", "bullish", "bullish", "none"],
            "3 rows have a label that is none of negative, neutral, positive: 'bullish' (2), 'none' (1) (rename",
        ),
        (["Positive"], "positive: 'Positive' (1) ("),
        ([0, 1, ["positive"]], "positive: '0' (1), '1' (1), "),
        (["a", "b", "c", "d", "e"], "'c' (1) and 2 more ("),
        (["x" * 99], f"'{'x' * 40}' (1)"),
    ],
    ids=["others", "case", "numbers", "many", "long"],
)
def test_read_labelled_rows_names_unknown_labels(tmp_path: Path, labels: list[object], expected: str) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", *({"text": "a", "label": label} for label in labels))
    with pytest.raises(TableError) as caught:
        read_labelled_rows(str(path), text_column="text", label_column="label")
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("text_column", "label_column", "expected"),
    [
        ("title", "n", "has no column 'title'"),
        ("text", "label", "has no column 'label'"),
        ("n", "text", "rows have a label that is none of negative, neutral, positive"),
    ],
)
def test_read_labelled_rows_names_what_is_missing(
    tmp_path: Path, text_column: str, label_column: str, expected: str
) -> None:
    with pytest.raises(TableError, match=expected):
        read_labelled_rows(str(write_rows(tmp_path / "a.csv")), text_column=text_column, label_column=label_column)


def test_read_labelled_rows_says_when_no_row_has_both(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.csv", [("a", ""), ("", "positive")])
    with pytest.raises(TableError, match="no row has a text and a label among negative, neutral, positive"):
        read_labelled_rows(str(path), text_column="text", label_column="n")
