"""Commands of the job: run and its steps, the schedule, the check."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sentinel.cli.options import (
    FIRST_YEAR,
    LAST_YEAR,
    all_option,
    config_options,
    day_option,
    json_option,
    load,
    partial_run,
    strict_option,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.records import RunSummary

MAX_NAMES = 5


def _finish(summary: RunSummary, *, as_json: bool, strict: bool) -> None:
    """Print the one summary line of a run; with --json, the counts on standard output."""
    if as_json:
        click.echo(json.dumps(asdict(summary)))
    parts = [f"{summary.n_feeds - summary.n_failed} of {summary.n_feeds} feeds"] if summary.n_feeds else []
    if summary.n_failed:
        parts[0] += f" (failed: {_names(summary.failed_feeds)})"
    if summary.n_not_due:
        parts.append(f"{summary.n_not_due} not due")
    parts += [f"{summary.n_new} new items", f"{summary.n_scored} scored"]
    if summary.n_alerts:
        parts.append("1 alert" if summary.n_alerts == 1 else f"{summary.n_alerts} alerts")
    parts.append(f"{summary.elapsed_s:.1f} s")
    click.echo(f"sentinel: {', '.join(parts)}", err=True)
    if summary.report_path and not as_json:
        click.echo(summary.report_path)
    if strict and summary.n_failed:
        raise partial_run(summary.n_failed)


def _names(names: Sequence[str]) -> str:
    """List names on one line, however many there are."""
    shown = ", ".join(names[:MAX_NAMES])
    return shown if len(names) <= MAX_NAMES else f"{shown} and {len(names) - MAX_NAMES} more"


@click.command()
@config_options
@click.option("--sample", is_flag=True, help="Run on the packaged sample news instead of the feeds file.")
@day_option("day", "Report this day alone (YYYY-MM-DD).")
@all_option
@strict_option
@json_option
def run(
    config: Path,
    *,
    sample: bool,
    day_day: date | None,
    asks_all: bool,
    strict: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Collect, score and report: one full cycle. Prints the path of the report."""
    from sentinel import pipeline

    if sample:
        if options.pop("store") is not None:
            raise click.UsageError("--sample has a store of its own; leave --store out")
        texts = {key: str(value) if value is not None else None for key, value in options.items()}
        summary = pipeline.run_sample(Path.cwd(), texts, day=day_day)
    else:
        settings = load(config, **options).settings
        with pipeline.canary_told(settings):
            model = pipeline.prepare(settings, days=[day_day] if day_day else [])
        with pipeline.open_job(settings, model=model) as job:
            summary = pipeline.run_once(job, day=day_day, asks_all=asks_all)
    _finish(summary, as_json=as_json, strict=strict)


@click.command()
@config_options
@all_option
@strict_option
@json_option
def collect(config: Path, *, asks_all: bool, strict: bool, as_json: bool, **options: Any) -> None:
    """Fetch every feed that is due and store what is new."""
    from sentinel import pipeline

    with pipeline.open_job(load(config, **options).settings, is_shared=True) as job:
        summary = pipeline.run_step(job, partial(pipeline.collect, asks_all=asks_all))
    _finish(summary, as_json=as_json, strict=strict)


@click.command()
@config_options
@json_option
def score(config: Path, *, as_json: bool, **options: Any) -> None:
    """Score every stored item that the model has not scored."""
    from sentinel import pipeline

    settings = load(config, **options).settings
    with pipeline.open_job(settings, model=pipeline.prepare(settings, reports=False)) as job:
        summary = pipeline.run_step(job, pipeline.score)
    _finish(summary, as_json=as_json, strict=False)


