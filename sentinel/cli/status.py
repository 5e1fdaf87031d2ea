"""The command that tells how the job as a whole is doing, for people and for monitors."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from sentinel.cli.options import config_options, json_option, load
from sentinel.errors import TroubleError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sentinel.pipeline import JobStatus
    from sentinel.store import RunRecord

MAX_FEEDS = 20


@click.command()
@config_options
@click.option(
    "--max-age",
    "max_age_h",
    type=click.FloatRange(min=0, min_open=True),
    metavar="HOURS",
    help="The last good run may be this old; without it the schedule of the feeds file says when one is overdue.",
)
@json_option
def status(config: Path, *, max_age_h: float | None, as_json: bool, **options: Any) -> None:
    """Tell how the job is doing: runs, next run, backlog, feeds in trouble, model, disk.

    Ends with 5 where the job as a whole is in trouble, so that a monitor can call it; reads without waiting for a run.
    """
    from sentinel import pipeline

    max_age = timedelta(hours=max_age_h) if max_age_h is not None else None
    found = pipeline.job_status(load(config, **options).settings, max_age=max_age)
    if as_json:
        click.echo(json.dumps(asdict(found), default=_to_text))
    else:
        for name, text in _lines(found):
            click.echo(f"{name:<9} {text}")
    if found.troubles:
        raise TroubleError("; ".join(found.troubles))


def _to_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    raise TypeError(type(value).__name__)


def _lines(found: JobStatus) -> Iterator[tuple[str, str]]:
    for run in found.runs:
        yield "run", _describe(run)
    if not found.runs:
        yield "run", "none yet"
    overdue = " (overdue)" if found.next_run <= found.now else ""
    yield "next run", f"{found.next_run:%Y-%m-%d %H:%M} UTC{overdue}"
    yield "waiting", f"{found.n_waiting} items to be scored"
    yield "model", f"{found.model}, id {found.model_id}" if found.model_id else found.model
    yield "store", f"{found.store_bytes / 1e6:.1f} MB; {found.free_bytes / 1e9:.1f} GB free on the disk"
    yield "feeds", f"{found.n_feeds}, of which {len(found.feeds)} in trouble"
    for feed in found.feeds[:MAX_FEEDS]:
        yield "", f"{feed.feed}: {feed.word}, {feed.reason}"
    if len(found.feeds) > MAX_FEEDS:
        yield "", f"and {len(found.feeds) - MAX_FEEDS} more ('sentinel feeds status' lists them)"
    for trouble in found.troubles:
        yield "trouble", trouble


def _describe(run: RunRecord) -> str:
    took = f" in {(run.finished - run.started).total_seconds():.0f} s" if run.finished else ""
    counts = f"{run.n_feeds} feeds, {run.n_failed} failed, {run.n_new} new items, {run.n_scored} scored"
    reason = f" ({run.reason})" if run.reason else ""
    return f"{run.started:%Y-%m-%d %H:%M} UTC {run.outcome}{took}: {counts}{reason}"
