"""Made-up years of sessions, prices and news, in which it is known what goes with what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from sentinel import mood
from sentinel.validation import Prices, Sessions, build_table
from sentinel.validation.table import surprises

MINUTE = np.timedelta64(1, "m")


def weekday_sessions(n: int, *, first: date = date(2021, 1, 4)) -> Sessions:
    """Give sessions on n weekdays from 14:30 to 21:00 UTC, without looking at a calendar."""
    days = np.array([first + timedelta(days=7 * (k // 5) + k % 5) for k in range(n)], dtype="datetime64[D]")
    midnights = days.astype("datetime64[us]")
    return Sessions(
        calendar="MADE",
        timezone="UTC",
        days=days,
        opens=midnights + np.timedelta64(870, "m"),
        closes=midnights + np.timedelta64(1_260, "m"),
        previous_close=midnights[0] - np.timedelta64(180, "m"),
    )


def table_of(mood_values: np.ndarray, returns: np.ndarray, *, sessions: Sessions | None = None) -> pd.DataFrame:
    """Give the frame of sessions for moods and returns that are given, without opens."""
    sessions = sessions or weekday_sessions(len(mood_values))
    return pd.DataFrame(
        {
            "session": sessions.days.astype(object),
            "close": 100.0 * np.exp(np.cumsum(np.nan_to_num(returns))),
            "session_return": returns,
            "day_return": np.nan,
            "mood": mood_values,
            "surprise": surprises(mood_values),
            "overnight": np.nan,
            "n_items": 20,
        }
    )


def planted(n: int, *, seed: int, strength: float, lag: int = 1) -> pd.DataFrame:
    """Give moods without memory whose correlation with the return ``lag`` sessions later is ``strength``."""
    generator = np.random.default_rng(seed)
    signal, noise = generator.normal(size=n), generator.normal(size=n)
    returns = noise.copy()
    returns[lag:] = strength * signal[: n - lag] + np.sqrt(1.0 - strength**2) * noise[lag:]
    return table_of(10.0 * signal, 0.01 * returns)


def noise(n: int, *, seed: int) -> pd.DataFrame:
    """Give moods with a memory and returns with fat tails and changing spread that know nothing of one another."""
    generator = np.random.default_rng(seed)
    shocks, moods = generator.normal(size=n), np.zeros(n)
    for k in range(1, n):
        moods[k] = 0.7 * moods[k - 1] + shocks[k]
    spread = np.exp(0.5 * np.sin(np.arange(n) / 100.0))
    return table_of(10.0 * moods, 0.01 * spread * generator.standard_t(4, size=n))


@dataclass(frozen=True)
class NewsWorld:
    """News that tells, after each close, what the session before it did, and knows nothing of what comes.

    Attributes:
        sessions: of the exchange.
        prices: of each of them, with opens.
        items: frame with weight, polarity and story_id.
        known_at: when each item was known.
    """

    sessions: Sessions
    prices: Prices
    items: pd.DataFrame
    known_at: np.ndarray

    def table(self, sessions: Sessions | None = None) -> pd.DataFrame:
        """Build the frame of sessions as the program does, with other rules of who belongs where if these are given."""
        sessions = sessions or self.sessions
        by_close, by_open = sessions.by_close(self.known_at), sessions.by_open(self.known_at)
        n = len(sessions)
        found, _ = build_table(
            sessions,
            self.prices,
            mood=mood.period_moods(self.items, by_close, n),
            overnight=mood.period_moods(self.items, by_open, n),
            n_items=np.bincount(by_close[by_close >= 0], minlength=n),
            where="made up",
        )
        return found

    def with_sessions(self, kind: type[Sessions]) -> Sessions:
        """Give the same sessions with the rules of another class."""
        fields = {name: getattr(self.sessions, name) for name in self.sessions.__dataclass_fields__}
        return kind(**fields)


def telling_world(n: int, *, seed: int, minutes_after_close: int = 60) -> NewsWorld:
    """Make a world with six items after each close that tell that session's return."""
    generator = np.random.default_rng(seed)
    sessions = weekday_sessions(n)
    nights, mornings = generator.normal(size=n), generator.normal(size=n)
    returns = 0.01 * (nights + mornings)
    close = 100.0 * np.exp(np.cumsum(returns))
    prices = Prices(sessions.days, close, close * np.exp(-0.01 * mornings), "close")
    teller = np.repeat(np.arange(n), 6)
    polarity = np.clip(20.0 * returns[teller] + 0.2 * generator.normal(size=len(teller)), -1.0, 1.0)
    items = pd.DataFrame(
        {"weight": 1.0, "polarity": polarity, "story_id": [f"story-{number}" for number in range(len(teller))]}
    )
    return NewsWorld(sessions, prices, items, sessions.closes[teller] + minutes_after_close * MINUTE)


class SameDaySessions(Sessions):
    """The bug of counting what comes after a close to the session of that day."""

    def by_close(self, known_at: np.ndarray) -> np.ndarray:
        place = np.searchsorted(self.days, known_at.astype("datetime64[D]"))
        return np.where(place < len(self), place, -1)


class EarlySessions(Sessions):
    """The bug of counting an item to the session that closed before it was known, not after."""

    def by_close(self, known_at: np.ndarray) -> np.ndarray:
        return np.searchsorted(self.closes, known_at, side="right") - 1


class DayEarlySessions(Sessions):
    """The bug of an archive whose stamps lie by a day: everything seems known a session before it was told."""

    def by_close(self, known_at: np.ndarray) -> np.ndarray:
        return np.maximum(np.searchsorted(self.closes, known_at, side="right") - 2, -1)
