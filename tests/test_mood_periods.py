"""The mood of any period is made by the formula of the daily mood."""

from __future__ import annotations

import numpy as np
import pytest
from mood_reference import FEEDS, ZONE, build_frame, invent_news

from sentinel.mood import build_moods, period_moods, weigh_items


@pytest.mark.parametrize("seed", [1, 2])
def test_moods_of_days_are_the_moods_of_the_market(seed: int) -> None:
    weighed = weigh_items(build_frame(invent_news(seed)), FEEDS, timezone=ZONE)
    scored = weighed[weighed["polarity"].notna()]
    days = sorted(set(scored["day"]))
    moods = build_moods(weighed, first_day=days[0], last_day=days[-1], interval_days=())
    market = moods[moods["topic_kind"] == "market"].set_index("day")["mood"]
    found = period_moods(scored, [days.index(day) for day in scored["day"]], len(days))
    np.testing.assert_allclose(found, market.reindex(days).to_numpy(dtype=float), atol=1e-9)
    assert np.isfinite(found).any()


def test_items_of_no_period_count_nowhere_and_a_period_without_enough_news_has_no_mood() -> None:
    weighed = weigh_items(build_frame(invent_news(1)), FEEDS, timezone=ZONE)
    scored = weighed[weighed["polarity"].notna()].reset_index(drop=True)
    period = np.zeros(len(scored), dtype=int)
    period[::2] = -1
    (alone,) = period_moods(scored[1::2], np.zeros(len(scored[1::2]), dtype=int), 1)
    found = period_moods(scored, period, 2)
    assert found[0] == pytest.approx(alone)
    assert np.isnan(found[1])
