"""Which companies and themes a headline names, and which it only seems to."""

from __future__ import annotations

import pytest

from sentinel.errors import ConfigError
from sentinel.watchlist import SECTORS, Company, Theme, Watchlist, build_watchlist


@pytest.fixture(scope="module")
def packaged() -> Watchlist:
    return build_watchlist(universe="sp500-large")


def owners(watchlist: Watchlist, text: str, kind: str = "company") -> list[str]:
    return [mention.owner for mention in watchlist.find(text) if mention.kind == kind]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Microsoft to open a research office in Lisbon", ["MSFT"]),
        ("MICROSOFT TO OPEN A RESEARCH OFFICE", ["MSFT"]),
        ("everyone i know is buying microsoft again", ["MSFT"]),
        ("Microsofts and other misspellings", []),
        ("AT&T and P&G lead the index", ["T", "PG"]),
        ("Procter and Gamble lifts detergent prices", ["PG"]),
        ("JP Morgan, J.P. Morgan and JPMorgan are one bank", ["JPM", "JPM", "JPM"]),
        ("Coca\u2011Cola sponsors the games", ["KO"]),
        ("L\u2019Or\u00e9al and Societe Generale fall", ["OR.PA", "GLE.PA"]),
        ("McDonald\u2019s\u00a0and Lowes raise pay", ["MCD", "LOW"]),
        ("Boeing-led group bids; Pfizer's offer stands", ["BA", "PFE"]),
        ("eBay, EBAY and Ebay are the same", ["EBAY", "EBAY", "EBAY"]),
        ("The bp of the drug falls", []),
    ],
)
def test_a_name_is_found_as_words_with_its_capitals(packaged: Watchlist, text: str, expected: list[str]) -> None:
    assert owners(packaged, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bank of America opens branches", ["BAC"]),
        ("Deutsche Telekom rises, Deutsche Bank falls", ["DTE.DE", "DBK.DE"]),
        ("Ford Motor opens a plant", ["F"]),
        ("Ford Foundation opens an office", []),
        ("Apple Hospitality buys a hotel", []),
        ("GE Vernova splits from GE Aerospace", ["GEV", "GE"]),
        ("A seller of Ford. Motor sales slow", []),
    ],
)
def test_the_longest_name_wins_and_a_look_alike_is_nobodys(packaged: Watchlist, text: str, expected: list[str]) -> None:
    assert owners(packaged, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Target cuts jobs at its headquarters",
        "A profit warning from Target weighs on retailers",
        "Target Corp. Announces Quarterly Dividend",
        "TARGET SHARES FALL AFTER RESULTS",
        "Target's margin shrinks",
        "Walmart, Target raise wages",
        "Target (NYSE: TGT) at a crossroads",
        "UPDATE 3-Target says data breach wider than thought",
        "Tariffs will lift prices - Target",
    ],
)
def test_a_word_with_evidence_around_it_is_a_company(packaged: Watchlist, text: str) -> None:
    assert "TGT" in owners(packaged, text)


@pytest.mark.parametrize(
    "text",
    [
        "Target for emissions is missed",
        "The Target Was Missed by Every Lender",
        "TARGET MISSED AGAIN",
        "our target stays in reach",
        "2% Target Out of Reach",
        "Inflation target under review as shares fall",
        "Emission target, Walmart says, comes too soon",
        "Target-date funds grow",
    ],
)
def test_a_word_without_evidence_is_a_word(packaged: Watchlist, text: str) -> None:
    assert "TGT" not in owners(packaged, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Long $F and $BRK.B into the weekend", ["F", "BRK-B"]),
        ("$5M round, US$AAPL note, $AAPLE", []),
        ("Results (NYSE: F) due; more from NASDAQ:AAPL.", ["F", "AAPL"]),
        ("(TSX: T) is another company than (NYSE: T)", ["T"]),
        ("<AAPL.O> and (VOD.L) and [7203.T]", ["AAPL", "VOD", "7203.T"]),
        ("(LON: SHEL) and (ETR:SAP)", ["SHEL", "SAP"]),
        ("What a doctor (MA) and a CEO (CAT) say", []),
        ("Gap (GAP) and Visa Inc. (V) gain", ["GAP", "GAP", "V", "V"]),
    ],
)
def test_a_symbol_is_read_where_it_is_marked_as_one(packaged: Watchlist, text: str, expected: list[str]) -> None:
    assert owners(packaged, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fed raises interest rates as inflation persists", ["rates", "rates", "inflation"]),
        ("Cattle fed on soy get dearer", []),
        ("OPEC CUTS OUTPUT, CRUDE JUMPS", ["energy", "energy"]),
        ("Olive oil prices ease", []),
        ("Tariffs and layoffs: a bad week for Bitcoin", ["trade", "jobs", "crypto"]),
        ("A film about Steve Jobs", []),
    ],
)
def test_a_theme_is_found_by_its_phrases(packaged: Watchlist, text: str, expected: list[str]) -> None:
    assert owners(packaged, text, "theme") == expected


