from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest

from sentinel.feeds import Manners, build_items_frame, collect_feeds
from sentinel.records import ITEM_COLUMNS, Feed, FeedResult, FeedState, Item

from .conftest import FeedServer, Reply, rss

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

NOW = datetime(2024, 6, 3, 12, tzinfo=UTC)
BEFORE = NOW - timedelta(hours=4)
FEED_BODY = rss("<title>Profit up</title><guid>g1</guid>", "<title>Loss widens</title><guid>g2</guid>")
TRAP = rss("<title>A</title>" + "<x>" * 2_000_000)


def feed_at(server: FeedServer, path: str, name: str = "wire") -> Feed:
    return Feed(name, server.url(path), "markets", allow_private=True)


def collect(
    *feeds: Feed, states: dict[str, FeedState] | None = None, now: datetime = NOW, **manners: Any
) -> list[FeedResult]:
    """Collect feeds, the clock standing still; results in the order of the feeds."""
    asked = Manners(**{"contact": "ops@example.com", "timeout_s": 10.0, **manners})
    results = list(collect_feeds(feeds, states or {}, now=lambda: now, manners=asked))
    names = [feed.name for feed in feeds]
    return sorted(results, key=lambda result: names.index(result.feed))


def titles(result: FeedResult) -> list[str]:
    return [item.title for item in result.items]


def test_collect_gives_items_and_validators_of_a_new_body(server: FeedServer) -> None:
    headers = {"ETag": '"2"', "Last-Modified": "Mon, 03 Jun 2024 11:00:00 GMT"}
    server.routes["/rss"] = Reply(FEED_BODY, headers=headers)
    old = FeedState("wire", server.url("/rss"), etag='"1"', n_failures=3, reason="HTTP 404 Not Found")
    (result,) = collect(feed_at(server, "/rss"), states={"wire": old})
    assert (result.feed, result.outcome, result.reason, result.http_status) == ("wire", "fetched", "", 200)
    assert titles(result) == ["Profit up", "Loss widens"]
    assert {item.first_seen for item in result.items} == {NOW}
    assert (result.state.etag, result.state.last_modified) == ('"2"', headers["Last-Modified"])
    assert (result.state.n_failures, result.state.reason) == (0, "")
    assert {result.state.checked_at, result.state.succeeded_at, result.state.whole_at} == {NOW}
    assert NOW < (result.state.next_check or NOW) < NOW + timedelta(minutes=10)


def test_collect_asks_again_only_for_news(server: FeedServer) -> None:
    def conditional(handler: BaseHTTPRequestHandler) -> Reply:
        held = handler.headers.get("If-None-Match") == '"2"'
        return Reply(status=304) if held else Reply(FEED_BODY, headers={"ETag": '"2"'})

    server.routes["/rss"] = conditional
    feed = feed_at(server, "/rss")
    (first,) = collect(feed)
    (second,) = collect(feed, states={"wire": first.state}, asks_all=True)
    assert (second.outcome, second.items, second.http_status) == ("unchanged", (), 304)
    assert second.state == first.state


def test_collect_leaves_a_feed_alone_that_is_not_due(server: FeedServer) -> None:
    server.routes["/rss"] = Reply(FEED_BODY)
    (first,) = collect(feed_at(server, "/rss"))
    (second,) = collect(feed_at(server, "/rss"), states={"wire": first.state})
    assert (second.outcome, second.reason) == ("not due", "not due before 2024-06-03 12:05 UTC")
    assert second.state == first.state
    assert len(server.requests) == 1


def test_collect_counts_a_failure_and_keeps_the_validators(server: FeedServer) -> None:
    old = FeedState("wire", server.url("/gone"), etag='"1"', succeeded_at=BEFORE, n_failures=1, known_ids="12")
    (result,) = collect(feed_at(server, "/gone"), states={"wire": old})
    assert (result.outcome, result.reason, result.http_status) == ("failed", "HTTP 404 Not Found", 404)
    kept = replace(old, checked_at=NOW, n_failures=2, reason="HTTP 404 Not Found", next_check=result.state.next_check)
    assert result.state == kept
    assert NOW + timedelta(minutes=5) < (result.state.next_check or NOW) < NOW + timedelta(minutes=10)


