"""Write the report site: a folder per day, the shared scripts, and the archive.

    reports/index.html                       the archive: a calendar of all days, the latest in front
    reports/feed.xml                         the latest days as an Atom feed
    reports/days.json                        all days in one list, for programs
    reports/assets/plotly-<version>.min.js   the only copy of plotly.js
    reports/assets/charts-<hash>.js          the script that draws the charts
    reports/assets/page-<hash>.js            the script that sorts tables and finds days
    reports/YYYY-MM-DD/index.html            the page of a day
    reports/YYYY-MM-DD/{items,daily,feeds}.csv
    reports/YYYY-MM-DD/summary.json          written last: the day exists once it can be read

What a file holds depends only on the report and on which days stand beside it, so writing the same days again
changes nothing. When a day appears, the links on the pages of its neighbours are the only thing rewritten, and no other
page is read. Days of the packaged sample are linked among themselves and never drawn together with real ones.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sentinel.report.archive_list import LIST_NAME, list_bytes, listed_neighbours
from sentinel.report.atom import FEED_NAME, atom_bytes
from sentinel.report.calendar_map import build_months
from sentinel.report.charts import bars_figure, history_figure, mood_range, plotly_js, volume_figure
from sentinel.report.exports import daily_csv, feeds_csv, items_csv
from sentinel.report.files import make_folder, write_bytes, write_chunks
from sentinel.report.key_figures import key_figures
from sentinel.report.links import PAGE_NAME, all_neighbours, day_folders, find_neighbours, link_around, link_changed
from sentinel.report.page import own_scripts, render_day, render_index
from sentinel.report.rounded_day import RoundedDay, round_day, summarise
from sentinel.report.rounding import is_known
from sentinel.report.sentence import minute_text
from sentinel.report.stories import leading_stories
from sentinel.report.summary import SUMMARY_NAME, DaySummary, read_summaries, summary_bytes
from sentinel.report.view import (
    coverage_rows,
    history_rows,
    metric_rows,
    older_items,
    topic_rows,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sentinel.report.day import DayReport

ASSETS_NAME = "assets"
INDEX_CHART_DAYS = 365
"""Days of the archive's chart; the calendar has them all."""
INDEX_TABLE_DAYS = 60
"""Days of the archive's table."""
MIN_CHART_DAYS = 3
"""A chart over time needs as many days with news; fewer are told by the table alone."""
TOPIC_CHARTS = (
    ("company", "Mood by company", "company"),
    ("sector", "Mood by sector", "sector"),
    ("theme", "Mood by theme", "theme"),
    ("topic", "Mood by topic", "topic"),
    ("kind", "Mood by kind of feed", "kind of feed"),
    ("feed", "Mood by feed", "feed"),
)
"""Kind of topic, heading, and what a row is called."""


def write_day(reports_dir: Path, report: DayReport) -> Path:
    """Write the folder of a day: page, tables and summary.

    Args:
        reports_dir: the site's folder; created when absent.
        report: what the day's page shows.

    Returns:
        The page.

    Raises:
        ReportError: a folder or file cannot be written; what stood there before still does.
    """
    day = round_day(report)
    summary = summarise(day)
    name = report.day.isoformat()
    folder = reports_dir / name
    make_folder(folder)
    plotly_script = _write_assets(reports_dir)
    model_id = report.model.model_id
    write_chunks(folder / "items.csv", items_csv(day.items, day=name, timezone=report.timezone, model_id=model_id))
    write_chunks(folder / "daily.csv", daily_csv(day.table, model_id=model_id))
    write_chunks(folder / "feeds.csv", feeds_csv(day.coverage, day=name))
    neighbours = find_neighbours(reports_dir, day_folders(reports_dir), name, is_sample=report.is_sample)
    links = {"neighbours": neighbours, "plotly_script": plotly_script}
    page = folder / PAGE_NAME
    write_bytes(page, render_day({**_day_context(day, summary), **links}))
    write_bytes(folder / SUMMARY_NAME, summary_bytes(summary))
    link_around(reports_dir, name, neighbours, is_sample=report.is_sample)
    return page


