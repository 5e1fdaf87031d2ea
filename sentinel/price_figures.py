"""What was found between a mood and prices, as types: what crosses from the validation to the command line and report.

A return is a difference of logarithms. A lag of k sets the signal of a session beside the return of the k-th session
after it: 1 and more are forecasts, 0 is the session itself, below 0 the signal follows the price.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from sentinel.figures import Z_95

if TYPE_CHECKING:
    from datetime import date

    from sentinel.figures import Measured
    from sentinel.records import ModelFacts

SESSION_COLUMNS = (
    "session",  # datetime.date of the exchange
    "close",  # float, closing price, adjusted where the file is; NaN where the file has none
    "session_return",  # float, log of close over the close of the session before; NaN where either is missing
    "day_return",  # float, log of close over open of the same session; NaN where either is missing
    "mood",  # float, -100..+100, of items known after the close before and before this close; NaN: not enough news
    "surprise",  # float, mood minus its mean over the sessions before; NaN where there are too few
    "overnight",  # float, surprise of the mood of items known after the close before and before this open
    "n_items",  # int, items known between the close before and this close
)
"""Columns of the frame of sessions: one row per session of the exchange, in order."""

Target = Literal["close to close", "open to close"]
VerdictKind = Literal["too little", "none", "link", "usable"]


class Estimate(NamedTuple):
    """A figure with a standard error that allows for dependence between neighbours; NaN where not defined.

    Attributes:
        n: sessions it rests on.
        value: the figure.
        se: its standard error.
    """

    n: int
    value: float
    se: float

    @property
    def t(self) -> float:
        """Value over standard error."""
        return self.value / self.se if self.se > 0 else float("nan")

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval."""
        return self.value - Z_95 * self.se

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval."""
        return self.value + Z_95 * self.se


@dataclass(frozen=True, slots=True)
class LagFigures:
    """How one signal goes with the returns of one lag.

    Attributes:
        signal: mood or surprise.
        lag: sessions from the signal to the return; below 0 the return came first.
        correlation: Pearson.
        ic: information coefficient: Spearman's rank correlation.
    """

    signal: str
    lag: int
    correlation: Estimate
    ic: Estimate


@dataclass(frozen=True, slots=True)
class HitRate:
    """How often the sign of a signal was that of the return.

    Attributes:
        n: sessions where both have a sign.
        rate: share of hits with its Wilson interval.
        chance: share that two independent series with these shares of signs would reach.
    """

    n: int
    rate: Measured
    chance: float


@dataclass(frozen=True, slots=True)
class WalkForward:
    """A forecast made anew each session from the past alone, and what trading its sign would have returned.

    Attributes:
        first: first session forecast from.
        n: forecasts.
        r2: 1 - squared error of the forecasts over that of the mean of the past; below 0 it is worse than that mean.
        clark_west: mean of the adjusted difference of the squared errors; its t tests r2 against 0.
        p: one-sided p-value of it.
        correlation: of forecast and return.
        turnover: mean change of the position per session; 2 is from long to short.
        gross: mean return per session before costs.
        net: after costs.
        break_even_bp: cost in basis points of the traded amount at which nothing is left; NaN where nothing is earned.
    """

    first: date
    n: int
    r2: float
    clark_west: Estimate
    p: float
    correlation: Estimate
    turnover: float
    gross: Estimate
    net: Estimate
    break_even_bp: float


@dataclass(frozen=True, slots=True)
class LinkTest:
    """One of the tests that are counted: does a signal go with a return that came after it?

    Attributes:
        signal: mood, surprise or overnight.
        target: which return.
        lag: sessions from signal to return; 0 for open to close.
        ic: information coefficient.
        p: its two-sided p-value.
        p_holm: p after Holm's correction for all tests of the page.
        hits: signs of signal and return; of the mood, which has a level, those of its surprise.
        walk: out of sample; None where there are too few sessions.
    """

    signal: str
    target: Target
    lag: int
    ic: Estimate
    p: float
    p_holm: float
    hits: HitRate | None
    walk: WalkForward | None

    @property
    def name(self) -> str:
        """Say what is tested, in words."""
        if self.target == "open to close":
            return f"{self.signal}, open to close of the same session"
        return f"{self.signal}, {'next session' if self.lag == 1 else f'{self.lag} sessions later'}"


@dataclass(frozen=True, slots=True)
class EventPath:
    """Mean path of the price around the sessions of the strongest surprises.

    Attributes:
        side: best or worst news.
        n_events: sessions.
        threshold: surprise from which on a session counts.
        offsets: sessions from the event.
        mean: mean log price against the close of the event's session.
        low: lower ends of the 95 % bootstrap band over events.
        high: upper ends.
    """

    side: Literal["best", "worst"]
    n_events: int
    threshold: float
    offsets: tuple[int, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Decay:
    """How long a signal lasts.

    Attributes:
        signal: mood or surprise.
        half_life: sessions after which its information coefficient has fallen to half of that of lag 1; None where
            the coefficient of lag 1 is not told from 0, or does not fall so far within the lags.
        persistence: correlation of the signal with itself one session later.
    """

    signal: str
    half_life: float | None
    persistence: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What it comes to.

    Attributes:
        kind: too little to say, no usable link, a link that leaves nothing, or a usable one.
        headline: one sentence.
        reasons: further sentences.
    """

    kind: VerdictKind
    headline: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What was set beside what.

    Attributes:
        topic: whose mood.
        model: which scored the items.
        prices: name of the file of prices.
        price_column: its column of closing prices.
        calendar: code of the exchange.
        first: first session.
        last: last session.
        n_sessions: sessions of the calendar from first to last.
        n_items: items that count in a mood.
        cost_bp: cost of trading in basis points of the traded amount.
        seed: of the bootstrap.
        notes: what was left out or assumed, a sentence each.
    """

    topic: str
    model: ModelFacts
    prices: str
    price_column: str
    calendar: str
    first: date
    last: date
    n_sessions: int
    n_items: int
    cost_bp: float
    seed: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """What the statistics of the sessions are.

    Attributes:
        n: sessions with both a mood and the return of the next.
        lags: figures of each signal and lag, in this order.
        tests: the tests that are counted, strongest first.
        events: paths around the strongest sessions; empty where there are too few.
        decays: of each signal.
    """

    n: int
    lags: tuple[LagFigures, ...]
    tests: tuple[LinkTest, ...]
    events: tuple[EventPath, ...]
    decays: tuple[Decay, ...]

    def at(self, signal: str, lag: int) -> LagFigures:
        """Give the figures of a signal at a lag."""
        return next(found for found in self.lags if (found.signal, found.lag) == (signal, lag))
