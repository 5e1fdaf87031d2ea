"""The release gate: a model measured on hand-written headlines must not fall below pinned floors.

Comes in: label ids, probabilities, the phenomenon of each headline, and ``floors.yaml``. Goes out: a line per figure
that says whether it holds. The packaged headlines are never trained on.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sentinel.errors import ConfigError, QualityGateError
from sentinel.model.evaluation import measure
from sentinel.model.fairness import largest_shifts
from sentinel.yaml_file import read_yaml

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sentinel.figures import GroupShift
    from sentinel.records import ModelFacts

GATE_DIR = Path(__file__).resolve().parents[1] / "assets" / "gate"
HEADLINES_NAME = "headlines.csv"
FLOORS_NAME = "floors.yaml"
PHENOMENON_COLUMN = "phenomenon"
ALL_ROWS = "all rows"
ECE = "ece"
SHIFT = "shift"

Fraction = Annotated[float, Field(ge=0, le=1)]


class Floors(BaseModel):
    """What a model must reach on the gate's headlines; fractions.

    Attributes:
        accuracy: at least, on all rows.
        macro_f1: at least, on all rows.
        max_ece: at most, on all rows.
        max_shift: how far at most the polarity of a group may lie from that of all in the audit (``model.fairness``);
            without it there is none.
        phenomena: accuracy at least, by phenomenon; one that is not named has no floor of its own.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    accuracy: Fraction
    macro_f1: Fraction
    max_ece: Fraction
    max_shift: Fraction | None = None
    phenomena: dict[str, Fraction] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GateLine:
    """One figure beside its bound.

    Attributes:
        rows: "all rows", or a phenomenon.
        measure: accuracy, macro_f1, ece or shift.
        n: rows it rests on.
        value: what was measured.
        bound: pinned floor, or ceiling of ece and of a shift's size; None where nothing is pinned.
    """

    rows: str
    measure: str
    n: int
    value: float
    bound: float | None

    @property
    def holds(self) -> bool:
        """Whether the figure is within its bound."""
        if self.bound is None:
            return True
        return abs(self.value) <= self.bound if self.is_ceiling else self.value >= self.bound

    @property
    def is_ceiling(self) -> bool:
        """Whether less is better."""
        return self.measure in (ECE, SHIFT)

    @property
    def words(self) -> str:
        """The line as part of a sentence: "negation accuracy 0.4103 (floor 0.5)"."""
        kind = "ceiling" if self.is_ceiling else "floor"
        return f"{self.rows} {self.measure} {self.value:.4f} ({kind} {self.bound})"


@dataclass(frozen=True, slots=True)
class GateResult:
    """A measured model.

    Attributes:
        model: what was measured.
        lines: figures on all rows, then accuracy by phenomenon in alphabetical order.
    """

    model: ModelFacts
    lines: tuple[GateLine, ...]

    def require(self) -> None:
        """End here unless every figure holds.

        Raises:
            QualityGateError: some do not; it names them.
        """
        missed = [line.words for line in self.lines if not line.holds]
        if missed:
            raise QualityGateError(
                f"does not hold what is pinned: {', '.join(missed)}", where=f"{self.model.name} {self.model.model_id}"
            )


def load_floors(path: Path, *, phenomena: Collection[str]) -> Floors:
    """Read pinned floors.

    Args:
        path: YAML file with the keys of ``Floors``.
        phenomena: those that the headlines have.

    Returns:
        The floors.

    Raises:
        ConfigError: the file is missing or wrong, or pins a phenomenon that no headline has.
    """
    file = read_yaml(path)
    try:
        floors = Floors.model_validate(file.values)
    except ValidationError as error:
        raise file.error(error) from error
    for name in floors.phenomena:
        if name not in phenomena:
            raise ConfigError("no headline has this phenomenon", where=file.where(("phenomena", name)))
    return floors


def judge(
    label_ids: np.ndarray, probabilities: np.ndarray, phenomena: Sequence[str], floors: Floors
) -> tuple[GateLine, ...]:
    """Measure what has a floor, and the accuracy on every phenomenon.

    Args:
        label_ids: int array of shape (n,), positions in LABELS.
        probabilities: float array of shape (n, 3), columns in LABELS order.
        phenomena: of each row.
        floors: what is pinned.

    Returns:
        Figures on all rows, then by phenomenon.
    """
    figures = measure(label_ids, probabilities)
    bounds = {"accuracy": floors.accuracy, "macro_f1": floors.macro_f1, ECE: floors.max_ece}
    lines = [GateLine(ALL_ROWS, name, len(label_ids), figures[name], bound) for name, bound in bounds.items()]
    names = np.array(phenomena)
    for phenomenon in sorted(set(phenomena)):
        rows = np.flatnonzero(names == phenomenon)
        accuracy = measure(label_ids[rows], probabilities[rows])["accuracy"]
        lines.append(GateLine(phenomenon, "accuracy", len(rows), accuracy, floors.phenomena.get(phenomenon)))
    return tuple(lines)


def judge_shifts(shifts: Sequence[GroupShift], max_shift: float) -> tuple[GateLine, ...]:
    """Hold the largest shift of each dimension of an audit against its ceiling.

    Args:
        shifts: of all groups.
        max_shift: largest size allowed.

    Returns:
        A line for each kind and dimension, of the group that is farthest from the mean.
    """
    return tuple(
        GateLine(f"{found.kind} {found.group}", SHIFT, found.n_texts, found.shift.value or 0.0, max_shift)
        for found in largest_shifts(shifts)
    )
