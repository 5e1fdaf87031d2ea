"""Name and number things: invented companies, tickers, people and towns, periods, amounts of money.

Comes in: a random generator. Goes out: words, and ``GRAMMAR``, which knows them all as slots. Companies, brokers,
people and towns are put together from syllables, so that a model cannot learn that a name is good or bad news.
Invariant: no slot in this module says anything good or bad.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel.model.training.augmentation.grammar import Filler, Grammar, sections

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

HEADS = (
    "Vel", "Ar", "Bro", "Cal", "Dor", "El", "Fen", "Gal", "Hol", "Ir", "Jor", "Kel", "Lun", "Mar", "Nor", "Or", "Pel",
    "Quin", "Ras", "Sel", "Tor", "Ul", "Var", "Wes", "Yar", "Zan", "Bal", "Cor", "Den", "Fal", "Gren", "Har", "Kas",
    "Lor", "Mel", "Pra", "Ros", "Sor", "Tal", "Vin", "Aster", "Brim", "Cinder", "Hollow", "Larch", "Maple", "Stone",
    "Rivers", "Thorn", "Copper", "Bright", "North", "Silver", "Oak", "Gold",
)  # fmt: skip
TAILS = (
    "tora", "vex", "dane", "mont", "lora", "quist", "bury", "ford", "mere", "wick", "stad", "vira", "nova", "tek",
    "lux", "rand", "holm", "bridge", "field", "gate", "dale", "port", "ron", "sen", "tis", "val", "wen", "xen", "zia",
    "kova", "pura", "mira", "lane", "shaw", "ridge", "by", "crest", "more", "well",
)  # fmt: skip
FORMS = (
    "", "", "", "", "", " Inc", " Corp", " Group", " Plc", " Oyj", " AG", " Ltd", " Holdings", " Industries", " & Co",
    " AB", " SA", " Co", " Technologies", " International",
)  # fmt: skip
_TRADES = (
    " Foods", " Energy", " Motors", " Steel", " Pharma", " Media", " Software", " Airlines", " Chemicals", " Paper",
    " Cement", " Mining", " Systems", " Logistics", " Textiles", " Networks", " Brands", " Semiconductor", " Power",
)  # fmt: skip
MAKERS = (
    "carmaker", "chipmaker", "drugmaker", "retailer", "miner", "steelmaker", "utility", "airline", "software firm",
    "shipbuilder", "brewer", "telecoms group", "grocer", "insurer", "builder", "papermaker", "refiner",
)  # fmt: skip
_BANK_FORMS = (" Bank", " Bank", " Bancorp", " Financial", " Savings Bank", " Trust", " Finance", " Capital")
_SHOP_FORMS = (" Stores", "", " Retail", "'s", " Outlet", " Markets", " Restaurants", " Coffee", " Apparel")
FIRST_NAMES = (
    "Anna", "Arvo", "Beatriz", "Carl", "Chen", "Deepa", "Elena", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kavita",
    "Lars", "Mika", "Nadia", "Omar", "Petra", "Rahul", "Sanna", "Tomas", "Uma", "Viktor", "Wei", "Yuki", "Zoe",
)  # fmt: skip
_COUNTRIES = (
    ("Germany", "German"), ("France", "French"), ("Italy", "Italian"), ("Spain", "Spanish"), ("Japan", "Japanese"),
    ("China", "Chinese"), ("India", "Indian"), ("Brazil", "Brazilian"), ("Mexico", "Mexican"), ("Canada", "Canadian"),
    ("Britain", "UK"), ("Australia", "Australian"), ("Sweden", "Swedish"), ("Finland", "Finnish"), ("U.S.", "U.S."),
    ("Norway", "Norwegian"), ("Poland", "Polish"), ("Turkey", "Turkish"), ("South Korea", "South Korean"),
    ("Thailand", "Thai"), ("Indonesia", "Indonesian"), ("South Africa", "South African"), ("Kenya", "Kenyan"),
    ("euro zone", "euro zone"), ("Switzerland", "Swiss"), ("Chile", "Chilean"), ("Hungary", "Hungarian"),
)  # fmt: skip
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def stem(rng: Random) -> str:
    """Invent a name of one word."""
    return rng.choice(HEADS) + rng.choice(TAILS)


def person(rng: Random) -> str:
    """Invent a person."""
    return f"{rng.choice(FIRST_NAMES)} {stem(rng)}"


def number(rng: Random, low: float, high: float) -> float:
    """Draw a figure with three significant digits at most, evenly over sizes."""
    figure = low * (high / low) ** rng.random()
    return float(f"{figure:.3g}") if rng.random() < 0.7 else float(f"{figure:.2g}")


def plain(figure: float) -> str:
    """Write a figure with grouped thousands and no needless decimals."""
    return f"{figure:,.0f}" if figure == int(figure) else f"{figure:,.3g}" if figure < 1_000 else f"{figure:,.0f}"


def percent(rng: Random, low: float = 1.0, high: float = 60.0) -> str:
    """Write a share such as ``4.5%``, ``12 percent`` or ``3 pct``."""
    figure = plain(float(f"{number(rng, low, high):.2g}"))
    return figure + rng.choice(("%", "%", "%", "%", " percent", " per cent", " pct", " %", "pc"))


def money(rng: Random) -> str:
    """Write an amount of money in one of several currencies and notations."""
    return money_format(rng)(number(rng, 1, 900))


def money_format(rng: Random) -> MoneyFormat:
    """Choose how all amounts of one text are written."""
    return MoneyFormat(*rng.choice(_MONEY_STYLES))


_MONEY_STYLES = (
    ("$", " mln"), ("$", " million"), ("$", "M"), ("$", " bln"), ("$", " billion"), ("$", "B"), ("EUR ", " mn"),
    ("EUR", "m"), ("EUR ", " million"), ("€", "m"), ("€", " million"), ("Rs ", " crore"), ("Rs ", " cr"),
    ("£", "m"), ("£", " mln"), ("SEK ", " million"), ("C$", " million"), ("", " mln euros"), ("USD ", "mn"),
    ("CHF ", " mln"), ("NOK ", " million"), ("A$", "m"), ("", " bln yen"), ("$", ""),
)  # fmt: skip


class MoneyFormat:
    """A way to write amounts.

    Args:
        before: currency sign or code.
        after: unit, with its space.
    """

    def __init__(self, before: str, after: str) -> None:
        self.before = before
        self.after = after

    def __call__(self, figure: float) -> str:
        """Write one figure."""
        return f"{self.before}{plain(figure)}{self.after}"


def count(rng: Random) -> str:
    """Write a number of people or things."""
    return plain(number(rng, 40, 90_000) // 10 * 10)


def identity(rng: Random, scope: str = "company", *, described: float = 0.0) -> dict[str, str]:
    """Invent who a text is about, so that all its mentions agree.

    Args:
        rng: random generator.
        scope: "company", "bank" or "shop"; other scopes get a company too.
        described: probability that the name comes with what the company does, such as "chipmaker".

    Returns:
        Slots ``co`` (name), ``cosh`` (one word), ``ticker`` ($ABCD), ``country`` and ``nation`` (its adjective).
    """
    short = stem(rng)
    forms = {"bank": _BANK_FORMS, "shop": _SHOP_FORMS}.get(scope) or (FORMS if rng.random() < 0.7 else _TRADES)
    country, nation = rng.choice(_COUNTRIES)
    letters = [letter for letter in short.upper()[1:] if letter in _LETTERS]
    ticker = short[0].upper() + "".join(letters[: rng.choice((1, 2, 2, 3, 3, 3))])
    trade = rng.choice(("{maker} ", "{nation} {maker} ")) if described and rng.random() < described else ""
    return {
        "co": trade + short + rng.choice(forms),
        "cosh": short,
        "ticker": f"${ticker}",
        "country": country,
        "nation": nation,
    }


SLOTS: Mapping[str, Filler] = {
    "other": lambda rng: stem(rng) + rng.choice(FORMS),
    "broker": lambda rng: stem(rng) + rng.choice(("", "", " Securities", " Capital", " Research", " & Co")),
    "agency": lambda rng: stem(rng) + rng.choice((" Ratings", " Credit Ratings", "")),
    "person": person,
    "surname": stem,
    "town": lambda rng: rng.choice(HEADS) + rng.choice(("stad", "burg", "ville", "haven", "ford", "holm", "ton")),
    "pct": percent,
    "money": money,
    "count": count,
    "small": lambda rng: str(rng.randint(2, 12)),
    "nth": ("2nd", "3rd", "4th", "5th", "6th", "7th", "third", "fourth", "fifth", "sixth"),
    "cents": lambda rng: f"{rng.choice(('$', '$', '$', 'C$', '€', '£'))}{rng.randint(1, 95) / 100:.2f}",
    "price": lambda rng: f"${plain(float(rng.randint(4, 400)))}",
    "bps": lambda rng: str(rng.choice((5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 80, 90, 120, 150))),
    "points": lambda rng: plain(float(rng.randint(12, 700))),
    "level": lambda rng: plain(float(rng.randint(40, 640) * 50)),
    "year": lambda rng: str(rng.randint(2005, 2026)),
    "day": lambda rng: str(rng.randint(1, 28)),
    "hour": lambda rng: f"{rng.randint(7, 11)}:{rng.choice(('00', '15', '30', '45'))}",
    "q": ("Q1", "Q2", "Q3", "Q4"),
    "fy": lambda rng: f"FY{rng.randint(10, 27)}",
    "ordinal": ("first", "second", "third", "fourth"),
    "period": (
        "{q}", "{q}", "{q}", "{ordinal}-quarter", "full-year", "half-year", "first-half", "{month}", "annual", "{fy}",
        "nine-month", "{year}", "quarterly",
    ),
    "inperiod": (
        " in {q}", " in the {ordinal} quarter", " in {month}", " in {q} {year}", " for {q}", " last month",
        " last quarter", " this year", " last year", " in {year}", " for the quarter", " in the half",
    ),
    "month": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ),
    "weekday": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"),
    "maker": MAKERS,
    "product": (
        "software", "steel pipes", "elevators", "packaging board", "mobile games", "ship engines", "wind turbines",
        "dairy products", "medical devices", "tyres", "fertilisers", "electric buses", "data storage", "cranes",
        "frozen food", "circuit boards", "garden tools", "payment terminals", "insulin pumps", "footwear",
    ),
    "drug": lambda rng: rng.choice(("cancer", "diabetes", "asthma", "obesity", "migraine", "arthritis")) + " drug",
    "body": ("regulator", "watchdog", "{nation} regulator", "antitrust authority", "market watchdog", "ministry"),
    "executive": ("CEO", "CFO", "chief executive", "chairman", "finance chief", "COO", "president"),
    "metal": ("gold", "silver", "copper", "nickel", "zinc", "aluminium", "platinum", "lead", "tin", "iron ore"),
    "crop": ("wheat", "corn", "soybeans", "sugar", "coffee", "cotton", "palm oil", "cocoa", "rubber", "cardamom"),
    "fuel": ("oil", "crude", "Brent", "WTI", "natural gas", "coal", "U.S. crude", "heating oil"),
    "currency": (
        "rupee", "dollar", "euro", "pound", "sterling", "yen", "yuan", "real", "peso", "lira", "rand", "krona",
        "Aussie dollar", "loonie", "won", "ringgit", "bitcoin",
    ),
    "index": lambda rng: rng.choice(sections("markets")["index"]),
    "goods": ("cars", "toys", "batteries", "heaters", "phones", "tyres", "pumps", "vehicles", "trucks", "scooters"),
    "ahead": (
        " in {q}", " next quarter", " this year", " next year", " in {month}", " in the {ordinal} quarter", " in {fy}",
    ),
    "quarter": ("{q}", "{q}", "{ordinal}-quarter"),
}  # fmt: skip

GRAMMAR = Grammar(SLOTS)
"""Templates may use every slot of this module."""


def write(rng: Random, name: str, section: str, values: Mapping[str, str]) -> str:
    """Fill one of the templates of a section.

    Args:
        rng: random generator; its state moves on.
        name: file of templates.
        section: of that file.
        values: slots of this text; they come before those of this module.

    Returns:
        One line of text.
    """
    return GRAMMAR.write(rng, rng.choice(sections(name)[section]), values)
