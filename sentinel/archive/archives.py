"""Score an archive: what is finished stays, the rest is scored, and a manifest says what came of it."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sentinel.archive.folders import Folder, Shard
from sentinel.archive.shards import read_record, scored_name
from sentinel.errors import ArchiveError, TableError
from sentinel.lock import hold_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sentinel.archive.shards import ShardRecord, Work

    Engine = Callable[[Work, Sequence[Shard]], Iterator[ShardRecord]]

MANIFEST = "manifest.json"
MANIFEST_SCHEMA = 1


@dataclass(frozen=True)
class Archived:
    """What came of an archive.

    Attributes:
        records: one per shard, by name.
        n_new: shards that were scored now.
    """

    records: tuple[ShardRecord, ...]
    n_new: int

    @property
    def n_rows(self) -> int:
        """Rows of all shards that could be read."""
        return sum(record.n_rows for record in self.records)

    @property
    def n_scored(self) -> int:
        """Those with scores."""
        return sum(record.n_scored for record in self.records)

    @property
    def failures(self) -> dict[str, str]:
        """Why shards could not be scored, by name."""
        return {record.name: record.failure for record in self.records if record.failure}


def score_archive(work: Work, engine: Engine) -> Archived:
    """Score what is not scored yet.

    Args:
        work: what the archive is scored by.
        engine: scores shards and gives their records as they are finished.

    Returns:
        What came of it; a shard that could not be read is in ``failures``, and tried again the next time.

    Raises:
        TableError: the source is not there or has no tables, or the destination cannot be written.
        ArchiveError: the destination holds scores of another model or of another column.
        LockHeldError: another run writes there.
    """
    source, destination = Folder.open(work.source), Folder.open(work.destination)
    shards = source.shards(leave_out=destination)
    if not shards:
        raise TableError("has no tables", where=source.shown, hint="it may hold .parquet, .csv and .jsonl files")
    names = Counter(scored_name(shard.name) for shard in shards)
    if len(names) < len(shards):
        raise TableError(f"has two shards that would become {max(names, key=names.__getitem__)}", where=source.shown)
    with _held(destination):
        found = {shard.name: read_record(destination, shard.name) for shard in shards}
        finished = {
            shard.name: record
            for shard in shards
            if (record := found[shard.name]) is not None and _is_finished(record, shard, work, destination)
        }
        missing = [shard for shard in shards if shard.name not in finished]
        records = dict(finished)
        for record in engine(work, missing) if missing else ():
            records[record.name] = record
        n_new = sum(not records[shard.name].failure for shard in missing)
        archived = Archived(tuple(records[shard.name] for shard in shards), n_new)
        _write_manifest(destination, work, archived)
    return archived


def _is_finished(record: ShardRecord, shard: Shard, work: Work, destination: Folder) -> bool:
    """Tell whether a shard need not be scored.

    Raises:
        ArchiveError: it was scored by another model, or from another column, and nobody asked to lose that.
    """
    if (record.model_id, record.text_column) != (work.model_id, work.text_column):
        raise ArchiveError(
            f"holds scores of column {record.text_column!r} by model {record.model_id}",
            where=f"{destination.shown}/{scored_name(shard.name)}",
            hint="give another folder with -o",
        )
    return record.is_of(shard)


@contextmanager
def _held(destination: Folder) -> Iterator[None]:
    """Keep other runs of this machine away; an object store has no locks."""
    if destination.local is None:
        yield
        return
    with hold_lock(destination.local / ".lock"):
        yield


def _write_manifest(destination: Folder, work: Work, archived: Archived) -> None:
    content: dict[str, Any] = {
        "schema": MANIFEST_SCHEMA,
        "model_id": work.model_id,
        "text_column": work.text_column,
        "n_shards": len(archived.records),
        "n_failed_shards": len(archived.failures),
        "n_rows": archived.n_rows,
        "n_scored": archived.n_scored,
        "shards": [{**asdict(record), "file": scored_name(record.name)} for record in archived.records],
    }
    with destination.write_aside(MANIFEST) as stream:
        stream.write(json.dumps(content, indent=1, ensure_ascii=False).encode())


def read_manifest(folder: Folder) -> dict[str, Any]:
    """Read the manifest of a scored archive.

    Raises:
        ArchiveError: there is none, or it is damaged.
    """
    try:
        with folder.open_file(MANIFEST) as stream:
            content: dict[str, Any] = json.loads(stream.read())
    except (OSError, ValueError) as error:
        raise ArchiveError("has no manifest", where=folder.shown, hint="run 'sentinel archive' to its end") from error
    return content
