"""A run judges the current day, tells the targets once, and shows on the page what it found."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from alerts.receivers import webhook
from jobs import (
    NOON,
    Clock,
    build_settings,
    build_swapped_bundle,
    digests,
    feed_entry,
    job_in,
    news,
    query,
    serve_feeds,
)

from sentinel import pipeline
from sentinel.errors import CanaryError, ConfigError, ReportError
from sentinel.pipeline.alerts import check_rules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from feeds.conftest import FeedServer

HOUR = timedelta(hours=1)
LOSSES = (
    "Quarterly loss of Acme widens as sales slump",
    "Acme warns on profit after recall of its pumps",
    "Lender Lantry cuts its dividend after heavy losses",
    "Regulator fines Acme over safety failings",
    "Shares of Barrowgate plunge after it files for bankruptcy",
    "Factory orders fall sharply for a third month",
)
ACME = {"ticker": "ACME", "names": ["Acme"], "sector": "industrials"}
CLUSTER = {"name": "cluster", "when": "negative-stories", "at_least": 3}
SENT = "SELECT target, event, state, n_attempts, last_error FROM alert_deliveries ORDER BY target, event"


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with serve_feeds() as feed_server:
        feed_server.routes["/wire"] = news(*((title, NOON - HOUR) for title in LOSSES))
        yield feed_server


def run(server: FeedServer, folder: Path, alerts: dict[str, Any], clock: Clock | None = None) -> Any:
    entry = feed_entry("wire", server.url("/wire"))
    with job_in(folder, entry, clock=clock, alerts=alerts, universe="none", watchlist=[ACME]) as job:
        return pipeline.run_once(job, asks_all=True)


def test_a_run_raises_stores_tells_and_shows_an_alert(
    server: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = [CLUSTER, {"name": "down", "when": "mood", "below": -20}, {"name": "up", "when": "mood", "above": 20}]
    with webhook() as desk:
        monkeypatch.setenv("SENTINEL_ALERT_DESK_URL", desk.address)
        summary = run(server, tmp_path, {"targets": ["DESK"], "rules": rules})
    assert summary.n_alerts == 2
    (told,) = desk.received
    assert told["title"].startswith("sentinel: 3 negative stories on Acme (ACME) within 24 h")
    assert told["title"].endswith("(and 1 more)")
    for words in (LOSSES[0], "Mood of the market -", "rule down", f"{NOON.date()}/index.html#alerts"):
        assert words in told["message"]
    page = (tmp_path / "reports" / str(NOON.date()) / "index.html").read_text(encoding="utf-8")
    for words in ('<section id="alerts">', "2 alerts open", "3 negative stories on Acme (ACME)", LOSSES[3]):
        assert words in page
    assert query(tmp_path / "sentinel.db", SENT) == [("DESK", "raised", "delivered", 1, "")] * 2
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"s3cret" not in everything
    assert b"t0ken" not in everything


def test_a_target_that_fails_fails_no_run_and_is_told_once_by_the_next(
    server: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    with webhook(500, 200) as desk:
        monkeypatch.setenv("SENTINEL_ALERT_DESK_URL", desk.address)
        assert run(server, tmp_path, {"targets": ["DESK"], "rules": [CLUSTER]}, clock).n_alerts == 1
        assert "alerts were not delivered to DESK: answered HTTP 500 Internal Server Error" in caplog.text
        (failed,) = query(tmp_path / "sentinel.db", SENT)
        clock.time += HOUR
        assert run(server, tmp_path, {"targets": ["DESK"], "rules": [CLUSTER]}, clock).n_alerts == 0
        clock.time += HOUR
        run(server, tmp_path, {"targets": ["DESK"], "rules": [CLUSTER]}, clock)
    assert failed == ("DESK", "raised", "pending", 1, "answered HTTP 500 Internal Server Error")
    assert query(tmp_path / "sentinel.db", SENT) == [("DESK", "raised", "delivered", 2, "")]
    first, second = desk.received  # the attempt that failed, and the one that did not
    assert "could not be delivered before" not in first["message"]
    assert "could not be delivered before" in second["message"]
    assert "t0ken" not in caplog.text


def test_a_message_links_to_the_site_where_there_is_one(
    server: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alerts = {"targets": ["DESK"], "rules": [{"name": "model", "when": "canary"}]}
    bundle = build_swapped_bundle(tmp_path / "swapped")
    settings = build_settings(tmp_path, alerts=alerts, model=str(bundle), site_url="https://desk.example/mood")
    with webhook() as desk:
        monkeypatch.setenv("SENTINEL_ALERT_DESK_URL", desk.address)
        with pytest.raises(CanaryError), pipeline.canary_told(settings, now=Clock()):
            pipeline.prepare(settings, now=Clock())
    assert f"Page: https://desk.example/mood/{NOON.date()}/index.html#alerts" in desk.received[0]["message"]


def test_an_alert_that_clears_is_told_where_the_rule_says_so(
    server: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    alerts = {"targets": ["DESK"], "rules": [{**CLUSTER, "within_h": 2, "tell_cleared": True}]}
    with webhook() as desk:
        monkeypatch.setenv("SENTINEL_ALERT_DESK_URL", desk.address)
        run(server, tmp_path, alerts, clock)
        clock.time += 2 * HOUR
        assert run(server, tmp_path, alerts, clock).n_alerts == 0
    assert [told["title"].split(":")[1][:10] for told in desk.received] == [" 3 negativ", " 1 cleared"]
    page = (tmp_path / "reports" / str(NOON.date()) / "index.html").read_text(encoding="utf-8")
    assert "✓ cleared" in page
    assert "▲ open" not in page


def test_a_page_of_the_same_store_is_the_same_and_one_as_of_before_shows_no_alert(
    server: FeedServer, tmp_path: Path
) -> None:
    alerts = {"rules": [CLUSTER]}
    clock = Clock()
    run(server, tmp_path, alerts, clock)
    page = tmp_path / "reports" / str(NOON.date()) / "index.html"
    assert "3 negative stories" in page.read_text(encoding="utf-8")
    before = digests(tmp_path / "reports")
    run(server, tmp_path, alerts, clock)
    assert digests(tmp_path / "reports") == before
    clock.time += HOUR
    entry = feed_entry("wire", server.url("/wire"))
    with job_in(tmp_path, entry, clock=clock, alerts=alerts, universe="none", watchlist=[ACME]) as job:
        pipeline.write_reports(job, [NOON.date()])
        assert digests(tmp_path / "reports") == before
        pipeline.write_reports(job, [NOON.date()], as_of=NOON - timedelta(seconds=1))
        assert "No rule in feeds.yaml found anything unusual" in page.read_text(encoding="utf-8")
        pipeline.write_reports(job, [NOON.date()], as_of=NOON)
        assert "3 negative stories" in page.read_text(encoding="utf-8")


def test_no_old_day_is_judged(server: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "old.csv"
    rows = [f"2026-02-2{day}T0{hour}:00:00Z,{title}" for day in range(9) for hour, title in enumerate(LOSSES)]
    table.write_text("published,title\n" + "\n".join(rows) + "\n", encoding="utf-8")
    server.routes["/wire"] = news(("The board meets on Tuesday", NOON))
    alerts = {"targets": ["DESK"], "rules": [CLUSTER, {"name": "down", "when": "mood", "below": -20}]}
    entry = feed_entry("wire", server.url("/wire"))
    with (
        webhook() as desk,
        job_in(tmp_path, entry, alerts=alerts, universe="none", watchlist=[ACME]) as job,
    ):
        monkeypatch.setenv("SENTINEL_ALERT_DESK_URL", desk.address)
        pipeline.import_items(
            job, str(table), feed="archive", text_column="title", time_column="published", timezone="UTC"
        )
        summary = pipeline.run_once(job)
    assert summary.n_scored > len(LOSSES)
    assert (summary.n_alerts, desk.bodies) == (0, [])


def test_a_model_that_is_refused_is_told_before_the_run_ends_with_it(
    server: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alerts = {"targets": ["DESK"], "rules": [{"name": "model", "when": "canary"}, CLUSTER]}
    bundle = build_swapped_bundle(tmp_path / "swapped")
    settings = build_settings(
        tmp_path, feed_entry("wire", server.url("/wire")), alerts=alerts, model=str(bundle), universe="none"
    )
    with webhook() as desk:
        monkeypatch.setenv("SENTINEL_ALERT_DESK_URL", desk.address)
        for _ in range(2):  # the second finds the alert open
            with pytest.raises(CanaryError), pipeline.canary_told(settings, now=Clock()):
                pipeline.prepare(settings, now=Clock())
        with pytest.raises(CanaryError), pipeline.open_job(settings, now=Clock()) as job:
            pipeline.run_once(job)
    (told,) = desk.received
    assert told["title"].startswith("sentinel: The model was refused, and nothing was scored")
    assert str(bundle) not in told["message"]
    assert query(tmp_path / "sentinel.db", "SELECT rule, subject, cleared_at FROM alerts") == [("model", "model", None)]


def test_the_refusal_of_a_model_opens_no_store_where_no_rule_watches_it(tmp_path: Path) -> None:
    settings = build_settings(tmp_path, model=str(build_swapped_bundle(tmp_path / "swapped")))
    with pytest.raises(CanaryError), pipeline.canary_told(settings):
        pipeline.prepare(settings)
    assert not (tmp_path / "sentinel.db").exists()


def test_a_canary_that_is_sure_enough_raises_nothing(server: FeedServer, tmp_path: Path) -> None:
    rules = [{"name": "model", "when": "canary", "below": 0.5}]
    assert run(server, tmp_path, {"rules": rules}).n_alerts == 0
    assert run(server, tmp_path, {"rules": [{**rules[0], "below": 1.0, "clear": 1.0}]}).n_alerts == 1


def test_a_feed_that_fails_for_long_is_an_alert_that_clears_when_it_answers(server: FeedServer, tmp_path: Path) -> None:
    clock = Clock()
    alerts = {"rules": [{"name": "failing", "when": "failing-feed", "for_h": 5}]}
    good = server.routes.pop("/wire")
    assert [run(server, tmp_path, alerts, clock).n_alerts] == [0]
    clock.time += 6 * HOUR
    assert run(server, tmp_path, alerts, clock).n_alerts == 1
    server.routes["/wire"] = good
    clock.time += HOUR
    run(server, tmp_path, alerts, clock)
    ((message, reason),) = query(tmp_path / "sentinel.db", "SELECT message, clear_reason FROM alerts")
    assert message.startswith("Feed wire has failed for 6 h, at or above 5 h: ")
    assert reason == "back to usual"


def test_alerts_are_kept_when_the_page_cannot_be_written(
    server: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / str(NOON.date())).write_text("in the way", encoding="utf-8")
    with webhook() as desk:
        monkeypatch.setenv("SENTINEL_ALERT_DESK_URL", desk.address)
        with pytest.raises(ReportError):
            run(server, tmp_path, {"targets": ["DESK"], "rules": [CLUSTER]})
        assert desk.bodies == []
        (tmp_path / "reports" / str(NOON.date())).unlink()
        run(server, tmp_path, {"targets": ["DESK"], "rules": [CLUSTER]})
    assert len(desk.received) == 1


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"when": "mood", "below": -3, "topic": "company:ACNE"}, "there is no company 'ACNE'"),
        ({"when": "mood", "below": -3, "topic": "sector:industrial"}, "there is no sector 'industrial'"),
        ({"when": "z", "below": -3, "topic": "theme:weather"}, "there is no theme 'weather'"),
        ({"when": "volume", "topic": "kind:market"}, "there is no kind 'market'"),
        ({"when": "negative-stories", "company": "ACNE"}, "there is no company 'ACNE'"),
        ({"when": "stale-feed", "feed": "wiry"}, "there is no feed 'wiry'"),
    ],
)
def test_a_rule_on_what_there_is_not_is_refused(tmp_path: Path, rule: dict[str, Any], message: str) -> None:
    settings = build_settings(
        tmp_path, universe="none", watchlist=[ACME], alerts={"rules": [CLUSTER, {"name": "two", **rule}]}
    )
    with pytest.raises(ConfigError, match=rf"^alerts\.rules\[1\]: {message}"):
        check_rules(settings, settings.build_watchlist())
