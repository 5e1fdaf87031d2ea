"""Turn a DayReport into what its page shows: rounded rows, key figures in words, the items worth reading.

Everything is rounded at the start, and page, charts, CSV and summary are all made from the result.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pandas as pd

from sentinel.records import LABELS, MOOD_COLUMNS
from sentinel.report.rounding import (
    ITEM_DECIMALS,
    MISSING,
    MOOD_DECIMALS,
    NOT_ENOUGH,
    is_known,
    json_number,
    number_text,
    round_columns,
)
from sentinel.report.sentence import (
    NO_COMPARISON,
    arrow,
    count_words,
    direction_words,
    headline,
    interval_words,
    minute_text,
    mood_words,
    unusual_words,
    volume_words,
)
from sentinel.report.summary import DaySummary, utc_text
from sentinel.text import canonical_url, fingerprint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.report.day import DayReport

Row = dict[str, Any]

MAX_RANKED_ITEMS = 10
MAX_BARS = 24
"""A chart of more topics than this shows those with the most items; daily.csv has them all."""
MEASURES = {"macro_f1": "macro-F1", "ece": "calibration error (ECE)", "brier": "Brier score"}
"""Measures whose short names, as the model's manifest has them, are no words."""
MAX_COVERAGE_ROWS = 300
"""A table of more feeds than this shows those that failed first; feeds.csv has them all."""


@dataclass(frozen=True)
class RoundedDay:
    """A day's numbers, rounded once.

    Attributes:
        report: what the day came with; its frames are not rounded.
        moods: all moods of the window.
        today: moods of the day itself.
        market: the market's row of the day; figures missing when the day has none.
        items: items of the day.
        coverage: the feeds; times are UTC even where all are missing.
    """

    report: DayReport
    moods: pd.DataFrame
    today: pd.DataFrame
    market: Row
    items: pd.DataFrame
    coverage: pd.DataFrame

    @property
    def n_feeds(self) -> int:
        """Count the configured feeds."""
        return len(self.coverage)

    @property
    def n_feeds_ok(self) -> int:
        """Count the feeds that delivered."""
        return int((self.coverage["outcome"] == "ok").sum())


@dataclass(frozen=True)
class KeyFigure:
    """One figure of the strip below the headline.

    Attributes:
        name: what it is.
        value: the figure, written out.
        notes: what it means, in lines.
        arrow: which way it moved; empty when it did not or is not a movement.
        tone: negative, positive or empty.
    """

    name: str
    value: str
    notes: tuple[str, ...]
    arrow: str = ""
    tone: str = ""


def round_day(report: DayReport) -> RoundedDay:
    """Round every frame of a report."""
    moods = _retell_changes(round_columns(report.moods, MOOD_DECIMALS))
    today = moods[moods["day"] == report.day]
    market = _rows(today[today["topic_kind"] == "market"])
    items = _utc(round_columns(report.items, ITEM_DECIMALS), "published", "first_seen", "time")
    coverage = _utc(report.coverage, "newest")
    return RoundedDay(report, moods, today, market[0] if market else _empty_market(report), items, coverage)


def _retell_changes(moods: pd.DataFrame) -> pd.DataFrame:
    """Make change and momentum the differences of figures as they are shown, where the earlier day is shown too."""
    retold = moods.copy()
    rows = moods.set_index(["topic_kind", "topic", "day"])
    for name, of, n_days in (("change", "mood", 1), ("momentum", "trend", 7)):
        earlier = [(kind, topic, day - timedelta(days=n_days)) for kind, topic, day in rows.index]
        difference = rows[of].to_numpy() - rows[of].reindex(earlier).to_numpy()
        retold[name] = moods[name].mask(pd.Series(difference, index=moods.index).notna(), difference)
    return round_columns(retold, {name: MOOD_DECIMALS[name] for name in ("change", "momentum")})


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


def key_figures(day: RoundedDay) -> list[KeyFigure]:
    """Pick the figures of the strip below the headline."""
    market = day.market
    mood, change, breadth = market["mood"], market["change"], market["breadth"]
    n_items, n_stories = int(market["n_items"]), int(market["n_stories"])
    mood_notes = (f"95% interval {interval_words(market['low'], market['high'])}", mood_words(mood))
    return [
        KeyFigure(
            "Mood",
            number_text(mood, signed=True, missing=NOT_ENOUGH),
            mood_notes if is_known(mood) else ("under 3 effective stories",),
            tone="" if mood_words(mood) == "neutral" else _tone(mood),
        ),
        KeyFigure(
            "Change",
            number_text(change, signed=True),
            (f"{direction_words(change)} from the day before" if is_known(change) else NO_COMPARISON,),
            arrow=arrow(change),
            tone=_tone(change),
        ),
        KeyFigure("Trend", number_text(market["trend"], signed=True), (_momentum_words(market["momentum"]),)),
        KeyFigure("Against 90 days (z)", number_text(market["z"], signed=True), (unusual_words(market["z"]),)),
        KeyFigure(
            "Breadth",
            number_text(breadth * 100, signed=True) + "%" if is_known(breadth) else MISSING,
            (
                f"{int(market['n_positive']):,} positive, {int(market['n_negative']):,} negative",
                _neutral(market),
            ),
        ),
        KeyFigure(
            "Items",
            f"{n_items:,}",
            (volume_words(n_items, market["usual_items"]), *_story_words(n_items, n_stories)),
        ),
        KeyFigure(
            "Spread between feeds",
            number_text(market["dispersion"]),
            ("standard deviation of feed means" if is_known(market["dispersion"]) else "needs two feeds",),
        ),
        KeyFigure("Coverage", f"{day.n_feeds_ok:,} of {day.n_feeds:,}", ("feeds delivered", _coverage_words(day))),
    ]


