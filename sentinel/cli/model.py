"""Commands of the model: score tables, train, measure. They need no feeds file and no store."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import click

from sentinel.cli import figures
from sentinel.cli.options import json_option, say


@click.command()
@click.argument("file", default="-")
@click.option("-o", "--output", default="-", help="CSV, JSONL or Parquet file; CSV on standard output without it.")
@click.option("--text-column", default="text", show_default=True, help="Column with the text.")
@click.option(
    "--name-column", default="", help="Column with a company or other name that the text has: what it is for that one."
)
@click.option("--model", default="packaged", show_default=True, help='"packaged", a model directory or a hub id.')
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda.")
def classify(file: str, *, output: str, text_column: str, name_column: str, model: str, device: str) -> None:
    """Score any CSV, JSONL, Parquet or .txt file; "-" reads standard input, one text per line."""
    from sentinel import archive
    from sentinel.model.classifier import Classifier

    if output == "-" and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # whatever the locale says
    classifier = Classifier.load(model, device=device)
    n_rows, n_scored = archive.classify_table(
        file,
        output,
        text_column=text_column,
        score=classifier.probabilities,
        model_id=classifier.bundle.model_id,
        name_column=name_column,
        score_names=classifier.name_reader().probabilities if name_column else None,
    )
    if output != "-":
        without_text = f", {n_rows - n_scored} without text" if n_scored < n_rows else ""
        say(f"{n_scored} rows scored by {classifier.bundle.model_id}{without_text}")


@click.command()
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option(
    "--data",
    "data_dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Folder the recipe's paths are relative to.",
)
@click.option(
    "-o",
    "--output",
    "output_dir",
    type=click.Path(path_type=Path, file_okay=False),
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


@click.command()
@click.argument("bundle")
@click.argument("file", default="")
@click.option("--text-column", default="text", show_default=True, help="Column with the text.")
@click.option("--label-column", default="label", show_default=True, help="Column with negative, neutral or positive.")
@click.option(
    "--train-file",
    "train_files",
    multiple=True,
    help="Table with the same two columns that trains the baselines; can be given again.",
)
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a page with charts to this file.")
@click.option("--gate", is_flag=True, help="Measure on the packaged headlines; exit code 4 below a pinned floor.")
@click.option(
    "--gate-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="With --gate: a folder with your own headlines.csv and floors.yaml.",
)
@json_option
def evaluate(
    bundle: str,
    file: str,
    *,
    text_column: str,
    label_column: str,
    train_files: tuple[str, ...],
    html: Path | None,
    gate: bool,
    gate_dir: Path | None,
    as_json: bool,
) -> None:
    """Measure a model on a labelled file beside baselines, each figure with its 95 % interval."""
    from sentinel import pipeline, report

    if gate:
        if file or train_files or html:
            raise click.UsageError("--gate brings its own headlines: leave FILE, --train-file and --html out")
        _pass_gate(bundle, gate_dir, as_json=as_json)
        return
    if not file or gate_dir:
        raise click.UsageError("--gate-dir goes with --gate" if gate_dir else "give FILE, or --gate")
    evaluation = pipeline.evaluate_table(
        bundle, file, text_column=text_column, label_column=label_column, train_files=train_files
    )
    if as_json:
        click.echo(json.dumps(figures.evaluation_json(evaluation)))
    else:
        click.echo("\n".join(figures.evaluation_lines(evaluation)))
    if html:
        report.write_evaluation(html, evaluation)
        say(f"page written to {html}")


def _pass_gate(bundle: str, folder: Path | None, *, as_json: bool) -> None:
    """Print a gate's result, and end with its error when a figure is below its floor."""
    from sentinel import pipeline

    result = pipeline.measure_gate(bundle, folder)
    click.echo(json.dumps(figures.gate_json(result)) if as_json else "\n".join(figures.gate_lines(result)))
    result.require()
