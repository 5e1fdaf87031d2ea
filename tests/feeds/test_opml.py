"""Lists of feeds go out and come back unchanged, and what others wrote is read without being trusted."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.errors import ConfigError
from sentinel.feeds import Outline, build_opml, read_outlines
from sentinel.feeds.opml import MAX_DEPTH, MAX_OPML_BYTES
from sentinel.records import Feed

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0"><head><title>x</title></head><body>'
END = "</body></opml>"


def read(body: str | bytes, *, encoding: str = "utf-8") -> tuple[Outline, ...]:
    content = body if isinstance(body, bytes) else f"{HEAD}{body}{END}".encode(encoding)
    return read_outlines(content, where="a.opml")


def refusal(content: bytes) -> str:
    with pytest.raises(ConfigError) as caught:
        read_outlines(content, where="a.opml")
    return str(caught.value)


def test_folders_categories_and_titles_are_read() -> None:
    found = read(
        '<outline text="Finance"><outline text="Rates">'
        '<outline type="rss" text="Bank &amp; Co" xmlUrl="https://b.example/rss" category="/a/b, c ,"/>'
        "</outline></outline>"
        '<outline title="Only a title" xmlUrl=" https://c.example/rss "/>'
        '<outline text="A note without an address"/>'
    )
    assert found == (
        Outline("Bank & Co", "https://b.example/rss", ("Finance", "Rates"), ("a/b", "c")),
        Outline("Only a title", "https://c.example/rss"),
    )


def test_attribute_names_may_be_written_in_any_case() -> None:
    assert read('<outline TEXT="t" XMLURL="https://c.example/"/>') == (Outline("t", "https://c.example/"),)


def test_a_feed_may_hold_feeds() -> None:
    found = read(
        '<outline text="a" xmlUrl="https://a.example/"><outline text="b" xmlUrl="https://b.example/"/></outline>'
    )
    assert [(outline.text, outline.folders) for outline in found] == [("a", ()), ("b", ("a",))]


def test_bare_ampersands_and_html_characters_are_put_right() -> None:
    found = read('<outline text="S&P 500 &nbsp;&eacute; &unknown; &#233;" xmlUrl="https://a.example/?a=1&b=2"/>')
    assert found == (Outline("S&P 500 \xa0é &unknown; é", "https://a.example/?a=1&b=2"),)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_may_be_in_another_unicode_form(encoding: str) -> None:
    assert read('<outline text="Börse" xmlUrl="https://a.example/"/>', encoding=encoding)[0].text == "Börse"


def test_a_latin_1_file_is_read_by_its_declaration() -> None:
    head = HEAD.replace("UTF-8", "ISO-8859-1")
    content = f'{head}<outline text="Börse" xmlUrl="https://a.example/"/>{END}'.encode("latin-1")
    assert read(content)[0].text == "Börse"


def test_prefixes_that_are_never_declared_do_no_harm() -> None:
    assert read('<outline x:y="1" text="t" xmlUrl="https://a.example/"/>')[0].text == "t"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "a.opml line 1: not well-formed XML"),
        (b"<opml><body>", "a.opml line 1: not well-formed XML"),
        (
            b"<opml>\n<body>\n<outline text='a' text='b'/></body></opml>",
            "a.opml line 3: not well-formed XML: duplicate",
        ),
        (b"<html><body>Sign in</body></html>", "a.opml: not an OPML file"),
        (b"<rss version='2.0'/>", "a.opml: not an OPML file"),
        (b"\x89PNG\r\n\x1a\n\0\0", "not well-formed XML"),
        (b" " * (MAX_OPML_BYTES + 1), "a.opml: larger than 5 MB"),
        (f"{HEAD}{'<outline>' * MAX_DEPTH}".encode(), f"nested deeper than {MAX_DEPTH} levels"),
    ],
    ids=["empty", "cut", "double", "page", "feed", "picture", "large", "deep"],
)
def test_what_is_no_opml_is_refused_with_its_line(content: bytes, words: str) -> None:
    assert words in refusal(content)
    assert "\n" not in refusal(content)


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE o [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE o [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE o [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x.dtd"> %a;]>',
    ],
    ids=["bomb", "file", "parameter"],
)
def test_entities_are_refused_before_any_is_expanded(doctype: str) -> None:
    content = f'{doctype}<opml><body><outline text="&b;" xmlUrl="https://a.example/"/></body></opml>'.encode()
    assert "declares entities" in refusal(content)


def test_a_doctype_that_only_names_a_file_fetches_nothing() -> None:
    content = b'<!DOCTYPE opml SYSTEM "http://127.0.0.1:9/x.dtd"><opml><body><outline text="t" xmlUrl="https://a.example/"/></body></opml>'
    assert read(content) == (Outline("t", "https://a.example/"),)


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=100).map(lambda text: f"{HEAD}{text}{END}".encode())))
def test_any_bytes_are_read_or_refused_in_one_line(content: bytes) -> None:
    try:
        found = read_outlines(content, where="a.opml")
    except ConfigError:
        assert "\n" not in refusal(content)
    else:
        assert all(outline.url for outline in found)


NAMES = st.text("ab09.-", min_size=1, max_size=20).map(lambda name: f"x{name}")
URLS = st.text("aZ0/_.?&=+%\"'<>;-\xe9", max_size=20).map(lambda path: f"https://news.example/{path}")
FEEDS = st.builds(
    Feed,
    name=NAMES,
    url=URLS,
    kind=st.sampled_from(["markets", "central-bank", "social"]),
    weight=st.floats(0.001, 10),
    topics=st.lists(NAMES, max_size=3, unique=True).map(tuple),
    use_summary=st.booleans(),
)


@settings(deadline=None)
@given(st.lists(FEEDS, max_size=4))
def test_what_is_written_is_read_again(feeds: list[Feed]) -> None:
    found = read_outlines(build_opml(feeds), where="a.opml")
    ordered = sorted(feeds, key=lambda feed: [each.kind for each in feeds].index(feed.kind))
    assert found == tuple(
        Outline(
            feed.name,
            feed.url,
            (feed.kind,),
            feed.topics,
            "" if feed.weight == 1.0 else repr(feed.weight),
            feed.use_summary,
        )
        for feed in ordered
    )


@settings(deadline=None)
@given(st.lists(FEEDS, max_size=3))
def test_what_is_written_is_opml_for_any_reader(feeds: list[Feed]) -> None:
    root = ET.fromstring(build_opml(feeds))  # noqa: S314  # written a line ago
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    outlines = [element for element in root.iter("outline") if element.get("xmlUrl")]
    assert sorted(element.get("xmlUrl", "") for element in outlines) == sorted(feed.url for feed in feeds)
    assert all(element.get("type") == "rss" and element.get("text") for element in outlines)


def test_whom_a_network_trusts_is_not_exchanged() -> None:
    trusted = Feed("a", "http://127.0.0.1:8/", "markets", allow_private=True)
    assert build_opml([trusted]) == build_opml([Feed("a", "http://127.0.0.1:8/", "markets")])
