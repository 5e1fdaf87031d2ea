"""The words of headlines that mean nothing by themselves, that say which way, or that any rewrite may exchange.

A word that stands in none of these lists is specific: it names what a headline is about. All lists are written by hand
and looked up by ``stem``.
"""

from __future__ import annotations

import re
from functools import lru_cache

_DOUBLED = re.compile(r"([bdfgmnprt])\1$")
_CACHED_STEMS = 65_536


@lru_cache(maxsize=_CACHED_STEMS)
def stem(word: str) -> str:
    """Cut the usual endings off a folded English word: "closes", "closing" and "closed" are one."""
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        if len(word) - len(ending) >= 3 and word.endswith(ending):
            word = _DOUBLED.sub(r"\1", word[: -len(ending)])
            break
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _stems(text: str) -> frozenset[str]:
    return frozenset(map(stem, text.split()))


def _numbered(text: str, *, start: int = 1) -> dict[str, str]:
    """Number words that stand in a row; those joined by "/" have one number."""
    groups = enumerate(text.split(), start=start)
    return {word: str(number) for number, group in groups for word in group.split("/")}


PHRASES = {
    "chief executive officer": "ceo",
    "chief executive": "ceo",
    "chief financial officer": "cfo",
    "finance chief": "cfo",
    "initial public offering": "ipo",
    "gross domestic product": "gdp",
    "european union": "eu",
    "euro zone": "eurozone",
    "euro area": "eurozone",
    "united states": "us",
    "united kingdom": "uk",
    "hong kong": "hongkong",
    "wall st": "wallstreet",
    "wall street": "wallstreet",
    "data centre": "data center",
    "year on year": "yoy",
    "full year": "fy",
    "first quarter": "q1",
    "second quarter": "q2",
    "third quarter": "q3",
    "fourth quarter": "q4",
    "first half": "h1",
    "second half": "h2",
    "rules out": "denies",
    "ruled out": "denies",
    "calls off": "cancels",
    "called off": "cancels",
    "call off": "cancels",
    "pushes back": "delays",
    "pushed back": "delays",
    "turned down": "rejected",
    "turns down": "rejects",
    "per cent": "percent",
    "per share": "share",
}
"""Groups of words that stand for one; hyphens are spaces by then."""

STOP_WORDS = _words(
    "a an the of in on at to for from by with as and or after before over amid its it is are was were be been being "
    "has have had will would may might could can shall should that this these those than then but because into onto "
    "out off about around between during under per via s says said say told tells sees see seen set new more most "
    "some any all also just still yet now today here there their his her our your who which what when where how why "
    "while if so do does did get gets got makes make made vs due following ahead against toward towards through "
    "despite since till until update inc corp ltd plc llc co sa ag nv spa ab asa oyj holdings group company companies "
    "firm"
)

SYNONYMS = {
    stem(word): stem(name)
    for name, words in {
        "share": "share shares stock stocks equity equities",
        "profit": "profit profits earnings net",
        "revenue": "revenue revenues sales turnover",
        "job": "job jobs workforce staff headcount employees workers",
        "guidance": "guidance outlook forecast forecasts",
        "probe": "probe investigation inquiry investigate investigated",
        "car": "car cars vehicle vehicles auto autos",
        "quit": "quit quits resign resigns resigned resignation",
        "name": "name names appoint appoints appointed appointment named",
        "expect": "expect expects expected see sees project projects",
        "estimate": "estimate estimates expectation expectations consensus hopes",
        "worry": "worry worries fear fears concern concerns jitters",
        "deal": "deal agreement accord pact",
        "plan": "plan plans planned intend intends",
        "merge": "merge merger merges merging",
        "crude": "crude oil",
        "price": "price prices priced pricing",
        "sue": "sue sues sued lawsuit",
        "talk": "talk talks discussion discussions negotiation negotiations",
        "hit": "hit hits reach reaches reached",
        "regulator": "regulator watchdog",
        "fraud": "fraud fraudulent",
        "defens": "defence defense",
        "economy": "economy economic gdp",
        "factory": "factory manufacturing manufacturers manufacturer",
        "bankrupt": "bankruptcy bankrupt insolvency insolvent",
        "rate": "rate rates",
        "stake": "stake holding shareholding",
        "dividend": "dividend dividends payout",
        "rent": "rent rents rental",
    }.items()
    for word in words.split()
}
"""Words that rewrites exchange: stem to the name they share."""