def write_index(reports_dir: Path, *, site_url: str = "") -> Path:
    """Write the archive page and its feed from the days on disk, and put right the links between them.

    Args:
        reports_dir: the site's folder; created when absent.
        site_url: where the folder is served, ending in a slash; empty when nobody said.

    Returns:
        The archive page.

    Raises:
        ReportError: a folder or file cannot be written; what stood there before still does.
    """
    make_folder(reports_dir)
    plotly_script = _write_assets(reports_dir)
    summaries = read_summaries(reports_dir)
    neighbours = all_neighbours(summaries)
    link_changed(reports_dir, listed_neighbours(reports_dir), neighbours)
    page = reports_dir / PAGE_NAME
    write_bytes(page, render_index({**_index_context(summaries), "plotly_script": plotly_script}))
    write_bytes(reports_dir / FEED_NAME, atom_bytes(_shown(summaries), site_url=site_url))
    write_bytes(reports_dir / LIST_NAME, list_bytes(summaries, neighbours))
    return page


def _day_context(day: RoundedDay, summary: DaySummary) -> dict[str, Any]:
    report = day.report
    history = history_rows(day)
    feeds, n_more_feeds = coverage_rows(day)
    local = report.known_by.astimezone(ZoneInfo(report.timezone))
    return {
        "report": report,
        "summary": summary,
        "as_of": f"{minute_text(local)} {report.timezone}",
        "key_figures": key_figures(day),
        "history": history,
        "n_gaps": sum(row["mood"] != row["mood"] for row in history),
        "history_figure": history_figure(history) if _fills_a_chart(history) else None,
        "volume_figure": volume_figure(history) if _fills_a_chart(history) else None,
        "topic_charts": _topic_charts(day),
        "negative_stories": leading_stories(day, negative=True),
        "positive_stories": leading_stories(day, negative=False),
        "n_stories": day.items["story_id"].nunique(),
        "n_items": len(day.items),
        "n_older": older_items(day),
        "feeds": feeds,
        "n_more_feeds": n_more_feeds,
        "n_stale_feeds": int((day.coverage["stale"] != "").sum()),
        "metrics": metric_rows(report.model.metrics),
        "excluded": sorted((reason, count) for reason, count in report.n_excluded.items() if count),
    }


def _topic_charts(day: RoundedDay) -> list[dict[str, Any]]:
    """Build the charts of each kind of topic that had news, on one scale so that bars can be compared.

    A kind of which no topic has enough news is told by its table alone.
    """
    found = [topic_rows(day, kind) for kind, *_ in TOPIC_CHARTS]
    size = mood_range([row for rows, _ in found for row in rows])
    return [
        {
            "kind": kind,
            "heading": heading,
            "noun": noun,
            "rows": rows,
            "n_more": n_more,
            "figure": bars_figure(rows, size) if any(is_known(row["mood"]) for row in rows) else None,
        }
        for (kind, heading, noun), (rows, n_more) in zip(TOPIC_CHARTS, found, strict=True)
        if rows
    ]


def _fills_a_chart(rows: Sequence[Mapping[str, Any]]) -> bool:
    return len([row for row in rows if row["n_items"]]) >= MIN_CHART_DAYS


def _index_context(summaries: list[DaySummary]) -> dict[str, Any]:
    shown = _shown(summaries)
    rows = [vars(summary) for summary in shown if summary.day > shown[-1].day - timedelta(days=INDEX_CHART_DAYS)]
    return {
        "latest": shown[-1] if shown else None,
        "n_days": len(shown),
        "months": build_months(shown),
        "recent": shown[: -INDEX_TABLE_DAYS - 1 : -1],
        "history_figure": history_figure(rows) if _fills_a_chart(rows) else None,
        "n_chart_days": INDEX_CHART_DAYS,
        "is_sample": bool(shown) and shown[-1].is_sample,
        "sample_days": [] if shown and shown[-1].is_sample else [row for row in summaries[::-1] if row.is_sample],
    }


def _shown(summaries: list[DaySummary]) -> list[DaySummary]:
    """Keep sample days apart: they are the archive only where nothing else is."""
    return [summary for summary in summaries if not summary.is_sample] or summaries


def _write_assets(reports_dir: Path) -> str:
    assets = reports_dir / ASSETS_NAME
    make_folder(assets)
    version, plotly_bytes = plotly_js()
    plotly_name = f"plotly-{version}.min.js"
    write_bytes(assets / plotly_name, plotly_bytes)
    for script_name, script_bytes in own_scripts():
        write_bytes(assets / script_name, script_bytes)
    return plotly_name