def history_rows(day: RoundedDay) -> list[Row]:
    """List the market's moods, oldest first."""
    market = day.moods[day.moods["topic_kind"] == "market"].sort_values("day", kind="stable")
    return _rows(market)


def topic_rows(day: RoundedDay, topic_kind: str) -> tuple[list[Row], int]:
    """List the day's moods of one kind of topic, most negative first, those without enough news last.

    Args:
        day: the rounded day.
        topic_kind: topic, kind or feed.

    Returns:
        At most MAX_BARS rows, and how many were left to daily.csv.
    """
    chosen = day.today[day.today["topic_kind"] == topic_kind]
    busiest = chosen.sort_values(["n_items", "topic"], ascending=[False, True], kind="stable").head(MAX_BARS)
    return _rows(busiest.sort_values(["mood", "topic"], kind="stable")), len(chosen) - len(busiest)


def ranked_items(day: RoundedDay, *, negative: bool) -> list[Row]:
    """List the items labelled negative, or positive, the strongest first.

    The same headline from several feeds is one row that names them all.

    Args:
        day: the rounded day.
        negative: whether the negative end is wanted.

    Returns:
        At most MAX_RANKED_ITEMS rows.
    """
    items = day.items
    side = items[items["label"] == ("negative" if negative else "positive")]
    ordered = side.sort_values(["polarity", "item_id"], ascending=[negative, True], kind="stable")
    zone = ZoneInfo(day.report.timezone)
    found: dict[str, Row] = {}
    for row in _rows(ordered.head(MAX_RANKED_ITEMS * 20)):
        key = fingerprint(row["title"]) or row["item_id"]
        if key in found:
            found[key]["n_copies"] += 1
            if row["feed"] not in found[key]["feeds"]:
                found[key]["feeds"].append(row["feed"])
        elif len(found) < MAX_RANKED_ITEMS:
            moment: pd.Timestamp = row["time"]
            found[key] = {
                **row,
                "url": canonical_url(row["url"]),
                "moment": minute_text(moment.tz_convert(zone)),
                "feeds": [row["feed"]],
                "n_copies": 1,
            }
    return list(found.values())


def older_items(day: RoundedDay) -> int:
    """Count the items that their feeds date before the day they count on, because they were collected so late."""
    zone = ZoneInfo(day.report.timezone)
    return int((day.items["published"].dt.tz_convert(zone).dt.date < day.report.day).sum())


def coverage_rows(day: RoundedDay) -> tuple[list[Row], int]:
    """List the feeds, those that failed first, then by name.

    Args:
        day: the rounded day.

    Returns:
        At most MAX_COVERAGE_ROWS rows, and how many were left to feeds.csv.
    """
    zone = ZoneInfo(day.report.timezone)
    coverage = day.coverage
    order = {"failed": 0, "not collected": 1, "ok": 2}
    ranked = coverage.assign(rank=coverage["outcome"].map(order).fillna(0))
    rows = _rows(ranked.sort_values(["rank", "feed"], kind="stable").head(MAX_COVERAGE_ROWS))
    for row in rows:
        row["newest"] = "" if pd.isna(row["newest"]) else minute_text(row["newest"].tz_convert(zone))
    return rows, len(ranked) - len(rows)


def metric_rows(metrics: dict[str, float]) -> list[tuple[str, str]]:
    """Write a model's measured figures: whole numbers whole, others with four significant digits."""
    return [
        (_metric_name(name), f"{int(value):,}" if float(value).is_integer() and abs(value) >= 2 else f"{value:.4g}")
        for name, value in sorted(metrics.items())
    ]


def _metric_name(name: str) -> str:
    data, _, measure = name.rpartition(" ")
    return f"{data} {MEASURES[measure]}" if measure in MEASURES else name


def _utc(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Bring columns to UTC times; one with no time in it may come as any type."""
    return frame.assign(**{column: pd.to_datetime(frame[column], utc=True) for column in columns})


def _rows(frame: pd.DataFrame) -> list[Row]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _empty_market(report: DayReport) -> Row:
    counts: Sequence[str] = [name for name in MOOD_COLUMNS if name.startswith("n_") and name != "n_eff"]
    return {
        **dict.fromkeys(MOOD_COLUMNS, float("nan")),
        **dict.fromkeys(counts, 0),
        **{f"n_{label}": int((report.items["label"] == label).sum()) for label in LABELS},
        "n_items": len(report.items),
        "day": report.day,
        "topic_kind": "market",
        "topic": "market",
    }


def _momentum_words(momentum: float) -> str:
    word = direction_words(momentum)
    if word == "n/a":
        return "seven days ago not known"
    if word == "unchanged":
        return "■ unchanged in seven days"
    return f"{arrow(momentum)} {word} {number_text(abs(momentum))} in seven days"


def _story_words(n_items: int, n_stories: int) -> tuple[str, ...]:
    """Count stories where any has more than one item."""
    return () if n_stories == n_items else (count_words(n_stories, "story", "stories"),)


def _coverage_words(day: RoundedDay) -> str:
    outcomes = day.coverage["outcome"]
    n_failed, n_silent = int((outcomes == "failed").sum()), int((outcomes == "not collected").sum())
    missing = [f"{n_failed:,} failed"] * bool(n_failed) + [f"{n_silent:,} not collected"] * bool(n_silent)
    return ", ".join(missing) or "none is missing"


def _neutral(market: Row) -> str:
    return f"{int(market['n_neutral']):,} neutral"


def _tone(value: float) -> str:
    if not is_known(value) or value == 0:
        return ""
    return "negative" if value < 0 else "positive"