STANCES = {
    stem(word): (axis, name)
    for (axis, name), words in {
        (
            "level",
            "+level",
        ): "up rise rises rose risen rising climb climbs jump jumps surge surges soar soars gain gains "
        "advance advances grow grows grew increase increases higher rally rallies rebound rebounds recover "
        "recovers strengthen strengthens firms lift lifts raise raises boost boosts hike hikes upgrade upgrades expand "
        "expands improve improves accelerate accelerates quicken quickens add adds added climbing leap leaps spike "
        "stronger tighten tightens tighter win wins won award awards",
        ("level", "-level"): "down fall falls fell fallen falling drop drops slide slides slump slumps sink sinks sank "
        "plunge plunges tumble tumbles dive dives decline declines decrease decreases lower lowers lose loses lost "
        "weaken weakens cut cuts cutting reduce reduces downgrade downgrades shrink shrinks contract contracts worsen "
        "worsens ease eases slow slows slip slips dip dips retreat retreats trim trims slash slashes weaker dump dumps "
        "loosen loosens looser crash crashes shed sheds",
        ("level", "=level"): "hold holds held keep keeps kept stay stays steady unchanged flat",
        ("size", "+size"): "widen widens broaden broadens",
        ("size", "-size"): "narrow narrows",
        ("extreme", "+extreme"): "high highs peak highest",
        ("extreme", "-extreme"): "low lows lowest trough",
        ("trade", "+trade"): "buy buys bought acquire acquires acquisition takeover purchase purchases",
        ("trade", "-trade"): "sell sells sold sale disposal divest divests offload offloads issue issues",
        ("measure", "+measure"): "beat beats top tops exceed exceeds above outperform",
        ("measure", "-measure"): "miss misses lag lags below underperform trail trails",
        ("consent", "+consent"): "approve approves approval accept accepts back backs endorse endorses agree agrees",
        ("consent", "-consent"): "reject rejects rejection oppose opposes block blocks veto refuse refuses",
        ("result", "+result"): "profit profits",
        ("result", "-result"): "loss losses",
        (
            "work",
            "+work",
        ): "open opens start starts begin begins resume resumes restart restarts reopen reopens restore "
        "restores launch launches relaunch relaunches",
        (
            "work",
            "-work",
        ): "close closes shut shuts halt halts suspend suspends stop stops end ends withdraw withdraws pull pulls",
        ("flow", "+flow"): "inflow inflows import imports",
        ("flow", "-flow"): "outflow outflows export exports",
        ("voice", "+voice"): "confirm confirms affirm affirms",
        ("voice", "-voice"): "deny denies overturn overturns",
    }.items()
    for word in words.split()
}
"""Words that take one of two sides: stem to axis and side."""

NEGATIONS = _stems(
    "not no never without none neither nor cannot cant wont isnt arent wasnt dont doesnt didnt hasnt havent wouldnt "
    "deny denies scrap scraps cancel cancels abandon abandons shelve shelves overturn overturns postpone postpones "
    "fails fail unlikely delay delays ditch ditches collapse collapses settle settles emerge emerges against"
)
"""Words that turn a headline over; one that has any never tells the news of one that has none."""

DROPPED = _stems("plan bid probe case deal offer order lawsuit charge charges suit appeal sale ipo")
"""What is given up, not lowered, when it is dropped."""

