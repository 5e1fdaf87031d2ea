"""What feeds.yaml says about alerts, checked: who is told, and the rules."""

from __future__ import annotations

from abc import abstractmethod
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sentinel.alerts.rules import Rule, default_clear
from sentinel.credentials import AUTH_NAME

if TYPE_CHECKING:
    from typing import Self

MAX_RULES, MAX_TARGETS = 200, 20
MAX_COOL_DOWN_H = 31 * 24.0
TOPIC_KINDS = ("market", "company", "sector", "theme", "topic", "kind", "feed", "language")

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")]
TargetName = Annotated[str, Field(pattern=f"^{AUTH_NAME.pattern}$")]
Topic = Annotated[str, Field(pattern=rf"^(market|({'|'.join(TOPIC_KINDS[1:])})(:[A-Za-z0-9][A-Za-z0-9.-]{{0,63}})?)$")]
Share = Annotated[float, Field(gt=0, le=1)]


class RuleSettings(BaseModel):
    """What every entry under ``rules:`` may say; see ``rules.Rule``.

    Attributes:
        name: unique name.
        clear: figure to be passed for an alert to clear; a fifth of the level back when not given.
        cool_down_h: hours after clearing in which it is not raised again about the same subject.
        tell_cleared: whether the targets are told when it clears.
        targets: those of ``alerts.targets`` who are told; all of them when not given.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: Name
    clear: float | None = None
    cool_down_h: Annotated[float, Field(ge=0, le=MAX_COOL_DOWN_H)] = 12.0
    tell_cleared: bool = False
    targets: tuple[TargetName, ...] | None = None

    def build(self, targets: tuple[str, ...]) -> Rule:
        """Give the rule as the other steps take it.

        Args:
            targets: names of all targets.
        """
        facts = self._facts()
        level, is_below = facts["level"], facts["is_below"]
        return Rule(
            name=self.name,
            clear=default_clear(level, is_below=is_below) if self.clear is None else self.clear,
            cool_down=timedelta(hours=self.cool_down_h),
            tell_cleared=self.tell_cleared,
            targets=targets if self.targets is None else self.targets,
            **facts,
        )

    @abstractmethod
    def _facts(self) -> dict[str, Any]:
        """Give kind, level and side of the rule, and what else its kind knows."""

    @model_validator(mode="after")
    def _check_clear(self) -> Self:
        facts = self._facts()
        level, is_below = facts["level"], facts["is_below"]
        if self.clear is not None and (self.clear < level if is_below else self.clear > level):
            msg = f"clear ({self.clear:g}) lies beyond the level ({level:g}): it would never be open, or never clear"
            raise ValueError(msg)
        return self


class _OneSided(RuleSettings):
    """A rule with a level below or above which it is raised."""

    below: float | None = None
    above: float | None = None
    topic: Topic = "market"

    @model_validator(mode="before")
    @classmethod
    def _check_sides(cls, values: object) -> object:
        if isinstance(values, dict) and (values.get("below") is None) == (values.get("above") is None):
            msg = "needs either below or above"
            raise ValueError(msg)
        return values

    def _facts(self) -> dict[str, Any]:
        level = self.below if self.below is not None else self.above
        return {"level": level, "is_below": self.below is not None, **_topic(self.topic)}


class MoodRule(_OneSided):
    """The mood of a topic."""

    when: Literal["mood"]
    below: Annotated[float, Field(ge=-100, le=100)] | None = None
    above: Annotated[float, Field(ge=-100, le=100)] | None = None

    def _facts(self) -> dict[str, Any]:
        return {"kind": self.when, **super()._facts()}


class ZRule(_OneSided):
    """The mood of a topic against its own past."""

    when: Literal["z"]
    below: Annotated[float, Field(ge=-20, le=20)] | None = None
    above: Annotated[float, Field(ge=-20, le=20)] | None = None

    def _facts(self) -> dict[str, Any]:
        return {"kind": self.when, **super()._facts()}


class VolumeRule(RuleSettings):
    """The number of items of a topic, as a multiple of what is usual on that weekday."""

    when: Literal["volume"]
    topic: Topic = "market"
    above: Annotated[float, Field(gt=1, le=1000)] = 3.0
    at_least: Annotated[int, Field(ge=1, le=1_000_000)] = 20

    def _facts(self) -> dict[str, Any]:
        facts = {"kind": self.when, "level": self.above, "is_below": False, "at_least": self.at_least}
        return {**facts, **_topic(self.topic)}


class NegativeStoriesRule(RuleSettings):
    """How many negative stories speak of one company."""

    when: Literal["negative-stories"]
    company: Annotated[str, Field(pattern=r"^([A-Z0-9][A-Z0-9.-]{0,15})?$")] = ""
    at_least: Annotated[int, Field(ge=1, le=1000)] = 5
    within_h: Annotated[float, Field(ge=1, le=168)] = 24.0

    def _facts(self) -> dict[str, Any]:
        return {
            "kind": self.when,
            "level": float(self.at_least),
            "is_below": False,
            "within": timedelta(hours=self.within_h),
            "topic_kind": "company",
            "topic": self.company,
        }


class StaleFeedRule(RuleSettings):
    """Feeds that are silent for longer than their past explains."""

    when: Literal["stale-feed"]
    feed: Name | Literal[""] = ""

    def _facts(self) -> dict[str, Any]:
        return {"kind": self.when, "level": 1.0, "is_below": False, "topic_kind": "feed", "topic": self.feed}


class FailingFeedRule(RuleSettings):
    """Feeds that have given no good answer for long."""

    when: Literal["failing-feed"]
    feed: Name | Literal[""] = ""
    for_h: Annotated[float, Field(gt=0, le=1440)] = 24.0

    def _facts(self) -> dict[str, Any]:
        return {"kind": self.when, "level": self.for_h, "is_below": False, "topic_kind": "feed", "topic": self.feed}


class ShareRule(RuleSettings):
    """The share of the day's items in a language that the model does not read, or left out for any reason."""

    when: Literal["unread", "left-out"]
    above: Share = 0.5
    at_least: Annotated[int, Field(ge=1, le=1_000_000)] = 20

    def _facts(self) -> dict[str, Any]:
        return {"kind": self.when, "level": self.above, "is_below": False, "at_least": self.at_least}


