"""Print how well stories are told apart on hand-labelled pairs of headlines, and how fast a file of them is grouped.

    pip install 'datasketch>=1.6,<2'
    python benchmarks/stories.py [FILE --text-column title --time-column published --from 2009-03-01 --to 2009-03-31]

The pairs are tests/data/story_pairs.csv: invented headlines, each with two that tell the same and two that only look
like it, half of the families for choosing ("dev") and half for reporting ("test"). Intervals are 95 % bootstrap over
families. Beside the program stand grouping by equal titles and MinHash with LSH over words and pairs of words, with the
same window. Each method groups the file in a process of its own: speed is by processor time of one core, memory is how
far the peak of that process grew.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from datasketch import MinHash, MinHashLSH

from sentinel.records import StoryItem
from sentinel.stories import WINDOW, StoryWindow, is_same_story, read_headline
from sentinel.text import fingerprint

PAIRS = Path(__file__).parents[1] / "tests" / "data" / "story_pairs.csv"
DRAWS = 2_000
PERMUTATIONS = 128

Decision = Callable[[str, str], bool]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--text-column", default="title")
    parser.add_argument("--time-column", default="published")
    parser.add_argument("--from", dest="first", type=date.fromisoformat, default=date.min)
    parser.add_argument("--to", dest="last", type=date.fromisoformat, default=date.max)
    arguments = parser.parse_args()
    decisions: dict[str, Decision] = {
        "sentinel": lambda one, other: is_same_story(read_headline(one), read_headline(other)),
        "equal titles": lambda one, other: fingerprint(one) == fingerprint(other),
        "MinHash 0.5": lambda one, other: _minhash(one).jaccard(_minhash(other)) >= 0.5,
        "MinHash 0.7": lambda one, other: _minhash(one).jaccard(_minhash(other)) >= 0.7,
    }
    print(f"{'pairs':<14}{'part':<6}{'precision':>22}{'recall':>22}")
    for name, decide in decisions.items():
        for part in ("dev", "test"):
            print(f"{name:<14}{part:<6}" + "".join(f"{figure:>22}" for figure in _measure(decide, part)))
    if arguments.file is None:
        return
    items = _read_items(arguments)
    print(f"\n{len(items):,} headlines\n{'method':<14}{'items/s':>10}{'MB':>8}{'stories':>10}")
    groupings = {
        "sentinel": _group,
        "equal titles": _group_equal,
        "MinHash 0.5": partial(_group_minhash, threshold=0.5),
        "MinHash 0.7": partial(_group_minhash, threshold=0.7),
    }
    context = multiprocessing.get_context("spawn")
    for name, grouping in groupings.items():
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            rate, megabytes, n_stories = pool.submit(_time, grouping, items).result()
        print(f"{name:<14}{rate:>10,.0f}{megabytes:>8,.0f}{n_stories:>10,}")


def _measure(decide: Decision, part: str) -> list[str]:
    """Give precision and recall with their intervals, drawn over families."""
    counts: dict[str, np.ndarray] = {}
    with PAIRS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["part"] == part:
                same, said = row["same"] == "1", decide(row["first"], row["second"])
                counts.setdefault(row["family"], np.zeros(3))
                counts[row["family"]] += (same and said, not same and said, same and not said)
    families = np.array(list(counts.values()))  # (n_families, 3): right, wrong and missed merges
    drawn = families[np.random.default_rng(0).integers(0, len(families), (DRAWS, len(families)))].sum(axis=1)
    figures = []
    for column in (1, 2):
        if not families[:, [0, column]].any():
            figures.append("none merged")
            continue
        value = families[:, 0].sum() / families[:, [0, column]].sum()
        low, high = np.percentile(drawn[:, 0] / np.maximum(drawn[:, [0, column]].sum(axis=1), 1), [2.5, 97.5])
        figures.append(f"{value:.3f} ({low:.3f}-{high:.3f})")
    return figures


def _read_items(arguments: argparse.Namespace) -> list[StoryItem]:
    table = pq.read_table(arguments.file, columns=[arguments.text_column, arguments.time_column])
    titles, times = (table[name].to_pylist() for name in (arguments.text_column, arguments.time_column))
    items = [
        StoryItem(f"{number:09d}", title, moment.replace(tzinfo=moment.tzinfo or UTC), None)
        for number, (title, moment) in enumerate(zip(titles, times, strict=True))
        if arguments.first <= moment.date() <= arguments.last
    ]
    return sorted(items, key=lambda item: (item.first_seen, item.item_id))


def _time(grouping: Callable[[list[StoryItem]], int], items: list[StoryItem]) -> tuple[float, float, int]:
    """Give items per second of processor time, the megabytes that the process grew by, and the number of stories."""
    before, started = _peak_mb(), time.process_time()
    n_stories = grouping(items)
    elapsed_s = time.process_time() - started
    return len(items) / elapsed_s, _peak_mb() - before, n_stories


def _peak_mb() -> float:
    """Read the most resident memory that this process has had (Linux)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _group(items: list[StoryItem]) -> int:
    window, n_stories = StoryWindow(), 0
    for item in items:
        window.close_before(item.first_seen)
        n_stories += window.place(item) == item.item_id
    return n_stories


def _group_equal(items: list[StoryItem]) -> int:
    begun: dict[str, datetime] = {}
    n_stories = 0
    for item in items:
        title = fingerprint(item.title)
        if title not in begun or item.first_seen - begun[title] > WINDOW:
            begun[title] = item.first_seen
            n_stories += 1
    return n_stories


def _group_minhash(items: list[StoryItem], *, threshold: float) -> int:
    """Let an item join what an earlier one within the window is as alike to as the threshold."""
    index = MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS)
    hashes: dict[str, tuple[datetime, MinHash]] = {}
    n_stories = 0
    for item in items:
        while hashes and next(iter(hashes.values()))[0] < item.first_seen - WINDOW:
            oldest = next(iter(hashes))
            del hashes[oldest]
            index.remove(oldest)
        found = _minhash(item.title)
        if not any(found.jaccard(hashes[key][1]) >= threshold for key in index.query(found)):
            n_stories += 1
            index.insert(item.item_id, found)
            hashes[item.item_id] = (item.first_seen, found)
    return n_stories


def _minhash(title: str) -> MinHash:
    words = fingerprint(title).split()
    shingles = {*words, *map(" ".join, itertools.pairwise(words))}
    found = MinHash(num_perm=PERMUTATIONS)
    found.update_batch([shingle.encode() for shingle in shingles])
    return found


if __name__ == "__main__":
    main()
