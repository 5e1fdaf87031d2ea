"""Show why a text was read as it was: its words coloured and signed, where attention came from, what turns the label.

Comes in: an Explanation. Goes out: what ``explained.html.j2`` draws, and a page of one explanation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sentinel.report.files import write_bytes
from sentinel.report.page import render_explanation
from sentinel.report.rounding import number_text

if TYPE_CHECKING:
    from pathlib import Path

    from sentinel.explanations import Explanation
    from sentinel.report.rounded_day import Row

SHARE_DECIMALS = 2
_STRENGTHS = (0.03, 0.10, 0.25, 0.50)
"""A word is coloured from the first of these shares on, and more strongly from each further one."""
_LEVELS = (0.02, 0.05, 0.10, 0.20, 0.40)
"""A cell of the picture of attention is drawn from the first of these parts on, likewise."""
CELL, LABEL_WIDTH = 16, 60
"""Side of a cell and room for the names of layers, in units of the picture."""
_TOLD_WORDS = 3


def explained(explanation: Explanation) -> Row:
    """Describe an explanation as its template names it.

    Returns:
        label, polarity, reference, error, words (text, share, tone and strength), told (the words that count most, for
        those who cannot see colours), change, picture.
    """
    rows = [_word_row(word.text, word.share) for word in explanation.words]
    return {
        "label": explanation.label,
        "polarity": _rounded(explanation.polarity),
        "reference": _rounded(explanation.reference),
        "error": explanation.error,
        "words": rows,
        "told": _told(rows),
        "change": explanation.change,
        "picture": _picture(explanation),
    }


def write_explanation(path: Path, explanation: Explanation) -> None:
    """Write an explanation as one page that needs no other file and no script.

    Args:
        path: file to write; its folder exists.
        explanation: what is shown.

    Raises:
        ReportError: the file cannot be written; what stood there before still does.
    """
    context: dict[str, Any] = {"text": explanation.text, "model": explanation.model, "story": explained(explanation)}
    write_bytes(path, render_explanation(context))


def _rounded(value: float) -> float:
    return round(value, SHARE_DECIMALS) + 0.0


def _word_row(text: str, share: float) -> Row:
    strength = sum(abs(share) >= limit for limit in _STRENGTHS)
    tone = "" if not strength else "positive" if share > 0 else "negative"
    return {"text": text, "share": _rounded(share), "tone": tone, "strength": strength}


def _told(rows: list[Row]) -> str:
    """Say which words count most: "up: recovers +0.85; down: falls -0.70, than -0.57"."""
    parts = []
    for name, sign in (("up", 1), ("down", -1)):
        side = sorted(
            (row for row in rows if row["tone"] and row["share"] * sign > 0), key=lambda row: -abs(row["share"])
        )
        if side:
            told = (
                f"{row['text']} {number_text(row['share'], SHARE_DECIMALS, signed=True)}" for row in side[:_TOLD_WORDS]
            )
            parts.append(f"{name}: {', '.join(told)}")
    return "; ".join(parts) or "no word counts for much"


def _picture(explanation: Explanation) -> Row:
    """Draw the rollout: a row per layer, the last at the bottom, a column per word, darker where more came from."""
    paths = [""] * len(_LEVELS)
    for layer, row in enumerate(explanation.rollout):
        for place, part in enumerate(row):
            level = sum(part >= limit for limit in _LEVELS)
            if level:
                paths[level - 1] += f"M{LABEL_WIDTH + place * CELL} {layer * CELL}h{CELL - 1}v{CELL - 1}h-{CELL - 1}z"
    n_layers, n_words = len(explanation.rollout), len(explanation.words)
    most = sorted(explanation.words, key=lambda word: -word.attention)[:_TOLD_WORDS]
    return {
        "paths": paths,
        "width": LABEL_WIDTH + max(n_words, 1) * CELL,
        "height": n_layers * CELL,
        "layers": [{"name": f"layer {layer + 1}", "y": layer * CELL + CELL - 4} for layer in range(n_layers)],
        "words": "attention ends at " + ", ".join(f"{word.text} {word.attention:.0%}" for word in most)
        if most
        else "there is no word to attend to",
    }
