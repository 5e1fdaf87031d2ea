"""Archives are scored shard by shard: every row once, whatever ends a run, and nothing twice."""

from __future__ import annotations

import gzip
import json
import os
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.archive import Archived, Work, rows, score_archive, score_locally
from sentinel.archive.folders import Folder
from sentinel.archive.memory import RememberedScores
from sentinel.archive.shards import ADDED_COLUMNS, free_names
from sentinel.errors import ArchiveError, LockHeldError, TableError
from sentinel.lock import hold_lock
from tests.archive.scorers import BrokenOff, load, load_fatal, score

if TYPE_CHECKING:
    from pathlib import Path

    from sentinel.archive.engines import LoadScore

TEXTS = ["Profit rises", "Profit falls", "", "Annual meeting", "Profit rises"]


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "CHUNK_ROWS", 2)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "news"
    (folder / "2024").mkdir(parents=True)
    write_parquet(folder / "2024" / "a.parquet", TEXTS)
    write_parquet(folder / "b.parquet", ["Sales falls", "Sales rises"])
    (folder / "c.csv").write_text("id,text\n1,Output rises\n2,Output falls\n", encoding="utf-8")
    return folder


def write_parquet(path: Path, texts: list[Any]) -> None:
    pq.write_table(pa.table({"id": [f"{path.name}-{row}" for row in range(len(texts))], "text": texts}), path)


def run(source: Path | str, output: Path | str, *, load: LoadScore = load, model: str = "m1", n: int = 1) -> Archived:
    work = Work(str(source), str(output), "text", model)
    return score_archive(work, lambda work, shards: score_locally(work, shards, load, n_processes=n))


def read(path: Path) -> list[dict[str, Any]]:
    return pq.read_table(path).to_pylist()


def all_rows(output: Path) -> list[tuple[Any, ...]]:
    """Give (shard, row, id, label) of all scored rows in order."""
    files = sorted(output.rglob("[!.]*.parquet"))
    return [
        (str(path.relative_to(output)), row["row"], row["id"], row["label"]) for path in files for row in read(path)
    ]


EXPECTED = [
    ("2024/a.parquet", 0, "a.parquet-0", "positive"),
    ("2024/a.parquet", 1, "a.parquet-1", "negative"),
    ("2024/a.parquet", 2, "a.parquet-2", None),
    ("2024/a.parquet", 3, "a.parquet-3", "neutral"),
    ("2024/a.parquet", 4, "a.parquet-4", "positive"),
    ("b.parquet", 0, "b.parquet-0", "negative"),
    ("b.parquet", 1, "b.parquet-1", "positive"),
    ("c.csv.parquet", 0, "1", "positive"),
    ("c.csv.parquet", 1, "2", "negative"),
]


def test_archive_gives_every_row_of_every_shard_once(source: Path, tmp_path: Path) -> None:
    """Each shard becomes one file with its rows in order, numbered, with scores."""
    done = run(source, tmp_path / "scored")
    assert (done.n_rows, done.n_scored, done.n_new) == (9, 8, 3)
    assert all_rows(tmp_path / "scored") == EXPECTED
    first = read(tmp_path / "scored" / "2024" / "a.parquet")[0]
    assert [round(first[name], 6) for name in ("negative", "neutral", "positive", "polarity")] == [0.1, 0.2, 0.7, 0.6]
    assert (first["model_id"], first["reason"], first["line"]) == ("m1", "", None)


def test_archive_writes_the_same_with_several_processes(source: Path, tmp_path: Path) -> None:
    """Two processes write what one writes."""
    done = run(source, tmp_path / "scored", n=2)
    assert (done.n_rows, done.n_scored, done.n_new) == (9, 8, 3)
    assert all_rows(tmp_path / "scored") == EXPECTED


