from __future__ import annotations

import re
import unicodedata
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sentinel.text import (
    MAX_TEXT_CHARACTERS,
    canonical_url,
    clean_text,
    fingerprint,
    item_id,
    model_text,
    page_url,
    text_hash,
)

MARKUP = st.text(alphabet="<>&;#x38amp/!-lgt \t\n\u200b\u0301e\ufdd0\x07\x1f\x85'\"", max_size=80)
ADDRESSES = st.tuples(
    st.sampled_from(["http://h", "http://web.archive.org/web/2024/", "https://google.com/amp/s/h.h/", "http://h/a"]),
    st.text(alphabet="htps:/@.aB?=&#%[]:80 +utm_\u00e9\t\\;,", max_size=60),
    st.sampled_from(["", "/amp", ".amp.html", "/amp/amp", ".amp", "?amp=1"]),
).map("".join)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Profit &amp; loss", "Profit & loss"),
        ("Profit &amp;amp; loss", "Profit & loss"),
        ("<p>Two</p><p>lines</p>", "Two lines"),
        ("&lt;b&gt;Up&lt;/b&gt; 5%", "Up 5%"),
        ("margin <5 % and >3 %", "margin <5 % and >3 %"),
        ("  a\u00a0b\n\tc ", "a b c"),
        ("zero\u200bwidth \u202eright\u202c", "zerowidth right"),
        ("e\u0301clat", "\u00e9clat"),
        ("bell\x07 \ud800 \ufffe", "bell"),
        ("tag\U000e0041 \U0001fffe \ufdd0 \u3164filler \u2066iso\u2069 line\u2028end", "tag filler iso line end"),
        ("", ""),
    ],
)
def test_clean_text_gives_one_plain_line(raw: str, expected: str) -> None:
    assert clean_text(raw) == expected


@settings(deadline=None)
@given(raw=st.one_of(st.text(max_size=200), MARKUP))
@example("&amp;amp;lt;b>")
@example("e&#x301;")
def test_clean_text_is_idempotent(raw: str) -> None:
    once = clean_text(raw)
    assert clean_text(once) == once


@settings(deadline=None)
@given(raw=st.one_of(st.text(max_size=200), MARKUP))
def test_clean_text_can_be_stored_and_printed(raw: str) -> None:
    cleaned = clean_text(raw)
    cleaned.encode("utf-8")
    assert cleaned == " ".join(cleaned.split())
    assert not [character for character in cleaned if unicodedata.category(character) in ("Cc", "Cf", "Cs")]


def test_clean_text_is_bounded() -> None:
    assert len(clean_text("word " * 10_000)) <= MAX_TEXT_CHARACTERS


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("HTTPS://News.Example.COM:443/a?utm_source=x&id=7#top", "https://news.example.com/a?id=7#top"),
        (
            "http://example.com/a?fbclid=1&gclid=2&page=3&msclkid=4&at_medium=RSS&mkt_tok=5",
            "http://example.com/a?page=3",
        ),
        ("http://example.com/a?amp=1&b=2", "http://example.com/a?b=2"),
        ("http://example.com/a?outputType=amp", "http://example.com/a"),
        ("http://example.com/a?amp=3", "http://example.com/a?amp=3"),
        ("http://example.com/news/rates-rise/amp/", "http://example.com/news/rates-rise/"),
        ("http://example.com/rates-rise.amp.html", "http://example.com/rates-rise.html"),
        ("http://example.com/amp", "http://example.com/amp"),
        ("http://example.com/the-amp/", "http://example.com/the-amp/"),
        ("https://web.archive.org/web/20240514093000/https://example.com/a?id=7", "https://example.com/a?id=7"),
        ("http://web.archive.org/web/2024id_/http:/example.com/a", "http://example.com/a"),
        ("https://web.archive.org/about", "https://web.archive.org/about"),
        ("https://www.google.com/amp/s/www.example.com/a/amp", "https://www.example.com/a"),
        ("https://www-example-com.cdn.ampproject.org/c/s/www.example.com/a", "https://www.example.com/a"),
        ("http://example.com/a#xtor=RSS-1", "http://example.com/a"),
        ("http://example.com/a#Echobox=17&utm_source=rss", "http://example.com/a"),
        ("http://example.com/#/news/1?page=2", "http://example.com/#/news/1?page=2"),
        ("http://example.com/#!news 1", "http://example.com/#!news%201"),
        ("http://under_score.example.com/", "http://under_score.example.com/"),
        ("http://M\u00dcNCHEN.example/", "http://m\u00fcnchen.example/"),
        ("http://xn--mnchen-3ya.example/", "http://xn--mnchen-3ya.example/"),
        (
            "http://\u0939\u093f\u0928\u094d\u0926\u0940.example/",
            "http://\u0939\u093f\u0928\u094d\u0926\u0940.example/",
        ),
        ("http://example.com./", "http://example.com./"),
        ("http://exa mple.com/rss", ""),
        ("http://<e>.com/", ""),
        ("http://a..b/", ""),
        ("http://.com/x", ""),
        ("http://exam%20ple.com/", ""),
        (f"http://{'a' * 64}.com/", ""),
        ("http://example.com", "http://example.com/"),
        ("http://example.com:8080/\u00e9", "http://example.com:8080/%C3%A9"),
        ("http://[2001:DB8::1]:80/", "http://[2001:db8::1]/"),
        (" https://example.com/a\n", "https://example.com/a"),
        ("javascript:alert(1)", ""),
        ("java\nscript:alert(1)", ""),
        ("//example.com/a", ""),
        ("https://user:secret@example.com/", ""),
        ("http://[bad", ""),
        ("http://example.com:port/", ""),
        ("", ""),
    ],
)
def test_canonical_url_gives_one_form_or_nothing(raw: str, expected: str) -> None:
    assert canonical_url(raw) == expected


