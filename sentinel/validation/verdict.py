"""Say in plain words what was found. Pure: the same figures give the same verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel.price_figures import Verdict
from sentinel.validation.dependence import two_sided_p
from sentinel.validation.findings import ALPHA

if TYPE_CHECKING:
    from sentinel.price_figures import Findings, LinkTest, WalkForward

MIN_SESSIONS = 500
"""About two years: one to learn from and one to test on."""
OUT_OF_SAMPLE_ALPHA = 0.05
_A_YEAR = 252


def judge(findings: Findings, *, cost_bp: float) -> Verdict:
    """Judge whether the mood forecasts returns, and whether that could have been used.

    A link is a test that passes Holm's correction at ALPHA and forecasts better than the mean of the past out of
    sample. It is usable where the 95 % interval of its return after costs lies above 0.

    Args:
        findings: what was measured.
        cost_bp: cost of trading that the net returns hold.

    Returns:
        The verdict.
    """
    if findings.n < MIN_SESSIONS:
        return Verdict(
            "too little",
            f"Too little to say: {findings.n:,} sessions have a mood and a next return, and {MIN_SESSIONS} are needed.",
            (),
        )
    passed = [test for test in findings.tests if test.p_holm < ALPHA]
    held = [test for test in passed if _holds(test.walk)]
    usable = [test for test in held if test.walk is not None and test.walk.net.low > 0]
    reasons = (*_out_of_sample(passed, held), *_costs(held, cost_bp), *_same_session(findings), *_afterwards(findings))
    if usable:
        best = usable[0]
        return Verdict("usable", f"A usable link was found: {_in_words(best)}.", reasons)
    if held:
        best = held[0]
        return Verdict("link", f"A link was found, but costs eat it: {_in_words(best)}.", reasons)
    strongest = findings.tests[0]
    missed = (
        f"Of {len(findings.tests)} tests the strongest is {_in_words(strongest)}; corrected for their number that is "
        f"p = {_p(strongest.p_holm)}, and under {ALPHA} is asked for.",
    )
    return Verdict("none", "No usable link was found between this mood and later returns.", (*missed, *reasons))


def _holds(walk: WalkForward | None) -> bool:
    return walk is not None and walk.p < OUT_OF_SAMPLE_ALPHA and walk.correlation.value > 0


def _in_words(test: LinkTest) -> str:
    return f"{test.name}, information coefficient {test.ic.value:+.3f} ({test.ic.low:+.3f} to {test.ic.high:+.3f})"


def _out_of_sample(passed: list[LinkTest], held: list[LinkTest]) -> list[str]:
    if not passed:
        return []
    if not held:
        return [f"{passed[0].name.capitalize()} passes in the sample, but does not hold out of it."]
    return [f"It holds out of sample: R² {100.0 * test.walk.r2:+.2f}%." for test in held[:1] if test.walk is not None]


def _costs(held: list[LinkTest], cost_bp: float) -> list[str]:
    if not held or held[0].walk is None:
        return []
    walk = held[0].walk
    return [
        f"Trading its sign returned {100.0 * _A_YEAR * walk.gross.value:+.1f}% a year before costs and "
        f"{100.0 * _A_YEAR * walk.net.value:+.1f}% ({100.0 * _A_YEAR * walk.net.low:+.1f}% to "
        f"{100.0 * _A_YEAR * walk.net.high:+.1f}%) at {cost_bp:g} basis points."
    ]


def _same_session(findings: Findings) -> list[str]:
    found = findings.at("surprise", 0).correlation
    if two_sided_p(found.t) >= ALPHA:
        return ["Nor does it move with the market of the same session."]
    way = "with" if found.value > 0 else "against"
    return [
        f"It moves {way} the market of the same session (correlation {found.value:+.2f}, {found.low:+.2f} to "
        f"{found.high:+.2f}); that is no forecast, for much news tells what the market has just done."
    ]


def _afterwards(findings: Findings) -> list[str]:
    found = findings.at("surprise", -1).correlation
    if two_sided_p(found.t) >= ALPHA:
        return []
    return [f"It follows the return of the session before (correlation {found.value:+.2f})."]


def _p(value: float) -> str:
    return "under 0.001" if value < 0.001 else f"{value:.3f}"
