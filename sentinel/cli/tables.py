"""Text tables for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def table_lines(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Align columns to the left under their heads, two spaces apart.

    Args:
        heads: one for each column.
        rows: cells without line breaks.

    Yields:
        Lines without their ends.
    """
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(len(heads))]
    for row in [heads, *rows]:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def one_line(text: str) -> str:
    """Fold text into one line that a terminal shows as it is: no control character gets through."""
    return " ".join("".join(character for character in text if character.isprintable()).split())
