"""What one request takes and what it comes to, as values: Errand, FetchLimits, Answer, FetchFailure.

Nothing here knows how requests are sent (fetch.py) or what follows from an answer (verdict.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_VALIDATOR_CHARACTERS = 1_000


@dataclass(frozen=True, slots=True)
class Errand:
    """What to ask for.

    Attributes:
        address: where.
        allow_private: opens one's own networks to it, redirects included.
        etag: of the copy held; empty to ask for the whole.
        last_modified: of the copy held; likewise.
        authorization: value of the Authorization header; sent to the origin of ``address`` alone. Empty for none.
    """

    address: str
    allow_private: bool = False
    etag: str = ""
    last_modified: str = ""
    authorization: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What one fetch may cost.

    Attributes:
        timeout_s: for everything together: look-up, connections, redirects, headers and body.
        connect_timeout_s: for one connection with its TLS handshake.
        max_body_bytes: of the body, as it comes and after decompression.
        max_redirects: addresses followed after the first.
        keeps_beginning: whether of a larger body the beginning is kept, as cut off; it is a failure otherwise.
    """

    timeout_s: float = 30.0
    connect_timeout_s: float = 10.0
    max_body_bytes: int = 15_000_000
    max_redirects: int = 5
    keeps_beginning: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said.

    Attributes:
        status: 200-299, or 304 when the copy held is still good.
        url: address that answered, after redirects, without fragment or credentials.
        headers: by lower-case name.
        body: decoded; empty for 304.
        moved_to: where redirects for good (301, 308) led, before any other kind; empty for none.
        is_cut_off: whether the body goes on behind what is here.
    """

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    moved_to: str = ""
    is_cut_off: bool = False

    @property
    def not_modified(self) -> bool:
        """Whether the copy held is still good."""
        return self.status == HTTPStatus.NOT_MODIFIED

    @property
    def content_type(self) -> str:
        """Media type with parameters as the server wrote it; may be empty."""
        return self.headers.get("content-type", "")

    def validator(self, name: str) -> str:
        """Give a validator (etag or last-modified) that can be sent back; "" for none or an unusable one."""
        value = self.headers.get(name, "")
        return value if value.isascii() and len(value) <= _MAX_VALIDATOR_CHARACTERS else ""


@dataclass(frozen=True, slots=True)
class FetchFailure:
    """Why there is no answer to use.

    Attributes:
        reason: for people; nothing of the address or the answer is quoted.
        status: of HTTP; 0 when none came.
        headers: by lower-case name; empty when none came.
    """

    reason: str
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
