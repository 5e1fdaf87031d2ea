"""The page says why the mood moved, on whom it rests and what was published, in figures that add up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.records import MOVE_COLUMNS, PUBLISHED_COLUMNS
from sentinel.report import MOVER_COLUMNS, Movement, write_day
from sentinel.report.explanation import earlier_models, move_rows, move_words, revised_days, trust_lines
from sentinel.report.exports import MOVED_COLUMNS
from sentinel.report.rounded_day import round_day

from .days import HOSTILE, LAST_DAY, MODEL, build_day, mood_row
from .pages import read_page
from .test_exports import read_csv

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from sentinel.report.rounded_day import RoundedDay

    from .pages import Page

YESTERDAY = LAST_DAY - timedelta(days=1)
PARTS = ("from_new", "from_faded", "from_ongoing", "from_feeds", "from_mix", "from_amount")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RESTS: dict[str, Any] = {
    "panel_mood": -2.34,
    "panel_change": 1.26,
    "n_panel_feeds": 3,
    "without_low": -4.06,
    "without_low_feed": "markets-wire",
    "without_high": 0.5,
    "without_high_feed": "economy-desk",
    "leans_on": "",
    "disagreement": 37.4,
}


def _moods(*moods: float | None) -> pd.DataFrame:
    """Give the market's moods of the days up to LAST_DAY."""
    days = [LAST_DAY - timedelta(days=age) for age in reversed(range(len(moods)))]
    rows = [mood_row(day, "market", "market", mood, 9) for day, mood in zip(days, moods, strict=True)]
    frame = pd.DataFrame(rows)
    return frame.assign(change=frame["mood"].diff())


def _moves(*parts: float, **changes: Any) -> pd.DataFrame:
    row = {"day": LAST_DAY, "topic_kind": "market", "topic": "market", **RESTS, **dict(zip(PARTS, parts, strict=True))}
    return pd.DataFrame([{**row, **changes}], columns=list(MOVE_COLUMNS))


def _movers(*rows: tuple[str, str, float, str]) -> pd.DataFrame:
    filled = [(*row, f"https://news.example/{row[1]}", "markets-wire") for row in rows]
    return pd.DataFrame(filled, columns=list(MOVER_COLUMNS))


def _published(*rows: tuple[date, str, float]) -> pd.DataFrame:
    filled = [
        {"day": day, "topic_kind": "market", "topic": "market", "model_id": model_id, "mood": mood}
        for day, model_id, mood in rows
    ]
    frame = pd.DataFrame(filled, columns=list(PUBLISHED_COLUMNS)).assign(n_items=3, published_at=pd.Timestamp(NOON))
    return frame.astype({"low": float, "high": float})


def _day(moods: Sequence[float | None], *parts: float, **movement: Any) -> RoundedDay:
    moves = movement.pop("moves", None)
    told = Movement(moves=_moves(*parts) if moves is None else moves, **movement)
    return round_day(build_day(moods=_moods(*moods), movement=told))


def _write(folder: Path, moods: Sequence[float | None], *parts: float, **movement: Any) -> Page:
    told = Movement(moves=_moves(*parts), **movement)
    return read_page(write_day(folder, build_day(moods=_moods(*moods), movement=told)))


def test_parts_are_told_between_the_moods_of_both_days() -> None:
    rows = move_rows(_day([-3.6, -2.3], 2.0, -1.0, 0.2, 0.0, 0.3, -0.2))
    assert [(row["name"], row["value"], row["level"]) for row in rows] == [
        ("Mood of 2026-03-01", -3.6, -3.6),
        ("New stories", 2.0, -1.6),
        ("Faded stories", -1.0, -2.6),
        ("Stories that go on", 0.2, -2.4),
        ("Feeds that came or fell silent", 0.0, -2.4),
        ("Mix of the feeds", 0.3, -2.1),
        ("Amount of news", -0.2, -2.3),
        ("Mood of 2026-03-02", -2.3, -2.3),
    ]


def test_what_rounded_parts_lack_is_a_row_of_its_own() -> None:
    day = _day([0.0, 0.24], 0.04, 0.04, 0.04, 0.04, 0.04, 0.04)
    rows = move_rows(day)
    assert [(row["name"], row["value"]) for row in rows[-2:]] == [("Rounding", 0.2), ("Mood of 2026-03-02", 0.2)]
    assert rows[-2]["level"] == 0.2


_moved = st.floats(-30, 30).map(lambda value: round(value, 4))


@settings(deadline=None, max_examples=40)
@given(before=_moved, parts=st.lists(_moved, min_size=6, max_size=6))
def test_parts_as_printed_sum_to_the_change_as_printed(before: float, parts: list[float]) -> None:
    day = _day([before, before + sum(parts)], *parts)
    rows = move_rows(day)
    assert sum(row["value"] for row in rows[1:-1]) == pytest.approx(day.market["change"], abs=1e-9)
    assert rows[-2]["level"] == pytest.approx(day.market["mood"], abs=1e-9)
    table = day.table.iloc[0]
    assert table[[*PARTS, "from_rounding"]].sum() == pytest.approx(table["change"], abs=1e-9)
    assert abs(table["from_rounding"]) < 0.05


