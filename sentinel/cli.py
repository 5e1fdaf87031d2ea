"""The command line: one thin command per step. The only door to click.

Turns an error into one line and an exit code: 0 done, 1 failed, 2 usage or configuration, 3 partial with
``--strict``, 4 below a quality floor, 75 another run holds the lock. Results go to standard output, everything
else to standard error. Heavy libraries are imported inside the commands, so that ``--help`` is quick.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sentinel import __version__
from sentinel.errors import PartialRunError, SentinelError
from sentinel.logs import set_up_logs

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentinel.config import LoadedSettings
    from sentinel.records import RunSummary

DEFAULT_CONFIG = Path("feeds.yaml")

_Command = TypeVar("_Command", bound="Callable[..., Any]")


class _Group(click.Group):
    """A group whose commands end with one line and the right code on a SentinelError."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SentinelError as error:
            click.echo(f"sentinel: {error}", err=True)
            ctx.exit(error.exit_code)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="sentinel")
@click.option("-v", "--verbose", is_flag=True, help="Log what each step does.")
def main(verbose: bool) -> None:  # noqa: FBT001  # click passes flags by name
    """Watch financial news: collect feeds, score headlines, report the market's mood."""
    set_up_logs(verbose=verbose)


def _config_options(command: _Command) -> _Command:
    """Add the options that every command working on the store has."""
    for option in (
        click.option("--device", help="auto, cpu or cuda; wins over the file."),
        click.option("--model", help='"packaged", a model directory or a hub id; wins over the file.'),
        click.option("--reports", type=click.Path(path_type=Path), help="Report folder; wins over the file."),
        click.option("--store", help="Database file or URL; wins over the file."),
        click.option(
            "--config",
            type=click.Path(path_type=Path),
            default=DEFAULT_CONFIG,
            show_default=True,
            help="The feeds file.",
        ),
    ):
        command = option(command)
    return command


def _day_option(name: str, help_text: str) -> Callable[[_Command], _Command]:
    return click.option(
        f"--{name}", f"{name}_day", type=click.DateTime(["%Y-%m-%d"]), callback=_to_date, help=help_text
    )


def _to_date(_context: click.Context, _parameter: click.Parameter, value: datetime | None) -> date | None:
    return None if value is None else value.date()


def _load(config: Path, **options: Any) -> LoadedSettings:
    from sentinel.config import load_settings

    options = {key: str(value) if value is not None else None for key, value in options.items()}
    return load_settings(config, options=options)


_json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
_strict_option = click.option("--strict", is_flag=True, help="End with exit code 3 when a feed failed.")


def _finish(summary: RunSummary, *, as_json: bool, strict: bool) -> None:
    """Print the one summary line of a run; with --json, the counts on standard output."""
    if as_json:
        click.echo(json.dumps(asdict(summary)))
    parts = [f"{summary.n_feeds - summary.n_failed} of {summary.n_feeds} feeds"] if summary.n_feeds else []
    parts += [f"{summary.n_new} new items", f"{summary.n_scored} scored", f"{summary.elapsed_s:.1f} s"]
    click.echo(f"sentinel: {', '.join(parts)}", err=True)
    if summary.report_path and not as_json:
        click.echo(summary.report_path)
    if strict and summary.n_failed:
        raise PartialRunError(f"{summary.n_failed} feeds failed", hint="see the coverage table of the report")


