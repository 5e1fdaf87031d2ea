"""A message is plain, bounded, says what, how much and since when, and holds nothing that a chat would obey."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.alert_types import Alert
from sentinel.alerts import build_message, build_test_message
from sentinel.alerts.message import MAX_ALERTS, MAX_LINE_CHARACTERS, neutralise

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
ALERT = Alert(
    alert_id="a1",
    rule="market-down",
    kind="mood",
    subject="market",
    message="Mood of the market -34.2, at or below -30; 41 items",
    figure=-34.2,
    raised_at=NOON,
    checked_at=NOON,
    headlines=("Lender warns on profit", "Oil slides", "Retailer cuts outlook", "Fourth story"),
)
PAGE = "https://desk.example/2026-03-02/index.html#alerts"


def widened(text: str) -> str:
    """Write what would be obeyed in full width, as it is expected to be shown."""
    return "".join(chr(ord(mark) + 0xFEE0) if mark in "<>@[]*_`~|#" else mark for mark in text)


def test_a_message_says_what_how_much_since_when_by_which_stories_and_where() -> None:
    message = build_message([("raised", ALERT)], page=PAGE, zone=BERLIN)
    assert message.title == "sentinel: Mood of the market -34.2, at or below -30; 41 items"
    assert message.body.splitlines() == [
        "Mood of the market -34.2, at or below -30; 41 items (since 2026-03-02 13:00 CET; rule market-down)",
        "  - Lender warns on profit",
        "  - Oil slides",
        "  - Retailer cuts outlook",
        "",
        f"Page: {PAGE}",
    ]


def test_many_alerts_are_one_bounded_message() -> None:
    alerts = [replace(ALERT, alert_id=f"a{number}", subject=f"feed:{number}") for number in range(500)]
    message = build_message([("raised", alert) for alert in alerts], page=PAGE, zone=BERLIN)
    assert message.title.endswith("(and 499 more)")
    assert message.body.count("rule market-down") == MAX_ALERTS
    assert f"... and {500 - MAX_ALERTS} more on the page." in message.body


def test_a_message_tells_what_cleared_and_what_waited() -> None:
    ended = replace(ALERT, cleared_at=NOON + timedelta(hours=3), clear_reason="back to usual")
    message = build_message([("cleared", ended)], page=PAGE, zone=BERLIN, n_waiting=1)
    assert message.title == "sentinel: 1 cleared"
    assert "since 2026-03-02 13:00 CET; back to usual 2026-03-02 16:00 CET; rule market-down" in message.body
    assert "(1 of these could not be delivered before.)" in message.body


def test_an_alert_that_cleared_before_it_could_be_told_is_told_once() -> None:
    ended = replace(ALERT, cleared_at=NOON + timedelta(hours=3), clear_reason="back to usual")
    message = build_message([("raised", ended), ("cleared", ended)], page=PAGE, zone=BERLIN)
    assert message.body.count(ended.message) == 1
    assert "since 2026-03-02 13:00 CET, cleared 2026-03-02 16:00 CET" in message.body


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("<!channel> profit warning", "profit warning"),
        ("&lt;!channel&gt; falls", "falls"),
        ("@channel @everyone sell", "@channel @everyone sell"),
        ("<@U024BE7LH> and <http://evil.example|click>", "<@U024BE7LH> and"),
        ("[Refund](http://evil.example/x)", "[Refund](http: //evil.example/x)"),
        ("**bold** _it_ `code` ~gone~ ||spoiler||", "**bold** _it_ `code` ~gone~ ||spoiler||"),
        ("a\r\nBcc: all@example.com\x07\u202e\u0000end", "a Bcc: all@example.comend"),
        ("# Heading", "# Heading"),
        ("S&P 500 ends 2.5% lower at $5,100", "S&P 500 ends 2.5% lower at $5,100"),
    ],
)
def test_a_hostile_headline_is_harmless_in_a_message(hostile: str, shown: str) -> None:
    assert neutralise(hostile).startswith(widened(shown))


@given(st.text(max_size=600))
def test_no_text_of_a_stranger_keeps_a_line_break_markup_or_a_mention(text: str) -> None:
    message = build_message([("raised", replace(ALERT, message=text, headlines=(text,)))], page="/page", zone=BERLIN)
    lines = message.body.split("\n")
    assert len(lines) == 4
    assert len(message.body.splitlines()) == 4
    for line in (message.title, *lines[:2]):
        assert not set("<>@[]*_`~|\\#\r\n\x00") & set(line)
        assert "://" not in line
        assert len(line) <= MAX_LINE_CHARACTERS + 100


def test_a_test_message_says_that_nothing_happened() -> None:
    message = build_test_message("DESK", NOON.astimezone(BERLIN))
    assert message.title == "sentinel: test"
    assert message.body == "A test of the alert target DESK, sent 2026-03-02 13:00 CET. Nothing happened."
