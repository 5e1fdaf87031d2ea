"""Commands on the store itself: move it, back it up, check it, change its schema, take the old out of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sentinel.cli.options import config_option, json_option, load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sentinel.store import TableDigest

store_option = click.option("--store", help="Database file or URL; wins over the file.")


@click.group()
def store() -> None:
    """Move, back up or check the store."""


@store.command()
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@json_option
def copy(source: str, target: str, *, as_json: bool) -> None:
    """Copy a store into an empty one, and verify it by counts and hashes.

    FROM and TO are a SQLite file or a URL such as postgresql+psycopg://user@host/name. FROM is only read; a copy that
    was broken off leaves TO empty.
    """
    from sentinel import pipeline

    _show(pipeline.copy_store(source, target), as_json=as_json)


@store.command()
@click.argument("path", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@config_option
@store_option
@json_option
def backup(path: Path, config: Path, *, as_json: bool, **options: Any) -> None:
    """Copy the store, as it is now, into FILE, a SQLite store; runs go on meanwhile."""
    from sentinel import pipeline

    _show(pipeline.back_up(load(config, **options).settings, path), as_json=as_json)


@store.command()
@config_option
@store_option
@json_option
def check(config: Path, *, as_json: bool, **options: Any) -> None:
    """Read all of the store and look for what cannot be; nothing is changed."""
    from sentinel import pipeline

    _show(pipeline.check_store(load(config, **options).settings), as_json=as_json)


@store.command()
@config_option
@store_option
@click.option("--to", type=int, help="Schema to bring it to; this program's newest when left out.")
def migrate(config: Path, *, to: int | None, **options: Any) -> None:
    """Bring the schema to a version; back only to return to an older program, and after a backup."""
    from sentinel import pipeline

    schema = pipeline.migrate(load(config, **options).settings, to=to)
    click.echo(f"sentinel: the store has schema {schema}", err=True)


@click.command()
@config_option
@store_option
@click.option("--older-than", "kept_days", type=int, required=True, metavar="DAYS", help="365 or more.")
@json_option
def prune(config: Path, *, kept_days: int, as_json: bool, **options: Any) -> None:
    """Remove news last seen more than DAYS ago, with their scores, runs and fetches; reports and moods stay."""
    from sentinel import pipeline

    removed = pipeline.prune(load(config, **options).settings, kept_days=kept_days)
    if as_json:
        click.echo(json.dumps(removed))
    click.echo(f"sentinel: removed {removed['items']} items and {removed['runs']} runs", err=True)


def _show(digests: Mapping[str, TableDigest], *, as_json: bool) -> None:
    """Print what each table holds."""
    if as_json:
        click.echo(json.dumps({name: digest._asdict() for name, digest in digests.items()}))
        return
    for name, digest in digests.items():
        click.echo(f"{name:<18} {digest.n_rows:>10}  {digest.sha256[:16]}")
