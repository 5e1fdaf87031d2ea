"""Items get their stories one after the other, within 72 hours, whatever the runs they come in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.records import StoryItem
from sentinel.stories import WINDOW, StoryWindow, contradict, read_headline, window

if TYPE_CHECKING:
    import random

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NEWS = "Barrowgate agrees to buy rival Lantry"


def item(number: int, title: str = NEWS, *, hours: float = 0, published: datetime | None = None) -> StoryItem:
    return StoryItem(f"{number:04d}", title, NOON + hours * HOUR, published)


def group(items: list[StoryItem], known: dict[str, str] | None = None) -> dict[str, str]:
    """Give items their stories in order of first_seen, all at once or on top of those known."""
    stories = dict(known or {})
    by_id = {one.item_id: one for one in items}
    open_stories = StoryWindow()
    for item_id, lead_id in stories.items():
        open_stories.restore(by_id[item_id], by_id[lead_id])
    for one in sorted(items, key=lambda one: (one.first_seen, one.item_id)):
        if one.item_id not in stories:
            open_stories.close_before(one.first_seen)
            stories[one.item_id] = open_stories.place(one)
    return stories


def test_the_first_seen_leads_and_copies_and_rewrites_follow() -> None:
    items = [
        item(3, f"UPDATE 1-{NEWS}; shares jump", hours=2),
        item(2, hours=1),
        item(9),
        item(4, "Kessel mine in Peru flooded", hours=1),
    ]
    assert group(items) == {"0009": "0009", "0002": "0009", "0003": "0009", "0004": "0004"}


@pytest.mark.parametrize(("hours", "is_same"), [(72, True), (72.01, False)])
def test_a_copy_belongs_to_a_story_for_72_hours_after_its_lead(hours: float, *, is_same: bool) -> None:
    stories = group([item(1), item(2, hours=hours)])
    assert (stories["0002"] == "0001") is is_same


@pytest.mark.parametrize(("hours", "is_same"), [(18, True), (18.01, False)])
def test_a_loose_rewrite_belongs_to_a_story_for_18_hours(hours: float, *, is_same: bool) -> None:
    stories = group([item(1), item(2, "Barrowgate agrees Lantry takeover; holders to vote", hours=hours)])
    assert (stories["0002"] == "0001") is is_same


def test_items_that_claim_times_further_apart_are_other_stories_though_seen_at_once() -> None:
    claimed = [NOON, NOON - WINDOW, NOON - WINDOW - HOUR]
    stories = group([item(number, published=time) for number, time in enumerate(claimed)])
    assert stories == {"0000": "0000", "0001": "0000", "0002": "0002"}


def test_a_headline_that_comes_back_every_day_begins_a_story_every_few_days() -> None:
    stories = group([item(day, "Harbour morning report", hours=24 * day) for day in range(9)])
    assert list(stories.values()) == ["0000"] * 4 + ["0004"] * 4 + ["0008"]


def test_two_headlines_that_contradict_are_never_one_story_by_way_of_a_third() -> None:
    stories = group(
        [
            item(1, "Barrowgate posts Harbour mill loss"),
            item(2, "Barrowgate posts Harbour mill loss of $5 mln", hours=1),
            item(3, "Barrowgate posts Harbour mill loss of $6 mln", hours=2),
        ]
    )
    assert stories == {"0001": "0001", "0002": "0001", "0003": "0003"}


def test_a_title_without_words_is_a_story_of_its_own() -> None:
    assert group([item(1, "..."), item(2, "?"), item(3, "")]) == {"0001": "0001", "0002": "0002", "0003": "0003"}


def test_an_item_told_late_joins_a_story_and_changes_no_lead() -> None:
    first = group([item(5), item(6, hours=1)])
    late = [item(1, hours=-3), item(2, hours=-80)]
    stories = group([item(5), item(6, hours=1), *late], known=first)
    assert stories == {"0005": "0005", "0006": "0005", "0001": "0005", "0002": "0002"}


def test_only_the_window_is_remembered() -> None:
    open_stories = StoryWindow()
    sizes = []
    for number in range(2_000):
        one = item(number, f"Harbour {number} ferry {number % 7} runs aground", hours=number)
        open_stories.close_before(one.first_seen)
        open_stories.place(one)
        sizes.append(len(open_stories))
    assert max(sizes) == 73
    held = (open_stories._by_key, open_stories._by_token, open_stories._by_age)
    assert all(len(part) <= 73 * 5 for part in held)
    assert max(map(len, open_stories._by_token.values())) <= 73


def test_the_oldest_of_too_many_stories_are_closed_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "MAX_OPEN_STORIES", 10)
    open_stories = StoryWindow()
    for number in range(50):
        one = item(number, f"Harbour ferry {number} runs aground", hours=number / 60)
        open_stories.close_before(one.first_seen)
        open_stories.place(one)
    assert len(open_stories) == 11
    assert open_stories.place(item(99, "Harbour ferry 49 runs aground", hours=1)) == "0049"
    assert open_stories.place(item(98, "Harbour ferry 2 runs aground", hours=1)) == "0098"


SUBJECTS = ("Barrowgate", "Lantry", "Kessel copper", "Oil", "Harbour ferry")
EVENTS = (
    "profit rises {} percent on strong demand",
    "profit falls {} percent on weak demand",
    "to cut {} jobs in Finland",
    "will not cut {} jobs in Finland",
    "wins ${} mln order for tugs",
    "mill shut after fire",
)
titles = st.builds(
    lambda mark, subject, event, number: f"{mark}{subject} {event.format(number)}",
    st.sampled_from(("", "UPDATE 1-", "RPT-")),
    st.sampled_from(SUBJECTS),
    st.sampled_from(EVENTS),
    st.sampled_from((5, 6, 50)),
)
times = st.integers(min_value=0, max_value=7 * 24 * 4)


@st.composite
def item_lists(draw: st.DrawFn, *, hours: int = 7 * 24) -> list[StoryItem]:
    drawn = draw(st.lists(st.tuples(titles, st.integers(0, hours * 4)), min_size=1, max_size=40))
    return [item(number, title, hours=quarters / 4) for number, (title, quarters) in enumerate(drawn)]


@given(item_lists())
@settings(deadline=None)
def test_stories_are_a_partition_led_by_the_first_seen(items: list[StoryItem]) -> None:
    stories = group(items)
    by_id = {one.item_id: one for one in items}
    assert stories.keys() == by_id.keys()
    for item_id, lead_id in stories.items():
        one, lead = by_id[item_id], by_id[lead_id]
        assert stories[lead_id] == lead_id
        assert (lead.first_seen, lead_id) <= (one.first_seen, item_id)
        assert one.first_seen - lead.first_seen <= WINDOW


@given(item_lists(hours=72))
@settings(deadline=None)
def test_copies_of_one_title_within_the_window_share_a_story(items: list[StoryItem]) -> None:
    stories = group(items)
    by_key: dict[str, set[str]] = {}
    for one in items:
        by_key.setdefault(read_headline(one.title).key, set()).add(stories[one.item_id])
    assert all(len(story_ids) == 1 for story_ids in by_key.values())


@given(item_lists(), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_the_rows_changes_nothing(items: list[StoryItem], chance: random.Random) -> None:
    shuffled = list(items)
    chance.shuffle(shuffled)
    assert group(shuffled) == group(items)


@given(item_lists(), times)
@settings(deadline=None)
def test_a_split_over_two_runs_changes_nothing(items: list[StoryItem], quarters: int) -> None:
    moment = NOON + quarters / 4 * HOUR
    first = group([one for one in items if one.first_seen <= moment])
    assert group(items, known=first) == group(items)


@given(item_lists())
@settings(deadline=None)
def test_grouping_again_changes_nothing(items: list[StoryItem]) -> None:
    stories = group(items)
    assert group(items, known=stories) == stories


@given(item_lists())
@settings(deadline=None)
def test_no_two_headlines_of_a_story_contradict(items: list[StoryItem]) -> None:
    told: dict[str, list[str]] = {}
    stories = group(items)
    for one in items:
        told.setdefault(stories[one.item_id], []).append(one.title)
    for story in told.values():
        headlines = [read_headline(title) for title in story]
        assert not any(contradict(one, other) for one in headlines for other in headlines)


@given(titles.filter(lambda title: "5" in title), st.integers(7, 4_000))
@settings(deadline=None)
def test_a_headline_with_a_number_changed_never_joins(title: str, number: int) -> None:
    changed = title.replace("50", "5").replace("5", str(number))
    assert group([item(1, title), item(2, changed, hours=1)])["0002"] == "0002" or str(number) in title
