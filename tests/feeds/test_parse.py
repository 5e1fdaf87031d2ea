from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.feeds import xml_feed
from sentinel.feeds.charset import decode_body
from sentinel.feeds.hints import ScheduleHints
from sentinel.feeds.identity import FeedItems, build_items
from sentinel.feeds.parse import parse_feed
from sentinel.feeds.parsed import ParsedFeed, ParseFailure
from sentinel.feeds.sandbox import ParseLimits, ParserPool
from sentinel.records import Feed
from sentinel.text import item_id

from .conftest import rss

DATA = Path(__file__).parent / "data"
CASES = sorted(DATA.glob("*.expected.json"))
FEED = Feed("wire", "https://feeds.example.com/wire/rss.xml", "markets")
FIRST_SEEN = datetime(2024, 7, 1, tzinfo=UTC)
TRAP = rss("<title>A</title>" + "<x>" * 1_000_000)
"""Costs the parser many seconds: half of them would be a feed like any other."""


def parse(body: bytes, *, feed: Feed = FEED, content_type: str = "") -> FeedItems | ParseFailure:
    parsed = parse_feed(body, content_type, feed.url)
    return parsed if isinstance(parsed, ParseFailure) else build_items(parsed, feed, FIRST_SEEN)


def parse_well(body: bytes, *, feed: Feed = FEED, content_type: str = "") -> FeedItems:
    parsed = parse(body, feed=feed, content_type=content_type)
    assert isinstance(parsed, FeedItems)
    return parsed


def titles(parsed: FeedItems | ParseFailure) -> list[str]:
    assert isinstance(parsed, FeedItems), parsed
    return [item.title for item in parsed.items]


def as_recorded(body: bytes, content_type: str) -> dict[str, Any]:
    """Write what a body comes to in the form of the files of expected results."""
    parsed = parse_feed(body, content_type, FEED.url)
    if isinstance(parsed, ParseFailure):
        return {"content_type": content_type, "reason": parsed.reason}
    built = build_items(parsed, FEED, FIRST_SEEN)
    return {
        "content_type": content_type,
        "feed": {name: getattr(parsed, name) for name in ("format", "title", "link", "language", "recovered")},
        "n_skipped": built.n_skipped,
        "truncated": built.truncated,
        "items": [
            {
                "guid": item.guid,
                "url": item.url,
                "title": item.title,
                "summary": item.summary,
                "published": item.published.isoformat() if item.published else None,
            }
            for item in built.items
        ],
    }


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name.removesuffix(".expected.json"))
def test_recorded_feed_gives_the_expected_items(case: Path) -> None:
    expected = json.loads(case.read_text(encoding="utf-8"))
    body = case.with_name(case.name.removesuffix(".expected.json")).read_bytes()
    assert expected == as_recorded(body, expected["content_type"])


@pytest.mark.parametrize("system", ["EPSG:", "urn:ogc:def:crs:EPSG:none"])
def test_place_that_the_parser_cannot_read_costs_no_news(system: str) -> None:
    """A feed whose coordinates make feedparser raise gives all its items."""
    place = f'<georss:where><gml:Point srsName="{system}"><gml:pos>1 2</gml:pos></gml:Point></georss:where>'
    body = rss(*(f"<title>News {n}</title><guid>{n}</guid>{place * (n == 2)}" for n in range(4)))
    spaces = b'<rss xmlns:georss="http://www.georss.org/georss" xmlns:gml="http://www.opengis.net/gml"'
    assert titles(parse(body.replace(b"<rss", spaces, 1))) == ["News 0", "News 1", "News 2", "News 3"]


