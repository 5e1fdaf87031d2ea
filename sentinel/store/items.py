"""Items and their scores: stored once, never overwritten, read back as frames.

Invariant: an item keeps the text that it was first seen with, which is the text that its scores belong to; what its
feed makes of it later is kept beside it, with the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import sqlalchemy as sa

from sentinel.records import ITEM_COLUMNS, LABELS, SCORED_ITEM_COLUMNS, TEXT_SCORE_COLUMNS
from sentinel.rows import find_rows
from sentinel.store import schema
from sentinel.store.backlog import is_unscored
from sentinel.store.columns import read_frame, read_rows
from sentinel.store.matching import Entry, match_stored
from sentinel.store.readers import reader_of
from sentinel.store.upsert import insert_new

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

VERSION_COLUMNS = ("item_id", "seen_at", "title", "summary", "text")
IDS_PER_QUERY = 500
TEXTS_AT_ONCE = 20_000
_NO_HASH: sa.ColumnElement[str] = sa.literal_column("''")  # spelled out, so that a partial index is known to fit


def save_items(connection: sa.Connection, items: pd.DataFrame, *, now: datetime) -> int:
    """Store items exactly once; one already there keeps its first text, and a text that is new is stored beside it.

    What names an entry depends on those it stands beside and on the whims of its feed, so an item is known, too, when
    the same entry is stored under another id (``store.matching``).

    Args:
        connection: a writing transaction.
        items: frame with ITEM_COLUMNS, item_id unique.
        now: aware UTC; noted as last_seen of every item, and as the time of an edit.

    Returns:
        How many were new.
    """
    if items.empty:
        return 0
    entries = [Entry(*row) for row in _rows(items[list(Entry._fields)])]
    stored = _load_entries(connection, entries)
    matched = match_stored(entries, stored)
    matched |= {item.item_id: item.item_id for item in stored if item.item_id in set(items["item_id"])}
    known = items[items["item_id"].isin(matched)]
    if not known.empty:
        _note_seen(connection, known.assign(item_id=known["item_id"].map(matched)), now=now)
    fresh = items[~items["item_id"].isin(matched)]
    if not fresh.empty:
        rows = [{**row, "last_seen": now} for row in _records(fresh[list(ITEM_COLUMNS)])]
        insert_new(connection, schema.items, rows)
    return len(fresh)


def _note_seen(connection: sa.Connection, items: pd.DataFrame, *, now: datetime) -> None:
    """Note that stored items were in their feed again, and what they say where they never said it before."""
    ids = sorted(set(items["item_id"]))
    connection.execute(
        schema.items.update().where(schema.items.c.item_id == sa.bindparam("known_id")).values(last_seen=now),
        [{"known_id": item_id} for item_id in ids],
    )
    said: set[tuple[str, str, str]] = set()
    for chunk in _chunks(ids):
        for table in (schema.items, schema.item_versions):
            columns = (table.c.item_id, table.c.title, table.c.text)
            said.update(tuple(row) for row in connection.execute(sa.select(*columns).where(table.c.item_id.in_(chunk))))
    edits = {
        row["item_id"]: {**row, "seen_at": now}
        for row in _records(items[["item_id", "title", "summary", "text"]])
        if (row["item_id"], row["title"], row["text"]) not in said
    }
    insert_new(connection, schema.item_versions, list(edits.values()))


def load_versions(connection: sa.Connection, item_ids: Sequence[str], *, known_by: datetime) -> pd.DataFrame:
    """Read what items said after they were first seen.

    Args:
        connection: any transaction.
        item_ids: which items.
        known_by: aware UTC; edits seen later are left out.

    Returns:
        A frame with VERSION_COLUMNS, one row per text that was new, sorted by item and time.
    """
    versions = schema.item_versions.c
    rows: list[Any] = []
    for chunk in _chunks(sorted(set(item_ids))):
        query = (
            sa.select(*(versions[name] for name in VERSION_COLUMNS))
            .where(versions.item_id.in_(chunk), versions.seen_at <= known_by)
            .order_by(versions.item_id, versions.seen_at)
        )
        rows += connection.execute(query).all()
    frame = pd.DataFrame(rows, columns=list(VERSION_COLUMNS))
    frame["seen_at"] = pd.to_datetime(frame["seen_at"], utc=True).astype("datetime64[us, UTC]")
    return frame


def save_scores(connection: sa.Connection, scores: pd.DataFrame, *, model_id: str, now: datetime) -> None:
    """Store scores of one model; a score already there is kept.

    Args:
        connection: a writing transaction.
        scores: frame with SCORE_COLUMNS, and text_hash where other items may have these scores by their text; it is ""
            where an earlier score has the same text.
        model_id: which model gave them.
        now: aware UTC.
    """
    rows = [{**row, "model_id": model_id, "scored_at": now} for row in _records(scores)]
    insert_new(connection, schema.scores, rows)


def load_text_scores(connection: sa.Connection, text_hashes: Sequence[str], *, model_id: str) -> pd.DataFrame:
    """Read what a model said of texts, whichever items they belong to.

    Args:
        connection: any transaction.
        text_hashes: which texts, as of save_scores.
        model_id: which model.

    Returns:
        A frame with TEXT_SCORE_COLUMNS, one row for each of these texts that the model has scored.
    """
    scores = schema.scores.c
    columns = [scores[name] for name in TEXT_SCORE_COLUMNS]
    rows: list[Any] = []
    for chunk in _chunks(sorted({text_hash for text_hash in text_hashes if text_hash})):
        is_asked = (scores.text_hash.in_(chunk), scores.model_id == model_id, scores.text_hash != _NO_HASH)
        rows += connection.execute(sa.select(*columns).where(*is_asked).order_by(scores.item_id)).all()
    frame = pd.DataFrame(rows, columns=list(TEXT_SCORE_COLUMNS)).drop_duplicates("text_hash", ignore_index=True)
    return frame.astype(dict.fromkeys(LABELS, "float64"))


def load_unscored(
    connection: sa.Connection, *, model_id: str, limit: int, languages: Sequence[str] = ()
) -> pd.DataFrame:
    """Read items that a model has not scored, newest first: what is cut off by a kill is the older news.

    Args:
        connection: any transaction.
        model_id: which model.
        limit: at most this many.
        languages: those it reads, as of save_languages; an item whose language was not looked at yet comes, too.
            Without any, all items come.

    Returns:
        A frame with item_id, text and language, which is "" where it was not looked at yet.
    """
    items = schema.items.c
    query = (
        sa.select(items.item_id, items.text, items.language)
        .where(is_unscored(model_id, languages))
        .order_by(items.first_seen.desc(), items.item_id)
        .limit(limit)
    )
    return read_frame(connection, query, ("item_id", "text", "language"))


def save_languages(connection: sa.Connection, languages: pd.DataFrame) -> None:
    """Note which language items are in.

    Args:
        connection: a writing transaction.
        languages: frame with item_id and language, an ISO 639-1 code or "und".
    """
    rows = [{"known_id": row["item_id"], "found": row["language"]} for row in _records(languages)]
    if rows:
        items = schema.items
        query = items.update().where(items.c.item_id == sa.bindparam("known_id")).values(language=sa.bindparam("found"))
        connection.execute(query, rows)


def load_scored_items(
    connection: sa.Connection,
    *,
    start: datetime,
    end: datetime,
    model_id: str,
    known_by: datetime,
    by_language: Mapping[str, str] | None = None,
    columns: tuple[str, ...] = SCORED_ITEM_COLUMNS,
) -> pd.DataFrame:
    """Read the items whose published or first_seen time lies in a span, with one model's scores.

    Args:
        connection: any transaction.
        start: aware UTC, included.
        end: aware UTC, excluded.
        model_id: whose scores.
        known_by: aware UTC; items first seen later are left out.
        by_language: whose scores of items in some languages instead.
        columns: those of SCORED_ITEM_COLUMNS that are wanted, item_id among them.

    Returns:
        A frame with these columns sorted by item_id; probabilities are NaN where the model has not scored, and an item
        without a story is one of its own.
    """
    items, scores = schema.items, schema.scores
    read = [name for name in columns if name != "story_id"]
    source: sa.FromClause = items
    if not set(LABELS).isdisjoint(read):
        is_its = (scores.c.item_id == items.c.item_id) & (scores.c.model_id == reader_of(model_id, by_language))
        source = items.outerjoin(scores, is_its)
    query = (
        sa.select(*((scores if name in LABELS else items).c[name] for name in read))
        .select_from(source)
        .where(*in_span(start, end, known_by))
    )
    frame = read_frame(connection, query, read).sort_values("item_id", ignore_index=True)
    if "story_id" in columns:
        frame["story_id"] = _story_ids(connection, frame)
    return frame[list(columns)]


def _story_ids(connection: sa.Connection, items: pd.DataFrame) -> pd.Series:
    """Read the stories of items that lead none; a join of the tables would look up a million leads, one by one."""
    if items.empty:
        return items["item_id"]
    stories, first_seen = schema.stories.c, items["first_seen"]
    told = stories.joined_at.between(first_seen.min().to_pydatetime(), first_seen.max().to_pydatetime())
    query = sa.select(stories.item_id, stories.story_id).where(told, stories.story_id != stories.item_id)
    joined = read_frame(connection, query, ("item_id", "story_id"))
    place = find_rows(items["item_id"], joined["item_id"])
    return joined["story_id"].reindex(place).set_axis(items.index).fillna(items["item_id"])


def load_titles(connection: sa.Connection, item_ids: Sequence[str]) -> dict[str, str]:
    """Read the headlines of some items, by id."""
    items = schema.items.c
    rows = connection.execute(sa.select(items.item_id, items.title).where(items.item_id.in_(item_ids)))
    return {row.item_id: row.title for row in rows}


def load_item_texts(connection: sa.Connection, item_ids: Sequence[str]) -> dict[str, str]:
    """Read the texts of some items, by id."""
    items = schema.items.c
    columns = (items.item_id, items.text)
    return {
        row.item_id: row.text
        for chunk in _chunks(item_ids)
        for row in connection.execute(sa.select(*columns).where(items.item_id.in_(chunk)))
    }


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
        Item ids and their texts.
    """
    items = schema.items.c
    query = sa.select(items.item_id, items.text).where(*in_span(start, end, known_by))
    for rows in read_rows(connection, query, n_rows=TEXTS_AT_ONCE):
        ids, texts = zip(*rows, strict=True)
        yield list(ids), list(texts)


