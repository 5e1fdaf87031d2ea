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
from sentinel.watchlist.words import Words, fold_words, plain_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

RULES_VERSION = 1
"""Part of a watchlist's id; raised when the same lists find other names."""

MAX_CHARACTERS = 1_000
"""A text is hardly about what it names later, and a hostile one of nothing but ambiguous names costs milliseconds."""

CHARACTERS_TO_SYMBOL = 12
"""A symbol so near after a name belongs to it; ", Inc." may stand between."""

_LISTING = frozenset(["", "&", "and", "/", "-", "vs", "v", "+"])


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
            text: what ``text.clean_text`` gives; searched as far as MAX_CHARACTERS.

        Returns:
            Mentions in the order of the text; places are those of the text's characters.
        """
        plain = plain_text(text[:MAX_CHARACTERS])
        symbols = self._symbols.scan(plain)
        if not symbols and self._index.begins_none(fold_words(plain)):
            return ()
        scan = _Scan.of(Words.of(plain), symbols, self._index)
        mentions = [
            Mention(symbol.begin, symbol.end, "company", symbol.ticker)
            for symbol in symbols
            if symbol.ticker in scan.certain
        ]
        mentions += (mention for found in scan.found if (mention := self._judge(scan, found)) is not None)
        return tuple(sorted(mentions))

    def _judge(self, scan: _Scan, found: Found) -> Mention | None:
        """Make a mention of the first of the phrases at a place, or none: of a look-alike, of a name not meant here.

        A company goes before a look-alike, that before a theme (they are sorted), whatever list they come from.
        """
        phrase = found.phrases[0]
        if phrase.kind == "theme":
            return Mention(*scan.span(found), "theme", phrase.owner)
        if phrase.kind == "company" and (not phrase.sense or self._is_company(scan, found, phrase)):
            return Mention(*scan.span(found), "company", phrase.owner)
        return None

    def _is_company(self, scan: _Scan, found: Found, phrase: Phrase) -> bool:
        if phrase.owner in scan.certain:
            return True
        place = Place.of(scan.words, found.first, found.last, function_words=self._vocabulary["function_words"])
        if phrase.is_acronym and phrase.sense == "word" and place.style != "upper":
            return True  # UPS is no "ups"
        sector = self.companies[phrase.owner].sector
        has_peer = any(sector and self.companies[ticker].sector == sector for ticker in scan.certain)
        return is_company(
            place,
            sense=phrase.sense,
            sector=sector,
            is_in_company=has_peer or scan.is_listed(found),
            vocabulary=self._vocabulary,
        )


@dataclass(frozen=True, slots=True)
class _Scan:
    """What stands in a text before any name of it is judged.

    Attributes:
        words: the text.
        found: phrases that no symbol overlaps.
        certain: companies that it names without doubt: by symbol, or by a name that is theirs alone.
        edges: first and last words of such names.
    """

    words: Words
    found: tuple[Found, ...]
    certain: frozenset[str]
    edges: frozenset[int]

    @classmethod
    def of(cls, words: Words, symbols: Iterable[Symbol], index: PhraseIndex) -> _Scan:
        every = index.scan(words, any_case=words.plain.islower())
        found = tuple(one for one in every if not _overlaps(words, one, symbols))
        named = [one for one in found if one.phrases[0].kind == "company" and not one.phrases[0].sense]
        owners = {one.phrases[0].owner for one in named}
        owners |= {symbol.ticker for symbol in symbols if symbol.is_certain}
        owners |= {one.phrases[0].owner for one in found if _has_symbol(words, one, symbols)}
        return cls(
            words, found, frozenset(owners), frozenset(word for one in named for word in (one.first, one.last - 1))
        )

    def span(self, found: Found) -> tuple[int, int]:
        return _span(self.words, found)

    def is_listed(self, found: Found) -> bool:
        """Tell whether a name that is certain stands right before or after, parted by a comma, "and" or the like."""
        begin, end = self.span(found)
        spans, plain = self.words.spans, self.words.plain
        before = (plain[spans[word][1] : begin] for word in (found.first - 1, found.first - 2) if word in self.edges)
        after = (plain[end : spans[word][0]] for word in (found.last, found.last + 1) if word in self.edges)
        return any(between.strip(" ,").lower() in _LISTING and between.strip() for between in (*before, *after))


def _span(words: Words, found: Found) -> tuple[int, int]:
    return words.spans[found.first][0], words.spans[found.last - 1][1]


def _has_symbol(words: Words, found: Found, symbols: Iterable[Symbol]) -> bool:
    """Tell whether a company's symbol follows its name: Ford (F), Gap Inc. (GPS)."""
    end = _span(words, found)[1]
    return any(
        symbol.ticker == found.phrases[0].owner and 0 <= symbol.begin - end <= CHARACTERS_TO_SYMBOL
        for symbol in symbols
    )


def _overlaps(words: Words, found: Found, symbols: Iterable[Symbol]) -> bool:
    begin, end = _span(words, found)
    return any(begin < symbol.end and symbol.begin < end for symbol in symbols)


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
            sense = "word" if folded in ambiguous else _sense(folded, common)
            yield Phrase("company", company.ticker, phrase.forms, sense)
    yield from _look_alikes(company.look_alikes)


def _sense(folded: tuple[str, ...], common: dict[str, frozenset[str]]) -> str:
    """Tell what else a name may be: a name of one word in a list is not the company's alone."""
    if len(folded) > 1:
        return ""
    return next((sense for sense, kind in (("proper", "proper"), ("word", "words")) if folded[0] in common[kind]), "")


def _theme_phrases(theme: Theme) -> Iterator[Phrase]:
    for text in theme.phrases:
        yield from (Phrase.of(form, kind="theme", owner=theme.name) for form in _with_plural(text))
    yield from _look_alikes(theme.look_alikes)


def _look_alikes(texts: Iterable[str]) -> Iterator[Phrase]:
    return (Phrase.of(form, kind="look-alike") for text in texts for form in _with_plural(text))


def _with_plural(text: str) -> tuple[str, ...]:
    return (text, f"{text}s") if text[-1:].islower() and not text.endswith("s") else (text,)
