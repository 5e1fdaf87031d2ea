"""The command line: one thin command per step. The only door to click.

Turns an error into one line and an exit code: 0 done, 1 failed, 2 usage or configuration, 3 partial with
``--strict``, 4 below a quality floor, 5 in trouble, 75 another run holds the lock, 130 Ctrl-C, 143 SIGTERM. Results
go to standard output, everything else to standard error. Heavy libraries are imported inside the commands, so that
``--help`` is quick.
"""

from __future__ import annotations

import click

from sentinel import __version__
from sentinel.cli import alerts, archives, feeds, job, model, store
from sentinel.cli.audit import audit
from sentinel.cli.drift import drift
from sentinel.cli.explain import explain
from sentinel.cli.export import export
from sentinel.cli.label import label
from sentinel.cli.options import ErrorGroup
from sentinel.cli.prices import validate
from sentinel.cli.schedule import schedule
from sentinel.cli.status import status
from sentinel.credentials import secret_values
from sentinel.logs import LogFormat, set_up_logs


@click.group(cls=ErrorGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="sentinel")
@click.option("-v", "--verbose", is_flag=True, help="Log what each step does.")
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    envvar="SENTINEL_LOG_FORMAT",
    help="How lines on standard error are written; json: one object a line.",
)
def main(verbose: bool, log_format: LogFormat) -> None:  # noqa: FBT001  # click passes flags by name
    """Watch financial news: collect feeds, score headlines, report the market's mood."""
    set_up_logs(verbose=verbose, form=log_format, secrets=secret_values())


for _command in (
    job.run,
    job.collect,
    job.score,
    job.report,
    export,
    drift,
    job.import_,
    schedule,
    job.check,
    status,
    feeds.feeds,
    alerts.alerts,
    store.store,
    store.prune,
    label,
    model.classify,
    archives.archive,
    archives.mood,
    model.train,
    model.evaluate,
    explain,
    audit,
    validate,
):
    main.add_command(_command)
