"""How much a headline is about what it names."""

from __future__ import annotations

import pytest

from sentinel.watchlist import Company, Theme, Topic, Watchlist, build_watchlist, relevance, topics_of


@pytest.fixture(scope="module")
def watchlist() -> Watchlist:
    return build_watchlist(
        [
            Company("ACME", ("Acme",), sector="tools"),
            Company("BRGL", ("Bargle",), sector="tools"),
            Company("CRDN", ("Cardoon",), sector="food"),
            Company("DRVN", ("Dorvane",)),
        ],
        themes=[Theme("rates", ("rate cut",))],
    )


@pytest.mark.parametrize(
    ("begin", "length", "n_named", "expected"),
    [(0, 40, 1, 1.0), (20, 40, 1, 0.75), (0, 40, 2, 2 / 3), (0, 40, 4, 2 / 5), (20, 40, 3, 0.375)],
)
def test_relevance_falls_with_the_place_and_the_number_of_names(
    begin: int, length: int, n_named: int, expected: float
) -> None:
    assert relevance(begin, length, n_named) == pytest.approx(expected)


def test_a_text_has_its_companies_their_sectors_and_its_themes(watchlist: Watchlist) -> None:
    text = "Acme hopes for a rate cut"
    assert topics_of(watchlist, text) == (
        Topic("company", "ACME", 1.0),
        Topic("sector", "tools", 1.0),
        Topic("theme", "rates", 1 - text.index("rate") / (2 * len(text))),
    )


def test_a_sector_is_as_relevant_as_the_most_relevant_of_its_companies(watchlist: Watchlist) -> None:
    found = {
        (topic.kind, topic.name): topic.relevance for topic in topics_of(watchlist, "Acme, Cardoon and Bargle rise")
    }
    assert found["company", "ACME"] == 0.5
    assert found["company", "BRGL"] < found["company", "CRDN"] < 0.5
    assert found["sector", "tools"] == found["company", "ACME"]
    assert found["sector", "food"] == found["company", "CRDN"]


def test_a_name_counts_once_from_where_it_first_stands(watchlist: Watchlist) -> None:
    assert topics_of(watchlist, "Acme buys an Acme that Acme sold")[0] == Topic("company", "ACME", 1.0)


def test_a_company_without_a_sector_has_none(watchlist: Watchlist) -> None:
    assert [topic.kind for topic in topics_of(watchlist, "Dorvane files its report")] == ["company"]


def test_a_text_that_names_nothing_has_no_topic(watchlist: Watchlist) -> None:
    assert topics_of(watchlist, "Rain is expected") == ()
    assert topics_of(watchlist, "") == ()
