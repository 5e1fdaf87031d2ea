"""The formulas of the mood as slowly and plainly as they can be written, and invented items to compare them on.

Nothing here is shared with ``sentinel.mood`` but the constants of the design, written out again as numbers.
"""

from __future__ import annotations

import hashlib
import random
import statistics
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from sentinel.records import SCORED_ITEM_COLUMNS, Feed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ZONE = "America/New_York"
FEEDS = {
    feed.name: feed
    for feed in (
        Feed("markets-wire", "https://a.example/rss", "markets", 1.0, ("Equities", "Energy")),
        Feed("economy-desk", "https://b.example/rss", "economy", 0.7, ("Rates",)),
        Feed("press-wire", "https://c.example/rss", "markets", 0.3),
    )
}
FEED_NAMES = (*FEEDS, "old-clippings")  # the last one is not configured

Key = tuple[str, str, date]


@dataclass(frozen=True)
class News:
    """An item with its score; ``probabilities`` is None while it is not scored, in LABELS order otherwise."""

    item_id: str
    feed: str
    story_id: str
    published: datetime | None
    first_seen: datetime
    probabilities: tuple[float, float, float] | None

    @property
    def polarity(self) -> float:
        assert self.probabilities is not None
        return self.probabilities[2] - self.probabilities[0]


def build_frame(news: Iterable[News], *, with_stories: bool = True) -> pd.DataFrame:
    """Give the items as the store gives them, with their stories where those are known."""
    rows = [
        {
            **dict.fromkeys(("guid", "url", "title", "summary", "text"), ""),
            "item_id": one.item_id,
            "feed": one.feed,
            "published": one.published,
            "first_seen": one.first_seen,
            **dict(zip(("negative", "neutral", "positive"), one.probabilities or (None,) * 3, strict=True)),
            "story_id": one.story_id,
        }
        for one in news
    ]
    frame = pd.DataFrame(rows, columns=list(SCORED_ITEM_COLUMNS))
    for name in ("published", "first_seen"):
        frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]")
    for name in ("negative", "neutral", "positive"):
        frame[name] = frame[name].astype("float64")
    return frame if with_stories else frame.drop(columns="story_id")


def invent_news(seed: int, *, n_items: int = 900, n_days: int = 150) -> list[News]:
    """Invent items over some days, with stories told several times, late, undated, misdated and unscored ones."""
    generator = random.Random(seed)  # noqa: S311  # invented data
    start = datetime(2026, 1, 5, tzinfo=UTC)  # the clock changes on the way
    news = []
    for number in range(n_items):
        first_seen = start + timedelta(minutes=generator.randrange(n_days * 24 * 60))
        claimed = [None, timedelta(hours=-3), timedelta(days=-2), timedelta(days=-30), timedelta(days=2)]
        delay = generator.choices(claimed, weights=[1, 8, 2, 1, 1])[0]
        shares = [generator.gammavariate(0.6, 1) + 1e-6 for _ in range(3)]
        news.append(
            News(
                item_id=f"{generator.getrandbits(64):016x}",
                feed=generator.choice(FEED_NAMES),
                story_id=f"s{generator.randrange(n_items)}" if number % 3 else f"one-{number}",
                published=None if delay is None else first_seen + delay,
                first_seen=first_seen,
                probabilities=None if generator.random() < 0.05 else tuple(share / sum(shares) for share in shares),
            )
        )
    return news


def day_of(one: News, zone: str) -> date:
    earliest, latest = one.first_seen - timedelta(days=7), one.first_seen + timedelta(hours=1)
    believable = one.published is not None and earliest < one.published <= latest
    time = one.published if believable and one.published else one.first_seen
    return time.astimezone(ZoneInfo(zone)).date()


def topics_of(one: News, feeds: Mapping[str, Feed]) -> list[tuple[str, str]]:
    feed = feeds.get(one.feed)
    named = [("topic", topic) for topic in feed.topics] if feed else []
    return [("market", "market"), ("kind", feed.kind if feed else "archive"), ("feed", one.feed), *named]


def weights_of(news: Sequence[News], feeds: Mapping[str, Feed]) -> dict[str, float]:
    """Weigh each item: its feed's weight, times 0.75 for every item of its story that was seen before it."""
    weights = {}
    for one in news:
        earlier = [
            other
            for other in news
            if other.story_id == one.story_id and (other.first_seen, other.item_id) < (one.first_seen, one.item_id)
        ]
        weights[one.item_id] = (feeds[one.feed].weight if one.feed in feeds else 1.0) * 0.75 ** len(earlier)
    return weights