@click.command()
@config_options
@day_option("day", "Report this day (YYYY-MM-DD); today when no day is given.")
@day_option("from", "Report every day from this one ...")
@day_option("to", "... to this one.")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]),
    metavar="TIME",
    help="Use only news first seen by then (2026-03-02T14:30, UTC unless it ends in an offset); the pages say so. "
    "Give another folder with --reports to keep the full pages beside them.",
)
@click.option(
    "--standalone",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the page of the day into this one file, which needs no other and can be mailed, and nothing else.",
)
def report(
    config: Path,
    *,
    day_day: date | None,
    from_day: date | None,
    to_day: date | None,
    as_of: datetime | None,
    standalone: Path | None,
    **options: Any,
) -> None:
    """Write the pages and tables of one day or a range, from the first day with news on.

    Prints the path of the archive page, or of the one file that was asked for.
    """
    from sentinel import pipeline

    if as_of is not None:
        as_of = _to_utc(as_of)
    if (day_day and (from_day or to_day)) or bool(from_day) != bool(to_day):
        raise click.UsageError("give --day, or --from and --to")
    if standalone and from_day:
        raise click.UsageError("--standalone is the page of one day: give --day")
    if from_day and to_day and to_day < from_day:
        raise click.UsageError("--to lies before --from")
    settings = load(config, **options).settings
    last = to_day or day_day
    model = pipeline.prepare(settings, days=[last] if last else [], as_of=as_of, scores=False, reports=not standalone)
    with pipeline.open_job(settings, model=model) as job:
        if standalone:
            click.echo(str(pipeline.write_standalone(job, day_day or job.today, standalone, as_of=as_of)))
            return
        days = pipeline.days_between(job, from_day, to_day) if from_day and to_day else [day_day or job.today]
        index = pipeline.write_reports(job, days, as_of=as_of)
    parts = ["1 page" if len(days) == 1 else f"{len(days)} pages"]
    if as_of is not None:
        parts.append(f"as of {as_of:%Y-%m-%d %H:%M:%S} UTC; the next run writes recent days in full again")
    click.echo(f"sentinel: {' '.join(parts)}", err=True)
    click.echo(str(index))


def _to_utc(moment: datetime) -> datetime:
    """Take a time without offset for UTC, within the years that every zone can tell."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise click.BadParameter(f"lies outside the years {FIRST_YEAR} to {LAST_YEAR}.", param_hint="'--as-of'")
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


@click.command("import")
@click.argument("file")
@config_options
@click.option("--feed", required=True, help="Name of the feed the items belong to.")
@click.option("--text-column", default="title", show_default=True, help="Column with the headline.")
@click.option("--time-column", default="published", show_default=True, help="Column with the time, ISO 8601.")
@click.option("--tz", "timezone", default="UTC", show_default=True, help="Zone of times that name none.")
@json_option
def import_(
    file: str,
    config: Path,
    *,
    feed: str,
    text_column: str,
    time_column: str,
    timezone: str,
    as_json: bool,
    **options: Any,
) -> None:
    """Store archived headlines (CSV, JSONL, Parquet) as items, first seen when they were published.

    A column "url" or "link" becomes the item's link, and names it: two rows with one link are one item.
    """
    from sentinel import pipeline
    from sentinel.config import check_name

    try:
        check_name(feed)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="'--feed'") from error
    with pipeline.open_job(load(config, **options).settings) as job:
        counts = pipeline.import_items(
            job, file, feed=feed, text_column=text_column, time_column=time_column, timezone=timezone
        )
    if as_json:
        click.echo(json.dumps(counts))
    click.echo("sentinel: " + ", ".join(f"{count} {name}" for name, count in counts.items()), err=True)


@click.command()
@config_options
def schedule(config: Path, **options: Any) -> None:
    """Stay up and run at the times of the feeds file."""
    from sentinel.pipeline import utc_now
    from sentinel.schedule import RunProcess, next_run, run_schedule

    settings = load(config, **options).settings
    arguments = ["run", "--config", str(config)]
    for key, value in options.items():
        arguments += [f"--{key}", str(value)] if value is not None else []
    due = next_run(settings.schedule, settings.timezone, utc_now())
    click.echo(f"sentinel: next run {due:%Y-%m-%d %H:%M %Z}", err=True)
    run_schedule(settings.schedule, settings.timezone, RunProcess(arguments))


@click.command()
@config_options
@json_option
def check(config: Path, *, as_json: bool, **options: Any) -> None:
    """Print the settings in force and where each came from; verify model, store and report folder."""
    from sentinel import pipeline

    loaded = load(config, **options)
    settings = loaded.settings
    counted = ("watchlist", "themes", "feeds")
    shown = {key: value for key, value in settings.model_dump(mode="json").items() if key not in counted}
    shown |= {key: len(getattr(settings, key)) for key in counted}
    shown["alerts"]["rules"] = {rule.name: rule.describe() for rule in settings.alerts.build_rules()}
    found = pipeline.verify(settings)
    shown["store"] = found["store"]  # a URL without its password
    if as_json:
        click.echo(json.dumps({"settings": shown, "origins": loaded.origins, "found": found}))
        return
    width = max(map(len, shown))
    for key, value in shown.items():
        click.echo(f"{key:<{width}}  {value}  ({loaded.origins[key]})")
    for key, text in found.items():
        click.echo(f"{key:<{width}}  ok: {text}")
