from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.feeds.dates import date_order, parse_date

READ = [
    # RFC 822 and what is made of it
    ("Tue, 14 May 2024 09:30:00 GMT", "2024-05-14T09:30:00"),
    ("Fri, 14 May 2024 09:30:00 GMT", "2024-05-14T09:30:00"),  # it was a Tuesday
    ("14 May 24 09:30 EST", "2024-05-14T14:30:00"),
    ("14 May 98 09:30 GMT", "1998-05-14T09:30:00"),
    ("Tue,14 May 2024 09:30:00 +0530", "2024-05-14T04:00:00"),
    ("Tue 14 May 2024, 09:30:00 PDT", "2024-05-14T16:30:00"),
    ("Tuesday, 14-May-24 09:30:00 GMT", "2024-05-14T09:30:00"),
    ("Tue, 14th May 2024 09:30:00 GMT+02:00", "2024-05-14T07:30:00"),
    ("Tue, 14 May 2024 09:30:00 GMT+1", "2024-05-14T08:30:00"),
    ("Tue, 14 May 2024 09:30:00 CEST", "2024-05-14T07:30:00"),
    ("Tue, 14 May 2024 09:30:00 +0200 (CEST)", "2024-05-14T07:30:00"),
    ("Tue, 14 May 2024 09:30:00 Europe/Lisbon", "2024-05-14T08:30:00"),
    ("Tue, 14 May 2024 09:30:00", "2024-05-14T09:30:00"),
    ("Tue, 14 May 2024 09:30:00 QQQ", "2024-05-14T09:30:00"),
    ("Tue, 14 May 2024 24:00:00 GMT", "2024-05-15T00:00:00"),
    ("Mon, 31 Dec 1990 23:59:60 GMT", "1991-01-01T00:00:00"),
    ("Tue, 14 May 2024 09:30:00 AT", "2024-05-14T13:30:00"),
    ("Tue, 2024/05/14 09:30:00 EDT", "2024-05-14T13:30:00"),
    ("Tue, 14 May 2024 09.30.15 GMT", "2024-05-14T09:30:15"),
    ("Tue, 14 May 2024 0930 EDT", "2024-05-14T13:30:00"),
    ("Tue, 14 May 2024", "2024-05-14T00:00:00"),
    ("May 2024", "2024-05-01T00:00:00"),
    # asctime and its kin
    ("Tue May 14 09:30:00 2024", "2024-05-14T09:30:00"),
    ("Tue May 14 09:30:00 EDT 2024", "2024-05-14T13:30:00"),
    ("Tue May 14 2024 09:30:00 GMT+0200 (Central European Summer Time)", "2024-05-14T07:30:00"),
    ("May 14, 2024 at 9:30 p.m. ET", "2024-05-15T01:30:00"),
    ("Tuesday, May 14th, 2024 - 12:05am", "2024-05-14T00:05:00"),
    ("12:05 PM 14 May 2024", "2024-05-14T12:05:00"),
    # ISO 8601 and W3CDTF
    ("2024-05-14T09:30:00Z", "2024-05-14T09:30:00"),
    ("2024-05-14T09:30:00.123456-04:00", "2024-05-14T13:30:00"),
    ("2024-05-14T09:30:00,5+0200", "2024-05-14T07:30:00"),
    ("2024-05-14T09:30:00-04:00Z", "2024-05-14T13:30:00"),
    ("2024-05-14t09:30z", "2024-05-14T09:30:00"),
    ("2024-05-14T09Z", "2024-05-14T09:00:00"),
    ("20240514T093000+0200", "2024-05-14T07:30:00"),
    ("2024-05-14 09:30:00 UTC", "2024-05-14T09:30:00"),
    ("2024-05-14T24:00Z", "2024-05-15T00:00:00"),
    ("2024-135", "2024-05-14T00:00:00"),
    ("2024135T0930Z", "2024-05-14T09:30:00"),
    ("2024-W20-2", "2024-05-14T00:00:00"),
    ("2024W20", "2024-05-13T00:00:00"),
    ("2024-05", "2024-05-01T00:00:00"),
    ("2024", "2024-01-01T00:00:00"),
    ("24-05-14", "2024-05-14T00:00:00"),
    ("240514", "2024-05-14T00:00:00"),
    ("20240514093015", "2024-05-14T09:30:15"),
    # numbers
    ("1715679000", "2024-05-14T09:30:00"),
    ("1715679000.25", "2024-05-14T09:30:00"),
    ("1715679000123", "2024-05-14T09:30:00"),
    ("1715679000123456", "2024-05-14T09:30:00"),
    ("14/05/2024 09:30", "2024-05-14T09:30:00"),
    ("05/14/2024 9:30 PM", "2024-05-14T21:30:00"),
    ("14.05.2024, 09:30 Uhr", "2024-05-14T09:30:00"),
    ("14.05.24", "2024-05-14T00:00:00"),
    ("Tue, 05/14/2024 - 09:30", "2024-05-14T09:30:00"),
    ("Tue, 04/06/2024", "2024-06-04T00:00:00"),  # the 6th of April was a Saturday
    ("Sat, 04/06/2024", "2024-04-06T00:00:00"),
    # other languages
    ("Di, 14 Mai 2024 09:30:00 +0200", "2024-05-14T07:30:00"),
    ("Donnerstag, 14. März 2024, 9:30", "2024-03-14T09:30:00"),
    ("mardi 14 mai 2024 à 9h30", "2024-05-14T09:30:00"),
    ("mar., 13 févr. 2024 09:30:00 +0100", "2024-02-13T08:30:00"),
    ("martes, 14 de mayo de 2024 09:30", "2024-05-14T09:30:00"),
    ("dom, 18 ago 2024 09:30:00 -0300", "2024-08-18T12:30:00"),
    ("martedì 14 maggio 2024", "2024-05-14T00:00:00"),
    ("terça-feira, 14 de maio de 2024", "2024-05-14T00:00:00"),
    ("di 14 mei 2024 09:30", "2024-05-14T09:30:00"),
    ("wtorek, 14 października 2024", "2024-10-14T00:00:00"),
    ("Вт, 14 мая 2024 09:30:00 +0300", "2024-05-14T06:30:00"),
    ("14 грудня 2024", "2024-12-14T00:00:00"),
    ("Τρί, 14 Μάι 2024 09:30:00 EET", "2024-05-14T07:30:00"),
    ("2024-május-14T9:30-05:00", "2024-05-14T14:30:00"),
    ("Sal, 14 Ağu 2024 09:30:00 +0300", "2024-08-14T06:30:00"),
    ("2024年5月14日 9:30", "2024-05-14T09:30:00"),
    ("2024년 5월 14일 오후 9:30", "2024-05-14T12:30:00"),
]

