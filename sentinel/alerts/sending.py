"""Have targets told by a process of its own, within one deadline for all of them.

A service may hang, and a thread cannot be killed; a process can. Addresses go to it through standard input, where no
other user of the machine sees them. Invariant: every target gets an outcome, in bounded time, whatever its service
does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from sentinel.alerts.delivery import LATE, Outcome
from sentinel.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sentinel.alert_types import Target
    from sentinel.alerts.message import Message

START_S = 30.0
"""What starting the process may take besides, on a machine that is busy."""
CHECK_S = 10.0

# The caller's path, not its main script: works from a checkout, a wheel and a test run alike.
_PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from sentinel.alerts.messenger import serve; serve()"


def send_messages(messages: Mapping[str, Message], targets: Iterable[Target], *, deadline_s: float) -> list[Outcome]:
    """Send each target its message, all at once.

    Args:
        messages: by name of the target.
        targets: the targets, those without a message among them.
        deadline_s: seconds for all of them together.

    Returns:
        What came of each message, in the order of the targets. A failure is a value, never an exception.
    """
    tasks = [
        {"target": target.name, "address": target.address, "title": message.title, "body": message.body}
        for target in targets
        if (message := messages.get(target.name)) is not None
    ]
    return _tell(tasks, deadline_s)


def check_targets(targets: Iterable[Target]) -> dict[str, str]:
    """Tell what service each target is; nothing is sent.

    Returns:
        Name of the service by name of the target.

    Raises:
        ConfigError: an address is none that apprise reads.
    """
    outcomes = _tell([{"target": target.name, "address": target.address} for target in targets], CHECK_S)
    for outcome in outcomes:
        if outcome.error:
            raise ConfigError(
                outcome.error,
                where=f"SENTINEL_ALERT_{outcome.target}_URL",
                hint="https://github.com/caronc/apprise/wiki lists them: json://host/path, mailto://..., slack://...",
            )
    return {outcome.target: outcome.service for outcome in outcomes}


def _tell(tasks: list[dict[str, Any]], deadline_s: float) -> list[Outcome]:
    if not tasks:
        return []
    request = json.dumps({"tasks": tasks, "deadline_s": deadline_s}).encode()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SENTINEL_")}
    command = [sys.executable, "-c", _PROGRAM, *sys.path]
    code: int | None = None
    try:
        ended = subprocess.run(  # noqa: S603  # our own program
            command,
            input=request,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=kept,
            timeout=deadline_s + START_S,
            check=False,
        )
        answer, code = ended.stdout, ended.returncode
    except subprocess.TimeoutExpired as error:
        answer = error.stdout or b""
    except OSError as error:  # no memory for a process, say
        reason = f"cannot be sent: {error.strerror}"
        return [Outcome(task["target"], reason) for task in tasks]
    missing = LATE if not code else f"sending ended with code {code}"
    lines = answer.rpartition(b"\n")[0].splitlines()  # a line that was cut off says nothing
    known = {outcome.target: outcome for outcome in map(_read, lines)}
    return [known.get(task["target"], Outcome(task["target"], missing, elapsed_s=deadline_s)) for task in tasks]


def _read(line: bytes) -> Outcome:
    return Outcome(**json.loads(line))
