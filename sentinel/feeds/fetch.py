"""Fetching: one bounded, conditional, guarded GET per feed. The door to httpx2.

In: an Errand. Out: an Answer, or a FetchFailure with a reason for people. Bounded in time (one deadline for
everything), in bytes as they come and as they unpack, and in redirects; connects only to addresses that were
looked up once and judged. No cookies, no proxy or certificate variables; credentials go to one origin alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx2

from sentinel import __version__
from sentinel.feeds.answer import Answer, FetchFailure
from sentinel.feeds.coding import ACCEPTED, DamagedBodyError, open_decoder
from sentinel.feeds.guard import literal_addresses, port_refusal, refusal, resolve_host
from sentinel.feeds.hosts import Alone
from sentinel.feeds.reasons import describe_cause, status_line

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from contextlib import AbstractAsyncContextManager

    from sentinel.feeds.answer import Errand, FetchLimits
    from sentinel.feeds.guard import Refuse, Resolve
    from sentinel.feeds.hosts import Surroundings

LARGE_BYTES = 1_000_000
"""A body that grows past this asks for room first."""

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml,"
    " application/xml;q=0.9, */*;q=0.5"
)
# Source: RFC 9110 15.4; 300, 304 and 305 name no single place to go to.
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_REDIRECTS_FOR_GOOD = frozenset({301, 308})
_DEFAULT_PORTS = {"http": 80, "https": 443}
_MAX_ADDRESSES = 4
_REASONS = {
    httpx2.ProxyError: "the proxy refused",
    httpx2.RemoteProtocolError: "the connection ended early, or the answer was not HTTP",
    httpx2.LocalProtocolError: "the address is not usable",
    httpx2.InvalidURL: "the address is not usable",
}
_FORESEEN = (
    httpx2.TimeoutException,
    httpx2.NetworkError,
    httpx2.ProxyError,
    httpx2.ProtocolError,
    httpx2.InvalidURL,
)
_CONNECTION_ENDED = (httpx2.RemoteProtocolError, httpx2.ReadError)


class _RefusedError(Exception):
    """Unwinds one fetch; never leaves this module."""

    def __init__(self, reason: str, response: httpx2.Response | None = None) -> None:
        super().__init__(reason)
        if response is None:
            self.failure = FetchFailure(reason)
        else:
            self.failure = FetchFailure(reason, response.status_code, dict(response.headers))


@dataclass(frozen=True, slots=True)
class Sender:
    """What sends requests; shared by all feeds of one run.

    Attributes:
        transport: connections.
        user_agent: from build_user_agent.
        has_proxy: whether a proxy stands between, which then looks names up itself.
        resolve: looks up names.
        refuse: says what speaks against an address; "" for nothing.
    """

    transport: httpx2.AsyncHTTPTransport
    user_agent: str
    has_proxy: bool = False
    resolve: Resolve = resolve_host
    refuse: Refuse = refusal


def open_sender(
    contact: str,
    *,
    proxy: str = "",
    proxy_login: tuple[str, str] | None = None,
    resolve: Resolve = resolve_host,
    refuse: Refuse = refusal,
) -> Sender:
    """Make what sends requests.

    Connections are not kept: they are made to addresses, and two hosts at one address must not share one.
    A transport instead of a client, because a client would keep cookies.

    Args:
        contact: address or page of whom to write to; "" for none.
        proxy: http or https address of a proxy; "" for none. Variables such as HTTPS_PROXY are not read.
        proxy_login: user and password for it.
        resolve: looks up names.
        refuse: judges addresses.
    """
    transport = httpx2.AsyncHTTPTransport(
        trust_env=False,
        limits=httpx2.Limits(max_connections=None, max_keepalive_connections=0),
        proxy=httpx2.Proxy(proxy, auth=proxy_login) if proxy else None,
    )
    return Sender(transport, build_user_agent(contact), bool(proxy), resolve, refuse)


def build_user_agent(contact: str) -> str:
    """Say who asks and whom to write to; ``contact`` is an address or page, "" for none."""
    name = f"sentinel/{__version__}"
    plain = "".join(character for character in contact if character.isascii() and character.isprintable())
    return f"{name} (+{plain.strip()})" if plain.strip() else name


def host_of(url: str) -> str:
    """Give the host of an address in one form, "" when it has none."""
    try:
        return httpx2.URL(url).host.rstrip(".")
    except httpx2.InvalidURL:
        return ""


async def fetch(
    sender: Sender, errand: Errand, *, limits: FetchLimits, surroundings: Surroundings | None = None
) -> Answer | FetchFailure:
    """Ask for a feed once, if it changed.

    Args:
        sender: from open_sender.
        errand: what to ask for.
        limits: what it may cost.
        surroundings: what it shares; a turn at the host of the errand itself is the caller's to take.

    Returns:
        The answer, or why there is none.

    Source: RFC 9110 13.1.2 (If-None-Match), 13.1.3 (If-Modified-Since), 15.4.5 (304).
    """
    try:
        async with asyncio.timeout(limits.timeout_s):
            return await _Visit(sender, errand, limits, surroundings or Alone()).follow()
    except TimeoutError:
        return FetchFailure(f"took longer than {limits.timeout_s:g} s")
    except _RefusedError as refused:
        return refused.failure
    except _FORESEEN as error:
        return FetchFailure(_reason(error, limits))


@dataclass(frozen=True, slots=True)
class _Visit:
    """One way from the first address to the last redirect."""

    sender: Sender
    errand: Errand
    limits: FetchLimits
    surroundings: Surroundings

    async def follow(self) -> Answer:
        """Follow redirects by hand, judging each address (RFC 9110 15.4)."""
        url = httpx2.URL(self.errand.address)
        authorization = self.errand.authorization
        moved_to, for_good = "", True
        for _ in range(self.limits.max_redirects + 1):
            async with self._turn(url), contextlib.aclosing(await self._ask(url, authorization)) as response:
                if response.status_code not in _REDIRECTS:
                    return await self._read(response, url, moved_to)
                target = _redirect_target(response, url)
            if _origin(target) != _origin(url):
                authorization = ""  # and it stays away, wherever the way leads from there
            url = target
            for_good = for_good and response.status_code in _REDIRECTS_FOR_GOOD
            moved_to = _public(url) if for_good else moved_to
        reason = f"more than {self.limits.max_redirects} redirects"
        raise _RefusedError(reason, response)

    def _turn(self, url: httpx2.URL) -> AbstractAsyncContextManager[None]:
        host = host_of(str(url))
        if host == host_of(self.errand.address):
            return contextlib.nullcontext()
        return self.surroundings.turn(host)

    async def _ask(self, url: httpx2.URL, authorization: str) -> httpx2.Response:
        """Send one request, if nothing speaks against it."""
        if url.scheme not in _DEFAULT_PORTS or not url.host:
            raise _RefusedError("the address is not http or https")
        refused = await self.surroundings.refusal(_public(url))
        if refused:
            raise _RefusedError(refused)
        return await self._send(url, authorization)

    async def _send(self, url: httpx2.URL, authorization: str) -> httpx2.Response:
        """Send one request to the first address of the host that takes a connection."""
        hosts = await self._judged_hosts(url)
        headers = {"Host": url.netloc.decode("ascii"), **self._headers(authorization)}
        extensions = {
            "timeout": {"connect": self.limits.connect_timeout_s},
            "sni_hostname": url.raw_host.decode("ascii"),  # the name the certificate must carry
        }
        for position, host in enumerate(hosts, start=1):
            target = url.copy_with(host=host, username=None, password=None, fragment=None)
            request = httpx2.Request("GET", target, headers=headers, extensions=extensions)
            try:
                return await self.sender.transport.handle_async_request(request)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                if position == len(hosts):
                    raise
            except ValueError as error:  # a name that TLS cannot take
                raise _RefusedError("the address is not usable") from error
        raise _RefusedError("name not found")

    def _headers(self, authorization: str) -> dict[str, str]:
        headers = {
            "User-Agent": self.sender.user_agent,
            "Accept": _ACCEPT,
            "Accept-Encoding": ACCEPTED,
            "If-None-Match": self.errand.etag,
            "If-Modified-Since": self.errand.last_modified,
            "Authorization": authorization,
        }
        return {name: value for name, value in headers.items() if value}

    async def _judged_hosts(self, url: httpx2.URL) -> list[str]:
        """Look the host up once; keep what may be connected to.

        Behind a proxy names are the proxy's to look up; what needs no look-up is judged here all the same.
        """
        port = _port(url)
        wrong = port_refusal(port)
        if wrong:
            raise _RefusedError(f"the address is not usable: {wrong}")
        name = url.raw_host.decode("ascii")
        if self.sender.has_proxy:
            found = literal_addresses(name)
            return [name] if not found else self._allowed(found)
        try:
            found = await self.sender.resolve(name, port)
        except socket.gaierror as error:
            unsure = error.errno == socket.EAI_AGAIN
            raise _RefusedError("name look-up failed for now" if unsure else "name not found") from error
        except OSError as error:
            raise _RefusedError("name look-up failed") from error
        return self._allowed(found)[:_MAX_ADDRESSES]

    def _allowed(self, addresses: list[str]) -> list[str]:
        allow_private, refuse = self.errand.allow_private, self.sender.refuse
        allowed = [address for address in addresses if not refuse(address, allow_private=allow_private)]
        if addresses and not allowed:
            reason = f"address {addresses[0]} is {refuse(addresses[0], allow_private=allow_private)}"
            could_be_allowed = not refuse(addresses[0], allow_private=True)
            raise _RefusedError(f"{reason}; set allow_private: true to allow it" if could_be_allowed else reason)
        return allowed

    async def _read(self, response: httpx2.Response, url: httpx2.URL, moved_to: str) -> Answer:
        """Take the body, counted as it comes and as it unpacks; of one that was cut off what had come."""
        status, headers = response.status_code, dict(response.headers)
        if status == HTTPStatus.NOT_MODIFIED and (self.errand.etag or self.errand.last_modified):
            return Answer(status, _public(url), headers, b"", moved_to)
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise _RefusedError(status_line(status, headers), response)
        body, is_cut_off = bytearray(), False
        try:
            async with contextlib.aclosing(self._pieces(response)) as pieces:
                async for piece in pieces:
                    if len(body) <= LARGE_BYTES < len(body) + len(piece):
                        await self.surroundings.room()
                    body += piece
                    if len(body) > self.limits.max_body_bytes:
                        is_cut_off = self._cut(response)
                        break
        except _CONNECTION_ENDED:
            if not body:
                raise
            is_cut_off = True
        except DamagedBodyError as error:
            raise _RefusedError("the compressed body is damaged", response) from error
        return Answer(status, _public(url), headers, bytes(body), moved_to, is_cut_off)

    async def _pieces(self, response: httpx2.Response) -> AsyncGenerator[bytes]:
        decoder = open_decoder(response.headers.get("content-encoding", ""))
        if decoder is None:  # nested codings multiply
            raise _RefusedError("body in a coding that was not asked for", response)
        n_bytes = 0
        async for coded in response.aiter_raw():
            n_bytes += len(coded)
            if n_bytes > self.limits.max_body_bytes and not self.limits.keeps_beginning:
                raise self._too_large(response)
            for piece in decoder.decode(coded):
                yield piece

    def _cut(self, response: httpx2.Response) -> bool:
        """Agree that a body is cut where it is too large, if that is wanted."""
        if not self.limits.keeps_beginning:
            raise self._too_large(response)
        return True

    def _too_large(self, response: httpx2.Response) -> _RefusedError:
        return _RefusedError(f"body larger than {self.limits.max_body_bytes / 1e6:g} MB", response)


def _redirect_target(response: httpx2.Response, url: httpx2.URL) -> httpx2.URL:
    location = response.headers.get("location", "")
    if not location:
        raise _RefusedError("redirected to nowhere (no Location)", response)
    target = url.join(location)
    if target.scheme not in _DEFAULT_PORTS or not target.host:
        raise _RefusedError("redirected to an address that is not http or https", response)
    return target


def _origin(url: httpx2.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, _port(url)


def _port(url: httpx2.URL) -> int:
    return _DEFAULT_PORTS[url.scheme] if url.port is None else url.port


def is_same_origin(one: str, other: str) -> bool:
    """Tell whether two http(s) addresses have scheme, host and port in common (RFC 6454 5)."""
    return _origin(httpx2.URL(one)) == _origin(httpx2.URL(other))


def _public(url: httpx2.URL) -> str:
    return str(url.copy_with(username=None, password=None, fragment=None))


def _reason(error: Exception, limits: FetchLimits) -> str:
    """Put a failure of the network into words."""
    if isinstance(error, httpx2.TimeoutException):
        return f"no connection within {limits.connect_timeout_s:g} s"
    by_kind = (reason for kind, reason in _REASONS.items() if isinstance(error, kind))
    return describe_cause(error) or next(by_kind, "connection lost")
