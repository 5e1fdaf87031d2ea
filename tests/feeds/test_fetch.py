from __future__ import annotations

import asyncio
import gzip
import socket
import zlib
from typing import TYPE_CHECKING

import pytest

from sentinel import __version__
from sentinel.feeds.answer import Answer, Errand, FetchFailure, FetchLimits
from sentinel.feeds.fetch import build_user_agent, fetch, open_sender
from sentinel.feeds.guard import refusal, resolve_host

from .conftest import FeedServer, Reply

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler

    from sentinel.feeds.guard import Refuse, Resolve

XML = {"Content-Type": "application/xml"}


def ask(
    url: str,
    *,
    limits: FetchLimits | None = None,
    allow_private: bool = True,
    resolve: Resolve = resolve_host,
    refuse: Refuse = refusal,
    proxy: str = "",
    **more: str,
) -> Answer | FetchFailure:
    """Fetch one address once."""
    sender = open_sender("ops@example.com", resolve=resolve, refuse=refuse, proxy=proxy)
    errand = Errand(url, allow_private=allow_private, **more)
    return asyncio.run(fetch(sender, errand, limits=limits or FetchLimits(timeout_s=10.0)))


def answer_of(url: str, *, resolve: Resolve = resolve_host, **more: str) -> Answer:
    answer = ask(url, resolve=resolve, **more)
    assert isinstance(answer, Answer), answer
    return answer


def test_fetch_gives_body_headers_and_says_who_asks(server: FeedServer) -> None:
    server.routes["/rss"] = Reply(b"<rss/>", headers={**XML, "ETag": '"1"'})
    answer = answer_of(server.url("/rss"))
    assert (answer.status, answer.body, answer.content_type) == (200, b"<rss/>", "application/xml")
    assert answer.validator("etag") == '"1"'
    asked = server.requests[0][1]
    assert asked["user-agent"] == f"sentinel/{__version__} (+ops@example.com)"
    assert asked["host"] == f"127.0.0.1:{server.port}"
    assert not {"if-none-match", "if-modified-since", "cookie", "authorization"} & asked.keys()


def test_fetch_sends_the_validators_it_is_given(server: FeedServer) -> None:
    server.routes["/rss"] = Reply(status=304)
    modified = "Mon, 03 Jun 2024 10:00:00 GMT"
    answer = answer_of(server.url("/rss"), etag='W/"7"', last_modified=modified)
    assert answer.not_modified
    asked = server.requests[0][1]
    assert asked["if-none-match"] == 'W/"7"'
    assert asked["if-modified-since"] == modified


def test_validator_that_could_not_be_sent_back_is_not_kept() -> None:
    answer = Answer(200, "", {"etag": '"caf\xe9"', "last-modified": "x" * 2_000}, b"")
    assert (answer.validator("etag"), answer.validator("last-modified")) == ("", "")


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (404, "HTTP 404 Not Found"),
        (410, "HTTP 410 Gone"),
        (503, "HTTP 503 Service Unavailable"),
        (599, "HTTP 599"),
        (300, "HTTP 300 Multiple Choices"),
        (304, "HTTP 304 Not Modified"),
    ],
)
def test_fetch_names_a_status_that_is_no_answer(server: FeedServer, status: int, reason: str) -> None:
    server.routes["/rss"] = Reply(status=status)
    assert ask(server.url("/rss")) == FetchFailure(reason, status)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_fetch_follows_redirects(server: FeedServer, status: int) -> None:
    server.routes["/old"] = Reply(status=status, headers={"Location": "/new?x=1"})
    server.routes["/new?x=1"] = Reply(b"<rss/>")
    answer = answer_of(server.url("/old"))
    assert (answer.body, answer.url) == (b"<rss/>", server.url("/new?x=1"))


def test_fetch_stops_after_five_redirects(server: FeedServer) -> None:
    for n in range(9):
        server.routes[f"/{n}"] = Reply(status=302, headers={"Location": f"/{n + 1}"})
    assert ask(server.url("/0")) == FetchFailure("more than 5 redirects", 302)
    assert server.paths() == [f"/{n}" for n in range(6)]


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://example.com/", "javascript:x", "data:,x"])
def test_fetch_goes_to_http_addresses_only(server: FeedServer, location: str) -> None:
    server.routes["/rss"] = Reply(status=302, headers={"Location": location})
    assert ask(server.url("/rss")) == FetchFailure("redirected to an address that is not http or https", 302)


def test_fetch_needs_to_be_told_where_a_redirect_goes(server: FeedServer) -> None:
    server.routes["/rss"] = Reply(status=302)
    assert ask(server.url("/rss")) == FetchFailure("redirected to nowhere (no Location)", 302)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.com/x", "gopher://x", "http://", "nonsense"])
