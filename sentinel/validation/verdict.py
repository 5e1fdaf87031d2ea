"""Say in plain words what was found. Pure: the same figures give the same verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel.price_figures import Verdict
from sentinel.validation.dependence import two_sided_p
from sentinel.validation.findings import ALPHA

if TYPE_CHECKING:
    from sentinel.price_figures import Findings, LinkTest, VerdictKind, WalkForward

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
    held = [(test, test.walk) for test in passed if test.walk is not None and _holds(test.walk)]
    usable = [(test, walk) for test, walk in held if walk.net.low > 0]
    around = (*_same_session(findings), *_afterwards(findings))
    if held:
        test, walk = (usable or held)[0]
        kind: VerdictKind = "usable" if usable else "link"
        headline = "A usable link was found" if usable else "A link was found, but nothing sure is left after costs"
        return Verdict(kind, f"{headline}: {_in_words(test)}.", (_out_of_sample(walk, cost_bp), *around))
    strongest = findings.tests[0]
    if passed:
        missed = f"{_in_words(strongest).capitalize()}, passes in the sample, but does not hold out of it."
    else:
        missed = (
            f"Of {len(findings.tests)} tests the strongest is {_in_words(strongest)}; corrected for their number that "
            f"is p = {_p(strongest.p_holm)}, and under {ALPHA} is asked for."
        )
    return Verdict("none", "No usable link was found between this mood and later returns.", (missed, *around))


def _holds(walk: WalkForward) -> bool:
    return walk.p < OUT_OF_SAMPLE_ALPHA and walk.correlation.value > 0


def _in_words(test: LinkTest) -> str:
    return f"{test.name}, information coefficient {test.ic.value:+.3f} ({test.ic.low:+.3f} to {test.ic.high:+.3f})"


def _out_of_sample(walk: WalkForward, cost_bp: float) -> str:
    gross, net, low, high = (
        f"{100.0 * _A_YEAR * value:+.1f}%" for value in (walk.gross.value, walk.net.value, walk.net.low, walk.net.high)
    )
    return (
        f"It holds out of sample (R² {100.0 * walk.r2:+.2f}%): trading its sign returned {gross} a year before costs "
        f"and {net} ({low} to {high}) at {cost_bp:g} basis points."
    )


def _same_session(findings: Findings) -> list[str]:
    found = findings.at("surprise", 0).correlation
    if two_sided_p(found.t) >= ALPHA:
        return ["It does not move with the market of the same session."]
    way = "with" if found.value > 0 else "against"
    sentence = (
        f"It moves {way} the market of the same session (correlation {found.value:+.2f}, {found.low:+.2f} to "
        f"{found.high:+.2f}); that is no forecast, for much news tells what the market has just done."
    )
    return [sentence]


def _afterwards(findings: Findings) -> list[str]:
    found = findings.at("surprise", -1).correlation
    if two_sided_p(found.t) >= ALPHA:
        return []
    return [f"It follows the return of the session before (correlation {found.value:+.2f})."]


def _p(value: float) -> str:
    return "under 0.001" if value < 0.001 else f"{value:.3f}"
