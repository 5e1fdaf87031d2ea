"""What ships beside the code: the sample news, the default feeds file and the small labelled set."""

from __future__ import annotations

import calendar
import csv
import io
import re
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

import feedparser
import pytest
import yaml

from sentinel.feed_settings import FetchSettings
from sentinel.records import LABELS
from sentinel.text import clean_text, fingerprint

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "sentinel" / "assets" / "sample"
FEEDS_PATH = ROOT / "feeds.yaml"
HEADLINES_PATH = ROOT / "tests" / "data" / "headlines.csv"

N_ITEMS = {"wire": 56, "markets": 47, "economy": 36, "companies": 36, "broken": 0}
N_ITEMS_BY_DAY = {2: 18, 3: 18, 4: 18, 5: 20, 6: 22, 7: 8, 8: 8, 9: 22, 10: 20, 11: 19}
KINDS = {
    *("markets", "companies", "economy", "central-bank", "regulator"),
    *("filings", "press-wire", "commodities", "crypto", "social"),
}
TOPICS = {
    *("companies", "technology", "banks", "energy", "commodities", "crypto", "economy", "rates"),
    *("inflation", "jobs", "trade", "housing", "regulation", "europe", "asia", "americas"),
}
SETTINGS = {
    "store": "sentinel.db",
    "reports": "reports",
    "site_url": "",
    "model": "packaged",
    "device": "auto",
    "timezone": "UTC",
    "schedule": ["0 6 * * *", "0 12 * * *", "0 18 * * *"],
    "languages": ["en"],
    "store_authors": False,
    "monitor_port": 0,
    "contact": "",
    "fetch": FetchSettings().model_dump(),
    "universe": "sp500-large",
}


def parse_sample(name: str) -> feedparser.FeedParserDict:
    return feedparser.parse(io.BytesIO((SAMPLE / f"{name}.xml").read_bytes()))


def read_published(entry: feedparser.FeedParserDict) -> datetime | None:
    parsed = entry.get("published_parsed")
    return datetime.fromtimestamp(calendar.timegm(parsed), tz=UTC) if parsed else None


def read_yaml_nodes(path: Path) -> list[yaml.MappingNode]:
    """List every mapping of a YAML file, keys undigested."""
    found: list[yaml.MappingNode] = []
    waiting: list[yaml.Node] = [yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.MappingNode):
            found.append(node)
            waiting.extend(value for _, value in node.value)
        elif isinstance(node, yaml.SequenceNode):
            waiting.extend(node.value)
    return found


@pytest.fixture(scope="module")
def entries() -> dict[str, list[feedparser.FeedParserDict]]:
    return {name: parse_sample(name).entries for name in N_ITEMS}


@pytest.fixture(scope="module")
def dated(entries) -> list[tuple[datetime, str]]:
    """(published, title) of every entry with a date."""
    found = [(read_published(entry), entry.title) for feed in entries.values() for entry in feed]
    return [(published, title) for published, title in found if published is not None]


@pytest.fixture(scope="module")
def settings() -> dict[str, object]:
    return yaml.safe_load(FEEDS_PATH.read_text(encoding="utf-8"))


def test_sample_feeds_hold_the_expected_counts(entries) -> None:
    assert {name: len(feed) for name, feed in entries.items()} == N_ITEMS
    assert sum(N_ITEMS.values()) >= 170


@pytest.mark.parametrize("name", ["wire", "markets", "economy", "companies"])
def test_sample_feed_is_well_formed(name) -> None:
    parsed = parse_sample(name)
    assert not parsed.bozo
    assert parsed.version == ("rss20" if name in {"wire", "markets"} else "atom10")


def test_sample_broken_feed_is_an_html_page() -> None:
    parsed = parse_sample("broken")
    assert parsed.bozo
    assert parsed.version == ""
    assert (SAMPLE / "broken.xml").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_sample_days_hold_the_expected_counts(dated) -> None:
    days = Counter(published.date() for published, _ in dated)
    expected = {date(2026, 3, day): count for day, count in N_ITEMS_BY_DAY.items()}
    assert days == expected | {date(2026, 3, 19): 1}


def test_sample_items_are_published_before_the_evening_collection(dated) -> None:
    times = {published.time().isoformat("minutes") for published, _ in dated}
    assert "05:00" <= min(times) <= max(times) <= "20:30"


def test_sample_guids_are_unique_within_a_feed(entries) -> None:
    for feed in entries.values():
        guids = [entry.id for entry in feed]
        assert all(guids)
        assert len(set(guids)) == len(guids)


def test_sample_titles_are_unique_within_a_feed(entries) -> None:
    for feed in entries.values():
        titles = [fingerprint(entry.title) for entry in feed]
        assert len(set(titles)) == len(titles)


