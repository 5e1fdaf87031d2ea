"""The words of the program as types: what crosses from one step to the next.

Records are frozen dataclasses; times are aware UTC; the column tuples name every frame that two steps share.
Nothing here imports pandas: frames are described, not built.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

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

NAME_SCORE_COLUMNS = ("item_id", "name", *LABELS)
"""Columns of a frame of scores by name: one row per item and company (its ticker) that the item names beside others."""

TEXT_SCORE_COLUMNS = ("text_hash", *LABELS)
"""Columns of a frame of scores by text: one row per text, named by its hash (``text.text_hash``)."""

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
"""Columns of a frame of what items speak of: one row per item and topic; at times with LABELS for the topic alone."""

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

DAY_SUM_COLUMNS = (
    "day",  # datetime.date
    "n_items",  # float, a whole number
    "sum_polarity",  # float
    "sum_polarity_squared",  # float
    *(f"n_{label}" for label in LABELS),  # float, items with that label
)
"""Columns of a frame of what is known of days whose items are too many: one row per day with items, sorted."""

MOVE_COLUMNS = (
    "day",  # datetime.date
    "topic_kind",  # str, as in MOOD_COLUMNS
    "topic",  # str
    "from_new",  # float, part of the change that stories of the day alone made; NaN where there is no change
    "from_faded",  # float, of stories of the day before alone
    "from_ongoing",  # float, of stories of both days
    "from_feeds",  # float, of feeds with news on one of the days alone
    "from_mix",  # float, of the other feeds' shares in the news
    "from_amount",  # float, of more or less news; the six sum to the change
    "panel_mood",  # float, mood of feeds with news on both days; NaN when they have not enough
    "panel_change",  # float, it minus that of the day before
    "n_panel_feeds",  # int, those feeds
    "without_low",  # float, lowest mood with any one feed left out; NaN where that leaves not enough news
    "without_low_feed",  # str, the feed left out; empty where without_low is NaN
    "without_high",  # float, highest such mood
    "without_high_feed",  # str
    "leans_on",  # str, heaviest feed without which there is not enough news; empty when there is none
    "disagreement",  # float, 0..100, share of the spread of the feeds' means that is more than chance; NaN if unknown
)
"""Columns of a frame of what moved the moods of one day, and on whom they rest: one row per topic of the day."""

EDIT_COLUMNS = (
    "item_id",  # str
    "edited_title",  # str, cleaned, the headline as it was seen last
    "edited_at",  # datetime64[us, UTC], when that was first seen
)
"""Columns of a frame of changed headlines, in order."""

CONTRIBUTION_COLUMNS = (
    "part",  # str: from_new | from_faded | from_ongoing | from_feeds
    "story_id",  # str
    "contribution",  # float, its share of that part; the shares sum to the part
)
"""Columns of a frame of the stories that moved the market's mood: one row per part and story."""

PUBLISHED_COLUMNS = (
    "day",  # datetime.date
    "topic_kind",  # str, as in MOOD_COLUMNS
    "topic",  # str
    "model_id",  # str, whose scores it was made from
    "mood",  # float; NaN for not enough news
    "low",  # float
    "high",  # float
    "n_items",  # int
    "published_at",  # datetime64[us, UTC], when: by the last run of the day itself, else by the first after it
)
"""Columns of a frame of moods as they were published: one row per (day, topic_kind, topic, model_id)."""

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

FeedOutcome = Literal["fetched", "unchanged", "failed", "not due"]

MOVES_TO_ADOPT = 3
"""On so many days an address must have pointed to the same new one for good before the new one is asked itself."""


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
        auth: name of the credentials it needs, which stand in the environment; empty for none.
    """

    name: str
    url: str
    kind: str
    weight: float = 1.0
    topics: tuple[str, ...] = ()
    use_summary: bool = False
    allow_private: bool = False
    auth: str = ""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a feed or a proxy asks for: user and password, or a token. Never shown, never stored."""

    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)


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
        url: configured address all of this belongs to; nothing of it counts for another address.
        etag: ETag of the last body that parsed; empty when there was none.
        last_modified: Last-Modified of it, as the server wrote it; empty when there was none.
        checked_at: when it was last asked for.
        succeeded_at: when it last answered well (new body or not modified).
        n_failures: failures in a row.
        reason: why the last fetch failed; empty when it did not.
        next_check: not to be asked before this; None for at once.
        whole_at: when a whole body was last taken; a 304 rests on the server's word for what came since.
        hints: what its last body says about when to ask, as ``feeds.hints`` writes it; empty for nothing.
        known_ids: beginnings of the item ids of its last body, separated by spaces.
        moved_to: address that its own has lately pointed to for good (301, 308); empty for none.
        moved_at: when that was last counted.
        n_moves: on how many days that was seen.
        gone_at: since when the server says that it is gone for good (410); None when it does not.
        reservation: what the publisher reserves, in the words of its headers; empty for nothing.
    """

    feed: str
    url: str
    etag: str = ""
    last_modified: str = ""
    checked_at: datetime | None = None
    succeeded_at: datetime | None = None
    n_failures: int = 0
    reason: str = ""
    next_check: datetime | None = None
    whole_at: datetime | None = None
    hints: str = ""
    known_ids: str = ""
    moved_to: str = ""
    moved_at: datetime | None = None
    n_moves: int = 0
    gone_at: datetime | None = None
    reservation: str = ""

    @property
    def address(self) -> str:
        """Where to ask: the configured address, or the one it has moved to for good."""
        return self.moved_to if self.n_moves >= MOVES_TO_ADOPT else self.url


@dataclass(frozen=True, slots=True)
class RobotsCopy:
    """What the robots.txt of a host said.

    Attributes:
        origin: scheme, host and port it speaks for, such as "https://news.example".
        fetched_at: when it was read; aware UTC.
        rules: those meant for this program, as ``feeds.robots`` writes them; empty for none.
    """

    origin: str
    fetched_at: datetime
    rules: str


@dataclass(frozen=True, slots=True)
class FeedResult:
    """What one fetch of one feed came to. A failure is a value, never an exception.

    Attributes:
        feed: name of the feed.
        outcome: fetched (a body that parsed), unchanged (304), failed, or not due (it was not asked).
        reason: why it failed or was not asked, for a person, without credentials or query strings; empty otherwise.
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
        n_feeds: feeds that were to be collected.
        n_failed: feeds that failed.
        failed_feeds: their names.
        n_new: items stored for the first time.
        n_scored: items scored.
        report_path: index page written; empty when no report was made.
        elapsed_s: wall seconds.
        n_not_due: feeds that were not asked, because they need not be yet.
        n_alerts: alerts raised.
    """

    run_id: str
    n_feeds: int = 0
    n_failed: int = 0
    failed_feeds: tuple[str, ...] = ()
    n_new: int = 0
    n_scored: int = 0
    report_path: str = ""
    elapsed_s: float = 0.0
    n_not_due: int = 0
    n_alerts: int = 0
