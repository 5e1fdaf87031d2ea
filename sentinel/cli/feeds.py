"""Commands that look after the feeds: try them, add and exchange them, tell how they are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from sentinel.cli.options import ErrorGroup, config_options, json_option, load, partial_run, strict_option
from sentinel.cli.tables import table_lines

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sentinel.pipeline import FeedStatus
    from sentinel.records import FeedResult

_STATUS_HEADS = ("feed", "status", "last success", "failures", "next check", "items 7 d", "usual gap", "reason")


@click.group(cls=ErrorGroup)
def feeds() -> None:
    """Look after the feeds."""


@feeds.command()
@config_options
@strict_option
@json_option
def check(config: Path, *, strict: bool, as_json: bool, **options: Any) -> None:
    """Fetch every feed and say what came; nothing is stored."""
    from sentinel import pipeline

    settings = load(config, **options).settings
    width = max(len(feed.name) for feed in settings.feeds)
    if not as_json:
        click.echo(_check_line("feed", width, "status", "items", "newest", "seconds", "reason"))
    n_failed = 0
    for result in pipeline.try_feeds(settings):  # a line as soon as a feed is done: trying many takes minutes
        n_failed += result.outcome == "failed"
        click.echo(json.dumps(_check_json(result)) if as_json else _check_row(result, width))
    n_feeds = len(settings.feeds)
    click.echo(f"sentinel: {n_feeds - n_failed} of {n_feeds} feeds delivered", err=True)
    if strict and n_failed:
        raise partial_run(n_failed)


def _check_row(result: FeedResult, width: int) -> str:
    from sentinel.feeds import newest_published

    newest = _minute(newest_published(result.items), none="no dates" if result.items else "")
    word = "failed" if result.outcome == "failed" else "ok"
    return _check_line(
        result.feed, width, word, str(len(result.items)), newest, f"{result.elapsed_s:.2f}", result.reason
    )


def _check_line(feed: str, width: int, status: str, items: str, newest: str, seconds: str, reason: str) -> str:
    return f"{feed:<{width}}  {status:<6}  {items:>5}  {newest:<20}  {seconds:>7}  {reason}".rstrip()


def _check_json(result: FeedResult) -> dict[str, Any]:
    from sentinel.feeds import newest_published

    return {
        "feed": result.feed,
        "outcome": result.outcome,
        "items": len(result.items),
        "newest": _iso(newest_published(result.items)),
        "elapsed_s": round(result.elapsed_s, 3),
        "http_status": result.http_status,
        "reason": result.reason,
    }


@feeds.command()
@config_options
@json_option
def status(config: Path, *, as_json: bool, **options: Any) -> None:
    """Say how each feed is doing: last success, failures in a row, news of late, and whether it is stale."""
    from sentinel import pipeline

    statuses = pipeline.feed_statuses(load(config, **options).settings)
    if as_json:
        for each in statuses:
            click.echo(json.dumps(_status_json(each)))
    else:
        click.echo("\n".join(table_lines(_STATUS_HEADS, [_status_row(each) for each in statuses])))
    n_stale = sum(bool(each.health.stale) for each in statuses)
    n_failing = sum(each.state.n_failures > 0 for each in statuses)
    click.echo(f"sentinel: {len(statuses)} feeds, {n_failing} failing, {n_stale} stale", err=True)


def _status_row(status: FeedStatus) -> list[str]:
    from sentinel.feeds import gap_text

    state, health = status.state, status.health
    return [
        status.feed,
        status.word,
        _minute(state.succeeded_at, none="never"),
        str(state.n_failures),
        _minute(status.next_check, none="next run"),
        str(status.n_recent),
        gap_text(health.rhythm) or "not known yet",
        "; ".join(filter(None, (state.reason, health.stale))),
    ]


def _status_json(status: FeedStatus) -> dict[str, Any]:
    state, health = status.state, status.health
    return {
        "feed": status.feed,
        "status": status.word,
        "checked_at": _iso(state.checked_at),
        "succeeded_at": _iso(state.succeeded_at),
        "n_failures": state.n_failures,
        "reason": state.reason,
        "next_check": _iso(status.next_check),
        "n_items_7d": status.n_recent,
        "newest": _iso(health.newest),
        "usual_gap_h": health.rhythm.usual_gap_h and round(health.rhythm.usual_gap_h, 1),
        "weekend_weight": round(health.rhythm.weekend_weight, 2),
        "stale_after_h": round(health.rhythm.limit_h, 1),
        "is_stale": bool(health.stale),
        "stale_reason": health.stale,
    }


def _minute(moment: datetime | None, *, none: str) -> str:
    return none if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC"


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"
