"""The names of a text: which companies and themes it speaks of, and where.

Built once for a list of companies and themes, then asked for each text. Pure: no I/O, no clock. Invariant: what is
found depends on the lists and the text alone, not on the order of the lists; places never overlap.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from sentinel.watchlist.companies import (
    Company,
    Theme,
    load_common_words,
    load_evidence,
    load_themes,
    load_universe,
    merge_companies,
)
from sentinel.watchlist.evidence import Place, is_company
from sentinel.watchlist.phrases import Found, Phrase, PhraseIndex
from sentinel.watchlist.symbols import Symbol, SymbolIndex
from sentinel.watchlist.words import WORD, Words, plain_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

RULES_VERSION = 1
"""Part of a watchlist's id; raised when the same lists find other names."""


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """A name in a text.

    Attributes:
        begin: where it begins, in characters.
        end: where it ends.
        kind: company or theme.
        owner: ticker of the company, or name of the theme.
    """

    begin: int
    end: int
    kind: Literal["company", "theme"]
    owner: str


class Watchlist:
    """Companies and themes, ready for look-up.

    Attributes:
        companies: by ticker.
        themes: their names.
        list_id: 12 hexadecimal digits that change with the companies, the themes and the rules.
    """

    def __init__(self, companies: Iterable[Company], themes: Iterable[Theme]) -> None:
        self.companies = {company.ticker: company for company in companies}
        by_name = {theme.name: theme for theme in themes}
        self.themes = tuple(sorted(by_name))
        self.list_id = _list_id(self.companies, by_name)
        self._vocabulary = load_evidence()
        common = load_common_words()
        self._index = PhraseIndex(
            [
                *(phrase for company in self.companies.values() for phrase in _company_phrases(company, common)),
                *(phrase for theme in by_name.values() for phrase in _theme_phrases(theme)),
            ]
        )
        symbols = {
            symbol: company.ticker
            for company in self.companies.values()
            for symbol in (*company.tickers, company.ticker)
        }
        self._symbols = SymbolIndex(symbols, common["words"] | common["proper"])

    def find(self, text: str) -> tuple[Mention, ...]:
        """Find the companies and themes that a text names.

        Args:
            text: what ``text.clean_text`` gives.

        Returns:
            Mentions in the order of the text; places are those of the text's characters.
        """
        plain = plain_text(text)
        symbols = self._symbols.scan(plain)
        if not symbols and self._index.begins_none(WORD.findall(plain.lower())):
            return ()
        words = Words.of(plain)
        found = [one for one in self._index.scan(words, any_case=plain.islower()) if not _overlaps(words, one, symbols)]
        certain = self._certain_owners(words, found, symbols)
        mentions = [
            Mention(symbol.begin, symbol.end, "company", symbol.ticker) for symbol in symbols if symbol.ticker in certain
        ]
        mentions += (mention for one in found for mention in self._judge(words, one, certain))
        return tuple(sorted(mentions))

    def _certain_owners(self, words: Words, found: Iterable[Found], symbols: Iterable[Symbol]) -> frozenset[str]:
        """List the companies that the text names without doubt: by symbol, or by a name that is theirs alone."""
        owners = {symbol.ticker for symbol in symbols if symbol.is_certain}
        for one in found:
            end = words.spans[one.last - 1][1]
            for phrase in one.phrases:
                if phrase.kind != "company":
                    continue
                in_brackets = any(
                    symbol.ticker == phrase.owner and 0 <= symbol.begin - end <= 12  # past ", Inc. "
                    for symbol in symbols
                )
                if not phrase.sense or in_brackets:
                    owners.add(phrase.owner)
        return frozenset(owners)

    def _judge(self, words: Words, found: Found, certain: frozenset[str]) -> Iterator[Mention]:
        span = words.spans[found.first][0], words.spans[found.last - 1][1]
        for phrase in found.phrases:
            if phrase.kind == "look-alike":
                return
            if phrase.kind == "theme":
                yield Mention(*span, "theme", phrase.owner)
                return
            if not phrase.sense or phrase.owner in certain or self._is_company(words, found, phrase, certain):
                yield Mention(*span, "company", phrase.owner)
                return

    def _is_company(self, words: Words, found: Found, phrase: Phrase, certain: frozenset[str]) -> bool:
        function_words = self._vocabulary["function_words"]
        place = Place.of(words, found.first, found.last, function_words=function_words)
        if phrase.is_acronym and place.style != "upper":
            return True  # UPS is no "ups"
        sector = self.companies[phrase.owner].sector
        n_peers = sum(bool(sector) and self.companies[ticker].sector == sector for ticker in certain)
        return is_company(place, sense=phrase.sense, n_peers=n_peers, vocabulary=self._vocabulary)


def build_watchlist(
    companies: Iterable[Company] = (), *, universe: str = "none", themes: Iterable[Theme] = ()
) -> Watchlist:
    """Put together the user's companies and themes and the packaged ones.

    Args:
        companies: the user's; one of the universe with the same ticker, or name, gives way.
        universe: one of UNIVERSES.
        themes: the user's; a packaged one of the same name gives way, one without phrases is left out.

    Raises:
        ConfigError: two of the user's companies share a ticker or a name.
    """
    by_name = {theme.name: theme for theme in (*load_themes(), *themes)}
    return Watchlist(
        merge_companies(companies, load_universe(universe)), (theme for theme in by_name.values() if theme.phrases)
    )


def _list_id(companies: dict[str, Company], themes: dict[str, Theme]) -> str:
    rules = {
        "version": RULES_VERSION,
        "companies": [asdict(companies[ticker]) for ticker in sorted(companies)],
        "themes": [asdict(themes[name]) for name in sorted(themes)],
        "words": {name: sorted(words) for name, words in (load_evidence() | load_common_words()).items()},
    }
    return hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest()[:12]


def _company_phrases(company: Company, common: dict[str, frozenset[str]]) -> Iterator[Phrase]:
    ambiguous = {Words.of(name).folded for name in company.ambiguous}
    for name in company.names:
        for written in {name, name.replace("'", "")}:  # "Lowes", where an apostrophe was lost
            phrase = Phrase.of(written, kind="company", owner=company.ticker)
            folded = Words.of(written).folded
            sense = "word" if folded in ambiguous else _sense(folded, phrase.forms, common)
            yield Phrase("company", company.ticker, phrase.forms, sense)
    yield from (Phrase.of(text, kind="look-alike") for text in company.look_alikes)


def _sense(folded: tuple[str, ...], forms: tuple[str, ...], common: dict[str, frozenset[str]]) -> str:
    """Tell what else a name may be: a name of one word in a list is not the company's alone."""
    if len(folded) > 1:
        return ""
    return next((sense for sense, kind in (("proper", "proper"), ("word", "words")) if folded[0] in common[kind]), "")


def _theme_phrases(theme: Theme) -> Iterator[Phrase]:
    for text in theme.phrases:
        yield Phrase.of(text, kind="theme", owner=theme.name)
        if text[-1].islower() and not text.endswith("s"):
            yield Phrase.of(f"{text}s", kind="theme", owner=theme.name)
    yield from (Phrase.of(text, kind="look-alike") for text in theme.look_alikes)


def _overlaps(words: Words, found: Found, symbols: Iterable[Symbol]) -> bool:
    begin, end = words.spans[found.first][0], words.spans[found.last - 1][1]
    return any(begin < symbol.end and symbol.begin < end for symbol in symbols)
