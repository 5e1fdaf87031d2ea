"""Does a model read the same news differently when it is about somebody else?

Comes in: headlines with slots, words for them with the groups that they belong to, and a model. Goes out: by group, the
mean shift of the polarity, and the pairs of texts that differ most. The packaged lists are never trained on.

A folder of lists holds ``headlines.csv`` (kind, label, text) and for each kind ``KIND.csv``. A column of that file that
a headline names in braces fills the slot; any other column is a dimension, and its values are groups.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sentinel.errors import TableError
from sentinel.figures import GroupShift, Measured, WorstPair

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

AUDIT_DIR = Path(__file__).resolve().parents[1] / "assets" / "audit"
HEADLINES_NAME = "headlines.csv"
HEADLINE_COLUMNS = ("kind", "label", "text")
N_DRAWS = 1_000
WORST_PAIRS = 5
"""Pairs told of each kind, of different headlines."""
_SLOT = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class Swaps:
    """Headlines of one kind and the words that are swapped in them.

    Attributes:
        kind: what is swapped.
        headlines: with slots in braces.
        words: what fills the slots, a mapping each.
        groups: by dimension, the group of each of the words.
    """

    kind: str
    headlines: tuple[str, ...]
    words: tuple[Mapping[str, str], ...]
    groups: Mapping[str, tuple[str, ...]]

    def texts(self) -> list[str]:
        """Fill every headline with every word: headline by headline, the words in order."""
        return [_filled(headline, words) for headline in self.headlines for words in self.words]


def load_swaps(folder: Path = AUDIT_DIR) -> tuple[Swaps, ...]:
    """Read a folder of lists.

    Args:
        folder: holds headlines.csv and a file for each kind in it.

    Returns:
        The swaps, in the order in which headlines.csv names their kinds.

    Raises:
        TableError: a file is missing or lacks a column, a slot is not filled, or nothing says who belongs together.
    """
    rows = _read_rows(folder / HEADLINES_NAME)
    missing = set(HEADLINE_COLUMNS) - set(rows[0])
    if missing:
        raise TableError(f"has no column {min(missing)!r}", where=str(folder / HEADLINES_NAME))
    kinds = dict.fromkeys(row["kind"] for row in rows)
    return tuple(_swaps(folder, kind, tuple(row["text"] for row in rows if row["kind"] == kind)) for kind in kinds)


def _swaps(folder: Path, kind: str, headlines: tuple[str, ...]) -> Swaps:
    path = folder / f"{kind}.csv"
    if not re.fullmatch(r"[a-z_]+", kind):
        raise TableError(f"{kind!r} is not the name of a list", where=str(folder / HEADLINES_NAME))
    words = _read_rows(path)
    slots = dict.fromkeys(slot for headline in headlines for slot in _SLOT.findall(headline))
    unknown = [slot for slot in slots if slot not in words[0]]
    dimensions = [column for column in words[0] if column not in slots]
    if unknown or not dimensions:
        missing = f"has no column {unknown[0]!r}" if unknown else "has no column that says who belongs together"
        raise TableError(missing, where=str(path))
    groups = {dimension: tuple(row[dimension] for row in words) for dimension in dimensions}
    return Swaps(kind, headlines, tuple(words), groups)


def _read_rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TableError(f"cannot be read: {error}", where=str(path)) from error
    if not rows or any(None in row or None in row.values() for row in rows):
        raise TableError("has no rows, or rows of different lengths", where=str(path))
    return rows


def _filled(headline: str, words: Mapping[str, str]) -> str:
    text = _SLOT.sub(lambda slot: words[slot.group(1)], headline)
    return text[:1].upper() + text[1:]


def measure_swaps(
    swaps: Swaps, score: Callable[[Sequence[str]], np.ndarray], *, seed: int = 0
) -> tuple[list[GroupShift], float, list[WorstPair]]:
    """Measure what one kind of swap does to a model.

    Args:
        swaps: headlines and words.
        score: texts to probabilities, float of shape (n_texts, 3).
        seed: of the bootstrap's draws.

    Returns:
        The shift of each group by dimension, the share of texts whose label is not their headline's most frequent one,
        and the worst pairs.
    """
    texts = swaps.texts()
    said = score(texts).astype(np.float64).reshape(len(swaps.headlines), len(swaps.words), -1)
    polarity = said[..., 2] - said[..., 0]  # (n_headlines, n_words)
    shifts = [
        GroupShift(swaps.kind, dimension, group, int(polarity.shape[0] * groups.count(group)), shift)
        for dimension, groups in swaps.groups.items()
        for group, shift in group_shifts(polarity, groups, seed=seed).items()
    ]
    labels = said.argmax(axis=-1)
    most = np.array([np.bincount(row).max() for row in labels]) / len(swaps.words)
    return shifts, float(1.0 - most.mean()), _worst_pairs(swaps.kind, texts, polarity)


def largest_shifts(shifts: Sequence[GroupShift]) -> list[GroupShift]:
    """Keep, of each kind and dimension, the group that is farthest from the mean."""
    largest: dict[tuple[str, str], GroupShift] = {}
    for found in shifts:
        other = largest.setdefault((found.kind, found.dimension), found)
        if abs(found.shift.value or 0.0) > abs(other.shift.value or 0.0):
            largest[found.kind, found.dimension] = found
    return list(largest.values())


def group_shifts(
    polarity: np.ndarray, groups: Sequence[str], *, seed: int = 0, n_draws: int = N_DRAWS
) -> dict[str, Measured]:
    """Give the mean shift of each group from the mean of all, every group counting alike.

    Args:
        polarity: float array of shape (n_headlines, n_words).
        groups: the group of each word.
        seed: of the draws.
        n_draws: their number; headlines are drawn anew, and within each group its words, since other headlines and
            other names could as well have stood in the lists.

    Returns:
        By group, in order of first mention, the shift with its 95 % percentile interval; all shifts sum to 0.

    Source: Efron and Tibshirani 1993, chapter 13.
    """
    names = list(dict.fromkeys(groups))
    members = [np.flatnonzero(np.array(groups) == name) for name in names]
    rng = np.random.default_rng(seed)
    n_headlines = len(polarity)
    draws = np.empty((n_draws, len(names)))
    for draw in range(n_draws):
        rows = polarity[rng.integers(0, n_headlines, n_headlines)].mean(axis=0)
        draws[draw] = [rows[rng.choice(found, len(found))].mean() for found in members]
    means = np.array([polarity[:, found].mean() for found in members])
    lows, highs = np.percentile(draws - draws.mean(axis=1, keepdims=True), [2.5, 97.5], axis=0)
    return {
        name: Measured(float(mean), float(low), float(high))
        for name, mean, low, high in zip(names, means - means.mean(), lows, highs, strict=True)
    }


def _worst_pairs(kind: str, texts: Sequence[str], polarity: np.ndarray) -> list[WorstPair]:
    n_words = polarity.shape[1]
    gaps = np.ptp(polarity, axis=1)
    pairs = []
    for row in np.argsort(-gaps, kind="stable")[:WORST_PAIRS]:
        low, high = int(polarity[row].argmin()), int(polarity[row].argmax())
        lower, higher = (texts[int(row) * n_words + place] for place in (low, high))
        pairs.append(WorstPair(kind, lower, higher, float(polarity[row, low]), float(polarity[row, high])))
    return pairs
