"""Ticker symbols that are marked as such: $AAPL, (NYSE: F), NASDAQ: AAPL, <AAPL.O>, (AAPL).

Bare symbols in running text are not read: COST, NOW and CAT are words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MIN_BARE_LETTERS = 3
"""Shorter symbols in brackets, without an exchange, may be anything: (GE), (MA), (V)."""

_US_EXCHANGES = frozenset(["NYSE", "NASDAQ", "NASDAQGS", "NASDAQGM", "NYSEAMERICAN", "AMEX"])
_SUFFIXES = {
    **dict.fromkeys(("LON", "LSE"), (".L",)),
    **dict.fromkeys(("ETR", "FRA", "XETRA", "FWB"), (".DE",)),
    **dict.fromkeys(("EPA", "EURONEXT"), (".PA", ".AS")),
    **dict.fromkeys(("AMS",), (".AS",)),
    **dict.fromkeys(("SWX", "SIX", "VTX"), (".SW",)),
    **dict.fromkeys(("HKG", "HKEX", "SEHK"), (".HK",)),
    **dict.fromkeys(("TYO",), (".T",)),
    **dict.fromkeys(("TSX",), (".TO",)),
    **dict.fromkeys(("TSE",), (".T", ".TO")),
    **dict.fromkeys(("ASX",), (".AX",)),
    **dict.fromkeys(("KRX", "KOSPI"), (".KS",)),
    **dict.fromkeys(("NSE", "BSE"), (".NS",)),
    **dict.fromkeys(("BME",), (".MC",)),
    **dict.fromkeys(("BIT",), (".MI",)),
    **dict.fromkeys(("TPE", "TWSE"), (".TW",)),
    **dict.fromkeys(("CPH",), (".CO",)),
    **dict.fromkeys(("STO",), (".ST",)),
    **dict.fromkeys(("HEL",), (".HE",)),
}
_US_CODES = (".O", ".N", ".OQ", ".A", ".P", ".K")  # how Reuters writes a listing in New York
_EXCHANGE = "|".join(sorted((*_US_EXCHANGES, *_SUFFIXES), key=len, reverse=True))
_MARKED = (
    r"[$(<\[](?:(?<=\$)(?<![\w$]\$)(?P<cashtag>[A-Z]{1,6}(?:[.-][A-Z]{1,2})?)(?![\w$])"
    r"|(?<!\$)(?P<bare>[A-Z0-9]{1,10}(?:[.-][A-Z0-9]{1,3})?)[)>\]])"
)
_LISTED = rf"(?<!\w)(?P<exchange>(?i:{_EXCHANGE}))\s?:\s?(?P<listed>[A-Z0-9]{{1,10}}(?:[.-][A-Z0-9]{{1,2}})?)(?!\w)"
_SYMBOL = re.compile(rf"{_MARKED}|{_LISTED}")
_WITHOUT_EXCHANGE = re.compile(_MARKED)
"""What can match where there is no colon; it begins with its mark, so that the search leaps from mark to mark."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A symbol found.

    Attributes:
        ticker: of the company it stands for.
        begin: where the symbol with its mark begins.
        end: where it ends.
        is_certain: whether it stands for the company whatever is before it.
    """

    ticker: str
    begin: int
    end: int
    is_certain: bool


class SymbolIndex:
    """Symbols of companies for look-up."""

    def __init__(self, tickers: Mapping[str, str], doubtful: Iterable[str]) -> None:
        """Take the symbols.

        Args:
            tickers: ticker of the company by each of its symbols.
            doubtful: words that in brackets are rather words than symbols.
        """
        self._tickers = dict(tickers)
        self._doubtful = frozenset(word.upper() for word in doubtful)

    def scan(self, plain: str) -> list[Symbol]:
        """Find the marked symbols of a text that are known, from left to right."""
        pattern = _SYMBOL if ":" in plain else _WITHOUT_EXCHANGE
        found = [self._resolve(match) for match in pattern.finditer(plain)]
        return [symbol for symbol in found if symbol is not None]

    def _resolve(self, match: re.Match[str]) -> Symbol | None:
        is_certain = True
        written = match.lastgroup or ""
        code = match[written]
        if written == "cashtag":
            ticker = self._tickers.get(code) or self._tickers.get(code.replace(".", "-"))
        elif written == "listed":
            ticker = self._listed(match["exchange"].upper(), code)
        else:
            ticker = self._tickers.get(code) or self._american(code)
            is_certain = "." in code or (len(code) >= MIN_BARE_LETTERS and code not in self._doubtful)
        return None if ticker is None else Symbol(ticker, *match.span(), is_certain)

    def _listed(self, exchange: str, symbol: str) -> str | None:
        if exchange in _US_EXCHANGES:
            return self._tickers.get(symbol) or self._tickers.get(symbol.replace(".", "-"))
        names = [symbol, *(f"{symbol}{suffix}" for suffix in _SUFFIXES[exchange])]
        found = [self._tickers[name] for name in names if "." in name and name in self._tickers]
        return found[0] if found else None

    def _american(self, code: str) -> str | None:
        symbol, dot, exchange = code.partition(".")
        return self._tickers.get(symbol) if f"{dot}{exchange}" in _US_CODES else None
