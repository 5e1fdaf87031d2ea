"""Scores to mood: what the news of a day says about a topic, and how sure that is.

Comes in: a frame of scored items, the feeds they came from, and what they speak of. Goes out: a frame with
MOOD_COLUMNS. Pure pandas and numpy: no I/O, no clock; the bootstrap is seeded by day and stories. Invariant: the order
of the rows that come in changes nothing that goes out, and topics of the same items have the same figures.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentinel.records import LABELS, MOOD_COLUMNS, Feed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

DAYS_BEFORE_FIRST_SEEN = 7
HOURS_AFTER_FIRST_SEEN = 1
NOVELTY_DECAY = 0.75
SHRINKAGE_STORIES = 5.0
MIN_EFFECTIVE_STORIES = 3.0
ROUNDING = 1e-9
TREND_DECAY_PER_DAY = 0.95
LOOKBACK_DAYS = 90
MOMENTUM_DAYS = 7
MIN_DAYS_FOR_Z = 20
MIN_WEEKS_FOR_USUAL = 3
BOOTSTRAP_DRAWS = 1_000
BOOTSTRAP_CELLS = 2_000_000
MARKET = "market"
SPOKEN_OF = ("company", "sector", "theme")
"""Kinds of topic that come from an item's text; the others from its feed."""
UNLISTED_KIND = "archive"

_SPREAD_COLUMNS = ("item_id", "day", "feed", "kind", "topics", "story_id", "weight", "polarity", "label")
_GROUP = ["topic_kind", "topic", "day"]


def believable_times(published: pd.Series, first_seen: pd.Series) -> pd.Series:
    """Choose the time each item counts at.

    Args:
        published: aware UTC times claimed by the feeds, NaT where absent.
        first_seen: aware UTC times of first storage.

    Returns:
        ``published`` where it lies in (first_seen - 7 d, first_seen + 1 h], else ``first_seen``; aware UTC.
    """
    believable = (published > first_seen - pd.Timedelta(days=DAYS_BEFORE_FIRST_SEEN)) & (
        published <= first_seen + pd.Timedelta(hours=HOURS_AFTER_FIRST_SEEN)
    )
    return published.where(believable, first_seen)


def local_days(times: pd.Series, *, timezone: str) -> pd.Series:
    """Give the ``datetime.date`` of aware times in a zone (IANA name)."""
    return pd.Series(times.dt.tz_convert(timezone).dt.date, dtype=object)


def weigh_items(items: pd.DataFrame, feeds: Mapping[str, Feed], *, timezone: str) -> pd.DataFrame:
    """Add what the mood needs of each item: time, day, kind, topics, story, weight, polarity and label.

    Args:
        items: frame with MOOD_ITEM_COLUMNS, and ``story_id`` where stories are known; without it every item is a
            story of its own.
        feeds: configured feeds by name; an item of any other feed weighs 1 and is of kind "archive".
        timezone: IANA name of the report's zone.

    Returns:
        The items with the columns time (see ``believable_times``), day (``datetime.date`` of it in the zone), kind,
        topics (joined by commas), story_id, weight, polarity (P(positive) - P(negative); NaN without a score) and
        label ("" without one), sorted by item_id.
    """
    weighed = items.sort_values("item_id", ignore_index=True)
    weighed["time"] = believable_times(weighed["published"], weighed["first_seen"])
    weighed["day"] = local_days(weighed["time"], timezone=timezone)
    weighed["kind"] = weighed["feed"].map(lambda name: feeds[name].kind if name in feeds else UNLISTED_KIND)
    weighed["topics"] = weighed["feed"].map(lambda name: ",".join(feeds[name].topics) if name in feeds else "")
    if "story_id" not in weighed:
        weighed["story_id"] = weighed["item_id"]
    copies_before = weighed.sort_values(["first_seen", "item_id"]).groupby("story_id").cumcount().reindex(weighed.index)
    feed_weight = weighed["feed"].map(lambda name: feeds[name].weight if name in feeds else 1.0).astype("float64")
    weighed["weight"] = feed_weight * NOVELTY_DECAY**copies_before
    weighed["polarity"] = weighed["positive"] - weighed["negative"]
    best = weighed[list(LABELS)].fillna(0.0).to_numpy().argmax(axis=1)
    weighed["label"] = np.where(weighed["polarity"].notna(), np.array(LABELS, dtype=object)[best], "")
    return weighed


