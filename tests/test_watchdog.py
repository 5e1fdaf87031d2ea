"""A dead man's switch hears how a run ended, and whatever it answers, the run does not care."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from feeds.conftest import FeedServer, Reply
from jobs import build_settings, serve_feeds

from sentinel.errors import LockHeldError, StoreError
from sentinel.pipeline import Watchdog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def switch(monkeypatch: pytest.MonkeyPatch) -> Iterator[FeedServer]:
    """Serve two addresses that the environment names."""
    with serve_feeds() as server:
        server.routes |= {"/ok-s3cret": Reply(b"OK"), "/fail-s3cret": Reply(b"OK")}
        monkeypatch.setenv("SENTINEL_PING_URL", server.url("/ok-s3cret"))
        monkeypatch.setenv("SENTINEL_PING_FAIL_URL", server.url("/fail-s3cret"))
        yield server


def test_a_run_that_ended_well_is_told(tmp_path: Path, switch: FeedServer) -> None:
    with Watchdog(build_settings(tmp_path)):
        assert switch.paths() == []
    assert switch.paths() == ["/ok-s3cret"]


def test_a_run_that_failed_is_told_to_the_other_address(tmp_path: Path, switch: FeedServer) -> None:
    with pytest.raises(StoreError), Watchdog(build_settings(tmp_path)):
        raise StoreError("full")
    assert switch.paths() == ["/fail-s3cret"]


@pytest.mark.parametrize("error", [LockHeldError("another run is at work"), KeyboardInterrupt()])
def test_a_run_that_met_another_or_was_interrupted_tells_nobody(
    tmp_path: Path, switch: FeedServer, error: BaseException
) -> None:
    with pytest.raises(type(error)), Watchdog(build_settings(tmp_path)):
        raise error
    assert switch.paths() == []


@pytest.mark.parametrize(
    ("url", "reason"),
    [("", "HTTP 500"), ("http://127.0.0.1:9/s3cret", ""), ("ftp://h/s3cret", "not http"), ("s3cret", "")],
)
def test_a_switch_that_cannot_be_told_is_logged_without_its_address(
    tmp_path: Path,
    switch: FeedServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    url: str,
    reason: str,
) -> None:
    switch.routes["/ok-s3cret"] = Reply(status=500)
    if url:
        monkeypatch.setenv("SENTINEL_PING_URL", url)
    with Watchdog(build_settings(tmp_path)):
        pass
    (message,) = caplog.messages
    assert message.startswith("the success of the run could not be told to its switch: ")
    assert reason in message
    assert "s3cret" not in message


def test_nobody_is_told_without_an_address(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Watchdog(build_settings(tmp_path)):
        pass
    assert caplog.messages == []
