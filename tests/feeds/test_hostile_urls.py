"""Addresses made to reach what they should not, as configured and as redirected to: no canary is ever reached.

The canary listens on every loopback address; a look-up that would leave this machine is answered here.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import TYPE_CHECKING

import pytest

from sentinel.feeds.answer import Answer, Errand, FetchFailure, FetchLimits
from sentinel.feeds.fetch import fetch, open_sender
from sentinel.feeds.guard import literal_addresses, port_refusal, refusal, resolve_host

from .conftest import FeedServer, Reply

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOPBACK = ("127.0.0.1", "127.0.0.2", "127.1.2.3", "127.255.255.254", "0.0.0.0", "localhost")  # noqa: S104 (a target)
INSIDE = ("169.254.169.254", "10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.0.1", "100.64.0.1", "198.18.0.1")
NOWHERE = ("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "192.0.0.1", "192.0.2.1", "203.0.113.1")


def forms_of(address: str) -> Iterator[str]:
    """Write an IPv4 address in the forms that some resolver takes."""
    number = int(ipaddress.IPv4Address(address))
    a, b, c, d = (number >> shift & 255 for shift in (24, 16, 8, 0))
    yield from (address, f"{number}", f"0x{number:x}", f"0{number:o}", f"{address}.")
    yield from (f"0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}", f"0{a:o}.0{b:o}.0{c:o}.0{d:o}", f"{a}.{b}.{c << 8 | d}")
    yield from (f"{a}.{(b << 16) | (c << 8) | d}", f"0x{a:x}.0{b:o}.{c}.{d}", f"00000{a:o}.{b}.{c}.{d}")
    yield from (f"[::ffff:{address}]", f"[::{address}]", f"[0:0:0:0:0:ffff:{a:02x}{b:02x}:{c:02x}{d:02x}]")
    yield from (f"[64:ff9b::{address}]", f"[64:ff9b:1::{address}]", f"[2002:{a:02x}{b:02x}:{c:02x}{d:02x}::1]")
    yield f"[2001:0:{a:02x}{b:02x}:{c:02x}{d:02x}:0:0:{255 - a:02x}{255 - b:02x}:{255 - c:02x}{255 - d:02x}]"
    yield f"[::ffff:0:{address}]"


NAMES = (
    "localhost",
    "LOCALHOST",
    "localhost.",
    "a.localhost",
    "\uff11\uff12\uff17.0.0.1",
    "\u2460\u2461\u2466.\u24ea.\u24ea.\u2460",
    "127\u30020\u30020\u30021",
    "127\uff0e0\uff0e0\uff0e1",
    "\uff4c\uff4fcalhost",
    "loc\u00adalhost",
    "127.0.0.1%00.example.com",
    "127.0.0.1%2eexample.com",
    "%31%32%37.0.0.1",
    "127.0.0.1\t",
    "127。0。0。1",
    "0",
    "0x0",
    "127.1",
    "127.0.1",
    "0177.1",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::1%25lo]",
    "[::1%lo]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fe80::1%lo]",
    "[fec0::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "[ff05::1:3]",
    "[100::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[5f00::1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "inside.example",
    "metadata.example",
    "six.example",
    "both.example",
)
USERINFO = ("news.example@127.0.0.1", "news.example:80@127.0.0.1", "a@b@127.0.0.1", "127.0.0.1#@news.example")
SCHEMES = (
    "file:///etc/passwd",
    "file://127.0.0.1/etc/passwd",
    "ftp://127.0.0.1/",
    "gopher://127.0.0.1:6379/_INFO",
    "dict://127.0.0.1:11211/stats",
    "ldap://127.0.0.1/",
    "data:application/rss+xml,<rss/>",
    "javascript:alert(1)",
    "jar:http://127.0.0.1/!/",
    "netdoc:///etc/passwd",
    "unix:///var/run/docker.sock",
    "ws://127.0.0.1/",
    "feed://127.0.0.1/rss",
    "feed:http://127.0.0.1/rss",
    "view-source:http://127.0.0.1/",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/info",
    "//127.0.0.1/rss",
    "http:127.0.0.1",
    "http:/127.0.0.1/",
    "http:///127.0.0.1/",
    "http:\\\\127.0.0.1\\",
    "http://",
    "http://[",
    "http://]",
    "http://[]/",
    "http://[::1/",
    "http://[127.0.0.1]/",
    "http://[v1.x]/",
    "http://:80/",
    "http://?/",
    "http://../",
    "http://.127.0.0.1/",
    "http://127.0.0.1:0/",
    "http://127.0.0.1:65536/",
    "http://127.0.0.1:-1/",
    "http://news.example:22/",
    "http://news.example:25/",
    "http://news.example:6667/",
    "",
)


def hostile_urls(port: int) -> list[str]:
    hosts = [form for address in (*LOOPBACK[:5], *INSIDE, *NOWHERE) for form in forms_of(address)]
    hosts += [*NAMES, *USERINFO]
    return [*(f"http://{host}:{port}/canary" for host in hosts), *SCHEMES]


async def resolve_here(host: str, port: int) -> list[str]:
    """Look up as the system does, but never ask a name server."""
    planted = {
        "inside.example": ["10.0.0.1"],
        "metadata.example": ["169.254.169.254"],
        "six.example": ["::1", "fe80::1%lo"],
        "both.example": ["127.0.0.1", "::1"],
        "news.example": ["8.8.8.8"],
    }
    if host in planted:
        return planted[host]
    if not literal_addresses(host):
        raise socket.gaierror(socket.EAI_NONAME, "not found")
    return await resolve_host(host, port)


def ask_all(urls: list[str]) -> dict[str, Answer | FetchFailure]:
    """Fetch every address once, a few at a time, nothing private allowed."""

    async def ask() -> dict[str, Answer | FetchFailure]:
        sender = open_sender("", resolve=resolve_here)
        limits = FetchLimits(timeout_s=20.0, connect_timeout_s=1.0)
        return {url: await fetch(sender, Errand(url), limits=limits) for url in urls}

    return asyncio.run(ask())


def test_no_hostile_address_reaches_a_canary(server: FeedServer) -> None:
    server.routes["/canary"] = Reply(b"<rss/>")
    urls = hostile_urls(server.port)
    assert len(set(urls)) > 400
    outcomes = ask_all(urls)
    assert server.requests == []
    assert {url for url, outcome in outcomes.items() if isinstance(outcome, Answer)} == set()
    assert all(outcome.reason for outcome in outcomes.values() if isinstance(outcome, FetchFailure))


def test_no_hostile_redirect_reaches_a_canary(server: FeedServer) -> None:
    server.routes["/canary"] = Reply(b"<rss/>")
    urls = hostile_urls(server.port)
    encodable = [url for url in urls if url.isascii() and url.isprintable()]
    for number, url in enumerate(encodable):
        server.routes[f"/to{number}"] = Reply(status=302, headers={"Location": url})

    at_front = False

    async def resolve(host: str, port: int) -> list[str]:
        nonlocal at_front
        at_front = host == "front.example"
        return ["127.0.0.1"] if at_front else await resolve_here(host, port)

    def refuse(address: str, *, allow_private: bool) -> str:
        """Let the way to the front door through, as if it were public, and judge all else."""
        return "" if at_front else refusal(address, allow_private=allow_private)

    async def ask() -> list[Answer | FetchFailure]:
        sender = open_sender("", resolve=resolve, refuse=refuse)
        limits = FetchLimits(timeout_s=20.0, connect_timeout_s=1.0)
        front = f"http://front.example:{server.port}/to"
        return [await fetch(sender, Errand(f"{front}{number}"), limits=limits) for number in range(len(encodable))]

    outcomes = asyncio.run(ask())
    assert len(outcomes) > 400
    assert "/canary" not in server.paths()
    assert {type(outcome) for outcome in outcomes} == {FetchFailure}


def test_a_name_that_changes_its_address_gains_nothing(server: FeedServer) -> None:
    answers = [["8.8.8.8"], ["127.0.0.1"], ["127.0.0.1"]]

    async def rebind(host: str, port: int) -> list[str]:
        return answers.pop(0)

    connected: list[str] = []

    def refuse(address: str, *, allow_private: bool) -> str:
        connected.append(address)
        return refusal(address, allow_private=allow_private)

    sender = open_sender("", resolve=rebind, refuse=refuse)
    limits = FetchLimits(timeout_s=2.0, connect_timeout_s=0.2)
    asyncio.run(fetch(sender, Errand(f"http://rebind.example:{server.port}/canary"), limits=limits))
    assert (server.requests, connected, len(answers)) == ([], ["8.8.8.8"], 2)


def test_of_several_addresses_only_public_ones_are_connected_to(server: FeedServer) -> None:
    async def mixed(host: str, port: int) -> list[str]:
        return ["127.0.0.1", "10.0.0.1", "::1", "127.0.0.9"]

    def refuse(address: str, *, allow_private: bool) -> str:
        return "" if address == "127.0.0.9" else "private"

    sender = open_sender("", resolve=mixed, refuse=refuse)
    limits = FetchLimits(timeout_s=2.0, connect_timeout_s=0.5)
    failure = asyncio.run(fetch(sender, Errand(f"http://mixed.example:{server.port}/canary"), limits=limits))
    assert server.requests == []
    assert failure == FetchFailure("connection refused")


@pytest.mark.parametrize(
    ("host", "addresses"),
    [
        ("127.1", ["127.0.0.1"]),
        ("0x7f000001", ["127.0.0.1"]),
        ("017700000001", ["127.0.0.1"]),
        ("::1", ["::1"]),
        ("Sub.LocalHost.", ["127.0.0.1"]),
        ("news.example", []),
        ("", []),
        ("a\0b", []),
    ],
)
def test_addresses_are_read_from_a_host_without_asking_anybody(host: str, addresses: list[str]) -> None:
    assert literal_addresses(host) == addresses


@pytest.mark.parametrize("port", [80, 443, 8080, 8443, 1024, 65_535])
def test_ports_for_http_are_open(port: int) -> None:
    assert port_refusal(port) == ""


@pytest.mark.parametrize("port", [22, 25, 110, 143, 6000, 6667])
def test_ports_of_other_services_are_refused(port: int) -> None:
    assert port_refusal(port) == f"port {port} is not for HTTP"
