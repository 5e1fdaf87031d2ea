"""A day's report with every figure rounded, and the few of them that outlive the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sentinel.records import LABELS, MOOD_COLUMNS
from sentinel.report.moves import NO_MOVE, join_moves
from sentinel.report.rounding import (
    ITEM_DECIMALS,
    MOOD_DECIMALS,
    MOVE_DECIMALS,
    PAGE_MOOD_DECIMALS,
    PAGE_MOVE_DECIMALS,
    json_number,
    round_columns,
)
from sentinel.report.sentence import headline
from sentinel.report.summary import DaySummary, utc_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.report.day import DayReport

Row = dict[str, Any]


@dataclass(frozen=True)
class RoundedDay:
    """A day's numbers, rounded.

    Attributes:
        report: what the day came with; its frames are not rounded.
        table: moods of the day with what moved them, as daily.csv has them.
        moods: all moods of the window, as the page shows them.
        today: those of the day itself.
        history: moods of the market over a year, as the page shows them.
        market: the market's row of the day; figures missing when the day has none.
        items: items of the day.
        coverage: the feeds; times are UTC even where all are missing.
        published: the market's moods as published, by every model, as the page shows them.
    """

    report: DayReport
    table: pd.DataFrame
    moods: pd.DataFrame
    today: pd.DataFrame
    history: pd.DataFrame
    market: Row
    items: pd.DataFrame
    coverage: pd.DataFrame
    published: pd.DataFrame

    @property
    def n_feeds(self) -> int:
        """Count the configured feeds."""
        return len(self.coverage)

    @property
    def n_feeds_ok(self) -> int:
        """Count the feeds that delivered."""
        return int((self.coverage["outcome"] == "ok").sum())


def round_day(report: DayReport) -> RoundedDay:
    """Round every frame of a report, for the files and for the page: each figure is rounded once."""
    table = round_moods(report.moods, MOOD_DECIMALS)
    moods = round_moods(report.moods, PAGE_MOOD_DECIMALS)
    today = join_moves(moods[moods["day"] == report.day], report.movement, report.model.model_id, PAGE_MOVE_DECIMALS)
    published = report.movement.published
    market = rows_of(today[today["topic_kind"] == "market"])
    items = round_items(report.items)
    coverage = _utc(report.coverage, "newest")
    return RoundedDay(
        report=report,
        table=join_moves(table[table["day"] == report.day], report.movement, report.model.model_id, MOVE_DECIMALS),
        moods=moods,
        today=today,
        history=round_moods(report.history, PAGE_MOOD_DECIMALS),
        market=market[0] if market else _empty_market(report),
        items=items,
        coverage=coverage,
        published=round_columns(published[published["topic_kind"] == "market"], PAGE_MOOD_DECIMALS),
    )


def round_items(items: pd.DataFrame) -> pd.DataFrame:
    """Round the items of a day for its files; their times are UTC even where all of a column are missing."""
    return _utc(round_columns(items, ITEM_DECIMALS), "published", "first_seen", "time", "story_since", "edited_at")


def round_moods(moods: pd.DataFrame, decimals: dict[str, int]) -> pd.DataFrame:
    """Round moods; change and momentum become differences of rounded figures.

    The earlier figure is that of the earlier day, or follows from the change where that day is not among the moods.

    Args:
        moods: columns MOOD_COLUMNS.
        decimals: places behind the point by column.

    Returns:
        A new frame.
    """
    exact, moods = moods, round_columns(moods, decimals)
    retold = moods.copy()
    keys = ["topic_kind", "topic", "day"]
    for name, of, n_days in (("change", "mood", 1), ("momentum", "trend", 7)):
        later = moods["day"] + timedelta(days=n_days) if len(moods) else moods["day"]
        earlier = moods[["topic_kind", "topic", of]].assign(day=later).rename(columns={of: "before"})
        before = moods[keys].merge(earlier, on=keys, how="left")["before"].to_numpy()
        follows = (exact[of] - exact[name]).round(decimals[of]).to_numpy()
        retold[name] = moods[of].to_numpy() - np.where(np.isnan(before), follows, before)
    return round_columns(retold, {name: decimals[name] for name in ("change", "momentum")})


def summarise(day: RoundedDay) -> DaySummary:
    """Take the figures that outlive the page."""
    mood, low, high, change, trend = (
        json_number(day.market[name]) for name in ("mood", "low", "high", "change", "trend")
    )
    n_items = int(day.market["n_items"])
    return DaySummary(
        day=day.report.day,
        timezone=day.report.timezone,
        known_by=utc_text(day.report.known_by),
        headline=headline(
            mood=mood,
            low=low,
            high=high,
            change=change,
            n_items=n_items,
            n_feeds_ok=day.n_feeds_ok,
            n_feeds=day.n_feeds,
        ),
        mood=mood,
        low=low,
        high=high,
        change=change,
        trend=trend,
        n_items=n_items,
        n_feeds_ok=day.n_feeds_ok,
        n_feeds=day.n_feeds,
        model_id=day.report.model.model_id,
        is_point_in_time=day.report.is_point_in_time,
        is_sample=day.report.is_sample,
    )


def _utc(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Bring columns to UTC times; one with no time in it may come as any type."""
    return frame.assign(**{column: pd.to_datetime(frame[column], utc=True) for column in columns})


def rows_of(frame: pd.DataFrame) -> list[Row]:
    """Give the rows of a frame as dictionaries by column."""
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _empty_market(report: DayReport) -> Row:
    counts: Sequence[str] = [name for name in MOOD_COLUMNS if name.startswith("n_") and name != "n_eff"]
    return {
        **dict.fromkeys(MOOD_COLUMNS, float("nan")),
        **NO_MOVE,
        **dict.fromkeys(counts, 0),
        **{f"n_{label}": int((report.items["label"] == label).sum()) for label in LABELS},
        "n_items": len(report.items),
        "day": report.day,
        "topic_kind": "market",
        "topic": "market",
    }
