"""Commands of archives that are larger than a store: score their shards, and the moods of their days."""

from __future__ import annotations

from typing import Literal

import click

from sentinel.errors import ArchiveError


@click.command()
@click.argument("source", metavar="SRC")
@click.option("-o", "--output", required=True, help="Folder or URL for the scored shards.")
@click.option("--text-column", default="text", show_default=True, help="Column with the text.")
@click.option("--model", default="packaged", show_default=True, help='"packaged", a model directory or a hub id.')
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda.")
@click.option(
    "--engine", type=click.Choice(["local", "ray"]), default="local", show_default=True, help="This machine, or Ray."
)
@click.option("--workers", type=click.IntRange(min=1), help="Shards at a time; one per core or GPU when left out.")
def archive(
    source: str,
    *,
    output: str,
    text_column: str,
    model: str,
    device: str,
    engine: Literal["local", "ray"],
    workers: int | None,
) -> None:
    """Score a folder (or URL) of Parquet, CSV, JSONL or .txt shards, one Parquet file each; run again to go on.

    CSV and JSONL may end in .gz or .zst. A row that cannot be scored is kept with its reason. A shard that is finished
    and has not changed is skipped.
    """
    from sentinel import pipeline

    done = pipeline.score_archive(
        source, output, text_column=text_column, model=model, device=device, engine=engine, n_workers=workers
    )
    without = f", {done.n_rows - done.n_scored} kept without scores" if done.n_scored < done.n_rows else ""
    shards = f"{done.n_new} of {len(done.records)} shards scored now"
    click.echo(f"sentinel: {done.n_scored} rows scored{without}; {shards}", err=True)
    if done.failures:
        first = next(iter(done.failures.values()))
        raise ArchiveError(f"{len(done.failures)} of {len(done.records)} shards have failed; {first}")


@click.command()
@click.option("--from-archive", "source", required=True, metavar="DST", help="Folder or URL of 'sentinel archive'.")
@click.option("--time-column", default="published", show_default=True, help="Column with the time, ISO 8601.")
@click.option("--tz", "timezone", default="UTC", show_default=True, help="Zone of days, and of times without one.")
@click.option("--columns", default="", help="Columns of daily.csv, by commas; all when left out.")
@click.option(
    "-o", "--output", default="-", help="FILE.csv, .xlsx, .parquet or .jsonl; CSV on standard output without."
)
def mood(source: str, *, time_column: str, timezone: str, columns: str, output: str) -> None:
    """Write the market's mood on every day of a scored archive, with the columns of daily.csv.

    Every row counts as a story of its own; the archive may be larger than memory.
    """
    from sentinel import pipeline

    names = tuple(name.strip() for name in columns.split(",")) if columns else ()
    n_days, n_undated = pipeline.export_archive_moods(
        source, output, time_column=time_column, timezone=timezone, columns=names
    )
    undated = f", {n_undated} rows without a time left out" if n_undated else ""
    click.echo(f"sentinel: {n_days} {'day' if n_days == 1 else 'days'}{undated}", err=True)
