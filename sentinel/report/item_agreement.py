"""The gate's part for rows of items, of which there may be a million: read in pieces and compared as arrays."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentinel.errors import DisagreementError
from sentinel.records import LABELS
from sentinel.report.comparison import Told, expect_same, known, number_of
from sentinel.report.parquet import read_csv_parts, read_parquet_parts
from sentinel.report.workbook_reader import read_sheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

ITEMS, PARQUET, SUMMARY, DAILY, FEEDS = "items.csv", "items.parquet", "summary.json", "daily.csv", "feeds.csv"
SHEET = "the sheet Items of report.xlsx"
FIGURES = ("polarity", *LABELS, "weight")
_GROUPS = ("label", "feed", "kind")


def check_items(
    folder: Path,
    n_items: int,
    daily: Mapping[tuple[str, str], dict[str, str]],
    feeds: Sequence[dict[str, str]],
    hours: Mapping[str, Mapping[str, int]],
) -> None:
    """Check the rows of items.csv against the other files.

    Args:
        folder: where the files were written.
        n_items: items of the day by summary.json.
        daily: rows of daily.csv by kind and name of the topic.
        feeds: rows of feeds.csv.
        hours: items by hour of the clock as the page has them, for ``n_items`` and any ``n_<label>``; may be empty.

    Raises:
        DisagreementError: two files differ; the first difference is named.
    """
    sheet = _sheet_items(folder / "report.xlsx")
    counts = {name: Counter[str]() for name in (*_GROUPS, *hours)}
    n_rows = 0
    read = {"item_id": str, "local_time": str, **dict.fromkeys(_GROUPS, str), **dict.fromkeys(FIGURES, float)}
    texts = read_csv_parts(folder / ITEMS, read)
    for part, other in _in_step(texts, read_parquet_parts(folder / PARQUET, ("item_id", "label", *FIGURES))):
        _compare_parts(part, other, n_rows)
        _compare_with_sheet(part, sheet)
        for name in _GROUPS:
            counts[name].update(part[name].tolist())
        _count_hours(part, counts)
        n_rows += len(part)
    if sheet:
        raise DisagreementError(f"item {next(iter(sheet))} is in {SHEET} and not in {ITEMS}")
    expect_same("the number of items", Told(ITEMS, n_rows), Told(SUMMARY, n_items))
    _compare_counts(counts, n_rows, daily, feeds)
    _compare_hours(counts, hours)


def _compare_parts(part: pd.DataFrame, other: pd.DataFrame, n_before: int) -> None:
    """Compare rows of items.csv with the same rows of items.parquet."""
    for name in ("item_id", "label"):
        differs = part[name].to_numpy() != other[name].to_numpy()
        if differs.any():
            place = int(differs.argmax())
            raise DisagreementError(
                f"{name} of row {n_before + place + 1} is {part[name].iloc[place]!r} in {ITEMS} "
                f"and {other[name].iloc[place]!r} in {PARQUET}"
            )
    for name in FIGURES:
        differs = ~np.isclose(part[name], other[name], rtol=0.0, atol=1e-9, equal_nan=True)
        if differs.any():
            place = int(differs.argmax())
            one, two = (known(float(frame[name].iloc[place])) for frame in (part, other))
            expect_same(f"{name} of item {part['item_id'].iloc[place]}", Told(ITEMS, one), Told(PARQUET, two))


def _compare_with_sheet(part: pd.DataFrame, sheet: dict[str, tuple[float | None, ...]]) -> None:
    """Compare rows of items.csv with those that the sheet holds, and take these off the list."""
    shared = part[part["item_id"].isin(sheet.keys())]
    for item_id, *figures in shared[["item_id", *FIGURES]].itertuples(index=False, name=None):
        for name, figure, cell in zip(FIGURES, figures, sheet.pop(item_id), strict=True):
            expect_same(f"{name} of item {item_id}", Told(ITEMS, known(figure)), Told(SHEET, cell))


def _sheet_items(book: Path) -> dict[str, tuple[float | None, ...]]:
    """Read the figures of the items that the sheet holds, by item."""
    rows = read_sheet(book, "Items")
    names = list(next(rows).values())
    places = [names.index(name) for name in FIGURES]
    return {str(row[0]): tuple(_float(row.get(place)) for place in places) for row in rows}


def _float(cell: str | float | None) -> float | None:
    return cell if isinstance(cell, float) else None


def _compare_counts(
    counts: Mapping[str, Counter[str]],
    n_rows: int,
    daily: Mapping[tuple[str, str], dict[str, str]],
    feeds: Iterable[dict[str, str]],
) -> None:
    """Compare how many items daily.csv and feeds.csv count with how many rows items.csv has."""
    for (kind, topic), row in daily.items():
        told = Told(DAILY, number_of(row["n_items"]))
        if kind == "market":
            expect_same("n_items of the market", told, Told(ITEMS, n_rows))
            for label in LABELS:
                n_labelled = Told(DAILY, number_of(row[f"n_{label}"]))
                expect_same(f"n_{label} of the market", n_labelled, Told(ITEMS, counts["label"][label]))
        elif kind in ("feed", "kind"):
            expect_same(f"n_items of {kind} {topic}", told, Told(ITEMS, counts[kind][topic]))
    for row in feeds:
        n_counted = Told(ITEMS, counts["feed"][row["feed"]])
        expect_same(f"n_items of feed {row['feed']}", Told(FEEDS, number_of(row["n_items"])), n_counted)


def _count_hours(part: pd.DataFrame, counts: Mapping[str, Counter[str]]) -> None:
    """Count rows of items.csv by hour of the clock, all of them and those of a label."""
    clock = part["local_time"].str[11:13]
    for name, counted in counts.items():
        if name == "n_items":
            counted.update(clock.tolist())
        elif name.startswith("n_"):
            counted.update(clock[part["label"] == name.removeprefix("n_")].tolist())


def _compare_hours(counts: Mapping[str, Counter[str]], hours: Mapping[str, Mapping[str, int]]) -> None:
    """Compare the hours of the page with the rows of items.csv."""
    for name, shown in hours.items():
        for clock in sorted({*shown, *counts[name]}):
            told = Told("the hours of index.html", shown.get(clock, 0))
            expect_same(f"{name} of the hour {clock}:00", told, Told(ITEMS, counts[name][clock]))


def _in_step(
    lefts: Iterable[pd.DataFrame], rights: Iterable[pd.DataFrame]
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Cut the rows of items.csv and items.parquet into pieces of the same length.

    Raises:
        DisagreementError: one has more rows than the other.
    """
    left, right = _Rows(lefts), _Rows(rights)
    while n_rows := min(left.at_hand(), right.at_hand()):
        yield left.take(n_rows), right.take(n_rows)
    if left.at_hand() or right.at_hand():
        longer, shorter = (ITEMS, PARQUET) if left.at_hand() else (PARQUET, ITEMS)
        raise DisagreementError(f"{longer} has more rows than {shorter}")


class _Rows:
    """The rows of a file, read in pieces and taken from the front."""

    def __init__(self, frames: Iterable[pd.DataFrame]) -> None:
        self._frames = iter(frames)
        self._held = pd.DataFrame()

    def at_hand(self) -> int:
        """Count the rows that can be taken at once; 0 where the file has ended."""
        while self._held.empty:
            frame = next(self._frames, None)
            if frame is None:
                return 0
            self._held = frame
        return len(self._held)

    def take(self, n_rows: int) -> pd.DataFrame:
        taken, self._held = self._held.iloc[:n_rows], self._held.iloc[n_rows:]
        return taken
