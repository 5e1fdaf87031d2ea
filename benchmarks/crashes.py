"""How many runs that were killed, or whose disk failed, the next run did not mend: none is the claim.

    python benchmarks/crashes.py [--kills 1000] [--seed 1] [--fresh]

Every run starts from a store with a past, is disturbed, and is followed by another; what lies there then is compared
with what an undisturbed run leaves: every row of every table, every byte of every report file. Then pages of the
database are overwritten, one at a time: a run must refuse, or give the same bytes.
"""

from __future__ import annotations

import argparse
import errno
import random
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from crashes import PAGE_BYTES, CrashBook, open_nursery

if TYPE_CHECKING:
    from collections.abc import Iterable


def disturb(book: CrashBook, name: str, ways: Iterable[dict[str, Any]]) -> int:
    """Disturb runs in many ways and print how many were not mended."""
    n_runs = n_stopped = n_wrong = 0
    for way in ways:
        ended, mended = book.disturb(**way)
        n_runs += 1
        n_stopped += ended.status != 0
        if mended != book.expected:
            n_wrong += 1
            print(f"not mended: {way}", flush=True)
    print(f"{name:<28} {n_runs:>6} {n_stopped:>8} {n_wrong:>11}", flush=True)
    return n_wrong


def damage(book: CrashBook, moments: random.Random) -> int:
    """Overwrite each page of the store and run; print how often that was neither told nor harmless."""
    n_wrong = 0
    for number in range(book.n_pages):
        for content in (bytes(PAGE_BYTES), moments.randbytes(PAGE_BYTES)):
            if not book.damage(number, content):
                n_wrong += 1
                print(f"silently wrong: page {number}", flush=True)
    print(f"{'damaged pages of the store':<28} {2 * book.n_pages:>6} {'':>8} {n_wrong:>11}", flush=True)
    return n_wrong


def main() -> None:
    """Print the table; the exit status says whether anything was not mended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fresh", action="store_true", help="begin without a store, which is half the work")
    options = parser.parse_args()
    moments = random.Random(options.seed)  # noqa: S311  # moments, no secrets
    with (
        tempfile.TemporaryDirectory() as name,
        open_nursery(Path(name) / "past", has_past=not options.fresh) as nursery,
    ):
        book = CrashBook(nursery, Path(name))
        events = range(1, (book.undisturbed.n_events or 0) + 1)
        last_s = book.undisturbed.cpu_s
        print(f"{'':<28} {'runs':>6} {'stopped':>8} {'not mended':>11}")
        n_wrong = disturb(book, "killed at each event", ({"at_event": event} for event in events))
        kills = ({"at_cpu_s": moments.uniform(0.001, last_s)} for _ in range(options.kills))
        n_wrong += disturb(book, "killed at any instruction", kills)
        for code in (errno.EIO, errno.ENOSPC):
            failing = ({"at_event": event, "error": code} for event in events)
            n_wrong += disturb(book, f"{errno.errorcode[code]} at each event", failing)
        print(f"{book.n_states} different states were left by runs that did not end", flush=True)
        n_wrong += damage(book, moments)
    sys.exit(bool(n_wrong))


if __name__ == "__main__":
    main()
