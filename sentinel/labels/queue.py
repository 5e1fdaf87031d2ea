"""Which headlines people are asked about. Pure: scored items and a random generator in, a queue out.

A headline that many tell stands for all its copies: they have one text, so one score, and one answer corrects them all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sentinel.records import LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping

INFLUENCE, RANDOM = "influence", "random"
HALVES = (INFLUENCE, RANDOM)

_POLARITIES = np.array([-1.0, 0.0, 1.0])
"""Of a headline that certainly has the label, in LABELS order."""


def expected_move(probabilities: np.ndarray) -> np.ndarray:
    """Tell how far polarity would move, on average, if somebody said what the label is.

    Args:
        probabilities: float of shape (n, 3), columns in LABELS order, rows sum to 1.

    Returns:
        Float of shape (n,), 0 (certain) to 1 (negative or positive, one as likely as the other): the mean of |label's
        polarity - polarity| over the labels, as likely as the model holds them.
    """
    polarity = probabilities @ _POLARITIES
    return np.asarray((probabilities * np.abs(_POLARITIES - polarity[:, None])).sum(axis=1))


def draw_queue(
    candidates: pd.DataFrame, n_wanted: int, *, queued: Mapping[str, str], rng: np.random.Generator
) -> pd.DataFrame:
    """Choose headlines: half at random, half by how far an answer would move the published mood.

    The random half is drawn first and from all headlines that it does not have yet, those that were asked about for
    their influence too: it has to stand for everything that is read.

    Args:
        candidates: columns item_id, text, pull (points by which the moods of its days move with one unit of its
            polarity) and LABELS, one row per scored item.
        n_wanted: how many headlines; of an odd number one more by influence.
        queued: half of the items that were chosen before, by id.
        rng: draws the random half.

    Returns:
        Columns item_id, half and influence (expected points of mood, at least 0), in random order, fewer than wanted
        where there are no more.
    """
    texts = _distinct_texts(candidates, queued)
    undrawn = texts[texts["half"] != RANDOM]
    n_random = min(n_wanted // 2, len(undrawn))
    drawn = undrawn.iloc[np.sort(rng.choice(len(undrawn), size=n_random, replace=False))]
    others = texts[(texts["half"] == "") & ~texts["item_id"].isin(drawn["item_id"])]
    strongest = others.sort_values(["influence", "item_id"], ascending=[False, True]).head(n_wanted - n_wanted // 2)
    chosen = pd.concat([drawn.assign(half=RANDOM), strongest.assign(half=INFLUENCE)], ignore_index=True)
    order = rng.permutation(len(chosen))
    return chosen.iloc[order][["item_id", "half", "influence"]].reset_index(drop=True)


def _distinct_texts(candidates: pd.DataFrame, queued: Mapping[str, str]) -> pd.DataFrame:
    """Give each text once, under the item that was queued before if any, with the influence of all its items."""
    halves = pd.Series([queued.get(item_id, "") for item_id in candidates["item_id"]], candidates.index, dtype="str")
    moves = expected_move(candidates[list(LABELS)].to_numpy(dtype=float))
    rows = candidates[["item_id", "text"]].assign(
        half=halves, influence=candidates["pull"].to_numpy(dtype=float) * moves, is_new=halves == ""
    )
    rows["influence"] = rows.groupby("text")["influence"].transform("sum")
    firsts = rows.sort_values(["is_new", "half", "item_id"], ascending=[True, False, True]).drop_duplicates("text")
    return firsts.sort_values("item_id", ignore_index=True)
