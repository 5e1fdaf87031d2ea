"""The command that tells whether the news has drifted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sentinel.cli.options import config_options, day_option, json_option, load

if TYPE_CHECKING:
    from datetime import date

MIN_WEEKS, MAX_WEEKS = 2, 520


@click.command()
@config_options
@day_option("from", "First day (YYYY-MM-DD); that of the first item when left out.")
@day_option("to", "Last day; yesterday when left out.")
@click.option(
    "--reference-weeks",
    type=click.IntRange(MIN_WEEKS, MAX_WEEKS),
    default=8,
    show_default=True,
    help="How many weeks, from the first on, the others are compared with.",
)
@click.option("--labels", default="", help="Table with item_id and label instead of the store's labels.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Page to write; reports/drift.html without.")
@json_option
def drift(
    config: Path,
    *,
    from_day: date | None,
    to_day: date | None,
    reference_weeks: int,
    labels: str,
    output: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Compare the weeks of the store with the first of them: polarity, length, new words, languages, labels."""
    from sentinel import pipeline, report

    if from_day and to_day and to_day < from_day:
        raise click.UsageError("--to lies before --from")
    settings = load(config, **options).settings
    drifted = pipeline.measure_drift(settings, first=from_day, last=to_day, n_reference=reference_weeks, labels=labels)
    path = output or settings.reports / "drift.html"
    report.write_drift(path, drifted)
    click.echo(f"sentinel: {report.drift_words(drifted)}", err=True)
    if as_json:
        click.echo(json.dumps(report.drift_rows(drifted), indent=2))
    else:
        click.echo(str(path))
