"""Print what the report step costs on a day of a million items with a year of history: seconds, memory, bytes.

    python benchmarks/report.py [--items 1000000] [--days 365] [--per-day 500] [--keep DIR]

A store of invented news is made first, in bulk and seeded: feeds, headlines that name companies of the packaged list,
scores, and stories with copies. It is not measured, nor is the grouping of stories, which happens before a report
(benchmarks/stories.py). Then the report step runs in a process of its own as ``sentinel report --day D`` runs it: from
the open store to the day's finished files and the archive page. Seconds are of the processor and, behind them, by the
clock, which says more where nothing else runs; memory is the peak of that process. The budget: 60 s, 1.5 GB, and
10 MB of page.
"""

from __future__ import annotations

import argparse
import importlib
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentinel.store import open_database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 3, 4, tzinfo=UTC)
N_FEEDS = 80
KINDS = ("markets", "press-wire", "central-bank", "economy", "social")
TOPICS = ("equities", "rates", "commodities", "currencies", "banks")
COPY_SHARE = 0.25
NAMES = (
    *("Apple", "Microsoft Corp", "Toyota", "JPMorgan Chase", "Nestle", "Shell plc", "Nvidia", "Siemens", "Tesla"),
    *("the central bank", "inflation", "crude oil", "payrolls", "bitcoin", "Treasury yields", "exports", "a rate cut"),
)
BUDGET = (60, 1_500, 10)
"""Seconds, MB of memory and MB of page that the step may take."""
NAMED_SHARE = 0.25
"""So many of the headlines name one of NAMES: a company or a theme."""
SUBJECTS = (
    *("a regional lender", "the retailer", "copper", "a chip maker", "the budget office", "a drug maker", "steel"),
    *("the port operator", "wheat", "a card issuer", "the regulator", "shipping", "an airline", "the brewer"),
)
VERBS = (
    "rises",
    "falls",
    "holds steady",
    "beats forecasts",
    "misses estimates",
    "cuts its outlook",
    "rallies",
    "slips",
)
ENDINGS = (
    "after results",
    "as traders wait",
    "in early trading",
    "on weak demand",
    "despite warnings",
    "for a third day",
)
ITEM_SQL = "INSERT INTO items VALUES (?, ?, ?, ?, ?, '', ?, ?, ?, ?, 'en')"
SCORE_SQL = "INSERT INTO scores VALUES (?, ?, ?, ?, ?, ?, '')"
STORY_SQL = "INSERT INTO stories VALUES (?, ?, ?)"
PARTS = (
    ("load", "sentinel.pipeline.reports", ("load_weighed", "with_texts")),
    ("companies, sectors, themes", "sentinel.pipeline.reports", ("load_topics", "name_topics")),
    ("mood", "sentinel.mood", ("build_moods",)),
    ("why it moved", "sentinel.pipeline.reports", ("load_movement",)),
    ("rounding", "sentinel.report.site", ("round_day",)),
    ("what the page lists", "sentinel.report.site", ("day_context",)),
    ("page", "sentinel.report.site", ("render_day",)),
    ("tables", "sentinel.report.site", ("write_day_tables",)),
    ("gate", "sentinel.report.site", ("check_agreement",)),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--per-day", type=int, default=500)
    parser.add_argument("--keep", type=Path, help="folder for the store and the reports, kept and used again")
    parser.add_argument("--step", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        run_step(arguments.step)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        folder.mkdir(exist_ok=True)
        if not (folder / "sentinel.db").exists():
            started = time.monotonic()
            make_store(folder / "sentinel.db", arguments)
            print(
                f"made a store of {arguments.items:,} items and {arguments.days} days before in "
                f"{time.monotonic() - started:.0f} s (not measured)"
            )
        subprocess.run([sys.executable, __file__, "--step", str(folder)], check=True)  # noqa: S603  # this very file


def settings_of(folder: Path) -> Any:
    from sentinel.config import Settings

    feeds = [
        {"name": f"feed-{n}", "url": f"http://127.0.0.1:9/{n}", "kind": KINDS[n % 5], "topics": [TOPICS[n % 5]]}
        for n in range(N_FEEDS)
    ]
    return Settings.model_validate(
        {"store": str(folder / "sentinel.db"), "reports": folder / "reports", "feeds": feeds, "device": "cpu"}
    )


def make_store(path: Path, arguments: argparse.Namespace) -> None:
    from sentinel.model.bundle import load_bundle

    open_database(str(path)).close()
    model_id = load_bundle("packaged").facts.model_id
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        for back in range(arguments.days, -1, -1):
            n_items = arguments.per_day if back else arguments.items
            rows = list(make_day(DAY - timedelta(days=back), n_items, model_id))
            for sql, place in ((ITEM_SQL, 0), (SCORE_SQL, 1), (STORY_SQL, 2)):
                connection.executemany(sql, (row[place] for row in rows))
        connection.commit()


def make_day(day: date, n_items: int, model_id: str) -> Iterator[tuple[tuple[Any, ...], ...]]:
    """Invent the items of a day, in order of time, each with its score and its story."""
    chance = random.Random(day.toordinal())  # noqa: S311  # invented data
    leads: list[tuple[str, str]] = []
    for number in range(n_items):
        item_id = f"{chance.getrandbits(128):032x}"
        seen = datetime.combine(day, datetime.min.time()) + timedelta(seconds=86_000 * number / n_items)
        seen_text, published = f"{seen:%Y-%m-%d %H:%M:%S.%f}", f"{seen - timedelta(minutes=5):%Y-%m-%d %H:%M:%S.%f}"
        if leads and chance.random() < COPY_SHARE:
            story_id, title = leads[chance.randrange(max(0, len(leads) - 500), len(leads))]
        else:
            subject = chance.choice(NAMES if chance.random() < NAMED_SHARE else SUBJECTS)
            words = (subject, chance.choice(VERBS), chance.choice(ENDINGS))
            story_id, title = item_id, f"{' '.join(words)}, {chance.choice(SUBJECTS)} {chance.choice(VERBS)} ({number})"
            leads.append((story_id, title))
        feed = f"feed-{chance.randrange(N_FEEDS)}"
        url = f"https://news.example.com/{day:%Y/%m/%d}/{number}/{chance.getrandbits(64):x}"
        negative, positive = chance.betavariate(1, 3), chance.betavariate(1, 3)
        total = negative + positive + 0.5
        yield (
            (item_id, feed, url, url, title, title, published if number else seen_text, seen_text, seen_text),
            (item_id, model_id, negative / total, 0.5 / total, positive / total, seen_text),
            (item_id, story_id, seen_text),
        )


def run_step(folder: Path) -> None:
    """Write the day's report with a stopwatch at its parts, and print what it took."""
    from sentinel import pipeline
    from sentinel.pipeline.job import open_job

    watches = {name: Stopwatch() for name, _, _ in PARTS}
    for name, module, functions in PARTS:
        for function in functions:
            watches[name].hold_at(importlib.import_module(module), function)
    settings = settings_of(folder)
    model = pipeline.prepare(settings, now=lambda: NOW, days=[DAY], scores=False)
    whole = Stopwatch()
    with open_job(settings, model=model, now=lambda: NOW) as job, whole:
        pipeline.write_reports(job, [DAY])
    print(f"{'part':<28}{'processor s':>12}{'clock s':>9}{'peak MB by its end':>20}")
    for name, watch in {**watches, "the whole step": whole}.items():
        print(f"{name:<28}{watch.processor_s:>12.1f}{watch.clock_s:>9.1f}{watch.peak_mb:>20,.0f}")
    sizes_mb = {path.name: path.stat().st_size / 1e6 for path in sorted((folder / "reports" / str(DAY)).iterdir())}
    for name, size_mb in sizes_mb.items():
        print(f"{name:<28}{size_mb:>12.1f} MB")
    took = (whole.processor_s, whole.peak_mb, sizes_mb["index.html"])
    for what, figure, budget in zip(
        ("seconds of the processor", "MB of memory", "MB of page"), took, BUDGET, strict=True
    ):
        print(f"{what:<28}{figure:>12,.1f} of {budget:,}: {'held' if figure <= budget else 'NOT HELD'}")


@dataclass
class Stopwatch:
    """Adds up the seconds of what it is held at."""

    processor_s: float = 0.0
    clock_s: float = 0.0
    peak_mb: float = 0.0
    begun: tuple[float, float] = (0.0, 0.0)

    def __enter__(self) -> None:
        self.begun = (time.process_time(), time.monotonic())

    def __exit__(self, *_: object) -> None:
        self.processor_s += time.process_time() - self.begun[0]
        self.clock_s += time.monotonic() - self.begun[1]
        self.peak_mb = peak_mb()

    def hold_at(self, module: ModuleType, name: str) -> None:
        timed: Callable[..., Any] = getattr(module, name)

        @wraps(timed)
        def measured(*arguments: Any, **options: Any) -> Any:
            with self:
                return timed(*arguments, **options)

        setattr(module, name, measured)


def peak_mb() -> float:
    """Tell the most memory that this process has had, in MB; Linux alone says it without the parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    main()
