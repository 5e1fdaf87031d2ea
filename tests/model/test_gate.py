from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from sentinel.errors import ConfigError, QualityGateError
from sentinel.model.evaluation import measure
from sentinel.model.gate import GATE_DIR, Floors, GateResult, judge, load_floors
from sentinel.records import ModelFacts

if TYPE_CHECKING:
    from pathlib import Path

LABEL_IDS = np.array([0, 1, 2, 2])
PROBABILITIES = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8], [0.8, 0.1, 0.1]])
PHENOMENA = ["plain", "plain", "negation", "negation"]
MODEL = ModelFacts("0123456789ab", "tiny", "GPT-2", {})


def _judge(*, accuracy: float = 0.0, macro_f1: float = 0.0, max_ece: float = 1.0, **phenomena: float) -> GateResult:
    floors = Floors(accuracy=accuracy, macro_f1=macro_f1, max_ece=max_ece, phenomena=phenomena)
    return GateResult(MODEL, judge(LABEL_IDS, PROBABILITIES, PHENOMENA, floors))


def test_judge_measures_all_rows_and_each_phenomenon() -> None:
    figures = measure(LABEL_IDS, PROBABILITIES)
    lines = _judge(accuracy=0.7, macro_f1=0.6, max_ece=0.1, plain=0.9).lines
    assert [(line.rows, line.measure, line.n, line.value, line.bound) for line in lines] == [
        ("all rows", "accuracy", 4, 0.75, 0.7),
        ("all rows", "macro_f1", 4, figures["macro_f1"], 0.6),
        ("all rows", "ece", 4, figures["ece"], 0.1),
        ("negation", "accuracy", 2, 0.5, None),
        ("plain", "accuracy", 2, 1.0, 0.9),
    ]


def test_a_figure_that_is_exactly_at_its_floor_holds() -> None:
    result = _judge(accuracy=0.75, negation=0.5, plain=1.0, max_ece=measure(LABEL_IDS, PROBABILITIES)["ece"])
    assert all(line.holds for line in result.lines)
    result.require()


@pytest.mark.parametrize(
    ("floors", "words"),
    [
        ({"accuracy": 0.76}, "all rows accuracy 0.7500 (floor 0.76)"),
        ({"macro_f1": 0.99}, "all rows macro_f1 0.7778 (floor 0.99)"),
        ({"max_ece": 0.01}, "all rows ece 0.0500 (ceiling 0.01)"),
        ({"negation": 0.6}, "negation accuracy 0.5000 (floor 0.6)"),
        ({"accuracy": 0.8, "negation": 0.6}, "(floor 0.8), negation"),
    ],
)
def test_a_figure_beyond_its_bound_fails_the_gate_and_is_named(floors: dict[str, float], words: str) -> None:
    with pytest.raises(QualityGateError) as caught:
        _judge(**floors).require()
    assert str(caught.value).startswith("tiny 0123456789ab: does not hold what is pinned: ")
    assert words in str(caught.value)
    assert caught.value.exit_code == 4


def test_floors_of_phenomena_are_optional(tmp_path: Path) -> None:
    path = tmp_path / "floors.yaml"
    path.write_text("accuracy: 0.5\nmacro_f1: 0.4\nmax_ece: 0\n", encoding="utf-8")
    assert load_floors(path, phenomena=set()) == Floors(accuracy=0.5, macro_f1=0.4, max_ece=0.0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("accuracy: 0.5\nmacro_f1: 0.4\n", "max_ece"),
        ("accuracy: 1.5\nmacro_f1: 0.4\nmax_ece: 0.1\n", "line 1, accuracy"),
        ("accuracy: yes\nmacro_f1: 0.4\nmax_ece: 0.1\n", "line 1, accuracy"),
        ("accuracy: 0.5\nmacro_f1: .nan\nmax_ece: 0.1\n", "line 2, macro_f1"),
        ("accuracy: 0.5\nmacro_f1: 0.4\nmax_ece: 0.1\nphenomena: {plain: -1}\n", "line 4, phenomena.plain"),
        ("accuracy: 0.5\nmacro_f1: 0.4\nmax_ece: 0.1\nphenomena: {plian: 1}\n", "line 4, phenomena.plian"),
    ],
)
def test_wrong_floors_name_their_line_and_key(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "floors.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=words):
        load_floors(path, phenomena={"plain"})


def test_the_packaged_gate_has_headlines_and_floors() -> None:
    assert {path.name for path in GATE_DIR.iterdir()} >= {"headlines.csv", "floors.yaml"}
