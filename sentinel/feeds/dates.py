"""Times as feeds write them: RFC 822 and ISO 8601, and the odd forms that real feeds use instead.

Pure; standard library only. A form that can be read in two ways is not read at all, unless its weekday or the feed's
other dates decide. A time without a zone, or with a zone nobody knows, is taken as UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Literal, NamedTuple

from sentinel.feeds.date_words import DAY_FIRST, MONTH_FIRST, month_number, weekday_number, zone_of

if TYPE_CHECKING:
    from collections.abc import Iterable

DateOrder = Literal["", "day first", "month first"]
"""What "04/06/2024" means; "" where nobody knows."""

_MAX_CHARACTERS = 100
_KOREA = timezone(timedelta(hours=9))
_FIRST_EPOCH = datetime(1990, 1, 1, tzinfo=UTC)

# "2024-06-03", "2024/6/3", "2024.06.03", "20240603", or with the Chinese or Korean words for year and month.
_YEAR_FIRST = re.compile(
    r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|(\d\d)(\d\d)|\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})[日일]?)(?=\D|$)"
)
_BEFORE_YEAR = re.compile(r"(?:[^\W\d_]+\.?,?\s+)?")  # a weekday: "Fri, 2006/09/15"
_ORDINAL = re.compile(r"(\d{4})-?(\d{3})(?=[T ]|$)")  # day of the year
_WEEK = re.compile(r"(\d{4})-?W(\d\d)(?:-?([1-7]))?(?=[T ]|$)")
_REDUCED = re.compile(r"(\d{4})(?:-(\d\d))?")
_SHORT_YEAR_FIRST = re.compile(r"(\d\d)(-?)(\d\d)\2(\d\d)(?=[T ]|$)|(\d\d)-?(\d{3})(?=[T ]|$)")
_DIGITS = re.compile(r"((?:19|20)\d{6})(\d{4})(\d\d)?")  # "20240603100000"
_EPOCH = re.compile(r"(\d{9,10})(?:\.\d+)?|(\d{12,13})|(\d{16})")

_COMPACT_CLOCK = re.compile(r"T(\d\d)(?:(\d\d)(\d\d)?)?(?=[^\d:]|$)", re.IGNORECASE)
_CLOCK = re.compile(
    r"(?:(오전|오후|上午|下午)\s*)?(?<![\d+-])(\d{1,2})\s?(?::|[h時时시]\s?)(\d{1,2})(?:[:分분]\s?(\d{1,2})(?:[.,:]\d+)?)?"
    r"(?:\s*([ap])\.?m\b\.?)?",
    re.IGNORECASE,
)
_BARE_CLOCK = re.compile(r"(?<=\d{4} )(\d{1,2})(?:\.(\d\d)\.(\d\d)|(\d\d))(?=\s?(?:[A-Z]|[-+]\d|$))")
_OFFSET = re.compile(r"(?:UTC|GMT|Z)?\s*([-+\u2212])\s?(\d{1,2})(?::?(\d\d))?(?=\D|$)", re.IGNORECASE)
_ZONE_WORD = re.compile(r"[A-Za-z]+(?:/[A-Za-z_+-]+\d*)+|[A-Za-z]+")
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"(?<![\d:+-])\d{1,4}(?![\d:])")
_NUMBERS_ONLY = re.compile(r"(?:([^\W\d_]+)\.?,?\s+)?(\d{1,2})([/. -])(\d{1,2})\3(\d{4}|\d\d)(?=\D|$)")


def parse_date(raw: str, order: DateOrder = "") -> datetime | None:
    """Read a time.

    Args:
        raw: time as a feed writes it.
        order: what a day of numbers begins with, where nothing in it says so.

    Returns:
        Aware UTC to the second, or None when it cannot be read with certainty.

    Source: RFC 5322 section 3.3 and 4.3 (weekdays are not checked), RFC 3339, ISO 8601.
    """
    text = " ".join(raw[:_MAX_CHARACTERS].split())
    try:
        return _digits(text) or _calendar(text, order)
    except (ValueError, OverflowError):  # a 31st of June, a year 0, a zone of 99 hours
        return None


def date_order(raws: Iterable[str], language: str) -> DateOrder:
    """Tell what days of numbers begin with in a feed.

    Args:
        raws: times as the feed writes them.
        language: as declared, in lower case with its country, such as "en-gb"; may be empty.

    Returns:
        What those of its dates that can be read in one way alone have in common; where there are none, what is usual in
        the language or country. "" where dates differ, or neither says anything.
    """
    shown = {_shown_order(" ".join(raw[:_MAX_CHARACTERS].split())) for raw in raws} - {""}
    if shown:
        return shown.pop() if len(shown) == 1 else ""
    if language in MONTH_FIRST:
        return "month first"
    return "day first" if language in DAY_FIRST or language.partition("-")[0] in DAY_FIRST else ""


def _shown_order(text: str) -> DateOrder:
    """Tell what a day of numbers begins with, when it can be read in one way alone."""
    try:
        day = None if _year_first(text) else _numbers_only(text, "")
    except ValueError:
        return ""
    match = _NUMBERS_ONLY.match(text)
    if not day or not match or match[2] == match[4] or match[3] == ".":
        return ""
    return "day first" if day.day == int(match[2]) else "month first"


def _digits(text: str) -> datetime | None:
    """Read a number without a separator: calendar digits in one row, or seconds since 1970 or parts of them."""
    compact = _DIGITS.fullmatch(text)
    if compact:
        return datetime.strptime(f"{compact[1]}{compact[2]}{compact[3] or '00'}", "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    epoch = _EPOCH.fullmatch(text)
    if not epoch:
        return None
    seconds = int(epoch[1] or 0) or int(epoch[2] or 0) // 1_000 or int(epoch[3] or 0) // 1_000_000
    stamp = datetime.fromtimestamp(seconds, UTC)
    return stamp if stamp >= _FIRST_EPOCH else None


class _Clock(NamedTuple):
    """A time of day and where it stands in the text."""

    since_midnight: timedelta
    start: int
    end: int


def _calendar(text: str, order: DateOrder) -> datetime | None:
    """Read a day, then the time and zone that stand after or before it."""
    found = _year_first(text)
    clock = _find_clock(text, found[1] if found else 0)
    day = found[0] if found else _numbers_only(text, order) or _named_month(text, clock) or _reduced(text)
    if day is None:
        return None
    if clock is None:
        return day.replace(tzinfo=UTC)
    stamp = day.replace(tzinfo=_zone(text, clock.end)) + clock.since_midnight
    return stamp.astimezone(UTC)


def _year_first(text: str) -> tuple[datetime, int] | None:
    """Read a day that begins with its year; give where it ends, too."""
    weekday = _BEFORE_YEAR.match(text)
    match = _YEAR_FIRST.match(text, weekday.end() if weekday else 0)
    if match:
        month, day = match[3] or match[5] or match[7], match[4] or match[6] or match[8]
        return _day(match[1], month, day), match.end()
    ordinal, week, short = _ORDINAL.match(text), _WEEK.match(text), _SHORT_YEAR_FIRST.match(text)
    if ordinal:
        return _of_year(ordinal[1], ordinal[2]), ordinal.end()
    if week:
        return datetime.fromisocalendar(int(week[1]), int(week[2]), int(week[3] or 1)), week.end()
    if short and short[1]:
        return _day(_full_year(short[1]), short[3], short[4]), short.end()
    if short:
        return _of_year(_full_year(short[5]), short[6]), short.end()
    return None


def _numbers_only(text: str, order: DateOrder) -> datetime | None:
    """Read "13/06/2024" and "06/13/2024"; "06/07/2024" could be either: its weekday decides, else the order if any."""
    match = _NUMBERS_ONLY.match(text)
    if not match:
        return None
    first, second, year = int(match[2]), int(match[4]), _full_year(match[5])
    if match[3] == "." or first > 12 or first == second:
        return _day(year, second, first)
    if second > 12:
        return _day(year, first, second)
    weekday = weekday_number(match[1] or "")
    readings = {"day first": _day(year, second, first), "month first": _day(year, first, second)}
    fitting = [day for day in readings.values() if day.weekday() == weekday]
    return fitting[0] if len(fitting) == 1 else readings.get(order)


def _named_month(text: str, clock: _Clock | None) -> datetime | None:
    """Read "Mon, 03 Jun 2024 ...", "June 3, 2024 ...", "3-Jun-24 ...", "Mon Jun  3 10:00:00 EDT 2024"."""
    before, after = (text[: clock.start], text[clock.end :]) if clock else (text, "")
    if not before:  # "10:00 3 Jun 2024"
        before, after = after, ""
    named = [month for month in map(month_number, _WORD.findall(before)) if month]
    if not named:
        return None
    month = named[-1]  # "mar, 03 jun 2025" begins with a Tuesday, not with March
    numbers = _NUMBER.findall(before.replace("-", " "))
    if len(numbers) == 1 and clock:  # the year comes last
        numbers += _NUMBER.findall(after)[-1:]
    if len(numbers) == 1 and len(numbers[0]) == 4:  # "Nov. 2020"
        return _day(numbers[0], month, 1)
    if len(numbers) < 2:
        return None
    day, year = numbers[:2]
    if len(day) > 2:
        day, year = year, day
    return _day(_full_year(year), month, day)


def _reduced(text: str) -> datetime | None:
    """Read a year, or a year and a month (https://www.w3.org/TR/NOTE-datetime)."""
    match = _REDUCED.fullmatch(text)
    return _day(match[1], match[2] or 1, 1) if match else None


def _day(year: str | int, month: str | int, day: str | int) -> datetime:
    return datetime(int(year), int(month), int(day))  # noqa: DTZ001 (the zone follows)


def _of_year(year: str | int, number: str) -> datetime:
    day = _day(year, 1, 1) + timedelta(days=int(number) - 1)
    if day.year != int(year):
        raise ValueError(number)
    return day


def _full_year(year: str) -> int:
    """Complete a year of two digits (RFC 5322 4.3: 00-49 is 20xx, 50-99 is 19xx)."""
    if len(year) > 2:
        return int(year)
    return int(year) + (2000 if int(year) < 50 else 1900)


def _find_clock(text: str, start: int) -> _Clock | None:
    """Find the time of day at or after a position."""
    compact = _COMPACT_CLOCK.match(text, start) if start else None
    if compact:
        return _clock(compact, compact[1], compact[2], compact[3])
    usual = _CLOCK.search(text, start)
    if usual:
        half = {"오전": "a", "上午": "a", "오후": "p", "下午": "p"}.get(usual[1] or "", usual[5])
        return _clock(usual, usual[2], usual[3], usual[4], half)
    bare = _BARE_CLOCK.search(text, start)
    return _clock(bare, bare[1], bare[2] or bare[4], bare[3]) if bare else None


def _clock(match: re.Match[str], hour: str, minute: str | None, second: str | None, half: str | None = None) -> _Clock:
    hours, minutes, seconds = int(hour), int(minute or 0), min(int(second or 0), 60)  # 60: a leap second
    if half:
        hours = hours % 12 + (12 if half.lower() == "p" else 0)
    if hours > 24 or minutes > 59 or (hours == 24 and minutes + seconds):
        raise ValueError(hour)
    return _Clock(timedelta(hours=hours, minutes=minutes, seconds=seconds), match.start(), match.end())


def _zone(text: str, start: int) -> tzinfo:
    """Read the zone after a time: an offset, a common abbreviation or an IANA name; UTC when there is none."""
    after = text[start:].strip(" ()")
    offset = _OFFSET.match(after)
    if offset:
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        return timezone(timedelta(minutes=minutes if offset[1] == "+" else -minutes))
    word = _ZONE_WORD.match(after)
    if not word:
        return _KOREA if re.search("[년오]", text) else UTC  # written in Korea, for Korea
    return zone_of(word[0])
