"""Write a page for each topic with its history, and the list of all of them.

    reports/topics/index.html             every topic with its latest mood
    reports/topics/topics.json            the same for programs, and a digest of what each page was made from
    reports/topics/<kind>/<slug>.html     the history of a topic

A topic has a page once it had enough news for a mood on a day. A run writes the pages of topics of the days that it
reports, and of these only those whose figures changed.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pandas as pd

from sentinel.report.files import make_folder, write_bytes
from sentinel.report.histories import history_chart
from sentinel.report.key_figures import topic_figures
from sentinel.report.links import day_folders
from sentinel.report.page import look_id, render_topic, render_topics
from sentinel.report.rounded_day import round_moods, rows_of
from sentinel.report.rounding import PAGE_MOOD_DECIMALS, json_number
from sentinel.report.sentence import minute_text, topic_headline
from sentinel.report.site_assets import write_assets
from sentinel.report.topic_links import TOPICS_NAME, TopicKey, slug, topic_name, topic_path, topics_with_a_page

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from sentinel.report.day import Watched

LIST_NAME = "topics.json"
SCHEMA_VERSION = 1
HISTORY_DAYS = 365
"""Days of a topic's history that end with its latest."""


@dataclass(frozen=True)
class TopicsReport:
    """What the pages of topics show.

    Attributes:
        days: the days that the run reports.
        timezone: IANA name of the zone that days are counted in.
        model_id: what scored the items.
        built: columns MOOD_COLUMNS, the moods that the pages of those days show.
        history: columns MOOD_COLUMNS, every topic, as far back as its pages reach.
        watched: companies and themes that the texts were searched for.
        as_of: the moment that was asked for, so that later news is left out.
        is_sample: whether the news is the packaged sample's.
    """

    days: tuple[date, ...]
    timezone: str
    model_id: str
    built: pd.DataFrame
    history: pd.DataFrame
    watched: Watched
    as_of: datetime | None = None
    is_sample: bool = False


@dataclass(frozen=True)
class ListedTopic:
    """A line of the list of topics; figures are those of its latest day, rounded as on the page."""

    kind: str
    topic: str
    name: str
    path: str
    day: str
    mood: float | None
    low: float | None
    high: float | None
    n_items: int
    digest: str


def write_topics(reports_dir: Path, report: TopicsReport) -> None:
    """Write the pages of topics that changed, and the list of all.

    Args:
        reports_dir: the site's folder.
        report: what the pages show.

    Raises:
        ReportError: a folder or file cannot be written; what stood there before still does.
    """
    folder = reports_dir / TOPICS_NAME
    make_folder(folder)
    plotly_script = write_assets(reports_dir)
    listed = {(topic.kind, topic.topic): topic for topic in read_topics(reports_dir)}
    days_on_file = set(day_folders(reports_dir))
    reported = report.built.loc[report.built["day"].isin(report.days), ["topic_kind", "topic"]].drop_duplicates()
    wanted = topics_with_a_page(report.built) & set(reported.itertuples(index=False, name=None))
    is_wanted = pd.MultiIndex.from_frame(report.history[["topic_kind", "topic"]]).isin(list(wanted))
    moods = round_moods(report.history[is_wanted], PAGE_MOOD_DECIMALS)
    for names, of_topic in moods.groupby(["topic_kind", "topic"], sort=True):
        key = (str(names[0]), str(names[1]))
        listed[key] = _write_topic(reports_dir, report, key, of_topic, days_on_file, listed.get(key), plotly_script)
    topics = sorted(listed.values(), key=lambda topic: (topic.kind, topic.name, topic.topic))
    write_bytes(folder / "index.html", render_topics({"topics": topics, "is_sample": report.is_sample}))
    write_bytes(folder / LIST_NAME, _list_bytes(topics))


def read_topics(reports_dir: Path) -> list[ListedTopic]:
    """Read the list of topics; empty where it is absent, damaged or foreign."""
    try:
        content = json.loads((reports_dir / TOPICS_NAME / LIST_NAME).read_bytes())
        names = [field.name for field in fields(ListedTopic)]
        topics = [ListedTopic(**{name: row[name] for name in names}) for row in content["topics"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []
    return [topic for topic in topics if topic.path == topic_path((topic.kind, topic.topic))]


def _write_topic(
    reports_dir: Path,
    report: TopicsReport,
    key: TopicKey,
    moods: pd.DataFrame,
    days_on_file: set[str],
    before: ListedTopic | None,
    plotly_script: str,
) -> ListedTopic:
    """Write the page of a topic unless it stands there, made from the same."""
    moods = moods[moods["day"] > moods["day"].max() - timedelta(days=HISTORY_DAYS)]
    name, path = topic_name(key, dict(report.watched.names)), topic_path(key)
    page = reports_dir / path
    linked = [day for day in map(str, moods["day"]) if day in days_on_file]
    about = (name, report.timezone, report.model_id, str(report.as_of), str(report.is_sample), plotly_script, look_id())
    told = "\x1f".join([*about, *linked, moods.to_csv(index=False)])
    digest = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    if before is not None and before.digest == digest and page.is_file():
        return before
    rows = rows_of(moods.sort_values("day", kind="stable"))
    make_folder(page.parent)
    context = _topic_context(report, key, name, rows, set(linked))
    write_bytes(page, render_topic({**context, "plotly_script": plotly_script}))
    last = rows[-1]
    mood, low, high = (json_number(last[figure]) for figure in ("mood", "low", "high"))
    return ListedTopic(*key, name, path, str(last["day"]), mood, low, high, int(last["n_items"]), digest)


def _topic_context(
    report: TopicsReport, key: TopicKey, name: str, rows: list[dict[str, Any]], linked: set[str]
) -> dict[str, Any]:
    last = rows[-1]
    local = report.as_of.astimezone(ZoneInfo(report.timezone)) if report.as_of else None
    return {
        "kind": key[0],
        "name": name,
        "headline": topic_headline(name, last),
        "key_figures": topic_figures(last),
        "last": last,
        "rows": [row for row in rows[::-1] if row["n_items"]],
        "chart": history_chart(rows),
        "linked": linked,
        "anchor": f"of-{slug(key[0])}-{slug(key[1])}",
        "timezone": report.timezone,
        "model_id": report.model_id,
        "is_sample": report.is_sample,
        "as_of": f"{minute_text(local)} {report.timezone}" if local else "",
    }


def _list_bytes(topics: list[ListedTopic]) -> bytes:
    lines = ",\n".join(json.dumps(asdict(topic), sort_keys=True, allow_nan=False) for topic in topics)
    return f'{{"schema_version": {SCHEMA_VERSION}, "topics": [\n{lines}\n]}}\n'.encode()
