"""Explanations and audits from end to end: the commands, and the page of a day."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from jobs import LOSS, NOON, PROFIT, digests, feed_entry, job_in, news, serve_feeds

from sentinel import pipeline
from sentinel.cli import main
from sentinel.model.attribution import Explainer
from sentinel.pipeline.explaining import EXPLAINED_DAYS
from sentinel.report.explained_items import EXPLANATIONS_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from feeds.conftest import FeedServer

TODAY = NOON.date()
OTHER_LOSS = "Ostrey Bank cuts 4,000 jobs as losses widen"


@pytest.fixture
def server() -> Iterator[FeedServer]:
    """Serve a feed of three stories."""
    with serve_feeds() as feed_server:
        times = (NOON - timedelta(hours=hours) for hours in (1, 2, 3))
        feed_server.routes["/feed"] = news(*zip((PROFIT, LOSS, OTHER_LOSS), times, strict=True))
        yield feed_server


def _refuse(self: Explainer, raw: str) -> None:
    raise AssertionError(f"asked again: {raw}")


def test_leading_stories_are_explained_once(
    tmp_path: Path, server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page says why; written again from what is on file, every byte is the same and the model is not asked."""
    with job_in(tmp_path, feed_entry("wire", server.url("/feed"))) as job:
        pipeline.run_once(job)
        page = (tmp_path / "reports" / str(TODAY) / "index.html").read_text(encoding="utf-8")
        kept = json.loads((tmp_path / "reports" / str(TODAY) / EXPLANATIONS_NAME).read_bytes())
        assert sorted(row["text"] for row in kept["explanations"]) == sorted((PROFIT, LOSS, OTHER_LOSS))
        assert page.count("<summary>Why negative</summary>") == 2
        assert page.count("<summary>Why positive</summary>") == 1
        before = digests(tmp_path / "reports")
        monkeypatch.setattr(Explainer, "explain", _refuse)
        pipeline.write_reports(job, [TODAY])
        assert digests(tmp_path / "reports") == before


def test_days_that_are_over_are_not_explained_anew(tmp_path: Path, server: FeedServer) -> None:
    """A page of a past day is the same whenever it is made, and a long span costs no more than its last days."""
    with job_in(tmp_path, feed_entry("wire", server.url("/feed"))) as job:
        pipeline.run_once(job)
        for file in (tmp_path / "reports").rglob(EXPLANATIONS_NAME):
            file.unlink()
        pipeline.write_reports(job, [TODAY])
        assert [path.parent.name for path in (tmp_path / "reports").rglob(EXPLANATIONS_NAME)] == [str(TODAY)]
        next(iter((tmp_path / "reports").rglob(EXPLANATIONS_NAME))).unlink()
        later = [TODAY + timedelta(days=number) for number in range(EXPLAINED_DAYS + 1)]
        clock = NOON + timedelta(days=EXPLAINED_DAYS)
        object.__setattr__(job, "now", lambda: clock)
        pipeline.write_reports(job, later)
        pipeline.write_reports(job, [TODAY])
        assert not list((tmp_path / "reports").rglob(EXPLANATIONS_NAME))


def test_explain_prints_what_its_json_holds(tmp_path: Path) -> None:
    """Shares, error and change are printed, as JSON, and written as a page."""
    page = tmp_path / "why.html"
    result = CliRunner().invoke(main, ["explain", LOSS, "--json", "--html", str(page)])
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert [word["text"] for word in found["words"]] == LOSS.split()
    total = sum(word["share"] for word in found["words"])
    assert total == pytest.approx(found["polarity"] - found["reference"] + found["completeness_error"], abs=1e-4)
    assert found["label"] == "negative"
    assert "it would be" in page.read_text(encoding="utf-8")


def test_audit_measures_other_lists(tmp_path: Path) -> None:
    """A folder of one's own lists is audited in place of the packaged ones, and the page names the largest shift."""
    (tmp_path / "headlines.csv").write_text("kind,label,text\ntown,positive,{town} bank's profit rises\n", "utf-8")
    (tmp_path / "town.csv").write_text("town,side\nAxford,left\nBorlund,left\nCymere,right\n", "utf-8")
    page = tmp_path / "audit.html"
    command = ["audit", "packaged", "--json", "--words", str(tmp_path), "--html", str(page)]
    found = json.loads(CliRunner().invoke(main, command).stdout)
    left, right = found["shifts"]
    assert (left["group"], left["n_texts"], right["n_texts"]) == ("left", 2, 1)
    assert left["shift"]["value"] == pytest.approx(-right["shift"]["value"])
    assert "The largest shift is" in page.read_text(encoding="utf-8")
    assert "Axford" in CliRunner().invoke(main, command[:2] + command[3:]).stdout


def test_audit_names_a_list_that_is_missing(tmp_path: Path) -> None:
    """One line, exit code 2."""
    result = CliRunner().invoke(main, ["audit", "packaged", "--words", str(tmp_path)])
    assert result.exit_code == 2
    assert "headlines.csv" in result.stderr
