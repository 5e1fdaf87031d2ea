"""Write the page of an audit: one file with everything in it, no script, nothing from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel.report.files import write_bytes
from sentinel.report.page import render_audit

if TYPE_CHECKING:
    from pathlib import Path

    from sentinel.figures import Audit

SHIFT_LIMIT = 0.02
"""A shift beyond it is marked; the packaged model's release gate has the same."""


def write_audit(path: Path, audit: Audit) -> None:
    """Write the page of an audit.

    Args:
        path: file to write; its folder exists.
        audit: what was measured.

    Raises:
        ReportError: the file cannot be written; what stood there before still does.
    """
    rows = [
        {
            "kind": found.kind,
            "dimension": found.dimension,
            "group": found.group,
            "n_texts": found.n_texts,
            "shift": found.shift,
            "is_beyond": abs(found.shift.value or 0.0) > SHIFT_LIMIT,
        }
        for found in audit.shifts
    ]
    largest = max(audit.shifts, key=lambda found: abs(found.shift.value or 0.0))
    write_bytes(path, render_audit({"audit": audit, "rows": rows, "largest": largest, "limit": SHIFT_LIMIT}))
