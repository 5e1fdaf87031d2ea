"""The feeds behind a page are those that it names for a reader's program, and no others."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.config import check_name
from sentinel.feeds.discovery import MAX_CANDIDATES, Candidate, find_candidates, well_known_urls
from sentinel.feeds.names import plain_name, suggest_name, unique_name
from sentinel.text import canonical_url

PAGE = "https://news.example/section/page.html"
RSS = 'rel="alternate" type="application/rss+xml"'


def urls(page: str) -> list[str]:
    return [candidate.url for candidate in find_candidates(page, PAGE)]


# --- what a page names -----------------------------------------------------------------------------------------


def test_feeds_are_found_in_the_order_of_the_page_with_their_titles() -> None:
    page = f"""<html><head>
    <link {RSS} title="Markets &amp; money" href="/markets.xml">
    <LINK REL='Alternate home' TYPE='application/atom+xml; charset=utf-8' HREF='atom.xml' />
    <link rel=alternate type=application/feed+json href=https://cdn.example/feed.json>
    </head>"""
    assert find_candidates(page, PAGE) == (
        Candidate("https://news.example/markets.xml", "Markets & money"),
        Candidate("https://news.example/section/atom.xml", ""),
        Candidate("https://cdn.example/feed.json", ""),
    )


def test_a_page_with_a_base_completes_links_with_it() -> None:
    assert urls(f'<base href="/other/"><link {RSS} href="feed">') == ["https://news.example/other/feed"]


def test_an_attribute_may_hold_the_end_of_a_tag() -> None:
    assert urls(f'<link title="Rates > bonds" {RSS} href="/r">') == ["https://news.example/r"]


@pytest.mark.parametrize(
    "page",
    [
        '<link rel="stylesheet" type="text/css" href="/s.css">',
        '<link rel="alternate" hreflang="de" href="/de/">',
        '<link rel="alternate" type="text/html" href="/m/">',
        '<a rel="alternate" type="application/rss+xml" href="/rss">',
        f"<link {RSS}>",
        f'<link {RSS} href="">',
        f'<link {RSS} href="javascript:alert(1)">',
        f'<link {RSS} href="file:///etc/passwd">',
        f'<link {RSS} href="https://user:secret@news.example/rss">',
        f'<link {RSS} href="http://[::1/rss">',
        f'<!-- <link {RSS} href="/rss"> -->',
        f"<script>document.write('<link {RSS} href=\"/rss\">')</script>",
        f'<template><link {RSS} href="/rss"></template>',
        f'<!-- never closed <link {RSS} href="/rss">',
        "",
    ],
)
def test_what_is_no_feed_for_a_reader_is_not_named(page: str) -> None:
    assert urls(page) == []


def test_an_address_is_named_once() -> None:
    assert urls(f'<link {RSS} href="/rss"><link {RSS} href="/rss?utm_source=page#top">') == ["https://news.example/rss"]


def test_a_page_that_names_thousands_of_feeds_is_cut() -> None:
    page = "".join(f'<link {RSS} href="/{number}">' for number in range(5_000))
    assert len(urls(page)) == MAX_CANDIDATES


@pytest.mark.parametrize(
    "piece",
    ["<link ", "<!--", "<script", "<link a=\"'", "<link a=' ", "<base <link", "&", "<link " + "a=b " * 50 + "<"],
)
def test_a_page_made_to_be_slow_is_read_to_its_end(piece: str) -> None:
    page = f'<link {RSS} href="/first">' + piece * (1_000_000 // len(piece))
    assert urls(page) == ["https://news.example/first"]


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("<>!-='\" /abehiklnrstx:"), max_size=300), st.text(max_size=40))
def test_any_page_gives_addresses_that_can_be_asked(page: str, href: str) -> None:
    for candidate in find_candidates(f'{page}<link {RSS} href="{href}">', PAGE):
        assert canonical_url(candidate.url)


def test_the_usual_places_are_those_below_the_page_and_then_those_of_the_site() -> None:
    assert well_known_urls("https://news.example/desk/page.html?x=1")[:4] == (
        "https://news.example/desk/feed/",
        "https://news.example/desk/rss",
        "https://news.example/desk/rss.xml",
        "https://news.example/feed/",
    )
    for page in ("https://news.example", "https://news.example/", "https://news.example/page.html"):
        assert well_known_urls(page)[0] == "https://news.example/feed/"


# --- names -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "url", "name"),
    [
        ("Top News & Analysis", "https://a.example/", "top-news-and-analysis"),
        ("Größe, Kurse", "https://a.example/", "grosse-kurse"),
        ("my-feed.2", "https://a.example/", "my-feed.2"),
        ("RSS Feed", "https://www.bank.example/feeds/press_all.xml", "bank-press-all"),
        ("日本経済", "https://feeds.news.example.co.uk/business/rss.xml", "example-business"),
        ("", "http://127.0.0.1:8000/wire.xml", "wire"),
        ("", "http://127.0.0.1:8000/", "feed"),
        ("RSS", "http://[::1]/", "rss"),
        ("word " * 30, "https://a.example/", "word-word-word-word-word-word-word-word"),
    ],
)
def test_a_name_is_made_of_the_title_or_of_the_address(title: str, url: str, name: str) -> None:
    assert suggest_name(title, url) == name


@settings(deadline=None)
@given(st.text(max_size=80), st.from_regex(r"https?://[^\s/@]{1,30}/\S{0,40}", fullmatch=True))
def test_every_name_is_one_that_the_feeds_file_takes(title: str, url: str) -> None:
    try:
        name = suggest_name(title, url)
    except ValueError:  # an address that is none: nobody gets so far with it
        assert not canonical_url(url)
        return
    assert check_name(name) == name
    assert plain_name(name) == name
    taken: set[str] = set()
    for _ in range(12):
        fresh = unique_name(name, taken)
        assert check_name(fresh) not in taken
        taken.add(fresh)