@pytest.mark.parametrize("moods", [(None, 2.0), (2.0, None), (2.0,)])
def test_nothing_is_explained_where_there_is_no_change(moods: tuple[float | None, ...]) -> None:
    day = _day(moods, *[float("nan")] * 6)
    assert move_rows(day) == []
    assert move_words(day) == ""


def test_largest_part_is_named_in_words() -> None:
    assert move_words(_day([-3.6, -2.3], 2.0, -1.0, 0.2, 0.0, 0.3, -0.2)) == (
        "From -3.6 on 2026-03-01 the mood went up by 1.3 to -2.3; the largest part is new stories (+2.0)."
    )
    assert "the mood stayed at -2.0; the largest part is faded stories (-0.5)" in move_words(
        _day([-2.0, -2.0], 0.4, -0.5, 0.0, 0.0, 0.0, 0.1)
    )


def test_page_names_the_stories_that_moved_the_mood_and_leads_to_their_rows(tmp_path: Path) -> None:
    report = build_day()
    worst = report.items.assign(pull=report.items["polarity"] * report.items["weight"]).sort_values("pull").iloc[0]
    movers = _movers(("from_new", worst["story_id"], -1.234, "Plant closes"), ("from_faded", "gone", 0.5, "Old news"))
    page = _write(tmp_path, [-3.6, -2.3], 2.0, -1.0, 0.2, 0.0, 0.3, -0.2, movers=movers, n_stories={"from_new": 1_200})
    rows = {row[0]: row for row in page.rows("moves")}
    told = "New stories 1,200 stories, told on this day alone-1.23 Plant closes markets-wire · its items"
    assert rows[told][1:] == ["", "▲ +2.0"]
    assert "Faded stories told on the day before alone+0.50 Old news markets-wire" in rows
    links = {element.text: element.attributes["href"] for element in page.all("a")}
    (words,) = page.all("p", id=links["its items"].removeprefix("#"))
    assert words.text.startswith("Headlines of one story: 1.")
    assert links["Plant closes"] == f"https://news.example/{worst['story_id']}"


def test_bars_of_the_parts_are_as_long_as_their_numbers(tmp_path: Path) -> None:
    page = _write(tmp_path, [-3.6, -2.3], 2.0, -1.0, 0.2, 0.0, 0.3, -0.2)
    shown = [float(row[2].split()[-1]) for row in page.rows("moves")]
    bars = [
        element.attributes
        for element in page.all("rect")
        if "x" in element.attributes and "%" in element.attributes["x"]
    ]
    lengths = [float(bar["width"].rstrip("%")) for bar in bars]
    assert lengths == pytest.approx([25 * abs(value) for value in shown], abs=0.051)  # from -4 to 0
    assert [bar["class"] for bar in bars] == [
        *("total", "positive", "negative", "positive", "positive", "positive", "negative", "total")
    ]
    assert sum(shown[:-1]) == pytest.approx(shown[-1])


def test_headlines_and_links_of_movers_run_nothing(tmp_path: Path) -> None:
    movers = _movers(*[("from_new", f"s{n}", 1.0, title) for n, title in enumerate(HOSTILE)]).assign(
        url="javascript:alert(1)"
    )
    for start in range(0, len(HOSTILE), 3):
        page = _write(tmp_path, [1.0, 2.0], 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, movers=movers.iloc[start : start + 3])
        assert not [link for link in page.all("a") if link.attributes["href"].startswith("javascript")]
        text = " ".join(cell for row in page.rows("moves") for cell in row)
        assert all(" ".join(title.split()) in text for title in movers["title"].iloc[start : start + 3])


def test_page_without_a_change_says_so(tmp_path: Path) -> None:
    page = _write(tmp_path, [None, 2.0], *[float("nan")] * 6)
    assert "There is no change to explain" in page.all("main")[0].text
    assert not page.all("table", class_="moves")


# On whom the mood rests


def test_trust_is_told_in_plain_words() -> None:
    assert trust_lines(_day([-3.6, -2.3], *[0.2] * 6)) == [
        "Counting only the 3 feeds with news on both days, the mood is -2.3, up by 1.3 from the day before.",
        "With any one feed left out it lies between -4.1 (without markets-wire) and +0.5 (without economy-desk).",
        "Of the spread between feeds 37% is more than chance: they disagree somewhat.",
    ]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"n_panel_feeds": 2, "panel_mood": float("nan")},
            "The 2 feeds with news on both days alone have not enough news for a mood.",
        ),
        ({"panel_change": float("nan")}, "Counting only the 3 feeds with news on both days, the mood is -2.3."),
        (
            {"panel_change": 0.04},
            "Counting only the 3 feeds with news on both days, the mood is -2.3, unchanged from the day before.",
        ),
        ({"disagreement": 24.4}, "Of the spread between feeds 24% is more than chance: they hardly disagree."),
        ({"disagreement": 50.0}, "Of the spread between feeds 50% is more than chance: they disagree."),
        ({"leans_on": "markets-wire"}, "Without markets-wire there is not enough news."),
        ({"disagreement": 0.0}, "Feeds differ no more than chance makes them."),
    ],
)
def test_trust_says_what_is_missing(changes: dict[str, Any], line: str) -> None:
    assert line in trust_lines(_day([1.0, 2.0], moves=_moves(*[0.1] * 6, **changes)))


