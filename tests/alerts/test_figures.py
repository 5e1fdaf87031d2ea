"""Each rule's figure follows from the day's moods, items and feeds; what cannot be known is None."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from sentinel.alerts import Evidence, Figure, Rule, measure
from sentinel.alerts.figures import ITEM_COLUMNS, MAX_STORIES
from sentinel.records import MOOD_COLUMNS, TOPIC_COLUMNS

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TODAY = date(2026, 3, 2)
HOUR = timedelta(hours=1)


def build_rule(kind: Any, level: float, **changes: Any) -> Rule:
    values = {"is_below": False, "clear": level, "cool_down": HOUR, **changes}
    return Rule(name="one", kind=kind, level=level, **values)


def mood_rows(*rows: dict[str, Any]) -> pd.DataFrame:
    empty = {**dict.fromkeys(MOOD_COLUMNS, math.nan), "day": TODAY, "topic_kind": "market", "topic": "market"}
    return pd.DataFrame([{**empty, "n_items": 40, **row} for row in rows], columns=list(MOOD_COLUMNS))


def item_rows(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make items, an hour apart and the first at noon; each a negative story of its own unless told otherwise."""
    filled = [
        {
            "item_id": f"i{number}",
            "time": NOON - number * HOUR,
            "day": TODAY,
            "feed": "wire",
            "kind": "markets",
            "topics": "banks,rates",
            "story_id": f"i{number}",
            "weight": 1.0,
            "polarity": -0.8,
            "label": "negative",
            **row,
        }
        for number, row in enumerate(rows)
    ]
    return pd.DataFrame(filled, columns=list(ITEM_COLUMNS))


def about(ticker: str, *item_ids: str) -> pd.DataFrame:
    rows = [(item_id, "company", ticker, 1.0) for item_id in item_ids]
    return pd.DataFrame(rows, columns=list(TOPIC_COLUMNS))


def measured(rule: Rule, **known: Any) -> list[Figure]:
    items = known.pop("items", item_rows())
    values = {
        "moods": mood_rows(),
        "day_items": items[items["day"] == TODAY],
        "recent_items": items,
        "topics": about("ACME"),
        "names": {"ACME": "Acme"},
        **known,
    }
    return measure([rule], Evidence(now=NOON, **values))["one"]


def test_the_mood_of_the_market_is_told_with_its_change_and_the_stories_that_pull_it() -> None:
    items = item_rows({"polarity": -0.2}, {"polarity": -0.9}, {"polarity": 0.9, "label": "positive"})
    rule = build_rule("mood", -30, is_below=True, topic_kind="market")
    (figure,) = measured(rule, moods=mood_rows({"mood": -34.21, "change": -12.06}), items=items)
    assert figure == Figure(
        "market",
        -34.21,
        "Mood of the market -34.2, at or below -30; -12.1 from the day before; 40 items",
        ("i1", "i0"),
    )


def test_a_rule_above_a_mood_names_the_stories_that_lift_it() -> None:
    items = item_rows({}, {"polarity": 0.9, "label": "positive"}, {"polarity": 0.4, "label": "positive"})
    rule = build_rule("mood", 30, topic_kind="market")
    (figure,) = measured(rule, moods=mood_rows({"mood": 35.0}), items=items)
    assert figure.item_ids == ("i1", "i2")


def test_a_mood_of_too_little_news_is_not_known() -> None:
    (figure,) = measured(build_rule("mood", -30, is_below=True, topic_kind="market"), moods=mood_rows({}))
    assert figure.value is None or math.isnan(figure.value)


def test_a_rule_on_a_kind_of_topic_measures_each_and_one_on_a_topic_that_alone() -> None:
    moods = mood_rows(
        {"topic_kind": "company", "topic": "ACME", "mood": -50.0},
        {"topic_kind": "company", "topic": "BRRW", "mood": 5.0},
        {"mood": 1.0},
    )
    each = measured(build_rule("mood", -30, is_below=True, topic_kind="company"), moods=moods)
    assert [(figure.subject, figure.value) for figure in each] == [("company:ACME", -50.0), ("company:BRRW", 5.0)]
    assert each[0].message.startswith("Mood of Acme (ACME) -50.0, at or below -30")
    (one,) = measured(build_rule("mood", -30, is_below=True, topic_kind="company", topic="BRRW"), moods=moods)
    assert one.subject == "company:BRRW"


def test_a_z_is_compared_in_place_of_the_mood() -> None:
    rule = build_rule("z", -2.5, is_below=True, topic_kind="market")
    (figure,) = measured(rule, moods=mood_rows({"mood": -12.0, "z": -2.71}))
    assert (figure.value, figure.message) == (-2.71, "Mood of the market -12.0, z -2.7, at or below -2.5; 40 items")


@pytest.mark.parametrize(
    ("topic_kind", "topic", "item_ids"),
    [
        ("company", "ACME", ("i1",)),
        ("topic", "energy", ("i0",)),
        ("kind", "social", ("i2",)),
        ("feed", "wire", ("i0", "i1")),
    ],
)
def test_the_stories_of_a_topic_are_those_of_its_items(topic_kind: str, topic: str, item_ids: tuple[str, ...]) -> None:
    items = item_rows({"topics": "energy"}, {"topics": ""}, {"kind": "social", "feed": "crowd"})
    moods = mood_rows({"topic_kind": topic_kind, "topic": topic, "mood": -50.0})
    rule = build_rule("mood", -30, is_below=True, topic_kind=topic_kind, topic=topic)
    (figure,) = measured(rule, moods=moods, items=items, topics=about("ACME", "i1"))
    assert figure.item_ids == item_ids