@settings(deadline=None)
@given(raw=st.one_of(st.text(max_size=80), ADDRESSES))
def test_canonical_url_is_idempotent(raw: str) -> None:
    once = canonical_url(raw)
    assert canonical_url(once) == once


@settings(deadline=None)
@given(raw=st.one_of(st.text(max_size=80), ADDRESSES))
def test_canonical_url_is_http_or_nothing(raw: str) -> None:
    canonical = canonical_url(raw)
    assert canonical == "" or canonical.startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("http://example.com/notes.html#n3", "http://example.com/notes.html"),
        ("http://example.com/notes.html", "http://example.com/notes.html"),
        ("http://example.com/#/news/1", "http://example.com/#/news/1"),
        ("http://example.com/#!news", "http://example.com/#!news"),
        ("", ""),
    ],
)
def test_page_url_drops_what_only_points_into_a_page(url: str, page: str) -> None:
    assert page_url(url) == page


def test_item_id_of_a_shared_name_goes_by_the_title_too() -> None:
    for guid, url in (("g", "https://e.example.com/"), ("", "https://e.example.com/")):
        ids = [
            item_id(feed="wire", guid=guid, url=url, title=title, day=None, is_shared=is_shared)
            for title, is_shared in (("A", True), ("B", True), ("A", False), ("B", False))
        ]
        assert len(set(ids)) == 3
        assert ids[2] == ids[3]


def test_item_id_goes_by_guid_then_address_then_title_and_day() -> None:
    facts = {
        "feed": "wire",
        "guid": "g",
        "url": "https://e.example.com/",
        "title": "T",
        "day": date(2024, 6, 3),
    }
    by_guid = item_id(**facts)  # type: ignore[arg-type]
    assert by_guid == item_id(**{**facts, "url": "", "title": "changed", "day": None})  # type: ignore[arg-type]
    by_url = item_id(**{**facts, "guid": ""})  # type: ignore[arg-type]
    assert by_url == item_id(**{**facts, "guid": "", "title": "changed"})  # type: ignore[arg-type]
    by_title = item_id(**{**facts, "guid": "", "url": ""})  # type: ignore[arg-type]
    assert by_title != item_id(**{**facts, "guid": "", "url": "", "day": date(2024, 6, 4)})  # type: ignore[arg-type]
    assert len({by_guid, by_url, by_title, item_id(**{**facts, "feed": "other"})}) == 4  # type: ignore[arg-type]


def test_item_id_never_changes() -> None:
    named = item_id(feed="wire", guid="g", url="", title="", day=None)
    assert named == "57d69e6ff85647785a0a36eb4848f451"
    linked = item_id(feed="wire", guid="", url="https://e.example.com/a?id=7", title="", day=None)
    assert linked == item_id(feed="wire", guid="", url="https://e.example.com/a?id=7#top", title="", day=None)
    assert linked == "f5cfd6b516d4e32346ab6db94272167f"


def test_fingerprint_sees_words_only() -> None:
    assert fingerprint("Tesla\u2019s Q3: up 5,000!") == fingerprint("TESLA\u2019S  q3 up 5,000")
    assert fingerprint("--- !") == ""


def test_model_text_joins_headline_and_summary() -> None:
    assert model_text("Up.", "By 3 %.", use_summary=True) == "Up. By 3 %."
    assert model_text("Up", "Up by 3 %.", use_summary=True) == "Up by 3 %."
    assert model_text("Up", "", use_summary=True) == "Up"
    assert model_text("Up", "By 3 %.", use_summary=False) == "Up"


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("<b>Acme</b>, Inc. rises", "Acme, Inc. rises"),
        ("<p>One</p><p>Two</p>", "One Two"),
        ("<!-- margin > 5 -->Acme rises", "Acme rises"),
        ("<style>p { color: red }</style>Acme<script>track()</script> rises", "Acme rises"),
        ("&amp;amp;lt;b&amp;amp;gt;Acme", "Acme"),
    ],
)
def test_clean_text_drops_markup_and_what_it_hides(raw: str, cleaned: str) -> None:
    assert clean_text(raw) == cleaned


def test_text_hash_is_that_of_what_the_classifier_reads() -> None:
    assert text_hash("<b>Oxmead</b>  rises https://example.com/a") == text_hash("Oxmead rises")
    assert text_hash("Oxmead rises") != text_hash("OXMEAD rises")
    assert re.fullmatch("[0-9a-f]{24}", text_hash("\ud800"))