def test_collect_does_not_take_validators_of_a_page_that_is_no_feed(server: FeedServer) -> None:
    page = b"<html><head><title>Sign in</title></head></html>"
    server.routes["/rss"] = Reply(page, headers={"ETag": '"9"', "Content-Type": "text/html; charset=utf-8"})
    old = FeedState("wire", server.url("/rss"), etag='"1"')
    (result,) = collect(feed_at(server, "/rss"), states={"wire": old})
    assert result.reason == "not a feed: text/html page titled 'Sign in'"
    assert result.state.etag == '"1"'


def test_collect_keeps_the_whole_items_of_a_body_that_was_cut_off_and_calls_it_failed(server: FeedServer) -> None:
    server.routes["/rss"] = Reply(FEED_BODY[: FEED_BODY.index(b"widens")], headers={"ETag": '"9"'})
    (result,) = collect(feed_at(server, "/rss"))
    assert (result.outcome, titles(result), result.n_skipped) == ("failed", ["Profit up"], 1)
    assert result.reason == "the body is cut off; whole items kept: 1"
    assert (result.state.etag, result.state.n_failures) == ("", 1)


def test_collect_completes_links_with_the_address_that_answered(server: FeedServer) -> None:
    """After a redirect a relative link is relative to where the redirect led (RFC 3986 5.1.3)."""
    server.routes["/rss"] = Reply(status=302, headers={"Location": "/archive/june/rss"})
    server.routes["/archive/june/rss"] = Reply(rss("<title>Profit up</title><link>profit.html</link>"))
    (result,) = collect(feed_at(server, "/rss"))
    assert [item.url for item in result.items] == [server.url("/archive/june/profit.html")]


def test_collect_lets_no_feed_stop_another(server: FeedServer) -> None:
    def hang(handler: BaseHTTPRequestHandler) -> None:
        server.stop.wait(20)

    server.routes |= {"/hang": hang, "/good": Reply(FEED_BODY), "/trap": Reply(b"")}
    paths = ["/hang", "/good", "/missing", "/trap", "/good"]
    feeds = [feed_at(server, path, name=f"feed-{n}") for n, path in enumerate(paths)]
    results = collect(*feeds, timeout_s=1.0)
    assert [result.reason for result in results] == [
        "took longer than 1 s",
        "",
        "HTTP 404 Not Found",
        "empty body",
        "",
    ]


def test_collect_survives_a_body_made_to_stall_the_parser(server: FeedServer) -> None:
    server.routes |= {"/trap": Reply(TRAP), "/good": Reply(FEED_BODY)}
    results = collect(feed_at(server, "/trap", "trap"), *[feed_at(server, "/good", f"g{n}") for n in range(4)])
    assert results[0].reason == "parser needed more than 5 s of CPU"
    assert [titles(result) for result in results[1:]] == [["Profit up", "Loss widens"]] * 4


def test_collect_opens_at_most_two_connections_to_a_host(server: FeedServer) -> None:
    lock, open_now, most = threading.Lock(), 0, 0

    def count(handler: BaseHTTPRequestHandler) -> Reply:
        nonlocal open_now, most
        with lock:
            open_now += 1
            most = max(most, open_now)
        server.stop.wait(0.05)
        with lock:
            open_now -= 1
        return Reply(FEED_BODY)

    server.routes["/rss"] = count
    assert len(collect(*[feed_at(server, "/rss", f"f{n}") for n in range(8)])) == 8
    assert most == 2


