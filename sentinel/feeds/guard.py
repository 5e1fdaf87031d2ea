"""Which addresses a feed may be fetched from: name in, addresses out, each with a reason if it is refused.

A feed's address is written by others, and so is every redirect. The name is looked up once, the addresses
found are judged, and the connection goes to an address that was judged: no second look-up, so a name that
changes its answer (DNS rebinding) gains nothing. Standard library only.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import threading
from collections.abc import Awaitable, Callable
from typing import Protocol

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""Looks up (host, port); gives addresses, best first; raises OSError when the name is not found."""


class Refuse(Protocol):
    """Says what speaks against an address, as ``refusal`` does."""

    def __call__(self, address: str, *, allow_private: bool) -> str:
        """Give the reason, or ""."""


IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# Ranges that carry an IPv4 address inside, or that Python versions disagree about.
# Source: IANA special-purpose address registries; RFC 6598 (shared), RFC 6052 and 8215 (NAT64),
# RFC 3056 (6to4), RFC 4380 (Teredo), RFC 9637 (documentation), RFC 9602 (5f00::/16),
# RFC 3879 (site-local).
_NAMED_RANGES = tuple(
    (ipaddress.ip_network(network), kind)
    for network, kind in (
        ("100.64.0.0/10", "shared by a carrier (CGNAT)"),
        ("192.0.0.0/24", "set aside for protocols"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("::ffff:0:0/96", "an IPv4 address in disguise (mapped)"),
        ("64:ff9b::/96", "an IPv4 address in disguise (NAT64)"),
        ("64:ff9b:1::/48", "an IPv4 address in disguise (NAT64)"),
        ("2001::/32", "an IPv4 address in disguise (Teredo)"),
        ("2002::/16", "an IPv4 address in disguise (6to4)"),
        ("3fff::/20", "set aside for documentation"),
        ("5f00::/16", "set aside for routers"),
        ("fec0::/10", "private (site-local)"),
        ("fd00:ec2::/32", "set aside for a cloud's own services"),  # AWS: instance metadata at fd00:ec2::254
    )
)

# Ports on which something else than HTTP listens, which would take a request for commands.
# Source: https://fetch.spec.whatwg.org/#port-blocking
# fmt: off
_OTHER_PORTS = frozenset({
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
    111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
    540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061,
    6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
})
# fmt: on
_LAST_PORT = 65_535

_OWN_KINDS = frozenset({"loopback", "private", "private (site-local)", "shared by a carrier (CGNAT)"})
"""What ``allow_private`` opens: networks of one's own. Link-local is not among them: clouds keep secrets there."""


def refusal(address: str, *, allow_private: bool = False) -> str:
    """Say what speaks against connecting to an address.

    Args:
        address: IPv4 or IPv6 address, possibly with a zone ("fe80::1%eth0").
        allow_private: whether networks of one's own are allowed besides public addresses.

    Returns:
        What it is instead of an allowed address ("private", "link-local", ...), or "" when it is one.
    """
    kind = _kind(ipaddress.ip_address(address))
    return "" if allow_private and kind in _OWN_KINDS else kind


def port_refusal(port: int) -> str:
    """Say what speaks against a port; "" for nothing."""
    if not 1 <= port <= _LAST_PORT:
        return "there is no such port"
    return f"port {port} is not for HTTP" if port in _OTHER_PORTS else ""


def literal_addresses(host: str) -> list[str]:
    """Read a host that is an address in any form, or this machine's name; nobody is asked.

    Args:
        host: name or address.

    Returns:
        What it stands for; empty for a name that has to be looked up.
    """
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):  # RFC 6761 6.3
        return ["127.0.0.1"]
    try:
        answers = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, ValueError):
        return []
    return [str(answer[4][0]) for answer in answers]


def _kind(address: IPAddress) -> str:
    """Name the kind of an address; "" for a public one."""
    for network, named in _NAMED_RANGES:
        if address.version == network.version and address in network:
            return named
    kinds = (
        (address.is_unspecified, "unspecified"),
        (address.is_loopback, "loopback"),
        (address.is_link_local, "link-local"),
        (address.is_multicast, "multicast"),
        (address.is_private, "private"),
        (address.is_reserved, "reserved"),
        (not address.is_global, "not public"),
    )
    return next((kind for applies, kind in kinds if applies), "")


async def resolve_host(host: str, port: int) -> list[str]:
    """Look up a host once, without holding up anything else.

    Each look-up has a thread of its own that is left behind when its caller gives up: a name server that
    does not answer delays neither other look-ups nor the end of the program.

    Args:
        host: name or address in any form the system understands.
        port: TCP port.

    Returns:
        Distinct addresses in the order of preference of the system.

    Raises:
        OSError: the name is not found (socket.gaierror).
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[list[str]] = loop.create_future()

    def tell(addresses: list[str], error: OSError | None) -> None:
        if found.done():
            return  # the caller gave up
        if error is None:
            found.set_result(addresses)
        else:
            found.set_exception(error)

    def look_up() -> None:
        addresses: list[str] = []
        failure: OSError | None = None
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            addresses = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
        except OSError as error:
            failure = error
        except (ValueError, OverflowError):  # a label that is empty or too long, a NUL, a port out of range
            failure = socket.gaierror(socket.EAI_NONAME, "not a host name")
        with contextlib.suppress(RuntimeError):  # the loop ended meanwhile
            loop.call_soon_threadsafe(tell, addresses, failure)

    threading.Thread(target=look_up, name="look-up", daemon=True).start()
    return await found
