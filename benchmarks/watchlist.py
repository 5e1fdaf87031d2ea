"""Print how well companies are found in headlines, and how fast.

    python benchmarks/watchlist.py [--part test] [--speed FILE --text-column title] [--aliases 5000]

Precision and recall of (headline, company) pairs on benchmarks/watchlist.csv, whose headlines were written by hand for
it, look-alikes beside companies; beside it, on the same headlines and names, what matching names as substrings in any
case, and as whole words, gives. The rules were chosen on the part "dev"; "test" is for reporting. Intervals are 95 %
percentiles of 2,000 bootstrap draws over headlines. With --speed, headlines of a table are searched for the packaged
companies together with as many invented names as make up --aliases, most of them pairs of words of these headlines, so
that they are found: headlines per second of one core's time, the best of three passes.
"""

from __future__ import annotations

import argparse
import csv
import re
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as pq

from sentinel.watchlist import Company, Watchlist, build_watchlist

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Finder = Callable[[str], set[str]]

HEADLINES = Path(__file__).with_suffix(".csv")
DRAWS = 2_000
SPEED_ROWS = 40_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=("dev", "test"), default="test")
    parser.add_argument("--show-errors", action="store_true", help="print the headlines that sentinel gets wrong")
    parser.add_argument("--speed", type=Path, metavar="FILE", help="Parquet file with headlines")
    parser.add_argument("--text-column", default="title")
    parser.add_argument("--aliases", type=int, default=5_000)
    arguments = parser.parse_args()
    watchlist = build_watchlist(universe="sp500-large")
    with HEADLINES.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["part"] == arguments.part]
    expected = [set(row["companies"].split()) for row in rows]
    print(f"{len(rows)} {arguments.part} headlines, {sum(map(len, expected))} companies in them")
    print(f"{'':22}{'precision':>24}{'recall':>24}{'F1':>24}")
    for name, find in _finders(watchlist).items():
        found = [find(row["text"]) for row in rows]
        print(f"{name:22}" + "".join(f"{figure:>24}" for figure in _figures(expected, found)))
    if arguments.show_errors:
        _print_errors(watchlist, rows, expected)
    if arguments.speed:
        texts = pq.read_table(arguments.speed, columns=[arguments.text_column]).column(0).to_pylist()
        _print_speed(texts, arguments.aliases)


def _finders(watchlist: Watchlist) -> dict[str, Finder]:
    """Give three ways of finding the companies of a headline."""
    names = {name.lower(): company.ticker for company in watchlist.companies.values() for name in company.names}
    words = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in sorted(names, key=len, reverse=True)))
    return {
        "substring, any case": lambda text: {ticker for name, ticker in names.items() if name in text.lower()},
        "whole words, any case": lambda text: {names[match.group()] for match in words.finditer(text.lower())},
        "sentinel": lambda text: _companies(watchlist, text),
    }


def _companies(watchlist: Watchlist, text: str) -> set[str]:
    return {mention.owner for mention in watchlist.find(text) if mention.kind == "company"}


def _figures(expected: Sequence[set[str]], found: Sequence[set[str]]) -> list[str]:
    """Write precision, recall and F1, each with its interval."""
    counts = np.array([(len(e & f), len(f), len(e)) for e, f in zip(expected, found, strict=True)], dtype=float)
    generator = np.random.default_rng(1)
    drawn = counts[generator.integers(0, len(counts), size=(DRAWS, len(counts)))].sum(axis=1)
    ends = np.percentile(_ratios(drawn), [2.5, 97.5], axis=0)
    values = _ratios(counts.sum(axis=0)[None])[0]
    return [f"{v:.3f} ({low:.3f} to {high:.3f})" for v, low, high in zip(values, *ends, strict=True)]


def _ratios(sums: np.ndarray) -> np.ndarray:
    """Turn sums of right, found and expected, shape (n, 3), into precision, recall and F1."""
    right, found, expected = sums.T
    return np.stack([right / found, right / expected, 2 * right / (found + expected)], axis=1)


def _print_errors(watchlist: Watchlist, rows: Iterable[dict[str, str]], expected: Iterable[set[str]]) -> None:
    for row, wanted in zip(rows, expected, strict=True):
        found = _companies(watchlist, row["text"])
        if found != wanted:
            print(f"  {row['text']}: too many {sorted(found - wanted)}, missing {sorted(wanted - found)}")


def _print_speed(texts: list[str], n_aliases: int) -> None:
    texts = texts[:: max(1, len(texts) // SPEED_ROWS)][:SPEED_ROWS]
    base = build_watchlist(universe="sp500-large")
    n_packaged = sum(len(company.names) for company in base.companies.values())
    watchlist = build_watchlist(_invented(texts, n_aliases - n_packaged), universe="sp500-large")
    n_names = sum(len(company.names) for company in watchlist.companies.values())
    elapsed = []
    for _ in range(3):
        started = time.process_time()
        n_hits = sum(bool(watchlist.find(text)) for text in texts)
        elapsed.append(time.process_time() - started)
    rate = len(texts) / min(elapsed)
    share = n_hits / len(texts)
    print(f"{len(texts)} headlines, {n_names} names: {rate:,.0f} headlines per CPU second; {share:.0%} name something")


def _invented(texts: Iterable[str], n_names: int) -> list[Company]:
    """Make companies of the first pairs of words that both have a capital."""
    names: dict[str, str] = {}
    for text in texts:
        for first, second in pairwise(text.split()):
            if (
                first.isascii()
                and second.isascii()
                and (first + second).isalpha()
                and first.istitle()
                and second.istitle()
            ):
                names.setdefault(f"{first} {second}".lower(), f"{first} {second}")
        if len(names) >= n_names:
            break
    return [Company(f"N{number}", (name,)) for number, name in enumerate(list(names.values())[:n_names])]


if __name__ == "__main__":
    main()
