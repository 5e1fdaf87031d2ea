"""Archived texts: tables read in chunks, scored or turned into items, never held in memory whole.

Comes in: CSV (also .gz), JSONL, Parquet or plain lines; a folder of them, here or in an object store. Goes out: the
same rows with scores, frames of items, the texts that carry a label, or sums by day. A door to pyarrow. Invariant: a
result file is written aside and renamed, so it is whole or not there.
"""

from sentinel.archive.archives import Archived, score_archive
from sentinel.archive.days import ArchiveDays, sum_archive
from sentinel.archive.engines import score_locally
from sentinel.archive.folders import Shard
from sentinel.archive.items import ArchivedItems, read_archived_items
from sentinel.archive.labels import LabelledRows, read_labelled_rows
from sentinel.archive.ray_engine import score_on_ray
from sentinel.archive.scores import SCORE_OUTPUT_COLUMNS, classify_table
from sentinel.archive.shards import ShardRecord, Work
from sentinel.archive.tables import read_chunks

__all__ = [
    "SCORE_OUTPUT_COLUMNS",
    "ArchiveDays",
    "Archived",
    "ArchivedItems",
    "LabelledRows",
    "Shard",
    "ShardRecord",
    "Work",
    "classify_table",
    "read_archived_items",
    "read_chunks",
    "read_labelled_rows",
    "score_archive",
    "score_locally",
    "score_on_ray",
    "sum_archive",
]
