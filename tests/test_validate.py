"""`sentinel validate` from a store and a file of prices to verdict, page and tables."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from jobs import build_settings

from sentinel import store
from sentinel.cli import main
from sentinel.errors import StoreError, TableError
from sentinel.pipeline import open_job, validate_prices
from sentinel.report.price_tables import PRICE_TABLES
from sentinel.validation import load_sessions

if TYPE_CHECKING:
    from pathlib import Path

    from sentinel.config import Settings
    from sentinel.pipeline import PriceReport

NOW = datetime(2024, 6, 3, 12, tzinfo=UTC)
FIRST, LAST = date(2021, 6, 1), date(2024, 5, 31)
PER_SESSION = 5


def made_items(generator: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Make items of every session, live and known in its middle, and a close that follows the next day.

    Returns:
        Items with ITEM_COLUMNS, their probabilities, and closing prices of the sessions.
    """
    sessions = load_sessions("XNYS", FIRST, LAST)
    n = len(sessions)
    tone = generator.normal(size=n)
    returns = 0.01 * generator.normal(size=n)
    returns[1:] += 0.01 * tone[:-1]
    of_session = np.repeat(np.arange(n), PER_SESSION)
    noon = sessions.opens + np.timedelta64(90, "m")
    seen = pd.to_datetime(
        noon[of_session] + np.arange(len(of_session)) % PER_SESSION * np.timedelta64(1, "m"), utc=True
    )
    polarity = np.clip(0.3 * tone[of_session], -0.95, 0.95)
    ids = [f"{number:032x}" for number in range(len(of_session))]
    items = pd.DataFrame(
        {
            "item_id": ids,
            "feed": "wire",
            "guid": ids,
            "url": "",
            "title": [f"Lantry reports number {number}" for number in range(len(ids))],
            "summary": "",
            "text": "Lantry reports",
            "published": seen - pd.Timedelta(minutes=3),
            "first_seen": seen,
        }
    )
    scores = pd.DataFrame({"item_id": ids})
    scores["negative"], scores["neutral"] = np.maximum(-polarity, 0.0), 1.0 - np.abs(polarity)
    scores["positive"] = np.maximum(polarity, 0.0)
    return items, scores, 100.0 * np.exp(np.cumsum(returns))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a store of three years, a feeds file and prices.csv."""
    folder = tmp_path_factory.mktemp("years")
    items, scores, close = made_items(np.random.default_rng(11))
    with open_job(build_settings(folder), now=lambda: NOW) as job:
        model_id = job.bundle.model_id
        for start in range(0, len(items), 500):
            with job.database.write() as connection:
                store.save_items(connection, items[start : start + 500], now=NOW)
                store.save_scores(connection, scores[start : start + 500], model_id=model_id, now=NOW)
    days = load_sessions("XNYS", FIRST, LAST).days
    rows = [f"{day},{price:.4f}" for day, price in zip(days, close, strict=True)]
    (folder / "prices.csv").write_text("\n".join(["Date,Close", *rows, ""]), encoding="utf-8")
    (folder / "feeds.yaml").write_text(
        "store: sentinel.db\nfeeds:\n  - {name: wire, url: 'https://wire.example/', kind: markets, topics: [rates]}\n",
        encoding="utf-8",
    )
    return folder


@pytest.fixture(scope="module")
def settings(folder: Path) -> Settings:
    return build_settings(folder)


def validate(settings: Settings, folder: Path, **changes: object) -> PriceReport:
    wanted: dict[str, object] = {"calendar": "XNYS", "now": lambda: NOW}
    return validate_prices(settings, str(folder / "prices.csv"), **wanted | changes)


def run(folder: Path, *arguments: str) -> Result:
    base = ["validate", "--config", str(folder / "feeds.yaml"), "--prices", str(folder / "prices.csv")]
    return CliRunner().invoke(main, [*base, *arguments])


def test_planted_link_is_found_from_store_to_verdict(settings: Settings, folder: Path) -> None:
    found = validate(settings, folder)
    correlation = found.findings.at("mood", 1).correlation
    assert correlation.low <= 2**-0.5 <= correlation.high
    assert found.verdict.kind == "usable"
    assert found.circumstances.n_sessions == len(load_sessions("XNYS", FIRST, LAST))
    assert found.circumstances.n_items == PER_SESSION * found.circumstances.n_sessions
    assert found.table["session"].iloc[0] == FIRST


def test_link_stands_at_the_next_session_alone(settings: Settings, folder: Path) -> None:
    found = validate(settings, folder)
    assert abs(found.findings.at("mood", 0).correlation.value) < 0.1
    assert abs(found.findings.at("mood", 2).correlation.value) < 0.1


def test_mood_of_a_session_is_that_of_its_items(settings: Settings, folder: Path) -> None:
    found = validate(settings, folder)
    _, scores, _ = made_items(np.random.default_rng(11))
    polarity = (scores["positive"] - scores["negative"]).to_numpy().reshape(-1, PER_SESSION).mean(axis=1)
    shrunk = 100.0 * polarity * PER_SESSION / (PER_SESSION + 5)
    np.testing.assert_allclose(found.table["mood"], shrunk, atol=1e-6)


def test_topic_of_a_feed_has_the_moods_of_its_items(settings: Settings, folder: Path) -> None:
    market, feed = (validate(settings, folder, topic=topic).table for topic in ("market", "feed:wire"))
    pd.testing.assert_frame_equal(market, feed)


def test_stamps_told_in_another_zone_move_imported_items_alone(settings: Settings, folder: Path) -> None:
    as_stored, retold = (validate(settings, folder, clock_zone=zone).table for zone in ("", "America/New_York"))
    pd.testing.assert_frame_equal(as_stored, retold)


def test_command_prints_the_verdict_and_writes_page_and_tables(folder: Path, tmp_path: Path) -> None:
    ended = run(folder, "--output", str(tmp_path / "page"), "--cost-bp", "1")
    assert ended.exit_code == 0, ended.output
    assert ended.stdout.startswith("A usable link was found: mood, next session, information coefficient +0.")
    assert ended.stderr == f"sentinel: page written to {tmp_path / 'page' / 'index.html'}\n"
    assert {path.name for path in (tmp_path / "page").iterdir()} == {"index.html", *PRICE_TABLES}


def test_json_holds_verdict_and_findings_and_null_for_what_is_unknown(folder: Path) -> None:
    ended = run(folder, "--json")
    assert ended.exit_code == 0, ended.output
    found = json.loads(ended.stdout, parse_constant=pytest.fail)
    assert found["verdict"]["kind"] == "usable"
    assert found["calendar"] == "XNYS"
    assert found["first"] == "2021-06-01"
    assert len(found["findings"]["lags"]) == 42
    strongest = found["findings"]["tests"][0]
    assert (strongest["signal"], strongest["lag"]) == ("mood", 1)
    n, value, error = strongest["ic"]
    assert n > 700
    assert 0.0 < error < value


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (["--calendar", "XNYX"], 2, "--calendar: no exchange has the code 'XNYX' (did you mean XNYS"),
        (["--calendar", "XTKS"], 2, "prices.csv: "),
        (["--tz", "Nowhere"], 2, "--tz: 'Nowhere' is not a time zone"),
        (["--topic", "ratez"], 2, "--topic: there is no topic 'ratez'"),
        (["--cost-bp", "-1"], 2, "Invalid value for '--cost-bp'"),
    ],
)
def test_wrong_option_is_one_line(folder: Path, arguments: list[str], code: int, line: str) -> None:
    ended = run(folder, *arguments)
    assert ended.exit_code == code
    assert ended.stderr.startswith(f"sentinel: {line}")
    assert ended.stderr.count("\n") == 1
    assert ended.stdout == ""


def test_prices_of_other_years_are_refused(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text("date,close\n1999-01-04,1\n1999-01-05,2\n", encoding="utf-8")
    with pytest.raises(TableError, match=r"prices\.csv: no stored item falls on its days, 1999-01-04 to 1999-01-05"):
        validate(settings, tmp_path)


def test_topic_without_items_is_named(settings: Settings, folder: Path) -> None:
    with pytest.raises(TableError, match="no scored item of 'rates'"):
        validate(build_settings(folder, topics_feed()), folder, topic="rates")


def topics_feed() -> dict[str, object]:
    """Give a feed with a topic that no stored item has, since none is of that feed."""
    return {"name": "other", "url": "https://other.example/", "kind": "markets", "topics": ["rates"]}


def test_store_that_is_not_there_is_not_made(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(StoreError):
        validate(build_settings(tmp_path), folder)
    assert list(tmp_path.iterdir()) == []


def test_missing_price_file_is_named(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"prices\.csv: no such file"):
        validate(settings, tmp_path)


def test_future_is_not_read(settings: Settings, folder: Path) -> None:
    """A clock set back sees the sessions and items until then."""
    earlier = NOW - timedelta(days=300)
    found = validate(settings, folder, now=lambda: earlier)
    assert found.circumstances.last <= earlier.date()
    assert found.table["n_items"].iloc[-3:].sum() > 0


def test_dates_without_a_time_are_counted_and_said(tmp_path: Path, folder: Path) -> None:
    items, scores, _ = made_items(np.random.default_rng(11))
    midnight = items["first_seen"].dt.normalize()
    dated = items.assign(published=midnight, first_seen=midnight)
    settings = build_settings(tmp_path)
    with open_job(settings, now=lambda: NOW) as job:
        for start in range(0, len(items), 500):
            with job.database.write() as connection:
                store.save_items(connection, dated[start : start + 500], now=NOW)
                store.save_scores(connection, scores[start : start + 500], model_id=job.bundle.model_id, now=NOW)
    found = validate(settings, folder)
    assert "imported items with a date and no time" in found.circumstances.notes[0]
    assert found.findings.at("mood", 0).correlation.value == pytest.approx(2**-0.5, abs=0.1)
