"""The state of the job as metrics: a text for Prometheus, in a file or over HTTP. The only door to prometheus-client.

In: a JobStatus. Out: the text, and a file that is replaced whole. Invariant: labels hold names of feeds and outcomes,
never addresses or reasons.

Source: https://prometheus.io/docs/instrumenting/exposition_formats/, .../practices/naming/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from sentinel.report.files import write_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from sentinel.pipeline import JobStatus

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
OUTCOMES = ("done", "partial", "failed", "broken off", "running")


def build_metrics(status: JobStatus) -> bytes:
    """Write the state as metrics.

    Args:
        status: the job at a moment.

    Returns:
        Lines of the text format, UTF-8.
    """
    registry = CollectorRegistry()

    def gauge(name: str, meaning: str, value: float) -> None:
        Gauge(f"sentinel_{name}", meaning, registry=registry).set(value)

    gauge("up", "1 where nothing is wrong with the job as a whole, else 0.", 0 if status.troubles else 1)
    gauge("observed_timestamp_seconds", "When this was found out.", status.now.timestamp())
    gauge("next_run_timestamp_seconds", "When the schedule's next run is due.", status.next_run.timestamp())
    if status.last_good is not None:
        began = status.last_good.started.timestamp()
        gauge("last_good_run_timestamp_seconds", "When the last run began that ended well.", began)
    gauge("feeds", "Configured feeds.", status.n_feeds)
    gauge("items_waiting", "Items that the model has not scored and would.", status.n_waiting)
    gauge("store_bytes", "Size of the store's file; 0 for a server.", status.store_bytes)
    gauge("disk_free_bytes", "Free on the disk of reports and store, the smaller.", status.free_bytes)
    model = Gauge("sentinel_model_info", "The configured model.", ["model_id"], registry=registry)
    model.labels(status.model_id).set(1 if status.model_id else 0)
    _add_last_run(registry, status)
    failures = Gauge("sentinel_feed_failures", "Failures in a row of a feed in trouble.", ["feed"], registry=registry)
    troubled = Gauge("sentinel_feeds_in_trouble", "Feeds in trouble.", ["state"], registry=registry)
    for word in ("failing", "gone", "stale"):
        troubled.labels(word).set(sum(feed.word == word for feed in status.feeds))
    for feed in status.feeds:
        failures.labels(feed.feed).set(feed.n_failures)
    return generate_latest(registry)


def _add_last_run(registry: CollectorRegistry, status: JobStatus) -> None:
    outcome = Gauge("sentinel_last_run_outcome", "1 for the last run's outcome.", ["outcome"], registry=registry)
    run = status.runs[0] if status.runs else None
    for word in OUTCOMES:
        outcome.labels(word).set(run is not None and run.outcome == word)
    if run is None:
        return
    seconds = (run.finished - run.started).total_seconds() if run.finished else 0.0
    for name, meaning, value in (
        ("timestamp_seconds", "When it began.", run.started.timestamp()),
        ("duration_seconds", "How long it took; 0 while it runs.", seconds),
        ("feeds_failed", "Feeds that failed.", run.n_failed),
        ("items_new", "Items stored for the first time.", run.n_new),
        ("items_scored", "Items scored.", run.n_scored),
    ):
        Gauge(f"sentinel_last_run_{name}", f"Of the last run. {meaning}", registry=registry).set(value)


def write_metrics(path: Path, status: JobStatus) -> None:
    """Put the metrics into a file, for the text collector of a node exporter; the old file or the new one, never half.

    Raises:
        ReportError: it cannot be written.
    """
    write_bytes(path, build_metrics(status))
