"""The alerts of a feeds file are checked key by key, and every default is filled in."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from sentinel.config import load_settings
from sentinel.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from sentinel.alerts import Rule
    from sentinel.config import Settings

FEEDS = "feeds:\n  - {name: wire, url: 'https://wire.example/rss', kind: press-wire}\n"
ADDRESS = {"SENTINEL_ALERT_DESK_URL": "json://user:s3cret@desk.example/t0ken"}


def load(folder: Path, alerts: str, variables: dict[str, str] = ADDRESS) -> Settings:
    path = folder / "feeds.yaml"
    path.write_text(f"alerts:\n{alerts}{FEEDS}", encoding="utf-8")
    return load_settings(path, environment=variables).settings


def rule_of(folder: Path, rule: str) -> Rule:
    (found,) = load(folder, f"  targets: [DESK]\n  rules:\n    - {{name: one, {rule}}}\n").alerts.build_rules()
    return found


def refusal(folder: Path, alerts: str, variables: dict[str, str] = ADDRESS) -> str:
    with pytest.raises(ConfigError) as caught:
        load(folder, alerts, variables)
    assert "s3cret" not in str(caught.value)
    assert "t0ken" not in str(caught.value)
    return str(caught.value).replace(f"{folder}/", "")


@pytest.mark.parametrize(
    ("written", "level", "is_below", "clear", "topic"),
    [
        ("when: mood, below: -30", -30, True, -24, ("market", "")),
        ("when: mood, above: 40, clear: 10, topic: 'company:ACME'", 40, False, 10, ("company", "ACME")),
        ("when: z, below: -2.5, topic: sector", -2.5, True, -2, ("sector", "")),
        ("when: volume", 3, False, 2.4, ("market", "")),
        ("when: negative-stories, at_least: 5, company: ACME", 5, False, 4, ("company", "ACME")),
        ("when: stale-feed, feed: wire", 1, False, 0.8, ("feed", "wire")),
        ("when: failing-feed, for_h: 10", 10, False, 8, ("feed", "")),
        ("when: unread, above: 0.25", 0.25, False, 0.2, ("", "")),
        ("when: left-out", 0.5, False, 0.4, ("", "")),
        ("when: canary", 0.5, True, 0.6, ("", "")),
        ("when: drift, measure: novelty, above: 0.5", 0.5, False, 0.4, ("drift", "novelty")),
    ],
)
def test_a_rule_gets_its_level_its_side_and_its_second_level(
    tmp_path: Path, *, written: str, level: float, is_below: bool, clear: float, topic: tuple[str, str]
) -> None:
    rule = rule_of(tmp_path, written)
    assert (rule.level, rule.is_below, rule.clear) == (level, is_below, pytest.approx(clear))
    assert (rule.topic_kind, rule.topic) == topic
    assert (rule.cool_down, rule.targets, rule.tell_cleared) == (timedelta(hours=12), ("DESK",), False)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("when: mood, below: -30, tell: true", "line 4, alerts.rules[0].tell: unknown key"),
        ("when: mood", "needs either below or above"),
        ("when: mood, below: -30, above: 30", "needs either below or above"),
        ("when: mood, below: -130", "alerts.rules[0].below: input should be greater than or equal to -100"),
        ("when: mood, below: .nan", "alerts.rules[0].below: input should be a finite number"),
        ("when: mood, below: -30, clear: -40", "clear (-40) lies beyond the level (-30)"),
        ("when: mood, below: -30, topic: sectors", "alerts.rules[0].topic: string should match pattern"),
        ("when: volume, above: 0.5", "alerts.rules[0].above: input should be greater than 1"),
        ("when: weather, below: 3", "alerts.rules[0]: 'when' should be one of 'mood', 'z', 'volume'"),
        ("below: 3", "alerts.rules[0]: needs the key 'when'"),
        ("when: canary, targets: [PHONE]", "names the target 'PHONE', which is not among the targets"),
        ("when: canary, cool_down_h: -1", "alerts.rules[0].cool_down_h: input should be greater than or equal to 0"),
    ],
)
def test_a_rule_that_is_wrong_is_named_with_its_line_and_key(tmp_path: Path, rule: str, message: str) -> None:
    assert message in refusal(tmp_path, f"  targets: [DESK]\n  rules:\n    - {{name: one, {rule}}}\n")


@pytest.mark.parametrize(
    ("alerts", "message"),
    [
        ("  target: [DESK]\n", "feeds.yaml line 2, alerts.target: unknown key"),
        ("  targets: [desk]\n", "alerts.targets[0]: string should match pattern"),
        ("  targets: [DESK, DESK]\n", "two targets are named 'DESK'"),
        ("  deadline_s: 0\n", "alerts.deadline_s: input should be greater than or equal to 1"),
        (
            "  targets: [DESK]\n  rules:\n    - {name: a, when: canary}\n    - {name: a, when: unread}\n",
            "two rules are named 'a'",
        ),
    ],
)
def test_alerts_that_are_wrong_are_named(tmp_path: Path, alerts: str, message: str) -> None:
    assert message in refusal(tmp_path, alerts)


def test_a_target_without_an_address_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path, "  targets: [DESK]\n", {}).startswith(
        "SENTINEL_ALERT_DESK_URL: an alert target has no address"
    )


def test_an_address_without_a_target_is_named_and_not_repeated(tmp_path: Path) -> None:
    variables = {**ADDRESS, "SENTINEL_ALERT_DESC_URL": "json://user:s3cret@desk.example/"}
    found = refusal(tmp_path, "  targets: [DESK]\n", variables)
    assert found.startswith("SENTINEL_ALERT_DESC_URL: no alert target is named DESC")


def test_a_rule_is_described_with_every_default(tmp_path: Path) -> None:
    assert rule_of(tmp_path, "when: mood, below: -30").describe() == (
        "mood of the market at or below -30; clears above -24; again after 12 h at the earliest; to DESK"
    )
    assert rule_of(tmp_path, "when: negative-stories, targets: []").describe() == (
        "5 negative stories on company (any) within 24 h; clears below 4; again after 12 h at the earliest; to nobody"
    )
    assert rule_of(tmp_path, "when: stale-feed, tell_cleared: true, cool_down_h: 1").describe() == (
        "feed (any) is stale; again after 1 h at the earliest; to DESK, also when it clears"
    )
    assert rule_of(tmp_path, "when: unread, above: 0.3").describe() == (
        "30% of the items or more in a language that is not read, from 20 items on; clears below 0.24; "
        "again after 12 h at the earliest; to DESK"
    )
