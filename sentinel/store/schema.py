"""The tables as this version of the program uses them; ``migrations/`` makes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware UTC time, stored without its zone so that SQLite and PostgreSQL agree."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's signature
        """Convert to UTC and drop the zone; a naive time is a programming error."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a time without a zone cannot be stored"
            raise TypeError(msg)
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's signature
        """Give the zone back."""
        return None if value is None else value.replace(tzinfo=UTC)


metadata = sa.MetaData()

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("run_id", sa.Text, primary_key=True),
    sa.Column("started", UtcDateTime, nullable=False),
    sa.Column("finished", UtcDateTime),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("n_feeds", sa.Integer, nullable=False),
    sa.Column("n_failed", sa.Integer, nullable=False),
    sa.Column("n_new", sa.Integer, nullable=False),
    sa.Column("n_scored", sa.Integer, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)

items = sa.Table(
    "items",
    metadata,
    sa.Column("item_id", sa.Text, primary_key=True),
    sa.Column("feed", sa.Text, nullable=False),
    sa.Column("guid", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("published", UtcDateTime),
    sa.Column("first_seen", UtcDateTime, nullable=False),
    sa.Column("last_seen", UtcDateTime, nullable=False),
    sa.Column("language", sa.Text, nullable=False, server_default=""),
)

item_versions = sa.Table(
    "item_versions",
    metadata,
    sa.Column("item_id", sa.Text, sa.ForeignKey("items.item_id"), primary_key=True),
    sa.Column("seen_at", UtcDateTime, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)

stories = sa.Table(
    "stories",
    metadata,
    sa.Column("item_id", sa.Text, sa.ForeignKey("items.item_id"), primary_key=True),
    sa.Column("story_id", sa.Text, sa.ForeignKey("items.item_id"), nullable=False),
    sa.Column("joined_at", UtcDateTime, nullable=False),
)

scores = sa.Table(
    "scores",
    metadata,
    sa.Column("item_id", sa.Text, sa.ForeignKey("items.item_id"), primary_key=True),
    sa.Column("model_id", sa.Text, primary_key=True),
    sa.Column("negative", sa.Double, nullable=False),
    sa.Column("neutral", sa.Double, nullable=False),
    sa.Column("positive", sa.Double, nullable=False),
    sa.Column("scored_at", UtcDateTime, nullable=False),
    sa.Column("text_hash", sa.Text, nullable=False, server_default=""),
)

name_scores = sa.Table(
    "name_scores",
    metadata,
    sa.Column("item_id", sa.Text, sa.ForeignKey("items.item_id"), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("model_id", sa.Text, primary_key=True),
    sa.Column("negative", sa.Double, nullable=False),
    sa.Column("neutral", sa.Double, nullable=False),
    sa.Column("positive", sa.Double, nullable=False),
    sa.Column("scored_at", UtcDateTime, nullable=False),
)

feed_states = sa.Table(
    "feed_states",
    metadata,
    sa.Column("feed", sa.Text, primary_key=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("etag", sa.Text, nullable=False),
    sa.Column("last_modified", sa.Text, nullable=False),
    sa.Column("checked_at", UtcDateTime),
    sa.Column("succeeded_at", UtcDateTime),
    sa.Column("n_failures", sa.Integer, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("next_check", UtcDateTime),
    sa.Column("whole_at", UtcDateTime),
    sa.Column("hints", sa.Text, nullable=False),
    sa.Column("known_ids", sa.Text, nullable=False),
    sa.Column("moved_to", sa.Text, nullable=False),
    sa.Column("moved_at", UtcDateTime),
    sa.Column("n_moves", sa.Integer, nullable=False),
    sa.Column("gone_at", UtcDateTime),
    sa.Column("reservation", sa.Text, nullable=False),
)

robots = sa.Table(
    "robots",
    metadata,
    sa.Column("origin", sa.Text, primary_key=True),
    sa.Column("fetched_at", UtcDateTime, nullable=False),
    sa.Column("rules", sa.Text, nullable=False),
)

feed_results = sa.Table(
    "feed_results",
    metadata,
    sa.Column("run_id", sa.Text, primary_key=True),
    sa.Column("feed", sa.Text, primary_key=True),
    sa.Column("fetched_at", UtcDateTime, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("http_status", sa.Integer, nullable=False),
    sa.Column("n_items", sa.Integer, nullable=False),
    sa.Column("n_new", sa.Integer, nullable=False),
    sa.Column("n_skipped", sa.Integer, nullable=False),
    sa.Column("elapsed_s", sa.Double, nullable=False),
)

schedule_starts = sa.Table(
    "schedule_starts",
    metadata,
    sa.Column("entry", sa.Text, primary_key=True),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("started", UtcDateTime, nullable=False),
)

alerts = sa.Table(
    "alerts",
    metadata,
    sa.Column("alert_id", sa.Text, primary_key=True),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("figure", sa.Double, nullable=False),
    sa.Column("headlines", sa.Text, nullable=False),
    sa.Column("raised_at", UtcDateTime, nullable=False),
    sa.Column("checked_at", UtcDateTime, nullable=False),
    sa.Column("cleared_at", UtcDateTime),
    sa.Column("clear_reason", sa.Text, nullable=False),
)

alert_deliveries = sa.Table(
    "alert_deliveries",
    metadata,
    sa.Column("alert_id", sa.Text, sa.ForeignKey("alerts.alert_id"), primary_key=True),
    sa.Column("target", sa.Text, primary_key=True),
    sa.Column("event", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("n_attempts", sa.Integer, nullable=False),
    sa.Column("tried_at", UtcDateTime),
    sa.Column("last_error", sa.Text, nullable=False),
)

label_queue = sa.Table(
    "label_queue",
    metadata,
    sa.Column("item_id", sa.Text, sa.ForeignKey("items.item_id"), primary_key=True),
    sa.Column("half", sa.Text, nullable=False),
    sa.Column("model_id", sa.Text, nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("queued_at", UtcDateTime, nullable=False),
)

labels = sa.Table(
    "labels",
    metadata,
    sa.Column("item_id", sa.Text, sa.ForeignKey("label_queue.item_id"), primary_key=True),
    sa.Column("labeller", sa.Text, primary_key=True),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("labelled_at", UtcDateTime, nullable=False),
)

daily_mood = sa.Table(
    "daily_mood",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("topic_kind", sa.Text, primary_key=True),
    sa.Column("topic", sa.Text, primary_key=True),
    sa.Column("model_id", sa.Text, primary_key=True),
    sa.Column("mood", sa.Double),
    sa.Column("low", sa.Double),
    sa.Column("high", sa.Double),
    sa.Column("change", sa.Double),
    sa.Column("trend", sa.Double),
    sa.Column("momentum", sa.Double),
    sa.Column("z", sa.Double),
    sa.Column("breadth", sa.Double),
    sa.Column("dispersion", sa.Double),
    sa.Column("n_items", sa.Integer, nullable=False),
    sa.Column("n_stories", sa.Integer, nullable=False),
    sa.Column("n_eff", sa.Double, nullable=False),
    sa.Column("n_negative", sa.Integer, nullable=False),
    sa.Column("n_neutral", sa.Integer, nullable=False),
    sa.Column("n_positive", sa.Integer, nullable=False),
    sa.Column("usual_items", sa.Double),
)

published_mood = sa.Table(
    "published_mood",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("topic_kind", sa.Text, primary_key=True),
    sa.Column("topic", sa.Text, primary_key=True),
    sa.Column("model_id", sa.Text, primary_key=True),
    sa.Column("mood", sa.Double),
    sa.Column("low", sa.Double),
    sa.Column("high", sa.Double),
    sa.Column("n_items", sa.Integer, nullable=False),
    sa.Column("published_at", UtcDateTime, nullable=False),
)
