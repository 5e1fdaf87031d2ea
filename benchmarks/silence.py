"""How often a living feed is called stale, and how soon a dead one is, on years of headline times.

    python benchmarks/silence.py HEADLINES.parquet ... [--time-column published_et --tz America/New_York]
        [--feed-column slug] [--min-hours N] [--snapshots FOLDER]

A feed is the headlines that share the first two words of --feed-column; those with news in seven weeks of ten are
taken. Each is asked at 6, 12 and 18 o'clock UTC on every fifth day: a false alarm is a time at which it is called stale
although it lives. Then it dies behind its newest item, and the delay runs until it is called stale. Beside the learned
limits stand fixed ones. --snapshots holds successive captures named ``<feed>__<time>.xml``: every one is judged by what
it and those before it show.
"""

from __future__ import annotations

import argparse
from bisect import bisect_right
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import ceil
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

import pandas as pd

from sentinel.feeds import FeedPast, assess_feed, news_time
from sentinel.feeds.health import (
    CEILING_H,
    DEFAULT_LIMIT_H,
    FLOOR_H,
    HISTORY_DAYS,
    MARGIN,
    MIN_GAPS,
    QUANTILE,
    Rhythm,
    counted_hours,
    learn_rhythm,
)
from sentinel.feeds.parse import ParsedFeed, parse_feed
from sentinel.records import Feed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HISTORY = timedelta(days=HISTORY_DAYS)
STEP_DAYS = 5
ASKED_AT = (6, 12, 18)
LONGEST = timedelta(days=90)
FIXED_DAYS = (2, 3, 5, 7, 10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--time-column", default="published_et")
    parser.add_argument("--tz", default="America/New_York")
    parser.add_argument("--feed-column", default="slug")
    parser.add_argument("--min-hours", type=int, default=500, help="hours with news that a feed must have")
    parser.add_argument("--snapshots", type=Path)
    arguments = parser.parse_args()
    if arguments.files:
        news = read_news(arguments.files, arguments.time_column, arguments.tz, arguments.feed_column)
        replay_headlines(choose_feeds(news, arguments.min_hours))
    if arguments.snapshots:
        judge_snapshots(arguments.snapshots)


def read_news(files: Sequence[Path], time_column: str, zone: str, feed_column: str) -> pd.DataFrame:
    """Read the hours with news of each feed."""
    frames = []
    for path in files:
        frame = pd.read_parquet(path, columns=[time_column, feed_column])
        times = frame[time_column].dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT").dt.tz_convert("UTC")
        feed = frame[feed_column].str.split(r"[-/ ]").str[:2].str.join("-")
        frames.append(pd.DataFrame({"feed": feed, "hour": times.dt.floor("h")}).dropna().drop_duplicates())
    return pd.concat(frames)


def choose_feeds(news: pd.DataFrame, min_hours: int) -> dict[str, list[datetime]]:
    """Give the hours with news of the feeds that have enough of them, in at least seven weeks of ten."""
    news = news[news.groupby("feed")["hour"].transform("size") >= min_hours]
    n_weeks = (news["hour"].max() - news["hour"].min()).days / 7
    found = {}
    for feed, hours in news.groupby("feed")["hour"]:
        weeks = hours.dt.as_unit("s").astype("int64") // (7 * 86_400)
        if feed and weeks.nunique() >= 0.7 * n_weeks:
            found[str(feed)] = sorted(hours.dt.to_pydatetime())
    return found


def replay_headlines(feeds: dict[str, list[datetime]]) -> None:
    hours = sorted(len(times) for times in feeds.values())
    print(f"{len(feeds)} feeds, {hours[0]} to {hours[-1]} hours with news each\n")
    print("| limit | stale though alive | delay, days: median | nine in ten |\n|---|---|---|---|")
    print_row("learned, weekends weighed", feeds, learn_rhythm)
    print_row("learned, all hours alike", feeds, learn_alike)
    for days in FIXED_DAYS:
        print_row(f"{days} days", feeds, lambda _, days=days: Rhythm(1.0, None, 24.0 * days))


def learn_alike(news: Sequence[datetime]) -> Rhythm:
    """Learn from gaps by the clock, weekends included."""
    gaps = sorted((later - earlier) / timedelta(hours=1) for earlier, later in pairwise(news))
    if len(gaps) < MIN_GAPS:
        return Rhythm(1.0, None, DEFAULT_LIMIT_H)
    return Rhythm(1.0, None, min(max(FLOOR_H, MARGIN * gaps[ceil(QUANTILE * len(gaps)) - 1]), CEILING_H))


def print_row(name: str, feeds: dict[str, list[datetime]], learn: Callable[[Sequence[datetime]], Rhythm]) -> None:
    n_asked = n_false = 0
    delays = []
    for times in feeds.values():
        day = (times[0] + HISTORY + timedelta(days=STEP_DAYS)).replace(hour=0)
        while day < times[-1] - timedelta(days=1):
            known = times[bisect_right(times, day - HISTORY) : bisect_right(times, day)]
            rhythm = learn(known)
            for hour in ASKED_AT:
                at = day + timedelta(hours=hour)
                newest = times[bisect_right(times, at) - 1]
                n_false += counted_hours(newest, at, rhythm.weekend_weight) > rhythm.limit_h
                n_asked += 1
            if known:
                delays.append(delay_days(known[-1], rhythm))
            day += timedelta(days=STEP_DAYS)
    tenth = quantiles(delays, n=10)[-1]
    print(f"| {name} | {n_false / n_asked:.2%} of {n_asked:,} | {median(delays):.1f} | {tenth:.1f} |", flush=True)


def delay_days(newest: datetime, rhythm: Rhythm) -> float:
    """Tell how long after its newest item a feed that died is called stale, when it is asked three times a day."""
    day = newest.replace(hour=0)
    while day < newest + LONGEST:
        for hour in ASKED_AT:
            at = day + timedelta(hours=hour)
            if counted_hours(newest, at, rhythm.weekend_weight) > rhythm.limit_h:
                return (at - newest) / timedelta(days=1)
        day += timedelta(days=1)
    return LONGEST / timedelta(days=1)


def judge_snapshots(folder: Path) -> None:
    captures: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(folder.glob("*__*.xml")):
        captures[path.name.split("__")[0]].append(path)
    heads = ("feed", "captures", "stale though alive", "usual gap, h", "stale after, h", "delay, days")
    print(f"\n| {' | '.join(heads)} |\n{'|---' * len(heads)}|")
    for name, paths in captures.items():
        first_seen: dict[str, tuple[datetime | None, datetime]] = {}
        asked: list[datetime] = []
        n_false = 0
        for path in paths:
            at = datetime.strptime(path.stem.split("__")[1], "%Y-%m-%dT%H%M").replace(tzinfo=UTC)
            if asked and at - asked[-1] > timedelta(days=7):
                first_seen, asked = {}, []  # another collection begins
            asked.append(at)
            feed = Feed(name=name, url="https://feed.example/", kind="markets")
            parsed = parse_feed(path.read_bytes(), content_type="", feed=feed, first_seen=at)
            items = parsed.items if isinstance(parsed, ParsedFeed) else ()
            for item in items:
                first_seen.setdefault(item.item_id, (item.published, at))
            times = [news_time(published, seen, is_backlog=seen == asked[0]) for published, seen in first_seen.values()]
            recent = tuple(time for time in times if time >= at - HISTORY)
            health = assess_feed(FeedPast(recent, asked[0], at))
            n_false += bool(health.stale)
        rhythm = health.rhythm
        gap = "too few" if rhythm.usual_gap_h is None else f"{rhythm.usual_gap_h:.0f}"
        newest = health.newest or asked[0]
        print(
            f"| {name} | {len(paths)} | {n_false} | {gap} | {rhythm.limit_h:.0f} | {delay_days(newest, rhythm):.1f} |"
        )


if __name__ == "__main__":
    main()