def test_items_that_break_the_parser_are_left_out_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the parser raises because of single items, the others are kept, and the broken ones counted."""
    read = xml_feed._read

    def fragile(text: str) -> Any:
        if "BREAKS" in text:
            raise ValueError
        return read(text)

    monkeypatch.setattr(xml_feed, "_read", fragile)
    words = ["good", "BREAKS", "fine", "well", "BREAKS", "right", "BREAKS"]
    parsed = parse_well(rss(*(f"<title>{word}</title><guid>{n}</guid>" for n, word in enumerate(words))))
    assert titles(parsed) == ["good", "fine", "well", "right"]
    assert parsed.n_skipped == 3
    assert isinstance(parse(rss("<title>BREAKS</title>")), ParseFailure)


def test_items_that_break_the_parser_cost_bounded_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body in which every item breaks the parser is read a dozen times, not once for each of them."""
    lengths = []

    def broken(text: str) -> Any:
        lengths.append(len(text))
        if "<item>" in text:
            raise ValueError
        return read(text)

    read = xml_feed._read
    monkeypatch.setattr(xml_feed, "_read", broken)
    body = rss(*(f"<title>{n}</title>" for n in range(5_000))).replace(b"<title>T<", b"<title>" + b"T" * 9_000 + b"<")
    assert isinstance(parse(body), ParseFailure)
    assert sum(lengths) < 15 * len(body)


def test_recorded_feeds_all_have_their_expectation() -> None:
    recorded = {path.name for path in DATA.iterdir() if not path.name.endswith(".expected.json")}
    assert recorded == {case.name.removesuffix(".expected.json") for case in CASES}


def test_item_carries_feed_time_and_stable_id() -> None:
    item = parse_well(rss("<title>A</title><guid isPermaLink='false'>g1</guid>")).items[0]
    assert (item.feed, item.first_seen, item.text) == ("wire", FIRST_SEEN, "A")
    assert item.item_id == item_id(feed="wire", guid="g1", url="", title="A", day=None)


def test_a_date_that_could_be_two_is_read_as_the_others_of_its_feed() -> None:
    feed = rss(*(f"<title>{date}</title><pubDate>{date}</pubDate>" for date in ("04/06/2024", "25/06/2024")))
    assert [item.published for item in parse_well(feed).items] == [
        datetime(2024, 6, 4, tzinfo=UTC),
        datetime(2024, 6, 25, tzinfo=UTC),
    ]
    (alone,) = parse_well(rss("<title>A</title><pubDate>04/06/2024</pubDate>")).items
    assert alone.published is None


def test_item_text_holds_the_summary_only_where_the_feed_says_so() -> None:
    body = rss("<title>Up</title><description>By 3 %.</description>")
    with_summary = Feed("wire", FEED.url, "markets", use_summary=True)
    assert parse_well(body).items[0].text == "Up"
    assert parse_well(body, feed=with_summary).items[0].text == "Up. By 3 %."


def test_summary_is_cut_at_a_thousand_characters() -> None:
    body = rss(f"<title>A</title><description>{'word ' * 500}</description>")
    assert len(parse_well(body).items[0].summary) == 999  # the thousandth is a space


def test_body_that_names_a_file_is_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_bytes(rss("<title>secret</title>"))
    assert isinstance(parse(str(secret).encode()), ParseFailure)


def test_description_of_dashes_is_read_like_any_other() -> None:
    body = rss(f"<title>A</title><description><![CDATA[<!{'-' * 200_000}]]></description>")
    assert titles(parse(body)) == ["A"]


def test_lone_surrogate_becomes_a_replacement_character() -> None:
    assert titles(parse(rss("<title>A &#xD800; B &#55296; C &#0; D</title>"))) == ["A \ufffd B \ufffd C \ufffd D"]
    beyond = f"&#{'9' * 5_000}; B &#x{'F' * 12}; C &#x0000000044;"
    assert titles(parse(rss(f"<title>A {beyond}</title>"))) == ["A \ufffd B \ufffd C D"]


def test_entity_bomb_is_not_expanded() -> None:
    entities = "".join(f"<!ENTITY e{n + 1} '" + 10 * f"&e{n};" + "'>" for n in range(12))
    bomb = f'<!DOCTYPE rss [<!ENTITY e0 "aaaaaaaaaa">{entities}]>'.encode()
    parsed = parse(bomb + rss("<title>&e12;</title>").partition(b"?>")[2])
    assert parsed == ParseFailure("refused: its entities are made of other entities")


