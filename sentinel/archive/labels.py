"""Read the rows of a table that carry a label, to measure a model on them.

A label that is none of LABELS is an error, not a row less: figures on what is left would say nothing of the file.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sentinel.archive.tables import column_of, read_chunks
from sentinel.errors import TableError
from sentinel.records import LABELS
from sentinel.text import classifier_text

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHOWN_LABELS = 3
_SHOWN_CHARACTERS = 40


@dataclass(frozen=True)
class LabelledRows:
    """Labelled texts of a table.

    Attributes:
        texts: as the classifier reads them: cleaned, without bare addresses.
        label_ids: int array of shape (n,), positions in LABELS.
        groups: for each grouping column that the table has, its cells as text, one per text; "" for an empty one.
        n_left_out: rows without a label or without a text.
    """

    texts: list[str]
    label_ids: np.ndarray
    groups: dict[str, list[str]]
    n_left_out: int


def read_labelled_rows(
    source: str, *, text_column: str, label_column: str, group_columns: Sequence[str] = ()
) -> LabelledRows:
    """Read the rows of a table that have a text and a label.

    Args:
        source: as for ``read_chunks``.
        text_column: column with the text.
        label_column: column with the label; a row whose cell is empty is left out.
        group_columns: columns to read besides, where the table has them.

    Returns:
        The rows in the table's order.

    Raises:
        TableError: the source cannot be read, lacks a column, has a label that is none of LABELS, or no labelled row.
    """
    texts: list[str] = []
    labels: list[str] = []
    groups: dict[str, list[str]] = {}
    n_rows = 0
    unknown: Counter[str] = Counter()
    for chunk in read_chunks(source):
        n_rows += len(chunk)
        given = [_cell_text(value) for value in column_of(chunk, label_column, source)]
        cells = column_of(chunk, text_column, source)
        cleaned = [classifier_text(value) if isinstance(value, str) else "" for value in cells]
        unknown.update(label for label in given if label and label not in LABELS)
        kept = [position for position, label in enumerate(given) if label in LABELS and cleaned[position]]
        texts += [cleaned[position] for position in kept]
        labels += [given[position] for position in kept]
        for name in (name for name in group_columns if name in chunk):
            column = chunk[name].tolist()
            groups.setdefault(name, []).extend(_cell_text(column[position]) for position in kept)
    _check_labels(source, texts, unknown)
    label_ids = np.array([LABELS.index(label) for label in labels], dtype=np.int64)
    return LabelledRows(texts, label_ids, groups, n_rows - len(texts))


def _check_labels(source: str, texts: list[str], unknown: Counter[str]) -> None:
    if unknown:
        shown = ", ".join(f"{label[:_SHOWN_CHARACTERS]!r} ({n:,})" for label, n in unknown.most_common(_SHOWN_LABELS))
        more = f" and {len(unknown) - _SHOWN_LABELS} more" if len(unknown) > _SHOWN_LABELS else ""
        raise TableError(
            f"{unknown.total():,} rows have a label that is none of {', '.join(LABELS)}: {shown}{more}",
            where=source,
            hint="rename or empty these cells, or see --label-column",
        )
    if not texts:
        raise TableError(f"no row has a text and a label among {', '.join(LABELS)}", where=source)


def _cell_text(value: Any) -> str:
    """Write a cell as text: "" for an empty one, and a whole number without its fraction."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if pd.api.types.is_scalar(value) and pd.isna(value) else str(value)
