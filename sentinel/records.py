"""The words of the program as types: what crosses from one step to the next.

Records are frozen dataclasses; times are aware UTC; the column tuples name every frame that two steps share.
Nothing here imports pandas: frames are described, not built.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

LABELS = ("negative", "neutral", "positive")
"""Class labels, in the order of every probability column and array."""

ITEM_COLUMNS = (
    "item_id",  # str, stable hash
    "feed",  # str, name of the feed
    "guid",  # str, as the feed gave it; may be empty
    "url",  # str, canonical http(s) link; may be empty
    "title",  # str, cleaned
    "summary",  # str, cleaned; may be empty
    "text",  # str, what the model sees
    "published",  # datetime64[us, UTC], claimed by the feed; NaT when absent or unreadable
    "first_seen",  # datetime64[us, UTC], when this program first met it; never changes
)
"""Columns of a frame of items: one row per item."""

SCORE_COLUMNS = ("item_id", *LABELS)
"""Columns of a frame of scores: one row per item; float probabilities that sum to 1."""

SCORED_ITEM_COLUMNS = (*ITEM_COLUMNS, *LABELS, "story_id")
"""Columns of items joined with their scores by one model, and with their story: the id of the item that leads it."""

MOOD_ITEM_COLUMNS = ("item_id", "feed", "published", "first_seen", *LABELS, "story_id")
"""Those of SCORED_ITEM_COLUMNS that a mood is made of: no text, so that months of items fit into memory."""

TOPIC_COLUMNS = (
    "item_id",  # str
    "topic_kind",  # str: company | sector | theme
    "topic",  # str, ticker, or name of the sector or theme
    "relevance",  # float, how much of the item's text is about it, above 0, at most 1
)
"""Columns of a frame of what items speak of: one row per item and topic."""

MOOD_COLUMNS = (
    "day",  # datetime.date in the report's time zone
    "topic_kind",  # str: market | topic | kind | feed | company | sector | theme
    "topic",  # str: "market", the name of the topic, feed kind, feed, sector or theme, or the company's ticker
    "mood",  # float, -100..+100; NaN when there is not enough news
    "low",  # float, lower end of the 95 % interval; NaN likewise
    "high",  # float, upper end
    "change",  # float, mood minus mood of the day before; NaN when either is missing
    "trend",  # float, -100..+100, trailing mean with weight 0.95 per day of age; NaN before any news
    "momentum",  # float, trend minus trend seven days earlier
    "z",  # float, mood against the mean and sd of the trailing 90 days; NaN with under 20 such days
    "breadth",  # float, -1..1, share of positive minus share of negative items; NaN without items
    "dispersion",  # float, 0..100, sd of the feeds' mean polarity; NaN with under two feeds
    "n_items",  # int
    "n_stories",  # int
    "n_eff",  # float, effective number of stories
    "n_negative",  # int, items with that label
    "n_neutral",  # int
    "n_positive",  # int
    "usual_items",  # float, median count of that weekday over the trailing 90 days; NaN when unknown
)
"""Columns of a frame of moods: one row per (day, topic_kind, topic), sorted by them."""

COVERAGE_COLUMNS = (
    "feed",  # str
    "kind",  # str
    "outcome",  # str: ok | failed | not collected
    "reason",  # str, why it failed; empty otherwise
    "n_items",  # int, items of the day from this feed
    "newest",  # datetime64[us, UTC], newest time among them, as ``mood.believable_times`` gives it; NaT when none
    "stale",  # str, why the feed counts as stale by the end of the day; empty when it does not
)
"""Columns of the coverage frame of one day: one row per configured feed."""

FeedOutcome = Literal["fetched", "unchanged", "failed"]


@dataclass(frozen=True, slots=True)
class Feed:
    """A configured news feed.

    Attributes:
        name: unique short name, lower case with dashes.
        url: http(s) address.
        kind: what sort of voice it is, for example markets, central-bank, press-wire or social.
        weight: how much one item counts in the mood, above 0.
        topics: what its items are about, besides the market.
        use_summary: whether the model reads title and summary, or the title alone.
        allow_private: whether the address may be private or loopback.
    """

    name: str
    url: str
    kind: str
    weight: float = 1.0
    topics: tuple[str, ...] = ()
    use_summary: bool = False
    allow_private: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a feed; fields as in ITEM_COLUMNS."""

    item_id: str
    feed: str
    guid: str
    url: str
    title: str
    summary: str
    text: str
    published: datetime | None
    first_seen: datetime


