"""Does a model read the same news differently when it is about somebody else?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sentinel.errors import QualityGateError, TableError
from sentinel.figures import GroupShift, Measured
from sentinel.model.fairness import AUDIT_DIR, group_shifts, load_swaps, measure_swaps
from sentinel.model.gate import GateResult, judge_shifts
from sentinel.records import ModelFacts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def _write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder of two headlines and four towns in two groups."""
    return _write(
        tmp_path,
        headlines="kind,label,text\ntown,positive,{town} bank gains\ntown,negative,Loss at {town} bank\n",
        town="town,side\nAx,left\nBo,left\nCy,right\nDu,right\n",
    )


def _leaning(leans: dict[str, float]) -> object:
    """Make a model whose polarity is the lean of the town that a text names."""

    def score(texts: Sequence[str]) -> np.ndarray:
        polarity = np.array([sum(lean for town, lean in leans.items() if town in text) for text in texts])
        return np.stack([0.3 - polarity / 2, np.full(len(texts), 0.4), 0.3 + polarity / 2], axis=1)

    return score


def test_a_lean_of_the_model_is_found_at_its_size(folder: Path) -> None:
    """A model that reads one side 0.2 more positively shifts the sides by plus and minus 0.1, with that interval."""
    [swaps] = load_swaps(folder)
    shifts, turned, worst = measure_swaps(swaps, _leaning({"Ax": 0.2, "Bo": 0.2}))  # type: ignore[arg-type]
    assert [(found.dimension, found.group, found.n_texts) for found in shifts] == [
        ("side", "left", 4),
        ("side", "right", 4),
    ]
    assert shifts[0].shift == pytest.approx((0.1, 0.1, 0.1))
    assert shifts[1].shift == pytest.approx((-0.1, -0.1, -0.1))
    assert turned == 0.0
    assert (worst[0].lower, worst[0].higher) == ("Cy bank gains", "Ax bank gains")
    assert worst[0].higher_polarity - worst[0].lower_polarity == pytest.approx(0.2)


def test_a_model_that_does_not_look_at_names_has_no_shift(folder: Path) -> None:
    """Whatever it says of a headline, it says it of all."""
    [swaps] = load_swaps(folder)
    shifts, turned, _ = measure_swaps(swaps, _leaning({"Loss": -0.4, "gains": 0.4}))  # type: ignore[arg-type]
    assert [found.shift.value for found in shifts] == pytest.approx([0.0, 0.0])
    assert turned == 0.0


def test_labels_that_a_name_turns_are_counted(folder: Path) -> None:
    """One town of four makes both headlines positive, which are neutral with the others."""
    [swaps] = load_swaps(folder)
    assert measure_swaps(swaps, _leaning({"Ax": 0.5}))[1] == pytest.approx(0.25)  # type: ignore[arg-type]


def test_shifts_count_groups_alike_and_sum_to_0() -> None:
    """A group of many words has no more weight than a group of one."""
    polarity = np.array([[0.3, 0.0, 0.0, 0.0], [0.3, 0.0, 0.0, 0.0]])
    shifts = group_shifts(polarity, ["a", "b", "b", "b"], n_draws=50)
    assert [shifts[name].value for name in "ab"] == pytest.approx([0.15, -0.15])


def test_the_interval_covers_the_shift_of_other_names() -> None:
    """With names drawn at random, the interval holds the true difference in most of many worlds."""
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(60):
        lean = np.r_[np.full(12, 0.05), np.full(12, -0.05)] + rng.normal(0, 0.1, 24)
        polarity = lean + rng.normal(0, 0.1, (20, 24))
        shift = group_shifts(polarity, ["a"] * 12 + ["b"] * 12, n_draws=200)["a"]
        assert shift.low is not None
        assert shift.high is not None
        covered += shift.low <= 0.05 <= shift.high
    assert covered >= 50


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"town": "town,side\nAx,left\nBo\n"}, "different lengths"),
        ({"town": "place,side\nAx,left\n"}, "no column 'town'"),
        ({"town": "town\nAx\n"}, "who belongs together"),
        ({"headlines": "kind,text\ntown,{town}\n"}, "no column 'label'"),
        ({"headlines": "kind,label,text\n../x,neutral,{town}\n"}, "not the name of a list"),
        ({"headlines": "kind,label,text\ncity,neutral,{city}\n"}, "cannot be read"),
    ],
)
def test_unusable_lists_are_refused_with_the_reason(folder: Path, files: dict[str, str], words: str) -> None:
    """What is wrong with a list is said before anything is scored."""
    with pytest.raises(TableError, match=re.escape(words)):
        load_swaps(_write(folder, **files))


def test_packaged_lists_are_balanced_and_fill_every_slot() -> None:
    """Each kind has ten headlines of each label, and no text has braces left, twice the same, or an empty name."""
    rows = (AUDIT_DIR / "headlines.csv").read_text(encoding="utf-8").splitlines()[1:]
    for swaps in load_swaps():
        labels = [row.split(",")[1] for row in rows if row.startswith(f"{swaps.kind},")]
        assert {label: labels.count(label) for label in set(labels)} == dict.fromkeys(
            ("negative", "neutral", "positive"), 10
        )
        texts = swaps.texts()
        assert len(set(texts)) >= 0.9 * len(texts)
        assert not any("{" in text or "}" in text or "  " in text for text in texts)


def _shift(kind: str, group: str, value: float) -> GroupShift:
    return GroupShift(kind, "side", group, 10, Measured(value, value, value))


def test_the_gate_names_the_largest_shift_of_each_kind() -> None:
    """A shift at the ceiling holds, one beyond it on either side fails and is named."""
    lines = judge_shifts([_shift("town", "a", 0.02), _shift("town", "b", 0.01), _shift("size", "c", -0.03)], 0.02)
    assert [(line.rows, line.value, line.holds) for line in lines] == [("town a", 0.02, True), ("size c", -0.03, False)]
    with pytest.raises(QualityGateError, match=re.escape("size c shift -0.0300 (ceiling 0.02)")):
        GateResult(ModelFacts("0123456789ab", "tiny", "GPT-2", {}), lines).require()
