"""The store: items, scores, feed states, runs, daily moods and alerts in one SQL database.

The only door to SQLAlchemy (Core). Writes go through one transaction at a time; reading never waits for them.
"""

from sentinel.store.activity import Fetch, NewsHour, load_fetches, load_news_hours
from sentinel.store.alerts import (
    load_alerts,
    load_alerts_of,
    load_deliveries,
    load_pending,
    save_alerts,
    save_deliveries,
)
from sentinel.store.backlog import count_unscored
from sentinel.store.database import Database, database_path, open_database, reach_database, read_database
from sentinel.store.edits import load_edits
from sentinel.store.integrity import check_store
from sentinel.store.items import (
    has_feed,
    load_first_seen,
    load_headlines,
    load_item_texts,
    load_scored_items,
    load_text_scores,
    load_texts,
    load_titles,
    load_unscored,
    load_versions,
    save_items,
    save_languages,
    save_scores,
)
from sentinel.store.labels import load_labels, load_queue, load_readings, save_label, save_queue
from sentinel.store.ledger import (
    RunRecord,
    break_off_runs,
    finish_run,
    load_feed_outcomes,
    load_feed_state,
    load_feed_states,
    load_last_good_run,
    load_robots,
    load_running,
    load_runs,
    load_schedule_starts,
    save_fetch,
    save_robots,
    save_schedule_starts,
    start_run,
)
from sentinel.store.locks import RUN, STORIES, feed_lock, record_lock
from sentinel.store.moods import load_moods, save_moods
from sentinel.store.names import load_name_scores, save_name_scores
from sentinel.store.published import load_published, save_published
from sentinel.store.retention import prune_store
from sentinel.store.stories import is_all_grouped, load_stories, load_ungrouped, save_stories
from sentinel.store.tables import TableDigest, copy_tables

__all__ = [
    "RUN",
    "STORIES",
    "Database",
    "Fetch",
    "NewsHour",
    "RunRecord",
    "TableDigest",
    "break_off_runs",
    "check_store",
    "copy_tables",
    "count_unscored",
    "database_path",
    "feed_lock",
    "finish_run",
    "has_feed",
    "is_all_grouped",
    "load_alerts",
    "load_alerts_of",
    "load_deliveries",
    "load_edits",
    "load_feed_outcomes",
    "load_feed_state",
    "load_feed_states",
    "load_fetches",
    "load_first_seen",
    "load_headlines",
    "load_item_texts",
    "load_labels",
    "load_last_good_run",
    "load_moods",
    "load_name_scores",
    "load_news_hours",
    "load_pending",
    "load_published",
    "load_queue",
    "load_readings",
    "load_robots",
    "load_running",
    "load_runs",
    "load_schedule_starts",
    "load_scored_items",
    "load_stories",
    "load_text_scores",
    "load_texts",
    "load_titles",
    "load_ungrouped",
    "load_unscored",
    "load_versions",
    "open_database",
    "prune_store",
    "reach_database",
    "read_database",
    "record_lock",
    "save_alerts",
    "save_deliveries",
    "save_fetch",
    "save_items",
    "save_label",
    "save_languages",
    "save_moods",
    "save_name_scores",
    "save_published",
    "save_queue",
    "save_robots",
    "save_schedule_starts",
    "save_scores",
    "save_stories",
    "start_run",
]
