"""Items are stored once and never change; a score belongs to an item and a model."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pandas as pd
import pytest
import sqlalchemy as sa

from sentinel.errors import StoreError
from sentinel.feeds import build_items_frame
from sentinel.feeds.identity import build_items as build_parsed_items
from sentinel.feeds.parse import parse_feed
from sentinel.feeds.parsed import ParsedFeed
from sentinel.records import LABELS, SCORED_ITEM_COLUMNS, Feed
from sentinel.store import (
    Database,
    load_scored_items,
    load_text_scores,
    load_unscored,
    load_versions,
    save_items,
    save_languages,
    save_scores,
    schema,
)
from sentinel.store.items import IDS_PER_QUERY

from .conftest import NOON, build_items, build_scores

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LATER = NOON + DAY


def save(database: Database, items: pd.DataFrame, now: datetime = NOON) -> int:
    with database.write() as connection:
        return save_items(connection, items, now=now)


def score(database: Database, positive: dict[str, float], model_id: str = "m1") -> None:
    with database.write() as connection:
        save_scores(connection, build_scores(positive), model_id=model_id, now=NOON)


def unscored(database: Database, model_id: str = "m1", limit: int = 100) -> list[str]:
    with database.read() as connection:
        return load_unscored(connection, model_id=model_id, limit=limit)["item_id"].tolist()


def load(
    database: Database,
    start: datetime = NOON - DAY,
    end: datetime = NOON + DAY,
    known_by: datetime = NOON + 99 * DAY,
    model_id: str = "m1",
) -> pd.DataFrame:
    with database.read() as connection:
        return load_scored_items(connection, start=start, end=end, model_id=model_id, known_by=known_by)


def stored(database: Database, column: sa.Column[datetime]) -> list[datetime]:
    with database.read() as connection:
        return list(connection.scalars(sa.select(column).order_by(schema.items.c.item_id)))


def test_save_items_counts_what_is_new(database: Database) -> None:
    assert save(database, build_items({}, {})) == 2
    assert save(database, build_items({}, {}, {})) == 1
    assert save(database, build_items({}, {}, {})) == 0
    assert len(load(database)) == 3


def test_save_items_takes_an_empty_frame(database: Database) -> None:
    assert save(database, build_items()) == 0
    assert load(database).empty


def test_save_items_keeps_the_first_text_and_first_seen(database: Database) -> None:
    save(database, build_items({"text": "Profit rises", "published": None}))
    save(database, build_items({"text": "Profit falls", "published": LATER, "first_seen": LATER}), now=LATER)
    item = load(database).iloc[0]
    assert item["text"] == "Profit rises"
    assert pd.isna(item["published"])
    assert item["first_seen"] == NOON


def _entries(*entries: tuple[str, str, str]) -> pd.DataFrame:
    """Items of one fetch as the parser names them: (guid, link, title) each; an empty guid is left out."""
    guids = (f"<guid isPermaLink='false'>{guid}</guid>" if guid else "" for guid, _, _ in entries)
    body = "".join(
        f"<item>{guid}<link>{link}</link><title>{title}</title></item>"
        for guid, (_, link, title) in zip(guids, entries, strict=True)
    )
    parsed = parse_feed(f"<rss version='2.0'><channel>{body}</channel></rss>".encode())
    assert isinstance(parsed, ParsedFeed)
    return build_items_frame(build_parsed_items(parsed, Feed("wire", "https://example.com/rss", "markets"), NOON).items)


def test_save_items_knows_an_item_whose_guid_is_shared_later(database: Database) -> None:
    first, second, third = (("g", f"https://example.com/{n}", f"Headline {n}") for n in range(3))
    assert save(database, _entries(first)) == 1
    assert save(database, _entries(second, first)) == 1
    assert save(database, _entries(first, second, third)) == 1
    assert save(database, _entries(third)) == 0
    assert save(database, _entries(second)) == 0


@pytest.mark.parametrize(
    ("guid", "link"), [("g", "https://example.com/"), ("", "https://example.com/notes.html"), ("g", "")]
)
def test_save_items_keeps_entries_that_share_a_name_once_each(database: Database, guid: str, link: str) -> None:
    first, second, third = ((guid, link, f"Headline {n}") for n in range(3))
    assert save(database, _entries(first)) == 1
    assert save(database, _entries(second, first)) == 1
    assert save(database, _entries(third, second, first)) == 1
    assert save(database, _entries(first, third)) == 0
    assert save(database, _entries(third)) == 0
    assert sorted(load(database)["title"]) == ["Headline 0", "Headline 1", "Headline 2"]


def test_save_items_knows_an_entry_that_no_longer_shares_its_name(database: Database) -> None:
    first, second, third = (("", "https://example.com/", f"Headline {n}") for n in range(3))
    assert save(database, _entries(first, second)) == 2
    assert save(database, _entries(second)) == 0
    assert save(database, _entries(third)) == 1
    assert save(database, _entries(third, second, first)) == 0


def test_save_items_knows_an_item_whose_link_was_stored_without_its_fragment(database: Database) -> None:
    first, second = (("", f"https://example.com/notes.html#n{n}", f"Headline {n}") for n in range(2))
    assert save(database, _entries(first)) == 1
    assert save(database, _entries(second, first)) == 1


def _churned(fetch: int, *stories: tuple[str, str], day: int = 1) -> pd.DataFrame:
    """Items of a feed that invents its guids at every fetch: (page, title) each."""
    rows = [
        {
            "item_id": f"fetch-{fetch}-{number}",
            "guid": f"{fetch}.{number}",
            "url": f"https://e.example.com/{page}",
            "title": title,
            "text": title,
            "published": datetime(2026, 3, day, 9, tzinfo=UTC),
        }
        for number, (page, title) in enumerate(stories)
    ]
    return build_items(*rows)


def test_save_items_knows_headline_and_time_under_a_new_guid(database: Database) -> None:
    assert save(database, _churned(1, ("a", "Profit rises"))) == 1
    assert save(database, _churned(2, ("a", "Profit rises"))) == 0
    assert len(load(database)) == 1


def test_save_items_keeps_a_recurrent_headline_of_another_day(database: Database) -> None:
    assert save(database, _churned(1, ("today", "Closing bell"))) == 1
    assert save(database, _churned(2, ("today", "Closing bell"), day=2)) == 1


def test_save_items_sees_that_a_feed_invents_guids_and_times(database: Database) -> None:
    stories = [(f"{n}", f"Headline {n}") for n in range(4)]
    assert save(database, _churned(1, *stories)) == 4
    edited = [*stories[:3], ("3", "Headline 3, corrected"), ("4", "Headline 4")]
    assert save(database, _churned(2, *edited, day=2), now=LATER) == 1
    with database.read() as connection:
        versions = load_versions(connection, ["fetch-1-3"], known_by=LATER)
    assert versions["title"].tolist() == ["Headline 3, corrected"]


def test_save_items_takes_a_page_of_several_entries_for_none_of_them(database: Database) -> None:
    assert save(database, _churned(1, *[("", f"Headline {n}") for n in range(4)])) == 4
    assert save(database, _churned(2, *[("", f"Headline {n}") for n in range(4, 8)])) == 4


def test_save_items_keeps_every_text_of_an_item_with_its_time(database: Database) -> None:
    third = LATER + timedelta(hours=1)
    for moment, title in (
        (NOON, "Profit rises"),
        (LATER, "Profit falls"),
        (third, "Profit rises"),
        (third, "Profit dips"),
    ):
        save(database, build_items({"title": title, "text": title}), now=moment)
    with database.read() as connection:
        versions = load_versions(connection, ["id-0"], known_by=third)
        early = load_versions(connection, ["id-0"], known_by=NOON)
    assert load(database)["title"].tolist() == ["Profit rises"]
    assert dict(zip(versions["title"], versions["seen_at"], strict=True)) == {
        "Profit falls": LATER,
        "Profit dips": third,
    }
    assert early.empty


def test_load_unscored_leaves_out_languages_that_a_model_does_not_read(database: Database) -> None:
    save(database, build_items({}, {}, {}, {}))
    languages = pd.DataFrame({"item_id": ["id-0", "id-1", "id-2"], "language": ["en", "de", "und"]})
    with database.write() as connection:
        save_languages(connection, languages)
    with database.read() as connection:
        unscored = load_unscored(connection, model_id="m1", limit=9, languages=["en", "und"])
    assert dict(zip(unscored["item_id"], unscored["language"], strict=True)) == {
        "id-0": "en",
        "id-2": "und",
        "id-3": "",
    }


def test_save_items_notes_when_an_item_was_last_seen(database: Database) -> None:
    save(database, build_items({}, {}))
    save(database, build_items({}), now=LATER)
    assert stored(database, schema.items.c.last_seen) == [LATER, NOON]


def test_save_items_knows_items_beyond_one_query(database: Database) -> None:
    items = build_items(*({} for _ in range(IDS_PER_QUERY + 2)))
    assert save(database, items.iloc[-1:]) == 1
    assert save(database, items) == IDS_PER_QUERY + 1
    assert save(database, items) == 0


def test_save_items_gives_back_what_it_was_given(database: Database) -> None:
    awkward = '\u00bb\'); DROP TABLE items;-- \U0001f4c8 50 % "quoted" '
    items = build_items(
        {"title": awkward, "text": awkward, "guid": awkward, "summary": awkward, "url": "https://a.example/?q=%27"}
    )
    save(database, items)
    columns = list(items.columns)
    pd.testing.assert_frame_equal(
        load(database)[columns].astype(dict.fromkeys(columns[:7], object)),
        items.astype(dict.fromkeys(columns[:7], object)),
    )


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 3, 2, 14, 30, tzinfo=timezone(timedelta(hours=5, minutes=30))),
        datetime(2026, 3, 2, 9, 0, 0, 1, tzinfo=UTC),
        datetime(1971, 1, 1, tzinfo=UTC),
        datetime(2600, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ],
)
def test_times_come_back_as_the_same_moment_in_utc(database: Database, moment: datetime) -> None:
    save(database, build_items({"published": moment, "first_seen": moment}))
    assert stored(database, schema.items.c.published) == [moment]
    items = load(database, start=moment, end=moment + HOUR, known_by=moment)
    assert items["published"].tolist() == [moment]
    assert str(items["first_seen"].dtype) == "datetime64[us, UTC]"


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StoreError, match="a time without a zone cannot be stored"):
        save(database, build_items({}), now=NOON.replace(tzinfo=None))
    assert load(database).empty


def test_save_scores_keeps_one_score_of_each_model(database: Database) -> None:
    save(database, build_items({}))
    score(database, {"id-0": 0.9}, "m1")
    score(database, {"id-0": 0.2}, "m2")
    score(database, {"id-0": 0.1}, "m1")
    assert load(database, model_id="m1")["positive"].tolist() == [0.9]
    assert load(database, model_id="m2")["positive"].tolist() == [0.2]


@pytest.mark.parametrize("positive", [{"never-stored": 0.5}, {"id-0": float("nan")}], ids=["no item", "no number"])
def test_save_scores_refuses_a_score_that_cannot_be(database: Database, positive: dict[str, float]) -> None:
    save(database, build_items({}))
    with pytest.raises(StoreError, match="constraint"):
        score(database, positive)
    assert unscored(database) == ["id-0"]


def test_save_scores_takes_an_empty_frame(database: Database) -> None:
    save(database, build_items({}))
    score(database, {})
    assert unscored(database) == ["id-0"]


def test_text_scores_are_found_by_text_and_model_and_without_a_hash_never(database: Database) -> None:
    save(database, build_items({}, {}, {}))
    scores = build_scores({"id-0": 0.9, "id-1": 0.2, "id-2": 0.1}).assign(text_hash=["a", "", "b"])
    with database.write() as connection:
        save_scores(connection, scores, model_id="m1", now=NOON)
    with database.read() as connection:
        found = load_text_scores(connection, ["b", "a", "c", "", "a"], model_id="m1")
        assert load_text_scores(connection, ["a", "b"], model_id="m2").empty
        assert load_text_scores(connection, [], model_id="m1").columns.tolist() == ["text_hash", *LABELS]
    assert dict(zip(found["text_hash"], found["positive"], strict=True)) == {"a": 0.9, "b": 0.1}


def test_text_scores_of_more_texts_than_a_query_takes_are_all_found(database: Database) -> None:
    n_items = 2 * IDS_PER_QUERY + 1
    save(database, build_items(*[{}] * n_items))
    ids = [f"id-{number}" for number in range(n_items)]
    with database.write() as connection:
        scores = build_scores(dict.fromkeys(ids, 0.5)).assign(text_hash=ids)
        save_scores(connection, scores, model_id="m1", now=NOON)
    with database.read() as connection:
        assert sorted(load_text_scores(connection, ids, model_id="m1")["text_hash"]) == sorted(ids)


def test_load_unscored_gives_the_newest_first_up_to_the_limit(database: Database) -> None:
    save(database, build_items({"first_seen": NOON}, {"first_seen": NOON + HOUR}, {"first_seen": NOON}))
    assert unscored(database) == ["id-1", "id-0", "id-2"]
    assert unscored(database, limit=2) == ["id-1", "id-0"]


def test_load_unscored_leaves_out_what_this_model_has_scored(database: Database) -> None:
    save(database, build_items({}, {}))
    score(database, {"id-0": 0.5}, "m1")
    assert unscored(database, "m1") == ["id-1"]
    assert unscored(database, "m2") == ["id-0", "id-1"]


def test_load_unscored_gives_a_frame_even_when_nothing_is_left(database: Database) -> None:
    with database.read() as connection:
        assert load_unscored(connection, model_id="m1", limit=5).columns.tolist() == ["item_id", "text", "language"]


@pytest.mark.parametrize(
    ("published", "first_seen", "expected"),
    [
        (NOON, NOON, True),
        (NOON - HOUR, NOON - HOUR, False),
        (NOON + HOUR, NOON + HOUR, False),
        (NOON - HOUR, NOON, True),
        (NOON, NOON + HOUR, True),
        (NOON - HOUR, NOON + HOUR, False),
        (None, NOON, True),
        (None, NOON + HOUR, False),
    ],
)
def test_load_scored_items_takes_a_span_without_its_end(
    database: Database, published: datetime | None, first_seen: datetime, *, expected: bool
) -> None:
    save(database, build_items({"published": published, "first_seen": first_seen}))
    assert (len(load(database, NOON, NOON + HOUR)) == 1) is expected


def test_load_scored_items_knows_only_what_was_first_seen_by_then(database: Database) -> None:
    save(database, build_items({"first_seen": NOON}, {"first_seen": NOON + HOUR}))
    assert load(database, known_by=NOON)["item_id"].tolist() == ["id-0"]
    assert load(database, known_by=NOON + HOUR)["item_id"].tolist() == ["id-0", "id-1"]
    assert load(database, known_by=NOON - HOUR).empty


def test_load_scored_items_leaves_unscored_probabilities_empty(database: Database) -> None:
    save(database, build_items({}, {}))
    score(database, {"id-1": 0.75})
    items = load(database)
    assert items.columns.tolist() == list(SCORED_ITEM_COLUMNS)
    assert items["item_id"].tolist() == ["id-0", "id-1"]
    assert items["positive"].isna().tolist() == [True, False]
    assert items.loc[1, ["negative", "neutral", "positive"]].tolist() == [0.0, 0.25, 0.75]


def test_load_scored_items_keeps_its_types_without_rows(database: Database) -> None:
    items = load(database)
    assert items.columns.tolist() == list(SCORED_ITEM_COLUMNS)
    assert str(items["published"].dtype) == "datetime64[us, UTC]"
    assert str(items["positive"].dtype) == "float64"
