"""The page of a day: what it says, that it is safe, and that chart, table and file show one number."""

from __future__ import annotations

import csv
import itertools
import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from sentinel.report import DayReport, write_day
from sentinel.report.stories import MAX_COPIES

from .days import HOSTILE, LAST_DAY, MODEL, build_day, mood_row
from .pages import Element, Page, read_page

if TYPE_CHECKING:
    from pathlib import Path

VOLUME = -1
"""Place of the table of items per day among those of numbers."""
RUNNABLE = ("javascript:", "data:", "vbscript:", "file:")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_day(tmp_path_factory.mktemp("plain"), build_day()).parent


@pytest.fixture(scope="module")
def page(folder: Path) -> Page:
    return read_page(folder / "index.html")


@pytest.fixture(scope="module")
def hostile_page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    return read_page(write_day(tmp_path_factory.mktemp("hostile"), build_day(hostile=True)))


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write_page(tmp_path: Path, report: DayReport) -> Page:
    return read_page(write_day(tmp_path, report))


def test_page_is_marked_for_people_not_for_search(page: Page) -> None:
    assert page.all("html", lang="en")
    assert page.all("meta", charset="utf-8")
    assert page.all("meta", name="robots", content="noindex, nofollow")
    assert page.all("meta", name="viewport")
    assert page.all("link", rel="icon", href="data:,")


