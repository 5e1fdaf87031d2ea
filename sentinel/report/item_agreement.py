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
from sentinel.rows import find_rows

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
    is_in_items = np.zeros(len(sheet), dtype=bool)
    n_rows = 0
    read = {"item_id": str, "local_time": str, **dict.fromkeys(_GROUPS, str), **dict.fromkeys(FIGURES, float)}
    texts = read_csv_parts(folder / ITEMS, read)
    for part, other in _in_step(texts, read_parquet_parts(folder / PARQUET, ("item_id", "label", *FIGURES))):
        _compare_parts(part, other, n_rows)
        is_in_items[_compare_with_sheet(part, sheet)] = True
        for name in _GROUPS:
            counts[name].update(_counted(part[name]))
        _count_hours(part, counts)
        n_rows += len(part)
    if not is_in_items.all():
        missing = sheet["item_id"].iloc[is_in_items.argmin()]
        raise DisagreementError(f"item {missing} is in {SHEET} and not in {ITEMS}")
    expect_same("the number of items", Told(ITEMS, n_rows), Told(SUMMARY, n_items))
    _compare_counts(counts, n_rows, daily, feeds)
    _compare_hours(counts, hours)


def _compare_parts(part: pd.DataFrame, other: pd.DataFrame, n_before: int) -> None:
    """Compare rows of items.csv with the same rows of items.parquet."""
    for name in ("item_id", "label"):
        differs = np.asarray(part[name].array != other[name].array, dtype=bool)
        if differs.any():
            place = int(differs.argmax())
            raise DisagreementError(
                f"{name} of row {n_before + place + 1} is {part[name].iloc[place]!r} in {ITEMS} "
                f"and {other[name].iloc[place]!r} in {PARQUET}"
            )
    _compare_figures(part, other, PARQUET)


def _compare_with_sheet(part: pd.DataFrame, sheet: pd.DataFrame) -> np.ndarray:
    """Compare rows of items.csv with those that the sheet holds; give the places of these in the sheet."""
    place = find_rows(part["item_id"], sheet["item_id"])
    shared = place >= 0
    _compare_figures(part[shared], sheet.iloc[place[shared]], SHEET)
    return place[shared]


def _compare_figures(rows: pd.DataFrame, others: pd.DataFrame, file: str) -> None:
    """Compare the figures of items as items.csv has them with those of the same items in another file."""
    for name in FIGURES:
        differs = ~np.isclose(rows[name], others[name], rtol=0.0, atol=1e-9, equal_nan=True)
        if differs.any():
            place = int(differs.argmax())
            one, two = (known(float(frame[name].iloc[place])) for frame in (rows, others))
            expect_same(f"{name} of item {rows['item_id'].iloc[place]}", Told(ITEMS, one), Told(file, two))


def _sheet_items(book: Path) -> pd.DataFrame:
    """Read the figures of the items that the sheet holds, by item."""
    rows = read_sheet(book, "Items")
    names = list(next(rows).values())
    places = [names.index(name) for name in FIGURES]
    figures = {str(row[0]): [_float(row.get(place)) for place in places] for row in rows}
    sheet = pd.DataFrame(list(figures.values()), columns=list(FIGURES), dtype="float64")
    return sheet.assign(item_id=pd.Series(list(figures), dtype="str"))


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
            counted.update(_counted(clock))
        elif name.startswith("n_"):
            counted.update(_counted(clock[part["label"] == name.removeprefix("n_")]))


def _counted(texts: pd.Series) -> dict[str, int]:
    return {str(text): int(count) for text, count in texts.value_counts().items()}


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
