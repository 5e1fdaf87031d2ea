"""What is planted is found at its strength, what is not there is not found, and a look into the future is caught."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from sentinel.validation import judge, measure
from sentinel.validation.findings import half_life, hit_rate, returns_after
from sentinel.validation.table import opens_are_traded, surprises

from .worlds import DayEarlySessions, EarlySessions, SameDaySessions, noise, planted, table_of, telling_world

if TYPE_CHECKING:
    from sentinel.price_figures import Findings, Verdict
    from sentinel.validation.sessions import Sessions

COST_BP = 5.0
STRENGTHS = (0.1, 0.2, 0.4, -0.2)


def measured(table: object, cost_bp: float = COST_BP) -> tuple[Findings, Verdict]:
    findings = measure(table, cost_bp=cost_bp, seed=0)
    return findings, judge(findings, cost_bp=cost_bp)


# --- planted signals -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("strength", STRENGTHS)
def test_planted_signal_is_found_at_the_strength_planted(strength: float) -> None:
    findings, verdict = measured(planted(2_500, seed=1, strength=strength))
    found = findings.at("mood", 1).correlation
    assert found.low <= strength <= found.high
    assert verdict.kind in ("link", "usable")
    assert (findings.tests[0].signal, findings.tests[0].lag) in {("mood", 1), ("surprise", 1)}
    assert findings.tests[0].ic.value * strength > 0
    assert findings.tests[0].p_holm < 0.01


def test_interval_covers_the_planted_strength_about_as_often_as_it_says() -> None:
    covered = 0
    for seed in range(100):
        found = measure(planted(600, seed=seed, strength=0.2), cost_bp=0.0, seed=0).at("mood", 1).correlation
        covered += found.low <= 0.2 <= found.high
    assert 88 <= covered <= 99


@pytest.mark.parametrize("lag", [2, 5])
def test_planted_signal_is_found_at_the_lag_planted(lag: int) -> None:
    findings, verdict = measured(planted(2_500, seed=2, strength=0.3, lag=lag))
    assert findings.tests[0].lag == lag
    assert verdict.kind == "usable"
    others = [found.correlation for found in findings.lags if found.signal == "mood" and found.lag not in (0, lag)]
    assert max(abs(found.value) for found in others) < 0.1


def test_link_that_earns_nothing_sure_after_costs_is_not_usable() -> None:
    table = planted(2_500, seed=3, strength=0.12)
    assert measured(table, cost_bp=0.0)[1].kind == "usable"
    findings, verdict = measured(table, cost_bp=60.0)
    assert verdict.kind == "link"
    assert verdict.headline.startswith("A link was found, but nothing sure is left after costs: ")
    walk = findings.tests[0].walk
    assert walk is not None
    assert 0.0 < walk.break_even_bp < 60.0


def test_link_that_ends_half_way_does_not_hold_out_of_sample() -> None:
    generator = np.random.default_rng(5)
    signal, returns = generator.normal(size=1_500), 0.01 * generator.normal(size=1_500)
    returns[1:260] += 0.02 * signal[:259]
    returns[260:520] -= 0.012 * signal[259:519]
    findings, verdict = measured(table_of(10.0 * signal, returns))
    assert findings.tests[0].walk is not None
    assert findings.tests[0].walk.r2 < 0.0
    assert verdict.kind == "none"


# --- noise -----------------------------------------------------------------------------------------------------


def test_pure_noise_is_called_noise_in_at_least_95_of_100_seeds() -> None:
    kinds = [measured(noise(750, seed=seed))[1].kind for seed in range(100)]
    assert set(kinds) <= {"none", "link", "usable"}
    assert kinds.count("none") >= 95


def test_too_few_sessions_are_too_little_to_say() -> None:
    findings, verdict = measured(planted(400, seed=1, strength=0.9))
    assert findings.n == 399
    assert verdict.kind == "too little"
    assert "399 sessions" in verdict.headline


# --- a look into the future ------------------------------------------------------------------------------------


def test_news_that_tells_of_a_session_after_its_close_forecasts_nothing() -> None:
    world = telling_world(900, seed=4)
    findings, verdict = measured(world.table())
    assert findings.at("mood", -1).correlation.value > 0.8
    for lag in (0, 1, 2):
        found = findings.at("mood", lag).correlation
        assert found.low < 0.0 < found.high
    assert verdict.kind == "none"
    assert any("follows the return of the session before" in reason for reason in verdict.reasons)


def test_news_during_a_session_moves_with_it_and_forecasts_nothing() -> None:
    findings, verdict = measured(telling_world(900, seed=4, minutes_after_close=-60).table())
    assert findings.at("mood", 0).correlation.value > 0.8
    assert verdict.kind == "none"
    assert any("that is no forecast" in reason for reason in verdict.reasons)


@pytest.mark.parametrize(
    ("bug", "minutes_after_close", "lag"),
    [(SameDaySessions, 60, 0), (EarlySessions, 60, 0), (EarlySessions, -60, 1), (DayEarlySessions, 60, 1)],
)
def test_look_ahead_planted_on_purpose_makes_a_link_out_of_nothing(
    bug: type[Sessions], minutes_after_close: int, lag: int
) -> None:
    """The worlds of the two tests above would not pass with items in sessions that closed before they were known."""
    world = telling_world(900, seed=4, minutes_after_close=minutes_after_close)
    findings, verdict = measured(world.table(world.with_sessions(bug)))
    assert findings.at("mood", lag).correlation.value > 0.8
    assert verdict.kind == ("usable" if lag else "none")


def test_mood_of_a_session_does_not_change_with_what_comes_after_its_close() -> None:
    world = telling_world(100, seed=6)
    before = world.table()
    late = world.known_at >= world.sessions.closes[60]
    world.items.loc[late, "polarity"] = -1.0
    after = world.table()
    columns = ["mood", "surprise", "overnight"]
    assert before.loc[:60, columns].equals(after.loc[:60, columns])
    assert not before.loc[61:, columns].equals(after.loc[61:, columns])


# --- parts -----------------------------------------------------------------------------------------------------


def test_lag_sets_a_signal_beside_the_return_so_many_sessions_later() -> None:
    returns = np.array([1.0, 2.0, 3.0, 4.0])
    assert returns_after(returns, 1).tolist()[:3] == [2.0, 3.0, 4.0]
    assert returns_after(returns, -1).tolist()[1:] == [1.0, 2.0, 3.0]
    assert returns_after(returns, 0).tolist() == returns.tolist()
    assert np.isnan(returns_after(returns, 9)).all()


def test_surprise_rests_on_the_sessions_before_alone() -> None:
    moods = np.arange(30.0)
    found = surprises(moods)
    assert np.isnan(found[:10]).all()
    assert found[25] == pytest.approx(25.0 - np.mean(moods[5:25]))


def test_hit_rate_stands_beside_what_chance_would_reach() -> None:
    signal, returns = np.array([1.0, 1.0, 1.0, -1.0, 0.0]), np.array([1.0, 1.0, -1.0, 1.0, 1.0])
    found = hit_rate(signal, returns)
    assert found is not None
    assert (found.n, found.rate.value) == (4, 0.5)
    assert found.chance == pytest.approx(0.75 * 0.75 + 0.25 * 0.25)
    assert hit_rate(np.zeros(3), np.ones(3)) is None


@pytest.mark.parametrize(
    ("coefficients", "expected"),
    [([0.2, 0.15, 0.05], 1.5), ([-0.2, -0.1], 1.0), ([0.2, 0.2, 0.15], None), ([0.2, -0.2], 0.25)],
)
def test_half_life_is_where_a_coefficient_falls_to_half_of_its_first(
    coefficients: list[float], expected: float | None
) -> None:
    assert half_life(coefficients) == (None if expected is None else pytest.approx(expected))


def test_signal_that_fades_by_half_each_session_has_a_half_life_of_one() -> None:
    generator = np.random.default_rng(7)
    signal = generator.normal(size=6_000)
    returns = generator.normal(size=6_000)
    for lag in range(1, 8):
        returns[lag:] += 0.5**lag * signal[:-lag]
    (mood, _) = measure(table_of(signal, 0.01 * returns), cost_bp=0.0, seed=0).decays
    assert mood.half_life == pytest.approx(1.0, abs=0.25)
    assert mood.persistence == pytest.approx(0.0, abs=0.05)


def test_open_that_hardly_differs_from_the_close_before_is_no_traded_price() -> None:
    generator = np.random.default_rng(8)
    day = 0.01 * generator.normal(size=500)
    assert opens_are_traded(day + 0.005 * generator.normal(size=500), day)
    assert not opens_are_traded(day + 0.001 * generator.normal(size=500), day)
    assert not opens_are_traded(day, np.full(500, np.nan))


def test_event_path_shows_what_the_price_did_before_and_after() -> None:
    findings, _ = measured(planted(1_500, seed=9, strength=0.5))
    best, worst = findings.events
    assert (best.side, worst.side) == ("best", "worst")
    assert best.n_events == worst.n_events == 74
    assert best.threshold > 0.0 > worst.threshold
    zero, next_day = best.offsets.index(0), best.offsets.index(1)
    assert best.mean[zero] == best.low[zero] == best.high[zero] == 0.0
    assert best.low[next_day] > 0.0 > worst.high[next_day]
    assert best.low[-1] < best.mean[next_day] < best.high[-1]


def test_same_seed_gives_the_same_findings_and_another_moves_the_bands_alone() -> None:
    table = noise(600, seed=1)
    first, again, other = (measure(table, cost_bp=COST_BP, seed=seed) for seed in (0, 0, 1))
    assert first.events == again.events
    assert first.events != other.events
    assert [path.mean for path in first.events] == [path.mean for path in other.events]


def test_surprise_of_the_night_is_tested_where_opens_were_traded() -> None:
    world = telling_world(900, seed=4)
    tests = measure(world.table(), cost_bp=COST_BP, seed=0).tests
    assert len(tests) == 11
    (overnight,) = [test for test in tests if test.signal == "overnight"]
    assert overnight.name == "overnight, open to close of the same session"
    assert overnight.p_holm > 0.01
