"""The command that stays up and runs the job when it is due."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from sentinel.cli.options import config_options, load, say

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@click.command()
@config_options
def schedule(config: Path, **options: Any) -> None:
    """Stay up and run at the times of the feeds file; SIGHUP reads it again."""
    from sentinel import pipeline
    from sentinel.monitor import LOOPBACK, serve_monitor
    from sentinel.schedule import Plan, RunProcess, run_schedule

    settings = load(config, **options).settings

    def read_plan() -> Plan:
        nonlocal settings
        content = pipeline.read_feeds_file(config)
        settings = load(config, content=content, **options).settings
        return Plan(settings.timetable, content)

    process = RunProcess(_run_arguments(config, options))
    due = pipeline.next_run(settings)
    say(f"next run {due.astimezone(settings.zone):%Y-%m-%d %H:%M %Z}")
    with ExitStack() as stack:
        if settings.monitor_port:
            port = stack.enter_context(serve_monitor(settings.monitor_port, lambda: pipeline.job_status(settings)))
            say(f"how the job is: http://{LOOPBACK}:{port}/healthz and /metrics")
        run_schedule(read_plan, process, begun=lambda: pipeline.schedule_starts(settings), now=pipeline.utc_now)


def _run_arguments(config: Path, options: Mapping[str, Any]) -> list[str]:
    """Give the command line of a run that is as this command was started."""
    root = click.get_current_context().find_root().params
    arguments = ["--log-format", root["log_format"], *(["--verbose"] if root["verbose"] else []), "run"]
    arguments += ["--config", str(config)]
    for key, value in options.items():
        arguments += [f"--{key}", str(value)] if value is not None else []
    return arguments
