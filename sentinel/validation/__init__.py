"""The validation step: is there a link between the mood and prices that could have been used?

Comes in: times at which items were known, moods of sessions, a table of prices. Goes out: ``price_figures.Findings``
and a verdict in words. Pure functions; the door to exchange_calendars, which the extra ``prices`` brings. Invariant:
nothing that is said of a session rests on an item known after its close, or on a price of a later one.
"""

from sentinel.validation.findings import MAX_LAG, measure
from sentinel.validation.prices import Prices, read_prices
from sentinel.validation.sessions import Sessions, known_times, load_sessions
from sentinel.validation.table import build_table
from sentinel.validation.verdict import judge

__all__ = [
    "MAX_LAG",
    "Prices",
    "Sessions",
    "build_table",
    "judge",
    "known_times",
    "load_sessions",
    "measure",
    "read_prices",
]
