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


class SlowMoves:
    """What moved a topic's mood between two lists of items, each with its weight, and on whom it rests."""

    def __init__(
        self, before: Sequence[News], now: Sequence[News], weights: Mapping[str, float], usual: Mapping[str, float]
    ) -> None:
        self.days = (list(before), list(now))
        self.weights = weights
        self.usual = usual

    def weight(self, news: Iterable[News]) -> float:
        return sum(self.weights[one.item_id] for one in news)

    def mean(self, news: Sequence[News]) -> float:
        return sum(self.weights[one.item_id] * one.polarity for one in news) / self.weight(news)

    def n_eff(self, news: Sequence[News]) -> float:
        stories = {one.story_id: self.weight(other for other in news if other.story_id == one.story_id) for one in news}
        return sum(stories.values()) ** 2 / sum(weight**2 for weight in stories.values()) if news else 0.0

    def shrink(self, news: Sequence[News]) -> float:
        return self.n_eff(news) / (self.n_eff(news) + 5)

    def mood(self, news: Sequence[News]) -> float | None:
        return 100 * self.mean(news) * self.shrink(news) if self.n_eff(news) >= 3 - 1e-9 else None

    def of_feed(self, feed: str) -> tuple[list[News], list[News]]:
        before, now = ([one for one in news if one.feed == feed] for news in self.days)
        return before, now

    def feeds(self) -> list[str]:
        return sorted({one.feed for news in self.days for one in news})

    def part_of(self, story: str, feed: str) -> str:
        if not all(self.of_feed(feed)):
            return "from_feeds"
        had, has = (any(one.story_id == story for one in news) for news in self.days)
        return "from_ongoing" if had and has else "from_new" if has else "from_faded"

    def shared(self) -> list[str]:
        return [feed for feed in self.feeds() if all(self.of_feed(feed))]

    def of_panel(self) -> tuple[list[News], list[News]]:
        before, now = ([one for one in news if one.feed in self.shared()] for news in self.days)
        return before, now

    def centre(self) -> float:
        panel = self.of_panel()
        return (self.mean(panel[0]) + self.mean(panel[1])) / 2 if all(panel) else self.middle()

    def middle(self) -> float:
        return (self.mean(self.days[0]) + self.mean(self.days[1])) / 2

    def panel_share(self) -> float:
        shares = [self.weight(own) / self.weight(news) for own, news in zip(self.of_panel(), self.days, strict=True)]
        return sum(shares) / 2

    def mean_shrink(self) -> float:
        return (self.shrink(self.days[0]) + self.shrink(self.days[1])) / 2

    def contributions(self) -> dict[tuple[str, str], float]:
        """Say what each story brings to each part of the change, item by item."""
        brought: dict[tuple[str, str], float] = {}
        for sign, day in ((-1, 0), (1, 1)):
            for one in self.days[day]:
                both = self.of_feed(one.feed)
                if all(both):
                    in_panel = [self.weight(both[n]) / self.weight(self.of_panel()[n]) for n in (0, 1)]
                    of_feed = self.panel_share() * sum(in_panel) / 2
                    middle = (self.mean(both[0]) + self.mean(both[1])) / 2
                    distance = one.polarity - self.usual.get(one.feed, middle)
                    size = of_feed * self.weights[one.item_id] / self.weight(both[day]) * distance
                else:
                    size = self.weights[one.item_id] / self.weight(self.days[day]) * (one.polarity - self.centre())
                key = (self.part_of(one.story_id, one.feed), one.story_id)
                brought[key] = brought.get(key, 0.0) + 100 * self.mean_shrink() * sign * size
        return brought

    def parts(self) -> dict[str, float | None]:
        names = ("from_new", "from_faded", "from_ongoing", "from_feeds", "from_mix", "from_amount")
        before, now = self.days
        if self.mood(before) is None or self.mood(now) is None:
            return dict.fromkeys(names)
        brought = self.contributions()
        parts: dict[str, float | None] = {
            name: sum(value for (part, _), value in brought.items() if part == name) for name in names[:4]
        }
        mix = 0.0
        for feed in self.shared():
            had, has = self.of_feed(feed)
            gain = self.weight(has) / self.weight(self.of_panel()[1]) - self.weight(had) / self.weight(
                self.of_panel()[0]
            )
            mix += ((self.mean(had) + self.mean(has)) / 2 - self.centre()) * gain
        return {
            **parts,
            "from_mix": 100 * self.mean_shrink() * self.panel_share() * mix,
            "from_amount": 100 * self.middle() * (self.shrink(now) - self.shrink(before)),
        }

    def panel(self) -> dict[str, float | int | None]:
        before, now = (self.mood(news) for news in self.of_panel())
        change = None if before is None or now is None else now - before
        return {"panel_mood": now, "panel_change": change, "n_panel_feeds": len(self.shared())}

    def left_out(self) -> dict[str, float | str | None]:
        now = self.days[1]
        without = {feed: self.mood([one for one in now if one.feed != feed]) for feed in {one.feed for one in now}}
        known = sorted((mood, feed) for feed, mood in without.items() if mood is not None)
        vital = [(-self.weight(self.of_feed(feed)[1]), feed) for feed, mood in without.items() if mood is None]
        return {
            "without_low": known[0][0] if known else None,
            "without_low_feed": known[0][1] if known else "",
            "without_high": known[-1][0] if known else None,
            "without_high_feed": known[-1][1] if known else "",
            "leans_on": min(vital)[1] if vital and self.mood(now) is not None else "",
        }

    def disagreement(self) -> float | None:
        now = self.days[1]
        feeds = {feed: [one.polarity for one in now if one.feed == feed] for feed in {one.feed for one in now}}
        if len(feeds) < 2 or len(now) == len(feeds):
            return None
        centre = statistics.fmean(one.polarity for one in now)
        between = sum(len(own) * (statistics.fmean(own) - centre) ** 2 for own in feeds.values())
        within = sum((value - statistics.fmean(own)) ** 2 for own in feeds.values() for value in own)
        if between <= 1e-9:
            return 0.0
        return 100 * max(0.0, 1 - within / (len(now) - len(feeds)) * (len(feeds) - 1) / between)

    def figures(self) -> dict[str, float | str | None]:
        return {**self.parts(), **self.panel(), **self.left_out(), "disagreement": self.disagreement()}
