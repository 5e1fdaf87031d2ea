"""Gather what the page of a day shows, as its templates name it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sentinel.report.alerts import alert_rows
from sentinel.report.charts import mood_range, volume_figure
from sentinel.report.drawings import dial, mood_bar, sparkline
from sentinel.report.explanation import earlier_models, move_rows, move_words, revised_days, trust_lines
from sentinel.report.headlines import HOUR, STORY, Headlines, list_headlines
from sentinel.report.histories import fills_a_chart, history_chart
from sentinel.report.intraday import hour_rows
from sentinel.report.key_figures import key_figures
from sentinel.report.labelled import labelled_lines
from sentinel.report.movers import biggest_disagreements, biggest_movers
from sentinel.report.sector_map import sector_map
from sentinel.report.sentence import minute_text
from sentinel.report.stories import leading_stories
from sentinel.report.topic_links import topic_path, topics_with_a_page
from sentinel.report.view import coverage_rows, history_rows, metric_rows, older_items, topic_rows
from sentinel.report.waterfall import waterfall

if TYPE_CHECKING:
    from sentinel.report.rounded_day import RoundedDay, Row
    from sentinel.report.summary import DaySummary

TOPIC_TABLES = (
    ("company", "Mood by company", "company"),
    ("sector", "Mood by sector", "sector"),
    ("theme", "Mood by theme", "theme"),
    ("topic", "Mood by topic", "topic"),
    ("kind", "Mood by kind of feed", "kind of feed"),
    ("feed", "Mood by feed", "feed"),
    ("language", "Mood by language", "language"),
)
"""Kind of topic, heading, and what a row is called."""
VOLUME_DAYS = 90
SPARK_DAYS = 30


def day_context(day: RoundedDay, summary: DaySummary) -> dict[str, Any]:
    """Gather the names that ``day.html.j2`` uses, less the links to other pages."""
    tables = _topic_tables(day)
    movers, n_incomparable = biggest_movers(day)
    disagreements = biggest_disagreements(day)
    shown = [(row["topic_kind"], row["key"]) for table in tables for row in table["rows"]]
    hours = hour_rows(day.report)
    moves = move_rows(day)
    told = [
        *shown,
        *((row["kind"], row["key"]) for row in (*movers, *disagreements)),
        *((HOUR, row["key"]) for row in hours),
        *((STORY, mover["story_id"]) for move in moves for mover in move["movers"]),
    ]
    headlines = list_headlines(day, told, {row["key"]: row["name"] for row in hours})
    for table in tables:
        for row in table["rows"]:
            row["anchor"] = headlines.anchor(row["topic_kind"], row["key"])
    return {
        **_facts(day, summary),
        **_histories(day),
        "topic_tables": tables,
        "headlines": headlines,
        "movers": movers,
        "n_incomparable": n_incomparable,
        "disagreements": disagreements,
        "sectors": sector_map(day),
        "hours": hours,
        "max_hour": max((row["n_items"] for row in hours), default=0),
        **_stories(day),
        "moves": moves,
        "waterfall": waterfall(moves) if moves else None,
        "move_words": move_words(day),
        "trust_lines": [*trust_lines(day), *labelled_lines(day.report.labelled)],
        **_coverage(day, headlines),
    }


def _facts(day: RoundedDay, summary: DaySummary) -> dict[str, Any]:
    report = day.report
    local = report.known_by.astimezone(ZoneInfo(report.timezone))
    return {
        "report": report,
        "summary": summary,
        "as_of": f"{minute_text(local)} {report.timezone}",
        "key_figures": key_figures(day),
        "dial": dial(summary.mood, summary.low, summary.high),
        "metrics": metric_rows(report.model.metrics),
        "excluded": sorted((reason, count) for reason, count in report.n_excluded.items() if count),
    }


def _histories(day: RoundedDay) -> dict[str, Any]:
    history = history_rows(day)
    earlier = earlier_models(day)
    volumes = [row for row in history if row["day"] > day.report.day - timedelta(days=VOLUME_DAYS)]
    return {
        "history": history,
        "n_gaps": sum(row["mood"] != row["mood"] for row in history),
        "chart": history_chart(history, earlier),
        "earlier_models": earlier,
        "published": {row["day"]: row["published_mood"] for row in revised_days(day)},
        "volumes": volumes,
        "volume_figure": volume_figure(volumes) if fills_a_chart(volumes) else None,
    }


def _topic_tables(day: RoundedDay) -> list[dict[str, Any]]:
    """Build the table of each kind of topic that had news, on one scale so that bars can be compared."""
    found = [topic_rows(day, kind) for kind, *_ in TOPIC_TABLES]
    size = mood_range([row for rows, _ in found for row in rows])
    _draw(day, [row for rows, _ in found for row in rows], size)
    return [
        {"kind": kind, "heading": heading, "noun": noun, "rows": rows, "n_more": n_more, "size": size}
        for (kind, heading, noun), (rows, n_more) in zip(TOPIC_TABLES, found, strict=True)
        if rows
    ]


def _draw(day: RoundedDay, rows: list[Row], size: float) -> None:
    """Add to rows of topics their bar, their last days and the place of their page."""
    with_page = topics_with_a_page(day.moods)
    days = [day.report.day - timedelta(days=ago) for ago in reversed(range(SPARK_DAYS))]
    recent = day.moods[day.moods["day"] >= days[0]]
    moods = {
        key: dict(zip(frame["day"], frame["mood"], strict=True))
        for key, frame in recent.groupby(["topic_kind", "topic"], sort=False)
    }
    for row in rows:
        key = (row["topic_kind"], row["key"])
        past = moods.get(key, {})
        largest = max((abs(mood) for mood in past.values() if mood == mood), default=0.0)
        row["bar"] = mood_bar(row, size)
        row["spark"] = sparkline(days, past, max(largest, 1.0))
        row["path"] = topic_path(key) if key in with_page else ""


def _stories(day: RoundedDay) -> dict[str, Any]:
    negative, positive = leading_stories(day)
    return {
        "negative_stories": negative,
        "positive_stories": positive,
        "n_stories": day.items["story_id"].nunique(),
        "n_items": len(day.items),
        "n_older": older_items(day),
    }


def _coverage(day: RoundedDay, headlines: Headlines) -> dict[str, Any]:
    feeds, n_more_feeds = coverage_rows(day)
    alerts, n_more_alerts = alert_rows(day.report)
    return {
        "feeds": [{**row, "anchor": headlines.anchor("feed", row["feed"])} for row in feeds],
        "n_more_feeds": n_more_feeds,
        "alerts": alerts,
        "n_open_alerts": sum(row["is_open"] for row in alerts),
        "n_more_alerts": n_more_alerts,
        "n_stale_feeds": int((day.coverage["stale"] != "").sum()),
    }