def load_headlines(connection: sa.Connection, item_ids: Sequence[str]) -> dict[str, tuple[str, str, str]]:
    """Read title, link and feed of some items, by their ids."""
    items = schema.items.c
    columns = (items.item_id, items.title, items.url, items.feed)
    rows = (
        row
        for chunk in _chunks(item_ids)
        for row in connection.execute(sa.select(*columns).where(items.item_id.in_(chunk)))
    )
    return {row.item_id: (row.title, row.url, row.feed) for row in rows}


def in_span(start: datetime, end: datetime, known_by: datetime) -> tuple[sa.ColumnElement[bool], ...]:
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


def has_feed(connection: sa.Connection, feed: str) -> bool:
    """Tell whether any item is of a feed, one that is not configured (any more) among them."""
    return connection.scalar(sa.select(schema.items.c.item_id).where(schema.items.c.feed == feed).limit(1)) is not None


def _load_entries(connection: sa.Connection, entries: Sequence[Entry]) -> list[Entry]:
    """Read the items that the entries may be: by their ids; of those left, by other ids and by their addresses."""
    items = schema.items.c
    found = _select_entries(connection, [items.item_id.in_(chunk) for chunk in _chunks([e.item_id for e in entries])])
    fresh = [entry for entry in entries if entry.item_id not in found]
    ids: set[str] = set().union(*(entry.other_ids() for entry in fresh))
    conditions: list[sa.ColumnElement[bool]] = [items.item_id.in_(chunk) for chunk in _chunks(sorted(ids))]
    for feed in sorted({entry.feed for entry in fresh}):
        urls: set[str] = set().union(*(entry.urls() for entry in fresh if entry.feed == feed)) - {""}
        conditions += [sa.and_(items.feed == feed, items.url.in_(chunk)) for chunk in _chunks(sorted(urls))]
    return list((found | _select_entries(connection, conditions)).values())


def _select_entries(connection: sa.Connection, conditions: Iterable[sa.ColumnElement[bool]]) -> dict[str, Entry]:
    columns = [schema.items.c[name] for name in Entry._fields]
    rows = (row for condition in conditions for row in connection.execute(sa.select(*columns).where(condition)))
    return {row.item_id: Entry(*row) for row in rows}


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """Cut values into as many as a query takes."""
    return (values[start : start + IDS_PER_QUERY] for start in range(0, len(values), IDS_PER_QUERY))


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Turn rows into dictionaries of plain Python values; missing ones become None."""
    return [dict(zip(frame.columns, row, strict=True)) for row in _rows(frame)]


def _rows(frame: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    columns = ([None if pd.isna(value) else _plain(value) for value in frame[name].tolist()] for name in frame.columns)
    return zip(*columns, strict=True)


def _plain(value: Any) -> Any:
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value