def test_plain_entities_are_no_bomb() -> None:
    entities = b'<!DOCTYPE rss [<!ENTITY euro "&#8364;"><!ENTITY amp2 "&amp;">]>'
    assert titles(parse(entities + rss("<title>Profit up</title>").partition(b"?>")[2])) == ["Profit up"]


def test_guid_that_stands_on_http_and_https_of_one_link_names_it() -> None:
    entry = "<title>Profit up</title><guid isPermaLink='false'>same</guid><link>{0}://e.example.com/1</link>"
    (item,) = parse_well(rss(entry.format("http"), entry.format("https"))).items
    assert item.item_id == item_id(feed="wire", guid="same", url="", title="", day=None)


@pytest.mark.parametrize("naming", ["<link>https://e.example.com/</link>", "<guid isPermaLink='false'>g</guid>"])
def test_entry_that_shares_its_name_has_one_id_wherever_it_stands(naming: str) -> None:
    first, second, third = (f"<title>Profit {word}</title>{naming}" for word in ("up", "down", "flat"))

    def ids(*entries: str) -> dict[str, str]:
        return {item.title: item.item_id for item in parse_well(rss(*entries)).items}

    assert ids(first, second) == ids(second, first)
    assert ids(first, second).items() <= ids(third, second, first).items()


def test_charset_of_the_header_is_heeded() -> None:
    body = rss("<title>Привет</title>").decode().encode("koi8-r")
    assert titles(parse(body, content_type="text/xml; charset=koi8-r")) == ["Привет"]


def test_utf_8_beyond_doubt_beats_a_header_that_says_latin_1() -> None:
    body = rss("<title>Zürich \u2013 Köln</title>")
    assert titles(parse(body, content_type="text/xml; charset=ISO-8859-1")) == ["Zürich \u2013 Köln"]


def test_one_bad_byte_does_not_spoil_the_rest() -> None:
    good = "<title>Zürich, “Köln”, Łódź</title>"
    body = rss(*[good] * 5, "<title>bad @ byte</title>").replace(b"@", b"\xff")
    assert titles(parse(body)) == ["Zürich, “Köln”, Łódź", "bad \ufffd byte"]


@pytest.mark.parametrize("content_type", ["text/xml; charset=rot13", "text/xml; charset=nonsense", ";;;", "\x00"])
def test_useless_content_type_is_ignored(content_type: str) -> None:
    assert titles(parse(rss("<title>A</title>"), content_type=content_type)) == ["A"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "cp037", "cp500", "cp1140"])
def test_charset_without_a_mark_is_found_by_its_first_bytes(encoding: str) -> None:
    text = rss("<title>Zürich</title>").decode().replace('"1.0"', f'"1.0" encoding="{encoding}"', 1)
    assert titles(parse(text.encode(encoding))) == ["Zürich"]


def test_declaration_that_can_be_read_is_in_no_charset_of_two_bytes() -> None:
    body = rss("<title>Zürich</title>").replace(b'"1.0"', b'"1.0" encoding="utf-16"', 1)
    assert titles(parse(body)) == ["Zürich"]


def test_utf_8_beyond_doubt_beats_a_declaration_that_says_gb2312() -> None:
    title = "市场新闻上涨下跌市场新闻上涨下跌"
    body = rss(f"<title>{title}</title>").replace(b'"1.0"', b'"1.0" encoding="gb2312"', 1)
    assert titles(parse(body)) == [title]
    assert titles(parse(body.decode().encode("gb18030"))) == [title]


@settings(deadline=None)
@given(body=st.binary(max_size=300), content_type=st.text(max_size=60))
def test_decode_body_gives_text_that_can_be_encoded(body: bytes, content_type: str) -> None:
    text = decode_body(body, content_type)
    assert text.encode("utf-8").decode("utf-8") == text


@settings(deadline=None)
@given(cut=st.integers(min_value=0, max_value=320))
def test_body_cut_anywhere_gives_whole_items_only(cut: int) -> None:
    whole = rss(*[f"<title>Zürich item {n} ends</title><link>https://e.example.com/{n}</link>" for n in range(3)])
    parsed = parse(whole[:cut])
    if isinstance(parsed, FeedItems):
        assert all(title.endswith("ends") for title in titles(parsed))
        assert parsed.truncated == (cut < len(whole))


