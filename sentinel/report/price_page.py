"""Write what a mood has to do with prices: a page without a script, and its tables beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sentinel.report.files import replaced_together, write_bytes, write_chunks
from sentinel.report.page import render_prices
from sentinel.report.price_drawings import HEIGHT, LEFT, RIGHT, TOP, WIDTH, event_drawing, lag_drawing, scale_of
from sentinel.report.price_tables import price_tables
from sentinel.report.rounding import number_text

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from sentinel.price_figures import Circumstances, Estimate, Findings, HitRate, LinkTest, Verdict, WalkForward

PAGE_NAME = "index.html"
SESSIONS_A_YEAR = 252
_PERCENT = 100.0


def write_prices(
    folder: Path, circumstances: Circumstances, findings: Findings, verdict: Verdict, table: pd.DataFrame
) -> Path:
    """Write the page and its tables; they take their places together, the page last.

    Args:
        folder: where; created when absent.
        circumstances: what was set beside what.
        findings: the figures.
        verdict: what they come to.
        table: frame with SESSION_COLUMNS.

    Returns:
        The page.

    Raises:
        ReportError: a file cannot be written; what stood there before still does.
    """
    with replaced_together(folder, last=PAGE_NAME) as aside:
        for name, parts in price_tables(findings, table):
            write_chunks(aside / name, parts)
        write_bytes(aside / PAGE_NAME, render_prices(_context(circumstances, findings, verdict)))
    return folder / PAGE_NAME


def _context(circumstances: Circumstances, findings: Findings, verdict: Verdict) -> dict[str, Any]:
    signals = list(dict.fromkeys(found.signal for found in findings.lags))
    ends = [abs(end) for found in findings.lags for end in (found.correlation.low, found.correlation.high)]
    size = scale_of(ends)
    percents = [_PERCENT * end for path in findings.events for end in (*path.low, *path.high)]
    return {
        "facts": circumstances,
        "verdict": verdict,
        "n_tests": len(findings.tests),
        "key_figures": _key_figures(findings),
        "tests": [_test_row(test) for test in findings.tests],
        "lags": [
            {
                "signal": signal,
                "drawing": lag_drawing([found for found in findings.lags if found.signal == signal], size),
                "rows": [
                    {
                        "lag": found.lag,
                        "n": found.ic.n,
                        "cells": [_shown(found.correlation), _shown(found.ic)],
                        "t": number_text(found.ic.t, 2),
                    }
                    for found in findings.lags
                    if found.signal == signal
                ],
            }
            for signal in signals
        ],
        "events": [
            {
                "path": path,
                "drawing": event_drawing(path, scale_of(percents)),
                "rows": [
                    {"offset": offset, **_interval(mean, low, high, 2, scale=_PERCENT)}
                    for offset, mean, low, high in zip(path.offsets, path.mean, path.low, path.high, strict=True)
                ],
            }
            for path in findings.events
        ],
        "decays": findings.decays,
        "plot": {"left": LEFT, "right": WIDTH - RIGHT, "top": TOP, "width": WIDTH, "height": HEIGHT},
    }


def _key_figures(findings: Findings) -> list[dict[str, str]]:
    """Give the figures of the strongest test."""
    strongest = findings.tests[0]
    walk = strongest.walk
    return [
        {"name": "Information coefficient", **_shown(strongest.ic)},
        {"name": "p, corrected", "value": number_text(strongest.p_holm, 3), "interval": f"{len(findings.tests)} tests"},
        {"name": "Hit rate", **_hits(strongest.hits)},
        {
            "name": "R² out of sample",
            "value": f"{number_text(_PERCENT * walk.r2, 2)}%" if walk else number_text(None),
            "interval": f"{walk.n:,} forecasts" if walk else "",
        },
        {"name": "Return a year after costs", **_a_year(walk.net if walk else None)},
    ]


def _test_row(test: LinkTest) -> dict[str, Any]:
    walk: WalkForward | None = test.walk
    return {
        "name": test.name,
        "ic": _shown(test.ic),
        "t": number_text(test.ic.t, 2),
        "p": number_text(test.p, 3),
        "p_holm": number_text(test.p_holm, 3),
        "hits": _hits(test.hits),
        "r2": f"{number_text(_PERCENT * walk.r2, 2)}%" if walk else number_text(None),
        "oos_p": number_text(walk.p if walk else None, 3),
        "turnover": number_text(walk.turnover if walk else None, 2),
        "gross": _a_year(walk.gross if walk else None),
        "net": _a_year(walk.net if walk else None),
        "break_even": number_text(walk.break_even_bp if walk else None, 1),
    }


def _hits(hits: HitRate | None) -> dict[str, str]:
    if hits is None or hits.rate.value is None:
        return {"value": number_text(None), "interval": ""}
    low, high = (number_text(_PERCENT * (end or 0.0), 1) for end in (hits.rate.low, hits.rate.high))
    chance = number_text(_PERCENT * hits.chance, 1)
    return {
        "value": f"{number_text(_PERCENT * hits.rate.value, 1)}%",
        "interval": f"{low} to {high}",
        "chance": f"by chance {chance}",
    }


def _a_year(estimate: Estimate | None) -> dict[str, str]:
    if estimate is None:
        return {"value": number_text(None), "interval": ""}
    found = _interval(estimate.value, estimate.low, estimate.high, 1, scale=_PERCENT * SESSIONS_A_YEAR)
    return {**found, "value": f"{found['value']}%"}


def _shown(estimate: Estimate) -> dict[str, str]:
    return _interval(estimate.value, estimate.low, estimate.high, 3)


def _interval(value: float, low: float, high: float, decimals: int, *, scale: float = 1.0) -> dict[str, str]:
    text, *ends = (number_text(scale * part, decimals, signed=True) for part in (value, low, high))
    return {"value": text, "interval": " to ".join(ends)}
