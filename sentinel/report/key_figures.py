"""The strip below the headline: each figure with what it means in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sentinel.report.rounding import MISSING, NOT_ENOUGH, is_known, number_text
from sentinel.report.sentence import (
    NO_COMPARISON,
    arrow,
    count_words,
    direction_words,
    interval_words,
    mood_tone,
    mood_words,
    unusual_words,
    volume_words,
)

if TYPE_CHECKING:
    from sentinel.report.rounded_day import RoundedDay, Row


_ANCHORS = {
    **dict.fromkeys(("Mood", "Breadth", "Items"), "headlines"),
    **dict.fromkeys(("Change", "Trend", "Against the past (z)"), "history"),
    "Spread between feeds": "disagreement",
    "Coverage": "coverage",
}
"""Where a figure of the strip leads to."""


@dataclass(frozen=True)
class KeyFigure:
    """One figure of the strip below the headline.

    Attributes:
        name: what it is.
        value: the figure, written out.
        notes: what it means, in lines.
        arrow: which way it moved; empty when it did not or is not a movement.
        tone: negative, positive or empty.
        anchor: where on the page its headlines or days are; empty where there is no such place.
    """

    name: str
    value: str
    notes: tuple[str, ...]
    arrow: str = ""
    tone: str = ""
    anchor: str = ""


def key_figures(day: RoundedDay) -> list[KeyFigure]:
    """Pick the figures of the strip below the headline."""
    z = KeyFigure(
        "Against the past (z)",
        number_text(day.market["z"], signed=True),
        (unusual_words(day.market["z"], n_past_moods(day)),),
    )
    figures = [*_figures_of_the_mood(day.market), z, *_figures_of_the_news(day)]
    return [replace(figure, anchor=_ANCHORS.get(figure.name, "")) for figure in figures]


def topic_figures(row: Row) -> list[KeyFigure]:
    """Pick the figures of a topic's latest day, from its rounded row."""
    n_items, n_stories = int(row["n_items"]), int(row["n_stories"])
    items = (volume_words(n_items, row["usual_items"]), *_story_words(n_items, n_stories))
    return [*_figures_of_the_mood(row), KeyFigure("Items", f"{n_items:,}", items)]


def _figures_of_the_mood(row: Row) -> list[KeyFigure]:
    mood, low, high, change = (row[name] for name in ("mood", "low", "high", "change"))
    has_interval = is_known(low) and is_known(high)
    interval = (f"95% interval {interval_words(low, high)}",) if has_interval else ()
    return [
        KeyFigure(
            "Mood",
            number_text(mood, signed=True, missing=NOT_ENOUGH),
            (*interval, mood_words(mood, low, high)) if is_known(mood) else ("under 3 effective stories",),
            tone=mood_tone(mood, low, high),
        ),
        KeyFigure(
            "Change",
            number_text(change, signed=True),
            (f"{direction_words(change)} from the day before" if is_known(change) else NO_COMPARISON,),
            arrow=arrow(change),
            tone=_tone(change),
        ),
        KeyFigure("Trend", number_text(row["trend"], signed=True), (_momentum_words(row["momentum"]),)),
    ]


def _figures_of_the_news(day: RoundedDay) -> list[KeyFigure]:
    market = day.market
    breadth, dispersion = market["breadth"], market["dispersion"]
    n_items, n_stories = int(market["n_items"]), int(market["n_stories"])
    n_positive, n_negative, n_neutral = (int(market[f"n_{label}"]) for label in ("positive", "negative", "neutral"))
    return [
        KeyFigure(
            "Breadth",
            number_text(breadth * 100, 0, signed=True) + "%" if is_known(breadth) else MISSING,
            (f"{n_positive:,} positive, {n_negative:,} negative", f"{n_neutral:,} neutral"),
        ),
        KeyFigure(
            "Items",
            f"{n_items:,}",
            (volume_words(n_items, market["usual_items"]), *_story_words(n_items, n_stories)),
        ),
        KeyFigure(
            "Spread between feeds",
            number_text(dispersion),
            ("standard deviation of feed means" if is_known(dispersion) else "needs two feeds",),
        ),
        KeyFigure("Coverage", f"{day.n_feeds_ok:,} of {day.n_feeds:,}", ("feeds delivered", _coverage_words(day))),
    ]


def n_past_moods(day: RoundedDay) -> int:
    """Count the days of the window, before the day itself, on which the market had a mood: z compares with them."""
    market = day.moods[(day.moods["topic_kind"] == "market") & (day.moods["day"] < day.report.day)]
    return int(market["mood"].notna().sum())


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


def _tone(value: float) -> str:
    if not is_known(value) or value == 0:
        return ""
    return "negative" if value < 0 else "positive"
