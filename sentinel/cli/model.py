"""Commands of the model: score tables, train, measure. They need no feeds file and no store."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import click

from sentinel.cli.options import json_option


@click.command()
@click.argument("file", default="-")
@click.option("-o", "--output", default="-", help="CSV, JSONL or Parquet file; CSV on standard output without it.")
@click.option("--text-column", default="text", show_default=True, help="Column with the text.")
@click.option("--model", default="packaged", show_default=True, help='"packaged", a model directory or a hub id.')
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda.")
def classify(file: str, *, output: str, text_column: str, model: str, device: str) -> None:
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
    )
    if output != "-":
        without_text = f", {n_rows - n_scored} without text" if n_scored < n_rows else ""
        click.echo(f"sentinel: {n_scored} rows scored by {classifier.bundle.model_id}{without_text}", err=True)


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
@click.argument("file")
@click.option("--text-column", default="text", show_default=True, help="Column with the text.")
@click.option("--label-column", default="label", show_default=True, help="Column with negative, neutral or positive.")
@json_option
def evaluate(bundle: str, file: str, *, text_column: str, label_column: str, as_json: bool) -> None:
    """Measure a model on a labelled file: accuracy, macro-F1, calibration, each with a 95 % interval."""
    from sentinel import pipeline

    figures = pipeline.evaluate_table(bundle, file, text_column=text_column, label_column=label_column)
    if as_json:
        click.echo(json.dumps(figures))
        return
    click.echo(f"{'measure':<10}  value  95% interval")
    for name, values in figures.items():
        click.echo(f"{name:<10} " + "  ".join(f"{value:.4f}" for value in values))
