"""Companies and themes to look for: the user's, and the packaged ones."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentinel.errors import ConfigError
from sentinel.watchlist.words import Words
from sentinel.yaml_file import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ASSETS_DIR = Path(__file__).resolve().parents[1] / "assets" / "watchlist"
UNIVERSES = ("none", "sp500-large")
"""Packaged lists of companies; "none" is the empty one."""

SECTORS = (
    "communication-services",
    "consumer-discretionary",
    "consumer-staples",
    "energy",
    "financials",
    "health-care",
    "industrials",
    "information-technology",
    "materials",
    "real-estate",
    "utilities",
)
"""Sectors of the packaged companies, after the eleven of the Global Industry Classification Standard."""


@dataclass(frozen=True, slots=True)
class Company:
    """A company to look for.

    Attributes:
        ticker: its symbol, the name of its topic.
        names: how news call it, its short name first; legal forms need not be given.
        sector: name of its sector's topic; empty when none is wanted.
        tickers: further symbols.
        ambiguous: those of its names that mean something else as well, besides the packaged list of such words.
        look_alikes: longer phrases with one of its names that are not it.
    """

    ticker: str
    names: tuple[str, ...]
    sector: str = ""
    tickers: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    look_alikes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What a page calls it."""
        return self.names[0]


@dataclass(frozen=True, slots=True)
class Theme:
    """A macro theme to look for.

    Attributes:
        name: name of its topic.
        phrases: what speaks of it, in the singular; one with a capital is read with its capitals.
        look_alikes: longer phrases with one of these that do not.
    """

    name: str
    phrases: tuple[str, ...]
    look_alikes: tuple[str, ...] = ()


def load_universe(name: str) -> tuple[Company, ...]:
    """Read a packaged list of companies.

    Args:
        name: one of UNIVERSES.
    """
    if name == "none":
        return ()
    with (ASSETS_DIR / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Company(
                ticker=row["ticker"],
                names=_parts(row["names"]),
                sector=row["sector"],
                tickers=_parts(row["tickers"]),
                look_alikes=_parts(row["look_alikes"]),
            )
            for row in csv.DictReader(file)
        )


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split("|") if part)


def load_themes() -> tuple[Theme, ...]:
    """Read the packaged themes."""
    return tuple(
        Theme(name, tuple(entry["phrases"]), tuple(entry.get("look_alikes", ())))
        for name, entry in sorted(_read("themes").items())
    )


@cache
def load_common_words() -> dict[str, frozenset[str]]:
    """Read the words that company names share with other things: "words", and "proper" names."""
    return {kind: frozenset(words) for kind, words in _read("common").items()}


@cache
def load_evidence() -> dict[str, frozenset[str]]:
    """Read the words that tell a company from something else, by what they say (evidence.yaml)."""
    return {kind: frozenset(words) for kind, words in _read("evidence").items()}


def _read(name: str) -> Mapping[str, Any]:
    return read_yaml(ASSETS_DIR / f"{name}.yaml").values


def merge_companies(own: Iterable[Company], packaged: Iterable[Company]) -> tuple[Company, ...]:
    """Put the user's companies before the packaged ones: a ticker or a name that both have is the user's.

    Args:
        own: the user's.
        packaged: of the universe.

    Returns:
        Companies by ticker; no symbol and no name belongs to two.

    Raises:
        ConfigError: two of the user's have a ticker or a name in common.
    """
    merged: dict[str, Company] = {}
    owners: dict[tuple[str, ...], str] = {}
    for company in own:
        for key in sorted({*map(_key, company.names), *(("$", ticker) for ticker in _symbols(company))}):
            if owners.setdefault(key, company.ticker) != company.ticker or company.ticker in merged:
                shared = "" if key[0] == "$" else f" are both named {' '.join(key)!r}"
                what = f"two companies{shared or f' have the ticker {key[-1]!r}'}"
                raise ConfigError(what, where="watchlist", hint="a name can stand for one company alone")
        merged[company.ticker] = company
    for company in packaged:
        names = tuple(name for name in company.names if _key(name) not in owners)
        if names and ("$", company.ticker) not in owners:
            tickers = tuple(ticker for ticker in company.tickers if ("$", ticker) not in owners)
            merged[company.ticker] = Company(
                company.ticker, names, company.sector, tickers, company.ambiguous, company.look_alikes
            )
    return tuple(merged[ticker] for ticker in sorted(merged))


def _key(name: str) -> tuple[str, ...]:
    return Words.of(name).folded


def _symbols(company: Company) -> tuple[str, ...]:
    return (company.ticker, *company.tickers)