def build_moods(
    weighed: pd.DataFrame,
    *,
    first_day: date,
    last_day: date,
    interval_days: Sequence[date],
    topics: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Compute the mood of every topic on every day of a span.

    Args:
        weighed: what ``weigh_items`` returns; items without a score are left out. It should reach LOOKBACK_DAYS
            (for momentum, MOMENTUM_DAYS more) before ``first_day``, so that every figure has its whole past.
        first_day: first day wanted.
        last_day: last day wanted.
        interval_days: days on which every topic gets an interval; on the others only the market does.
        topics: frame with TOPIC_COLUMNS: companies, sectors and themes that the texts speak of.

    Returns:
        A frame with MOOD_COLUMNS: one row per topic and day with news in the LOOKBACK_DAYS that end with it, but of
        what texts speak of only on days with such news; a day with fewer than 3 effective stories has NaN for mood,
        low and high. A row does not depend on the span.
    """
    days = _calendar(first_day - timedelta(days=LOOKBACK_DAYS + MOMENTUM_DAYS), last_day)
    in_span = weighed[weighed["day"].isin(set(days)) & weighed["polarity"].notna()].sort_values(
        "item_id", ignore_index=True
    )
    spread = _spread_over_topics(in_span, topics)
    if spread.empty:
        return pd.DataFrame(columns=list(MOOD_COLUMNS))
    daily = _daily_sums(spread)
    named = sorted({(kind, topic) for kind, topic, _ in daily.index})
    grid = _Grid.of(daily, named, days)
    mood = grid.mood()
    trend = grid.trend()
    columns = {
        "mood": mood,
        "change": mood - _shift(mood, 1),
        "trend": trend,
        "momentum": trend - _shift(trend, MOMENTUM_DAYS),
        "z": _z_scores(mood),
        "breadth": _ratio(grid["n_positive"] - grid["n_negative"], grid["n_items"]),
        "dispersion": grid["dispersion"],
        "usual_items": _usual_counts(grid["n_items"]),
        **{name: grid[name] for name in ("n_items", "n_stories", "n_eff", "n_negative", "n_neutral", "n_positive")},
    }
    index = pd.MultiIndex.from_tuples([(*topic, day) for topic in named for day in days], names=_GROUP)
    moods = pd.DataFrame({name: values.reshape(-1) for name, values in columns.items()}, index=index).reset_index()
    is_told = (moods["n_items"] > 0) | ~moods["topic_kind"].isin(SPOKEN_OF)
    moods = moods[(moods["day"] >= first_day) & moods["trend"].notna() & is_told]
    moods = _add_intervals(moods, spread, set(interval_days))
    counts = ["n_items", "n_stories", "n_negative", "n_neutral", "n_positive"]
    moods[counts] = moods[counts].astype("int64")
    return moods.sort_values(["day", "topic_kind", "topic"], ignore_index=True)[list(MOOD_COLUMNS)]


@dataclass(frozen=True)
class _Grid:
    """Daily figures as arrays of shape (n_topics, n_days); NaN or 0 where a topic has no news."""

    figures: Mapping[str, np.ndarray]

    @classmethod
    def of(cls, daily: pd.DataFrame, topics: Sequence[tuple[str, str]], days: Sequence[date]) -> _Grid:
        index = pd.MultiIndex.from_tuples([(*topic, day) for topic in topics for day in days], names=_GROUP)
        full = daily.reindex(index)
        sums = [str(name) for name in full.columns if name != "dispersion"]
        full[sums] = full[sums].fillna(0.0)
        shape = (len(topics), len(days))
        return cls({str(name): full[name].to_numpy(dtype=float).reshape(shape) for name in full.columns})

    def __getitem__(self, name: str) -> np.ndarray:
        return self.figures[name]

    def mood(self) -> np.ndarray:
        """Weighted mean polarity, shrunk towards 0 by n_eff / (n_eff + 5), x100; NaN under 3 effective stories."""
        mean = _ratio(self["sum_ws"], self["sum_w"])
        shrunk = 100.0 * mean * self["n_eff"] / (self["n_eff"] + SHRINKAGE_STORIES)
        return np.where(self["n_eff"] >= MIN_EFFECTIVE_STORIES - ROUNDING, shrunk, np.nan)

    def trend(self) -> np.ndarray:
        """Trailing mean of all items with weight 0.95 per day of age, over LOOKBACK_DAYS, x100.

        Source: Buckman, Shapiro, Sudhof and Wilson 2020, "News Sentiment in the Time of COVID-19", FRBSF Economic
        Letter 2020-08: trailing weighted average, weights declining geometrically with age.
        """
        top, bottom = np.zeros_like(self["sum_w"]), np.zeros_like(self["sum_w"])
        for age in range(LOOKBACK_DAYS):
            top += TREND_DECAY_PER_DAY**age * _shift(self["sum_ws"], age, fill=0.0)
            bottom += TREND_DECAY_PER_DAY**age * _shift(self["sum_w"], age, fill=0.0)
        return 100.0 * _ratio(top, bottom)


def _calendar(first: date, last: date) -> list[date]:
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


def _spread_over_topics(weighed: pd.DataFrame, topics: pd.DataFrame | None) -> pd.DataFrame:
    """Repeat each item once per topic it belongs to.

    These are the market, its feed's kind, its feed, its feed's topics, and what it speaks of; of the last it weighs as
    much as it is about it.
    """
    weighed = weighed[list(_SPREAD_COLUMNS)]
    parts = [
        weighed.assign(topic_kind=MARKET, topic=MARKET),
        weighed.assign(topic_kind="kind", topic=weighed["kind"]),
        weighed.assign(topic_kind="feed", topic=weighed["feed"]),
        weighed[weighed["topics"] != ""]
        .assign(topic_kind="topic", topic=lambda frame: frame["topics"].str.split(","))
        .explode("topic"),
    ]
    if topics is not None:
        spoken_of = weighed.merge(topics, on="item_id")
        spoken_of["weight"] *= spoken_of.pop("relevance")
        parts.append(spoken_of)
    spread = pd.concat(parts, ignore_index=True)
    spread["ws"] = spread["weight"] * spread["polarity"]
    for label in LABELS:
        spread[f"n_{label}"] = (spread["label"] == label).astype("int64")
    return spread


def _daily_sums(spread: pd.DataFrame) -> pd.DataFrame:
    """Sum per topic and day: weights, counts, effective stories and dispersion among feeds."""
    daily = spread.groupby(_GROUP).agg(
        sum_w=("weight", "sum"),
        sum_ws=("ws", "sum"),
        n_items=("item_id", "size"),
        n_negative=("n_negative", "sum"),
        n_neutral=("n_neutral", "sum"),
        n_positive=("n_positive", "sum"),
    )
    stories = spread.groupby([*_GROUP, "story_id"])["weight"].sum().to_frame("w")
    stories["w2"] = stories["w"] ** 2
    per_day = stories.groupby(_GROUP).agg(n_stories=("w", "size"), w=("w", "sum"), w2=("w2", "sum"))
    daily["n_stories"] = per_day["n_stories"]
    daily["n_eff"] = per_day["w"] ** 2 / per_day["w2"]
    feed_means = spread.groupby([*_GROUP, "feed"])["polarity"].mean()
    daily["dispersion"] = 100.0 * feed_means.groupby(_GROUP).std(ddof=0)
    daily.loc[feed_means.groupby(_GROUP).size() < 2, "dispersion"] = np.nan
    return daily


def _add_intervals(moods: pd.DataFrame, spread: pd.DataFrame, interval_days: set[date]) -> pd.DataFrame:
    """Add low and high: 95 % percentile bootstrap over stories, shrunk like the mood.

    Source: Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13 (percentile interval), drawing
    stories, not items, since copies of one story are not independent.
    """
    wanted = moods["mood"].notna() & (moods["day"].isin(interval_days) | (moods["topic_kind"] == MARKET))
    drawn_from = spread[spread["day"].isin(interval_days) | (spread["topic_kind"] == MARKET)]
    stories = drawn_from.groupby([*_GROUP, "story_id"])[["weight", "ws"]].sum().sort_index()
    groups = dict(iter(stories.groupby(_GROUP)))
    low = np.full(len(moods), np.nan)
    high = np.full(len(moods), np.nan)
    keys = list(moods[_GROUP].itertuples(index=False, name=None))
    n_eff = moods["n_eff"].to_numpy()
    for position in np.flatnonzero(wanted.to_numpy()):
        sums = groups[keys[position]]
        shrink = 100.0 * n_eff[position] / (n_eff[position] + SHRINKAGE_STORIES)
        seed = _seed(keys[position][2], sums.index.get_level_values("story_id"))
        low[position], high[position] = shrink * bootstrap_mean(sums.to_numpy(), seed=seed)
    return moods.assign(low=low, high=high)


def bootstrap_mean(story_sums: np.ndarray, *, seed: int) -> np.ndarray:
    """Give the 95 % interval of a weighted mean by drawing stories with replacement.

    Args:
        story_sums: float array of shape (n_stories, 2): sum of weights, and of weight times polarity, per story.
        seed: seed of the draws.

    Returns:
        float array of shape (2,): lower and upper end.
    """
    generator = np.random.default_rng(seed)
    n_stories = len(story_sums)
    draws_at_once = max(1, BOOTSTRAP_CELLS // n_stories)
    means = []
    for start in range(0, BOOTSTRAP_DRAWS, draws_at_once):
        n_draws = min(draws_at_once, BOOTSTRAP_DRAWS - start)
        drawn = story_sums[generator.integers(0, n_stories, size=(n_draws, n_stories))].sum(axis=1)  # (n_draws, 2)
        means.append(drawn[:, 1] / drawn[:, 0])
    return np.asarray(np.percentile(np.concatenate(means), [2.5, 97.5]))


def _seed(day: date, story_ids: Iterable[str]) -> int:
    """Make a seed of what is drawn from, so that two topics of the same stories get the same interval."""
    digest = hashlib.sha256("\x1f".join((day.isoformat(), *sorted(story_ids))).encode("utf-8", "surrogatepass"))
    return int.from_bytes(digest.digest()[:8], "big")


def _shift(values: np.ndarray, n_days: int, fill: float = np.nan) -> np.ndarray:
    """Move values n_days later along the day axis."""
    if n_days == 0:
        return values
    shifted = np.full_like(values, fill)
    shifted[:, n_days:] = values[:, :-n_days]
    return shifted


def _ratio(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """Divide; NaN where the divisor is 0."""
    return np.asarray(np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0))


def _z_scores(mood: np.ndarray) -> np.ndarray:
    """Compare each day with the mean and sd of the LOOKBACK_DAYS before it; NaN with under 20 such days or no spread.

    Summed day by day, not with running sums, whose rounding would depend on where the span begins.
    """
    ages = range(1, LOOKBACK_DAYS + 1)
    n_days, total, squares = np.zeros_like(mood), np.zeros_like(mood), np.zeros_like(mood)
    for age in ages:
        n_days += np.isfinite(_shift(mood, age))
        total += np.nan_to_num(_shift(mood, age))
    mean = _ratio(total, n_days)
    for age in ages:
        squares += np.nan_to_num((_shift(mood, age) - mean) ** 2)
    sd = np.sqrt(squares / np.maximum(n_days - 1, 1))
    return _ratio(mood - mean, np.where((n_days >= MIN_DAYS_FOR_Z) & (sd > ROUNDING), sd, 0.0))


def _usual_counts(n_items: np.ndarray) -> np.ndarray:
    """Median count of the same weekday over the LOOKBACK_DAYS before, counting from the first news among them.

    NaN with under MIN_WEEKS_FOR_USUAL such days.
    """
    so_far = np.cumsum(n_items, axis=1)
    before = _shift(so_far, LOOKBACK_DAYS + 1, fill=0.0)
    weeks = np.stack(
        [
            np.where(_shift(so_far, 7 * week, fill=0.0) > before, _shift(n_items, 7 * week), np.nan)
            for week in range(1, LOOKBACK_DAYS // 7 + 1)
        ]
    )
    enough = np.isfinite(weeks).sum(axis=0) >= MIN_WEEKS_FOR_USUAL
    usual = np.full_like(n_items, np.nan)
    usual[enough] = np.nanmedian(weeks[:, enough], axis=0)
    return usual
