"""robots.txt through the whole collector: asked once a host, believed for a day, obeyed where the setting says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sentinel.feeds import Manners, collect_feeds
from sentinel.feeds.answer import FetchFailure
from sentinel.feeds.robots import MAX_ROBOTS_BYTES, RobotRules
from sentinel.feeds.robots_gate import ROBOTS_LIMITS, read_answer
from sentinel.records import Feed, FeedResult, RobotsCopy

from .conftest import FeedServer, Reply
from .misbehaviour import NEWS, bomb, redirect

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(hours=24)
FORBIDS_ALL = Reply(b"User-agent: *\nDisallow: /\n")


def feed_at(url: str, name: str = "wire") -> Feed:
    return Feed(name, url, "markets", allow_private=True)


def collect(*feeds: Feed, robots: dict[str, RobotsCopy] | None = None, now: datetime = NOW, **more: Any) -> Any:
    manners = Manners(**{"timeout_s": 8.0, "n_workers": 1, "heeds_robots": "always", **more})
    return sorted(
        collect_feeds(feeds, {}, now=lambda: now, manners=manners, robots=robots), key=lambda result: result.feed
    )


def collect_one(url: str, **more: Any) -> FeedResult:
    (result,) = collect(feed_at(url), **more)
    return result


def test_a_feed_that_robots_txt_forbids_is_not_asked_and_says_why(server: FeedServer) -> None:
    server.routes = {"/robots.txt": Reply(b"User-agent: *\nDisallow: /rss\n"), "/rss": Reply(NEWS)}
    result = collect_one(server.url("/rss"))
    assert result.outcome == "failed"
    assert result.reason == "the robots.txt of its host forbids it (Disallow: /rss), and respect_robots is always"
    assert (result.items, result.state.n_failures) == ((), 1)
    assert server.paths() == ["/robots.txt"]


@pytest.mark.parametrize("setting", ["pages", "never"])
def test_feeds_are_asked_without_robots_txt_unless_the_setting_is_always(server: FeedServer, setting: str) -> None:
    server.routes = {"/robots.txt": FORBIDS_ALL, "/rss": Reply(NEWS)}
    assert collect_one(server.url("/rss"), heeds_robots=setting).outcome == "fetched"
    assert server.paths() == ["/rss"]


def test_robots_txt_is_asked_as_feeds_are_and_once_for_all_feeds_of_a_host(server: FeedServer) -> None:
    server.routes = {"/robots.txt": Reply(b"User-agent: *\nDisallow: /b\n"), "/a": Reply(NEWS), "/c": Reply(NEWS)}
    feeds = [feed_at(server.url(f"/{name}"), name) for name in "abc"]
    results = collect(*feeds, n_workers=3, contact="ops@example.com")
    assert [result.outcome for result in results] == ["fetched", "failed", "fetched"]
    assert sorted(server.paths()) == ["/a", "/c", "/robots.txt"]
    (headers,) = (headers for path, headers in server.requests if path == "/robots.txt")
    assert headers["user-agent"].startswith("sentinel/")
    assert headers["user-agent"].endswith("(+ops@example.com)")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        pytest.param(Reply(status=404), "fetched", id="there is none"),
        pytest.param(Reply(status=403), "fetched", id="closed, which is no file"),
        pytest.param(Reply(b"<html><title>Hello</title>"), "fetched", id="a page"),
        pytest.param(redirect("/robots.txt"), "fetched", id="redirects without end"),
        pytest.param(redirect("/elsewhere"), "failed", id="redirected to rules"),
        pytest.param(Reply(status=500), "failed", id="cannot say"),
        pytest.param(Reply(status=503), "failed", id="cannot say now"),
        pytest.param(Reply(status=429), "failed", id="asked too much"),
        pytest.param(lambda _: None, "failed", id="hangs up"),
        pytest.param(bomb("gzip", 30_000_000), "fetched", id="a bomb, of which the beginning is read"),
        pytest.param(Reply(FORBIDS_ALL.body + b"#" * 2_000_000), "failed", id="larger than is read"),
        pytest.param(Reply(b"#" * MAX_ROBOTS_BYTES + b"\n" + FORBIDS_ALL.body), "fetched", id="rules behind the limit"),
    ],
)
def test_what_a_host_says_or_does_not_say_decides(server: FeedServer, answer: Any, outcome: str) -> None:
    server.routes = {"/robots.txt": answer, "/elsewhere": FORBIDS_ALL, "/rss": Reply(NEWS)}
    assert collect_one(server.url("/rss")).outcome == outcome
    assert ("/rss" in server.paths()) is (outcome == "fetched")


def test_a_host_that_cannot_say_gives_that_as_the_reason(server: FeedServer) -> None:
    server.routes = {"/robots.txt": Reply(status=503), "/rss": Reply(NEWS)}
    assert collect_one(server.url("/rss")).reason == (
        "the robots.txt of its host cannot be read, which forbids everything for now "
        "(HTTP 503 Service Unavailable), and respect_robots is always"
    )


def test_an_address_that_a_feed_is_redirected_to_is_judged_by_its_own_host(server: FeedServer) -> None:
    def rules(handler: BaseHTTPRequestHandler) -> Reply:
        return FORBIDS_ALL if handler.headers["Host"].startswith("localhost") else Reply(status=404)

    server.routes = {"/robots.txt": rules, "/rss": redirect(server.url("/news", "localhost")), "/news": Reply(NEWS)}
    assert "Disallow: /)" in collect_one(server.url("/rss")).reason
    assert server.paths() == ["/robots.txt", "/rss", "/robots.txt"]


# --- from run to run -------------------------------------------------------------------------------------------


def test_what_a_host_said_is_believed_for_a_day(server: FeedServer) -> None:
    server.routes = {"/robots.txt": Reply(b"User-agent: *\nDisallow: /rss\nCrawl-delay: 2\n"), "/rss": Reply(NEWS)}
    robots: dict[str, RobotsCopy] = {}
    assert collect_one(server.url("/rss"), robots=robots).outcome == "failed"
    rules = "user-agent: *\ndisallow: /rss\ncrawl-delay: 2"
    assert robots == {server.url(""): RobotsCopy(server.url(""), NOW, rules)}
    server.routes["/robots.txt"] = Reply(status=404)
    before = NOW + DAY - timedelta(seconds=1)
    assert collect_one(server.url("/rss"), robots=robots, now=before).outcome == "failed"
    assert server.paths() == ["/robots.txt"]
    assert collect_one(server.url("/rss"), robots=robots, now=NOW + DAY).outcome == "fetched"
    assert robots == {server.url(""): RobotsCopy(server.url(""), NOW + DAY, "")}


@pytest.mark.parametrize(("rules", "outcome"), [("user-agent: *\ndisallow: /", "failed"), ("", "fetched")])
def test_an_old_copy_counts_while_a_host_cannot_say(server: FeedServer, rules: str, outcome: str) -> None:
    server.routes = {"/robots.txt": Reply(status=500), "/rss": Reply(NEWS)}
    old = RobotsCopy(server.url(""), NOW - 40 * DAY, rules)
    robots = {old.origin: old}
    assert collect_one(server.url("/rss"), robots=robots).outcome == outcome
    assert robots == {old.origin: old}


# --- what an answer means --------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451, 499, 301])
def test_a_status_of_absence_allows_everything(status: int) -> None:
    assert read_answer(FetchFailure("no", status)) == RobotRules()


@pytest.mark.parametrize("status", [0, 408, 429, 500, 503, 599])
def test_any_other_failure_allows_nothing(status: int) -> None:
    assert "cannot be read" in str(read_answer(FetchFailure("no", status)))


def test_the_limits_leave_a_feed_its_time() -> None:
    assert ROBOTS_LIMITS.timeout_s < Manners().timeout_s
    assert (ROBOTS_LIMITS.max_body_bytes, ROBOTS_LIMITS.max_redirects) == (MAX_ROBOTS_BYTES, 5)
