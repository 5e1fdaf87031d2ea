"""Servers that misbehave, through the whole collector: each feed a result with a reason, no feed another's."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sentinel.feeds import Manners, collect_feeds
from sentinel.records import Credentials, Feed, FeedResult, FeedState

from .conftest import FeedServer, Reply, rss
from .misbehaviour import NEWS, PACKERS, bomb, chunked, drip, endless, lying_etag, raw, redirect

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
OK_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"


def feed_at(url: str, name: str = "wire", **more: Any) -> Feed:
    return Feed(name, url, "markets", allow_private=True, **more)


def collect(*feeds: Feed, states: dict[str, FeedState] | None = None, now: datetime = NOW, **more: Any) -> list[Any]:
    manners = Manners(**{"timeout_s": 5.0, **more})
    results = collect_feeds(feeds, states or {}, now=lambda: now, manners=manners)
    return sorted(results, key=lambda result: [feed.name for feed in feeds].index(result.feed))


def collect_one(url: str, **more: Any) -> FeedResult:
    (result,) = collect(feed_at(url), **more)
    return result


def titles(result: FeedResult) -> list[str]:
    return [item.title for item in result.items]


BOTH = ["Profit up", "Loss widens"]


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        pytest.param(raw(b"HTTP/1.0 200 OK\r\n\r\n", NEWS), BOTH, id="HTTP/1.0, the end is the length"),
        pytest.param(raw(OK_HEAD, b"Connection: keep-alive\r\n\r\n", NEWS), BOTH, id="keep-alive, but hung up"),
        pytest.param(raw(OK_HEAD, b"Content-Length: 9999\r\n\r\n", NEWS), BOTH, id="promised more than there is"),
        pytest.param(chunked(NEWS[:90], NEWS[90:]), BOTH, id="chunked"),
        pytest.param(chunked(NEWS, end=b""), BOTH, id="chunked without an end"),
        pytest.param(chunked(NEWS, end=b"zz\r\n"), BOTH, id="chunked with a broken end"),
        pytest.param(raw(b"HTTP/1.1 100 Continue\r\n\r\n" * 20, OK_HEAD, b"\r\n", NEWS), BOTH, id="said 100 before"),
    ],
)
def test_whole_news_in_a_broken_wrapping_are_taken(server: FeedServer, answer: Any, found: list[str]) -> None:
    server.routes["/rss"] = answer
    result = collect_one(server.url("/rss"))
    assert (result.outcome, titles(result), result.reason) == ("fetched", found, "")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (raw(b""), "the connection ended early, or the answer was not HTTP"),
        (raw(b"SSH-2.0-server\r\n"), "the connection ended early, or the answer was not HTTP"),
        (raw(b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n"), "the connection ended early, or the answer was not HTTP"),
        (raw(OK_HEAD, b"Content-Length: -1\r\n\r\n", NEWS), "the connection ended early, or the answer was not HTTP"),
        (raw(OK_HEAD, b"Content-Length: 90\r\n\r\n<rss"), "the connection ended before a whole item had come"),
        (chunked(NEWS[:60], end=b"nonsense\r\n"), "the connection ended before a whole item had come"),
        (raw(OK_HEAD, b"Content-Length: 10\r\n\r\n", NEWS), "not a feed: application/rss+xml"),
        (raw(b"HTTP/1.1 999 What\r\n\r\n"), "HTTP 999"),
        (Reply(status=403, headers={"cf-mitigated": "challenge"}), "HTTP 403: the host lets only browsers in"),
    ],
)
def test_what_is_no_answer_is_a_reason(server: FeedServer, answer: Any, reason: str) -> None:
    server.routes["/rss"] = answer
    result = collect_one(server.url("/rss"))
    assert (result.outcome, result.reason, result.items) == ("failed", reason, ())


@pytest.mark.parametrize("twentieth", range(20))
def test_a_connection_cut_anywhere_keeps_the_whole_items_and_calls_the_feed_failed(
    server: FeedServer, twentieth: int
) -> None:
    cut = len(NEWS) * twentieth // 20
    server.routes["/rss"] = Reply(NEWS[:cut], headers={"ETag": '"1"'}, length=len(NEWS))
    result = collect_one(server.url("/rss"))
    whole = [
        title for title, end in zip(BOTH, (b"g1</guid></item>", b"g2</guid></item>"), strict=True) if end in NEWS[:cut]
    ]
    assert (result.outcome, titles(result), result.state.etag) == ("failed", whole, "")


def test_endless_headers_and_bodies_are_cut(server: FeedServer) -> None:
    server.routes |= {
        "/headers": endless(server, OK_HEAD, b"X-More: and more\r\n"),
        "/header": endless(server, OK_HEAD + b"X-Long: ", b"a" * 1_000),
        "/body": endless(server, OK_HEAD + b"\r\n<rss>", b"a" * 10_000),
        "/good": Reply(NEWS),
    }
    feeds = [feed_at(server.url(path), path[1:]) for path in server.routes]
    results = collect(*feeds, max_body_bytes=1_000_000, timeout_s=60.0)
    assert [(result.feed, result.reason) for result in results] == [
        ("headers", "the connection ended early, or the answer was not HTTP"),
        ("header", "the connection ended early, or the answer was not HTTP"),
        ("body", "body larger than 1 MB"),
        ("good", ""),
    ]


def test_a_server_that_says_to_go_on_for_ever_is_cut(server: FeedServer) -> None:
    server.routes["/rss"] = endless(server, b"", b"HTTP/1.1 100 Continue\r\n\r\n")
    assert collect_one(server.url("/rss"), timeout_s=0.5).reason == "took longer than 0.5 s"


def test_slow_servers_are_cut_at_the_deadline_and_fail_no_other(server: FeedServer) -> None:
    server.routes |= {"/slow": drip(server, OK_HEAD + b"\r\n"), "/silent": drip(server, b"", every_s=20)}
    server.routes["/good"] = Reply(NEWS)
    paths = ["/slow", "/silent", "/good", "/slow", "/good"]
    results = collect(*(feed_at(server.url(path), f"f{n}") for n, path in enumerate(paths)), timeout_s=1.0)
    assert [result.reason for result in results] == ["took longer than 1 s"] * 2 + ["", "took longer than 1 s", ""]


@pytest.mark.parametrize("coding", list(PACKERS))
def test_news_in_every_coding_are_taken(server: FeedServer, coding: str) -> None:
    server.routes["/rss"] = Reply(PACKERS[coding](NEWS), headers={"Content-Encoding": coding})
    assert titles(collect_one(server.url("/rss"))) == BOTH


@pytest.mark.parametrize("coding", list(PACKERS))
def test_a_bomb_is_stopped_and_one_on_a_redirect_is_not_even_unpacked(server: FeedServer, coding: str) -> None:
    server.routes |= {
        "/bomb": bomb(coding, 50_000_000),
        "/detour": bomb(coding, 50_000_000, status=302, Location="/news"),
        "/news": Reply(NEWS),
    }
    bombed, redirected = collect(feed_at(server.url("/bomb"), "bomb"), feed_at(server.url("/detour"), "detour"))
    assert bombed.reason == "body larger than 15 MB"
    assert titles(redirected) == BOTH


MEASURE = """
import resource, sys
from datetime import UTC, datetime
from sentinel.feeds import Manners, collect_feeds
from sentinel.records import Feed
def collect(*urls):
    feeds = [Feed(f"f{n}", url, "markets", allow_private=True) for n, url in enumerate(urls)]
    return [result.reason for result in collect_feeds(feeds, {}, now=lambda: datetime.now(UTC), manners=Manners())]
