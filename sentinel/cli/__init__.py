"""The command line: one thin command per step. The only door to click.

Turns an error into one line and an exit code: 0 done, 1 failed, 2 usage or configuration, 3 partial with
``--strict``, 4 below a quality floor, 75 another run holds the lock, 130 Ctrl-C, 143 SIGTERM. Results go to standard
output, everything else to standard error. Heavy libraries are imported inside the commands, so that ``--help`` is
quick.
"""

from __future__ import annotations

import click

from sentinel import __version__
from sentinel.cli import alerts, feeds, job, model, store
from sentinel.cli.drift import drift
from sentinel.cli.export import export
from sentinel.cli.label import label
from sentinel.cli.options import ErrorGroup
from sentinel.logs import set_up_logs


@click.group(cls=ErrorGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="sentinel")
@click.option("-v", "--verbose", is_flag=True, help="Log what each step does.")
def main(verbose: bool) -> None:  # noqa: FBT001  # click passes flags by name
    """Watch financial news: collect feeds, score headlines, report the market's mood."""
    set_up_logs(verbose=verbose)


for _command in (
    job.run,
    job.collect,
    job.score,
    job.report,
    export,
    drift,
    job.import_,
    job.schedule,
    job.check,
    feeds.feeds,
    alerts.alerts,
    store.store,
    store.prune,
    label,
    model.classify,
    model.train,
    model.evaluate,
):
    main.add_command(_command)