class CanaryRule(RuleSettings):
    """How sure the model is of sentences whose sentiment is obvious."""

    when: Literal["canary"]
    below: Share = 0.5

    def _facts(self) -> dict[str, Any]:
        return {"kind": self.when, "level": self.below, "is_below": True}


class DriftRule(RuleSettings):
    """How far the last whole week has moved from the eight before it, in one of the measures of ``sentinel drift``."""

    when: Literal["drift"]
    measure: Literal["polarity", "length", "novelty"] = "polarity"
    above: Annotated[float, Field(gt=0, le=20)] = 0.25

    def _facts(self) -> dict[str, Any]:
        return {"kind": self.when, "level": self.above, "is_below": False, "topic_kind": "drift", "topic": self.measure}


AnyRule = Annotated[
    MoodRule
    | ZRule
    | VolumeRule
    | NegativeStoriesRule
    | StaleFeedRule
    | FailingFeedRule
    | ShareRule
    | CanaryRule
    | DriftRule,
    Field(discriminator="when"),
]


class AlertSettings(BaseModel):
    """What stands under ``alerts:``.

    Attributes:
        targets: names of those who are told; the address of DESK is in SENTINEL_ALERT_DESK_URL.
        rules: what is watched.
        deadline_s: seconds that telling all of them may take together.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    targets: Annotated[tuple[TargetName, ...], Field(max_length=MAX_TARGETS)] = ()
    rules: Annotated[tuple[AnyRule, ...], Field(max_length=MAX_RULES)] = ()
    deadline_s: Annotated[float, Field(ge=1, le=600)] = 60.0

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        for what, names in (("target", self.targets), ("rule", [rule.name for rule in self.rules])):
            double = next((name for name in names if names.count(name) > 1), None)
            if double is not None:
                msg = f"two {what}s are named {double!r}"
                raise ValueError(msg)
        for rule in self.rules:
            unknown = next((name for name in rule.targets or () if name not in self.targets), None)
            if unknown is not None:
                msg = f"the rule {rule.name!r} names the target {unknown!r}, which is not among the targets"
                raise ValueError(msg)
        return self

    def build_rules(self) -> tuple[Rule, ...]:
        """Give the rules as the other steps take them, with every default filled in."""
        return tuple(rule.build(self.targets) for rule in self.rules)


def _topic(topic: str) -> dict[str, str]:
    kind, _, name = topic.partition(":")
    return {"topic_kind": kind, "topic": name}
