"""Which items of a day are explained, and their explanations beside its page.

``explanations.json`` in the day's folder holds them, so that a page that is written again need not ask the model.
Whatever is in that file and cannot be read is computed anew.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sentinel.explanations import Change, Explanation, Word
from sentinel.report.rounded_day import round_day
from sentinel.report.stories import leading_stories

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from pathlib import Path

    from sentinel.records import ModelFacts
    from sentinel.report.day import DayReport

EXPLANATIONS_NAME = "explanations.json"


def leading_items(report: DayReport) -> list[str]:
    """Name the items that a day's page explains: the first of each leading story."""
    return [story["items"][0]["item_id"] for stories in leading_stories(round_day(report)) for story in stories]


def explanations_bytes(model_id: str, explanations: Iterable[Explanation]) -> bytes:
    """Write explanations of one model as JSON, each text once, in order of texts."""
    by_text = {found.text: found for found in explanations}
    rows = [
        {name: value for name, value in asdict(by_text[text]).items() if name != "model"} for text in sorted(by_text)
    ]
    content = {"model_id": model_id, "explanations": rows}
    return (json.dumps(content, ensure_ascii=True, separators=(",", ":")) + "\n").encode()


def read_explanations(reports_dir: Path, day: date, *, model: ModelFacts) -> dict[str, Explanation]:
    """Read what stands in a day's folder.

    Args:
        reports_dir: the site's folder.
        day: the day.
        model: explanations of another model do not count.

    Returns:
        Explanations by their text; none where the file is missing, damaged or another model's.
    """
    try:
        content = json.loads((reports_dir / day.isoformat() / EXPLANATIONS_NAME).read_bytes())
        rows = content["explanations"] if content["model_id"] == model.model_id else []
        return {row["text"]: _explanation(row, model) for row in rows}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def _explanation(row: dict[str, Any], model: ModelFacts) -> Explanation:
    change = row["change"]
    return Explanation(
        text=str(row["text"]),
        model=model,
        label=str(row["label"]),
        polarity=float(row["polarity"]),
        reference=float(row["reference"]),
        error=float(row["error"]),
        words=tuple(Word(str(word), float(share), float(attention)) for word, share, attention in row["words"]),
        rollout=tuple(tuple(float(part) for part in layer) for layer in row["rollout"]),
        change=None
        if change is None
        else Change(
            tuple(str(words) for words in change["words"]),
            str(change["text"]),
            str(change["label"]),
            float(change["polarity"]),
        ),
    )
