"""Archived texts: tables read in chunks, scored or turned into items, never held in memory whole.

Comes in: CSV (also .gz), JSONL, Parquet or plain lines. Goes out: the same rows with scores, or frames of items.
A door to pyarrow. Invariant: a result file is written aside and renamed, so it is whole or not there.
"""

from sentinel.archive.items import ArchivedItems, read_archived_items
from sentinel.archive.scores import SCORE_OUTPUT_COLUMNS, classify_table, read_labelled_texts
from sentinel.archive.tables import read_chunks

__all__ = [
    "SCORE_OUTPUT_COLUMNS",
    "ArchivedItems",
    "classify_table",
    "read_archived_items",
    "read_chunks",
    "read_labelled_texts",
]
