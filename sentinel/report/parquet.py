"""Write a table as Parquet, and read columns of a finished file back. With ``csv_lines`` the report's door to pyarrow.

Types are those of ``columns``: UTC times are timestamps with the zone UTC, days are dates, local times have no zone.
Meaning and unit stand at each field, the facts of the report in the schema's metadata. The same rows give the same
bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from sentinel.errors import ReportError
from sentinel.report.files import HINT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from sentinel.report.columns import Column, ColumnType

_ARROW_TYPES: dict[ColumnType, pa.DataType] = {
    "text": pa.string(),
    "number": pa.float64(),
    "whole number": pa.int64(),
    "date": pa.date32(),
    "local time": pa.timestamp("s"),
    "UTC time": pa.timestamp("us", tz="UTC"),
}


def write_parquet(
    path: Path, columns: Sequence[Column], frames: Iterable[pd.DataFrame], *, facts: Mapping[str, str]
) -> None:
    """Write a table, a group of rows for each frame.

    Args:
        path: file to write.
        columns: its columns.
        frames: its rows, a part of them at a time, with these columns.
        facts: what the schema's metadata say, for example ``model_id``.

    Raises:
        ReportError: the file cannot be written.
    """
    schema = pa.schema([_field(column) for column in columns], metadata=dict(facts))
    try:
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            for frame in frames:
                arrays = [_array(frame[field.name], field.type) for field in schema]
                writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
    except OSError as error:
        raise ReportError(f"cannot write the file: {error.strerror or error}", where=str(path), hint=HINT) from error


def read_parquet_parts(path: Path, names: Sequence[str]) -> Iterator[pd.DataFrame]:
    """Read columns of a Parquet file, a group of rows at a time."""
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            yield file.read_row_group(group, columns=list(names)).to_pandas()


def read_csv_parts(path: Path, types: Mapping[str, type]) -> Iterator[pd.DataFrame]:
    """Read columns of a CSV file, a megabyte or two at a time.

    Args:
        path: a file with a header.
        types: str or float of each column that is wanted; an empty cell is an empty text, or NaN.

    Returns:
        Frames with these columns.
    """
    arrow_types = {name: pa.string() if kind is str else pa.float64() for name, kind in types.items()}
    options = pa.csv.ConvertOptions(
        column_types=arrow_types, include_columns=list(types), strings_can_be_null=False, null_values=[""]
    )
    parsing = pa.csv.ParseOptions(newlines_in_values=False)
    reading = pa.csv.ReadOptions(use_threads=False, block_size=2 << 20)
    with pa.csv.open_csv(path, read_options=reading, parse_options=parsing, convert_options=options) as batches:
        for batch in batches:
            yield batch.to_pandas()


def _field(column: Column) -> pa.Field:
    words = {"meaning": column.meaning, "unit": column.unit}
    return pa.field(
        column.name, _ARROW_TYPES[column.type], metadata={name: text for name, text in words.items() if text}
    )


def _array(values: pd.Series, wanted: pa.DataType) -> pa.Array:
    if wanted == pa.string():
        return _texts(values)
    array = pa.Array.from_pandas(values)
    return array.cast(wanted)


def _texts(values: pd.Series) -> pa.Array:
    """Write texts; half a surrogate pair, which no file can hold, is a question mark."""
    try:
        array = pa.array(values, type=pa.string(), from_pandas=True)
    except UnicodeEncodeError:
        array = pa.array([text.encode(errors="replace").decode() for text in values], type=pa.string())
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
