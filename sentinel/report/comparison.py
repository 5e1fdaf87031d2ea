"""Compare a figure as two files tell it, and stop at the first that differs."""

from __future__ import annotations

import math
from typing import NamedTuple

from sentinel.errors import DisagreementError

ROUNDING = 1e-9


class Told(NamedTuple):
    """A figure as a file tells it; None where it tells none."""

    file: str
    value: float | None


def expect_same(what: str, first: Told, second: Told, *, within: float = 0.0) -> None:
    """Check that two files tell the same figure.

    Args:
        what: which figure, for the message.
        first: as one file has it.
        second: as another has it.
        within: how far apart they may be, where one has fewer digits.

    Raises:
        DisagreementError: they differ, or one of them alone is unknown.
    """
    one, other = first.value, second.value
    if one is not other and (one is None or other is None or abs(one - other) > within + ROUNDING):
        raise DisagreementError(
            f"{what} is {_shown(one)} in {first.file} and {_shown(other)} in {second.file}",
            hint="what stood in the folder before still does; this is a fault of the program",
        )


def number_of(text: str) -> float | None:
    """Read a cell of a CSV file: a number, or None where it is empty.

    Raises:
        ValueError: it is no number.
    """
    return float(text) if text else None


def known(value: float | None) -> float | None:
    """Give None for a figure that is not known."""
    return None if value is None or not math.isfinite(value) else float(value)


def _shown(value: float | None) -> str:
    return "not told" if value is None else f"{value:.10g}"
