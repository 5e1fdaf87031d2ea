"""Fetching: one bounded, conditional, guarded GET per feed. The door to httpx2.

In: a Feed and what is remembered of it. Out: an Answer, or a FetchFailure with a reason for people. Bounded
in time (one deadline for everything), in decoded bytes and in redirects; connects only to addresses that
were looked up once and judged. No cookies, no proxy or certificate variables, no credentials.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx2

from sentinel import __version__
from sentinel.feeds.guard import refusal, resolve_host

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sentinel.feeds.guard import Refuse, Resolve
    from sentinel.records import Feed, FeedState

_ACCEPT = "application/atom+xml, application/rss+xml, application/rdf+xml, application/xml;q=0.9, */*;q=0.5"
# Source: RFC 9110 15.4; 300, 304 and 305 name no single place to go to.
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_ADDRESSES = 4
_LAST_PORT = 65_535
_MAX_VALIDATOR_CHARACTERS = 1_000
_FORESEEN = (
    httpx2.TimeoutException,
    httpx2.NetworkError,
    httpx2.RemoteProtocolError,
    httpx2.DecodingError,
    httpx2.InvalidURL,
)


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What one fetch may cost.

    Attributes:
        timeout_s: for everything together: look-up, connections, redirects, headers and body.
        connect_timeout_s: for one connection with its TLS handshake.
        max_body_bytes: of the body after decompression.
        max_redirects: addresses followed after the first.
    """

    timeout_s: float = 30.0
    connect_timeout_s: float = 10.0
    max_body_bytes: int = 15_000_000
    max_redirects: int = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said.

    Attributes:
        status: 200-299, or 304 when the copy held is still good.
        url: address that answered, after redirects, without fragment or credentials.
        headers: by lower-case name.
        body: decoded; empty for 304.
    """

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

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
    """Why there is no answer to use: a reason for people, and the HTTP status, 0 when none came."""

    reason: str
    status: int = 0


class _RefusedError(Exception):
    """Unwinds one fetch; never leaves this module."""

    def __init__(self, reason: str, status: int = 0) -> None:
        super().__init__(reason)
        self.failure = FetchFailure(reason, status)


def open_transport() -> httpx2.AsyncHTTPTransport:
    """Make what sends requests; shared by all feeds of one run.

    Connections are not kept: they are made to addresses, and two hosts at one address must not share one.
    A transport instead of a client, because a client would keep cookies.
    """
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
    return httpx2.AsyncHTTPTransport(trust_env=False, limits=limits)


def build_user_agent(contact: str) -> str:
    """Say who asks and whom to write to; ``contact`` is an address or page, "" for none."""
    name = f"sentinel/{__version__}"
    plain = "".join(character for character in contact if character.isascii() and character.isprintable())
    return f"{name} (+{plain.strip()})" if plain.strip() else name


def host_of(url: str) -> str:
    """Give the host of an address in one form, "" when it has none."""
    try:
        return httpx2.URL(url).host
    except httpx2.InvalidURL:
        return ""


async def fetch(
    transport: httpx2.AsyncHTTPTransport,
    feed: Feed,
    state: FeedState | None,
    *,
    user_agent: str,
    limits: FetchLimits,
    resolve: Resolve = resolve_host,
    refuse: Refuse = refusal,
) -> Answer | FetchFailure:
    """Ask for a feed once, if it changed.

    Args:
        transport: from open_transport.
        feed: what to fetch; ``allow_private`` opens one's own networks to it, redirects included.
        state: what is remembered; its validators are sent if they belong to this address.
        user_agent: from build_user_agent.
        limits: what it may cost.
        resolve: looks up names.
        refuse: says what speaks against an address; "" for nothing.

    Returns:
        The answer, or why there is none.

    Source: RFC 9110 13.1.2 (If-None-Match), 13.1.3 (If-Modified-Since), 15.4.5 (304).
    """
    headers = {
        "User-Agent": user_agent,
        "Accept": _ACCEPT,
        "Accept-Encoding": "gzip, deflate",
        **_conditions(feed, state),
    }
    try:
        async with asyncio.timeout(limits.timeout_s):
            return await _follow(_Visit(transport, feed, headers, limits, resolve, refuse))
    except TimeoutError:
        return FetchFailure(f"took longer than {limits.timeout_s:g} s")
    except _RefusedError as refused:
        return refused.failure
    except _FORESEEN as error:
        return FetchFailure(_reason(error, limits))


def _conditions(feed: Feed, state: FeedState | None) -> dict[str, str]:
    if state is None or state.url != feed.url:
        return {}
    conditions = {"If-None-Match": state.etag, "If-Modified-Since": state.last_modified}
    return {name: value for name, value in conditions.items() if value}


@dataclass(frozen=True, slots=True)
class _Visit:
    """What stays the same from the first address to the last redirect."""

    transport: httpx2.AsyncHTTPTransport
    feed: Feed
    headers: dict[str, str]
    limits: FetchLimits
    resolve: Resolve
    refuse: Refuse


async def _follow(visit: _Visit) -> Answer:
    """Follow redirects by hand, judging each address (RFC 9110 15.4)."""
    url = httpx2.URL(visit.feed.url)
    for _ in range(visit.limits.max_redirects + 1):
        response = await _send(visit, url)
        async with contextlib.aclosing(response):
            if response.status_code not in _REDIRECTS:
                return await _read(visit, response, url)
            location = response.headers.get("location", "")
            if not location:
                raise _RefusedError("redirected to nowhere (no Location)", response.status_code)
            url = url.join(location)
            if url.scheme not in ("http", "https") or not url.host:
                reason = "redirected to an address that is not http or https"
                raise _RefusedError(reason, response.status_code)
    reason = f"more than {visit.limits.max_redirects} redirects"
    raise _RefusedError(reason, response.status_code)


async def _send(visit: _Visit, url: httpx2.URL) -> httpx2.Response:
    """Send one request to the first address of the host that takes a connection."""
    if url.scheme not in ("http", "https") or not url.host:
        raise _RefusedError("the address is not http or https")
    addresses = await _addresses(visit, url)
    headers = {"Host": url.netloc.decode("ascii"), **visit.headers}
    extensions = {
        "timeout": {"connect": visit.limits.connect_timeout_s},
        "sni_hostname": url.raw_host.decode("ascii"),  # the name the certificate must carry
    }
    for position, address in enumerate(addresses, start=1):
        target = url.copy_with(host=address, username=None, password=None, fragment=None)
        request = httpx2.Request("GET", target, headers=headers, extensions=extensions)
        try:
            return await visit.transport.handle_async_request(request)
        except (httpx2.ConnectError, httpx2.ConnectTimeout):
            if position == len(addresses):
                raise
    raise _RefusedError("name not found")


async def _addresses(visit: _Visit, url: httpx2.URL) -> list[str]:
    """Look the host up once; keep what may be connected to."""
    port = {"http": 80, "https": 443}[url.scheme] if url.port is None else url.port
    if not 1 <= port <= _LAST_PORT:
        raise _RefusedError("the address is not usable: there is no such port")
    try:
        found = await visit.resolve(url.raw_host.decode("ascii"), port)
    except socket.gaierror as error:
        unsure = error.errno == socket.EAI_AGAIN
        raise _RefusedError("name look-up failed for now" if unsure else "name not found") from error
    except OSError as error:
        raise _RefusedError("name look-up failed") from error
    allowed = [address for address in found if not visit.refuse(address, allow_private=visit.feed.allow_private)]
    if found and not allowed:
        raise _RefusedError(_why_refused(visit, found[0]))
    return allowed[:_MAX_ADDRESSES]


def _why_refused(visit: _Visit, address: str) -> str:
    reason = f"address {address} is {visit.refuse(address, allow_private=visit.feed.allow_private)}"
    could_be_allowed = not visit.refuse(address, allow_private=True)
    return f"{reason}; set allow_private: true to allow it" if could_be_allowed else reason


async def _read(visit: _Visit, response: httpx2.Response, url: httpx2.URL) -> Answer:
    """Take the body, counted after decompression."""
    status = response.status_code
    asked_conditionally = "If-None-Match" in visit.headers or "If-Modified-Since" in visit.headers
    if status == HTTPStatus.NOT_MODIFIED and asked_conditionally:
        return Answer(status, _public(url), dict(response.headers), b"")
    if not 200 <= status < 300:
        raise _RefusedError(_status_line(status), status)
    coding = response.headers.get("content-encoding", "").strip().lower()
    if coding not in ("", "identity", "gzip", "deflate"):  # nested codings multiply: not asked for
        raise _RefusedError("body in a coding that was not asked for", status)
    chunks, n_bytes = [], 0
    async for chunk in response.aiter_bytes():
        n_bytes += len(chunk)
        if n_bytes > visit.limits.max_body_bytes:
            reason = f"body larger than {visit.limits.max_body_bytes / 1e6:g} MB"
            raise _RefusedError(reason, status)
        chunks.append(chunk)
    return Answer(status, _public(url), dict(response.headers), b"".join(chunks))


def _public(url: httpx2.URL) -> str:
    return str(url.copy_with(username=None, password=None, fragment=None))


def _status_line(status: int) -> str:
    """Name a status in our words: the server's phrase is not to be trusted."""
    try:
        return f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP {status}"


