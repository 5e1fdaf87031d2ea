"""Write the report site: a folder per day, the shared scripts, and the archive.

    reports/index.html                       the archive: a calendar of all days, the latest in front
    reports/feed.xml                         the latest days as an Atom feed
    reports/days.json                        all days in one list, for programs
    reports/assets/plotly-<version>.min.js   the only copy of plotly.js
    reports/assets/charts-<hash>.js          the script that draws the charts
    reports/assets/page-<hash>.js            the script that sorts tables and finds days
    reports/YYYY-MM-DD/index.html            the page of a day
    reports/YYYY-MM-DD/{items,daily,feeds}.csv, items.parquet, report.xlsx
    reports/YYYY-MM-DD/explanations.json     why the leading stories were read as they were
    reports/YYYY-MM-DD/summary.json          written last: the day exists once it can be read

What a file holds depends only on the report and on which days stand beside it, so writing the same days again
changes nothing. When a day appears, the links on the pages of its neighbours are the only thing rewritten, and no other
page is read. Days of the packaged sample are linked among themselves and never drawn together with real ones.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sentinel.report.agreement import check_agreement
from sentinel.report.archive_list import LIST_NAME, list_bytes, listed_neighbours
from sentinel.report.atom import FEED_NAME, atom_bytes
from sentinel.report.calendar_map import build_months
from sentinel.report.charts import history_figure
from sentinel.report.day_context import day_context
from sentinel.report.day_tables import write_day_tables
from sentinel.report.explained_items import EXPLANATIONS_NAME, explanations_bytes
from sentinel.report.files import drop_partial_files, make_folder, replaced_together, write_bytes
from sentinel.report.histories import fills_a_chart
from sentinel.report.links import PAGE_NAME, all_neighbours, day_folders, find_neighbours, link_around, link_changed
from sentinel.report.page import render_day, render_index, render_standalone
from sentinel.report.rounded_day import round_day, summarise
from sentinel.report.site_assets import write_assets
from sentinel.report.summary import SUMMARY_NAME, DaySummary, read_summaries, summary_bytes
from sentinel.report.topic_links import TOPICS_NAME

if TYPE_CHECKING:
    from pathlib import Path

    from sentinel.report.day import DayReport

INDEX_CHART_DAYS = 365
"""Days of the archive's chart; the calendar has them all."""
INDEX_TABLE_DAYS = 60
"""Days of the archive's table."""


def write_day(reports_dir: Path, report: DayReport) -> Path:
    """Write the folder of a day: page, tables and summary.

    Args:
        reports_dir: the site's folder; created when absent.
        report: what the day's page shows.

    Returns:
        The page.

    Raises:
        ReportError: a folder or file cannot be written; what stood there before still does.
        DisagreementError: two files tell different numbers; likewise.
    """
    day = round_day(report)
    summary = summarise(day)
    name = report.day.isoformat()
    folder = reports_dir / name
    make_folder(reports_dir)
    plotly_script = write_assets(reports_dir)
    neighbours = find_neighbours(reports_dir, day_folders(reports_dir), name, is_sample=report.is_sample)
    links = {"neighbours": neighbours, "plotly_script": plotly_script}
    with replaced_together(folder, last=SUMMARY_NAME) as aside:
        write_day_tables(aside, day, summary)
        write_bytes(aside / PAGE_NAME, render_day({**day_context(day, summary), **links}))
        if report.explanations:
            found = explanations_bytes(report.model.model_id, report.explanations.values())
            write_bytes(aside / EXPLANATIONS_NAME, found)
        write_bytes(aside / SUMMARY_NAME, summary_bytes(summary))
        check_agreement(aside)
    link_around(reports_dir, name, neighbours, is_sample=report.is_sample)
    return folder / PAGE_NAME


def write_standalone(path: Path, report: DayReport) -> None:
    """Write the page of a day as one file that can be passed on: no script, no other file, no link into the site.

    Args:
        path: the file; its folder is created when absent.
        report: what the page shows.

    Raises:
        ReportError: the file cannot be written; what stood there before still does.
    """
    day = round_day(report)
    make_folder(path.parent)
    write_bytes(path, render_standalone(day_context(day, summarise(day))))


def write_index(reports_dir: Path, *, site_url: str = "") -> Path:
    """Write the archive page and its feed from the days on disk; put right links, and what killed runs left.

    Args:
        reports_dir: the site's folder; created when absent.
        site_url: where the folder is served, ending in a slash; empty when nobody said.

    Returns:
        The archive page.

    Raises:
        ReportError: a folder or file cannot be written; what stood there before still does.
    """
    make_folder(reports_dir)
    plotly_script = write_assets(reports_dir)
    summaries = read_summaries(reports_dir)
    neighbours = all_neighbours(summaries)
    link_changed(reports_dir, listed_neighbours(reports_dir), neighbours)
    drop_partial_files(reports_dir)
    page = reports_dir / PAGE_NAME
    context = _index_context(summaries, has_topics=(reports_dir / TOPICS_NAME / PAGE_NAME).is_file())
    write_bytes(page, render_index({**context, "plotly_script": plotly_script}))
    write_bytes(reports_dir / FEED_NAME, atom_bytes(_shown(summaries), site_url=site_url))
    write_bytes(reports_dir / LIST_NAME, list_bytes(summaries, neighbours))
    return page


def _index_context(summaries: list[DaySummary], *, has_topics: bool) -> dict[str, Any]:
    shown = _shown(summaries)
    rows = [vars(summary) for summary in shown if summary.day > shown[-1].day - timedelta(days=INDEX_CHART_DAYS)]
    return {
        "latest": shown[-1] if shown else None,
        "n_days": len(shown),
        "has_topics": has_topics,
        "months": build_months(shown),
        "recent": shown[: -INDEX_TABLE_DAYS - 1 : -1],
        "history_figure": history_figure(rows) if fills_a_chart(rows) else None,
        "n_chart_days": INDEX_CHART_DAYS,
        "is_sample": bool(shown) and shown[-1].is_sample,
        "sample_days": [] if shown and shown[-1].is_sample else [row for row in summaries[::-1] if row.is_sample],
    }


def _shown(summaries: list[DaySummary]) -> list[DaySummary]:
    """Keep sample days apart: they are the archive only where nothing else is."""
    return [summary for summary in summaries if not summary.is_sample] or summaries