def test_mentions_stand_where_they_are_said_to() -> None:
    text = "\u00c9toiles: Société Générale's rival, $ACME"
    watchlist = build_watchlist([Company("ACME", ("Acme",))], universe="sp500-large")
    assert [text[mention.begin : mention.end] for mention in watchlist.find(text)] == ["Société Générale", "$ACME"]


def test_a_company_of_the_users_takes_the_place_of_the_packaged_one() -> None:
    own = [Company("AAPL", ("Cupertino Fruit",)), Company("MINE", ("Nvidia",))]
    watchlist = build_watchlist(own, universe="sp500-large")
    assert owners(watchlist, "Cupertino Fruit and Nvidia and Apple's shares") == ["AAPL", "MINE"]
    assert "NVDA" not in watchlist.companies


def test_a_name_can_be_declared_ambiguous() -> None:
    plain = build_watchlist([Company("BRGL", ("Bargle",))])
    wary = build_watchlist([Company("BRGL", ("Bargle",), ambiguous=("Bargle",))])
    assert owners(plain, "Bargle is a fine word") == ["BRGL"]
    assert owners(wary, "Bargle is a fine word") == []
    assert owners(wary, "Bargle says profit fell") == ["BRGL"]


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (Company("B", ("Acmé Works",)), "two companies are both named 'acme works'"),
        (Company("B", ("Other",), tickers=("A",)), "two companies have the ticker 'A'"),
        (Company("A", ("Other",)), "two companies have the ticker 'A'"),
    ],
)
def test_a_name_or_ticker_of_two_companies_is_refused(second: Company, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build_watchlist([Company("A", ("Acme Works",)), second])


def test_a_theme_of_the_users_takes_the_place_of_the_packaged_one_and_without_phrases_takes_it_away() -> None:
    watchlist = build_watchlist(themes=[Theme("rates", ("zinsen",)), Theme("jobs", ()), Theme("food", ("wheat",))])
    assert watchlist.themes == ("crypto", "energy", "food", "inflation", "rates", "trade")
    text = "Wheats, Zinsen, interest rates, layoffs"
    assert owners(watchlist, text, "theme") == ["food", "rates"]


def test_the_id_changes_with_the_lists_alone() -> None:
    first, second = Company("A", ("Acme",)), Company("B", ("Bargle",))
    ids = [
        build_watchlist(companies, themes=themes).list_id
        for companies, themes in (
            ([first, second], []),
            ([second, first], []),
            ([first], []),
            ([first, second], [Theme("jobs", ())]),
        )
    ]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


def test_every_packaged_company_is_found_by_its_name_in_plain_news(packaged: Watchlist) -> None:
    for ticker, company in packaged.companies.items():
        for name in company.names:
            assert ticker in owners(packaged, f"Shares of {name} fall after it says profit dropped"), name


def test_packaged_companies_have_a_sector_and_symbols_of_their_own(packaged: Watchlist) -> None:
    companies = packaged.companies.values()
    symbols = [symbol for company in companies for symbol in (company.ticker, *company.tickers)]
    assert len(symbols) == len(set(symbols))
    assert {company.sector for company in companies} == set(SECTORS)
    assert len(companies) > 200


def test_a_long_text_is_searched_as_far_as_a_headline_reaches(packaged: Watchlist) -> None:
    filler = "word " * 199
    assert owners(packaged, f"{filler}IBM") == ["IBM"]
    assert owners(packaged, f"{filler}{filler}IBM") == []