NOT_READ = ["", "yesterday", "5 minutes ago", "04/06/2024", "31 June 2024", "2024-13-01", "2023-366", "10:30", "12"]


@pytest.mark.parametrize(("raw", "expected"), READ, ids=[raw for raw, _ in READ])
def test_parse_date_reads_the_forms_of_real_feeds(raw: str, expected: str) -> None:
    assert parse_date(raw) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize("raw", NOT_READ)
def test_parse_date_reads_nothing_that_is_uncertain_or_impossible(raw: str) -> None:
    assert parse_date(raw) is None


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("mar, 03 jun 2025 10:00:00 +0000", 3),
        ("mardi 3 juin 2025", 3),
        ("mar. 3 juin 2025 12:00", 3),
        ("mer, 04 jun 2025 10:00:00 GMT", 4),
        ("Mon Jun  2 10:00:00 EDT 2025", 2),
        ("10:00 3 Jun 2025", 3),
    ],
)
def test_parse_date_takes_no_weekday_for_a_month(raw: str, day: int) -> None:
    stamp = parse_date(raw)
    assert stamp is not None
    assert (stamp.year, stamp.month, stamp.day) == (2025, 6, day)


@pytest.mark.parametrize(
    ("raws", "language", "order"),
    [
        (["04/06/2024", "14/06/2024"], "", "day first"),
        (["04/06/2024", "06/14/2024 10:00"], "", "month first"),
        (["04/06/2024", "14/06/2024", "06/15/2024"], "en-us", ""),
        (["Tue, 04/06/2024"], "", "day first"),
        (["04-06-2024", "30-06-2024"], "en-us", "day first"),
        (["04/06/2024", "05/05/2024", "05.06.2024", "24-05-14", "45/45/2024", ""], "", ""),
        (["04/06/2024"], "en-us", "month first"),
        (["04/06/2024"], "en-gb", "day first"),
        (["04/06/2024"], "de-at", "day first"),
        (["04/06/2024"], "en", ""),
        (["04/06/2024"], "ja", ""),
        ([], "fr", "day first"),
    ],
)
def test_the_order_of_a_feed_is_that_of_its_dates_that_can_be_read_in_one_way(
    raws: list[str], language: str, order: str
) -> None:
    assert date_order(raws, language) == order


def test_a_date_that_could_be_two_is_read_in_the_order_of_its_feed() -> None:
    assert parse_date("04/06/2024 09:30", "day first") == datetime(2024, 6, 4, 9, 30, tzinfo=UTC)
    assert parse_date("04/06/2024 09:30", "month first") == datetime(2024, 4, 6, 9, 30, tzinfo=UTC)
    assert parse_date("Tue, 04/06/2024", "month first") == datetime(2024, 6, 4, tzinfo=UTC)
    assert parse_date("14/06/2024", "month first") == datetime(2024, 6, 14, tzinfo=UTC)


@settings(deadline=None)
@given(raw=st.text(max_size=60))
def test_parse_date_gives_utc_or_nothing(raw: str) -> None:
    stamp = parse_date(raw)
    assert stamp is None or stamp.utcoffset() == timedelta(0)


@settings(deadline=None)
@given(stamp=st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001
def test_parse_date_reads_what_the_standards_write(stamp: datetime) -> None:
    whole = stamp.replace(microsecond=0, tzinfo=UTC)
    assert parse_date(whole.isoformat()) == whole
    assert parse_date(whole.strftime("%a, %d %b %Y %H:%M:%S GMT")) == whole
