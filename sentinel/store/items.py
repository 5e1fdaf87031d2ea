"""Items and their scores: stored once, never overwritten, read back as frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd
import sqlalchemy as sa

from sentinel.records import ITEM_COLUMNS, LABELS, SCORED_ITEM_COLUMNS
from sentinel.store import schema
from sentinel.store.upsert import insert_new
from sentinel.text import item_id, page_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

IDS_PER_QUERY = 500
TEXTS_AT_ONCE = 20_000
_NAME_COLUMNS = ("item_id", "feed", "guid", "url", "title")


def save_items(connection: sa.Connection, items: pd.DataFrame, *, now: datetime) -> int:
    """Store items exactly once; an item already there keeps its first text and first_seen.

    What names an entry depends on those it stands beside: its guid, its page, or either with its title
    (``feeds.parse``). So an item is known, too, when the same entry is stored under another of these ids.

    Args:
        connection: a writing transaction.
        items: frame with ITEM_COLUMNS, item_id unique.
        now: aware UTC; noted as last_seen of every item.

    Returns:
        How many were new.
    """
    if items.empty:
        return 0
    known = _known_ids(connection, items["item_id"].tolist())
    if known:
        connection.execute(
            schema.items.update().where(schema.items.c.item_id == sa.bindparam("known_id")).values(last_seen=now),
            [{"known_id": item_id} for item_id in sorted(known)],
        )
    fresh = items[~items["item_id"].isin(known)]
    fresh = fresh[~fresh["item_id"].isin(_known_by_other_id(connection, fresh))]
    if not fresh.empty:
        rows = [{**row, "last_seen": now} for row in _records(fresh[list(ITEM_COLUMNS)])]
        insert_new(connection, schema.items, rows)
    return len(fresh)


def save_scores(connection: sa.Connection, scores: pd.DataFrame, *, model_id: str, now: datetime) -> None:
    """Store scores of one model; a score already there is kept.

    Args:
        connection: a writing transaction.
        scores: frame with SCORE_COLUMNS.
        model_id: which model gave them.
        now: aware UTC.
    """
    rows = [{**row, "model_id": model_id, "scored_at": now} for row in _records(scores)]
    insert_new(connection, schema.scores, rows)


def load_unscored(connection: sa.Connection, *, model_id: str, limit: int) -> pd.DataFrame:
    """Read items that a model has not scored, newest first: what is cut off by a kill is the older news.

    Args:
        connection: any transaction.
        model_id: which model.
        limit: at most this many.

    Returns:
        A frame with item_id and text.
    """
    scored = sa.select(schema.scores.c.item_id).where(
        schema.scores.c.item_id == schema.items.c.item_id, schema.scores.c.model_id == model_id
    )
    query = (
        sa.select(schema.items.c.item_id, schema.items.c.text)
        .where(~scored.exists())
        .order_by(schema.items.c.first_seen.desc(), schema.items.c.item_id)
        .limit(limit)
    )
    return _frame(connection, query, ("item_id", "text"))


def load_scored_items(
    connection: sa.Connection,
    *,
    start: datetime,
    end: datetime,
    model_id: str,
    known_by: datetime,
    columns: tuple[str, ...] = SCORED_ITEM_COLUMNS,
) -> pd.DataFrame:
    """Read the items whose published or first_seen time lies in a span, with one model's scores.

    Args:
        connection: any transaction.
        start: aware UTC, included.
        end: aware UTC, excluded.
        model_id: whose scores.
        known_by: aware UTC; items first seen later are left out.
        columns: those of SCORED_ITEM_COLUMNS that are wanted.

    Returns:
        A frame with these columns sorted by item_id; probabilities are NaN where the model has not scored, and an item
        without a story is one of its own.
    """
    items, scores, stories = schema.items.c, schema.scores.c, schema.stories.c
    story_id = sa.func.coalesce(stories.story_id, items.item_id).label("story_id")
    sources: dict[str, sa.ColumnElement[Any]] = {
        **items,
        **{name: scores[name] for name in LABELS},
        "story_id": story_id,
    }
    query = (
        sa.select(*(sources[name] for name in columns))
        .select_from(
            schema.items.outerjoin(
                schema.scores, (scores.item_id == items.item_id) & (scores.model_id == model_id)
            ).outerjoin(schema.stories, stories.item_id == items.item_id)
        )
        .where(*_in_span(start, end, known_by))
        .order_by(items.item_id)
    )
    return _frame(connection, query, columns)


def load_texts(
    connection: sa.Connection, *, start: datetime, end: datetime, known_by: datetime
) -> Iterator[tuple[list[str], list[str]]]:
    """Read the texts of the items of a span, some thousand at once, so that months of them need little memory.

    Args:
        connection: any transaction, which stays open until the last is read.
        start: aware UTC, included.
        end: aware UTC, excluded.
        known_by: aware UTC; items first seen later are left out.

    Returns:
        Item ids and their texts, in the order of the ids.
    """
    items = schema.items.c
    query = sa.select(items.item_id, items.text).where(*_in_span(start, end, known_by)).order_by(items.item_id)
    for rows in connection.execute(query, execution_options={"yield_per": TEXTS_AT_ONCE}).partitions():
        ids, texts = zip(*rows, strict=True)
        yield list(ids), list(texts)


def _in_span(start: datetime, end: datetime, known_by: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """Choose the items whose published or first_seen time lies in a span, of those known by a time."""
    items = schema.items.c
    return (
        sa.or_(
            sa.and_(items.published >= start, items.published < end),
            sa.and_(items.first_seen >= start, items.first_seen < end),
        ),
        items.first_seen <= known_by,
    )


def load_first_seen(connection: sa.Connection, *, known_by: datetime) -> datetime | None:
    """Tell when the first item of all was first seen, aware UTC; None where none was seen by ``known_by``."""
    first_seen = schema.items.c.first_seen
    earliest: datetime | None = connection.scalar(sa.select(sa.func.min(first_seen)).where(first_seen <= known_by))
    return earliest


def _frame(connection: sa.Connection, query: sa.Select[Any], columns: tuple[str, ...]) -> pd.DataFrame:
    frame = pd.DataFrame(connection.execute(query).all(), columns=list(columns))
    for name in ("published", "first_seen"):
        if name in columns:
            frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]")
    for name in LABELS:
        if name in columns:
            frame[name] = frame[name].astype("float64")
    return frame


def _known_ids(connection: sa.Connection, item_ids: list[str]) -> set[str]:
    known: set[str] = set()
    for start in range(0, len(item_ids), IDS_PER_QUERY):
        chunk = item_ids[start : start + IDS_PER_QUERY]
        known.update(connection.scalars(sa.select(schema.items.c.item_id).where(schema.items.c.item_id.in_(chunk))))
    return known


class _Entry(NamedTuple):
    """What an item is named by."""

    item_id: str
    feed: str
    guid: str
    url: str
    title: str

    def ids(self, *, is_shared: bool) -> set[str]:
        """Give the ids by guid and by page, without the title or with it (where it shares them with others)."""
        names = {(self.guid, self.url), ("", self.url)} - {("", "")}
        return {
            item_id(feed=self.feed, guid=guid, url=url, title=self.title, day=None, is_shared=is_shared)
            for guid, url in names
        }

    def is_stored_as(self, stored: _Entry) -> bool:
        """Tell whether a stored item is this entry; its title may have been edited while none shared its id."""
        if (self.feed, self.guid, page_url(self.url)) != (stored.feed, stored.guid, page_url(stored.url)):
            return False
        return self.title == stored.title or {self.item_id, stored.item_id} <= self.ids(is_shared=False)


def _known_by_other_id(connection: sa.Connection, items: pd.DataFrame) -> set[str]:
    """Find the items that are stored already, under another id that their guid, link and title may give."""
    entries = [_Entry(*names) for names in zip(*(items[name].tolist() for name in _NAME_COLUMNS), strict=True)]
    others = {entry: entry.ids(is_shared=False) | entry.ids(is_shared=True) for entry in entries}
    stored = _load_entries(connection, sorted(set().union(*others.values())))
    return {
        entry.item_id
        for entry, ids in others.items()
        if any(entry.is_stored_as(stored[other]) for other in ids if other in stored)
    }


def _load_entries(connection: sa.Connection, item_ids: list[str]) -> dict[str, _Entry]:
    entries: dict[str, _Entry] = {}
    for start in range(0, len(item_ids), IDS_PER_QUERY):
        query = sa.select(*(schema.items.c[name] for name in _NAME_COLUMNS)).where(
            schema.items.c.item_id.in_(item_ids[start : start + IDS_PER_QUERY])
        )
        entries |= {row.item_id: _Entry(*row) for row in connection.execute(query)}
    return entries


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Turn rows into dictionaries of plain Python values; missing ones become None."""
    columns = {
        name: [None if pd.isna(value) else _plain(value) for value in frame[name].tolist()] for name in frame.columns
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _plain(value: Any) -> Any:
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value
