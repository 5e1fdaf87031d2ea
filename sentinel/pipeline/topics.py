"""What the stored items speak of: the settings' watchlist, put to the texts whenever a report is made.

Nothing of it is stored: it follows from the texts and the lists, so a list that changes counts for the past as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sentinel import store
from sentinel.records import TOPIC_COLUMNS
from sentinel.watchlist import topics_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sentinel.pipeline.job import Job
    from sentinel.watchlist import Watchlist


def load_topics(job: Job, watchlist: Watchlist, span: tuple[datetime, datetime], *, known_by: datetime) -> pd.DataFrame:
    """Find what the items of a span speak of.

    Args:
        job: an open job.
        watchlist: what to look for.
        span: begin and end, aware UTC.
        known_by: items first seen later are left out.

    Returns:
        A frame with TOPIC_COLUMNS; with LABELS too where the model was asked what an item is for single companies.
    """
    with job.database.read() as connection:
        texts = store.load_texts(connection, start=span[0], end=span[1], known_by=known_by)
        topics = pd.concat(
            [build_topics_frame(watchlist, *chunk) for chunk in texts] or [_frame([])], ignore_index=True
        )
        names = store.load_name_scores(
            connection, start=span[0], end=span[1], model_id=job.bundle.model_id, known_by=known_by
        )
    if names.empty:
        return topics
    of_companies = names.rename(columns={"name": "topic"}).assign(topic_kind="company")
    return topics.merge(of_companies, on=["item_id", "topic_kind", "topic"], how="left")


def build_topics_frame(watchlist: Watchlist, item_ids: Iterable[str], texts: Iterable[str]) -> pd.DataFrame:
    """Find what texts speak of.

    Args:
        watchlist: what to look for.
        item_ids: of the items.
        texts: of the same items.

    Returns:
        A frame with TOPIC_COLUMNS.
    """
    return _frame(
        [
            (item_id, topic.kind, topic.name, topic.relevance)
            for item_id, text in zip(item_ids, texts, strict=True)
            for topic in topics_of(watchlist, text)
        ]
    )


def name_topics(items: pd.DataFrame, topics: pd.DataFrame) -> pd.DataFrame:
    """Add the columns companies, sectors and themes to items: what each speaks of, joined by commas."""
    columns = {}
    for column, kind in (("companies", "company"), ("sectors", "sector"), ("themes", "theme")):
        found = topics[topics["topic_kind"] == kind].sort_values(["item_id", "topic"])
        names: dict[str, list[str]] = {}
        for item_id, name in zip(found["item_id"], found["topic"], strict=True):
            names.setdefault(item_id, []).append(name)
        columns[column] = [",".join(names.get(item_id, ())) for item_id in items["item_id"]]
    return items.assign(**columns)


def _frame(rows: list[tuple[str, str, str, float]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(TOPIC_COLUMNS)).astype({"relevance": "float64"})