COMMON = _stems(
    "share guidance expect estimate worry deal plan merge price talk hit regulator rate stake unit bid offer order "
    "orders result results quarter quarterly year annual month monthly week weekly day daily time times market "
    "markets trade trading trader traders investor investors analyst analysts bank banks fund funds debt bond bonds "
    "loan loans credit capital cash cost costs demand supply output production business sector industry global world "
    "national federal central government minister official officials ministry court judge police law rule rules "
    "policy pay paid payment tax taxes contract contracts strong weak big large small major key top record late early "
    "latest next last first second third final possible likely potential report reports reported source sources "
    "statement data figures index survey poll interview analysis factbox table timeline wrapup highlights preview "
    "review brief text exclusive dollar dollars euro euros pound pounds yen currency billion million trillion percent "
    "pct points basis ounce barrel tonne tonnes holder holders shareholder shareholders chief executive head boss "
    "chairman president director board management leader leaders party vote votes election recovery slowdown aid help "
    "support protect protection risk risks threat threaten threatens warn warns warning urge urges call calls ask "
    "asks want wants seek seeks need needs try tries move moves take takes took give gives given win wins won award "
    "awards awarded join joins face faces meet meets meeting summit visit show shows find finds found discover "
    "discovers discovery lead leads continue continues remain remains stay stays stand stands turn turns return "
    "returns pull pulls put puts push pushes keep bring send sends drive drives weigh weighs boosted helped hurt "
    "hurts bite bites amid mount mounts fade fades swing swings post posts posted book books announce announces "
    "announced unveil unveils reveal reveals disclose discloses issue prices place places build builds develop "
    "develops invest invests investment spend spends file files filed charge charges charged accuse accuses accused "
    "seal list lists float floats ipo offering buyback repurchase rights special stronger weaker better worse good "
    "bad union unions pact part parts whole full half double triple online digital service services product products "
    "customer customers client clients consumer consumers retail retailer maker makers producer giant operator "
    "provider developer former ex senior junior public private foreign domestic local international end start session "
    "close open opening closing midday morning afternoon evening us use uses used work working people man woman men "
    "women state states country city area region home house mixed flat little changed test trial late-stage stage "
    "plant mine mill project program programme system because strongest straight row run running coming level levels "
    "mark concern hope hopes talks bet bets term terms short long size sized rally extended extend extends deny over "
    "trim hour hours years months weeks days begin number total average usual fresh further again high low offshore "
    "coast outside inside north south east west northern southern eastern western vow vows pledge pledges stance "
    "stress stresses insist insists believe believes think thinks hail hails slam slams blast blasts spark sparks "
    "trigger triggers fuel fuels prompt prompts cause causes tell detail details note notes cite cites growth "
    "activity leave leaves left quick quickly soon sharply nearly almost slightly again early"
)
"""Words that two headlines of one story may differ in."""

COUNTRIES = {
    "american": "us",
    "british": "uk",
    "britain": "uk",
    "german": "germany",
    "french": "france",
    "italian": "italy",
    "spanish": "spain",
    "dutch": "netherlands",
    "swiss": "switzerland",
    "swedish": "sweden",
    "norwegian": "norway",
    "danish": "denmark",
    "finnish": "finland",
    "polish": "poland",
    "greek": "greece",
    "irish": "ireland",
    "russian": "russia",
    "turkish": "turkey",
    "chinese": "china",
    "japanese": "japan",
    "korean": "korea",
    "indian": "india",
    "australian": "australia",
    "canadian": "canada",
    "mexican": "mexico",
    "brazilian": "brazil",
    "european": "europe",
}
"""Adjectives of countries, and the one name that a rewrite may use instead."""

MONTHS = _numbered(
    "january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sept/sep october/oct "
    "november/nov december/dec"
)
WEEKDAYS = _numbered("monday/mon tuesday/tue wednesday/wed thursday/thu friday/fri saturday/sat sunday/sun")
CARDINALS = _numbered("two three four five six seven eight nine ten eleven twelve", start=2)
ORDINALS = _numbered("first second third fourth fifth sixth seventh eighth ninth tenth")