def test_nothing_is_said_of_a_mood_that_is_not_known() -> None:
    assert trust_lines(_day([1.0, None], *[0.1] * 6)) == []
    assert trust_lines(round_day(build_day(moods=build_day().moods.head(0)))) == []


# What was published


def test_days_published_as_something_else_are_told_with_the_time() -> None:
    published = _published(
        (LAST_DAY - timedelta(days=2), MODEL.model_id, 5.5),
        (YESTERDAY, MODEL.model_id, -4.26),
        (LAST_DAY, MODEL.model_id, -2.31),
    )
    day = _day([1.0, -3.6, -2.3], *[0.2] * 6, published=published)
    assert [(row["day"], row["published_mood"]) for row in revised_days(day)] == [
        (LAST_DAY - timedelta(days=2), 5.5),
        (YESTERDAY, -4.3),
    ]
    assert trust_lines(day)[3:] == ["2026-03-01 was published as -4.3 (2026-03-01 13:00) and is -3.6 as now known."]


def test_history_has_what_was_published_where_it_differs(tmp_path: Path) -> None:
    published = _published((YESTERDAY, MODEL.model_id, -4.26), (LAST_DAY, MODEL.model_id, -2.3))
    page = _write(tmp_path, [1.0, -3.6, -2.3], *[0.2] * 6, published=published)
    assert [row[-1] for row in page.rows("numbers")] == ["", "-4.3", ""]
    (row,) = read_csv(tmp_path / "2026-03-02" / "daily.csv")
    assert (row["mood"], row["published_mood"]) == ("-2.30", "-2.30")


def test_not_enough_news_as_published_is_no_number(tmp_path: Path) -> None:
    published = _published((LAST_DAY, MODEL.model_id, float("nan")))
    page = _write(tmp_path, [1.0, -3.6, -2.3], *[0.2] * 6, published=published)
    assert page.rows("numbers")[0][-1] == "not enough news"
    assert "2026-03-02 was published as not enough news" in page.all("main")[0].text
    (row,) = read_csv(tmp_path / "2026-03-02" / "daily.csv")
    assert row["published_mood"] == ""


def test_moods_of_another_model_are_a_line_of_their_own_over_the_overlap(tmp_path: Path) -> None:
    published = _published((YESTERDAY - timedelta(days=1), "old", 9.04), (YESTERDAY, "old", 8.0))
    page = _write(tmp_path, [1.0, -3.6, -2.3], *[0.2] * 6, published=published)
    (chart,) = [
        figure for figure in page.figures() if len(figure["data"]) == 3 and figure["data"][0]["type"] == "scatter"
    ]
    earlier, _, points = chart["data"]
    assert earlier["name"] == "As published by model old"
    assert (earlier["x"], earlier["y"]) == (["2026-02-28", "2026-03-01"], [9.0, 8.0])
    assert (points["x"][:2], points["y"]) == (earlier["x"], [1.0, -3.6, -2.3])
    assert [row[-1] for row in page.rows("numbers")] == ["", "+8.0", "+9.0"]
    assert "Dashed is what another model published" in page.all("main")[0].text
    assert len(page.all("path", class_="earlier e0")) == 2  # the drawing that needs no script, and its key


def test_models_are_listed_from_the_last_to_begin() -> None:
    rows = [(YESTERDAY, "a", 1.0), (LAST_DAY, "b", 2.0), (LAST_DAY, "a", 3.0), (YESTERDAY, "c", float("nan"))]
    earlier = earlier_models(_day([1.0, 2.0, 3.0], *[0.2] * 6, published=_published(*rows)))
    assert {model_id: [row["mood"] for row in rows] for model_id, rows in earlier.items()} == {
        "b": [2.0],
        "a": [1.0, 3.0],
    }
    assert list(earlier) == ["b", "a"]


# daily.csv


def test_daily_csv_tells_what_moved_each_topic_and_leaves_unknown_cells_empty(tmp_path: Path) -> None:
    moods = pd.concat([_moods(-3.6, -2.3), pd.DataFrame([mood_row(LAST_DAY, "sector", "energy", None, 1)])])
    movement = Movement(moves=_moves(2.004, -1.0, 0.2, 0.0, 0.3, -0.2, without_low_feed="=cmd"))
    write_day(tmp_path, build_day(moods=moods, movement=movement))
    market, energy = read_csv(tmp_path / "2026-03-02" / "daily.csv")
    assert [market[name] for name in MOVED_COLUMNS] == [
        *("2.00", "-1.00", "0.20", "0.00", "0.30", "-0.20", "0.00"),
        *("-2.34", "1.26", "3", "-4.06", "'=cmd", "0.50", "economy-desk", "", "37.40", "-2.30"),
    ]
    assert {energy[name] for name in MOVED_COLUMNS} == {""}
