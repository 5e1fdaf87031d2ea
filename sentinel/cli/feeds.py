"""Commands that look after the feeds: try them, add and exchange them, tell how they are."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Any

import click

from sentinel.cli.options import (
    ErrorGroup,
    config_option,
    config_options,
    json_option,
    load,
    partial_run,
    strict_option,
)
from sentinel.cli.tables import one_line, table_lines
from sentinel.errors import ConfigError
from sentinel.kinds import FEED_KINDS, MAX_FEED_WEIGHT

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sentinel.feeds import FoundFeed
    from sentinel.pipeline import FeedStatus, Imported
    from sentinel.records import FeedResult

_FOUND_HEADS = ("address", "items", "newest", "title")
_STATUS_HEADS = ("feed", "status", "last success", "failures", "next check", "items 7 d", "usual gap", "reason")


kind_option = click.option(
    "--kind",
    type=click.Choice(FEED_KINDS),
    default=FEED_KINDS[0],
    show_default=True,
    help="What sort of voice it is; where nothing else says so.",
)


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
        raise partial_run(n_failed, hint="")


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
@click.argument("url")
@config_option
@click.option("--name", default="", help="Name of its entry; made of its title or address when not given.")
@kind_option
@click.option("--topic", "topics", multiple=True, help="Topic of its items; can be given again.")
@click.option(
    "--weight", type=click.FloatRange(0, MAX_FEED_WEIGHT, min_open=True), default=1.0, help="Weight of an item."
)
@click.option("--use-summary", is_flag=True, help="Let the model read summaries, too.")
@click.option("--allow-private", is_flag=True, help="Allow an address in a network of your own.")
@click.option("--feed", "is_feed", is_flag=True, help="The address is that of a feed: no page is searched for one.")
@json_option
def add(url: str, config: Path, *, topics: tuple[str, ...], is_feed: bool, as_json: bool, **entry: Any) -> None:
    """Find the feed behind an address, a web page's too, try it, and write it into the feeds file.

    When a page names several feeds they are listed, and nothing is written: run the command again with one of them.
    """
    from sentinel import pipeline
    from sentinel.records import Feed

    for option, value in [("--name", entry["name"]), *(("--topic", topic) for topic in topics)]:
        _check_name(value, option)
    listed = pipeline.read_feed_list(config)
    found = pipeline.find_feeds(listed, url, allow_private=entry["allow_private"], is_feed=is_feed)
    if len(found) > 1:
        rows = [[each.url, str(each.n_items), _minute(each.newest, none="no dates"), each.title] for each in found]
        lines = map(json.dumps, map(_found_json, found)) if as_json else table_lines(_FOUND_HEADS, rows)
        click.echo("\n".join(lines))
        raise ConfigError(f"leads to {len(found)} feeds", where=url, hint="give the address of the one you want")
    feed = pipeline.add_feed(listed, found[0], Feed(url=url, topics=topics, **entry))
    if as_json:
        click.echo(json.dumps({"feed": feed.name, "kind": feed.kind, **_found_json(found[0]), "file": str(config)}))
    else:
        click.echo(f"{feed.name}  {feed.url}")
    newest = _minute(found[0].newest, none="no dates")
    click.echo(f"sentinel: added to {config} as {feed.kind}: {found[0].n_items} items, newest {newest}", err=True)


def _check_name(value: str, option: str) -> None:
    from sentinel.config import check_name

    try:
        check_name(value or "none")
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=f"'{option}'") from error


def _found_json(found: FoundFeed) -> dict[str, Any]:
    return {"url": found.url, "title": found.title, "items": found.n_items, "newest": _iso(found.newest)}


@feeds.command("import")
@click.argument("file", type=click.File("rb"))
@config_option
@kind_option
@json_option
def import_(file: IO[bytes], config: Path, *, kind: str, as_json: bool) -> None:
    """Write the feeds of an OPML file into the feeds file; "-" reads standard input. No feed is asked.

    A folder named like a kind gives its feeds that kind; every other folder, and every category, is a topic.
    """
    from sentinel import pipeline

    where = str(getattr(file, "name", "<stdin>"))
    imported = pipeline.import_opml(pipeline.read_feed_list(config), file, where=where, kind=kind)
    if as_json:
        click.echo(json.dumps(_imported_json(imported)))
    else:
        rows = [["added", feed.name, feed.url] for feed in imported.added]
        rows += [["known", *map(one_line, pair)] for pair in imported.known]
        rows += [["left out", *map(one_line, pair)] for pair in imported.left_out]
        click.echo("\n".join(table_lines(("", "feed", "address or reason"), rows)))
    counts = [len(imported.added), len(imported.known), len(imported.left_out)]
    click.echo(f"sentinel: {counts[0]} added to {config}, {counts[1]} known, {counts[2]} left out", err=True)


def _imported_json(imported: Imported) -> dict[str, Any]:
    return {
        "added": [{"feed": feed.name, "url": feed.url} for feed in imported.added],
        "known": [{"feed": name, "url": url} for name, url in imported.known],
        "left_out": [{"title": title, "reason": reason} for title, reason in imported.left_out],
    }


@feeds.command()
@config_option
def export(config: Path) -> None:
    """Print the feeds as OPML 2.0, which feed readers import."""
    from sentinel import pipeline

    load(config)
    click.echo(pipeline.export_opml(pipeline.read_feed_list(config)), nl=False)


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
        _minute(status.next_check, none="never" if state.gone_at else "next run"),
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
