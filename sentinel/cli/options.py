"""What several commands share: options, reading the settings, and turning an error into a line and a code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sentinel.errors import SentinelError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from sentinel.config import LoadedSettings

DEFAULT_CONFIG = Path("feeds.yaml")

Command = TypeVar("Command", bound="Callable[..., Any]")

json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
strict_option = click.option("--strict", is_flag=True, help="End with exit code 3 when a feed failed.")


class ErrorGroup(click.Group):
    """A group whose commands end with one line and the right code on a SentinelError."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a SentinelError becomes one line on standard error and its exit code."""
        try:
            return super().invoke(ctx)
        except SentinelError as error:
            click.echo(f"sentinel: {error}", err=True)
            ctx.exit(error.exit_code)


def config_options(command: Command) -> Command:
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


def day_option(name: str, help_text: str) -> Callable[[Command], Command]:
    """Add an option that takes a date; the command gets it as ``<name>_day``."""
    return click.option(
        f"--{name}", f"{name}_day", type=click.DateTime(["%Y-%m-%d"]), callback=_to_date, help=help_text
    )


def _to_date(_context: click.Context, _parameter: click.Parameter, value: datetime | None) -> date | None:
    return None if value is None else value.date()


def load(config: Path, **options: Any) -> LoadedSettings:
    """Read the settings of a command from its feeds file, the variables and its options.

    Raises:
        ConfigError: one of them is wrong.
    """
    from sentinel.config import load_settings

    options = {key: str(value) if value is not None else None for key, value in options.items()}
    return load_settings(config, options=options)
