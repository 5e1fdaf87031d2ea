"""The command that says why a text is read as it is. It needs no feeds file and no store."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sentinel.cli.options import json_option

if TYPE_CHECKING:
    from sentinel.explanations import Explanation

_BAR_CELLS = 20


@click.command()
@click.argument("text")
@click.option("--model", default="packaged", show_default=True, help='"packaged", a model directory or a hub id.')
@click.option(
    "--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a page with pictures to this file."
)
@json_option
def explain(text: str, *, model: str, html: Path | None, as_json: bool) -> None:
    """Say which words of TEXT make its score, and the smallest change that turns its label."""
    from sentinel import pipeline, report

    found = pipeline.explain_text(model, text)
    click.echo(json.dumps(explanation_json(found)) if as_json else "\n".join(explanation_lines(found)))
    if html:
        report.write_explanation(html, found)
        click.echo(f"sentinel: page written to {html}", err=True)


def explanation_json(found: Explanation) -> dict[str, Any]:
    """Give an explanation as plain values."""
    return {
        "text": found.text,
        "model_id": found.model.model_id,
        "label": found.label,
        "polarity": found.polarity,
        "reference": found.reference,
        "completeness_error": found.error,
        "words": [word._asdict() for word in found.words],
        "rollout": [list(row) for row in found.rollout],
        "change": None if found.change is None else asdict(found.change),
    }


def explanation_lines(found: Explanation) -> list[str]:
    """Write an explanation for a terminal: a line per word with a bar to its side."""
    lines = [f"{found.text}", f"{found.label}, polarity {found.polarity:+.3f}, without words {found.reference:+.3f}"]
    width = max((len(word.text) for word in found.words), default=0)
    for word in found.words:
        n_cells = min(round(abs(word.share) * _BAR_CELLS), _BAR_CELLS)
        bar = (("+" if word.share > 0 else "-") * n_cells).ljust(_BAR_CELLS)
        lines.append(f"  {word.text:<{width}}  {word.share:+.3f}  {bar}  attention {word.attention:.0%}")
    lines.append(f"completeness error {found.error:+.4f}")
    if found.change is None:
        lines.append("no change of up to two words turns the label")
    else:
        change = found.change
        lines.append(f"{' and '.join(change.words)}: {change.label} ({change.polarity:+.3f}): {change.text}")
    return lines
