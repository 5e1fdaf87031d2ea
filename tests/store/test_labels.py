"""A queued item stands in one half, and of each person it has one label."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from sentinel.store import (
    load_labels,
    load_queue,
    load_readings,
    save_items,
    save_label,
    save_languages,
    save_queue,
    save_scores,
)

from .conftest import NOON, build_items, build_scores

if TYPE_CHECKING:
    from sentinel.store import Database

HOUR = timedelta(hours=1)


@pytest.fixture
def queued(database: Database) -> Database:
    with database.write() as connection:
        save_items(connection, build_items({}, {}, {}), now=NOON)
        queue(connection, {"id-0": "influence", "id-1": "random"})
    return database


def queue(connection: object, halves: dict[str, str], *, after: timedelta = timedelta()) -> None:
    frame = pd.DataFrame({"item_id": list(halves), "half": list(halves.values())})
    save_queue(connection, frame, model_id="m1", seed=7, now=NOON + after)  # type: ignore[arg-type]


def test_the_queue_has_texts_halves_and_the_model_that_chose(queued: Database) -> None:
    with queued.read() as connection:
        rows = load_queue(connection).drop(columns=["first_seen", "feed"]).to_dict("records")
    assert rows == [
        {"item_id": "id-0", "text": "Headline 0", "half": "influence", "model_id": "m1", "queued_at": NOON},
        {"item_id": "id-1", "text": "Headline 1", "half": "random", "model_id": "m1", "queued_at": NOON},
    ]


def test_an_item_that_is_drawn_at_random_later_goes_to_that_half_with_its_label(queued: Database) -> None:
    with queued.write() as connection:
        assert save_label(connection, "id-0", "positive", labeller="Ann", now=NOON)
        queue(connection, {"id-0": "random"}, after=HOUR)
        labels = load_labels(connection)
    assert labels[["item_id", "label", "half"]].to_numpy().tolist() == [["id-0", "positive", "random"]]


def test_a_person_has_one_label_of_an_item_and_none_of_what_is_not_queued(queued: Database) -> None:
    with queued.write() as connection:
        assert save_label(connection, "id-0", "positive", labeller="Ann", now=NOON)
        assert save_label(connection, "id-0", "negative", labeller="Ann", now=NOON + HOUR)
        assert save_label(connection, "id-0", "neutral", labeller="Bob", now=NOON)
        assert not save_label(connection, "id-2", "neutral", labeller="Ann", now=NOON)
        labels = load_labels(connection)
        assert list(load_queue(connection, unanswered_by="Ann")["item_id"]) == ["id-1"]
    assert labels[["labeller", "label"]].to_numpy().tolist() == [["Ann", "negative"], ["Bob", "neutral"]]
    with queued.write() as connection, pytest.raises(ValueError, match="great"):
        save_label(connection, "id-0", "great", labeller="Ann", now=NOON)


def test_labels_of_a_span_are_those_given_in_it(queued: Database) -> None:
    with queued.write() as connection:
        save_label(connection, "id-0", "positive", labeller="Ann", now=NOON)
        save_label(connection, "id-1", "positive", labeller="Ann", now=NOON + HOUR)
        assert list(load_labels(connection, end=NOON)["item_id"]) == ["id-0"]
        assert list(load_labels(connection, start=NOON + HOUR)["item_id"]) == ["id-1"]


def test_readings_are_those_of_the_model_of_each_language(queued: Database) -> None:
    with queued.write() as connection:
        save_languages(connection, pd.DataFrame({"item_id": ["id-0", "id-1"], "language": ["en", "de"]}))
        save_scores(connection, build_scores({"id-0": 0.9, "id-1": 0.9}), model_id="m1", now=NOON)
        save_scores(connection, build_scores({"id-1": 0.1}), model_id="m2", now=NOON)
        assert load_readings(connection, model_id="m1") == {"id-0": "positive", "id-1": "positive"}
        both = load_readings(connection, model_id="m1", by_language={"de": "m2"})
    assert both == {"id-0": "positive", "id-1": "neutral"}
