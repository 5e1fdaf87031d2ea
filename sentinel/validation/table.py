"""Put sessions, prices and moods beside one another, one row per session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentinel.errors import TableError
from sentinel.price_figures import SESSION_COLUMNS

if TYPE_CHECKING:
    from sentinel.validation.prices import Prices
    from sentinel.validation.sessions import Sessions

SURPRISE_SESSIONS = 20
MIN_SURPRISE_SESSIONS = 10
MAX_STRAY_SHARE = 0.02
MIN_GAP_RATIO = 0.25
"""A traded open differs from the close before by half as much as closes do; one that hardly differs was not traded."""


def build_table(
    sessions: Sessions, prices: Prices, *, mood: np.ndarray, overnight: np.ndarray, n_items: np.ndarray, where: str
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Build the frame that everything is measured on.

    Args:
        sessions: those of the exchange.
        prices: of the file.
        mood: float array of shape (n_sessions,), of items known between the closes.
        overnight: the same of items known after the close before and before the open.
        n_items: int array of shape (n_sessions,), items between the closes.
        where: the file of prices, for errors.

    Returns:
        A frame with SESSION_COLUMNS, and a sentence on each thing that was left out.

    Raises:
        TableError: so many days of the file are no sessions that it belongs to another exchange.
    """
    notes: list[str] = []
    place = np.searchsorted(sessions.days, prices.days)
    is_session = (place < len(sessions)) & (sessions.days[np.minimum(place, len(sessions) - 1)] == prices.days)
    stray = prices.days[~is_session]
    if len(stray) > MAX_STRAY_SHARE * len(prices.days):
        raise TableError(
            f"{len(stray)} of its {len(prices.days)} days are no sessions of {sessions.calendar}, {stray[0]} the first",
            where=where,
            hint="give the exchange of these prices with --calendar",
        )
    if len(stray):
        notes.append(f"{len(stray)} days of the file are no sessions of {sessions.calendar} and are left out")
    close, opens = (_by_place(values, place, is_session, len(sessions)) for values in (prices.close, prices.open))
    n_missing = int(np.isnan(close).sum())
    if n_missing:
        notes.append(f"{n_missing} sessions have no price; no return is made across them")
    session_return = np.diff(np.log(close), prepend=np.nan)
    day_return = np.log(close) - np.log(opens)
    if not opens_are_traded(session_return, day_return):
        if np.isfinite(opens).any():
            notes.append("the opens of the file hardly differ from the closes before: no traded prices, not used")
        day_return = np.full(len(sessions), np.nan)
    columns = {
        "session": sessions.days.astype(object),
        "close": close,
        "session_return": session_return,
        "day_return": day_return,
        "mood": mood,
        "surprise": surprises(mood),
        "overnight": surprises(overnight),
        "n_items": n_items,
    }
    return pd.DataFrame(columns)[list(SESSION_COLUMNS)], tuple(notes)


def surprises(mood: np.ndarray) -> np.ndarray:
    """Give each mood less the mean of the SURPRISE_SESSIONS before it, its own not among them.

    NaN where fewer than MIN_SURPRISE_SESSIONS of them have a mood.
    """
    before = pd.Series(mood).shift(1).rolling(SURPRISE_SESSIONS, min_periods=MIN_SURPRISE_SESSIONS).mean()
    return np.asarray(mood - before.to_numpy())


def opens_are_traded(session_return: np.ndarray, day_return: np.ndarray) -> bool:
    """Say whether opens look like prices that somebody traded at.

    Opens of an index that is computed from the last prices of its members hardly differ from the close before; a return
    from such an open would begin before the news of the night did.
    """
    both = np.isfinite(session_return) & np.isfinite(day_return)
    if both.sum() < 2:
        return False
    gaps = session_return[both] - day_return[both]
    return bool(gaps.std() >= MIN_GAP_RATIO * session_return[both].std())


def _by_place(values: np.ndarray, place: np.ndarray, chosen: np.ndarray, n: int) -> np.ndarray:
    found = np.full(n, np.nan)
    found[place[chosen]] = values[chosen]
    return found