def test_volume_is_a_multiple_of_the_usual_count() -> None:
    rule = build_rule("volume", 3, topic_kind="market", at_least=20)
    items = item_rows({"story_id": "i1"}, {}, {})
    (figure,) = measured(rule, moods=mood_rows({"n_items": 120, "usual_items": 30.0}), items=items)
    assert figure == Figure(
        "market",
        4.0,
        "120 items about the market, 4.0 times the usual 30, at or above 3 times",
        ("i1", "i2"),
    )


def test_volume_is_none_where_the_usual_count_is_not_known_and_small_where_items_are_few() -> None:
    rule = build_rule("volume", 3, topic_kind="market", at_least=20)
    (unknown,) = measured(rule, moods=mood_rows({"n_items": 120}))
    (few,) = measured(rule, moods=mood_rows({"n_items": 19, "usual_items": 2.0}))
    assert (unknown.value, few.value) == (None, 0.0)


def test_negative_stories_on_a_company_are_counted_within_the_window() -> None:
    rule = build_rule("negative-stories", 2, topic_kind="company", within=4 * HOUR)
    items = item_rows(
        {"polarity": -0.5},
        {"story_id": "i0"},  # a copy
        {"polarity": -0.9},
        {"label": "positive", "polarity": 0.5},
        {},  # four hours ago: too old
        {"time": NOON + HOUR},  # of the future
        {"time": NOON, "label": "", "polarity": math.nan},  # not scored
    )
    (figure,) = measured(rule, items=items, topics=about("ACME", *items["item_id"]))
    assert figure == Figure(
        "company:ACME", 2.0, "2 negative stories on Acme (ACME) within 4 h, at or above 2", ("i1", "i2")
    )


def test_a_story_is_negative_when_the_items_with_most_weight_are() -> None:
    rule = build_rule("negative-stories", 1, topic_kind="company")
    items = item_rows({"weight": 1.0, "label": "positive", "polarity": 0.5}, {"weight": 0.75, "story_id": "i0"})
    assert measured(rule, items=items, topics=about("ACME", "i0", "i1")) == []
    assert rule.absent == 0.0


def test_a_rule_on_one_company_counts_no_other() -> None:
    rule = build_rule("negative-stories", 1, topic_kind="company", topic="ACME")
    topics = pd.concat([about("ACME", "i0"), about("BRRW", "i1")])
    assert [figure.subject for figure in measured(rule, items=item_rows({}, {}), topics=topics)] == ["company:ACME"]


def test_stale_feeds_are_told_with_their_reason() -> None:
    figures = measured(build_rule("stale-feed", 1), stale={"wire": "no item since Thu", "desk": ""})
    assert figures == [
        Figure("feed:wire", 1.0, "Feed wire is stale: no item since Thu"),
        Figure("feed:desk", 0.0, "Feed desk is stale: "),
    ]
    (one,) = measured(build_rule("stale-feed", 1, topic="desk"), stale={"wire": "silent", "desk": ""})
    assert one.subject == "feed:desk"


def test_failing_feeds_are_told_with_the_hours_and_the_reason() -> None:
    (figure,) = measured(build_rule("failing-feed", 24), failing={"wire": (NOON - 30 * HOUR, "HTTP 503")})
    assert figure == Figure("feed:wire", 30.0, "Feed wire has failed for 30 h, at or above 24 h: HTTP 503")


def test_shares_are_of_all_items_of_the_day() -> None:
    items = item_rows({}, {}, {"polarity": math.nan}, {"polarity": math.nan}, {"day": TODAY - timedelta(days=1)})
    (unread,) = measured(build_rule("unread", 0.25, at_least=4), items=items, n_unread=1)
    assert (unread.subject, unread.value) == ("items", 0.25)
    assert unread.message == "1 of the day's 4 items (25%) are in a language that the model does not read, 25% or more"
    (left_out,) = measured(build_rule("left-out", 0.4, at_least=4), items=items, n_unread=1)
    assert (left_out.value, left_out.message) == (0.5, "2 of the day's 4 items (50%) count in no mood, 40% or more")


def test_a_share_of_few_items_is_not_known() -> None:
    (figure,) = measured(build_rule("unread", 0.25, at_least=4), items=item_rows({}, {}, {}), n_unread=3)
    assert figure.value is None


def test_the_weakest_canary_is_told() -> None:
    (figure,) = measured(build_rule("canary", 0.6, is_below=True), canary=0.55)
    assert figure == Figure(
        "model", 0.55, "The model gives an obvious sentence its label with 0.55 only, at or below 0.6"
    )
    assert measured(build_rule("canary", 0.6, is_below=True)) == []


def test_drift_of_the_watched_measure_is_told_where_it_is_known() -> None:
    rule = build_rule("drift", 0.25, topic_kind="drift", topic="length")
    (figure,) = measured(rule, drift={"length": 0.31, "polarity": 0.0})
    assert (figure.subject, figure.value) == ("drift:length", 0.31)
    assert figure.message == "The length of last week's items moved by 0.31 from the weeks before, at or above 0.25"
    assert measured(rule, drift={"polarity": 0.4}) == []


def test_an_alert_names_few_stories() -> None:
    items = item_rows(*[{}] * 30)
    (figure,) = measured(
        build_rule("mood", -30, is_below=True, topic_kind="market"), moods=mood_rows({"mood": -50.0}), items=items
    )
    assert len(figure.item_ids) == MAX_STORIES