def test_archive_tells_of_its_shards_in_a_manifest(source: Path, tmp_path: Path) -> None:
    """The manifest has the counts of the whole and of each shard, and why rows have no score."""
    run(source, tmp_path / "scored")
    manifest = json.loads((tmp_path / "scored" / "manifest.json").read_text(encoding="utf-8"))
    assert {name: manifest[name] for name in ("model_id", "n_shards", "n_failed_shards", "n_rows", "n_scored")} == {
        "model_id": "m1",
        "n_shards": 3,
        "n_failed_shards": 0,
        "n_rows": 9,
        "n_scored": 8,
    }
    assert [(shard["name"], shard["n_rows"], shard["reasons"]) for shard in manifest["shards"]] == [
        ("2024/a.parquet", 5, {"no text": 1}),
        ("b.parquet", 2, {}),
        ("c.csv", 2, {}),
    ]


def test_archive_goes_on_where_it_was_broken_off(source: Path, tmp_path: Path) -> None:
    """A run that is broken off in the middle of a shard leaves whole files; the next one scores what is missing."""
    write_parquet(source / "b.parquet", ["Sales rises", "Sales falls", "Sales wait"])
    gate, output = tmp_path / "gate", tmp_path / "scored"
    with pytest.raises(KeyboardInterrupt):
        run(source, output, load=BrokenOff(gate))
    assert sorted(str(path.relative_to(output)) for path in output.rglob("*.parquet*")) == ["2024/a.parquet"]
    before = (output / "2024" / "a.parquet").stat().st_mtime_ns
    gate.touch()
    done = run(source, output, load=BrokenOff(gate))
    assert (done.n_rows, done.n_new) == (10, 2)
    assert (output / "2024" / "a.parquet").stat().st_mtime_ns == before
    assert [row[:3] for row in all_rows(output) if row[0] == "b.parquet"] == [
        ("b.parquet", row, f"b.parquet-{row}") for row in range(3)
    ]


def test_archive_scores_a_finished_one_no_second_time(source: Path, tmp_path: Path) -> None:
    """Nothing is loaded and scored when everything is there."""
    run(source, tmp_path / "scored")
    done = run(source, tmp_path / "scored", load=load_fatal)
    assert (done.n_rows, done.n_scored, done.n_new) == (9, 8, 0)


def test_archive_scores_a_changed_shard_again(source: Path, tmp_path: Path) -> None:
    """A shard that was written anew is scored anew, the others are not."""
    run(source, tmp_path / "scored")
    write_parquet(source / "b.parquet", ["Profit rises"])
    done = run(source, tmp_path / "scored")
    assert (done.n_rows, done.n_new) == (8, 1)


@pytest.mark.parametrize("content", [b"", b"PAR1 and not more"])
def test_archive_scores_anew_what_is_no_file_of_its_own(source: Path, tmp_path: Path, content: bytes) -> None:
    """A file in the way that is not a scored shard is replaced."""
    (tmp_path / "scored").mkdir()
    (tmp_path / "scored" / "b.parquet").write_bytes(content)
    assert run(source, tmp_path / "scored").n_new == 3
    assert all_rows(tmp_path / "scored") == EXPECTED


def test_archive_never_replaces_scores_of_another_model(source: Path, tmp_path: Path) -> None:
    """A folder with scores of one model is refused to another."""
    run(source, tmp_path / "scored")
    with pytest.raises(ArchiveError, match="holds scores of column 'text' by model m1"):
        run(source, tmp_path / "scored", model="m2")
    assert {row["model_id"] for row in read(tmp_path / "scored" / "b.parquet")} == {"m1"}


def test_archive_goes_past_a_shard_that_cannot_be_read(source: Path, tmp_path: Path) -> None:
    """Damaged shards and shards without the column are named with their reason, the others are scored."""
    (source / "b.parquet").write_bytes(b"PAR1 cut")
    (source / "c.csv").write_text("id,body\n1,x\n", encoding="utf-8")
    done = run(source, tmp_path / "scored")
    assert done.n_rows == 5
    assert done.failures["b.parquet"].startswith("b.parquet: cannot be read as parquet")
    assert done.failures["c.csv"].startswith("c.csv: has no column 'text'; it has id, body")
    assert not (tmp_path / "scored" / "b.parquet").exists()


