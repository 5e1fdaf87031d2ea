"""Who scores the shards of an archive: this process, one process per core or GPU, or a Ray cluster.

Comes in: shards, and a function that loads a scorer. Goes out: a record of each as it is finished, in any order. All of
them run ``shards.score_shard``, so what a row gets does not depend on the engine.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING

from sentinel.archive.memory import RememberedScores
from sentinel.archive.shards import score_shard
from sentinel.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sentinel.archive.folders import Shard
    from sentinel.archive.memory import Score
    from sentinel.archive.shards import ShardRecord, Work

    LoadScore = Callable[[int], Score]
    """Loads a scorer for the worker of that number, from 0 on."""

_loaded: list[RememberedScores] = []
"""The scorer of this worker process; it is loaded when the process begins."""


def score_locally(
    work: Work, shards: Sequence[Shard], load_score: LoadScore, *, n_processes: int
) -> Iterator[ShardRecord]:
    """Score shards on this machine.

    Args:
        work: what the archive is scored by.
        shards: the shards.
        load_score: loads a scorer; of several processes each calls it, so it must be picklable.
        n_processes: how many shards are scored at a time.

    Yields:
        The record of each shard.

    Raises:
        ArchiveError: a process was killed, for want of memory perhaps.
    """
    if n_processes == 1:
        score = RememberedScores(load_score(0))
        yield from (score_shard(work, shard, score) for shard in shards)
        return
    context = multiprocessing.get_context("spawn")  # a fork would copy locks that torch's threads hold
    number = context.Value("i", 0)
    with ProcessPoolExecutor(
        n_processes, mp_context=context, initializer=_begin, initargs=(load_score, number)
    ) as executor:
        running = [executor.submit(_score_in_worker, work, shard) for shard in shards]
        try:
            yield from (done.result() for done in as_completed(running))
        except BrokenProcessPool as error:
            raise ArchiveError("a process ended in the middle", hint="run again; give --workers 1") from error
        finally:
            executor.shutdown(wait=False, cancel_futures=True)
            for child in multiprocessing.active_children():
                child.terminate()


def _begin(load_score: LoadScore, number: multiprocessing.Value) -> None:  # type: ignore[valid-type]
    """Load the scorer of a worker process, which ends with the process that began it, however that ends."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    with number.get_lock():  # type: ignore[attr-defined]
        mine = number.value  # type: ignore[attr-defined]
        number.value += 1  # type: ignore[attr-defined]
    _loaded.append(RememberedScores(load_score(mine)))


def _end_with(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _score_in_worker(work: Work, shard: Shard) -> ShardRecord:
    return score_shard(work, shard, _loaded[0])
