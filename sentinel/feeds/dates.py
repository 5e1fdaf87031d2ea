"""Times as feeds write them: RFC 822 and ISO 8601, and the odd forms that real feeds use instead.

Pure; standard library only. A form that can be read in two ways is not read at all. A time without a zone,
or with a zone nobody knows, is taken as UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_MAX_CHARACTERS = 100

# "2024-06-03", "2024/6/3", "2024.06.03", "20240603", or with the Chinese or Korean
# words for year and month; a time may follow after "T" or white space.
_YEAR_FIRST = re.compile(
    r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|(\d\d)(\d\d)|\s?[\u5e74\ub144]\s?(\d{1,2})\s?[\u6708\uc6d4]\s?(\d{1,2}))(?=\D|$)"
)
_COMPACT_TIME = re.compile(r"T(\d\d)(\d\d)(\d\d)?(?=\D|$)", re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,:]\d+)?)?(?:\s*([ap])\.?m\b\.?)?", re.IGNORECASE)
_EPOCH = re.compile(r"(\d{9,10})(?:\.\d+)?|(\d{12,13})")
_OFFSET = re.compile(r"(?:UTC|GMT|Z)?\s*([-+\u2212])\s?(\d{1,2})(?::?(\d\d))?(?=\D|$)", re.IGNORECASE)
_ZONE_WORD = re.compile(r"[A-Za-z]+(?:/[A-Za-z_+-]+\d*)+|[A-Za-z]+")
_MONTH = re.compile(
    r"(?<![^\W\d_])(?:(jan|gen|ene|janv)|(feb|fev|f\u00e9v)|(mar|m\u00e4r|mrz)|(apr|avr|abr)|(may|mai|mag|mei)"
    r"|(jun|juin|giu)|(jul|juil|lug)|(aug|ao\u00fb|ago)|(sep|set)|(oct|okt|ott|out)|(nov)|(dec|dez|d\u00e9c|dic))[^\W\d_]*",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![\d:+-])\d{1,4}(?![\d:])")
_SLASHES = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?=\D|$)")

# Hours from UTC. RFC 5322 4.3 for the North American names; the others as their countries use them.
_ZONE_HOURS = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0,
    "edt": -4, "est": -5, "cdt": -5, "cst": -6, "mdt": -6, "mst": -7, "pdt": -7, "pst": -8,
    "adt": -3, "ast": -4, "akdt": -8, "akst": -9, "hst": -10, "brt": -3, "art": -3,
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


def parse_date(raw: str) -> datetime | None:
    """Read a time.

    Args:
        raw: time as a feed writes it.

    Returns:
        Aware UTC to the second, or None when it cannot be read with certainty.

    Source: RFC 5322 section 3.3 and 4.3 (weekdays are not checked), RFC 3339.
    """
    text = " ".join(raw[:_MAX_CHARACTERS].split())
    try:
        epoch = _EPOCH.fullmatch(text)
        if epoch:
            seconds = int(epoch[1]) if epoch[1] else int(epoch[2]) // 1_000
            return datetime.fromtimestamp(seconds, UTC)
        return _calendar(text)
    except (ValueError, OverflowError):  # a 31st of June, a year 0, a zone of 99 hours
        return None


def _calendar(text: str) -> datetime | None:
    """Read a day, then the time and zone that stand after or before it."""
    found = _year_first(text) or _named_month(text) or _slashes(text)
    if found is None:
        return None
    day, rest = found
    compact = _COMPACT_TIME.match(rest)
    clock = None if compact else _CLOCK.search(rest)
    if compact:
        sinceday, after = _since_midnight(compact[1], compact[2], compact[3], ""), rest[compact.end() :]
    elif clock:
        sinceday, after = _since_midnight(clock[1], clock[2], clock[3], clock[4]), rest[clock.end() :]
    else:
        sinceday, after = timedelta(0), ""
    return (day.replace(tzinfo=_zone(after)) + sinceday).astimezone(UTC)


def _year_first(text: str) -> tuple[datetime, str] | None:
    match = _YEAR_FIRST.match(text)
    if not match:
        return None
    month, day = match[3] or match[5] or match[7], match[4] or match[6] or match[8]
    return datetime(int(match[1]), int(month), int(day)), text[match.end() :]  # noqa: DTZ001 (zone follows)


def _named_month(text: str) -> tuple[datetime, str] | None:
    """Read "Mon, 03 Jun 2024 ...", "June 3, 2024 ...", "3-Jun-24 ...", "Mon Jun  3 10:00:00 EDT 2024"."""
    clock = _CLOCK.search(text)
    before = text[: clock.start()] if clock else text
    if clock and clock.start() == 0:  # "10:00 3 Jun 2024"
        before = text[clock.end() :]
    named = list(_MONTH.finditer(before))[-1:]  # "mar, 03 jun 2025" begins with a Tuesday, not with March
    if not named:
        return None
    month = next(index for index, name in enumerate(named[0].groups(), start=1) if name)
    numbers = [match[0] for match in _NUMBER.finditer(before.replace("-", " "))]
    if len(numbers) == 1 and clock:  # the year comes last
        numbers += [match[0] for match in _NUMBER.finditer(text[clock.end() :])][-1:]
    if len(numbers) < 2:
        return None
    day, year = numbers[:2]
    if len(day) > 2:
        day, year = year, day
    rest = text[clock.start() :] if clock else ""
    return datetime(_full_year(year), month, int(day)), rest  # noqa: DTZ001 (zone follows)


def _full_year(year: str) -> int:
    """Complete a year of two digits (RFC 5322 4.3: 00-49 is 20xx, 50-99 is 19xx)."""
    if len(year) > 2:
        return int(year)
    return int(year) + (2000 if int(year) < 50 else 1900)


def _slashes(text: str) -> tuple[datetime, str] | None:
    """Read "13/06/2024" and "06/13/2024"; "06/07/2024" could be either and is not read."""
    match = _SLASHES.match(text)
    if not match:
        return None
    first, second = int(match[1]), int(match[3])
    day, month = (first, second) if first > 12 or match[2] == "." else (second, first)
    if match[2] != "." and first <= 12 and second <= 12 and first != second:
        return None
    return datetime(int(match[4]), month, day), text[match.end() :]  # noqa: DTZ001 (zone follows)


def _since_midnight(hour: str, minute: str, second: str | None, half: str | None) -> timedelta:
    hours, minutes, seconds = int(hour), int(minute), min(int(second or 0), 59)  # a leap second is the 59th
    if half:
        hours = hours % 12 + (12 if half.lower() == "p" else 0)
    if hours > 24 or minutes > 59 or (hours == 24 and minutes + seconds):
        raise ValueError(hour)
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _zone(after: str) -> tzinfo:
    """Read a zone: an offset, a common abbreviation or an IANA name; UTC when there is none."""
    text = after.strip(" ()")
    offset = _OFFSET.match(text)
    if offset:
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        return timezone(timedelta(minutes=minutes if offset[1] == "+" else -minutes))
    word = _ZONE_WORD.match(text)
    if not word:
        return UTC
    name = word[0].lower()
    if name in _ZONE_HOURS:
        return timezone(timedelta(hours=_ZONE_HOURS[name]))
    if "/" in name or name in _ZONE_PLACES:
        try:
            return ZoneInfo(_ZONE_PLACES.get(name, word[0]))
        except (KeyError, OSError, ValueError):  # ZoneInfoNotFoundError is a KeyError; OSError: a directory
            return UTC
    return UTC
