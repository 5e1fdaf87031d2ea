"""What the feeds file says about feeds and about fetching, checked value by value. Part of config."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from sentinel.credentials import AUTH_NAME
from sentinel.kinds import MAX_FEED_WEIGHT, FeedKind, RobotsRule
from sentinel.text import canonical_url

if TYPE_CHECKING:
    from typing import Self

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
