"""What happened: runs, the outcome of each fetch, and what is remembered about each feed and host."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import TYPE_CHECKING

import pandas as pd
import sqlalchemy as sa

from sentinel.records import FeedResult, FeedState, RobotsCopy, RunSummary
from sentinel.store import schema
from sentinel.store.items import save_items
from sentinel.store.upsert import insert_or_replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

FEED_OUTCOME_COLUMNS = ("feed", "outcome", "reason", "fetched_at")
NOT_DUE = "not due"
GOOD_OUTCOMES = ("done", "partial")
REMEMBERED = timedelta(hours=48)
"""How far back the last fetch of a feed may lie that is not due; no feed waits for longer than a day."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as the store remembers it.

    Attributes:
        run_id: time and random part, unique.
        started: when it began, aware UTC.
        finished: when it ended, aware UTC; None while it runs, or where it ended without a word.
        outcome: running, done, partial (feeds failed), failed or broken off.
        reason: why it did not end well; empty otherwise.
        n_feeds: feeds that were to be collected.
        n_failed: feeds that failed.
        n_new: items stored for the first time.
        n_scored: items scored.
    """

    run_id: str
    started: datetime
    finished: datetime | None
    outcome: str
    reason: str
    n_feeds: int
    n_failed: int
    n_new: int
    n_scored: int


def start_run(connection: sa.Connection, run_id: str, *, now: datetime) -> None:
    """Note that a run has begun."""
    connection.execute(
        schema.runs.insert().values(
            run_id=run_id, started=now, outcome="running", n_feeds=0, n_failed=0, n_new=0, n_scored=0, reason=""
        )
    )


def save_schedule_starts(connection: sa.Connection, entries: Iterable[str], run_id: str, *, now: datetime) -> None:
    """Note which entries of the schedule a run has begun for."""
    for entry in entries:
        insert_or_replace(connection, schema.schedule_starts, {"entry": entry, "run_id": run_id, "started": now})


def load_schedule_starts(connection: sa.Connection) -> dict[str, datetime]:
    """Read when a run last began for each entry of the schedule, aware UTC."""
    starts = schema.schedule_starts.c
    return {row.entry: row.started for row in connection.execute(sa.select(starts.entry, starts.started))}


def load_running(connection: sa.Connection) -> list[str]:
    """Read which runs are noted as running; one that was killed is still among them."""
    runs = schema.runs.c
    return list(connection.scalars(sa.select(runs.run_id).where(runs.outcome == "running").order_by(runs.run_id)))


def break_off_runs(connection: sa.Connection, run_ids: Sequence[str]) -> None:
    """Note that runs ended without a word, if they are still noted as running."""
    connection.execute(
        schema.runs.update()
        .where(schema.runs.c.outcome == "running", schema.runs.c.run_id.in_(run_ids))
        .values(outcome="broken off", reason="ended without a word: killed, or the machine stopped")
    )


def finish_run(
    connection: sa.Connection, summary: RunSummary, *, now: datetime, outcome: str, reason: str = ""
) -> None:
    """Note how a run ended ("done", "partial", "failed" or "broken off"), why, and its counts."""
    connection.execute(
        schema.runs.update()
        .where(schema.runs.c.run_id == summary.run_id)
        .values(
            finished=now,
            outcome=outcome,
            reason=reason,
            n_feeds=summary.n_feeds,
            n_failed=summary.n_failed,
            n_new=summary.n_new,
            n_scored=summary.n_scored,
        )
    )


def load_runs(connection: sa.Connection, *, limit: int) -> list[RunRecord]:
    """Read the last runs, the newest first."""
    return _runs(connection, sa.true(), limit=limit)


def load_last_good_run(connection: sa.Connection, *, before: datetime) -> RunRecord | None:
    """Read the last run that began before a time, aware, and ended well; None where there is none."""
    runs = schema.runs.c
    found = _runs(connection, sa.and_(runs.started < before, runs.outcome.in_(GOOD_OUTCOMES)), limit=1)
    return found[0] if found else None


def _runs(connection: sa.Connection, condition: sa.ColumnElement[bool], *, limit: int) -> list[RunRecord]:
    columns = [schema.runs.c[field.name] for field in fields(RunRecord)]
    query = sa.select(*columns).where(condition).order_by(schema.runs.c.started.desc(), schema.runs.c.run_id.desc())
    return [RunRecord(*row) for row in connection.execute(query.limit(limit))]


def save_fetch(
    connection: sa.Connection, run_id: str, result: FeedResult, items: pd.DataFrame, *, now: datetime
) -> int:
    """Store one fetch whole: its items, its outcome and the feed's validators.

    Of a feed that was not asked nothing new is known, and another collector may have asked it since: its state stays.

    Args:
        connection: a writing transaction; all of it is kept or none.
        run_id: the run it belongs to.
        result: what the fetch came to.
        items: the frame of ``result.items``, with ITEM_COLUMNS.
        now: aware UTC.

    Returns:
        How many items were new.
    """
    n_new = save_items(connection, items, now=now)
    if result.outcome != NOT_DUE:
        insert_or_replace(connection, schema.feed_states, asdict(result.state))
    insert_or_replace(
        connection,
        schema.feed_results,
        {
            "run_id": run_id,
            "feed": result.feed,
            "fetched_at": now,
            "outcome": result.outcome,
            "reason": result.reason,
            "http_status": result.http_status,
            "n_items": len(items),
            "n_new": n_new,
            "n_skipped": result.n_skipped,
            "elapsed_s": result.elapsed_s,
        },
    )
    return n_new


def load_feed_states(connection: sa.Connection) -> dict[str, FeedState]:
    """Read what is remembered about every feed, by name."""
    rows = connection.execute(sa.select(schema.feed_states)).mappings()
    return {row["feed"]: FeedState(**row) for row in rows}


def load_feed_state(connection: sa.Connection, feed: str) -> FeedState | None:
    """Read what is remembered about one feed; None for one that was never asked."""
    row = connection.execute(sa.select(schema.feed_states).where(schema.feed_states.c.feed == feed)).mappings().first()
    return None if row is None else FeedState(**row)


def load_robots(connection: sa.Connection) -> dict[str, RobotsCopy]:
    """Read what is remembered of the robots.txt of hosts, by origin."""
    rows = connection.execute(sa.select(schema.robots)).mappings()
    return {row["origin"]: RobotsCopy(**row) for row in rows}


def save_robots(connection: sa.Connection, copies: Iterable[RobotsCopy]) -> None:
    """Remember what the robots.txt of hosts said."""
    for copy in copies:
        insert_or_replace(connection, schema.robots, asdict(copy))


def load_feed_outcomes(connection: sa.Connection, *, start: datetime, end: datetime) -> pd.DataFrame:
    """Read the fetches of a span, oldest first.

    A feed that was not asked because it was not due stands as its last fetch came out: one without such a fetch
    within REMEMBERED before the span is left out.

    Args:
        connection: any transaction.
        start: aware UTC, included.
        end: aware UTC, included.

    Returns:
        A frame with FEED_OUTCOME_COLUMNS.
    """
    results = schema.feed_results.c
    query = (
        sa.select(*(results[name] for name in FEED_OUTCOME_COLUMNS))
        .where(results.fetched_at.between(start - REMEMBERED, end))
        .order_by(results.fetched_at, results.run_id)
    )
    frame = pd.DataFrame(connection.execute(query).all(), columns=list(FEED_OUTCOME_COLUMNS))
    was_asked = frame["outcome"] != NOT_DUE
    known = frame[["outcome", "reason"]].where(was_asked).groupby(frame["feed"]).ffill()
    frame = frame.assign(outcome=known["outcome"], reason=known["reason"])
    return frame[frame["outcome"].notna() & (frame["fetched_at"] >= start)].reset_index(drop=True)
