"""Invented days of news for the tests of the report: plain ones, thin ones and hostile ones."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from sentinel.pipeline.hours import build_hours
from sentinel.records import COVERAGE_COLUMNS, MOOD_COLUMNS, SCORED_ITEM_COLUMNS, ModelFacts
from sentinel.report import REPORT_ITEM_COLUMNS, DayReport, Watched

LAST_DAY = date(2026, 3, 2)
MODEL = ModelFacts(
    model_id="3f9c21ab7d04",
    name="gpt2-news-small",
    architecture="GPT2ForSequenceClassification, 6 layers x 256",
    metrics={
        "Headline validation accuracy": 0.8172,
        "Expected calibration error": 0.0213,
        "Test headlines": 2141.0,
    },
)
FEEDS = {
    "central-bank-news": "central-bank",
    "markets-wire": "markets",
    "economy-desk": "economy",
    "regulator-notices": "regulator",
    "commodities-daily": "commodities",
}
STALE = {"commodities-daily": "no item since Thu 26 Feb 09:10 UTC; usually at least one every 6 h on weekdays <i>"}
TOPICS = ("Equities", "Rates and bonds", "Banks", "Energy", "Metals", "Technology", "Consumer", "Housing")
COMPANIES = {"ACME": "Acme & Sons", "BRRW": "Barrowgate"}
HEADLINES = (
    "Copper slides as warehouse stocks climb for a sixth week",
    "Lender lifts full-year guidance after record fee income",
    "Factory orders fall short of forecasts for a third month",
    "Central bank holds its policy rate and signals patience",
    "Chip maker warns of weaker demand in the second half",
    "Retail sales rise more than expected in February",
    "Regulator opens inquiry into clearing house outage",
    "Airline returns to profit and restores its dividend",
    "Mortgage approvals reach the highest level in two years",
    "Oil steadies after producers keep output unchanged",
    "Insurer cuts dividend after storm losses",
    "Exchange operator reports steady trading volumes",
)
HOSTILE = (
    "<script>alert(1)</script> shares fall",
    '"><img src=x onerror=alert(1)> rally ends',
    "</script><script>alert(2)</script> & <b>bold</b> claims",
    '=HYPERLINK("http://evil.example";"click")',
    "-5% fall in copper",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    'Bank\'s "quoted" profit; outlook, unclear',
    "\U0001f680\U0001f4c8 stocks to the moon \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\u0627\u0631\u062a\u0641\u0627\u0639 \u0627\u0644\u0623\u0633\u0647\u0645",
    "Donaudampfschifffahrtsgesellschaft" * 8,
    "{{ 7 * 7 }} {% raw %} <!-- days --> <!-- /days --> ]]>",
    "<a href='javascript:alert(3)'>link</a> &lt;i&gt; twice &amp;amp;",
)
HOSTILE_URLS = (
    "javascript:alert(1)",
    'https://news.example/"><script>alert(1)</script>',
    "data:text/html,<script>alert(1)</script>",
    "",
    " JaVaScRiPt:alert(1)",
    "https://news.example/story?a=1&b='x'",
)


def build_day(
    day: date = LAST_DAY, *, n_items: int = 60, n_days: int = 90, hostile: bool = False, **changes: Any
) -> DayReport:
    """Build a report of invented news, the same for the same arguments."""
    chance = random.Random(day.toordinal())  # noqa: S311 - invented data
    items = _items(day, n_items, chance, hostile=hostile)
    coverage = _coverage(items)
    values: dict[str, Any] = {
        "day": day,
        "timezone": "Europe/Berlin",
        "known_by": datetime.combine(day + timedelta(days=1), time(4, 30), UTC),
        "model": MODEL,
        "moods": _moods(day, n_days, items, hostile=hostile),
        "items": items,
        "coverage": coverage,
        "watched": Watched("0123456789ab", COMPANIES, ("rates",)),
        "n_excluded": {"not scored yet": 3, "first seen after the as-of time": 12, "unreadable": 0},
    }
    values |= changes
    values["moods"] = moods = _counted(values["moods"], values["items"], day)
    n_items = values["coverage"]["feed"].map(values["items"]["feed"].value_counts()).fillna(0).astype(int)
    values["coverage"] = values["coverage"].assign(n_items=n_items)
    values.setdefault("history", moods[moods["topic_kind"] == "market"].reset_index(drop=True))
    values.setdefault("hours", build_hours(values["items"], values["day"], ZoneInfo(values["timezone"])))
    return DayReport(**values)


def _counted(moods: pd.DataFrame, items: pd.DataFrame, day: date) -> pd.DataFrame:
    """Let the moods of the day count its items, of the market by label, of each feed and each kind of feed."""
    moods = moods.copy()
    of_day = moods["day"] == day
    market = of_day & (moods["topic_kind"] == "market")
    moods.loc[market, "n_items"] = len(items)
    for label in ("negative", "neutral", "positive"):
        moods.loc[market, f"n_{label}"] = int((items["label"] == label).sum())
    for kind in ("feed", "kind"):
        rows = of_day & (moods["topic_kind"] == kind)
        moods.loc[rows, "n_items"] = moods["topic"].map(items[kind].value_counts()).fillna(0)[rows].astype(int)
    return moods


def mood_row(
    day: date, topic_kind: str, topic: str, mood: float | None, n_items: int, **changes: Any
) -> dict[str, Any]:
    """Build one row of a frame of moods; ``None`` is not enough news."""
    nan = float("nan")
    known = mood is not None
    row: dict[str, Any] = dict.fromkeys(MOOD_COLUMNS, nan)
    third = n_items // 3
    row |= {
        "day": day,
        "topic_kind": topic_kind,
        "topic": topic,
        "n_items": n_items,
        "n_stories": n_items - third // 2,
    }
    row |= {"n_negative": third, "n_positive": third // 2, "n_neutral": n_items - third - third // 2}
    row |= {"n_eff": max(n_items * 0.8, 0.0), "usual_items": 118.0, "trend": -3.14159}
    if known:
        row |= {
            "mood": mood,
            "low": mood - 6.1234,
            "high": mood + 5.4321,
            "breadth": -0.12345,
            "dispersion": 11.5,
        }
        row |= {"change": -4.987, "momentum": 1.234, "z": -0.8765}
    return {**row, **changes}


def _moods(day: date, n_days: int, items: pd.DataFrame, *, hostile: bool) -> pd.DataFrame:
    chance = random.Random(11)  # noqa: S311 - invented data
    start = min(day, LAST_DAY).toordinal() - n_days + 1
    first = LAST_DAY.toordinal() - 150
    names = [("market", "market"), *(("topic", name) for name in TOPICS)]
    names += [("kind", kind) for kind in sorted(set(FEEDS.values()))] + [("feed", feed) for feed in FEEDS]
    if hostile:
        names += [("topic", "<b onclick=alert(1)>x</b> & <a href='javascript:1'>y</a>"), ("topic", "W" * 90)]
    rows = []
    for topic_kind, topic in names:
        level, trend, last = chance.uniform(-12, 2), -4.0, None
        for ordinal in range(min(first, start), day.toordinal() + 1):
            level = 0.9 * level + chance.gauss(-0.6, 4)
            trend = 0.95 * trend + 0.05 * level
            then = date.fromordinal(ordinal)
            scale = 1.0 if topic_kind == "market" else 0.2
            n_items = int(scale * chance.randint(90, 150) * (0.3 if then.weekday() > 4 else 1.0))
            if ordinal == day.toordinal() and topic_kind == "market":
                n_items = len(items)
            thin = (topic in {"Housing", "regulator-notices", "regulator"}) or (
                chance.random() < 0.04 and ordinal < LAST_DAY.toordinal() - 5
            )
            mood = None if thin and (topic_kind, then) != ("market", day) else level
            changes = {
                "change": float("nan") if mood is None or last is None else mood - last,
                "trend": trend,
            }
            if topic_kind == "market" and then == day:
                counts = items["label"].value_counts()
                changes |= {f"n_{label}": int(counts.get(label, 0)) for label in ("negative", "neutral", "positive")}
            if ordinal >= start:
                rows.append(mood_row(then, topic_kind, topic, mood, n_items, **changes))
            last = mood
    frame = pd.DataFrame(rows, columns=list(MOOD_COLUMNS))
    return frame.sort_values(["day", "topic_kind", "topic"], ignore_index=True)


def _items(day: date, n_items: int, chance: random.Random, *, hostile: bool) -> pd.DataFrame:
    rows = []
    feeds = [feed for feed in FEEDS if feed != "regulator-notices"]
    for number in range(n_items):
        feed = feeds[number % len(feeds)]
        first_seen = datetime.combine(day, time(5), UTC) + timedelta(minutes=11 * number % 900)
        bad = hostile and number < 2 * len(HOSTILE)
        title = HOSTILE[number % len(HOSTILE)] if bad else f"{chance.choice(HEADLINES)} ({number})"
        url = HOSTILE_URLS[number % len(HOSTILE_URLS)] if bad else f"https://news.example/{day}/{number}?id={number}"
        negative = 0.9 - 0.01 * number if bad else chance.betavariate(1.2, 2)
        positive = (1 - negative) * chance.random()
        row: dict[str, Any] = dict.fromkeys((*SCORED_ITEM_COLUMNS, *REPORT_ITEM_COLUMNS), "")
        row |= {
            "item_id": f"{number:04d}{day.toordinal():028x}",
            "feed": feed,
            "kind": FEEDS[feed],
            "url": url,
        }
        row |= {
            "title": title,
            "text": title,
            "guid": f"g{number}",
            "story_id": f"{number:04d}{day.toordinal():028x}",
            "topics": "Equities,Banks" if number % 3 else "",
            "companies": "" if number % 4 else "ACME,BRRW",
            "sectors": "" if number % 4 else "industrials",
            "themes": "" if number % 5 else "rates",
        }
        row |= {
            "first_seen": first_seen,
            "story_since": first_seen,
            "published": None if number % 9 == 0 else first_seen - timedelta(minutes=7),
        }
        row |= {
            "negative": negative,
            "positive": positive,
            "neutral": 1 - negative - positive,
            "weight": 0.75,
        }
        row["polarity"] = positive - negative
        row["label"] = max(("negative", "neutral", "positive"), key=lambda label: row[label])
        rows.append(row)
    frame = pd.DataFrame(rows, columns=[*SCORED_ITEM_COLUMNS, *REPORT_ITEM_COLUMNS])
    frame["time"] = [row["first_seen"] if row["published"] is None else row["published"] for row in rows]
    for column in ("published", "first_seen", "time", "story_since", "edited_at"):
        frame[column] = pd.to_datetime(frame[column], utc=True).astype("datetime64[us, UTC]")
    for column in ("negative", "neutral", "positive", "polarity", "weight"):
        frame[column] = frame[column].astype("float64")
    return frame.sort_values(["time", "item_id"], ignore_index=True)


def _coverage(items: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for feed, kind in FEEDS.items():
        own = items[items["feed"] == feed]
        failed = feed == "regulator-notices"
        reason = "HTTP 503 after 3 tries; asked to wait 3600 s <b>" if failed else ""
        newest = own["time"].max() if len(own) else pd.NaT
        rows.append((feed, kind, "failed" if failed else "ok", reason, len(own), newest, STALE.get(feed, "")))
    frame = pd.DataFrame(rows, columns=list(COVERAGE_COLUMNS))
    frame["newest"] = pd.to_datetime(frame["newest"], utc=True).astype("datetime64[us, UTC]")
    return frame