def test_fetch_refuses_what_is_no_http_address(url: str) -> None:
    assert ask(url).reason in {"the address is not http or https", "the address is not usable"}  # type: ignore[union-attr]


@pytest.mark.parametrize("where", ["headers", "body"])
def test_fetch_cuts_a_server_that_drips(server: FeedServer, where: str) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        handler.wfile.write(b"Content-Length: 1000\r\n\r\n" if where == "body" else b"X-Long: ")
        while not server.stop.wait(0.05):
            handler.wfile.write(b"x")

    server.routes["/rss"] = drip
    limits = FetchLimits(timeout_s=0.5)
    assert ask(server.url("/rss"), limits=limits) == FetchFailure("took longer than 0.5 s")


def test_fetch_cuts_a_look_up_that_does_not_end() -> None:
    async def never(host: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    failure = ask("http://slow.example.com/", limits=FetchLimits(timeout_s=0.2), resolve=never)
    assert failure == FetchFailure("took longer than 0.2 s")


@pytest.mark.parametrize("coding", ["identity", "gzip", "deflate"])
def test_fetch_decodes_and_caps_the_decoded_body(server: FeedServer, coding: str) -> None:
    encode = {"identity": bytes, "gzip": gzip.compress, "deflate": zlib.compress}[coding]
    for name, size in (("fits", 1_000_000), ("bomb", 1_000_001)):
        server.routes[f"/{name}"] = Reply(encode(b"a" * size), headers={"Content-Encoding": coding})
    limits = FetchLimits(max_body_bytes=1_000_000)
    fits = ask(server.url("/fits"), limits=limits)
    assert isinstance(fits, Answer)
    assert fits.body == b"a" * 1_000_000
    assert ask(server.url("/bomb"), limits=limits) == FetchFailure("body larger than 1 MB", 200)


@pytest.mark.parametrize("coding", ["gzip, gzip", "br, gzip", "compress", "x-unknown"])
def test_fetch_refuses_codings_it_did_not_ask_for(server: FeedServer, coding: str) -> None:
    server.routes["/rss"] = Reply(b"x", headers={"Content-Encoding": coding})
    assert ask(server.url("/rss")) == FetchFailure("body in a coding that was not asked for", 200)


def test_fetch_says_when_a_compressed_body_is_damaged(server: FeedServer) -> None:
    server.routes["/rss"] = Reply(b"no gzip at all", headers={"Content-Encoding": "gzip"})
    assert ask(server.url("/rss")) == FetchFailure("the compressed body is damaged", 200)


def test_fetch_keeps_what_had_come_when_the_connection_ended_early(server: FeedServer) -> None:
    server.routes["/rss"] = Reply(b"<rss>", length=500)
    answer = answer_of(server.url("/rss"))
    assert (answer.body, answer.is_cut_off) == (b"<rss>", True)


def test_fetch_says_when_the_connection_ends_before_anything_came(server: FeedServer) -> None:
    server.routes["/rss"] = Reply(b"", length=500)
    assert ask(server.url("/rss")) == FetchFailure("the connection ended early, or the answer was not HTTP")


def test_fetch_says_when_the_connection_is_refused() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    assert ask(f"http://127.0.0.1:{port}/") == FetchFailure("connection refused")


def test_fetch_says_when_the_name_is_not_found() -> None:
    assert ask("http://a..b/") == FetchFailure("name not found")


def test_fetch_says_when_tls_fails(server: FeedServer) -> None:
    failure = ask(server.url("/rss").replace("http:", "https:"))
    assert isinstance(failure, FetchFailure)
    assert failure.reason.startswith("TLS: ")


@pytest.mark.parametrize("port", ["0", "65536", "99999", "1" + 23 * "0"])
def test_fetch_refuses_a_redirect_to_a_port_that_cannot_be(server: FeedServer, port: str) -> None:
    server.routes["/rss"] = Reply(status=302, headers={"Location": f"http://127.0.0.1:{port}/"})
    failure = ask(server.url("/rss"))
    assert isinstance(failure, FetchFailure)
    assert failure.reason.startswith("the address is not usable")


def test_resolve_host_says_not_found_for_a_port_out_of_range() -> None:
    with pytest.raises(socket.gaierror):
        asyncio.run(resolve_host("127.0.0.1", 10**23))


def test_fetch_keeps_no_cookies(server: FeedServer) -> None:
    server.routes["/rss"] = Reply(status=302, headers={"Location": "/new", "Set-Cookie": "a=b; Path=/"})
    server.routes["/new"] = Reply(b"<rss/>")
    answer_of(server.url("/rss"))
    assert "cookie" not in server.requests[1][1]


def test_fetch_takes_no_proxy_from_the_environment(server: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    server.routes["/rss"] = Reply(b"<rss/>")
    assert answer_of(server.url("/rss")).body == b"<rss/>"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "0"])