def _reason(error: Exception, limits: FetchLimits) -> str:
    """Put a failure of the network into words; nothing of the address or the answer is quoted."""
    causes = _causes(error)
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"TLS: {cause.verify_message or 'certificate not trusted'}"
        if isinstance(cause, ssl.SSLError):
            return f"TLS: {(cause.reason or 'handshake failed').replace('_', ' ').lower()}"
    if isinstance(error, httpx2.TimeoutException):
        return f"no connection within {limits.connect_timeout_s:g} s"
    for cause in causes:
        if isinstance(cause, OSError) and cause.errno:
            return os.strerror(cause.errno).lower()
    if isinstance(error, httpx2.RemoteProtocolError):
        return "the connection ended early, or the answer was not HTTP"
    if isinstance(error, httpx2.DecodingError):
        return "the compressed body is damaged"
    if isinstance(error, httpx2.InvalidURL):
        return "the address is not usable"
    return "connection lost"


def _causes(error: BaseException) -> list[BaseException]:
    """List an error and what it came from, groups of failed connections included."""
    found: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        current = waiting.pop(0)
        if current is None or current in found:
            continue
        found.append(current)
        if isinstance(current, BaseExceptionGroup):
            waiting.extend(current.exceptions)
        waiting.extend((current.__cause__, current.__context__))
    return found
