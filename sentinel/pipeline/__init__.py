"""The only place that knows every step: feeds, store, model, mood, report.

Each step reads from the store and writes to the store, so each can be run alone and again.
"""

from sentinel.pipeline.alerts import alerts_of_late, canary_told, try_targets
from sentinel.pipeline.archives import export_archive_moods, score_archive
from sentinel.pipeline.checks import try_feeds, verify
from sentinel.pipeline.condition import FeedInTrouble, JobStatus, job_status
from sentinel.pipeline.days import days_between, days_to_report
from sentinel.pipeline.drift import measure_drift
from sentinel.pipeline.explaining import explain_text
from sentinel.pipeline.exports import export_rows
from sentinel.pipeline.job import Job, open_job, utc_now
from sentinel.pipeline.labels import (
    ImportedLabels,
    Queued,
    export_labels,
    import_labels,
    label_agreement,
    queue_labels,
    serve_labels,
)
from sentinel.pipeline.preparation import prepare
from sentinel.pipeline.quality import audit_model, evaluate_table, measure_gate
from sentinel.pipeline.reports import write_reports, write_standalone
from sentinel.pipeline.scheduled import next_run, read_feeds_file, schedule_starts
from sentinel.pipeline.status import FeedStatus, feed_statuses
from sentinel.pipeline.steps import collect, import_items, run_once, run_sample, run_step, score
from sentinel.pipeline.subscriptions import (
    FeedList,
    Imported,
    add_feed,
    export_opml,
    find_feeds,
    import_opml,
    read_feed_list,
)
from sentinel.pipeline.upkeep import back_up, check_store, copy_store, migrate, prune
from sentinel.pipeline.validation import PriceReport, validate_prices
from sentinel.pipeline.watchdog import Watchdog

__all__ = [
    "FeedInTrouble",
    "FeedList",
    "FeedStatus",
    "Imported",
    "ImportedLabels",
    "Job",
    "JobStatus",
    "PriceReport",
    "Queued",
    "Watchdog",
    "add_feed",
    "alerts_of_late",
    "audit_model",
    "back_up",
    "canary_told",
    "check_store",
    "collect",
    "copy_store",
    "days_between",
    "days_to_report",
    "evaluate_table",
    "explain_text",
    "export_archive_moods",
    "export_labels",
    "export_opml",
    "export_rows",
    "feed_statuses",
    "find_feeds",
    "import_items",
    "import_labels",
    "import_opml",
    "job_status",
    "label_agreement",
    "measure_drift",
    "measure_gate",
    "migrate",
    "next_run",
    "open_job",
    "prepare",
    "prune",
    "queue_labels",
    "read_feed_list",
    "read_feeds_file",
    "run_once",
    "run_sample",
    "run_step",
    "schedule_starts",
    "score",
    "score_archive",
    "serve_labels",
    "try_feeds",
    "try_targets",
    "utc_now",
    "validate_prices",
    "verify",
    "write_reports",
    "write_standalone",
]