def test_archive_keeps_nothing_of_a_shard_that_ends_too_soon(tmp_path: Path) -> None:
    """A compressed shard that is cut off fails as a whole: its rows are not half there."""
    whole = gzip.compress("".join(["text\n", *(f"Profit rises {row**9}\n" for row in range(500))]).encode())
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "a.csv.gz").write_bytes(whole[: len(whole) // 2])
    done = run(tmp_path / "news", tmp_path / "scored")
    assert list(done.failures) == ["a.csv.gz"]
    assert not list((tmp_path / "scored").glob("*a.csv*"))


@pytest.mark.parametrize(
    ("name", "pack"),
    [("a.csv", bytes), ("a.csv.gz", gzip.compress), ("a.csv.zst", zstd.compress), ("a.CSV", bytes)],
)
def test_archive_keeps_bad_rows_of_csv_with_their_reason(tmp_path: Path, name: str, pack: Any) -> None:
    """A row with too many or too few cells, no UTF-8 or no text is in its place, with the line that stands there."""
    content = (
        b'text,n\r\nProfit rises,1\nProfit falls\n"Two\nlines rises",2\nCaf\xe9 falls,3\n,4\n\na,b,c\nSales falls,5'
    )
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / name).write_bytes(pack(content))
    run(tmp_path / "news", tmp_path / "scored")
    found = read(tmp_path / "scored" / f"{name}.parquet")
    assert [(row["row"], row["text"], row["label"], row["reason"], row["line"]) for row in found] == [
        (0, "Profit rises", "positive", "", None),
        (1, None, None, "1 cells under a header of 2", "Profit falls"),
        (2, "Two\nlines rises", "positive", "", None),
        (3, None, None, "not UTF-8", "Caf\N{REPLACEMENT CHARACTER} falls,3"),
        (4, "", None, "no text", None),
        (5, None, None, "3 cells under a header of 2", "a,b,c"),
        (6, "Sales falls", "negative", "", None),
    ]


def test_archive_goes_on_behind_a_quote_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell that never ends is one bad row as far as a cell may go, not the rest of the file."""
    monkeypatch.setattr(rows, "CHUNK_ROWS", 20_000)
    (tmp_path / "news").mkdir()
    lines = ["text", '"Profit rises', *["Sales falls"] * 30_000]
    (tmp_path / "news" / "a.csv").write_text("\n".join(lines), encoding="utf-8")
    run(tmp_path / "news", tmp_path / "scored")
    found = read(tmp_path / "scored" / "a.csv.parquet")
    assert found[0]["reason"].startswith("no CSV: field larger")
    n_swallowed = found[0]["line"].count("Sales falls")
    assert {row["label"] for row in found[1:]} == {"negative"}
    assert len(found) - 1 + n_swallowed == 30_000


@pytest.mark.parametrize(("name", "pack"), [("a.jsonl", bytes), ("a.ndjson.gz", gzip.compress)])
def test_archive_keeps_bad_rows_of_jsonl_with_their_reason(tmp_path: Path, name: str, pack: Any) -> None:
    """A line that is no object is in its place; keys that come later are columns of all; other values are JSON."""
    lines = [
        b'{"text": "Profit rises", "n": 1}',
        b"[1]",
        b"",
        b'{"text": 5}',
        b'{"text": "Caf\xe9"}',
        b'{"text": "half \\ud83d falls", "late": {"a": null}}',
        b'{"text": "cut',
    ]
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / name).write_bytes(pack(b"\n".join(lines)))
    run(tmp_path / "news", tmp_path / "scored")
    found = read(tmp_path / "scored" / f"{name}.parquet")
    assert [(row["text"], row["n"], row["late"], row["label"], row["reason"], row["line"]) for row in found] == [
        ("Profit rises", "1", None, "positive", "", None),
        (None, None, None, None, "no JSON object", "[1]"),
        ("5", None, None, "neutral", "", None),
        (None, None, None, None, "not UTF-8", '{"text": "Caf\N{REPLACEMENT CHARACTER}"}'),
        ("half \N{REPLACEMENT CHARACTER} falls", None, '{"a": null}', "negative", "", None),
        (None, None, None, None, "no JSON object", '{"text": "cut'),
    ]


def test_archive_keeps_the_types_of_parquet(tmp_path: Path) -> None:
    """Columns of Parquet come out as they are; a text column without strings gives no scores, and says so."""
    table = pa.table(
        {
            "text": pa.array([1, None], pa.int16()),
            "tags": pa.array([["x"], None]),
            "label": pa.array(["mine", None], pa.dictionary(pa.int8(), pa.string())),
        }
    )
    (tmp_path / "news").mkdir()
    pq.write_table(table, tmp_path / "news" / "a.parquet")
    run(tmp_path / "news", tmp_path / "scored")
    scored = pq.read_table(tmp_path / "scored" / "a.parquet")
    assert scored.select(["text", "tags", "input_label"]).rename_columns(table.column_names).equals(table)
    assert scored["reason"].to_pylist() == ["the text is no string", "no text"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", b"text,text\nx,y\n", "two columns named 'text'"),
        ("a.csv", b"", "has no column 'text'"),
        ("a.csv", b"te\xffxt\nx\n", "its header is not UTF-8"),
        ("a.csv.gz", b"plain", "cannot be read as csv"),
        ("a.jsonl", b"".join(b'{"k%d": 1}\n' % key for key in range(1_001)), "more than 1000 different keys"),
    ],
)
def test_archive_names_what_is_wrong_with_a_shard(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    """A shard that is not what its name says fails with a sentence that says why."""
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / name).write_bytes(content)
    assert reason in run(tmp_path / "news", tmp_path / "scored").failures[name]


@pytest.mark.parametrize("name", ["a.parquet", "a.csv", "a.jsonl", "a.txt"])
def test_archive_of_no_rows_is_a_file_of_no_rows(tmp_path: Path, name: str) -> None:
    """A shard without rows becomes a file without rows; lines tell no columns, so JSONL has none to score."""
    (tmp_path / "news").mkdir()
    path = tmp_path / "news" / name
    write_parquet(path, []) if name == "a.parquet" else path.write_text("text\n" if name == "a.csv" else "")
    done = run(tmp_path / "news", tmp_path / "scored")
    assert (done.n_rows, len(done.failures)) == (0, 1 if name == "a.jsonl" else 0)


def test_archive_takes_a_single_file(source: Path, tmp_path: Path) -> None:
    """A file instead of a folder is the only shard."""
    assert run(source / "b.parquet", tmp_path / "scored").n_rows == 2
    assert [path.name for path in (tmp_path / "scored").glob("*.parquet")] == ["b.parquet"]


def test_archive_may_lie_inside_its_source(source: Path) -> None:
    """Scored shards below the source are not scored in turn."""
    assert run(source, source / "scored").n_rows == 9
    assert run(source, source / "scored").n_new == 0


def test_archive_refuses_two_shards_of_one_result(source: Path, tmp_path: Path) -> None:
    """Shards that would become one file are refused before anything is scored."""
    write_parquet(source / "c.csv.parquet", ["Profit rises"])
    with pytest.raises(TableError, match=r"two shards that would become c\.csv\.parquet"):
        run(source, tmp_path / "scored")


@pytest.mark.parametrize(
    ("spec", "words"),
    [("absent", "no such folder"), ("empty", "has no tables"), ("nowhere://x/y", "cannot be opened")],
)
def test_archive_names_a_source_that_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spec: str, words: str
) -> None:
    """A missing folder, one without tables and an unknown kind of URL are one line."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(TableError, match=words):
        run(spec, tmp_path / "scored")


def test_archive_keeps_a_second_run_away(source: Path, tmp_path: Path) -> None:
    """Two runs never write into one folder at a time."""
    with hold_lock(tmp_path / "scored" / ".lock"), pytest.raises(LockHeldError):
        run(source, tmp_path / "scored")


def test_archive_says_when_a_process_was_killed(source: Path, tmp_path: Path) -> None:
    """A worker that is ended from outside ends the run with a line, and nothing half-written is taken for whole."""
    with pytest.raises(ArchiveError, match="a process ended in the middle"):
        run(source, tmp_path / "scored", load=load_fatal, n=2)
    assert run(source, tmp_path / "scored").n_rows == 9


def test_archive_works_on_any_file_system(source: Path) -> None:
    """A URL of fsspec is read, written, and gone on with like a folder."""
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    memory.put(f"{source}/", "/archive-test/news/", recursive=True)
    try:
        assert run("memory://archive-test/news", "memory://archive-test/scored").n_rows == 9
        assert sorted(memory.find("/archive-test/scored")) == [
            f"/archive-test/scored/{name}" for name in ("2024/a.parquet", "b.parquet", "c.csv.parquet", "manifest.json")
        ]
        with memory.open("/archive-test/scored/b.parquet") as stream:
            assert pq.read_table(stream)["label"].to_pylist() == ["negative", "positive"]
    finally:
        memory.rm("/archive-test", recursive=True)


def test_folder_reads_a_url_of_this_machine(source: Path) -> None:
    """file:// and a path are the same folder."""
    assert Folder.open(f"file://{source}").shards() == Folder.open(str(source)).shards()


def test_folder_shows_no_credentials() -> None:
    """Whoever sees an error does not see the key in a URL."""
    with pytest.raises(TableError) as caught:
        Folder.open("nowhere://key:secret@bucket/news")
    assert str(caught.value).startswith("nowhere://bucket/news: cannot be opened")
    assert "secret" not in str(caught.value)


def test_folder_leaves_nothing_of_a_file_that_is_not_finished(tmp_path: Path) -> None:
    """An error while writing leaves the old file as it was."""
    folder = Folder.open(str(tmp_path))
    (tmp_path / "a").write_bytes(b"old")

    def write_half() -> None:
        with folder.write_aside("a") as stream:
            stream.write(b"new")
            raise OSError(28, os.strerror(28))

    with pytest.raises(TableError, match="cannot be written"):
        write_half()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"old"}