collect(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
reasons = collect(*sys.argv[2:])
print(set(reasons), (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024 < 60)
"""


def test_bombs_of_all_kinds_at_once_take_less_than_60_mb(server: FeedServer, tmp_path: Path) -> None:
    script = tmp_path / "measure.py"
    script.write_text(MEASURE, encoding="utf-8")
    server.routes |= {f"/{coding}": bomb(coding, 100_000_000) for coding in PACKERS}
    server.routes |= {"/good": Reply(NEWS), "/plain": Reply(bytes(50_000_000))}
    urls = [server.url(path) for path in ("/good", *(f"/{coding}" for coding in PACKERS), "/plain")]
    run = subprocess.run(
        [sys.executable, script, *urls], capture_output=True, text=True, env={"PYTHONPATH": ":".join(sys.path)}
    )
    assert (run.stdout, run.returncode) == ("{'body larger than 15 MB'} True\n", 0), run.stderr


def test_redirects_that_lead_in_circles_or_too_far_are_given_up(server: FeedServer) -> None:
    server.routes |= {"/loop": redirect("/loop"), "/ping": redirect("/pong"), "/pong": redirect("/ping")}
    server.routes |= {f"/far{n}": redirect(f"/far{n + 1}") for n in range(6)} | {"/far6": Reply(NEWS)}
    feeds = [feed_at(server.url(f"/{name}"), name) for name in ("loop", "ping", "far0", "far1")]
    assert [result.reason for result in collect(*feeds)] == ["more than 5 redirects"] * 3 + [""]
    assert len(server.requests) == 4 * 6


@pytest.mark.parametrize(
    "location",
    [
        "http://[",
        "http://\x7f/",
        "//",
        "http:///x",
        "http://127.0.0.1:99999/",
        "http://a b/",
        "http://%00/",
        "\xff\xfe",
        "http://" + "a" * 300,
    ],
)
def test_redirects_to_what_is_no_address_are_reasons(server: FeedServer, location: str) -> None:
    server.routes["/rss"] = raw(b"HTTP/1.1 302 Found\r\nLocation: ", location.encode("latin-1"), b"\r\n\r\n")
    result = collect_one(server.url("/rss"))
    assert result.outcome == "failed"
    assert result.reason


def test_a_storm_of_429_is_sat_out_feed_by_feed(server: FeedServer) -> None:
    server.routes |= {
        "/seconds": Reply(status=429, headers={"Retry-After": "7200"}),
        "/date": raw(b"HTTP/1.1 503 Busy\r\nRetry-After: Mon, 02 Mar 2026 14:00:00 GMT\r\n\r\n"),
        "/good": Reply(NEWS),
    }
    feeds = [feed_at(server.url(path), path[1:]) for path in server.routes]
    states: dict[str, FeedState] = {}
    asked = []
    for minutes in range(0, 180, 30):
        server.requests.clear()
        for result in collect(*feeds, states=states, now=NOW + timedelta(minutes=minutes)):
            states[result.feed] = result.state
        asked += [(minutes, path) for path in server.paths() if path != "/good"]
        assert "/good" in server.paths()
    assert [minutes for minutes, path in asked if path == "/seconds"] == [0, 120]
    assert [minutes for minutes, path in asked if path == "/date"][:2] == [0, 120]  # from then on it lies in the past


def test_a_lying_server_hides_news_for_a_day_at_most(server: FeedServer) -> None:
    bodies = [NEWS]
    server.routes["/rss"] = lying_etag(bodies)
    states: dict[str, FeedState] = {}
    seen_after: list[int] = []
    for hour in range(27):
        result = collect_one(server.url("/rss"), states=states, now=NOW + hour * HOUR)
        states = {"wire": result.state}
        if "A scandal" in titles(result):
            seen_after.append(hour - 1)
        if hour == 1:
            bodies.append(rss("<title>A scandal</title><guid>g3</guid>"))
    assert min(seen_after) <= 24
    assert server.requests[1][1]["if-none-match"] == '"1"'


def test_a_feed_recovers_by_itself_when_its_server_does(server: FeedServer) -> None:
    states: dict[str, FeedState] = {}
    asked = []
    for hour in range(36):
        server.routes["/rss"] = Reply(status=500) if hour < 24 else Reply(NEWS)
        result = collect_one(server.url("/rss"), states=states, now=NOW + hour * HOUR)
        states = {"wire": result.state}
        asked += [hour] * (result.outcome != "not due")
    assert len([hour for hour in asked if hour < 24]) < 10
    assert asked[-5:] == list(range(31, 36))


def test_a_permanent_move_is_followed_adopted_and_left_again(server: FeedServer) -> None:
    server.routes |= {"/old": redirect("/new", 301), "/new": Reply(NEWS)}
    states: dict[str, FeedState] = {}
    paths = []
    for day in range(9):
        if day == 5:
            server.routes |= {"/old": Reply(NEWS), "/new": Reply(status=404)}
        server.requests.clear()
        result = collect_one(server.url("/old"), states=states, now=NOW + day * 24 * HOUR)
        states = {"wire": result.state}
        paths.append("".join(server.paths()))
    assert paths == ["/old/new"] * 4 + ["/new"] * 4 + ["/old"]
    assert states["wire"].url == server.url("/old")


def test_credentials_go_to_the_origin_of_the_feed_alone(server: FeedServer) -> None:
    other = server.url("/back", host="localhost")
    server.routes |= {
        "/rss": redirect("/same"),
        "/same": redirect(other),
        "/back": redirect(server.url("/end")),
        "/end": Reply(NEWS),
    }
    secret = Credentials(user="ann", password="s3cret-word")
    (result,) = collect(feed_at(server.url("/rss"), auth="WIRE"), credentials={"WIRE": secret})
    sent = [(path, headers.get("authorization", "")) for path, headers in server.requests]
    basic = "Basic YW5uOnMzY3JldC13b3Jk"
    assert sent == [("/rss", basic), ("/same", basic), ("/back", ""), ("/end", "")]
    assert titles(result) == BOTH
    assert "s3cret" not in repr((result, secret, Manners(credentials={"WIRE": secret})))


def test_a_token_is_sent_as_bearer_and_a_failure_does_not_repeat_it(server: FeedServer) -> None:
    server.routes["/rss"] = Reply(status=401)
    credentials = {"WIRE": Credentials(token="t0ken")}
    (result,) = collect(feed_at(server.url("/rss"), auth="WIRE"), credentials=credentials)
    assert server.requests[0][1]["authorization"] == "Bearer t0ken"
    assert (result.reason, "t0ken" in repr(result)) == ("HTTP 401 Unauthorized", False)


def test_redirected_feeds_share_the_turns_of_the_host_they_end_at(server: FeedServer) -> None:
    lock, present, most = threading.Lock(), 0, 0

    def count(handler: BaseHTTPRequestHandler) -> Reply:
        nonlocal present, most
        with lock:
            present += 1
            most = max(most, present)
        server.stop.wait(0.05)
        with lock:
            present -= 1
        return Reply(NEWS)

    server.routes["/end"] = count
    for number in range(8):
        server.routes[f"/{number}"] = redirect(server.url("/end", host="localhost"))
    feeds = [feed_at(server.url(f"/{n}"), f"f{n}") for n in range(8)]
    assert {result.outcome for result in collect(*feeds)} == {"fetched"}
    assert most == 2


def test_a_proxy_gets_names_but_no_address_that_is_not_public(server: FeedServer) -> None:
    server.routes["http://news.example/rss"] = Reply(NEWS)
    proxy = server.url("").rstrip("/")
    feeds = [
        Feed("named", "http://news.example/rss", "markets"),
        Feed("loop", "http://127.0.0.1/rss", "markets"),
        Feed("octal", "http://0177.1/rss", "markets"),
        Feed("local", "http://localhost/rss", "markets"),
        Feed("cloud", "http://169.254.169.254/rss", "markets"),
    ]
    results = collect(*feeds, proxy=proxy, proxy_credentials=Credentials(user="ann", password="pw"))
    assert [result.outcome for result in results] == ["fetched", *["failed"] * 4]
    assert server.paths() == ["http://news.example/rss"]
    assert server.requests[0][1]["proxy-authorization"] == "Basic YW5uOnB3"
