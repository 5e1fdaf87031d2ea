"""Commands for labels: choose headlines, take answers, tell how far people agree, hand labels to training."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sentinel.cli.options import ErrorGroup, config_options, json_option, load
from sentinel.cli.tables import table_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentinel.cli.options import Command
    from sentinel.labels import Agreement

_NAME = re.compile(r"[\w][\w .@-]{0,39}")


def _check_labeller(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if value and not _NAME.fullmatch(value):
        raise click.BadParameter(f"{value!r} is not a name: letters, digits, spaces and . @ - _, 40 at most")
    return value


def _by_option(help_text: str, *, required: bool) -> Callable[[Command], Command]:
    return click.option(
        "--by", "labeller", metavar="NAME", required=required, default=None if required else "",
        callback=_check_labeller, help=help_text,
    )  # fmt: skip


@click.group(cls=ErrorGroup)
def label() -> None:
    """Let people label headlines, to measure the model on your own feeds and to train it."""


@label.command()
@config_options
@click.option("--n", "n_wanted", type=click.IntRange(0, 10_000), default=50, show_default=True, help="How many.")
@click.option("--days", "n_days", type=click.IntRange(1, 365), default=7, show_default=True, help="From how many days.")
@click.option("--seed", type=click.IntRange(0, 2**62), help="Of the random half; the day makes one when left out.")
@click.option("-o", "--output", default="", help='FILE.csv or FILE.xlsx to fill in; "-" for CSV on standard output.')
@_by_option("Write all queued headlines that NAME has not labelled, not only the new ones.", required=False)
def queue(
    config: Path, *, n_wanted: int, n_days: int, seed: int | None, output: str, labeller: str, **options: Any
) -> None:
    """Choose headlines to label: half by how far an answer would move the published mood, half at random."""
    from sentinel import pipeline

    seed = pipeline.utc_now().toordinal() if seed is None else seed
    queued = pipeline.queue_labels(
        load(config, **options).settings,
        n_wanted,
        n_days=n_days,
        seed=seed,
        destination=output,
        unanswered_by=labeller,
    )
    written = f", {queued.n_written} written" if output else "; answer them with 'sentinel label serve --by NAME'"
    click.echo(
        f"sentinel: queued {queued.n_influence} by influence and {queued.n_random} at random (seed {seed}){written}",
        err=True,
    )
    if output not in ("", "-"):
        click.echo(output)


@label.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@config_options
@_by_option("Who filled it in.", required=True)
def import_(file: Path, config: Path, *, labeller: str, **options: Any) -> None:
    """Take the labels of a table that was filled in, CSV or XLSX; all of them or none."""
    from sentinel import pipeline

    taken = pipeline.import_labels(load(config, **options).settings, file, labeller=labeller)
    unknown = f", {taken.n_unknown} left out: nobody was asked about these items" if taken.n_unknown else ""
    click.echo(f"sentinel: {taken.n_stored} labels of {labeller} stored{unknown}", err=True)


@label.command()
@config_options
@_by_option("Who answers.", required=True)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Of the loopback; any that is free when left out."
)
def serve(config: Path, *, labeller: str, port: int, **options: Any) -> None:
    """Ask about the queued headlines on a page of this machine, answered with the keys 1, 2 and 3, until Ctrl-C."""
    from sentinel import pipeline

    opened = pipeline.serve_labels(load(config, **options).settings, labeller=labeller, port=port)
    with opened as (url, serve_until_interrupted, desk):
        click.echo(url)
        click.echo("sentinel: open this address in a browser of this machine; end with Ctrl-C", err=True)
        try:
            serve_until_interrupted()
        except KeyboardInterrupt:
            click.echo(f"sentinel: answers of {labeller} stored: {desk.n_answers}", err=True)


@label.command()
@config_options
@json_option
def agreement(config: Path, *, as_json: bool, **options: Any) -> None:
    """Tell how far people agree: Cohen's kappa of each two, Fleiss' kappa of all."""
    from sentinel import pipeline

    measured = pipeline.label_agreement(load(config, **options).settings)
    if as_json:
        click.echo(json.dumps(_agreement_json(measured)))
        return
    pairs = [
        [" and ".join(pair.names), str(pair.n), f"{pair.agreed:.0%}", _kappa(pair.kappa)] for pair in measured.pairs
    ]
    people = [[name, str(count), "", ""] for name, count in measured.counts.items()]
    click.echo("\n".join(table_lines(("who", "headlines", "agreed", "Cohen's kappa"), [*people, *pairs])))
    click.echo(
        f"sentinel: {measured.n_shared} headlines labelled by several, Fleiss' kappa {_kappa(measured.fleiss)}, "
        f"{measured.n_tied} tied",
        err=True,
    )


def _kappa(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.2f}"


def _agreement_json(measured: Agreement) -> dict[str, Any]:
    return {
        "labellers": dict(measured.counts),
        "pairs": [
            {"labellers": list(pair.names), "n": pair.n, "agreed": pair.agreed, "cohen_kappa": pair.kappa}
            for pair in measured.pairs
        ],
        "n_shared": measured.n_shared,
        "fleiss_kappa": measured.fleiss,
        "n_tied": measured.n_tied,
    }


@label.command()
@config_options
@click.option(
    "--half",
    type=click.Choice(["influence", "random", "all"]),
    default="influence",
    show_default=True,
    help="Of the queue. What a model was trained on cannot measure it: the random half is kept for that.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="FILE.csv")
def export(config: Path, *, half: str, output: Path, **options: Any) -> None:
    """Write what people say together as labels for 'sentinel train': a file that a recipe names under "labels:"."""
    from sentinel import pipeline
    from sentinel.labels import HALVES

    halves = HALVES if half == "all" else (half,)
    n_rows = pipeline.export_labels(load(config, **options).settings, output, halves=halves)
    click.echo(f"sentinel: {n_rows} labelled texts", err=True)
    click.echo(str(output))
