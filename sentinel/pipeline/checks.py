"""Looking: are the feeds alive, is the job ready to run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sentinel.errors import ReportError
from sentinel.pipeline.job import open_job, utc_now
from sentinel.pipeline.steps import fetch_feeds, load_scorer
from sentinel.report.files import make_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.config import Settings
    from sentinel.records import FeedResult


def try_feeds(settings: Settings) -> Iterator[FeedResult]:
    """Fetch every configured feed afresh; nothing is stored and no lock is taken."""
    return fetch_feeds(settings, {}, now=utc_now)


def verify(settings: Settings) -> dict[str, str]:
    """Check what a run will need: the model scores its canaries, the store is whole, the folder can be written.

    A store and a folder that are not there yet are made.

    Returns:
        For each of model, store and reports what was found.

    Raises:
        SentinelError: one of them is not usable.
    """
    with open_job(settings) as job:
        load_scorer(job)
        facts = job.bundle.facts
        found = {"model": f"{facts.name}, {facts.architecture}, id {facts.model_id}"}
        job.database.check()
        found["store"] = job.database.name
    make_folder(settings.reports)
    if not os.access(settings.reports, os.W_OK):
        raise ReportError("cannot be written", where=str(settings.reports), hint="check its permissions")
    found["reports"] = str(settings.reports)
    return found
