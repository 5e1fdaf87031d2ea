"""Commands of archives that are larger than a store: score their shards."""

from __future__ import annotations

import click

from sentinel.errors import ArchiveError


@click.command()
@click.argument("source", metavar="SRC")
@click.option("-o", "--output", required=True, help="Folder or URL for the scored shards.")
@click.option("--text-column", default="text", show_default=True, help="Column with the text.")
@click.option("--model", default="packaged", show_default=True, help='"packaged", a model directory or a hub id.')
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda.")
@click.option("--processes", type=click.IntRange(min=1), help="Shards at a time; one per core or GPU when left out.")
def archive(source: str, *, output: str, text_column: str, model: str, device: str, processes: int | None) -> None:
    """Score a folder (or URL) of Parquet, CSV, JSONL or .txt shards, one Parquet file each; run again to go on.

    CSV and JSONL may end in .gz or .zst. A row that cannot be scored is kept with its reason. A shard that is finished
    and has not changed is skipped.
    """
    from sentinel import pipeline

    done = pipeline.score_archive(
        source, output, text_column=text_column, model=model, device=device, n_processes=processes
    )
    without = f", {done.n_rows - done.n_scored} kept without" if done.n_scored < done.n_rows else ""
    click.echo(
        f"sentinel: {done.n_scored} rows scored{without}, {len(done.records)} shards, {done.n_new} of them now",
        err=True,
    )
    if done.failures:
        name, reason = next(iter(done.failures.items()))
        raise ArchiveError(f"{len(done.failures)} shards could not be scored; {name}: {reason}", where=source)
