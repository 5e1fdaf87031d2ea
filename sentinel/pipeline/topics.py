"""What the stored items speak of: the settings' watchlist, put to the texts whenever a report is made.

Nothing of it is stored: it follows from the texts and the lists, so a list that changes counts for the past as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentinel import store
from sentinel.language import UNDETERMINED, USUAL
from sentinel.records import TOPIC_COLUMNS
from sentinel.rows import find_rows
from sentinel.watchlist import topics_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sentinel.pipeline.job import Job
    from sentinel.watchlist import Watchlist


def load_topics(job: Job, watchlist: Watchlist, span: tuple[datetime, datetime], *, known_by: datetime) -> pd.DataFrame:
    """Find what the items of a span speak of, and in which language where several models read them.

    Args:
        job: an open job.
        watchlist: what to look for.
        span: begin and end, aware UTC.
        known_by: items first seen later are left out.

    Returns:
        A frame with TOPIC_COLUMNS; with LABELS too where a model was asked what an item is for single companies.
    """
    with job.database.read() as connection:
        texts = store.load_texts(connection, start=span[0], end=span[1], known_by=known_by)
        parts = [build_topics_frame(watchlist, *chunk) for chunk in texts]
    if len(job.model.readers) > 1:
        parts.append(_language_topics(job, span, known_by=known_by))
    topics = pd.concat(parts or [_frame([])], ignore_index=True)
    with job.database.read() as connection:
        names = store.load_name_scores(
            connection, start=span[0], end=span[1], model_ids=job.model.model_ids, known_by=known_by
        )
    if names.empty:
        return topics
    of_companies = names.rename(columns={"name": "topic"}).assign(topic_kind="company")
    return topics.merge(of_companies, on=["item_id", "topic_kind", "topic"], how="left")


def _language_topics(job: Job, span: tuple[datetime, datetime], *, known_by: datetime) -> pd.DataFrame:
    """Give each item the language that it is read in."""
    with job.database.read() as connection:
        items = store.load_scored_items(
            connection, start=span[0], end=span[1], model_id="", known_by=known_by, columns=("item_id", "language")
        )
    usual = USUAL if USUAL in job.model.languages else job.model.readers[0].languages[0]
    language = items["language"].where(items["language"] != UNDETERMINED, usual)
    read = pd.DataFrame({"item_id": items["item_id"], "topic_kind": "language", "topic": language, "relevance": 1.0})
    return read[language.isin(job.model.languages)]


def build_topics_frame(watchlist: Watchlist, item_ids: Iterable[str], texts: Collection[str]) -> pd.DataFrame:
    """Find what texts speak of; one that many items share is searched once.

    Args:
        watchlist: what to look for.
        item_ids: of the items.
        texts: of the same items.

    Returns:
        A frame with TOPIC_COLUMNS.
    """
    spoken_of = {text: topics_of(watchlist, text) for text in set(texts)}
    return _frame(
        [
            (item_id, topic.kind, topic.name, topic.relevance)
            for item_id, text in zip(item_ids, texts, strict=True)
            for topic in spoken_of[text]
        ]
    )


def name_topics(items: pd.DataFrame, topics: pd.DataFrame) -> pd.DataFrame:
    """Add the columns companies, sectors and themes to items: what each speaks of, joined by commas."""
    columns = {}
    for column, kind in (("companies", "company"), ("sectors", "sector"), ("themes", "theme")):
        found = topics[topics["topic_kind"] == kind].sort_values(["item_id", "topic"])
        names: dict[str, str] = {}
        for item_id, name in zip(found["item_id"].tolist(), found["topic"].tolist(), strict=True):
            names[item_id] = f"{names[item_id]},{name}" if item_id in names else name
        place = find_rows(items["item_id"], pd.Series(list(names), dtype="str"))
        of_item = np.array([*names.values(), ""], dtype=object)[place]
        columns[column] = pd.array(of_item, dtype="str")
    return items.assign(**columns)


def _frame(rows: list[tuple[str, str, str, float]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(TOPIC_COLUMNS)).astype({"relevance": "float64"})
