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
from sentinel.store.database import Database, database_path, open_database, reach_database, read_database
from sentinel.store.items import (
    has_feed,
    load_first_seen,
    load_headlines,
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
from sentinel.store.ledger import (
    break_off_runs,
    finish_run,
    load_feed_outcomes,
    load_feed_states,
    save_fetch,
    start_run,
)
from sentinel.store.moods import load_moods, save_moods
from sentinel.store.names import load_name_scores, save_name_scores
from sentinel.store.published import load_published, save_published
from sentinel.store.stories import load_stories, load_ungrouped, save_stories

__all__ = [
    "Database",
    "Fetch",
    "NewsHour",
    "break_off_runs",
    "database_path",
    "finish_run",
    "has_feed",
    "load_alerts",
    "load_alerts_of",
    "load_deliveries",
    "load_feed_outcomes",
    "load_feed_states",
    "load_fetches",
    "load_first_seen",
    "load_headlines",
    "load_moods",
    "load_name_scores",
    "load_news_hours",
    "load_pending",
    "load_published",
    "load_scored_items",
    "load_stories",
    "load_text_scores",
    "load_texts",
    "load_titles",
    "load_ungrouped",
    "load_unscored",
    "load_versions",
    "open_database",
    "reach_database",
    "read_database",
    "save_alerts",
    "save_deliveries",
    "save_fetch",
    "save_items",
    "save_languages",
    "save_moods",
    "save_name_scores",
    "save_published",
    "save_scores",
    "save_stories",
    "start_run",
]