@settings(deadline=None)
@given(inside=st.text(alphabet="<>&;!-[]/?\"' =abcitem#x09:", max_size=120))
def test_parse_feed_gives_a_value_for_any_markup(inside: str) -> None:
    assert isinstance(parse(rss(inside)), FeedItems | ParseFailure)


def test_pool_parses_as_parse_feed_does() -> None:
    body = (DATA / "rss-2.0.xml").read_bytes()
    with ParserPool(1, ParseLimits()) as pool:
        future = pool.submit(body, content_type="", feed=FEED, first_seen=FIRST_SEEN)
        assert future.result() == parse(body)


def test_pool_cuts_a_body_that_needs_too_much_cpu_and_goes_on() -> None:
    good = rss("<title>good</title>")
    with ParserPool(1, ParseLimits(cpu_s=0.5)) as pool:
        futures = [pool.submit(body, content_type="", feed=FEED, first_seen=FIRST_SEEN) for body in (good, TRAP, good)]
        first, cut, last = [future.result() for future in futures]
    assert titles(first) == titles(last) == ["good"]
    assert cut == ParseFailure("parser needed more than 0.5 s of CPU")


def test_pool_cuts_a_body_at_the_wall_limit() -> None:
    with ParserPool(1, ParseLimits(cpu_s=60.0, wall_s=0.8)) as pool:
        future = pool.submit(TRAP, content_type="", feed=FEED, first_seen=FIRST_SEEN)
        assert future.result() == ParseFailure("parser took longer than 0.8 s")


def test_pool_cuts_a_body_that_needs_too_much_memory() -> None:
    with ParserPool(1, ParseLimits(memory_bytes=200_000_000)) as pool:
        future = pool.submit(b"<rss>" + b" " * 100_000_000, content_type="", feed=FEED, first_seen=FIRST_SEEN)
        assert future.result() == ParseFailure("parser needed too much memory")


def test_pool_that_is_closed_ends_what_is_under_way() -> None:
    good = rss("<title>good</title>")
    with ParserPool(1, ParseLimits(cpu_s=60.0)) as pool:
        pool.submit(good, content_type="", feed=FEED, first_seen=FIRST_SEEN).result()
        future = pool.submit(TRAP, content_type="", feed=FEED, first_seen=FIRST_SEEN)
    assert future.cancelled() or future.result() == ParseFailure("collection was stopped")


def test_feed_says_how_often_it_changes() -> None:
    netscape = parse_feed((DATA / "rss-0.91-netscape.xml").read_bytes())
    syndicated = parse_feed((DATA / "syndication.rdf").read_bytes())
    careless = parse_feed((DATA / "careless.xml").read_bytes())
    assert isinstance(netscape, ParsedFeed)
    assert isinstance(syndicated, ParsedFeed)
    assert isinstance(careless, ParsedFeed)
    assert netscape.hints == ScheduleHints(skip_hours=frozenset({2, 3}), skip_days=frozenset({6}))
    assert syndicated.hints == ScheduleHints(update_period_s=1_800.0)
    assert careless.hints == ScheduleHints(ttl_minutes=60)


def test_language_of_an_entry_is_its_own_or_its_feeds() -> None:
    parsed = parse_feed((DATA / "atom-titles.xml").read_bytes())
    assert isinstance(parsed, ParsedFeed)
    assert [item.language for item in parsed.items[:3]] == ["fr", "en", "fr"]


def test_entry_with_nothing_but_a_link_is_named_by_it() -> None:
    parsed = parse_feed((DATA / "json-1.0.json").read_bytes())
    assert isinstance(parsed, ParsedFeed)
    (bare,) = [item for item in parsed.items if not item.has_words]
    assert bare.title == bare.link == "https://northgate.example.com/5"


def test_link_keeps_the_parameters_that_its_item_is_not_named_by() -> None:
    parsed = parse_feed((DATA / "json-1.1.json").read_bytes())
    assert isinstance(parsed, ParsedFeed)
    assert parsed.items[0].link == "https://kontor.example.com/a?utm_source=feed&id=7"


