"""An item belongs to the first session that closes after it was known: over clock changes, half days and holidays."""

from __future__ import annotations

import sys
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.errors import ConfigError
from sentinel.validation import known_times, load_sessions

from .worlds import weekday_sessions

if TYPE_CHECKING:
    from sentinel.validation import Sessions


@pytest.fixture(scope="module")
def new_york() -> Sessions:
    return load_sessions("XNYS", date(2023, 10, 2), date(2024, 4, 30))


def session_of(sessions: Sessions, local: str, *, before_open: bool = False) -> str:
    """Give the day of the session that an item known at a New York clock time belongs to; "" for none."""
    moment = pd.Timestamp(local, tz="America/New_York").tz_convert("UTC").tz_localize(None)
    known_at = np.array([moment.to_datetime64()])
    place = (sessions.by_open if before_open else sessions.by_close)(known_at)[0]
    return str(sessions.days[place]) if place >= 0 else ""


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2023-10-18 09:00", "2023-10-18"),
        ("2023-10-18 15:59:59", "2023-10-18"),
        ("2023-10-18 16:00", "2023-10-19"),
        ("2023-10-18 23:30", "2023-10-19"),
        ("2023-10-20 16:01", "2023-10-23"),  # Friday evening
        ("2023-10-21 12:00", "2023-10-23"),
        ("2023-10-22 23:59", "2023-10-23"),
        ("2023-11-23 11:00", "2023-11-24"),  # Thanksgiving
        ("2023-11-24 12:59", "2023-11-24"),  # half day, closes at 13:00
        ("2023-11-24 13:00", "2023-11-27"),
        ("2023-11-24 15:00", "2023-11-27"),
        ("2023-12-25 10:00", "2023-12-26"),
        ("2024-03-29 10:00", "2024-04-01"),  # Good Friday
    ],
)
def test_item_belongs_to_the_first_session_that_closes_after_it_was_known(
    new_york: Sessions, local: str, expected: str
) -> None:
    assert session_of(new_york, local) == expected


@pytest.mark.parametrize("day", ["2023-11-03", "2023-11-06", "2024-03-08", "2024-03-11"])
def test_close_stays_at_four_o_clock_in_new_york_over_both_clock_changes(new_york: Sessions, day: str) -> None:
    assert session_of(new_york, f"{day} 15:59") == day
    assert session_of(new_york, f"{day} 16:00") > day
    assert session_of(new_york, f"{day} 09:29", before_open=True) == day
    assert session_of(new_york, f"{day} 09:30", before_open=True) == ""


def test_items_of_a_weekend_are_known_before_the_next_open(new_york: Sessions) -> None:
    assert session_of(new_york, "2023-10-21 12:00", before_open=True) == "2023-10-23"
    assert session_of(new_york, "2023-10-20 12:00", before_open=True) == ""


def test_items_before_the_first_and_after_the_last_session_belong_to_none(new_york: Sessions) -> None:
    assert session_of(new_york, "2023-09-29 15:59") == ""
    assert session_of(new_york, "2023-09-29 16:00") == "2023-10-02"
    assert session_of(new_york, "2024-04-30 15:59") == "2024-04-30"
    assert session_of(new_york, "2024-04-30 16:00") == ""


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(min_value=0, max_value=60 * 24 * 28), min_size=1, max_size=50))
def test_no_item_counts_in_a_session_that_had_closed(minutes: list[int]) -> None:
    sessions = weekday_sessions(15)
    known_at = sessions.previous_close + np.array(minutes, dtype="timedelta64[m]")
    place = sessions.by_close(known_at)
    known = place >= 0
    assert (known_at[known] < sessions.closes[place[known]]).all()
    before = np.concatenate([[sessions.previous_close], sessions.closes])[place[known]]
    assert (known_at[known] >= before).all()
    assert (known_at[~known] >= sessions.closes[-1]).all()
    by_open = sessions.by_open(known_at)
    assert (known_at[by_open >= 0] < sessions.opens[by_open[by_open >= 0]]).all()


