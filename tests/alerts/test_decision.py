"""An alert is raised once: it stays open until its figure is known to be back, and a cool-down follows."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.alerts import Figure, Rule, judge
from sentinel.alerts.decision import BACK, LAPSE, LAPSED, RULE_GONE
from sentinel.alerts.rules import default_clear

if TYPE_CHECKING:
    from sentinel.alert_types import Alert

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DOWN = Rule("down", "mood", level=-30.0, is_below=True, clear=-20.0, cool_down=6 * HOUR, topic_kind="market")
STALE = Rule("stale", "stale-feed", level=1.0, is_below=False, clear=0.8, cool_down=timedelta(0), topic_kind="feed")


def feed_figures(*values: float | None, rule: Rule = DOWN) -> list[Alert]:
    """Judge a figure every hour; gives every alert as it is in the end."""
    alerts: dict[str, Alert] = {}
    for hour, value in enumerate(values):
        verdict = judge([rule], {rule.name: [Figure("market", value, "Mood")]}, alerts.values(), NOON + hour * HOUR)
        alerts |= {alert.alert_id: alert for alert in (*verdict.raised, *verdict.cleared, *verdict.seen)}
    return list(alerts.values())


def test_an_alert_is_raised_at_its_level_and_not_before() -> None:
    assert feed_figures(-29.9) == []
    (alert,) = feed_figures(-30.0)
    assert (alert.rule, alert.subject, alert.figure, alert.raised_at) == ("down", "market", -30.0, NOON)
    assert alert.cleared_at is None


def test_an_alert_that_goes_on_is_raised_once() -> None:
    (alert,) = feed_figures(-31, -40, -35, -30)
    assert (alert.raised_at, alert.checked_at, alert.figure) == (NOON, NOON + 3 * HOUR, -31)


def test_an_alert_between_its_two_levels_stays_open() -> None:
    (alert,) = feed_figures(-31, -25, -20, -31)
    assert alert.cleared_at is None


def test_an_alert_clears_beyond_its_second_level() -> None:
    (alert,) = feed_figures(-31, -19.9)
    assert (alert.cleared_at, alert.clear_reason) == (NOON + HOUR, BACK)


def test_a_cool_down_counts_from_clearing() -> None:
    assert len(feed_figures(-31, 0, -31, -31, -31, -31, -31)) == 1
    first, second = feed_figures(-31, 0, -31, -31, -31, -31, -31, -31)
    assert second.raised_at == NOON + 7 * HOUR
    assert first.alert_id != second.alert_id


@pytest.mark.parametrize("unknown", [None, math.nan, math.inf])
def test_a_figure_that_is_not_known_neither_raises_nor_clears(unknown: float | None) -> None:
    assert feed_figures(unknown) == []
    (alert,) = feed_figures(-31, unknown, unknown)
    assert (alert.cleared_at, alert.checked_at) == (None, NOON)


def test_an_alert_of_which_nothing_is_known_for_a_week_lapses() -> None:
    (alert,) = feed_figures(-31)
    early = judge([DOWN], {}, [alert], NOON + LAPSE - HOUR)
    assert (early.cleared, early.seen) == ((), (alert,))
    (lapsed,) = judge([DOWN], {}, [alert], NOON + LAPSE).cleared
    assert (lapsed.cleared_at, lapsed.clear_reason) == (NOON + LAPSE, LAPSED)


def test_what_is_counted_is_none_where_nothing_was_measured() -> None:
    (raised,) = judge([STALE], {"stale": [Figure("feed:wire", 1.0, "Feed wire is stale")]}, [], NOON).raised
    (cleared,) = judge([STALE], {}, [raised], NOON + HOUR).cleared
    assert (cleared.subject, cleared.clear_reason) == ("feed:wire", BACK)


def test_subjects_of_one_rule_are_alerts_of_their_own() -> None:
    figures = [Figure(f"feed:{name}", value, name) for name, value in (("b", 1.0), ("a", 1.0), ("c", 0.0))]
    verdict = judge([STALE], {"stale": figures}, [], NOON)
    assert [alert.subject for alert in verdict.raised] == ["feed:a", "feed:b"]


def test_the_alert_of_a_rule_that_was_taken_away_is_closed() -> None:
    (alert,) = feed_figures(-31)
    (closed,) = judge([], {}, [alert], NOON + HOUR).cleared
    assert closed == replace(alert, cleared_at=NOON + HOUR, clear_reason=RULE_GONE)


def test_the_items_behind_an_alert_are_named_with_it() -> None:
    verdict = judge([DOWN], {"down": [Figure("market", -50.0, "Mood", ("a", "b"))]}, [], NOON)
    assert verdict.item_ids == {verdict.raised[0].alert_id: ("a", "b")}


def test_the_second_level_is_a_fifth_of_the_level_back_where_none_is_named() -> None:
    assert default_clear(-30, is_below=True) == -24
    assert default_clear(10, is_below=True) == 12
    assert default_clear(5, is_below=False) == 4
    assert default_clear(0, is_below=False) == 0


steps = st.lists(
    st.tuples(st.timedeltas(timedelta(minutes=1), timedelta(days=2)), st.none() | st.floats(-100, 100)), max_size=60
)


@given(
    steps=steps,
    level=st.floats(-90, 90),
    slack=st.floats(0, 40),
    is_below=st.booleans(),
    cool_down=st.timedeltas(timedelta(0), timedelta(days=3)),
)
def test_of_any_figures_no_alert_is_raised_twice_without_clearing_between_or_within_the_cool_down(
    *, steps: list[tuple[timedelta, float | None]], level: float, slack: float, is_below: bool, cool_down: timedelta
) -> None:
    clear = level + slack if is_below else level - slack
    rule = Rule("any", "mood", level, is_below, clear, cool_down, topic_kind="market")
    now, stored = NOON, {}
    for wait, value in steps:
        now += wait
        verdict = judge([rule], {"any": [Figure("market", value, "Mood")]}, stored.values(), now)
        before = [alert for alert in stored.values() if alert.cleared_at is None]
        for alert in verdict.raised:
            assert before == []
            assert all(now - earlier.cleared_at >= cool_down for earlier in stored.values())
            assert rule.is_raised(alert.figure)
        for alert in verdict.cleared:
            assert alert.alert_id in {each.alert_id for each in before}
            assert value is None or rule.is_cleared(value)
        stored |= {alert.alert_id: alert for alert in (*verdict.raised, *verdict.cleared, *verdict.seen)}
        assert sum(alert.cleared_at is None for alert in stored.values()) <= 1


@given(level=st.floats(-100, 100), is_below=st.booleans(), value=st.floats(-100, 100))
def test_no_figure_raises_and_clears_at_once(*, level: float, is_below: bool, value: float) -> None:
    rule = Rule("any", "mood", level, is_below, default_clear(level, is_below=is_below), HOUR, topic_kind="market")
    assert not (rule.is_raised(value) and rule.is_cleared(value))
