"""A model measured on a file with the packaged bundle: rows, groups, baselines, and the packaged gate."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from jobs import LOSS, PROFIT

from sentinel import archive
from sentinel.errors import TrainingError
from sentinel.model.gate import GATE_DIR, load_floors
from sentinel.pipeline import evaluate_table, quality
from sentinel.text import fingerprint

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sentinel.figures import Evaluation

HEAD = ("text", "label", "source")
ROWS = (
    (PROFIT, "positive", "wire"),
    (LOSS, "negative", "wire"),
    ("Oxmead names a new chair", "neutral", "desk"),
    ("Shares of Lantry", "", "desk"),
    ("", "neutral", "desk"),
)


def write_table(path: Path, rows: Sequence[Sequence[str]], head: Sequence[str] = HEAD) -> str:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([head, *rows])
    return str(path)


def evaluate(source: str, *train_files: str) -> Evaluation:
    return evaluate_table("packaged", source, text_column="text", label_column="label", train_files=train_files)


def test_rows_without_a_label_or_a_text_are_left_out_and_counted(tmp_path: Path) -> None:
    evaluation = evaluate(write_table(tmp_path / "a.csv", ROWS))
    assert evaluation.figures.n == 3
    assert evaluation.notes[0] == "2 rows without a label or a text are left out"
    assert evaluation.confusion == ((1, 0, 0), (0, 1, 0), (0, 0, 1))


def test_groups_are_measured_by_value_the_most_frequent_first(tmp_path: Path) -> None:
    evaluation = evaluate(write_table(tmp_path / "a.csv", ROWS))
    assert {name: [(group.value, group.figures.n) for group in found] for name, found in evaluation.groups.items()} == {
        "source": [("wire", 2), ("desk", 1)]
    }


def test_a_grouping_column_that_is_empty_throughout_is_no_group(tmp_path: Path) -> None:
    assert evaluate(write_table(tmp_path / "a.csv", [(text, label, "") for text, label, _ in ROWS])).groups == {}


def test_of_many_groups_the_most_frequent_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality, "MAX_GROUPS", 1)
    evaluation = evaluate(write_table(tmp_path / "a.csv", ROWS))
    assert [group.value for group in evaluation.groups["source"]] == ["wire"]
    assert evaluation.notes[-1] == "source: the 1 most frequent of 2 values are shown"


def test_training_rows_that_are_measured_are_left_out_and_counted(tmp_path: Path) -> None:
    source = write_table(tmp_path / "a.csv", ROWS)
    other = [(f"Oxmead {words} again and again", label, "") for words, label, _ in ROWS[:3]]
    first = write_table(tmp_path / "first.csv", [(PROFIT.upper(), "negative", ""), *other])
    second = write_table(tmp_path / "second.csv", [(f"{text} today", label, "") for text, label, _ in other])
    evaluation = evaluate(source, first, second)
    assert evaluation.notes[1] == "1 of 7 training rows are left out: their headline is measured"
    assert {system.trained_on for system in evaluation.baselines} == {
        "6 rows of first.csv, second.csv",
        "nothing: a lexicon",
    }


def test_training_on_the_measured_rows_alone_is_refused(tmp_path: Path) -> None:
    source = write_table(tmp_path / "a.csv", ROWS)
    with pytest.raises(TrainingError, match=r"a\.csv: every headline in it is also in the measured file"):
        evaluate(source, source)


def test_the_packaged_gate_is_large_and_its_floors_fit_its_headlines() -> None:
    rows = archive.read_labelled_rows(
        str(GATE_DIR / "headlines.csv"), text_column="text", label_column="label", group_columns=["phenomenon"]
    )
    assert rows.n_left_out == 0
    assert len({fingerprint(text) for text in rows.texts}) == len(rows.texts) >= 300
    assert load_floors(GATE_DIR / "floors.yaml", phenomena=set(rows.groups["phenomenon"])).accuracy > 0.5