def test_unknown_exchange_is_named_with_near_ones() -> None:
    with pytest.raises(ConfigError, match=r"--calendar: no exchange has the code 'XNYX' .did you mean XNYS"):
        load_sessions("XNYX", date(2024, 1, 2), date(2024, 1, 5))


def test_days_without_a_session_are_named() -> None:
    with pytest.raises(ConfigError, match="2024-01-06 to 2024-01-07"):
        load_sessions("XNYS", date(2024, 1, 6), date(2024, 1, 7))


def test_missing_package_is_one_line_that_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "exchange_calendars", None)
    with pytest.raises(ConfigError, match=r"pip install 'sentinel-mood\[prices\]'") as raised:
        load_sessions("XNYS", date(2024, 1, 2), date(2024, 1, 5))
    assert "\n" not in str(raised.value)


# --- when an item was known ------------------------------------------------------------------------------------


def known(published: str | None, first_seen: str, *, clock_zone: str = "") -> str:
    """Say when an item was known, by New York's and UTC's midnights."""
    times = [pd.Series(pd.to_datetime([time], utc=True)) for time in (published, first_seen)]
    found, _ = known_times(*times, zones=("America/New_York", "UTC"), clock_zone=clock_zone)
    return found.iloc[0].isoformat()


def test_item_is_known_when_it_was_seen_and_not_when_it_claims_to_be_from() -> None:
    assert known("2024-03-05T14:00Z", "2024-03-05T21:30:10Z") == "2024-03-05T21:30:10+00:00"
    assert known(None, "2024-03-05T21:30:10Z") == "2024-03-05T21:30:10+00:00"


def test_embargoed_item_is_known_when_it_is_published_and_a_date_far_ahead_is_not_believed() -> None:
    assert known("2024-03-05T22:00Z", "2024-03-05T21:30:10Z") == "2024-03-05T22:00:00+00:00"
    assert known("2038-01-01T00:00Z", "2024-03-05T21:30:10Z") == "2024-03-05T21:30:10+00:00"


@pytest.mark.parametrize("midnight", ["2024-03-05T05:00:00Z", "2024-03-05T00:00:00Z"])
def test_archived_item_with_a_date_alone_is_known_when_the_day_is_over(midnight: str) -> None:
    day_end = pd.Timestamp(midnight) + pd.Timedelta(days=1)
    assert pd.Timestamp(known(midnight, midnight)) >= day_end


def test_live_item_seen_at_midnight_keeps_its_time() -> None:
    assert known("2024-03-04T23:10Z", "2024-03-05T00:00:00Z") == "2024-03-05T00:00:00+00:00"


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        ("2024-01-05T15:59:00Z", "2024-01-05T20:59:00+00:00"),
        ("2024-07-05T15:59:00Z", "2024-07-05T19:59:00+00:00"),
        ("2023-11-05T01:30:00Z", "2023-11-05T06:30:00+00:00"),  # told twice that night: the later one is meant
        ("2024-03-10T02:30:00Z", "2024-03-10T07:00:00+00:00"),  # never told that night
    ],
)
def test_stamps_that_claim_utc_are_read_in_the_zone_they_are_told_in(stamp: str, expected: str) -> None:
    assert known(stamp, stamp, clock_zone="America/New_York") == expected


def test_zone_of_the_stamps_changes_nothing_for_live_items() -> None:
    assert known("2024-01-05T15:59Z", "2024-01-05T16:02:03Z", clock_zone="America/New_York").startswith(
        "2024-01-05T16:02:03"
    )


def test_unknown_zone_is_refused() -> None:
    with pytest.raises(ConfigError, match="--tz: 'Mars/Olympus' is not a time zone"):
        known("2024-01-05T15:59Z", "2024-01-05T15:59Z", clock_zone="Mars/Olympus")