@pytest.mark.parametrize("name", ["rss-2.0.xml", "atom-titles.xml", "syndication.rdf", "json-1.0.json"])
def test_body_cut_at_every_twentieth_gives_whole_items_and_says_so(name: str) -> None:
    body = (DATA / name).read_bytes()
    whole = parse_feed(body)
    assert isinstance(whole, ParsedFeed)
    for twentieth in range(1, 20):
        cut = parse_feed(body[: len(body) * twentieth // 20])
        if isinstance(cut, ParsedFeed):
            assert cut.truncated
            assert [item.title for item in cut.items] == [item.title for item in whole.items][: len(cut.items)]


HOSTILE = {
    "attributes": "<title>A</title><x " + " ".join(f"a{n}='1'" for n in range(20_000)) + "/>",
    "attributes without values": f"<title>A</title><x {'a ' * 200_000}/>",
    "author": f"<title>A</title><author>{'a' * 200_000}</author>",
    "creator": f"<title>A</title><dc:creator xmlns:dc='http://purl.org/dc/elements/1.1/'>{'a.' * 100_000}</dc:creator>",
    "author in a section": f"<title>A</title><author><![CDATA[<{'a' * 200_000}]]></author>",
    "sections of authors": f"<title>A</title>{'<author><![CDATA[' * 20_000}]]></author>",
    "depth": "<title>A</title>" + "<x>" * 20_000,
    "openings": f"<title>A</title><description>{'<' * 200_000}</description>",
    "declarations": f"<title>A</title><description>{'<!' * 100_000}</description>",
    "sections": f"<title>A</title><description>{'<![CDATA[' * 20_000}</description>",
    "ampersands": f"<title>A</title><description>{'&' * 200_000}</description>",
    "references": f"<title>A</title><description>{'&#65;' * 40_000}</description>",
}


@pytest.mark.parametrize("inside", HOSTILE.values(), ids=HOSTILE.keys())
def test_entry_made_to_cost_time_costs_little(inside: str) -> None:
    with ParserPool(1, ParseLimits(cpu_s=5.0)) as pool:
        assert titles(pool.submit(rss(inside), content_type="", feed=FEED, first_seen=FIRST_SEEN).result()) == ["A"]


@settings(deadline=None)
@given(body=st.binary(max_size=200), before=st.sampled_from([b"", b"<rss>", b"<feed>", b'{"items": [', b"<rdf:RDF>"]))
def test_parse_feed_gives_a_value_for_any_bytes(body: bytes, before: bytes) -> None:
    assert isinstance(parse_feed(before + body), ParsedFeed | ParseFailure)


JSON_KEYS = ["id", "title", "url", "external_url", "summary", "content_text", "content_html", "date_published", "items"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(JSON_KEYS), inner, max_size=5),
    max_leaves=20,
)


@settings(deadline=None)
@given(items=st.lists(st.dictionaries(st.sampled_from(JSON_KEYS), JSON, max_size=6), max_size=4))
def test_parse_feed_reads_or_skips_every_entry_of_any_json_feed(items: list[dict[str, Any]]) -> None:
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode()
    parsed = parse_feed(body, url="https://e.example.com/feed.json")
    assert isinstance(parsed, ParsedFeed)
    assert len(parsed.items) + parsed.n_skipped == len(items)
    assert all(item.title for item in parsed.items)
    assert all(item.link == "" or item.link.lower().startswith("http") for item in parsed.items)


def test_entry_with_nothing_at_all_is_named_by_its_feed_and_is_no_news() -> None:
    body = rss("<guid isPermaLink='false'>g</guid>", "<title>Kept</title>")
    parsed = parse_feed(body, url="https://e.example.com/rss")
    assert isinstance(parsed, ParsedFeed)
    assert [(item.title, item.has_words) for item in parsed.items] == [
        ("https://e.example.com/rss", False),
        ("Kept", True),
    ]
    assert titles(parse(body)) == ["Kept"]
