"""The command that sets the mood beside prices."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sentinel.cli.options import config_options, json_option, load
from sentinel.cli.tables import one_line, table_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.pipeline import PriceReport
    from sentinel.price_figures import Estimate, LinkTest

_A_YEAR_IN_PERCENT = 25_200.0


@click.command()
@config_options
@click.option("--prices", "source", required=True, help="CSV with a date and a close (or adj close), perhaps an open.")
@click.option("--calendar", default="XNYS", show_default=True, help="Exchange of the prices, by its ISO 10383 code.")
@click.option(
    "--tz", "clock_zone", default="", help="Zone that imported stamps are really told in, where they claim UTC."
)
@click.option("--topic", default="market", show_default=True, help='Whose mood: a name, or "kind:name".')
@click.option(
    "--cost-bp",
    type=click.FloatRange(0.0, 1_000.0),
    default=5.0,
    show_default=True,
    help="Cost of trading in basis points of the traded amount.",
)
@click.option("--seed", default=0, show_default=True, help="Seed of the bootstrap.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write a page and its tables into this folder.",
)
@json_option
def validate(
    config: Path,
    *,
    source: str,
    calendar: str,
    clock_zone: str,
    topic: str,
    cost_bp: float,
    seed: int,
    output: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Say whether the mood of stored items has to do with later prices, and whether that could have been used."""
    from sentinel import pipeline, report

    found = pipeline.validate_prices(
        load(config, **options).settings,
        source,
        calendar=calendar,
        clock_zone=clock_zone,
        topic=topic,
        cost_bp=cost_bp,
        seed=seed,
    )
    click.echo(json.dumps(report_json(found)) if as_json else "\n".join(report_lines(found)))
    if output:
        page = report.write_prices(output, found.circumstances, found.findings, found.verdict, found.table)
        click.echo(f"sentinel: page written to {page}", err=True)


def report_json(found: PriceReport) -> dict[str, Any]:
    """Give what was found as one JSON object; an estimate is a list of n, value and standard error."""
    facts = asdict(found.circumstances)
    facts["model"] = facts["model"]["name"]
    whole = {
        "verdict": asdict(found.verdict),
        "model_id": found.circumstances.model.model_id,
        **facts,
        "findings": asdict(found.findings),
    }
    plain: dict[str, Any] = _plain(whole)
    return plain


def _plain(value: Any) -> Any:
    """Write what JSON has no word for: a day as text, an unknown figure as null."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def report_lines(found: PriceReport) -> Iterator[str]:
    """Write what was found as text: the verdict first, then the tests that count, then the lags.

    Args:
        found: figures and verdict.

    Yields:
        Lines without their ends.
    """
    facts, findings = found.circumstances, found.findings
    yield found.verdict.headline
    yield from found.verdict.reasons
    yield ""
    yield (
        f"{one_line(facts.topic)}, {facts.n_items:,} items scored by {facts.model.model_id}, {facts.n_sessions:,} "
        f"sessions of {facts.calendar} from {facts.first} to {facts.last}; 95% intervals in brackets"
    )
    yield ""
    heads = ["signal and return", "ic", "t", "p holm", "hits", "oos r2 %", "oos p", "turnover", "net % a year"]
    yield from table_lines(heads, [_test_cells(test) for test in findings.tests])
    yield ""
    shown = [lag for lag in findings.lags if -5 <= lag.lag <= 5]
    rows = [[lag.signal, f"{lag.lag:+d}", _text(lag.correlation), _text(lag.ic)] for lag in shown]
    yield from table_lines(["signal", "lag", "correlation", "ic"], rows)
    if facts.notes:
        yield ""
        yield from facts.notes


def _test_cells(test: LinkTest) -> list[str]:
    hits, walk = test.hits, test.walk
    cells = [test.name, _text(test.ic), f"{test.ic.t:.2f}", f"{test.p_holm:.3f}"]
    cells.append(f"{100.0 * (hits.rate.value or 0.0):.1f}% ({100.0 * hits.chance:.1f}%)" if hits else "n/a")
    if walk is None:
        return [*cells, *["n/a"] * 4]
    figures = [f"{100.0 * walk.r2:.2f}", f"{walk.p:.3f}", f"{walk.turnover:.2f}"]
    return [*cells, *figures, _text(walk.net, decimals=1, scale=_A_YEAR_IN_PERCENT)]


def _text(found: Estimate, *, decimals: int = 3, scale: float = 1.0) -> str:
    if not math.isfinite(found.se):
        return "n/a"
    value, low, high = (f"{scale * part:+.{decimals}f}" for part in (found.value, found.low, found.high))
    return f"{value} [{low} {high}]"
