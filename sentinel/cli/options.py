"""What several commands share: options, reading the settings, and turning an error into a line and a code."""

from __future__ import annotations

import errno
import logging
import signal
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sentinel.credentials import secret_values
from sentinel.errors import PartialRunError, SentinelError
from sentinel.logs import announce, hide

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date, datetime

    from sentinel.config import LoadedSettings, Settings

DEFAULT_CONFIG = Path("feeds.yaml")
INTERRUPTED, TERMINATED = 128 + signal.SIGINT, 128 + signal.SIGTERM  # as a shell counts them
FIRST_YEAR, LAST_YEAR = 1900, 9000  # room for the history of the first day, and for the zones of the last

_HELP = getattr(click.exceptions, "NoArgsIsHelpError", ())  # click before 8.2 prints the help itself

Command = TypeVar("Command", bound="Callable[..., Any]")

json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
config_option = click.option(
    "--config", type=click.Path(path_type=Path), default=DEFAULT_CONFIG, show_default=True, help="The feeds file."
)
all_option = click.option("--all", "asks_all", is_flag=True, help="Ask feeds that are not due, or gone, as well.")
only_option = click.option(
    "--only",
    "chosen",
    multiple=True,
    metavar="CHOICE",
    help="Ask these feeds alone: kind:, topic: or feed: with a name; may be given several times.",
)
strict_option = click.option("--strict", is_flag=True, help="End with exit code 3 when a feed failed.")


class Terminated(KeyboardInterrupt):
    """SIGTERM came: what is under way ends as on Ctrl-C, with a code of its own."""


class ErrorGroup(click.Group):
    """A group whose commands end with one line and the right code on a signal, or an error that is no bug."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the options of the group itself."""
        with _errors_as_lines(ctx):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Read the options of a command and run it."""
        with _errors_as_lines(ctx), _terminated_by_sigterm():
            return super().invoke(ctx)


@contextmanager
def _errors_as_lines(ctx: click.Context) -> Iterator[None]:
    """Turn what ends a command into one line on standard error and an exit code; a broken pipe and help are click's."""
    try:
        yield
    except SentinelError as error:
        line, code = str(error), error.exit_code
    except click.UsageError as error:
        if isinstance(error, _HELP):
            raise
        command = (error.ctx or ctx).command_path
        line, code = f"{' '.join(error.format_message().split())} (see {command} --help)", error.exit_code
    except OSError as error:  # a full disk under standard output, say
        if error.errno == errno.EPIPE:
            raise
        line, code = str(error), 1
    except Terminated:
        line, code = "ended by SIGTERM", TERMINATED
    except KeyboardInterrupt:
        line, code = "interrupted", INTERRUPTED
    else:
        return
    say(line, level=logging.ERROR, ctx=ctx)
    ctx.exit(code)


def say(line: str, *, level: int = logging.INFO, ctx: click.Context | None = None) -> None:
    """Say on standard error how a command ended, in one line, as JSON where the log is; no secret is in it."""
    context = ctx or click.get_current_context(silent=True)
    if context is not None and context.find_root().params.get("log_format") == "json":
        announce(line, level=level)
    else:
        click.echo(f"sentinel: {hide(line, secret_values())}", err=True)


@contextmanager
def _terminated_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end the block as Ctrl-C does, so that what is under way is noted and closed."""

    def interrupt(_number: int, _frame: object) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def config_options(command: Command) -> Command:
    """Add the options that every command working on the store has."""
    options: tuple[Callable[[Command], Command], ...] = (
        click.option("--device", help="auto, cpu or cuda; wins over the file."),
        click.option("--model", help='"packaged", a model directory or a hub id; wins over the file.'),
        click.option("--reports", type=click.Path(path_type=Path), help="Report folder; wins over the file."),
        click.option("--store", help="Database file or URL; wins over the file."),
        config_option,
    )
    for option in options:
        command = option(command)
    return command


def day_option(name: str, help_text: str, *, required: bool = False) -> Callable[[Command], Command]:
    """Add an option that takes a date; the command gets it as ``<name>_day``."""
    return click.option(
        f"--{name}",
        f"{name}_day",
        type=click.DateTime(["%Y-%m-%d"]),
        callback=_to_date,
        required=required,
        help=help_text,
    )


def _to_date(_context: click.Context, _parameter: click.Parameter, value: datetime | None) -> date | None:
    if value is None:
        return None
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise click.BadParameter(f"{value:%Y-%m-%d} lies outside the years {FIRST_YEAR} to {LAST_YEAR}.")
    return value.date()


def load(config: Path, *, content: bytes | None = None, **options: Any) -> LoadedSettings:
    """Read the settings of a command from its feeds file, the variables and its options.

    Args:
        config: the feeds file.
        content: what to take for its content instead of reading it.
        options: settings given on the command line, by key.

    Raises:
        ConfigError: one of them is wrong.
    """
    from sentinel.config import load_settings

    options = {key: str(value) if value is not None else None for key, value in options.items()}
    return load_settings(config, options=options, content=content)


@contextmanager
def early_lock(settings: Settings) -> Iterator[bool]:
    """Hold the lock of a store that is a file before anything is loaded that takes long.

    So a command that comes second is told within the time that the settings take to read.

    Yields:
        Whether the lock is held; the lock of a database server is taken when the store is opened.

    Raises:
        LockHeldError: another command works on this store.
        StoreError: the lock file cannot be made.
    """
    from sentinel.lock import hold_lock, lock_beside

    path = lock_beside(settings.store)
    with hold_lock(path) if path else nullcontext():
        yield path is not None


def partial_run(n_failed: int, *, hint: str = "'sentinel feeds check' tries each and says why") -> PartialRunError:
    """Give the error that ends a command with ``--strict`` when feeds failed."""
    return PartialRunError("1 feed failed" if n_failed == 1 else f"{n_failed} feeds failed", hint=hint)
