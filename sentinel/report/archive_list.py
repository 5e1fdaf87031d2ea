"""days.json: every day on file in one list, for programs, and for the next run to see which days are new."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sentinel.report.summary import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from sentinel.report.links import Neighbours
    from sentinel.report.summary import DaySummary

LIST_NAME = "days.json"
_KEYS = ("mood", "low", "high", "change", "trend", "n_items", "model_id", "is_point_in_time", "is_sample")


def list_bytes(summaries: Iterable[DaySummary], neighbours: Mapping[str, Neighbours]) -> bytes:
    """Write the list, a day a line, oldest first."""
    lines = []
    for summary in summaries:
        day = summary.day.isoformat()
        previous_day, next_day = neighbours[day]
        row = {key: getattr(summary, key) for key in _KEYS}
        row |= {"day": day, "previous_day": previous_day, "next_day": next_day}
        lines.append(json.dumps(row, sort_keys=True, allow_nan=False))
    return (f'{{"schema_version": {SCHEMA_VERSION}, "days": [\n' + ",\n".join(lines) + "\n]}\n").encode()


def listed_neighbours(reports_dir: Path) -> dict[str, Neighbours]:
    """Read which days the pages were last linked to, by day; empty where the list is absent, damaged or foreign."""
    try:
        content = json.loads((reports_dir / LIST_NAME).read_bytes())
        return {str(row["day"]): (str(row["previous_day"]), str(row["next_day"])) for row in content["days"]}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
