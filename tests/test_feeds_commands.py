"""The commands that look after the feeds: each does what it says, in a terminal and as JSON, or says what to do."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import yaml
from feeds.conftest import FeedServer, Reply, rss
from jobs import LOSS, NOON, PROFIT, feed_entry, news, serve_feeds
from test_cli import all_files, assert_one_line, sentinel, write_feeds

from sentinel.lock import hold_lock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("_own_logs")

LINK = '<link rel="alternate" type="application/rss+xml" title="{}" href="{}">'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with serve_feeds() as feed_server:
        feed_server.routes["/good"] = news((PROFIT, NOON), (LOSS, NOON - timedelta(hours=1)))
        feed_server.routes["/other"] = news((LOSS, NOON))
        yield feed_server


def page(*links: str) -> Reply:
    body = f"<html><head><title>Desk</title>{''.join(links)}</head></html>".encode()
    return Reply(body, headers={"Content-Type": "text/html"})


def entries(folder: Path) -> list[dict[str, object]]:
    return yaml.safe_load((folder / "feeds.yaml").read_text(encoding="utf-8"))["feeds"]


def rows_of(output: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.splitlines()]


# --- check -----------------------------------------------------------------------------------------------------


def test_check_says_what_came_from_each_feed_and_stores_nothing(folder: Path, server: FeedServer) -> None:
    write_feeds(folder, feed_entry("good", server.url("/good")), feed_entry("absent", server.url("/absent")))
    result = sentinel("feeds", "check")
    heads, good, absent = (line.split() for line in result.stdout.splitlines())
    assert heads == ["feed", "status", "items", "newest", "seconds", "reason"]
    assert good[:-1] == ["good", "ok", "2", "2026-03-02", "12:00", "UTC"]
    assert absent[:3] + absent[4:] == ["absent", "failed", "0", "HTTP", "404", "Not", "Found"]
    assert (result.exit_code, result.stderr) == (0, "sentinel: 1 of 2 feeds delivered\n")
    assert all_files(folder) == {"feeds.yaml"}


def test_check_gives_an_object_for_each_feed_and_fails_when_asked_to(folder: Path, server: FeedServer) -> None:
    write_feeds(folder, feed_entry("good", server.url("/good")), feed_entry("absent", server.url("/absent")))
    result = sentinel("feeds", "check", "--json", "--strict")
    good, absent = rows_of(result.stdout)
    assert good.pop("elapsed_s") > 0
    assert good == {
        "feed": "good",
        "outcome": "fetched",
        "items": 2,
        "newest": "2026-03-02T12:00:00Z",
        "http_status": 200,
        "reason": "",
    }
    assert (absent["outcome"], absent["items"], absent["newest"], absent["http_status"]) == ("failed", 0, None, 404)
    assert result.exit_code == 3
    assert sentinel("feeds", "check", "--strict").exit_code == 3
    server.routes["/absent"] = news((LOSS, NOON))
    assert sentinel("feeds", "check", "--strict").exit_code == 0


# --- add -------------------------------------------------------------------------------------------------------


def test_add_writes_a_feed_that_was_tried(folder: Path, server: FeedServer) -> None:
    url = server.url("/good")
    result = sentinel("feeds", "add", url, "--allow-private", "--kind", "crypto", "--topic", "banks", "--weight", "0.5")
    assert (result.exit_code, result.stdout) == (0, f"good  {url}\n")
    assert result.stderr == "sentinel: added to feeds.yaml as crypto: 2 items, newest 2026-03-02 12:00 UTC\n"
    assert entries(folder) == [
        {"name": "good", "url": url, "kind": "crypto", "weight": 0.5, "topics": ["banks"], "allow_private": True}
    ]
    assert sentinel("feeds", "check", "--strict").exit_code == 0


def test_add_follows_a_page_to_its_feed_and_takes_its_title(folder: Path, server: FeedServer) -> None:
    server.routes["/page"] = page(LINK.format("Top &amp; late", "/good"), LINK.format("Gone", "/gone"))
    result = sentinel("feeds", "add", server.url("/page"), "--allow-private", "--json")
    assert json.loads(result.stdout) == {
        "feed": "top-and-late",
        "kind": "markets",
        "url": server.url("/good"),
        "title": "Top & late",
        "items": 2,
        "newest": "2026-03-02T12:00:00Z",
        "file": "feeds.yaml",
    }
    assert [entry["name"] for entry in entries(folder)] == ["top-and-late"]


def test_add_lists_the_feeds_of_a_page_that_names_several(folder: Path, server: FeedServer) -> None:
    server.routes["/page"] = page(LINK.format("A", "/good"), LINK.format("B", "/other"))
    result = sentinel("feeds", "add", server.url("/page"), "--allow-private")
    assert [line.split()[0] for line in result.stdout.splitlines()[1:]] == [server.url("/good"), server.url("/other")]
    assert result.exit_code == 2
    assert result.stderr == (
        f"sentinel: {server.url('/page')}: leads to 2 feeds (give the address of the one you want)\n"
    )
    as_json = sentinel("feeds", "add", server.url("/page"), "--allow-private", "--json")
    assert [(row["title"], row["items"]) for row in rows_of(as_json.stdout)] == [("A", 2), ("B", 1)]
    assert all_files(folder) == set()


def test_add_looks_in_the_usual_places_of_a_page_that_names_none(folder: Path, server: FeedServer) -> None:
    server.routes["/desk/page.html"] = page()
    server.routes["/desk/rss.xml"] = news((PROFIT, NOON))
    assert sentinel("feeds", "add", server.url("/desk/page.html"), "--allow-private").exit_code == 0
    assert [entry["url"] for entry in entries(folder)] == [server.url("/desk/rss.xml")]
    assert server.paths()[0] == "/robots.txt"
    assert len(server.paths()) == len(set(server.paths())) == 5


def test_add_leaves_a_page_alone_that_robots_txt_forbids_and_takes_the_word_for_a_feed(
    folder: Path, server: FeedServer
) -> None:
    server.routes["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /good\n")
    result = sentinel("feeds", "add", server.url("/good"), "--allow-private")
    assert_one_line(result, 1, "the robots.txt of its host forbids it (Disallow: /good)", "--feed")
    assert server.paths() == ["/robots.txt"]
    assert sentinel("feeds", "add", server.url("/good"), "--allow-private", "--feed").exit_code == 0
    assert server.paths() == ["/robots.txt", "/good"]


def test_add_asks_for_what_a_page_names_as_feeds_and_guesses_only_where_it_may(
    folder: Path, server: FeedServer
) -> None:
    server.routes["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /\nAllow: /page$\nAllow: /feed.xml\n")
    server.routes["/page"] = page(LINK.format("A", "/good"))
    assert sentinel("feeds", "add", server.url("/page"), "--allow-private").exit_code == 0
    assert server.paths() == ["/robots.txt", "/page", "/good"]
    server.routes["/page"] = page()
    server.routes["/feed.xml"] = news((LOSS, NOON))
    assert sentinel("feeds", "add", server.url("/page"), "--allow-private").exit_code == 0
    assert server.paths()[3:] == ["/robots.txt", "/page", "/feed.xml"]


def test_add_does_not_ask_robots_txt_where_the_setting_is_never(
    folder: Path, server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_feeds(folder, feed_entry("other", server.url("/other")), fetch={"respect_robots": "never"})
    server.routes["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /\n")
    assert sentinel("feeds", "add", server.url("/good"), "--allow-private").exit_code == 0
    assert server.paths() == ["/good"]


def test_add_says_why_a_page_leads_nowhere(folder: Path, server: FeedServer) -> None:
    server.routes["/page"] = page()
    server.routes["/bad"] = page(LINK.format("A", "/gone"))
    for path, words in (("/page", "it names no feed, and none"), ("/bad", "of the 1 feeds it names none can be read")):
        result = sentinel("feeds", "add", server.url(path), "--allow-private")
        assert_one_line(result, 1, server.url(path), "page titled 'Desk'", words, "open it in a browser")
    assert_one_line(sentinel("feeds", "add", server.url("/gone"), "--allow-private"), 1, "HTTP 404 Not Found")
    assert all_files(folder) == set()


def test_add_goes_to_no_private_address_unasked(folder: Path, server: FeedServer) -> None:
    assert_one_line(sentinel("feeds", "add", server.url("/good")), 1, "is loopback", "give --allow-private")
    assert server.requests == []
    assert all_files(folder) == set()


def test_add_refuses_an_address_that_is_there_however_it_is_written(folder: Path, server: FeedServer) -> None:
    write_feeds(folder, feed_entry("wire", server.url("/good")))
    server.routes["/page"] = page(LINK.format("A", "/good#top"))
    before = (folder / "feeds.yaml").read_bytes()
    for url in (server.url("/good"), server.url("/good?utm_source=x").replace("http", "HTTP"), server.url("/page")):
        result = sentinel("feeds", "add", url, "--allow-private")
        assert_one_line(result, 2, "feeds.yaml: the feed 'wire' has this address already")
    assert (folder / "feeds.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ftp://a.example/"], ("'ftp://a.example/' is not an http or https address",)),
        (["https://me:secret@a.example/"], ("the address is not an http or https address", "credentials")),
        (["https://a.example/", "--name", "No Name"], ("'--name'", "'No Name' is not a name")),
        (["https://a.example/", "--topic", "No Topic"], ("'--topic'", "'No Topic' is not a name")),
        (["https://a.example/", "--kind", "gossip"], ("'--kind'", "gossip")),
        (["https://a.example/", "--weight", "0"], ("'--weight'",)),
    ],
)
def test_add_refuses_what_no_entry_may_be(folder: Path, arguments: list[str], words: tuple[str, ...]) -> None:
    result = sentinel("feeds", "add", *arguments)
    assert_one_line(result, 2, *words)
    assert "secret" not in result.stderr
    assert all_files(folder) == set()


def test_add_refuses_a_name_that_is_taken_and_makes_one_that_is_not(folder: Path, server: FeedServer) -> None:
    write_feeds(folder, feed_entry("other", server.url("/good")))
    result = sentinel("feeds", "add", server.url("/other"), "--allow-private", "--name", "other")
    assert_one_line(result, 2, "feeds.yaml: there is a feed named 'other' already")
    assert sentinel("feeds", "add", server.url("/other"), "--allow-private").stdout.startswith("other-2  ")


# --- import and export -----------------------------------------------------------------------------------------

OPML = """<opml version="2.0"><body>
<outline text="Central bank"><outline text="Rates">
<outline text="Bank" xmlUrl="https://bank.example/rss"/>
</outline></outline>
<outline text="Bank" xmlUrl="https://other.example/rss" category="/Asia"/>
<outline text="Bank again" xmlUrl="https://bank.example/rss#x"/>
<outline text="A file" xmlUrl="file:///etc/passwd"/>
</body></opml>"""


def test_import_makes_folders_kinds_and_topics(folder: Path) -> None:
    (folder / "a.opml").write_text(OPML, encoding="utf-8")
    result = sentinel("feeds", "import", "a.opml", "--kind", "regulator", "--json")
    assert json.loads(result.stdout) == {
        "added": [
            {"feed": "bank", "url": "https://bank.example/rss"},
            {"feed": "bank-2", "url": "https://other.example/rss"},
        ],
        "known": [{"feed": "bank", "url": "https://bank.example/rss#x"}],
        "left_out": [{"title": "A file", "reason": "not an http or https address, or one with credentials"}],
    }
    assert result.stderr == "sentinel: 2 added to feeds.yaml, 1 known, 1 left out\n"
    assert [(entry["kind"], entry["topics"]) for entry in entries(folder)] == [
        ("central-bank", ["rates"]),
        ("regulator", ["asia"]),
    ]


def test_import_twice_changes_nothing_the_second_time(folder: Path) -> None:
    assert sentinel("feeds", "import", "-", given=OPML).exit_code == 0
    before = (folder / "feeds.yaml").read_bytes()
    again = sentinel("feeds", "import", "-", given=OPML)
    assert (again.exit_code, again.stderr) == (0, "sentinel: 0 added to feeds.yaml, 3 known, 1 left out\n")
    assert (folder / "feeds.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "<stdin> line 1: not well-formed XML"),
        ("<html/>", "<stdin>: not an OPML file"),
        (
            "<opml><body><outline text='folder'/></body></opml>",
            "<stdin>: names no feeds (an outline of a feed has an xmlUrl)",
        ),
        ('<!DOCTYPE o [<!ENTITY a "b">]><opml/>', "<stdin> line 1: declares entities"),
    ],
)
def test_import_refuses_what_is_no_list_of_feeds(folder: Path, content: str, words: str) -> None:
    assert_one_line(sentinel("feeds", "import", "-", given=content), 2, words)
    assert all_files(folder) == set()


def test_import_names_a_file_that_is_not_there(folder: Path) -> None:
    assert_one_line(sentinel("feeds", "import", "absent.opml"), 2, "absent.opml", "No such file")
    assert all_files(folder) == set()


def test_what_is_exported_is_imported_as_it_was_but_for_trust(folder: Path, server: FeedServer) -> None:
    first = feed_entry("wire", server.url("/good"), weight=0.3, topics=["banks", "rates"], use_summary=True)
    write_feeds(folder, first, {**feed_entry("desk", "https://desk.example/?a=1&b=2"), "kind": "social"})
    exported = sentinel("feeds", "export")
    assert (exported.exit_code, exported.stderr) == (0, "")
    (folder / "feeds.yaml").unlink()
    assert sentinel("feeds", "import", "-", given=exported.stdout).exit_code == 0
    assert not any("allow_private" in entry for entry in entries(folder))
    assert entries(folder)[0] == {name: value for name, value in first.items() if name != "allow_private"}
    assert sentinel("feeds", "export").stdout == exported.stdout


def test_export_needs_a_feeds_file(folder: Path) -> None:
    assert_one_line(sentinel("feeds", "export"), 2, "feeds.yaml: no such file", "--config")
    assert all_files(folder) == set()


# --- status ----------------------------------------------------------------------------------------------------


def test_status_tells_from_the_store_how_each_feed_is_doing(folder: Path, server: FeedServer) -> None:
    server.routes["/good"] = Reply(rss(f"<title>{PROFIT}</title>"))  # undated: of now, whenever that is
    write_feeds(folder, feed_entry("good", server.url("/good")), feed_entry("absent", server.url("/absent")))
    assert sentinel("collect").exit_code == 0
    n_requests = len(server.requests)
    new_entry = feed_entry("new", server.url("/other"))
    write_feeds(folder, feed_entry("good", server.url("/good")), feed_entry("absent", server.url("/absent")), new_entry)
    with hold_lock(folder / "sentinel.db.lock"):
        result = sentinel("feeds", "status")
        good, absent, new = rows_of(sentinel("feeds", "status", "--json").stdout)
    assert result.exit_code == 0
    assert result.stderr == "sentinel: 3 feeds, 1 failing, 0 stale\n"
    assert [line.split()[1] for line in result.stdout.splitlines()[1:]] == ["ok", "failing", "never"]
    assert (good["status"], good["n_failures"], good["reason"], good["is_stale"]) == ("ok", 0, "", False)
    assert good["succeeded_at"] == good["checked_at"]
    assert (absent["status"], absent["n_failures"], absent["reason"]) == ("failing", 1, "HTTP 404 Not Found")
    assert (absent["succeeded_at"], absent["newest"], absent["usual_gap_h"]) == (None, None, None)
    assert (new["status"], new["checked_at"], new["n_items_7d"]) == ("never asked", None, 0)
    assert len(server.requests) == n_requests


def test_status_says_that_a_gone_feed_is_never_asked_again_until_it_has_another_address(
    folder: Path, server: FeedServer
) -> None:
    """HTTP 410 has no next check; an entry with a new address is as one never asked, before any run."""
    server.routes["/gone"] = Reply(status=410)
    write_feeds(folder, feed_entry("wire", server.url("/gone")))
    assert sentinel("collect").exit_code == 0
    (gone,) = rows_of(sentinel("feeds", "status", "--json").stdout)
    assert (gone["status"], gone["next_check"], gone["reason"]) == ("gone", None, "HTTP 410 Gone")
    assert sentinel("feeds", "status").stdout.splitlines()[1].split()[:5] == ["wire", "gone", "never", "1", "never"]
    write_feeds(folder, feed_entry("wire", server.url("/new")))
    (moved,) = rows_of(sentinel("feeds", "status", "--json").stdout)
    assert (moved["status"], moved["n_failures"], moved["reason"]) == ("never asked", 0, "")


def test_status_without_a_store_says_what_makes_one(folder: Path, server: FeedServer) -> None:
    write_feeds(folder, feed_entry("good", server.url("/good")))
    assert_one_line(sentinel("feeds", "status"), 1, "sentinel.db: there is no store yet ('sentinel collect' makes it)")
    assert all_files(folder) == {"feeds.yaml"}
