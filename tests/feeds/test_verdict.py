"""What is asked of a feed and what follows from the answer, without a network."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sentinel.feeds.answer import Answer, Errand, FetchFailure
from sentinel.feeds.fetch import is_same_origin
from sentinel.feeds.hints import NO_HINTS, ScheduleHints
from sentinel.feeds.identity import FeedItems
from sentinel.feeds.parsed import ParseFailure
from sentinel.feeds.verdict import Judge, known_state
from sentinel.records import Feed, FeedResult, FeedState, Item

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
OLD, NEW = "https://old.example/rss", "https://new.example/rss"
FEED = Feed("wire", OLD, "markets")
HELD = FeedState("wire", OLD, etag='"1"', last_modified="yesterday", checked_at=NOW, whole_at=NOW)


def judge(known: FeedState, *, feed: Feed = FEED, now: datetime = NOW, heeds: bool = False) -> Judge:
    return Judge(feed, known, now, heeds, is_same_origin)


def item(name: str) -> Item:
    return Item(name * 16, "wire", "", "", "T", "", "T", None, NOW)


def answer(moved_to: str = "", *, is_cut_off: bool = False, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(200, NEW, named, b"x", moved_to, is_cut_off)


def parse(*names: str, truncated: bool = False) -> FeedItems:
    return FeedItems(tuple(item(name) for name in names), n_skipped=0, truncated=truncated, hints=NO_HINTS)


def days_of_moves(known: FeedState, moves: list[str], feed: Feed = FEED, items: str = "ab") -> FeedState:
    """Take one good answer a day, each redirected for good to one of the addresses."""
    for day, moved_to in enumerate(moves):
        known = judge(known, feed=feed, now=NOW + day * DAY).parsed(answer(moved_to), parse(*items)).state
    return known


def test_errand_carries_validators_and_credentials_to_the_feed() -> None:
    assert judge(HELD).errand("Bearer t") == Errand(
        OLD, etag='"1"', last_modified="yesterday", authorization="Bearer t"
    )


def test_errand_asks_for_the_whole_body_once_a_day() -> None:
    errand = judge(HELD, now=NOW + DAY).errand("")
    assert (errand.etag, errand.last_modified) == ("", "")


def test_nothing_is_remembered_of_another_address() -> None:
    assert known_state(replace(FEED, url=NEW), HELD) == FeedState("wire", NEW)
    assert known_state(FEED, HELD) is HELD
    assert known_state(FEED, None) == FeedState("wire", OLD)


def test_an_address_is_replaced_after_three_days_of_the_same_move_with_known_items() -> None:
    known = days_of_moves(FeedState("wire", OLD), [NEW] * 4)
    assert (known.address, known.url, known.n_moves) == (NEW, OLD, 3)
    assert judge(known).errand("Bearer t") == Errand(NEW)


@pytest.mark.parametrize(
    "moves",
    [
        [NEW] * 3,  # the first day has nothing to compare with
        [NEW, NEW, NEW, ""],
        [NEW, NEW, "https://other.example/", NEW, NEW],
        ["http://new.example/rss"] * 9,
    ],
)
def test_an_address_is_kept_until_a_move_is_steady_and_safe(moves: list[str]) -> None:
    assert days_of_moves(FeedState("wire", OLD), moves).address == OLD


def test_moves_count_once_a_day() -> None:
    known = days_of_moves(FeedState("wire", OLD), [NEW])
    for hour in range(9):
        known = judge(known, now=NOW + timedelta(hours=hour)).parsed(answer(NEW), parse("a")).state
    assert known.n_moves == 1


def test_moves_to_a_page_without_known_items_do_not_count() -> None:
    known = FeedState("wire", OLD)
    for day in range(9):
        known = judge(known, now=NOW + day * DAY).parsed(answer(NEW), parse(str(day))).state
    assert known.address == OLD


def test_a_feed_with_credentials_never_leaves_its_origin() -> None:
    feed = replace(FEED, auth="WIRE")
    assert days_of_moves(FeedState("wire", OLD), [NEW] * 9, feed).address == OLD
    assert days_of_moves(FeedState("wire", OLD), ["https://old.example/feed"] * 9, feed).address != OLD


@pytest.mark.parametrize("statuses", [[404, 500, 0], [410]])
def test_the_configured_address_is_asked_again_when_the_new_one_fails(statuses: list[int]) -> None:
    known = days_of_moves(FeedState("wire", OLD), [NEW] * 4)
    for status in statuses:
        assert known.address == NEW
        known = judge(known).failed(FetchFailure("it failed", status)).state
    assert (known.address, known.gone_at) == (OLD, None)


def test_a_feed_that_is_gone_is_asked_no_more_and_stays_failed() -> None:
    gone = judge(HELD).failed(FetchFailure("HTTP 410 Gone", 410))
    assert gone.state.gone_at == NOW
    assert gone.reason == "HTTP 410 Gone: not asked any more, its items are kept"
    later = judge(gone.state, now=NOW + 90 * DAY).without_asking()
    assert later == FeedResult(
        "wire",
        "failed",
        "gone for good (HTTP 410) since 2026-03-02: not asked any more, its items are kept",
        gone.state,
    )


def test_a_gone_feed_that_answers_when_asked_by_hand_is_back() -> None:
    gone = judge(HELD).failed(FetchFailure("HTTP 410 Gone", 410)).state
    back = judge(gone).parsed(answer(), parse("a")).state
    assert (back.gone_at, back.n_failures, back.reason) == (None, 0, "")
    assert judge(back, now=NOW + DAY).without_asking() is None


def test_a_feed_that_waits_after_a_failure_says_what_it_was() -> None:
    failed = judge(HELD).failed(FetchFailure("HTTP 429 Too Many Requests", 429, {"retry-after": "7200"})).state
    waiting = judge(failed, now=NOW + timedelta(hours=1)).without_asking()
    assert waiting is not None
    expected = "not due before 2026-03-02 14:00 UTC; the last time: HTTP 429 Too Many Requests"
    assert (waiting.outcome, waiting.reason, waiting.state) == ("not due", expected, failed)


def test_validators_of_a_connection_that_ended_early_are_not_taken() -> None:
    whole = judge(HELD).parsed(answer(etag='"2"', last_modified="today"), parse("a"))
    cut_off = judge(HELD).parsed(answer(etag='"2"', last_modified="today", is_cut_off=True), parse("a"))
    assert (whole.state.etag, whole.state.last_modified) == ('"2"', "today")
    assert (cut_off.outcome, cut_off.state.etag, cut_off.state.last_modified) == ("fetched", "", "")


def test_whole_items_of_a_body_that_was_cut_off_are_kept_and_the_feed_counts_as_failed() -> None:
    result = judge(HELD).parsed(answer(etag='"2"'), parse("a", truncated=True))
    assert (result.outcome, len(result.items), result.state.etag) == ("failed", 1, '"1"')


def test_a_connection_that_ended_before_an_item_had_come_is_named() -> None:
    result = judge(HELD).parsed(answer(is_cut_off=True), ParseFailure("not a feed: text/xml page"))
    assert result.reason == "the connection ended before a whole item had come"


def test_hints_of_a_body_count_until_the_next_one() -> None:
    patient = replace(parse("a"), hints=ScheduleHints(ttl_minutes=600))
    known = judge(HELD).parsed(answer(), patient).state
    unchanged = judge(known).unchanged(Answer(304, OLD, {}, b"")).state
    assert known.next_check == unchanged.next_check == NOW + timedelta(minutes=585)


def test_an_unmodified_answer_may_bring_newer_validators() -> None:
    state = judge(HELD).unchanged(Answer(304, OLD, {"last-modified": "today"}, b"")).state
    assert (state.etag, state.last_modified, state.whole_at) == ('"1"', "today", NOW)


def test_a_reservation_is_noted_and_headlines_are_left_only_where_that_is_asked_for() -> None:
    reserved = answer(tdm_reservation="1", etag='"2"')
    taken = judge(HELD).parsed(reserved, parse("a"))
    assert (taken.outcome, len(taken.items), taken.state.reservation) == ("fetched", 1, "tdm-reservation: 1")
    left = judge(HELD, heeds=True).parsed(reserved, parse("a"))
    assert (left.outcome, left.items, left.state.etag) == ("failed", (), '"1"')
    assert (left.reason, left.state.reservation) == (
        "its publisher reserves what it says (tdm-reservation: 1), and respect_reservations is headlines",
        "tdm-reservation: 1",
    )
