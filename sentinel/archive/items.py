"""Turn archived headlines into items, as if each had been collected when it was published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

import numpy as np
import pandas as pd
import pyarrow as pa

from sentinel.archive.tables import column_of, read_chunks
from sentinel.errors import TableError
from sentinel.records import ITEM_COLUMNS
from sentinel.text import canonical_url, clean_text, item_id, page_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

# A full date, by ISO 8601: "2024" and "2024-03" name no day, and epoch seconds no date.
_DATED = r"^\d{4}-?\d\d-?\d\d(?!\d)"
_ZONED = r"[T ]\d\d.*(?:Z|[+-]\d\d(?::?\d\d)?)$"
CLOCK_ERROR = timedelta(hours=1)  # as far ahead as a feed's own times are believed
_FIRST_YEAR, _LAST_YEAR = 2, 9998  # a zone takes a time of the outermost years out of what a date can hold


@dataclass(frozen=True)
class ArchivedItems:
    """A chunk of archived headlines.

    Attributes:
        items: frame with ITEM_COLUMNS, unique by item_id.
        n_rows: rows read.
        n_unusable: rows without text, or without a readable time that has come.
    """

    items: pd.DataFrame
    n_rows: int
    n_unusable: int


def read_archived_items(
    source: str, *, feed: str, text_column: str, time_column: str, timezone: str, now: datetime
) -> Iterator[ArchivedItems]:
    """Turn archived headlines into items whose first_seen is their published time.

    A column ``url`` or ``link`` gives the link, where there is one. The id is that of a feed item: by canonical URL,
    else by title and day, so the same headline twice in a day is one item.

    Args:
        source: as for ``read_chunks``.
        feed: name of the feed they belong to.
        text_column: column with the headline.
        time_column: column with the time, ISO 8601 with at least a full date; numbers are refused, a time without
            zone is taken to be in ``timezone``, one later than ``now`` and CLOCK_ERROR cannot be true.
        timezone: IANA name.
        now: aware UTC.

    Yields:
        One chunk of items after the other.

    Raises:
        TableError: the source cannot be read or lacks a column, or there is no such zone.
    """
    check_zone(timezone)
    for chunk in read_chunks(source):
        titles = _texts(column_of(chunk, text_column, source)).map(clean_text)
        times = read_times(column_of(chunk, time_column, source), timezone)
        links = next((chunk[name] for name in ("url", "link") if name in chunk), pd.Series("", index=chunk.index))
        frame = pd.DataFrame({"title": titles, "published": times, "url": _texts(links).map(_page)})
        usable = frame[(frame["title"] != "") & (frame["published"] <= now + CLOCK_ERROR)].copy()
        usable["item_id"] = [
            item_id(feed=feed, guid="", url=url, title=title, day=published.date())
            for url, title, published in zip(usable["url"], usable["title"], usable["published"], strict=True)
        ]
        usable = usable.assign(feed=feed, guid="", summary="", text=usable["title"], first_seen=usable["published"])
        items = usable.drop_duplicates("item_id", ignore_index=True)[list(ITEM_COLUMNS)]
        yield ArchivedItems(items, len(frame), len(frame) - len(usable))


def check_zone(timezone: str) -> None:
    """Check the name of a time zone.

    Raises:
        TableError: there is no such zone.
    """
    if timezone not in available_timezones():
        raise TableError(f"{timezone!r} is not a time zone", hint="use a name such as UTC or Europe/Berlin")


def _page(link: str) -> str:
    return page_url(canonical_url(link))


def _texts(values: pd.Series) -> pd.Series:
    return pd.Series([value if isinstance(value, str) else "" for value in values], index=values.index, dtype="str")


def read_times(values: pd.Series, timezone: str) -> pd.Series:
    """Read times.

    Args:
        values: ISO 8601 with at least a full date, or timestamps of Arrow.
        timezone: IANA name of the zone that a time without one is in; in the doubled hour of a clock change the first
            one is meant.

    Returns:
        Aware UTC; NaT where unreadable.
    """
    if isinstance(values.dtype, pd.ArrowDtype) and pa.types.is_timestamp(values.dtype.pyarrow_dtype):
        if values.dt.tz is None:
            return _localize(values.astype("datetime64[us]"), timezone)
        return _within_reach(values.astype(pd.DatetimeTZDtype("us", "UTC")))
    texts = _texts(values.map(lambda value: value.isoformat() if isinstance(value, date) else value))
    texts = texts.str.strip().str.upper()
    dated = texts.where(texts.str.contains(_DATED))
    zoned = dated.str.contains(_ZONED, na=False)
    aware = _within_reach(_parse(dated.where(zoned)))
    return aware.fillna(_localize(_parse(dated.where(~zoned)).dt.tz_localize(None), timezone))


def _parse(texts: pd.Series) -> pd.Series:
    return pd.to_datetime(texts, utc=True, errors="coerce", format="ISO8601").astype("datetime64[us, UTC]")


def _localize(times: pd.Series, timezone: str) -> pd.Series:
    times = _within_reach(times)
    first_of_two = np.ones(len(times), dtype=bool)
    local = times.dt.tz_localize(timezone, ambiguous=first_of_two, nonexistent="shift_forward")
    return pd.Series(local.dt.tz_convert("UTC"))


def _within_reach(times: pd.Series) -> pd.Series:
    return times.where(times.dt.year.between(_FIRST_YEAR, _LAST_YEAR))
