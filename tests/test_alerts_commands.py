"""`sentinel alerts` tries the targets and lists what was raised; `check` shows the rules and no address."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from alerts.receivers import webhook
from jobs import LOSS, build_swapped_bundle, feed_entry, news, serve_feeds
from test_cli import WIRE, assert_one_line, sentinel, write_feeds

from sentinel.alert_types import Alert, Delivery
from sentinel.store import open_database, save_alerts, save_deliveries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("_own_logs")

ALERTS = """alerts:
  targets: [DESK, PHONE]
  rules: [{name: down, when: mood, below: -30, targets: [DESK]}]
"""
NOW = datetime.now(UTC).replace(microsecond=0)  # what is listed counts from today
OPEN = Alert("a1", "down", "mood", "market", "Mood of the market -34.2", -34.2, NOW, NOW, headlines=("Oil \x1b[31m",))
CLEARED = replace(
    OPEN, alert_id="a2", raised_at=NOW - timedelta(days=1), cleared_at=NOW, clear_reason="back to usual", headlines=()
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder with a feeds file of two targets that nobody serves."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "feeds.yaml").write_text(ALERTS + WIRE, encoding="utf-8")
    for name in ("DESK", "PHONE"):
        monkeypatch.setenv(f"SENTINEL_ALERT_{name}_URL", "json://robot:s3cret@127.0.0.1:9/t0ken")
    return tmp_path


def test_a_test_tells_every_target_and_says_what_came_of_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with webhook() as desk, webhook(503) as phone:
        monkeypatch.setenv("SENTINEL_ALERT_DESK_URL", desk.address)
        monkeypatch.setenv("SENTINEL_ALERT_PHONE_URL", phone.address)
        result = sentinel("alerts", "test")
    assert result.exit_code == 1
    head, *rows = [line.split() for line in result.stdout.splitlines()]
    assert head == ["target", "service", "outcome", "seconds", "reason"]
    assert [row[:3] for row in rows] == [["DESK", "JSON", "delivered"], ["PHONE", "JSON", "failed"]]
    assert rows[1][4:] == ["answered", "HTTP", "503", "Service", "Unavailable"]
    assert result.stderr == "sentinel: 1 of 2 targets could not be told\n"
    assert "t0ken" not in result.output
    assert [told["title"] for told in desk.received] == ["sentinel: test"]


def test_a_test_of_one_target_leaves_the_others_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with webhook() as desk:
        monkeypatch.setenv("SENTINEL_ALERT_DESK_URL", desk.address)
        result = sentinel("alerts", "test", "--target", "DESK", "--json")
    assert (result.exit_code, result.stderr) == (0, "sentinel: 1 of 1 targets told\n")
    told = json.loads(result.stdout)
    assert told.pop("elapsed_s") >= 0
    assert told == {"target": "DESK", "error": "", "service": "JSON", "outcome": "delivered"}
    assert not (folder / "sentinel.db").exists()


def test_a_test_without_such_a_target_says_which_there_are(folder: Path) -> None:
    assert_one_line(sentinel("alerts", "test", "--target", "DISK"), 2, "no alert target is named DISK", "DESK, PHONE")


def test_a_test_without_targets_says_where_to_name_them(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "feeds.yaml").write_text(WIRE, encoding="utf-8")
    for name in ("DESK", "PHONE"):
        monkeypatch.delenv(f"SENTINEL_ALERT_{name}_URL")
    assert_one_line(sentinel("alerts", "test"), 2, "no alert targets are configured", "alerts: targets:")


def test_a_list_shows_open_alerts_first_with_what_was_told(folder: Path) -> None:
    opened = open_database(str(folder / "sentinel.db"))
    with opened.write() as connection:
        save_alerts(connection, [CLEARED, OPEN])
        failed = Delivery("a1", "DESK", "raised", "given up", 5, NOW, "no connection")
        save_deliveries(connection, [failed, Delivery("a2", "DESK", "cleared", "delivered", 1, NOW)])
    opened.close()
    result = sentinel("alerts", "list")
    assert (result.exit_code, result.stderr) == (0, "sentinel: 1 open, 1 cleared, 1 not delivered\n")
    _, first, second = result.stdout.splitlines()
    assert first.startswith(f"open     {NOW:%Y-%m-%d %H:%M} UTC")
    assert first.endswith("down  -34.2   DESK given up (no connection)  Mood of the market -34.2")
    assert second.startswith("cleared  ")
    assert "DESK of its end delivered" in second
    found = [json.loads(line) for line in sentinel("alerts", "list", "--json").stdout.splitlines()]
    assert [alert["status"] for alert in found] == ["open", "cleared"]
    assert found[0]["headlines"] == ["Oil \x1b[31m"]
    assert found[0]["deliveries"][0] == {
        "target": "DESK",
        "event": "raised",
        "state": "given up",
        "n_attempts": 5,
        "tried_at": f"{NOW:%Y-%m-%dT%H:%M:%SZ}",
        "last_error": "no connection",
    }


def test_a_list_without_a_store_says_so(folder: Path) -> None:
    assert_one_line(sentinel("alerts", "list"), 1, "there is no store yet")


def test_a_list_of_no_alerts_is_empty(folder: Path) -> None:
    open_database(str(folder / "sentinel.db")).close()
    result = sentinel("alerts", "list")
    assert (result.stdout, result.stderr) == ("", "sentinel: 0 open, 0 cleared, 0 not delivered\n")


def test_check_shows_the_rules_and_services_and_no_address(folder: Path) -> None:
    result = sentinel("check")
    assert result.exit_code == 0
    assert "mood of the market at or below -30; clears above -24; again after 12 h at the earliest; to DESK" in (
        result.stdout
    )
    assert "ok: rules: 1, told to DESK (JSON), PHONE (JSON)" in result.stdout
    as_json = sentinel("check", "--json")
    assert json.loads(as_json.stdout)["settings"]["alerts"]["targets"] == ["DESK", "PHONE"]
    for output in (result.output, as_json.output):
        assert "s3cret" not in output
        assert "t0ken" not in output


def test_check_names_the_variable_of_an_address_that_cannot_be_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SENTINEL_ALERT_PHONE_URL", "carrier-pigeon://t0ken")
    result = sentinel("check")
    assert_one_line(result, 2, "SENTINEL_ALERT_PHONE_URL", "its address is none that apprise reads")
    assert "t0ken" not in result.output


@pytest.fixture
def served(folder: Path) -> Iterator[Path]:
    """Serve the feed of the feeds file, with the news of now."""
    with serve_feeds() as server:
        server.routes["/wire"] = news(*((f"{LOSS} in {place}", NOW) for place in ("Peru", "Spain", "Italy", "Chile")))
        entry = feed_entry("wire", server.url("/wire"))
        rules = [
            {"name": "down", "when": "mood", "below": -1, "targets": ["DESK"]},
            {"name": "model", "when": "canary", "targets": ["DESK"]},
        ]
        write_feeds(folder, entry, alerts={"targets": ["DESK", "PHONE"], "rules": rules}, universe="none")
        yield folder


def test_a_run_whose_target_cannot_be_reached_ends_well_and_says_so(served: Path) -> None:
    result = sentinel("run")
    assert result.exit_code == 0
    warning, summary = result.stderr.splitlines()
    assert warning.endswith("alerts were not delivered to DESK: no connection")
    assert ", 4 scored, 1 alert, " in summary
    assert result.stdout == f"{served / 'reports' / 'index.html'}\n"


def test_a_run_with_a_model_that_is_refused_tells_it_and_ends_with_its_error(
    served: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with webhook() as desk:
        monkeypatch.setenv("SENTINEL_ALERT_DESK_URL", desk.address)
        bundle = build_swapped_bundle(served / "swapped")
        assert_one_line(sentinel("run", "--model", str(bundle)), 1, str(bundle), "nothing was scored")
    assert [told["title"].partition(",")[0] for told in desk.received] == ["sentinel: The model was refused"]