@dataclass(frozen=True, slots=True)
class StoryItem:
    """What an item's story is chosen by.

    Attributes:
        item_id: its id, which names the story that it leads.
        title: cleaned headline.
        first_seen: aware UTC.
        published: aware UTC; None where the feed claims no time.
    """

    item_id: str
    title: str
    first_seen: datetime
    published: datetime | None


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is remembered about a feed between fetches.

    Attributes:
        feed: name of the feed.
        url: address the validators belong to; validators of another address are not sent.
        etag: ETag of the last body that parsed; empty when there was none.
        last_modified: Last-Modified of it, as the server wrote it; empty when there was none.
        checked_at: when it was last asked for.
        succeeded_at: when it last answered well (new body or not modified).
        n_failures: failures in a row.
        reason: why the last fetch failed; empty when it did not.
    """

    feed: str
    url: str
    etag: str = ""
    last_modified: str = ""
    checked_at: datetime | None = None
    succeeded_at: datetime | None = None
    n_failures: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FeedResult:
    """What one fetch of one feed came to. A failure is a value, never an exception.

    Attributes:
        feed: name of the feed.
        outcome: fetched (a body that parsed), unchanged (304) or failed.
        reason: why it failed, for a person, without credentials or query strings; empty otherwise.
        state: what to remember; to be stored in the same transaction as the items.
        items: entries that could be read, in the feed's order, unique by item id.
        n_skipped: entries that could not be read, or repeat another of the same body (same id and title).
        http_status: last status, 0 when no answer came.
        elapsed_s: wall seconds for fetch and parse.
    """

    feed: str
    outcome: FeedOutcome
    reason: str
    state: FeedState
    items: tuple[Item, ...] = ()
    n_skipped: int = 0
    http_status: int = 0
    elapsed_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a report says about the model that scored it.

    Attributes:
        model_id: short hash of the manifest (or of the files, where there is no manifest).
        name: name in the manifest, or the directory's.
        architecture: for example "GPT2ForSequenceClassification, 6 layers x 256".
        metrics: measured figures by name, for example {"SEntFiN validation accuracy": 0.82}; may be empty.
    """

    model_id: str
    name: str
    architecture: str
    metrics: dict[str, float]


@dataclass(frozen=True, slots=True)
class RunSummary:
    """Counts of one run, printed as its one summary line.

    Attributes:
        run_id: time and random part, unique.
        n_feeds: feeds asked.
        n_failed: feeds that failed.
        failed_feeds: their names.
        n_new: items stored for the first time.
        n_scored: items scored.
        report_path: index page written; empty when no report was made.
        elapsed_s: wall seconds.
    """

    run_id: str
    n_feeds: int = 0
    n_failed: int = 0
    failed_feeds: tuple[str, ...] = ()
    n_new: int = 0
    n_scored: int = 0
    report_path: str = ""
    elapsed_s: float = 0.0


class Measured(NamedTuple):
    """A figure with its 95 % interval; all None where the figure is not defined."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """The headline figures of a classifier on labelled rows.

    Attributes:
        n: rows they rest on.
        accuracy: share of rows labelled rightly.
        macro_f1: mean F1 over the labels that occur.
        weighted_f1: mean F1, each label weighted by its rows.
        ece: expected calibration error, a fraction; 0 is best.
        brier: mean squared distance to the one-hot label, 0 to 2; 0 is best.
    """

    n: int
    accuracy: Measured
    macro_f1: Measured
    weighted_f1: Measured
    ece: Measured
    brier: Measured


HEADLINE_FIGURES = ("accuracy", "macro_f1", "weighted_f1", "ece", "brier")
"""Names of the figures of Figures, in the order of every table."""


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """The figures of one label.

    Attributes:
        label: one of LABELS.
        support: rows that carry it.
        precision: share of the rows given this label that carry it; not defined when it was never given.
        recall: share of the rows that carry it which were given it; not defined when none carries it.
        f1: harmonic mean of both.
    """

    label: str
    support: int
    precision: Measured
    recall: Measured
    f1: Measured


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """The rows whose confidence (highest probability) lies in [low, high); the last bin includes 1.

    Attributes:
        low: lower end.
        high: upper end.
        n: rows in it.
        confidence: their mean confidence.
        accuracy: share of them labelled rightly.
    """

    low: float
    high: float
    n: int
    confidence: float
    accuracy: Measured


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """The figures on the rows that have one value in a column; ``value`` is "" for an empty cell."""

    value: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class BaselineFigures:
    """What a simple system reaches on the same rows.

    Attributes:
        name: what it is.
        trained_on: which rows it was trained on, for a person.
        figures: as of the model.
    """

    name: str
    trained_on: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How good a model is on a labelled table.

    Attributes:
        model: what was measured.
        file: the table.
        figures: the headline figures.
        classes: one per label, in LABELS order.
        confusion: counts; rows are the labels carried, columns the labels given, both in LABELS order.
        reliability: the bins that hold a row, by confidence.
        groups: figures by column and value, for each grouping column of the file.
        baselines: simple systems on the same rows.
        notes: what was left out, a sentence each.
    """

    model: ModelFacts
    file: str
    figures: Figures
    classes: tuple[ClassFigures, ...]
    confusion: tuple[tuple[int, ...], ...]
    reliability: tuple[ReliabilityBin, ...]
    groups: dict[str, tuple[GroupFigures, ...]]
    baselines: tuple[BaselineFigures, ...]
    notes: tuple[str, ...]
