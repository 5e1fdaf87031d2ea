"""What a rule is, and what it compares: the words that figures and decision share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sentinel.alert_types import RuleKind

HYSTERESIS = 0.2
"""Where a rule names no level to clear at, it is this share of its level back on the usual side."""

_WATCHED = {
    "mood": "mood of {about} {side} {level:g}",
    "z": "z of the mood of {about} {side} {level:g}",
    "volume": "items of {about} {side} {level:g} times the usual number, from {at_least} items on",
    "negative-stories": "{level:g} negative stories on {about} within {within_h:g} h",
    "stale-feed": "{about} is stale",
    "failing-feed": "{about} fails for {level:g} h",
    "unread": "{level:.0%} of the items or more in a language that is not read, from {at_least} items on",
    "left-out": "{level:.0%} of the items or more left out of the mood, from {at_least} items on",
    "drift": "{topic} of a week moved by {level:g} from the weeks before",
    "canary": "the model gives an obvious sentence its label with {level:.0%} or less",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """When an alert is raised, and when it clears.

    Attributes:
        name: unique; it stands in the store.
        kind: what is watched.
        level: the figure at which an alert is raised.
        is_below: whether figures at or below the level raise it; else those at or above.
        clear: the figure that must be passed, on the usual side of the level, for it to clear.
        cool_down: time after clearing in which the same rule raises nothing about the same subject.
        topic_kind: kind of topic that is watched, or "feed" for a rule on feeds; empty where there is no choice.
        topic: name of the topic, company or feed; empty for each one of the kind.
        at_least: items below which the figure is not judged.
        within: how far back stories are counted.
        tell_cleared: whether the targets are told as well when it clears.
        targets: names of those who are told.
    """

    name: str
    kind: RuleKind
    level: float
    is_below: bool
    clear: float
    cool_down: timedelta
    topic_kind: str = ""
    topic: str = ""
    at_least: int = 0
    within: timedelta = timedelta(days=1)
    tell_cleared: bool = False
    targets: tuple[str, ...] = ()

    @property
    def absent(self) -> float | None:
        """What the figure is of a subject of which nothing was measured: none, or 0 where things are counted."""
        return 0.0 if self.kind in ("volume", "negative-stories", "stale-feed", "failing-feed") else None

    def is_raised(self, value: float) -> bool:
        """Tell whether a figure raises an alert."""
        return value <= self.level if self.is_below else value >= self.level

    def is_cleared(self, value: float) -> bool:
        """Tell whether a figure clears an alert that is open."""
        return value > self.clear if self.is_below else value < self.clear

    def describe(self) -> str:
        """Write the rule as a sentence, with every default filled in."""
        watched = _WATCHED[self.kind].format(
            about="the market" if self.topic_kind == "market" else f"{self.topic_kind} {self.topic or '(any)'}",
            side="at or below" if self.is_below else "at or above",
            level=self.level,
            topic=self.topic,
            at_least=self.at_least,
            within_h=self.within / timedelta(hours=1),
        )
        clears = "" if self.kind == "stale-feed" else f"clears {'above' if self.is_below else 'below'} {self.clear:g}; "
        told = f"to {', '.join(self.targets)}" if self.targets else "to nobody"
        also = ", also when it clears" if self.targets and self.tell_cleared else ""
        return f"{watched}; {clears}again after {self.cool_down / timedelta(hours=1):g} h at the earliest; {told}{also}"


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured for a rule about one subject.

    Attributes:
        subject: as in ``alert_types.Alert``.
        value: what is compared with the level; None when it is not known.
        message: what it says, one line; it becomes the message of an alert.
        item_ids: items whose headlines belong to it, the strongest first.
    """

    subject: str
    value: float | None
    message: str
    item_ids: tuple[str, ...] = ()


def default_clear(level: float, *, is_below: bool) -> float:
    """Give the level to clear at where a rule names none."""
    return level + HYSTERESIS * abs(level) * (1 if is_below else -1)