def test_fetch_refuses_addresses_that_are_not_public(server: FeedServer, host: str) -> None:
    server.routes["/rss"] = Reply(b"<rss/>")
    failure = ask(server.url("/rss", host=host), allow_private=False)
    assert isinstance(failure, FetchFailure)
    assert failure.reason.startswith("address ")
    assert server.requests == []


def test_fetch_connects_to_what_was_looked_up_and_never_looks_again(server: FeedServer) -> None:
    looked_up = []

    async def rebind(host: str, port: int) -> list[str]:
        looked_up.append((host, port))
        return ["127.0.0.1"] if len(looked_up) == 1 else ["203.0.113.9"]

    server.routes["/rss"] = Reply(b"<rss/>")
    answer = answer_of(server.url("/rss", host="rebind.example.com"), resolve=rebind)
    assert answer.body == b"<rss/>"
    assert looked_up == [("rebind.example.com", server.port)]
    assert server.requests[0][1]["host"] == f"rebind.example.com:{server.port}"


def test_fetch_judges_the_address_of_every_redirect(server: FeedServer) -> None:
    server.routes["/rss"] = Reply(status=302, headers={"Location": server.url("/secret", host="127.0.0.2")})

    def refuse(address: str, *, allow_private: bool) -> str:
        return "off limits" if address == "127.0.0.2" and not allow_private else ""

    failure = ask(server.url("/rss"), allow_private=False, refuse=refuse)
    assert failure == FetchFailure("address 127.0.0.2 is off limits; set allow_private: true to allow it")
    assert server.paths() == ["/rss"]


def test_fetch_follows_no_redirect_to_a_link_local_address_even_from_a_private_feed(server: FeedServer) -> None:
    server.routes["/rss"] = Reply(status=302, headers={"Location": "http://169.254.169.254/latest/meta-data"})
    assert ask(server.url("/rss")) == FetchFailure("address 169.254.169.254 is link-local")


def test_fetch_tries_the_next_address_when_one_takes_no_connection(server: FeedServer) -> None:
    async def two(host: str, port: int) -> list[str]:
        return ["127.0.0.99", "127.0.0.1"]

    server.routes["/rss"] = Reply(b"<rss/>")
    assert answer_of(server.url("/rss", host="two.example.com"), resolve=two).body == b"<rss/>"


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("10.0.0.1", "private"),
        ("192.168.1.1", "private"),
        ("127.8.8.8", "loopback"),
        ("::1", "loopback"),
        ("169.254.169.254", "link-local"),
        ("fe80::1", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("100.64.0.1", "shared by a carrier (CGNAT)"),
        ("0.0.0.0", "unspecified"),  # noqa: S104
        ("::", "unspecified"),
        ("224.0.0.1", "multicast"),
        ("ff02::1", "multicast"),
        ("255.255.255.255", "private"),
        ("203.0.113.9", "private"),
        ("fc00::1", "private"),
        ("::ffff:8.8.8.8", "an IPv4 address in disguise (mapped)"),
        ("64:ff9b::808:808", "an IPv4 address in disguise (NAT64)"),
        ("64:ff9b:1::1", "an IPv4 address in disguise (NAT64)"),
        ("2002:7f00:1::1", "an IPv4 address in disguise (6to4)"),
        ("2001:0:4136:e378::1", "an IPv4 address in disguise (Teredo)"),
        ("192.0.0.9", "set aside for protocols"),
        ("3fff::1", "set aside for documentation"),
        ("fec0::1", "private (site-local)"),
        ("8.8.8.8", ""),
        ("2606:4700:4700::1111", ""),
    ],
)
def test_refusal_names_what_an_address_is(address: str, kind: str) -> None:
    assert refusal(address) == kind


@pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.1", "::1", "fc00::1", "fec0::1", "100.64.0.1", "8.8.8.8"])
def test_refusal_opens_networks_of_ones_own_where_the_feed_says_so(address: str) -> None:
    assert refusal(address, allow_private=True) == ""


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fd00:ec2::254", "fe80::1", "224.0.0.1", "::", "::ffff:169.254.169.254"]
)
def test_refusal_holds_for_other_addresses_whatever_the_feed_says(address: str) -> None:
    assert refusal(address, allow_private=True) != ""


def test_user_agent_is_one_plain_line() -> None:
    assert build_user_agent("a@example.com\r\nX: y") == f"sentinel/{__version__} (+a@example.comX: y)"
    assert build_user_agent(" ") == f"sentinel/{__version__}"
