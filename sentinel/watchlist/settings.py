"""What feeds.yaml says about companies and themes, checked: the settings that a watchlist is made from."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from sentinel.watchlist.companies import UNIVERSES, Company, Theme
from sentinel.watchlist.matcher import Watchlist, build_watchlist

MAX_PHRASE_CHARACTERS = 100

Ticker = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9.-]{0,15}$")]
TopicName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")]


def _check_phrase(value: str) -> str:
    if not any(character.isalnum() for character in value) or len(value) > MAX_PHRASE_CHARACTERS:
        msg = f"{value!r} is no name or phrase: it has no letter or digit, or over {MAX_PHRASE_CHARACTERS} characters"
        raise ValueError(msg)
    return value


def _check_universe(value: str) -> str:
    if value not in UNIVERSES:
        msg = f"{value!r} is not a list of companies that comes along: these are {', '.join(UNIVERSES)}"
        raise ValueError(msg)
    return value


Phrase = Annotated[str, AfterValidator(_check_phrase)]
Universe = Annotated[str, AfterValidator(_check_universe)]


class CompanySettings(BaseModel):
    """One entry under ``watchlist:``; see ``companies.Company``.

    Attributes:
        ticker: its symbol.
        names: how news call it, its short name first.
        aliases: further names; whether one stands here or under names makes no difference.
        sector: name of its sector's topic.
        tickers: further symbols.
        ambiguous: further names that mean something else as well.
        look_alikes: longer phrases with one of its names that are not it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    ticker: Ticker
    names: Annotated[tuple[Phrase, ...], Field(min_length=1)]
    aliases: tuple[Phrase, ...] = ()
    sector: TopicName | None = None
    tickers: tuple[Ticker, ...] = ()
    ambiguous: tuple[Phrase, ...] = ()
    look_alikes: tuple[Phrase, ...] = ()

    def build(self) -> Company:
        """Give the company as the watchlist takes it."""
        return Company(
            ticker=self.ticker,
            names=tuple(dict.fromkeys((*self.names, *self.aliases, *self.ambiguous))),
            sector=self.sector or "",
            tickers=self.tickers,
            ambiguous=self.ambiguous,
            look_alikes=self.look_alikes,
        )


class ThemeSettings(BaseModel):
    """One entry under ``themes:``; see ``companies.Theme``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    phrases: tuple[Phrase, ...]
    look_alikes: tuple[Phrase, ...] = ()


class WatchSettings(BaseModel):
    """The keys of feeds.yaml that say what texts are searched for.

    Attributes:
        universe: packaged list of companies to look for.
        watchlist: further companies, or other words for those.
        themes: macro themes by name, in place of packaged ones or besides them; one without phrases is left out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    universe: Universe = "sp500-large"
    watchlist: tuple[CompanySettings, ...] = ()
    themes: dict[TopicName, ThemeSettings] = {}

    def build_watchlist(self) -> Watchlist:
        """Build what they describe.

        Raises:
            ConfigError: two of the companies share a ticker or a name.
        """
        themes = [Theme(name, theme.phrases, theme.look_alikes) for name, theme in self.themes.items()]
        return build_watchlist((company.build() for company in self.watchlist), universe=self.universe, themes=themes)