def test_collect_yields_a_result_as_soon_as_it_is_there(server: FeedServer) -> None:
    def wait(handler: BaseHTTPRequestHandler) -> Reply:
        others_are_done.wait(20)
        return Reply(FEED_BODY)

    others_are_done = threading.Event()
    server.routes |= {"/slow": wait, "/good": Reply(FEED_BODY)}
    feeds = [feed_at(server, "/slow", "slow"), feed_at(server, "/good", "good")]
    order = []
    for result in collect_feeds(feeds, {}, now=lambda: NOW, manners=Manners()):
        order.append(result.feed)
        others_are_done.set()
    assert order == ["good", "slow"]


def test_collect_can_be_stopped_early(server: FeedServer) -> None:
    def hang(handler: BaseHTTPRequestHandler) -> None:
        server.stop.wait(20)

    server.routes |= {"/good": Reply(FEED_BODY), "/hang": hang}
    feeds = [feed_at(server, "/good", "first"), *[feed_at(server, "/hang", f"f{n}") for n in range(9)]]
    results = collect_feeds(feeds, {}, now=lambda: NOW, manners=Manners())
    assert [result.feed for result in islice(results, 1)] == ["first"]
    results.close()  # type: ignore[attr-defined]
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith(("collect", "parser"))]


def test_collect_works_from_a_thread_and_inside_a_running_loop(server: FeedServer) -> None:
    server.routes["/rss"] = Reply(FEED_BODY)

    async def inside() -> list[FeedResult]:
        return await asyncio.to_thread(collect, feed_at(server, "/rss")) + collect(feed_at(server, "/rss"))

    assert [result.outcome for result in asyncio.run(inside())] == ["fetched", "fetched"]


def test_collect_raises_what_is_a_bug(server: FeedServer) -> None:
    def broken_clock() -> datetime:
        raise ZeroDivisionError

    server.routes["/rss"] = Reply(FEED_BODY)
    with pytest.raises(ZeroDivisionError):
        list(collect_feeds([feed_at(server, "/rss")], {}, now=broken_clock, manners=Manners()))


def test_collect_never_runs_the_main_script_again(server: FeedServer, tmp_path: Path) -> None:
    server.routes["/rss"] = Reply(FEED_BODY)
    script = tmp_path / "unguarded.py"
    script.write_text(
        "import sys\n"
        "from datetime import UTC, datetime\n"
        "from sentinel.feeds import Manners, collect_feeds\n"
        "from sentinel.records import Feed\n"
        "print('main')\n"
        "feed = Feed('wire', sys.argv[1], 'markets', allow_private=True)\n"
        "for result in collect_feeds([feed], {}, now=lambda: datetime.now(UTC), manners=Manners()):\n"
        "    print(result.outcome, len(result.items))\n",
        encoding="utf-8",
    )
    run = subprocess.run(
        [sys.executable, "-W", "error", script, server.url("/rss")],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert (run.stdout, run.stderr, run.returncode) == ("main\nfetched 2\n", "", 0)


def test_importing_feeds_does_not_import_pandas() -> None:
    program = "import sys, sentinel.feeds; print('pandas' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert run.stdout == "False\n"


def test_items_frame_has_the_documented_columns_and_types() -> None:
    known = Item("1", "wire", "g", "https://a.example.com/", "T", "S", "T", BEFORE, NOW)
    undated = Item("2", "wire", "", "", "U", "", "U", None, NOW)
    frame = build_items_frame([known, undated])
    assert tuple(frame.columns) == ITEM_COLUMNS
    assert frame["published"].isna().tolist() == [False, True]
    assert frame["published"][0] == BEFORE
    assert frame["title"].tolist() == ["T", "U"]
    for items in (frame, build_items_frame([])):
        types = {name: str(dtype) for name, dtype in items.dtypes.items()}
        times = {"published": "datetime64[us, UTC]", "first_seen": "datetime64[us, UTC]"}
        assert types == dict.fromkeys(ITEM_COLUMNS, "str") | times
