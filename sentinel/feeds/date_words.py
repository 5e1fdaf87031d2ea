"""The words of a date: months, weekdays and zones as feeds of many countries write them.

Pure; standard library only. Months are known by the beginnings of their names without accents, so that "Sept.",
"septembre" and "settembre" need no entries of their own.
"""

# ruff: noqa: RUF001  (Cyrillic and Greek words are meant)

from __future__ import annotations

import unicodedata
from datetime import UTC, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_MONTH_BEGINNINGS = (
    # English, German, French, Spanish, Italian, Portuguese, Dutch, Nordic, Hungarian, Romanian; then Turkish, Polish,
    # Czech, Finnish; then Russian, Ukrainian, Greek.
    "jan gen ene ian oca sty led tam янв січ ιαν",
    "feb fev sub lut uno hel фев лют φεβ",
    "mar mrz mrt maa bre мар бер μαρ",
    "apr avr abr nis kwi dub huh апр кві απρ",
    "may mai mag mei maj kve tou мая май тра μαι",
    "jun juin giu iun haz cze cer cvn kes июн чер ιουν",
    "jul juil lug iul tem lip cervenec cvc hei июл лип ιουλ",
    "aug aou ago agu sie srp elo авг сер αυγ",
    "sep set sze eyl wrz zar syy сен вер σεπ",
    "oct okt ott out eki paz rij lok окт жов οκτ",
    "nov noi kas lis marras ноя лис νοε",
    "dec dez dic des ara gru pro jou дек гру δεκ",
)
_MONTHS = {beginning: number for number, names in enumerate(_MONTH_BEGINNINGS, start=1) for beginning in names.split()}
_LONGEST = max(map(len, _MONTHS))

_WEEKDAY_BEGINNINGS = (
    "mon mo lun",
    "tue di mar",
    "wed mi mer mie",
    "thu do jeu jue gio",
    "fri fr ven vie",
    "sat sa sam sab",
    "sun so dim dom",
)
_WEEKDAYS = {beginning: number for number, names in enumerate(_WEEKDAY_BEGINNINGS) for beginning in names.split()}

# Hours from UTC. RFC 5322 4.3 for the North American names; the others as their countries use them.
_ZONE_HOURS = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0,
    "edt": -4, "est": -5, "cdt": -5, "cst": -6, "mdt": -6, "mst": -7, "pdt": -7, "pst": -8,
    "adt": -3, "ast": -4, "at": -4, "akdt": -8, "akst": -9, "hst": -10, "brt": -3, "art": -3,
    "bst": 1, "west": 1, "cet": 1, "met": 1, "mez": 1, "cest": 2, "mest": 2, "mesz": 2, "sast": 2,
    "eet": 2, "eest": 3, "msk": 3, "ist": 5.5, "pkt": 5, "ict": 7, "wib": 7, "hkt": 8, "sgt": 8, "awst": 8,
    "jst": 9, "kst": 9, "acst": 9.5, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13,
}  # fmt: skip
_ZONE_PLACES = {
    "et": "America/New_York",
    "ct": "America/Chicago",
    "mt": "America/Denver",
    "pt": "America/Los_Angeles",
}


# Languages and countries by what "04/06" begins with, where it is one of the two and everybody agrees.
DAY_FIRST = frozenset((
    "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "uk", "tr", "el", "ro", "cs", "da", "nb", "no",
    "en-gb", "en-ie", "en-au", "en-nz", "en-in", "en-sg",
))  # fmt: skip
MONTH_FIRST = frozenset(("en-us", "es-us"))


def month_number(word: str) -> int | None:
    """Give the month a word names, 1 to 12; None for any other word."""
    plain = _without_accents(word)
    known = (_MONTHS.get(plain[:length]) for length in range(_LONGEST, 2, -1))
    return next((number for number in known if number), None)


def weekday_number(word: str) -> int | None:
    """Give the weekday a word names, Monday being 0; None for any other word."""
    plain = _without_accents(word)
    return next((_WEEKDAYS[plain[:length]] for length in (3, 2) if plain[:length] in _WEEKDAYS), None)


def zone_of(name: str) -> tzinfo:
    """Give the zone of an abbreviation or an IANA name; UTC for a name that nobody knows."""
    known = name.lower()
    if known in _ZONE_HOURS:
        return timezone(timedelta(hours=_ZONE_HOURS[known]))
    if "/" in name or known in _ZONE_PLACES:
        try:
            return ZoneInfo(_ZONE_PLACES.get(known, name))
        except (KeyError, OSError, ValueError):  # ZoneInfoNotFoundError is a KeyError; OSError: a directory
            return UTC
    return UTC


def _without_accents(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))
