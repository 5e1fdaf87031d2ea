"""A fetch is stored whole: items, outcome and validators together, or none of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from sentinel.errors import StoreError
from sentinel.records import FeedResult, FeedState, RobotsCopy, RunSummary
from sentinel.store import (
    Database,
    finish_run,
    load_feed_outcomes,
    load_feed_states,
    load_robots,
    load_unscored,
    save_fetch,
    save_robots,
    schema,
    start_run,
)
from sentinel.store.ledger import FEED_OUTCOME_COLUMNS

from .conftest import NOON, build_items

if TYPE_CHECKING:
    import pandas as pd

HOUR = timedelta(hours=1)
STATE = FeedState(
    feed="wire",
    url="https://wire.example/rss",
    etag='"v1"',
    last_modified="Mon, 02 Mar 2026 11:00:00 GMT",
    checked_at=NOON,
    succeeded_at=NOON - HOUR,
    n_failures=2,
    reason="",
)
FETCHED = FeedResult(feed="wire", outcome="fetched", reason="", state=STATE, n_skipped=1, http_status=200)


def outcomes(database: Database) -> pd.DataFrame:
    with database.read() as connection:
        return load_feed_outcomes(connection, start=NOON - HOUR, end=NOON + HOUR)


def states(database: Database) -> dict[str, FeedState]:
    with database.read() as connection:
        return load_feed_states(connection)


def n_items(database: Database) -> int:
    with database.read() as connection:
        return len(load_unscored(connection, model_id="m1", limit=100))


def test_a_run_is_running_until_it_is_finished(database: Database) -> None:
    with database.write() as connection:
        start_run(connection, "run-1", now=NOON)
    assert _run(database) == ("running", NOON, None, 0, 0, 0, 0)
    summary = RunSummary("run-1", n_feeds=4, n_failed=1, n_new=9, n_scored=8)
    with database.write() as connection:
        finish_run(connection, summary, now=NOON + HOUR, outcome="partial")
    assert _run(database) == ("partial", NOON, NOON + HOUR, 4, 1, 9, 8)


def test_finish_run_leaves_other_runs_alone(database: Database) -> None:
    with database.write() as connection:
        start_run(connection, "run-1", now=NOON)
        start_run(connection, "run-2", now=NOON)
        finish_run(connection, RunSummary("run-2", n_new=5), now=NOON + HOUR, outcome="done")
    assert _run(database, "run-1") == ("running", NOON, None, 0, 0, 0, 0)


def test_save_fetch_stores_items_outcome_and_validators(database: Database) -> None:
    with database.write() as connection:
        assert save_fetch(connection, "run-1", FETCHED, build_items({}, {}), now=NOON) == 2
    assert n_items(database) == 2
    assert states(database) == {"wire": STATE}
    assert outcomes(database).to_dict("records") == [
        {"feed": "wire", "outcome": "fetched", "reason": "", "fetched_at": NOON}
    ]
    with database.read() as connection:
        row = connection.execute(sa.select(schema.feed_results)).mappings().one()
    assert (row["n_items"], row["n_new"], row["n_skipped"], row["http_status"]) == (2, 2, 1, 200)


def test_save_fetch_keeps_all_or_nothing(database: Database) -> None:
    with database.write() as connection:
        save_fetch(connection, "run-1", FETCHED, build_items({}), now=NOON)
    newer = replace(FETCHED, state=replace(STATE, etag='"v2"'))
    broken = build_items({}, {}).assign(title=["fine", None])
    with pytest.raises(StoreError, match=r"(?i)not[- ]null constraint"), database.write() as connection:
        save_fetch(connection, "run-2", newer, broken, now=NOON + HOUR)
    assert states(database)["wire"].etag == '"v1"'
    assert n_items(database) == 1
    assert len(outcomes(database)) == 1


def test_save_fetch_forgets_new_validators_when_the_outcome_cannot_be_stored(database: Database) -> None:
    nameless = replace(FETCHED, reason=None)
    with pytest.raises(StoreError, match=r"(?i)not[- ]null constraint"), database.write() as connection:
        save_fetch(connection, "run-1", nameless, build_items({}), now=NOON)
    assert states(database) == {}
    assert n_items(database) == 0


def test_save_fetch_replaces_the_state_of_its_feed_alone(database: Database) -> None:
    other = replace(FETCHED, feed="other", state=replace(STATE, feed="other"))
    failed = replace(
        FETCHED, outcome="failed", reason="timed out", state=replace(STATE, n_failures=3, reason="timed out")
    )
    with database.write() as connection:
        for run_id, result in (("run-1", FETCHED), ("run-1", other), ("run-2", failed)):
            save_fetch(connection, run_id, result, build_items(), now=NOON)
    assert states(database) == {"wire": failed.state, "other": other.state}


def test_save_fetch_of_the_same_run_counts_once(database: Database) -> None:
    with database.write() as connection:
        assert save_fetch(connection, "run-1", FETCHED, build_items({}), now=NOON) == 1
        assert save_fetch(connection, "run-1", FETCHED, build_items({}), now=NOON) == 0
    assert len(outcomes(database)) == 1
    assert n_items(database) == 1


def test_a_state_without_any_answer_comes_back_as_it_was(database: Database) -> None:
    never = FeedState(feed="wire", url="https://wire.example/rss")
    with database.write() as connection:
        save_fetch(connection, "run-1", replace(FETCHED, state=never), build_items(), now=NOON)
    assert states(database) == {"wire": never}


def test_load_feed_outcomes_gives_a_span_with_both_ends_oldest_first(database: Database) -> None:
    moments = {"run-4": NOON, "run-3": NOON - HOUR, "run-2": NOON + HOUR, "run-1": NOON + HOUR + timedelta(seconds=1)}
    with database.write() as connection:
        for run_id, now in moments.items():
            save_fetch(connection, run_id, FETCHED, build_items(), now=now)
    assert outcomes(database)["fetched_at"].tolist() == [NOON - HOUR, NOON, NOON + HOUR]


def test_load_feed_outcomes_gives_a_frame_even_without_fetches(database: Database) -> None:
    assert outcomes(database).columns.tolist() == list(FEED_OUTCOME_COLUMNS)
    assert outcomes(database).empty


def _run(database: Database, run_id: str = "run-1") -> tuple[object, ...]:
    runs = schema.runs.c
    columns = (runs.outcome, runs.started, runs.finished, runs.n_feeds, runs.n_failed, runs.n_new, runs.n_scored)
    with database.read() as connection:
        return tuple(connection.execute(sa.select(*columns).where(runs.run_id == run_id)).one())


def test_a_feed_that_was_not_due_stands_as_its_last_fetch_came_out(database: Database) -> None:
    not_due = replace(FETCHED, outcome="not due", reason="not due before 13:00")
    failed = replace(FETCHED, feed="other", outcome="failed", reason="HTTP 500")
    other_not_due = replace(not_due, feed="other", state=replace(STATE, feed="other"))
    stranger = replace(not_due, feed="stranger", state=replace(STATE, feed="stranger"))
    with database.write() as connection:
        for result in (FETCHED, replace(failed, state=replace(STATE, feed="other"))):
            save_fetch(connection, "run-1", result, build_items(), now=NOON - 5 * HOUR)
        for result in (not_due, other_not_due, stranger):
            save_fetch(connection, "run-2", result, build_items(), now=NOON)
    rows = outcomes(database)[["feed", "outcome", "reason", "fetched_at"]].sort_values("feed").to_dict("records")
    assert rows == [
        {"feed": "other", "outcome": "failed", "reason": "HTTP 500", "fetched_at": NOON},
        {"feed": "wire", "outcome": "fetched", "reason": "", "fetched_at": NOON},
    ]


def test_what_a_robots_txt_said_is_kept_by_origin_until_it_says_something_else(database: Database) -> None:
    first = RobotsCopy("https://a.example", NOON, "user-agent: *\ndisallow: /x")
    other = RobotsCopy("https://b.example:8443", NOON, "")
    with database.write() as connection:
        save_robots(connection, [first, other])
    later = replace(first, fetched_at=NOON + HOUR, rules="")
    with database.write() as connection:
        save_robots(connection, [later])
    with database.read() as connection:
        assert load_robots(connection) == {later.origin: later, other.origin: other}
