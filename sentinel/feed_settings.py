"""What the feeds file says about feeds, about fetching and about when, checked value by value. Part of config."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    field_validator,
    model_validator,
)

from sentinel.credentials import AUTH_NAME
from sentinel.cron import parse_when
from sentinel.errors import ConfigError
from sentinel.kinds import MAX_FEED_WEIGHT, FeedKind, RobotsRule
from sentinel.text import canonical_url, page_url
from sentinel.timetable import DEFAULT_DEADLINE_S, Entry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from sentinel.yaml_file import YamlFile

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")


def check_name(value: str) -> str:
    """Give back a name of a feed or topic.

    Raises:
        ValueError: it is not one.
    """
    if not _NAME.fullmatch(value):
        msg = f"{value!r} is not a name: use lower-case letters, digits, dots and dashes, 64 at most"
        raise ValueError(msg)
    return value


def check_url(value: str) -> str:
    """Give back an http(s) address without credentials.

    Raises:
        ValueError: it is not one.
    """
    if not canonical_url(value):
        shown = "this" if "@" in value else repr(value)  # a password is not repeated
        msg = f"{shown} is not an http or https address (credentials in it are not allowed)"
        raise ValueError(msg)
    return value


def check_when(value: str) -> str:
    """Give back a cron expression or an interval.

    Raises:
        ValueError: it is neither.
    """
    parse_when(value)
    return value


def _refuse_authors(value: object) -> object:
    if value not in (False, "false"):
        msg = "only false is possible: authors' names are never stored"
        raise ValueError(msg)
    return False


NoAuthors = Annotated[Literal[False], BeforeValidator(_refuse_authors)]
"""Whether authors' names are stored, which they never are."""


def _check_proxy(value: str) -> str:
    return check_url(value) if value else value


Name = Annotated[str, AfterValidator(check_name)]


class FeedSettings(BaseModel):
    """One entry under ``feeds:``; see ``records.Feed``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    url: Annotated[str, AfterValidator(check_url)]
    kind: FeedKind
    weight: Annotated[float, Field(gt=0, le=MAX_FEED_WEIGHT)] = 1.0
    topics: tuple[Name, ...] = ()
    use_summary: bool = False
    allow_private: bool = False
    auth: Annotated[str, Field(pattern=f"^({AUTH_NAME.pattern})?$")] = ""

    @model_validator(mode="after")
    def _check_auth(self) -> Self:
        if self.auth and not self.allow_private and not self.url.lower().startswith("https:"):
            msg = "auth needs an https address: a password would be readable on the way"
            raise ValueError(msg)
        return self

    @field_validator("topics")
    @classmethod
    def _check_topics(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        double = next((topic for topic in value if value.count(topic) > 1), None)
        if double is not None:
            msg = f"the topic {double!r} stands twice"
            raise ValueError(msg)
        return value

    @property
    def marks(self) -> set[str]:
        """What it can be chosen by."""
        return {f"feed:{self.name}", f"kind:{self.kind}", *(f"topic:{topic}" for topic in self.topics)}


def check_distinct(feeds: Sequence[FeedSettings], file: YamlFile) -> None:
    """Refuse a name or an address that two feeds have: their items would be mixed up, or counted twice.

    Raises:
        ConfigError: there is one.
    """
    names: set[str] = set()
    names_by_address: dict[str, str] = {}
    for index, feed in enumerate(feeds):
        if feed.name in names:
            raise ConfigError(f"two feeds are named {feed.name!r}", where=file.where(("feeds", index, "name")))
        names.add(feed.name)
        other = names_by_address.setdefault(page_url(canonical_url(feed.url)), feed.name)
        if other != feed.name:
            raise ConfigError(
                f"the feed {other!r} has the same address, so its items would count twice",
                where=file.where(("feeds", index, "url")),
            )


class FetchSettings(BaseModel):
    """How feeds are fetched.

    Attributes:
        n_workers: feeds at once.
        timeout_s: seconds for one feed in all.
        max_body_mb: decoded megabytes of one body.
        host_spacing_s: seconds between two requests to a host; not for feeds with ``allow_private``.
        proxy: http or https address of a proxy, without credentials; empty for none.
        respect_reservations: what a publisher's reservation (TDM, X-Robots-Tag: noai) keeps from being read.
        respect_robots: what robots.txt is asked about.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    n_workers: Annotated[int, Field(ge=1, le=256)] = 32
    timeout_s: Annotated[float, Field(ge=1, le=300)] = 30.0
    max_body_mb: Annotated[float, Field(ge=0.1, le=200)] = 15.0
    host_spacing_s: Annotated[float, Field(ge=0, le=60)] = 0.5
    proxy: Annotated[str, AfterValidator(_check_proxy)] = ""
    respect_reservations: Literal["fulltext", "headlines"] = "fulltext"
    respect_robots: RobotsRule = "pages"


class ScheduleSettings(BaseModel):
    """An entry under ``schedule:`` that says more than a time; see ``timetable.Entry``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    when: Annotated[str, AfterValidator(check_when)]
    feeds: tuple[Annotated[str, Field(pattern=r"^(kind|topic|feed):\S+$")], ...] = ()
    deadline_min: Annotated[float, Field(ge=1, le=1440)] = DEFAULT_DEADLINE_S / 60

    def build(self) -> Entry:
        """Give the entry as the schedule works with it."""
        return Entry(self.when, self.feeds, self.deadline_min * 60)


def _kind_of_entry(value: object) -> str:
    return "time" if isinstance(value, str) else "entry"


ScheduleEntry = Annotated[
    Annotated[str, AfterValidator(check_when), Tag("time")] | Annotated[ScheduleSettings, Tag("entry")],
    Discriminator(_kind_of_entry),
]
"""A time alone, or what more is to be said of it."""