def test_page_policy_allows_no_evaluation_and_nothing_from_outside(page: Page) -> None:
    (meta,) = [e for e in page.all("meta") if e.attributes.get("http-equiv") == "Content-Security-Policy"]
    policy = dict(part.split(" ", 1) for part in meta.attributes["content"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert "unsafe-eval" not in meta.attributes["content"]
    assert "http" not in meta.attributes["content"]


@pytest.mark.parametrize("kind", ["page", "hostile_page"])
def test_page_carries_no_script_but_ours(kind: str, request: pytest.FixtureRequest) -> None:
    page: Page = request.getfixturevalue(kind)
    scripts = [e for e in page.all("script") if e.attributes.get("type") != "application/json"]
    assert [e.attributes["src"].split("-")[0] for e in scripts] == [
        "../assets/page",
        "../assets/plotly",
        "../assets/charts",
    ]
    assert not any(e.text.strip() for e in scripts)
    assert not [name for e in page.elements for name in e.attributes if name.startswith("on")]
    assert not [e for e in page.elements if e.tag in {"img", "iframe", "object", "embed", "form", "base", "b:"}]


@pytest.mark.parametrize("kind", ["page", "hostile_page"])
def test_page_reaches_outside_only_through_links_of_items(kind: str, request: pytest.FixtureRequest) -> None:
    page: Page = request.getfixturevalue(kind)
    for element in page.elements:
        for name in ("src", "href", "action", "poster", "data", "srcset"):
            target = element.attributes.get(name, "")
            if target.startswith(("http:", "https:", "//")):
                assert element.tag == "a"
                assert "table" in element.inside
                assert element.attributes["rel"] == "noopener noreferrer nofollow"
                assert "target" not in element.attributes
            assert not target.strip().lower().startswith(RUNNABLE) or target == "data:,"


def test_page_shows_hostile_headlines_as_text(hostile_page: Page) -> None:
    titles = {e.text for e in hostile_page.all("div", class_="title")}
    assert HOSTILE[0] in titles
    assert HOSTILE[1] in titles
    assert not [e for e in hostile_page.elements if "onclick" in e.attributes or e.text == "alert(1)"]


def test_chart_texts_are_escaped_for_plotly(hostile_page: Page) -> None:
    for figure in hostile_page.figures():
        texts = [*figure["layout"]["yaxis"].get("ticktext", [])]
        texts += [text for trace in figure["data"] for text in trace.get("text", [])]
        texts += [note["text"] for note in figure["layout"].get("annotations", [])]
        assert not [text for text in texts if "<" in text.replace("<br>", "")]


def test_page_has_a_table_open_behind_every_chart(page: Page) -> None:
    charts = page.all("figure")
    details = [e for e in page.all("details") if "figure" in e.inside]
    tables = [e for e in page.all("table") if "details" in e.inside]
    assert len(charts) == len(details) == len(tables) == len(page.figures()) == 2
    assert all("open" in e.attributes for e in details)
    assert all("hidden" in e.attributes for e in page.all("div", class_="plot"))


def test_page_table_chart_and_summary_show_the_mood_of_the_csv_to_one_decimal(page: Page, folder: Path) -> None:
    (market,) = [row for row in read_csv(folder / "daily.csv") if row["topic_kind"] == "market"]
    summary = json.loads((folder / "summary.json").read_bytes())
    chart = page.figures()[0]["data"][1]
    table = page.rows("numbers")[0]
    mood = round(float(market["mood"]), 1)
    assert market["mood"] != f"{mood:.2f}"
    assert summary["mood"] == chart["y"][-1] == float(table[1]) == mood
    assert [summary["low"], summary["high"]] == chart["customdata"][-1]
    assert [float(end) for end in table[2].split(" to ")] == chart["customdata"][-1]
    assert chart["customdata"][-1] == pytest.approx([float(market["low"]), float(market["high"])], abs=0.055)
    assert f"mood {mood:+.1f} (95% interval" in page.all("h1")[0].text
    assert page.all("dl", class_="figures")[0].text.split()[1] == f"{mood:+.1f}"
    assert table[5] == market["n_items"] == str(summary["n_items"])


def test_page_shows_as_many_digits_as_a_person_can_use(tmp_path: Path) -> None:
    report = build_day(n_items=1_234)
    moods = report.moods.assign(breadth=-0.12345, dispersion=11.54, z=-0.8765, usual_items=1_187.5)
    page = write_page(tmp_path, build_day(n_items=1_234, moods=moods))
    values = [element.text.strip() for element in page.all("dd") if "value" in element.attributes.get("class", "")]
    assert values[3:7] == ["-0.9", "-12%", "1,234", "11.5"]
    assert "usual 1,188" in page.all("dl", class_="figures")[0].text
    assert page.rows("numbers")[0][5] == page.rows("numbers", VOLUME)[0][4] == "1,234"
    assert page.rows("numbers", VOLUME)[0][5] == "1,188"


def test_page_counts_the_days_that_z_compares_with(tmp_path: Path) -> None:
    report = build_day(n_days=35)
    market = report.moods[report.moods["topic_kind"] == "market"]
    n_days = int(market["mood"].notna().sum()) - 1
    page = write_page(tmp_path, report)
    assert 20 < n_days < 35
    assert f"ordinary for the {n_days} days before" in page.all("dl", class_="figures")[0].text


def test_mood_is_coloured_only_with_a_direction(tmp_path: Path) -> None:
    rows = [mood_row(LAST_DAY, "market", "market", 3.0, 9)]
    for topic, mood, low, high in (("a", -9.0, -12.0, -4.0), ("b", -9.0, -12.0, 1.0), ("c", 4.0, 3.0, 4.5)):
        rows.append(mood_row(LAST_DAY, "topic", topic, mood, 9, low=low, high=high))
    page = write_page(tmp_path, build_day(moods=pd.DataFrame(rows)))
    cells = [element for element in page.all("td") if element.text in ("-9.0", "+4.0")][:3]
    assert [cell.attributes["class"].split() for cell in cells] == [["n", "negative"], ["n"], ["n"]]
    bars = [element for element in page.all("rect") if "fill" in element.attributes["class"]]
    assert [bar.attributes["class"].split() for bar in bars] == [["fill", "negative"], ["fill"], ["fill"]]


@pytest.mark.parametrize(("n_days", "n_charts"), [(2, 0), (3, 2)])
def test_page_draws_history_from_three_days_with_news_on(tmp_path: Path, n_days: int, n_charts: int) -> None:
    moods = [mood_row(LAST_DAY - timedelta(days=ago), "market", "market", 3.0, 9) for ago in range(n_days)]
    quiet = mood_row(LAST_DAY - timedelta(days=9), "market", "market", None, 0)
    page = write_page(tmp_path, build_day(moods=pd.DataFrame([*moods, quiet])))
    assert len(page.figures()) == n_charts
    assert len(page.rows("numbers")) == len(page.rows("numbers", VOLUME)) == n_days + 1
    text = " ".join(page.all("main")[0].text.split())
    assert text.count("A chart is drawn from the third day with news on.") == 2 - n_charts


def test_page_leaves_out_topics_where_none_had_news(tmp_path: Path) -> None:
    moods = build_day().moods
    page = write_page(tmp_path, build_day(moods=moods[moods["topic_kind"] != "topic"]))
    headings = [element.text for element in page.all("h2") if element.text.startswith("Mood by")]
    assert headings == ["Mood by kind of feed", "Mood by feed"]


def test_page_of_items_without_a_published_time_counts_none_of_them_as_older(tmp_path: Path) -> None:
    items = build_day().items
    for dateless in (items.assign(published=pd.NaT), items.assign(published=None)):
        page = write_page(tmp_path, build_day(items=dateless))
        assert "before their collection" not in page.all("main")[0].text


def test_every_row_of_a_topic_equals_its_csv_row(page: Page, folder: Path) -> None:
    rows = {(row["topic_kind"], row["topic"]): row for row in read_csv(folder / "daily.csv")}
    for number, kind in enumerate(("topic", "kind", "feed"), start=1):
        table = page.rows("numbers", number)
        assert len(table) == sum(found == kind for found, _ in rows)
        for cells in table:
            csv_mood = rows[kind, cells[0]]["mood"]
            assert (csv_mood == "") == (cells[1] == "not enough news")
            assert csv_mood == "" or round(float(csv_mood), 1) == float(cells[1])


def test_every_bar_begins_at_zero_and_is_as_long_as_its_mood(page: Page) -> None:
    bars = [element.attributes for element in page.all("rect") if "fill" in element.attributes["class"]]
    moods = [float(cells[1]) for number in (1, 2, 3) for cells in page.rows("numbers", number) if cells[1][0] in "+-0"]
    scales = [abs(mood) / float(bar["width"]) for mood, bar in zip(moods, bars, strict=True) if abs(mood) > 5]
    assert max(scales) - min(scales) < 0.01  # all on one scale
    for mood, bar in zip(moods, bars, strict=True):
        start, length = float(bar["x"]), float(bar["width"])
        assert (start + length if mood < 0 else start) == pytest.approx(50.0, abs=0.11)


def test_thin_topics_come_last_and_are_never_zero(page: Page) -> None:
    moods = [cells[1] for cells in page.rows("numbers", 1)]
    known = [float(mood) for mood in moods if mood != "not enough news"]
    assert known == sorted(known)
    assert moods[len(known) :] == ["not enough news"] * (len(moods) - len(known)) != []


def test_volume_chart_adds_up_to_its_table(page: Page) -> None:
    stacks = page.figures()[1]["data"]
    table = page.rows("numbers", VOLUME)
    assert [trace["name"] for trace in stacks] == ["negative", "neutral", "positive"]
    assert [sum(counts) for counts in zip(*(trace["y"] for trace in stacks), strict=True)] == [
        int(row[4]) for row in reversed(table)
    ]


def test_stories_of_one_item_stand_in_order_with_the_numbers_of_the_csv(page: Page, folder: Path) -> None:
    polarity = {row["title"]: row["polarity"] for row in read_csv(folder / "items.csv")}
    titles = [e.text for e in page.all("div", class_="title")]
    shown = [float(cells[0]) for number in (0, 1) for cells in page.rows("items", number)]
    exact = [float(polarity[title]) for title in titles]
    assert [round(value, 2) for value in exact] == shown
    assert exact[:10] == sorted(map(float, polarity.values()))[:10]
    assert exact[10:] == sorted(exact[10:], reverse=True)


def _told(report: DayReport, *items: tuple[str, str, float, float]) -> pd.DataFrame:
    """The first items of a report as those of given stories: story, feed, weight and polarity each, oldest first."""
    frame = report.items.head(len(items)).copy()
    frame[["story_id", "feed", "weight", "polarity"]] = items
    frame["label"] = ["negative" if polarity < 0 else "positive" for *_, polarity in items]
    return frame


def test_items_of_a_story_are_one_row_with_their_weighted_mean(tmp_path: Path) -> None:
    told = [("merger", "a-wire", 1.0, -0.8), ("merger", "b-wire", 0.75, -0.1), ("merger", "a-wire", 0.5625, -0.5)]
    report = build_day()
    items = _told(report, *told).assign(story_since=pd.Timestamp("2026-03-01T20:00Z"))
    page = write_page(tmp_path, build_day(items=items))
    (row,) = page.rows("items")
    mean = (1.0 * -0.8 + 0.75 * -0.1 + 0.5625 * -0.5) / (1.0 + 0.75 + 0.5625)
    assert float(row[0]) == round(mean, 2)
    assert "first seen 2026-03-01 21:00 · a-wire, b-wire · negative 3 items in 2 feeds" in row[1]
    listed = [" ".join(element.text.split()) for element in page.all("li") if "details" in element.inside]
    assert [entry.split()[0] for entry in listed] == ["-0.80", "-0.10", "-0.50"]
    assert all(title in entry for title, entry in zip(items["title"], listed, strict=True))
    assert "3 items of the day tell 1 story" in page.all("main")[0].text


def test_stories_that_weigh_most_in_the_mood_come_first(tmp_path: Path) -> None:
    told = [("often", "a", 1.0, -0.5), ("once", "a", 1.0, -0.9), ("often", "b", 0.75, -0.6), ("faint", "a", 0.3, -1.0)]
    page = write_page(tmp_path, build_day(items=_told(build_day(), *told)))
    assert [row[0] for row in page.rows("items")] == ["-0.54", "-0.90", "-1.00"]


def test_story_lists_its_first_items_and_leaves_the_rest_to_the_csv(tmp_path: Path) -> None:
    items = build_day(n_items=60).items.assign(story_id="one", label="negative", polarity=-0.5)
    page = write_page(tmp_path, build_day(items=items))
    assert len([element for element in page.all("li") if "details" in element.inside]) == MAX_COPIES
    (row,) = page.rows("items")
    assert row[1].endswith(f"{60 - MAX_COPIES} more items: items.csv.")


def test_lists_of_stories_hold_only_those_with_the_label(tmp_path: Path) -> None:
    report = build_day(n_items=30)
    labels = ["neutral", "negative", "positive"] * 10
    page = write_page(tmp_path, build_day(items=report.items.assign(label=labels, polarity=-0.1)))
    shown = [element.text.rpartition("· ")[2].split()[0] for element in page.all("div", class_="meta")]
    assert shown == ["negative"] * 10 + ["positive"] * 10


def test_change_is_the_difference_of_the_moods_as_printed(tmp_path: Path) -> None:
    days = [LAST_DAY - timedelta(days=1), LAST_DAY]
    rows = [mood_row(day, "market", "market", mood, 9) for day, mood in zip(days, (-1.04, 1.06), strict=True)]
    page = write_page(tmp_path, build_day(moods=pd.DataFrame(rows).assign(change=2.0, trend=[-0.04, 0.06])))
    assert [row[1] for row in page.rows("numbers")[:2]] == ["+1.1", "-1.0"]
    assert page.rows("numbers")[0][3].endswith("+2.1")
    (market,) = read_csv(tmp_path / "2026-03-02" / "daily.csv")
    assert (market["mood"], market["change"]) == ("1.06", "2.10")


def test_page_says_that_its_news_is_invented_or_cut_off_at_a_time(tmp_path: Path) -> None:
    plain = write_page(tmp_path / "plain", build_day())
    sample = write_page(tmp_path / "sample", build_day(is_sample=True))
    cut = write_page(tmp_path / "cut", build_day(is_point_in_time=True))
    notices = [[element.text.strip() for element in page.all("p", class_="notice")] for page in (plain, sample, cut)]
    assert notices[0] == []
    assert notices[1][0].startswith("Sample. The companies and the news on this page are invented")
    assert notices[2][0].startswith("Point in time. Only what was first seen by 2026-03-03 05:30 Europe/Berlin counts")


def test_page_names_feeds_that_failed_and_why(page: Page) -> None:
    rows = page.rows("coverage")
    assert rows[0][0] == "regulator-notices"
    assert rows[0][2] == "✕ failed"
    assert rows[0][5] == "HTTP 503 after 3 tries; asked to wait 3600 s <b>"
    assert {row[2] for row in rows[2:]} == {"✓ ok"}
    assert len(rows) == 5


def test_page_marks_a_stale_feed_in_words_and_lists_it_before_the_others(page: Page) -> None:
    stale = page.rows("coverage")[1]
    assert (stale[0], stale[2]) == ("commodities-daily", "✓ ok, stale")
    assert stale[5] == "no item since Thu 26 Feb 09:10 UTC; usually at least one every 6 h on weekdays <i>"
    assert "1 feed is stale" in " ".join(page.all("main")[0].text.split())


def test_page_gives_both_reasons_of_a_feed_that_failed_and_is_stale(tmp_path: Path) -> None:
    coverage = build_day().coverage.assign(stale="no item since Thu 26 Feb 09:10 UTC")
    page = write_page(tmp_path, build_day(coverage=coverage))
    first = page.rows("coverage")[0]
    assert first[2] == "✕ failed, stale"
    assert first[5] == "HTTP 503 after 3 tries; asked to wait 3600 s <b>; no item since Thu 26 Feb 09:10 UTC"
    assert "5 feeds are stale" in " ".join(page.all("main")[0].text.split())


def test_page_says_how_numbers_are_made_and_what_was_left_out(page: Page) -> None:
    text = " ".join(page.all("main")[0].text.split())
    for phrase in (
        "P(positive) - P(negative)",
        "n / (n + 5)",
        "bootstrap over stories",
        "Buckman, Shapiro, Sudhof and Wilson",
        "0.95 per day of age",
        "Under three effective stories",
        "3f9c21ab7d04",
        "Headline validation accuracy",
        "0.8172",
        "2,141",
        "First seen after the as-of time",
        "12 items",
    ):
        assert phrase in text
    assert "Unreadable" not in text
    assert "Not investment advice" in page.all("footer")[0].text
    assert "2026-03-03 05:30 Europe/Berlin" in text


def test_page_times_are_those_of_the_reports_zone(tmp_path: Path) -> None:
    page = write_page(tmp_path, build_day(timezone="America/New_York"))
    assert "as of 2026-03-02 23:30 America/New_York" in " ".join(page.all("p", class_="dateline")[0].text.split())


def test_page_of_a_day_without_news_says_so(tmp_path: Path) -> None:
    report = build_day()
    coverage = report.coverage.assign(outcome="not collected", n_items=0, newest=pd.NaT)
    empty = build_day(items=report.items.head(0), moods=report.moods.head(0), coverage=coverage, n_excluded={})
    page = write_page(tmp_path, empty)
    assert page.all("h1")[0].text == "Not enough news to state a mood; 0 items from 0 of 5 feeds."
    text = " ".join(page.all("main")[0].text.split())
    assert "Nothing was left out." in text
    assert "No story of the day is labelled negative." in text
    assert "nan" not in text.lower()


def test_page_of_a_thin_day_has_no_number_for_its_mood(tmp_path: Path) -> None:
    nan = float("nan")
    changes = {"change": nan, "trend": nan, "usual_items": nan}
    moods = pd.DataFrame([mood_row(LAST_DAY, "market", "market", None, 2, **changes)])
    page = write_page(tmp_path, build_day(moods=moods))
    assert page.rows("numbers")[0][1] == "not enough news"
    figures = " ".join(page.all("dl", class_="figures")[0].text.split())
    assert "Mood not enough news" in figures
    assert "Change n/a" in figures


def test_topics_without_enough_news_have_a_table_and_no_chart(tmp_path: Path) -> None:
    thin = [mood_row(LAST_DAY, "sector", sector, None, 1) for sector in ("energy", "utilities")]
    moods = pd.DataFrame([mood_row(LAST_DAY, "market", "market", 12.5, 20), *thin])
    page = write_page(tmp_path, build_day(moods=moods))
    assert [row[:2] for row in page.rows("numbers", 1)] == [[row["topic"], "not enough news"] for row in thin]
    assert not page.figures()


def test_page_of_many_feeds_and_topics_stays_small(tmp_path: Path) -> None:
    report = build_day(n_items=400)
    names = [f"feed-{number:05d}" for number in range(2_000)]
    coverage = pd.DataFrame({"feed": names, "kind": "markets", "outcome": "ok", "reason": "", "n_items": 1})
    coverage = coverage.assign(stale="", newest=report.items["first_seen"].iloc[0])
    coverage.loc[1_990:, ["outcome", "reason"]] = ["failed", "timed out"]
    moods = [mood_row(LAST_DAY, "feed", name, -1.0, 5) for name in names]
    moods.append(mood_row(LAST_DAY, "market", "market", -1.0, 5))
    path = write_day(tmp_path, build_day(coverage=coverage, moods=pd.DataFrame(moods)))
    page = read_page(path)
    assert path.stat().st_size < 1_000_000
    assert [row[0] for row in page.rows("coverage")[:10]] == names[1_990:]
    assert len(read_csv(path.parent / "feeds.csv")) == 2_000
    assert "1,700 more feeds" in " ".join(page.all("main")[0].text.split())
    assert len(page.rows("numbers", 1)) == 24


def test_page_can_be_written_whatever_a_name_holds(tmp_path: Path) -> None:
    page = write_page(tmp_path, build_day(model=replace(MODEL, name="half a pair: \ud800 <b>")))
    assert "half a pair: ? <b>" in [e.text for e in page.all("dd")]


@pytest.mark.parametrize("kind", ["page", "hostile_page"])
def test_every_table_names_its_heads_and_can_be_scrolled_without_a_mouse(
    kind: str, request: pytest.FixtureRequest
) -> None:
    """No level of headings is skipped, heads say what they head, what scrolls has a link inside or takes the focus."""
    elements = request.getfixturevalue(kind).elements
    levels = [int(element.tag[1]) for element in elements if element.tag in ("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert all(head.attributes.get("scope") in ("col", "row") for head in elements if head.tag == "th")
    for number, box in enumerate(elements):
        if box.attributes.get("class") == "scroll" and "tabindex" not in box.attributes:
            assert "a" in {element.tag for element in _inside(elements, number)}
        if "tabindex" in box.attributes:
            assert box.attributes["aria-label"]
            assert box.attributes["role"] == "region"


def _inside(elements: list[Element], number: int) -> list[Element]:
    depth = len(elements[number].inside)
    return list(itertools.takewhile(lambda element: len(element.inside) > depth, elements[number + 1 :]))
