"""Score shards on a Ray cluster. The only door to Ray, which the extra ``scale`` installs.

Comes in: shards, and a function that loads a scorer. Goes out: a record of each as it is finished. Ray Data hands the
shards to a pool of actors, each with a loaded model; rows never travel, they go from the source to the destination
where they are scored, each with its number. Invariant: an actor that is lost costs the shard it was at, which another
scores anew, and no file is seen before it is whole.
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sentinel.archive.folders import Shard
from sentinel.archive.memory import RememberedScores
from sentinel.archive.shards import ShardRecord, score_shard
from sentinel.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentinel.archive.engines import LoadScore
    from sentinel.archive.shards import Work

OBJECT_STORE_BYTES = 128 * 2**20
"""Of a Ray that is started here: nothing but names and records lies in it."""


def score_on_ray(
    work: Work, shards: Sequence[Shard], load_score: LoadScore, *, n_actors: int | None
) -> Iterator[ShardRecord]:
    """Score shards on the cluster that RAY_ADDRESS names, or on a Ray that is started here.

    Args:
        work: what the archive is scored by; every node must see both folders under these names.
        shards: the shards.
        load_score: loads a scorer, by a function that every node can import.
        n_actors: shards at a time; None for one per GPU of the cluster, or per core where it has none.

    Yields:
        The record of each shard.

    Raises:
        ArchiveError: Ray is not installed, cannot be reached or gives up.
    """
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise ArchiveError(
            f"this engine needs more packages ({error.name})", hint="pip install 'sentinel-mood[scale]'"
        ) from error
    was_running = ray.is_initialized()
    try:
        _connect(ray, n_actors)
        found: dict[str, float] = ray.cluster_resources()
        has_gpus = found.get("GPU", 0) >= 1
        most = n_actors or int(found.get("GPU" if has_gpus else "CPU", 1))
        ray.data.DataContext.get_current().enable_progress_bars = False
        logging.getLogger("ray.data").setLevel(logging.ERROR)  # it would print its plans
        named = ray.data.from_items([asdict(shard) for shard in shards], override_num_blocks=len(shards))
        scored = named.map_batches(
            _ShardActor,
            fn_constructor_args=(work, load_score),
            batch_size=1,
            compute=ray.data.ActorPoolStrategy(min_size=1, max_size=max(1, min(most, len(shards)))),
            num_cpus=1,
            num_gpus=1 if has_gpus else 0,
        )
        for row in scored.iter_rows():
            yield ShardRecord(**json.loads(row["record"]))
    except (ray.exceptions.RayError, ConnectionError) as error:
        cause = next(reversed(str(error).split("\n")), "") or type(error).__name__  # the error that led to all others
        raise ArchiveError(f"Ray gave up: {cause}", hint="run again, finished shards are kept") from error
    finally:
        if not was_running:
            ray.shutdown()


def _connect(ray: Any, n_actors: int | None) -> None:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would tell its makers of every run
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # what concerns a run is raised as well
    started_here = (
        {}
        if os.environ.get("RAY_ADDRESS")
        else {
            "num_cpus": n_actors,
            "object_store_memory": OBJECT_STORE_BYTES,
            "include_dashboard": False,
        }
    )
    ray.init(ignore_reinit_error=True, logging_level=logging.ERROR, log_to_driver=False, **started_here)


class _ShardActor:
    """A loaded model that scores shard after shard."""

    def __init__(self, work: Work, load_score: LoadScore) -> None:
        self._work = work
        self._score = RememberedScores(load_score(0))  # Ray shows an actor its own GPU alone, as the first

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[str]]:
        shards = (
            Shard(*fields) for fields in zip(*(batch[name].tolist() for name in Shard.__annotations__), strict=True)
        )
        return {"record": [json.dumps(asdict(score_shard(self._work, shard, self._score))) for shard in shards]}
