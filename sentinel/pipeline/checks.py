"""Looking: are the feeds alive, is the job ready to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel import alerts
from sentinel.credentials import load_alert_targets
from sentinel.pipeline.job import open_job, utc_now
from sentinel.pipeline.preparation import prepare
from sentinel.pipeline.steps import fetch_feeds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.config import Settings
    from sentinel.records import FeedResult


def try_feeds(settings: Settings) -> Iterator[FeedResult]:
    """Fetch every configured feed afresh, in the order of the file; nothing is stored and no lock is taken."""
    early: dict[str, FeedResult] = {}
    waiting = [feed.name for feed in reversed(settings.feeds)]
    for result in fetch_feeds(settings, {}, now=utc_now):
        early[result.feed] = result
        while waiting and waiting[-1] in early:
            yield early.pop(waiting.pop())


def verify(settings: Settings) -> dict[str, str]:
    """Check what a run will need: the model scores its canaries, the store is whole, the folder can be written.

    A store that is not there yet is made, once the rest is found to be right.

    Returns:
        For each of watchlist, model, store, alerts and reports what was found.

    Raises:
        SentinelError: one of them is not usable.
    """
    with open_job(settings, model=prepare(settings)) as job:
        facts = job.model.facts
        watchlist = settings.build_watchlist()
        watched = f"{len(watchlist.companies)} companies, {len(watchlist.themes)} themes, list {watchlist.list_id}"
        found = {"watchlist": watched, "model": f"{facts.name}, {facts.architecture}, id {facts.model_id}"}
        job.database.check()
        found["store"] = job.database.name
    if settings.alerts.rules or settings.alerts.targets:
        services = alerts.check_targets(load_alert_targets(settings.alerts.targets))
        told = ", ".join(f"{name} ({service})" for name, service in services.items()) or "nobody"
        found["alerts"] = f"rules: {len(settings.alerts.rules)}, told to {told}"
    found["reports"] = str(settings.reports)
    return found
