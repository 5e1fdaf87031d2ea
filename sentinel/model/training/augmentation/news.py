"""Write labelled texts about news in general: companies, economies, markets, posts, what offsets what.

Comes in: how many texts, and a seed. Goes out: distinct texts with labels, a third of each. Where the direction texts
are put together from quantities and verbs, these come from whole frames, each under the label that it has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel.model.training.augmentation.drawing import Family, draw_texts
from sentinel.model.training.augmentation.grammar import Grammar, sections
from sentinel.model.training.augmentation.names import SLOTS, identity, money_format, number
from sentinel.records import LABELS

if TYPE_CHECKING:
    from random import Random

_CURRENCIES = ("dollar", "euro", "yen", "pound", "Swiss franc", "yuan", "krona", "peso", "Aussie", "zloty")
_SHOUTED_SHARE = 0.06
"""So many headlines stand in capitals, as agencies send alerts."""
_TAIL_SHARE = 0.25
"""So many headlines without a comma end with who says it, or when."""


def _family(file: str, *, is_headline: bool = True) -> Family:
    """Make the family that a file of templates holds, in sections named like the labels."""

    def write(rng: Random, label: str) -> str:
        template = rng.choice(sections(file)[label])
        if is_headline and rng.random() < _TAIL_SHARE and not set(template) & set(",:?"):
            template += "{tail}"
        text = Grammar({**SLOTS, **sections("news_words")}).write(rng, template, slot_values(rng))
        if is_headline and rng.random() < _SHOUTED_SHARE:
            return rng.choice(("", "*")) + text.upper()
        return text

    return write


def slot_values(rng: Random) -> dict[str, str]:
    """Invent who and what a text is about, and figures of which the order is known.

    Returns:
        Slots of ``names.identity``; ``lo`` and ``hi`` (amounts of money), ``lo2`` and ``hi2`` (rates), ``dlo`` and
        ``dhi`` (dividends), the lower first; ``new``, ``n0``, ``year0``, ``rate``, ``event``; currencies, metals and
        indices that differ from one another; other tickers.
    """
    low = number(rng, 1, 700)
    high = float(f"{low * (1.04 + rng.random() / 2):.3g}")
    amount = money_format(rng)
    rates = sorted(rng.sample(range(3, 99), 2))
    dividends = sorted(rng.sample(range(4, 240), 2))
    sign = rng.choice(("EUR ", "SEK ", "$", "NOK ", "CHF ", "€"))
    first, second, third = rng.sample(_CURRENCIES, 3)
    metals = rng.sample(("gold", "silver", "copper", "zinc", "nickel", "tin", "wheat", "corn", "coffee", "cocoa"), 2)
    indices = rng.sample(("Dow", "Nasdaq", "FTSE 100", "DAX", "CAC 40", "Nikkei", "Sensex", "Hang Seng", "ASX"), 2)
    return identity(rng, described=0.15) | {
        "lo": amount(low),
        "hi": amount(high),
        "new": amount(number(rng, 1, 900)),
        "lo2": f"{rates[0] / 10:.1f}%",
        "hi2": f"{rates[1] / 10:.1f}%",
        "dlo": f"{sign}{dividends[0] / 100:.2f}",
        "dhi": f"{sign}{dividends[1] / 100:.2f}",
        "n0": f"{rng.randint(2, 30)}0",
        "year0": str(rng.randint(2004, 2025)),
        "rate": f"{rng.randint(900, 9000) / 100:.2f}",
        "event": rng.choice(("payrolls", "Fed minutes", "budget", "rate decision", "inflation data", "election")),
        **dict(zip(("currency0", "currency1", "currency2"), (first, second, third), strict=True)),
        **dict(zip(("metal0", "metal1"), metals, strict=True)),
        **dict(zip(("index0", "index1"), indices, strict=True)),
        "ticker1": identity(rng)["ticker"],
        "ticker2": identity(rng)["ticker"],
    }


FILES = {
    "news_events": 30,
    "news_mixed": 16,
    "news_absence": 14,
    "news_macro": 14,
    "news_posts": 8,
    "news_gaps": 9,
    "news_forecast": 9,
    "news_reports": 7,
}
"""Files of templates, with the weights that they are drawn by; each has a section for every label."""
_OTHERS = ("news_posts", "news_reports")
_BY_FILE = {file: _family(file, is_headline=file not in _OTHERS) for file in FILES}
_FAMILIES = dict.fromkeys(LABELS, tuple(zip(FILES.values(), _BY_FILE.values(), strict=True)))


def news_texts(n_texts: int, *, seed: int) -> list[tuple[str, str]]:
    """Write texts about what happens to companies and economies, each with its label.

    Args:
        n_texts: how many.
        seed: of the random generator; the same seed gives the same texts.

    Returns:
        Pairs of text and label, distinct by ``sentinel.text.fingerprint``, labels in turn.

    Raises:
        ValueError: so many are asked for that no new ones are found.
    """
    return draw_texts(n_texts, _FAMILIES, sentences=(_BY_FILE["news_reports"],), seed=seed)
