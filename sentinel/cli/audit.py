"""The command that asks whether a model reads news differently when it is about somebody else."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sentinel.cli.options import json_option
from sentinel.cli.tables import table_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.figures import Audit


@click.command()
@click.argument("bundle")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a page to this file.")
@click.option(
    "--words",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder with your own headlines.csv and a list for each kind in it.",
)
@json_option
def audit(bundle: str, *, html: Path | None, words: Path | None, as_json: bool) -> None:
    """Swap countries, companies' homes, persons and company sizes in headlines, and measure what it does."""
    from sentinel import pipeline, report

    found = pipeline.audit_model(bundle, words)
    click.echo(json.dumps(audit_json(found)) if as_json else "\n".join(audit_lines(found)))
    if html:
        report.write_audit(html, found)
        click.echo(f"sentinel: page written to {html}", err=True)


def audit_json(found: Audit) -> dict[str, Any]:
    """Give an audit as plain values."""
    return {
        "model_id": found.model.model_id,
        "model": found.model.name,
        "shifts": [{**asdict(shift), "shift": shift.shift._asdict()} for shift in found.shifts],
        "turned": found.turned,
        "worst": [asdict(pair) for pair in found.worst],
    }


def audit_lines(found: Audit) -> Iterator[str]:
    """Write an audit as tables.

    Args:
        found: what was measured.

    Yields:
        Lines without their ends.
    """
    yield f"{found.model.name} {found.model.model_id}: shift of the mean polarity by group, 95% intervals in brackets"
    yield ""
    rows = [
        [row.kind, row.dimension, row.group, f"{row.n_texts:,}", f"{row.shift.value:+.4f}", _interval(row.shift)]
        for row in found.shifts
    ]
    yield from table_lines(["swapped", "by", "group", "texts", "shift", "interval"], rows)
    yield ""
    turned = [[kind, f"{share:.2%}"] for kind, share in found.turned.items()]
    yield from table_lines(["swapped", "texts with another label than most of their headline"], turned)
    yield ""
    for pair in found.worst:
        yield f"{pair.lower_polarity:+.3f}  {pair.lower}"
        yield f"{pair.higher_polarity:+.3f}  {pair.higher}"


def _interval(figure: Any) -> str:
    return f"({figure.low:+.4f} to {figure.high:+.4f})"
