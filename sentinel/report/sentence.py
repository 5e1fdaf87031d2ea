"""Say a day's numbers in plain words.

Pure functions; every word follows from a rounded figure by a rule that is written here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel.report.rounding import NOT_ENOUGH, is_known, number_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from typing import Any

NEUTRAL_BELOW = 5.0
MILD_BELOW = 15.0
CLEAR_BELOW = 35.0
"""Where the words for a mood change; sizes on the scale -100..+100."""

USUAL_FROM, USUAL_TO = 0.8, 1.25
"""Between these multiples of the usual count, a day has about as many items as usual."""

NO_DIRECTION = "no clear direction"

UNUSUAL = ((1.0, "ordinary"), (2.0, "somewhat unusual"), (3.0, "unusual"), (float("inf"), "extreme"))
"""Words for a z-score: those of the first limit above its size."""

NO_COMPARISON = "no mood the day before"

KINDS = {
    "company": "Company",
    "sector": "Sector",
    "theme": "Theme",
    "topic": "Topic of feeds",
    "kind": "Kind of feed",
    "feed": "Feed",
    "language": "Language",
    "market": "Market",
}
"""Kinds of topic in words."""

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
"""English whatever the locale of the machine says."""


def mood_words(mood: float | None, low: float | None = None, high: float | None = None) -> str:
    """Name a mood: "strongly negative" to "strongly positive", or why it has no such name.

    Args:
        mood: the mood, rounded; None when there is not enough news.
        low: lower end of its interval; None when it has none.
        high: upper end of its interval.
    """
    if mood is None or not is_known(mood):
        return NOT_ENOUGH
    if low is not None and high is not None and low <= 0 <= high:
        return NO_DIRECTION
    size = abs(mood)
    if size < NEUTRAL_BELOW:
        return "neutral"
    degree = "mildly" if size < MILD_BELOW else "moderately" if size < CLEAR_BELOW else "strongly"
    return f"{degree} {'negative' if mood < 0 else 'positive'}"


def mood_tone(mood: float | None, low: float | None = None, high: float | None = None) -> str:
    """Give the side that a mood stands on, "negative" or "positive"; empty where its words name none."""
    side = mood_words(mood, low, high).rpartition(" ")[2]
    return side if side in ("negative", "positive") else ""


def mood_class(mood: float | None, low: float | None = None, high: float | None = None) -> str:
    """Name the tint of a mood in a map: its words where they name a side, else nothing."""
    return mood_words(mood, low, high) if mood_tone(mood, low, high) else ""


def kind_words(kind: str) -> str:
    """Name a kind of topic."""
    return KINDS.get(kind, kind)


def direction_words(change: float | None) -> str:
    """Name a change: "up", "down", "unchanged", or "n/a" when it is not known."""
    if change is None or not is_known(change):
        return "n/a"
    return "up" if change > 0 else "down" if change < 0 else "unchanged"


def arrow(change: float | None) -> str:
    """Draw a change: ▲, ▼, ■ for none, and nothing when it is not known."""
    return {"up": "▲", "down": "▼", "unchanged": "■"}.get(direction_words(change), "")


def count_words(count: int, noun: str, plural: str = "") -> str:
    """Count a thing: "1 item", "1,204 items"."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def interval_words(low: float | None, high: float | None) -> str:
    """Name an interval: "-18.2 to -6.4"."""
    return f"{number_text(low, signed=True)} to {number_text(high, signed=True)}"


def headline(
    *,
    mood: float | None,
    low: float | None,
    high: float | None,
    change: float | None,
    n_items: int,
    n_feeds_ok: int,
    n_feeds: int,
) -> str:
    """Say the day in one sentence.

    Args:
        mood: the market's mood, rounded; None when there is not enough news. So are the figures that follow.
        low: lower end of its interval.
        high: upper end of its interval.
        change: mood minus that of the day before.
        n_items: items of the day.
        n_feeds_ok: feeds that delivered.
        n_feeds: feeds that are configured.

    Returns:
        One sentence with its full stop.
    """
    source = f"{count_words(n_items, 'item')} from {n_feeds_ok:,} of {count_words(n_feeds, 'feed')}"
    if not is_known(mood):
        return f"Not enough news to state a mood; {source}."
    words, figure = mood_words(mood, low, high), number_text(mood, signed=True)
    start = f"No clear direction: mood {figure}" if words == NO_DIRECTION else f"Mood is {words} at {figure}"
    if is_known(low) and is_known(high):
        start += f" (95% interval {interval_words(low, high)})"
    return f"{start}, {change_clause(change)}; {source}."


def topic_headline(name: str, row: Mapping[str, Any]) -> str:
    """Say the latest day of a topic in one sentence.

    Args:
        name: what the topic is called.
        row: its rounded figures, columns MOOD_COLUMNS.
    """
    mood, low, high = row["mood"], row["low"], row["high"]
    when, source = long_date(row["day"]), count_words(int(row["n_items"]), "item")
    if not is_known(mood):
        return f"{name}: not enough news on {when} to state a mood; {source}."
    interval = f" (95% interval {interval_words(low, high)})" if is_known(low) and is_known(high) else ""
    return f"{name}: {mood_words(mood, low, high)} at {number_text(mood, signed=True)}{interval} on {when}; {source}."


def change_clause(change: float | None) -> str:
    """Say a change as part of a sentence."""
    word = direction_words(change)
    if change is None or word == "n/a":
        return f"with {NO_COMPARISON} to compare with"
    if word == "unchanged":
        return "unchanged from the day before"
    return f"{word} {number_text(abs(change))} from the day before"


def volume_words(n_items: int, usual: float | None) -> str:
    """Compare a count of items with what is usual for that weekday."""
    if usual is None or not is_known(usual) or usual <= 0:
        return "usual number not known yet"
    usual_text = number_text(usual, 0)
    if USUAL_FROM <= n_items / usual <= USUAL_TO:
        return f"about the usual {usual_text}"
    return f"{'more' if n_items > usual else 'fewer'} than the usual {usual_text}"


def unusual_words(z: float | None, n_days: int) -> str:
    """Say how far a mood stands from those of the days before it, of which there are ``n_days``."""
    if z is None or not is_known(z):
        return f"needs 20 days before it, has {n_days}"
    return f"{next(word for limit, word in UNUSUAL if abs(z) < limit)} for the {n_days} days before"


def long_date(day: date) -> str:
    """Write a day out: "Monday 2 March 2026"."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def short_date(day: date) -> str:
    """Write a day of a year that is known: "2 Mar"."""
    return f"{day.day} {MONTHS[day.month - 1][:3]}"


def minute_text(moment: datetime) -> str:
    """Write a time to the minute: "2026-03-02 18:05"."""
    return f"{moment:%Y-%m-%d %H:%M}"
