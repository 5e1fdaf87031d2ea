"""What holds for any text: names are found whatever stands around them, and never overlap."""

from __future__ import annotations

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.text import clean_text
from sentinel.watchlist import Company, Watchlist, build_watchlist, topics_of
from sentinel.watchlist.words import WORD, fold_word, fold_words, plain_text

COMPANIES = (
    Company("ACME", ("Acme", "Acme Tools"), sector="tools"),
    Company("TOOL", ("Tools of Norland",), sector="tools"),
    Company("TGT", ("Target",), sector="retail", look_alikes=("Target range",)),
    Company("AB-T", ("A&B Trust",), tickers=("ABT",)),
)
pieces = st.sampled_from(
    [
        *["Acme", "Acme Tools", "Tools of Norland", "Target", "Target range", "A&B Trust", "A and B Trust", "ACME"],
        *["$ACME", "(NYSE: ABT)", "(TGT)", "<TGT.N>", "interest rate", "rates", "oil", "olive oil", "Fed", "target"],
        *[
            "shares",
            "says",
            "the",
            "of",
            "profit",
            "to buy",
            "'s",
            "\u2019s",
            "Inc.",
            "2%",
            ",",
            "-",
            ".",
            ": ",
            "&",
            "É",
        ],
    ]
)
texts = st.one_of(st.lists(pieces, max_size=12).map(" ".join), st.text(max_size=60)).map(clean_text)
thorough = settings(deadline=None, max_examples=300)


@cache
def watchlist() -> Watchlist:
    return build_watchlist(COMPANIES)


@thorough
@given(text=texts)
def test_mentions_are_in_order_inside_the_text_and_never_overlap(text: str) -> None:
    mentions = watchlist().find(text)
    edges = [edge for mention in mentions for edge in (mention.begin, mention.end)]
    assert edges == sorted(edges)
    assert all(0 <= mention.begin < mention.end <= len(text) for mention in mentions)


@thorough
@given(text=texts, order=st.permutations(COMPANIES))
def test_the_order_of_companies_and_names_changes_nothing(text: str, order: list[Company]) -> None:
    turned = [
        Company(one.ticker, one.names[::-1], one.sector, one.tickers, one.ambiguous, one.look_alikes) for one in order
    ]
    assert build_watchlist(turned).find(text) == watchlist().find(text)


@thorough
@given(
    name=st.sampled_from(["Acme", "Acme Tools", "Tools of Norland", "A&B Trust", "$ACME", "NYSE: ABT"]),
    before=st.sampled_from(["", '"', "(", "\u201c", "\u2018", "- ", "\u2014", "[", "* ", "\u00bf"]),
    after=st.sampled_from(["", '"', ")", "\u201d", "'", "\u2019", "!", "?", ";", ":", ",", "...", " -", "\u2014", "]"]),
)
def test_punctuation_around_a_name_changes_nothing(name: str, before: str, after: str) -> None:
    text = f"{before}{name}{after} rises"
    (mention,) = watchlist().find(text)
    (bare,) = watchlist().find(f"{name} rises")
    assert (mention.owner, text[mention.begin : mention.end]) == (bare.owner, name)


@thorough
@given(text=texts)
def test_relevance_lies_above_0_and_at_most_at_1_and_companies_share_it(text: str) -> None:
    topics = topics_of(watchlist(), text)
    assert all(0 < topic.relevance <= 1 for topic in topics)
    shares = [topic.relevance for topic in topics if topic.kind == "company"]
    assert sum(shares) <= 2
    assert len({(topic.kind, topic.name) for topic in topics}) == len(topics)


@thorough
@given(texts)
def test_a_text_is_cut_into_the_same_words_however_quickly(text: str) -> None:
    """The quick way for plain ASCII finds what the pattern of a word finds."""
    plain = plain_text(text)
    assert fold_words(plain) == [fold_word(form) for form in WORD.findall(plain)]
