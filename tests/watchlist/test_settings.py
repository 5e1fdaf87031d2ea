"""The keys of feeds.yaml that say what texts are searched for."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from sentinel.watchlist.settings import WatchSettings


def test_names_aliases_and_ambiguous_ones_are_names_of_one_company() -> None:
    entry = {
        "ticker": "ACME",
        "names": ["Acme"],
        "aliases": ["Acme Works"],
        "ambiguous": ["Summit Peak"],
        "tickers": ["ACM.L"],
        "sector": "tools",
    }
    watchlist = WatchSettings(universe="none", watchlist=[entry]).build_watchlist()
    company = watchlist.companies["ACME"]
    assert (company.name, company.names) == ("Acme", ("Acme", "Acme Works", "Summit Peak"))
    assert [
        mention.owner for mention in watchlist.find("Acme Works (LON: ACM) on a summit peak, Summit Peak says")
    ] == [
        "ACME",
        "ACME",
        "ACME",
    ]


def test_the_packaged_companies_and_themes_are_the_default() -> None:
    watchlist = WatchSettings().build_watchlist()
    assert "AAPL" in watchlist.companies
    assert watchlist.themes == ("crypto", "energy", "inflation", "jobs", "rates", "trade")


def test_nothing_is_searched_for_where_the_settings_say_so() -> None:
    themes = {name: {"phrases": []} for name in ("crypto", "energy", "inflation", "jobs", "rates", "trade")}
    watchlist = WatchSettings(universe="none", themes=themes).build_watchlist()
    assert (watchlist.companies, watchlist.themes) == ({}, ())
    assert watchlist.find("Apple says oil and interest rates matter to AT&T") == ()


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"universe": "nasdaq"}, ("universe",)),
        ({"watchlist": [{"ticker": "acme", "names": ["Acme"]}]}, ("watchlist", 0, "ticker")),
        ({"watchlist": [{"ticker": "ACME", "names": []}]}, ("watchlist", 0, "names")),
        ({"watchlist": [{"ticker": "ACME", "names": ["&!"]}]}, ("watchlist", 0, "names", 0)),
        ({"watchlist": [{"ticker": "ACME", "names": ["x" * 101]}]}, ("watchlist", 0, "names", 0)),
        ({"watchlist": [{"ticker": "ACME", "names": ["Acme"], "sector": "Big Tools"}]}, ("watchlist", 0, "sector")),
        ({"watchlist": [{"ticker": "ACME", "names": ["Acme"], "alias": ["A"]}]}, ("watchlist", 0, "alias")),
        ({"themes": {"rates": {"words": ["rate"]}}}, ("themes", "rates", "phrases")),
    ],
)
def test_a_wrong_value_is_named(values: dict[str, object], where: tuple[str | int, ...]) -> None:
    with pytest.raises(ValidationError) as caught:
        WatchSettings.model_validate(values)
    assert caught.value.errors()[0]["loc"] == where
