"""The command that takes rows out of the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import click

from sentinel.cli.options import config_options, day_option, load, say

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path


@click.command()
@config_options
@day_option("from", "First day (YYYY-MM-DD), in the report's time zone.", required=True)
@day_option("to", "Last day.", required=True)
@click.option(
    "--kind", type=click.Choice(["items", "daily"]), default="items", show_default=True, help="Rows of which."
)
@click.option("--topic", default="", help='Only what counts in a topic: a name, or "kind:name" (theme:energy).')
@click.option("--columns", default="", help="Columns of items.csv or daily.csv, by commas; all when left out.")
@click.option(
    "-o", "--output", default="-", help="FILE.csv, .xlsx, .parquet or .jsonl; CSV on standard output without."
)
def export(
    config: Path,
    *,
    from_day: date,
    to_day: date,
    kind: Literal["items", "daily"],
    topic: str,
    columns: str,
    output: str,
    **options: Any,
) -> None:
    """Write the items or the moods of any days as a table: the columns and rules of items.csv and daily.csv.

    Moods are those that the reports of these days were made from.
    """
    from sentinel import pipeline

    if to_day < from_day:
        raise click.UsageError("--to lies before --from")
    names = tuple(name.strip() for name in columns.split(",")) if columns else ()
    settings = load(config, **options).settings
    n_rows = pipeline.export_rows(settings, output, kind=kind, first=from_day, last=to_day, topic=topic, columns=names)
    say(f"{n_rows} {'row' if n_rows == 1 else 'rows'}")
    if output != "-":
        click.echo(output)
