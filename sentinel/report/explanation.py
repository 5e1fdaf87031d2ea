"""Say why the mood moved, whether it can be trusted, and what was published of it before."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sentinel.report.moves import PARTS
from sentinel.report.rounded_day import Row, rows_of
from sentinel.report.rounding import NOT_ENOUGH, is_known, number_text
from sentinel.report.sentence import count_words, direction_words, minute_text
from sentinel.text import canonical_url

if TYPE_CHECKING:
    from sentinel.report.rounded_day import RoundedDay

DISAGREEMENT = ((25.0, "they hardly disagree"), (50.0, "they disagree somewhat"), (float("inf"), "they disagree"))
"""Words for a disagreement: those of the first limit above it.

Source: Higgins, Thompson, Deeks and Altman 2003, "Measuring inconsistency in meta-analyses", BMJ 327 (25, 50 and 75 %
are low, moderate and high).
"""
MOVER_DECIMALS = 2
"""Decimals of what one story brought: most bring less than a tenth."""


def move_rows(day: RoundedDay) -> list[Row]:
    """List how the market's mood of the day before became that of the day.

    Args:
        day: the rounded day.

    Returns:
        The mood before, each part of the change, the mood now: rows of name, note, value (rounded, the parts sum to the
        change), level (the mood up to there), is_total and movers; empty where there is no change. Rounding is told
        only where it is not 0.
    """
    change = day.market["change"]
    if not is_known(change) or not is_known(day.market["from_new"]):
        return []
    level = round(day.market["mood"] - change, 1)
    rows: list[Row] = [_total(_before(day), level)]
    for part, (name, note) in PARTS.items():
        value = day.market[part]
        if part == "from_rounding" and value == 0:
            continue
        level = round(level + value, 1)
        n_stories = day.report.movement.n_stories.get(part, 0)
        count = f"{count_words(n_stories, 'story', 'stories')}, " if n_stories else ""
        told = {"name": name, "note": count + note, "movers": _movers(day, part)}
        rows.append({**told, "value": value, "level": level, "is_total": False})
    return [*rows, _total(day.report.day.isoformat(), day.market["mood"])]


def _total(name: str, mood: float) -> Row:
    return {"name": f"Mood of {name}", "note": "", "value": mood, "level": mood, "is_total": True, "movers": []}


def _before(day: RoundedDay) -> str:
    return (day.report.day - timedelta(days=1)).isoformat()


def _movers(day: RoundedDay, part: str) -> list[Row]:
    movers = day.report.movement.movers
    rows = rows_of(movers[movers["part"] == part])
    return [
        {
            **row,
            "url": canonical_url(row["url"]),
            "contribution": round(row["contribution"], MOVER_DECIMALS) + 0.0,
        }
        for row in rows
    ]


def move_words(day: RoundedDay) -> str:
    """Say a change and its largest part in one sentence; empty where there is no change."""
    change = day.market["change"]
    if not is_known(change) or not is_known(day.market["from_new"]):
        return ""
    name = max(list(PARTS)[:-1], key=lambda part: abs(day.market[part]))
    largest = f"{PARTS[name][0].lower()} ({number_text(day.market[name], signed=True)})"
    before = number_text(day.market["mood"] - change, signed=True)
    now = number_text(day.market["mood"], signed=True)
    direction = direction_words(change)
    moved = "stayed at" if direction == "unchanged" else f"went {direction} by {number_text(abs(change))} to"
    return f"From {before} on {_before(day)} the mood {moved} {now}; the largest part is {largest}."


def trust_lines(day: RoundedDay) -> list[str]:
    """Say on whom the market's mood rests, and what was published of it; empty where there is no mood."""
    if not is_known(day.market["mood"]):
        return _published_lines(day)
    return [*_panel_lines(day), *_left_out_lines(day), *_disagreement_lines(day), *_published_lines(day)]


def _panel_lines(day: RoundedDay) -> list[str]:
    n_feeds, mood, change = (day.market[name] for name in ("n_panel_feeds", "panel_mood", "panel_change"))
    if not is_known(n_feeds) or n_feeds == 0:
        return []
    feeds = f"{count_words(int(n_feeds), 'feed')} with news on both days"
    if not is_known(mood):
        return [f"The {feeds} alone {'has' if n_feeds == 1 else 'have'} not enough news for a mood."]
    moved = direction_words(change)
    by = "" if moved in ("n/a", "unchanged") else f" by {number_text(abs(change))}"
    compared = "" if moved == "n/a" else f", {moved}{by} from the day before"
    return [f"Counting only the {feeds}, the mood is {number_text(mood, signed=True)}{compared}."]


def _left_out_lines(day: RoundedDay) -> list[str]:
    market = day.market
    lines = []
    if is_known(market["without_low"]):
        low, high = (number_text(market[name], signed=True) for name in ("without_low", "without_high"))
        lines.append(
            f"With any one feed left out it lies between {low} (without {market['without_low_feed']}) "
            f"and {high} (without {market['without_high_feed']})."
        )
    if market["leans_on"]:
        lines.append(f"Without {market['leans_on']} there is not enough news.")
    return lines


def _disagreement_lines(day: RoundedDay) -> list[str]:
    share = day.market["disagreement"]
    if not is_known(share):
        return []
    if share == 0:
        return ["Feeds differ no more than chance makes them."]
    words = next(words for limit, words in DISAGREEMENT if share < limit)
    return [f"Of the spread between feeds {number_text(share, 0)}% is more than chance: {words}."]


def _published_lines(day: RoundedDay) -> list[str]:
    """Say of the day and the day before what was published, where it is no longer what is known."""
    lines = []
    for row in revised_days(day)[-2:]:
        if (day.report.day - row["day"]).days <= 1:
            then, now = (number_text(row[name], signed=True, missing=NOT_ENOUGH) for name in ("published_mood", "mood"))
            when = minute_text(row["published_at"].tz_convert(ZoneInfo(day.report.timezone)))
            lines.append(f"{row['day']} was published as {then} ({when}) and is {now} as now known.")
    return lines


def revised_days(day: RoundedDay) -> list[Row]:
    """List the days whose market mood was published by this model as another than is known now, oldest first."""
    own = day.published[day.published["model_id"] == day.report.model.model_id]
    own = own[["day", "mood", "published_at"]].rename(columns={"mood": "published_mood"})
    both = day.history[["day", "mood"]].merge(own, on="day").sort_values("day", kind="stable")
    same = (both["mood"] == both["published_mood"]) | (both["mood"].isna() & both["published_mood"].isna())
    return rows_of(both[~same])


def earlier_models(day: RoundedDay) -> dict[str, list[Row]]:
    """Give the market's moods of the history that other models published, by model, the last to begin first.

    They are never mixed with this model's: a chart draws both lines where both exist.
    """
    first = day.history["day"].min()
    others = day.published[day.published["model_id"] != day.report.model.model_id]
    others = others[(others["day"] >= first) & others["mood"].notna()].sort_values(["day", "model_id"], kind="stable")
    begins = others.groupby("model_id")["day"].min().sort_values(ascending=False, kind="stable")
    return {str(model_id): rows_of(others[others["model_id"] == model_id]) for model_id in begins.index}