class SlowMoods:
    """Every figure of MOOD_COLUMNS, computed anew from the items each time it is asked for."""

    def __init__(self, news: Sequence[News], feeds: Mapping[str, Feed], zone: str) -> None:
        self.weights = weights_of(news, feeds)
        self.members: dict[Key, list[News]] = {}
        for one in news:
            if one.probabilities is not None:
                for kind, topic in topics_of(one, feeds):
                    self.members.setdefault((kind, topic, day_of(one, zone)), []).append(one)
        self._moods: dict[Key, float | None] = {}

    def at(self, kind: str, topic: str, day: date, n_days_ago: int = 0) -> list[News]:
        return self.members.get((kind, topic, day - timedelta(days=n_days_ago)), [])

    def stories(self, members: Sequence[News]) -> dict[str, float]:
        weights: dict[str, float] = {}
        for one in members:
            weights[one.story_id] = weights.get(one.story_id, 0.0) + self.weights[one.item_id]
        return weights

    def n_eff(self, members: Sequence[News]) -> float:
        weights = self.stories(members).values()
        return sum(weights) ** 2 / sum(weight**2 for weight in weights) if members else 0.0

    def mood(self, kind: str, topic: str, day: date) -> float | None:
        key = (kind, topic, day)
        if key not in self._moods:
            members = self.at(*key)
            n_eff = self.n_eff(members)
            if n_eff < 3 - 1e-9:
                self._moods[key] = None
            else:
                total = sum(self.weights[one.item_id] for one in members)
                mean = sum(self.weights[one.item_id] * one.polarity for one in members) / total
                self._moods[key] = 100 * mean * n_eff / (n_eff + 5)
        return self._moods[key]

    def interval(self, kind: str, topic: str, day: date) -> tuple[float, float] | None:
        """Draw the stories a thousand times, seeded by the day and their ids, and cut off 2.5 % at both ends."""
        members = self.at(kind, topic, day)
        if self.mood(kind, topic, day) is None:
            return None
        weights = self.stories(members)
        names = sorted(weights)
        seed = hashlib.sha256("\x1f".join([day.isoformat(), *names]).encode()).digest()[:8]
        draws = np.random.default_rng(int.from_bytes(seed, "big")).integers(0, len(names), size=(1000, len(names)))
        polarities = {
            name: sum(self.weights[one.item_id] * one.polarity for one in members if one.story_id == name)
            for name in names
        }
        means = []
        for draw in draws:
            drawn = [names[number] for number in draw]
            means.append(sum(polarities[name] for name in drawn) / sum(weights[name] for name in drawn))
        n_eff = self.n_eff(members)
        low, high = (100 * float(np.percentile(means, part)) * n_eff / (n_eff + 5) for part in (2.5, 97.5))
        return low, high

    def change(self, kind: str, topic: str, day: date) -> float | None:
        today, yesterday = self.mood(kind, topic, day), self.mood(kind, topic, day - timedelta(days=1))
        return None if today is None or yesterday is None else today - yesterday

    def has_news(self, kind: str, topic: str, day: date) -> bool:
        return any(self.at(kind, topic, day, age) for age in range(90))

    def trend(self, kind: str, topic: str, day: date) -> float | None:
        """Weigh every item by its age; too little is behind it where under 3 effective stories of a day are."""
        top = bottom = squares = 0.0
        for age in range(90):
            members = self.at(kind, topic, day, age)
            for one in members:
                top += 0.95**age * self.weights[one.item_id] * one.polarity
                bottom += 0.95**age * self.weights[one.item_id]
            squares += sum((0.95**age * weight) ** 2 for weight in self.stories(members).values())
        return 100 * top / bottom if bottom and bottom**2 / squares >= 3 - 1e-9 else None

    def momentum(self, kind: str, topic: str, day: date) -> float | None:
        now, before = self.trend(kind, topic, day), self.trend(kind, topic, day - timedelta(days=7))
        return None if now is None or before is None else now - before

    def z(self, kind: str, topic: str, day: date) -> float | None:
        today = self.mood(kind, topic, day)
        past = [self.mood(kind, topic, day - timedelta(days=age)) for age in range(1, 91)]
        known = [mood for mood in past if mood is not None]
        if today is None or len(known) < 20 or statistics.stdev(known) < 1e-9:
            return None
        return (today - statistics.mean(known)) / statistics.stdev(known)

    def breadth(self, kind: str, topic: str, day: date) -> float | None:
        labels = self.labels(self.at(kind, topic, day))
        return (labels.count("positive") - labels.count("negative")) / len(labels) if labels else None

    def labels(self, members: Sequence[News]) -> list[str]:
        names = ("negative", "neutral", "positive")
        return [names[one.probabilities.index(max(one.probabilities))] for one in members if one.probabilities]

    def dispersion(self, kind: str, topic: str, day: date) -> float | None:
        of_feed: dict[str, list[float]] = {}
        for one in self.at(kind, topic, day):
            of_feed.setdefault(one.feed, []).append(one.polarity)
        return 100 * statistics.pstdev(map(statistics.mean, of_feed.values())) if len(of_feed) > 1 else None

    def usual_items(self, kind: str, topic: str, day: date) -> float | None:
        ages_with_news = [age for age in range(91) if self.at(kind, topic, day, age)]
        oldest = max(ages_with_news, default=0)
        counts = [len(self.at(kind, topic, day, age)) for age in range(7, 91, 7) if age <= oldest]
        return statistics.median(counts) if len(counts) >= 3 else None

    def figures(self, kind: str, topic: str, day: date) -> dict[str, float | None]:
        members = self.at(kind, topic, day)
        labels = self.labels(members)
        names = ("mood", "change", "trend", "momentum", "z", "breadth", "dispersion", "usual_items")
        return {
            **{name: getattr(self, name)(kind, topic, day) for name in names},
            "n_items": len(members),
            "n_stories": len(self.stories(members)),
            "n_eff": self.n_eff(members),
            **{f"n_{label}": labels.count(label) for label in ("negative", "neutral", "positive")},
        }
