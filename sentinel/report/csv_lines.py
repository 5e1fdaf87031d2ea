"""Write rows of a table as lines of CSV, a column of cells at a time, with pyarrow.

A row at a time took a Python object for every cell, and a day may have twenty million of them. The rules of the format
stand in ``exports``, those of text in ``cells``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sentinel.report.cells import text_cell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.report.columns import Column

END = "\r\n"

TIME_TYPES = {"date": "D", "local time": "m", "UTC time": "s"}
"""Types of columns that hold times, and how far these are written."""
_SURELY_TEXT = r"^(?:[\pL\pN][^;\x00-\x1f\x7f-\x{9f}\x{2028}\x{2029}]*)?$"
"""What most texts are: nothing, or a letter or digit and then nothing that could break a line or begin another cell."""


def csv_header(columns: Sequence[Column]) -> bytes:
    """Write the first line: the names of the columns."""
    return (",".join(column.name for column in columns) + END).encode()


def csv_lines(columns: Sequence[Column], frame: pd.DataFrame) -> bytes:
    """Write rows, a line each, quoted after RFC 4180.

    Args:
        columns: the columns, at least one.
        frame: the rows, with these columns.
    """
    cells = [_cells(frame[column.name], column) for column in columns]
    if len(cells) == 1:
        cells = [pc.if_else(pc.equal(cells[0], ""), '""', cells[0])]  # an empty line would be no row
    lines = pc.binary_join_element_wise(pc.binary_join_element_wise(*cells, ","), END, "")
    whole = pa.ListArray.from_arrays([0, len(lines)], lines)
    return bytes(pc.binary_join(whole, "")[0].as_buffer())


def _cells(values: pd.Series, column: Column) -> pa.Array:
    """Write the cells of a column; what is unknown is empty."""
    if column.type == "text":
        return _quoted(text_cells(values))
    if column.type == "number":
        code, found = pd.factorize(values)  # rounded figures are few
        texts = [f"{value:.{column.decimals}f}" for value in found.tolist()]
        return pa.array([*texts, ""]).take(pa.array(code % (len(texts) + 1)))
    if column.type == "whole number":
        return pa.array([str(count) for count in values.tolist()], type=pa.string())
    return time_cells(values, column)


def text_cells(values: pd.Series) -> pa.Array:
    """Write texts so that no spreadsheet takes one for a formula; see ``cells.text_cell``."""
    try:
        texts = pa.array(values, type=pa.string())
    except UnicodeEncodeError:  # half a surrogate pair
        return pa.array([text_cell(text) for text in values.tolist()], type=pa.string())
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    doubtful = pc.invert(pc.match_substring_regex(texts, _SURELY_TEXT))
    safe = [text_cell(text) for text in texts.filter(doubtful).to_pylist()]
    return pc.replace_with_mask(texts, doubtful, pa.array(safe, type=pa.string())) if safe else texts


def time_cells(values: pd.Series, column: Column) -> pa.Array:
    """Write times in ISO 8601, to the day, the minute or the second; a missing one is empty."""
    naive = values.dt.tz_convert(None) if column.type == "UTC time" else values
    whole = naive.to_numpy().astype(f"datetime64[{TIME_TYPES[column.type]}]").astype("datetime64[s]")
    texts = pa.array(whole).cast(pa.string()).fill_null("")
    if column.type == "date":
        return pc.utf8_slice_codeunits(texts, 0, 10)
    if column.type == "local time":
        return pc.utf8_slice_codeunits(texts, 0, 16)
    told = pc.binary_join_element_wise(pc.binary_replace_slice(texts, 10, 11, "T"), "Z", "")
    return pc.if_else(pc.equal(texts, ""), "", told)


def _quoted(texts: pa.Array) -> pa.Array:
    """Put into quotation marks what holds a comma or such a mark; breaks, ``text_cell`` has taken out."""
    with_mark = pc.match_substring(texts, '"')
    needed = pc.or_(with_mark, pc.match_substring(texts, ","))
    if not pc.any(needed).as_py():
        return texts
    inner = pc.replace_substring(texts, '"', '""') if pc.any(with_mark).as_py() else texts
    return pc.if_else(needed, pc.binary_join_element_wise('"', inner, '"', ""), texts)
