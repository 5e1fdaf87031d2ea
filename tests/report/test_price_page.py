"""The page of mood and prices: what it says, that it stands alone, and that its tables hold the same numbers."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from sentinel.price_figures import Circumstances, Findings, Verdict
from sentinel.records import ModelFacts
from sentinel.report import write_prices
from sentinel.report.price_drawings import event_drawing, lag_drawing, scale_of
from sentinel.report.price_tables import PRICE_TABLES
from sentinel.validation import judge, measure
from sentinel.validation.table import surprises

from .pages import Page, read_page
from .test_browser import CHROMIUM, open_page

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "<script>alert('1')</script>\"&<img src=x onerror=alert(2)>"


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """Give three years of sessions whose mood forecasts the next return a little."""
    generator = np.random.default_rng(1)
    moods, returns = generator.normal(size=750), generator.normal(size=750)
    returns[1:] += 0.3 * moods[:-1]
    days = [day.date() for day in pd.bdate_range("2021-01-04", periods=750)]
    columns = {
        "session": days,
        "close": 100.0 * np.exp(np.cumsum(0.01 * returns)),
        "session_return": 0.01 * returns,
        "day_return": np.nan,
        "mood": 10.0 * moods,
        "surprise": surprises(10.0 * moods),
        "overnight": np.nan,
        "n_items": 20,
    }
    return pd.DataFrame(columns)


@pytest.fixture(scope="module")
def findings(table: pd.DataFrame) -> Findings:
    return measure(table, cost_bp=5.0, seed=0)


@pytest.fixture(scope="module")
def verdict(findings: Findings) -> Verdict:
    return judge(findings, cost_bp=5.0)


def circumstances(text: str = "market") -> Circumstances:
    """Give the circumstances; every text that comes from outside is the one given."""
    return Circumstances(
        topic=text,
        model=ModelFacts("0123456789ab", text, text, {}),
        prices=text,
        price_column=text,
        calendar=text,
        first=date(2021, 1, 4),
        last=date(2023, 11, 17),
        n_sessions=750,
        n_items=15_000,
        cost_bp=5.0,
        seed=0,
        notes=("12 sessions have no price",),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, findings: Findings, verdict: Verdict, table: pd.DataFrame) -> Path:
    folder = tmp_path_factory.mktemp("prices") / "page"
    write_prices(folder, circumstances(), findings, verdict, table)
    return folder


@pytest.fixture(scope="module")
def page(folder: Path) -> Page:
    return read_page(folder / "index.html")


def read_table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), strict=True))


def test_page_says_the_verdict_first(page: Page, verdict: Verdict) -> None:
    assert page.all("h1")[0].text == verdict.headline
    assert verdict.kind == "usable"
    text = "".join(element.text for element in page.all("p"))
    assert all(reason in text for reason in verdict.reasons)


def test_page_needs_no_other_file_and_runs_nothing(page: Page) -> None:
    assert {element.tag for element in page.elements}.isdisjoint({"script", "img", "iframe", "object", "form", "use"})
    links = [element.attributes["href"] for element in page.all("a")]
    assert set(links) == {"#top", *PRICE_TABLES}
    style = "".join(element.text for element in page.all("style"))
    assert not re.search(r"url\(|@import|https?:", style)
    (meta,) = [e for e in page.all("meta") if e.attributes.get("http-equiv") == "Content-Security-Policy"]
    assert "script-src" not in meta.attributes["content"]


def test_page_shows_text_from_outside_as_text(
    tmp_path: Path, findings: Findings, verdict: Verdict, table: pd.DataFrame
) -> None:
    page = read_page(write_prices(tmp_path / "page", circumstances(HOSTILE), findings, verdict, table))
    assert {element.tag for element in page.elements}.isdisjoint({"script", "img"})
    assert HOSTILE in page.all("title")[0].text


def test_every_test_that_was_made_is_on_the_page_and_in_its_table(page: Page, folder: Path, findings: Findings) -> None:
    shown = [row[0] for row in page.rows("tests")]
    assert shown == [test.name for test in findings.tests]
    rows = read_table(folder / "tests.csv")
    assert [(row["signal"], int(row["lag"])) for row in rows] == [(test.signal, test.lag) for test in findings.tests]
    for row, test in zip(rows, findings.tests, strict=True):
        assert test.walk is not None
        assert float(row["ic"]) == pytest.approx(test.ic.value, abs=1e-6)
        assert float(row["p_holm"]) == pytest.approx(test.p_holm, abs=1e-6)
        assert float(row["net_return"]) == pytest.approx(test.walk.net.value, abs=1e-6)


def test_tables_have_the_columns_they_promise_and_empty_cells_for_what_is_unknown(
    folder: Path, table: pd.DataFrame, findings: Findings
) -> None:
    lengths = {
        "sessions.csv": len(table),
        "lags.csv": len(findings.lags),
        "tests.csv": len(findings.tests),
        "events.csv": 2 * 16,
    }
    for name, columns in PRICE_TABLES.items():
        rows = read_table(folder / name)
        assert list(rows[0]) == list(columns)
        assert len(rows) == lengths[name]
    first = read_table(folder / "sessions.csv")[0]
    assert first["session"] == "2021-01-04"
    assert first["surprise"] == first["day_return"] == ""


def test_page_without_events_or_forecasts_says_so(tmp_path: Path, findings: Findings, table: pd.DataFrame) -> None:
    few = replace(
        findings, n=40, events=(), tests=tuple(replace(test, walk=None, hits=None) for test in findings.tests)
    )
    page = read_page(write_prices(tmp_path / "page", circumstances(), few, judge(few, cost_bp=5.0), table))
    assert page.all("h1")[0].text.startswith("Too little to say: 40 sessions")
    assert "Too few sessions with prices all around them." in [element.text for element in page.all("p")]
    assert [element.text for element in page.all("dd", class_="value")][2:] == ["n/a", "n/a", "n/a"]


def test_same_findings_give_the_same_files(
    tmp_path: Path, folder: Path, findings: Findings, verdict: Verdict, table: pd.DataFrame
) -> None:
    write_prices(tmp_path / "again", circumstances(), findings, verdict, table)
    for path in folder.iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


def test_lag_drawing_places_each_estimate_at_its_height(findings: Findings) -> None:
    lags = [found for found in findings.lags if found.signal == "mood"]
    drawing = lag_drawing(lags, 0.5)
    assert len(drawing.marks) == 21
    assert [mark.is_forecast for mark in drawing.marks] == [found.lag > 0 for found in lags]
    assert all(mark.x < drawing.split for mark in drawing.marks[:11])
    assert all(mark.x > drawing.split for mark in drawing.marks[11:])
    for mark, found in zip(drawing.marks, lags, strict=True):
        assert drawing.zero - mark.y == pytest.approx(104.0 * found.correlation.value / 0.5)
        assert mark.y_high < mark.y < mark.y_low
    strongest = f"{findings.at('mood', 1).correlation.value:+.2f}"
    assert drawing.words.startswith(f"Correlation by lag, strongest {strongest} at lag 1;")


def test_event_drawing_passes_through_zero_at_the_event(findings: Findings) -> None:
    path = findings.events[0]
    drawing = event_drawing(path, 5.0)
    points = [tuple(map(float, point.split())) for point in drawing.line.removeprefix("M").split("L")]
    assert len(points) == 16
    assert points[5] == pytest.approx((drawing.split, drawing.zero), abs=0.06)


@pytest.mark.parametrize(("largest", "expected"), [(0.03, 0.04), (0.11, 0.2), (0.21, 0.4), (7.0, 10.0), (0.0, 1.0)])
def test_scale_ends_at_a_round_number(largest: float, expected: float) -> None:
    assert scale_of([-largest, largest / 2, float("nan")]) == pytest.approx(expected)


@pytest.mark.skipif(not CHROMIUM, reason="needs Chromium or Chrome")
def test_browser_has_nothing_to_complain_about(folder: Path, tmp_path: Path) -> None:
    document, console = open_page(folder / "index.html", tmp_path)
    assert "The tests that count" in document
    assert "CONSOLE" not in console
