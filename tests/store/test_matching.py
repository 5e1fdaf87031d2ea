from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.store.matching import Entry, match_stored
from sentinel.text import item_id

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)
EVENING = datetime(2026, 3, 2, 19, tzinfo=UTC)


def entry(guid: str, page: str, title: str, published: datetime | None = MORNING) -> Entry:
    url = f"https://e.example.com/{page}" if page else ""
    name = item_id(feed="wire", guid=guid, url=url, title=title, day=None)
    return Entry(name, "wire", guid, url, title, published)


def test_entry_whose_page_moved_to_https_is_known() -> None:
    moved, stored = entry("", "a", "Profit rises"), entry("", "a", "Profit rises")
    http = stored.url.replace("https", "http")
    stored = stored._replace(url=http, item_id=item_id(feed="wire", guid="", url=http, title="", day=None))
    assert match_stored([moved], [stored]) == {moved.item_id: stored.item_id}


def test_headline_and_time_of_a_page_are_known_under_a_new_guid() -> None:
    new, old = entry("g2", "a", "Profit rises"), entry("g1", "a", "Profit rises")
    assert match_stored([new], [old]) == {new.item_id: old.item_id}


def test_headline_of_another_time_is_new_under_a_new_guid() -> None:
    old = entry("g1", "a", "Closing bell")
    assert match_stored([entry("g2", "a", "Closing bell", EVENING)], [old]) == {}
    assert match_stored([entry("g2", "a", "Closing bell", None)], [old._replace(published=None)]) == {}


def test_guid_that_is_still_in_the_feed_belongs_to_another_entry() -> None:
    new, old = entry("g2", "a", "Profit rises"), entry("g1", "a", "Profit rises")
    assert match_stored([new, old._replace(url="https://e.example.com/b")], [old]) == {}


def test_three_headlines_on_their_pages_show_that_a_feed_invents_guids() -> None:
    old = [entry(f"old-{n}", f"{n}", f"Headline {n}") for n in range(4)]
    new = [entry(f"new-{n}", f"{n}", f"Headline {n}", EVENING) for n in range(3)]
    edited = entry("new-3", "3", "Another headline", EVENING)
    assert match_stored([*new, edited], old) == {
        fresh.item_id: stored.item_id for fresh, stored in zip([*new, edited], old, strict=True)
    }
    assert match_stored([*new[:2], edited], old) == {}


ENTRIES = st.lists(
    st.builds(
        entry,
        st.sampled_from(["", "g1", "g2", "g3"]),
        st.sampled_from(["", "a", "b", "c"]),
        st.sampled_from(["Up", "Down", "Flat"]),
        st.sampled_from([None, MORNING, EVENING]),
    ),
    max_size=6,
    unique_by=lambda one: one.item_id,
)


@settings(deadline=None)
@given(fetched=ENTRIES, stored=ENTRIES)
def test_match_stored_goes_from_fresh_entries_to_stored_items_in_any_order(
    fetched: list[Entry], stored: list[Entry]
) -> None:
    matched = match_stored(fetched, stored)
    known = {item.item_id for item in stored}
    assert set(matched) <= {one.item_id for one in fetched} - known
    assert set(matched.values()) <= known
    assert matched == match_stored(fetched[::-1], stored[::-1])
