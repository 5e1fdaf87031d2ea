"""Write the report site: a folder per day, the shared scripts, and the archive.

    reports/index.html                       the archive, newest first
    reports/assets/plotly-<version>.min.js   the only copy of plotly.js
    reports/assets/charts-<hash>.js          the script that draws the charts
    reports/YYYY-MM-DD/index.html            the page of a day
    reports/YYYY-MM-DD/{items,daily,feeds}.csv, items.parquet, report.xlsx
    reports/YYYY-MM-DD/summary.json          written last: the day exists once it can be read

What a file holds depends only on the report and on which days stand beside it, so writing the same days again
changes nothing. When a day appears, the links on the pages of its neighbours are the only thing rewritten. Days of the
packaged sample are linked among themselves and never drawn together with real ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sentinel.report.agreement import check_agreement
from sentinel.report.charts import (
    bars_figure,
    history_figure,
    mood_range,
    plotly_js,
    volume_figure,
    waterfall_figure,
)
from sentinel.report.day_tables import write_day_tables
from sentinel.report.explanation import earlier_models, move_rows, move_words, revised_days, trust_lines
from sentinel.report.files import make_folder, replaced_together, write_bytes
from sentinel.report.key_figures import key_figures
from sentinel.report.page import NAV_END, NAV_START, charts_script, render_day, render_index, render_nav
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

PAGE_NAME = "index.html"
ASSETS_NAME = "assets"
_NAV_SEARCH_BYTES = 65_536
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
        DisagreementError: two files tell different numbers; likewise.
    """
    day = round_day(report)
    summary = summarise(day)
    name = report.day.isoformat()
    folder = reports_dir / name
    make_folder(reports_dir)
    plotly_script = _write_assets(reports_dir)
    days = sorted({name, *_day_names(read_summaries(reports_dir), is_sample=report.is_sample)})
    previous_day, next_day = _neighbours(days, name)
    links = {"previous_day": previous_day, "next_day": next_day, "plotly_script": plotly_script}
    with replaced_together(folder, last=SUMMARY_NAME) as aside:
        write_day_tables(aside, day, summary)
        write_bytes(aside / PAGE_NAME, render_day({**_day_context(day, summary), **links}))
        write_bytes(aside / SUMMARY_NAME, summary_bytes(summary))
        check_agreement(aside)
    for neighbour in filter(None, (previous_day, next_day)):
        _link(reports_dir, days, neighbour)
    return folder / PAGE_NAME


def write_index(reports_dir: Path) -> Path:
    """Write the archive page from the days on disk, and put right the links between them.

    Args:
        reports_dir: the site's folder; created when absent.

    Returns:
        The archive page.

    Raises:
        ReportError: a folder or file cannot be written; what stood there before still does.
    """
    make_folder(reports_dir)
    plotly_script = _write_assets(reports_dir)
    summaries = read_summaries(reports_dir)
    for is_sample in (False, True):
        days = _day_names(summaries, is_sample=is_sample)
        for name in days:
            _link(reports_dir, days, name)
    page = reports_dir / PAGE_NAME
    write_bytes(page, render_index({**_index_context(summaries), "plotly_script": plotly_script}))
    return page


def _day_context(day: RoundedDay, summary: DaySummary) -> dict[str, Any]:
    report = day.report
    history = history_rows(day)
    feeds, n_more_feeds = coverage_rows(day)
    local = report.known_by.astimezone(ZoneInfo(report.timezone))
    negative_stories, positive_stories = (leading_stories(day, negative=side) for side in (True, False))
    earlier = earlier_models(day)
    return {
        **_why_context(day, {story["story_id"] for story in (*negative_stories, *positive_stories)}),
        "report": report,
        "summary": summary,
        "as_of": f"{minute_text(local)} {report.timezone}",
        "key_figures": key_figures(day),
        "history": history,
        "n_gaps": sum(row["mood"] != row["mood"] for row in history),
        "history_figure": history_figure(history, earlier) if _fills_a_chart(history) else None,
        "earlier_models": earlier,
        "volume_figure": volume_figure(history) if _fills_a_chart(history) else None,
        "topic_charts": _topic_charts(day),
        "negative_stories": negative_stories,
        "positive_stories": positive_stories,
        "n_stories": day.items["story_id"].nunique(),
        "n_items": len(day.items),
        "n_older": older_items(day),
        "feeds": feeds,
        "n_more_feeds": n_more_feeds,
        "n_stale_feeds": int((day.coverage["stale"] != "").sum()),
        "metrics": metric_rows(report.model.metrics),
        "excluded": sorted((reason, count) for reason, count in report.n_excluded.items() if count),
    }


def _why_context(day: RoundedDay, listed: set[str]) -> dict[str, Any]:
    moves = move_rows(day, listed)
    return {
        "moves": moves,
        "moves_figure": waterfall_figure(moves) if moves else None,
        "move_words": move_words(day),
        "trust_lines": trust_lines(day),
        "published": {row["day"]: row["published_mood"] for row in revised_days(day)},
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
    """Keep sample days apart: they are the archive only where nothing else is."""
    real = [summary for summary in summaries if not summary.is_sample]
    shown = real or summaries
    rows = [vars(summary) for summary in shown]
    return {
        "days": shown[::-1],
        "history_figure": history_figure(rows) if _fills_a_chart(rows) else None,
        "is_sample": not real,
        "sample_days": [summary for summary in summaries if summary.is_sample][::-1] if real else [],
    }


def _day_names(summaries: list[DaySummary], *, is_sample: bool) -> list[str]:
    return [summary.day.isoformat() for summary in summaries if summary.is_sample == is_sample]


def _neighbours(days: list[str], name: str) -> tuple[str, str]:
    place = days.index(name)
    return (days[place - 1] if place else "", days[place + 1] if place + 1 < len(days) else "")


def _link(reports_dir: Path, days: list[str], name: str) -> None:
    """Rewrite the links between days on a page that lacks the right ones; other bytes stay as they are."""
    page = reports_dir / name / PAGE_NAME
    wanted = render_nav(*_neighbours(days, name)).encode()
    try:
        with page.open("rb") as file:
            if wanted in file.read(_NAV_SEARCH_BYTES):
                return
        content = page.read_bytes()
    except OSError:
        return  # no page to link; writing that day makes one
    before, start, rest = content.partition(NAV_START.encode())
    _, end, after = rest.partition(NAV_END.encode())
    if start and end:
        write_bytes(page, before + wanted + after)


def _write_assets(reports_dir: Path) -> str:
    assets = reports_dir / ASSETS_NAME
    make_folder(assets)
    version, plotly_bytes = plotly_js()
    plotly_name = f"plotly-{version}.min.js"
    write_bytes(assets / plotly_name, plotly_bytes)
    script_name, script_bytes = charts_script()
    write_bytes(assets / script_name, script_bytes)
    return plotly_name