# --- what is remembered ----------------------------------------------------------------------------------------------


@given(st.lists(st.lists(st.sampled_from([f"text {n}" for n in range(9)]), min_size=1)), st.integers(1, 6))
@settings(max_examples=50, deadline=None)
def test_remembered_scores_are_those_of_the_scorer(calls: list[list[str]], n_texts: int) -> None:
    """Whatever was forgotten, each text gets its own scores, and none is asked for twice in one call."""

    def by_number(texts: list[str]) -> np.ndarray:
        assert len(set(texts)) == len(texts) > 0
        return np.array([[float(text[-1]), 0, 1] for text in texts], dtype=np.float32)

    remembered = RememberedScores(by_number, n_texts=n_texts)
    for texts in calls:
        assert remembered(texts)[:, 0].tolist() == [float(text[-1]) for text in texts]


def test_remembered_scores_ask_once_for_a_text() -> None:
    """A text that comes again is not scored again while it is remembered."""
    asked: list[str] = []

    def noted(texts: list[str]) -> np.ndarray:
        asked.extend(texts)
        return score(texts)

    remembered = RememberedScores(noted, n_texts=3)
    for texts in (["a", "b", "a"], ["b", "c"], ["d"], ["b", "a"]):
        remembered(texts)
    assert asked == ["a", "b", "c", "d", "a"]


# --- names -----------------------------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from([*ADDED_COLUMNS, "input_row", "input_input_row", "text"]), unique=True))
def test_free_names_are_all_different(names: list[str]) -> None:
    """No column of the input takes the name of an added one, and none is lost."""
    new = free_names(names)
    assert len({*new, *ADDED_COLUMNS}) == len(names) + len(ADDED_COLUMNS)