def test_sample_headlines_appear_as_exact_copies_in_two_feeds(entries) -> None:
    feeds = Counter(fingerprint(entry.title) for feed in entries.values() for entry in feed)
    assert sum(count == 2 for count in feeds.values()) >= 6


def test_sample_headlines_appear_as_rewrites_in_two_feeds(entries) -> None:
    words = {name: [set(fingerprint(entry.title).split()) for entry in feed] for name, feed in entries.items()}
    rewrites = [
        (left, right)
        for left in words["wire"]
        for right in words["companies"] + words["economy"]
        if left != right and len(left & right) >= 0.5 * len(left | right)
    ]
    assert len(rewrites) >= 9


def test_sample_addresses_are_of_example_hosts_only() -> None:
    for path in SAMPLE.glob("*.xml"):
        addresses = re.findall(r"https?://[^\s\"'<>\]]+", path.read_text(encoding="utf-8"))
        hosts = {urlsplit(address).hostname for address in addresses} - {"www.w3.org"}
        assert hosts
        assert all(re.fullmatch(r"[a-z]+\.example\.(com|net|org)", host) for host in hosts)


def test_sample_holds_the_oddities_of_real_feeds(entries) -> None:
    everything = [entry for feed in entries.values() for entry in feed]
    titles = [entry.title for entry in everything]
    assert sum(read_published(entry) is None for entry in everything) == 1
    assert sum(title.startswith("-3%") for title in titles) == 1
    assert sum(title.startswith("@") for title in titles) == 1
    assert any(len(title.split()) == 2 for title in titles)
    assert sum(not title.isascii() for title in titles) >= 5
    assert any("&" in title for title in titles)
    assert any("<p>" in entry.get("summary", "") for entry in everything)


def test_sample_summaries_stand_at_most_items(entries) -> None:
    everything = [entry for feed in entries.values() for entry in feed]
    assert sum(bool(clean_text(entry.get("summary", ""))) for entry in everything) >= 0.75 * len(everything)


def test_sample_sources_name_every_file() -> None:
    sources = yaml.safe_load((SAMPLE / "sources.yaml").read_text(encoding="utf-8"))["feeds"]
    assert [source["name"] for source in sources] == list(N_ITEMS)
    for source in sources:
        assert set(source) == {"name", "file", "kind", "weight", "topics"}
        assert (SAMPLE / source["file"]).is_file()
        assert source["kind"] in KINDS
        assert 0 < source["weight"] <= 10
        assert set(source["topics"]) <= TOPICS
    assert {path.name for path in SAMPLE.glob("*.xml")} == {source["file"] for source in sources}


def test_feeds_file_shows_the_default_settings(settings) -> None:
    assert {key: value for key, value in settings.items() if key != "feeds"} == SETTINGS


def test_feeds_file_lists_enough_feeds_of_every_kind(settings) -> None:
    assert len(settings["feeds"]) >= 48
    assert {feed["kind"] for feed in settings["feeds"]} == KINDS


def test_feeds_file_names_and_addresses_are_unique(settings) -> None:
    names = [feed["name"] for feed in settings["feeds"]]
    urls = [feed["url"] for feed in settings["feeds"]]
    assert len(set(names)) == len(names)
    assert len(set(urls)) == len(urls)


def test_feeds_file_entries_keep_to_the_vocabulary(settings) -> None:
    for feed in settings["feeds"]:
        assert list(feed) == ["name", "url", "kind", "weight", "topics"]
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", feed["name"])
        assert feed["kind"] in KINDS
        assert 0 < feed["weight"] <= 10
        assert set(feed["topics"]) <= TOPICS
        assert len(set(feed["topics"])) == len(feed["topics"])


def test_feeds_file_addresses_are_https_without_credentials(settings) -> None:
    for feed in settings["feeds"]:
        parts = urlsplit(feed["url"])
        assert parts.scheme == "https"
        assert parts.hostname
        assert "@" not in parts.netloc


@pytest.mark.parametrize("path", [FEEDS_PATH, SAMPLE / "sources.yaml"], ids=lambda path: path.name)
def test_feeds_file_has_no_aliases_and_no_duplicate_keys(path) -> None:
    tokens = yaml.scan(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    assert not any(isinstance(token, yaml.AliasToken | yaml.AnchorToken) for token in tokens)
    for node in read_yaml_nodes(path):
        keys = [key.value for key, _ in node.value]
        assert len(set(keys)) == len(keys)


def test_headlines_file_holds_twenty_of_each_label(entries) -> None:
    with HEADLINES_PATH.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert Counter(row["label"] for row in rows) == dict.fromkeys(LABELS, 20)
    texts = {fingerprint(row["text"]) for row in rows}
    assert len(texts) == 60
    assert not texts & {fingerprint(entry.title) for feed in entries.values() for entry in feed}