@main.command()
@_config_options
@click.option("--sample", is_flag=True, help="Run on the packaged sample news instead of the feeds file.")
@_day_option("day", "Report this day alone (YYYY-MM-DD).")
@_strict_option
@_json_option
def run(
    config: Path,
    *,
    sample: bool,
    day_day: date | None,
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
        with pipeline.open_job(_load(config, **options).settings) as job:
            summary = pipeline.run_once(job, day=day_day)
    _finish(summary, as_json=as_json, strict=strict)


@main.command()
@_config_options
@_strict_option
@_json_option
def collect(config: Path, *, strict: bool, as_json: bool, **options: Any) -> None:
    """Fetch every feed and store what is new."""
    from sentinel import pipeline

    with pipeline.open_job(_load(config, **options).settings) as job:
        summary = pipeline.run_step(job, pipeline.collect)
    _finish(summary, as_json=as_json, strict=strict)


@main.command()
@_config_options
@_json_option
def score(config: Path, *, as_json: bool, **options: Any) -> None:
    """Score every stored item that the model has not scored."""
    from sentinel import pipeline

    with pipeline.open_job(_load(config, **options).settings) as job:
        summary = pipeline.run_step(job, pipeline.score)
    _finish(summary, as_json=as_json, strict=False)


@main.command()
@_config_options
@_day_option("day", "Report this day (YYYY-MM-DD); today when no day is given.")
@_day_option("from", "Report every day from this one ...")
@_day_option("to", "... to this one.")
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"]), help="Use only news first seen by then (UTC)."
)
def report(
    config: Path,
    *,
    day_day: date | None,
    from_day: date | None,
    to_day: date | None,
    as_of: datetime | None,
    **options: Any,
) -> None:
    """Write the pages and tables of one day or a range. Prints the path of the archive page."""
    from sentinel import pipeline

    if (day_day and (from_day or to_day)) or bool(from_day) != bool(to_day):
        raise click.UsageError("give --day, or --from and --to")
    with pipeline.open_job(_load(config, **options).settings) as job:
        first = day_day or from_day or job.now().astimezone(job.settings.zone).date()
        last = to_day or first
        if last < first:
            raise click.UsageError("--to lies before --from")
        days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
        moment = None if as_of is None else as_of.replace(tzinfo=UTC)
        click.echo(str(pipeline.write_reports(job, days, as_of=moment)))


@main.command("import")
@click.argument("file")
@_config_options
@click.option("--feed", required=True, help="Name of the feed the items belong to.")
@click.option("--text-column", default="title", show_default=True)
@click.option("--time-column", default="published", show_default=True)
@click.option("--tz", "timezone", default="UTC", show_default=True, help="Zone of times that name none.")
@_json_option
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
    """Store archived headlines (CSV, JSONL, Parquet) as items, first seen when they were published."""
    from sentinel import pipeline

    with pipeline.open_job(_load(config, **options).settings) as job:
        counts = pipeline.import_items(
            job, file, feed=feed, text_column=text_column, time_column=time_column, timezone=timezone
        )
    if as_json:
        click.echo(json.dumps(counts))
    click.echo("sentinel: " + ", ".join(f"{count} {name}" for name, count in counts.items()), err=True)


@main.command()
@click.argument("file", default="-")
@click.option("-o", "--output", default="-", help="CSV, JSONL or Parquet file; CSV on standard output without it.")
@click.option("--text-column", default="text", show_default=True, help="Column with the text.")
@click.option("--model", default="packaged", show_default=True, help='"packaged", a model directory or a hub id.')
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda.")
def classify(file: str, *, output: str, text_column: str, model: str, device: str) -> None:
    """Score any CSV, JSONL, Parquet or plain lines ("-" for standard input)."""
    from sentinel import archive
    from sentinel.model.classifier import Classifier

    classifier = Classifier.load(model, device=device)
    n_rows = archive.classify_table(
        file,
        output,
        text_column=text_column,
        score=classifier.probabilities,
        model_id=classifier.bundle.model_id,
    )
    if output != "-":
        click.echo(f"sentinel: {n_rows} rows scored by {classifier.bundle.model_id}", err=True)


@main.command()
@_config_options
def schedule(config: Path, **options: Any) -> None:
    """Stay up and run at the times of the feeds file."""
    from sentinel.pipeline import utc_now
    from sentinel.schedule import RunProcess, next_run, run_schedule

    settings = _load(config, **options).settings
    arguments = ["run", "--config", str(config)]
    for key, value in options.items():
        arguments += [f"--{key}", str(value)] if value is not None else []
    due = next_run(settings.schedule, settings.timezone, utc_now())
    click.echo(f"sentinel: next run {due:%Y-%m-%d %H:%M %Z}", err=True)
    run_schedule(settings.schedule, settings.timezone, RunProcess(arguments))


@main.command()
@_config_options
@_json_option
def check(config: Path, *, as_json: bool, **options: Any) -> None:
    """Print the settings in force and where each came from; verify model, store and report folder."""
    from sentinel import pipeline
    from sentinel.pipeline import utc_now
    from sentinel.schedule import next_run

    loaded = _load(config, **options)
    settings = loaded.settings
    shown = {key: value for key, value in settings.model_dump(mode="json").items() if key != "feeds"}
    shown["feeds"] = len(settings.feeds)
    next_run(settings.schedule, settings.timezone, utc_now())
    found = pipeline.verify(settings)
    if as_json:
        click.echo(json.dumps({"settings": shown, "origins": loaded.origins, "found": found}))
        return
    width = max(map(len, shown))
    for key, value in shown.items():
        click.echo(f"{key:<{width}}  {value}  ({loaded.origins[key]})")
    for key, text in found.items():
        click.echo(f"{key:<{width}}  ok: {text}")


@main.group(cls=_Group)
def feeds() -> None:
    """Look after the feeds."""


@feeds.command("check")
@_config_options
@_strict_option
@_json_option
def feeds_check(config: Path, *, strict: bool, as_json: bool, **options: Any) -> None:
    """Fetch every feed and say what came; nothing is stored."""
    from sentinel import pipeline

    n_failed = n_feeds = 0
    for result in pipeline.try_feeds(_load(config, **options).settings):
        n_feeds += 1
        n_failed += result.outcome == "failed"
        if as_json:
            fields = {
                "feed": result.feed,
                "outcome": result.outcome,
                "items": len(result.items),
                "reason": result.reason,
            }
            click.echo(json.dumps(fields))
        else:
            click.echo(f"{result.feed:<32} {len(result.items):>4} items  {result.reason or 'ok'}")
    click.echo(f"sentinel: {n_feeds - n_failed} of {n_feeds} feeds delivered", err=True)
    if strict and n_failed:
        raise PartialRunError(f"{n_failed} feeds failed")


@main.command()
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option(
    "--data",
    "data_dir",
    type=click.Path(path_type=Path),
    default=Path(),
    help="Folder the recipe's paths are relative to.",
)
@click.option(
    "-o",
    "--output",
    "output_dir",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder for stages and the bundle.",
)
def train(recipe: Path, *, data_dir: Path, output_dir: Path) -> None:
    """Train a model as a recipe says. Prints the bundle's directory, which "model:" accepts."""
    from sentinel.model.training.recipe import load_recipe

    loaded = load_recipe(recipe)
    try:
        from sentinel.model.training.run import run_recipe
    except ImportError as error:
        raise click.UsageError(
            f"training needs more packages ({error.name}): pip install 'sentinel-mood[train]'"
        ) from error
    click.echo(str(run_recipe(loaded, data_dir=data_dir, output_dir=output_dir)))


@main.command()
@click.argument("bundle")
@click.argument("file")
@click.option("--text-column", default="text", show_default=True)
@click.option("--label-column", default="label", show_default=True)
@_json_option
def evaluate(bundle: str, file: str, *, text_column: str, label_column: str, as_json: bool) -> None:
    """Measure a model on a labelled file: accuracy, macro-F1, calibration, each with a 95 % interval."""
    from sentinel import pipeline

    figures = pipeline.evaluate_table(bundle, file, text_column=text_column, label_column=label_column)
    if as_json:
        click.echo(json.dumps(figures))
        return
    for name, values in figures.items():
        click.echo(f"{name:<10} " + "  ".join(f"{value:.4f}" for value in values))
