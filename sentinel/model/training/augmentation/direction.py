"""Write labelled texts that teach direction and negation: what moves, what was expected, what does not happen.

Comes in: how many texts, and a seed. Goes out: distinct texts with labels, a third of each.
"""

from __future__ import annotations

from sentinel.model.training.augmentation import events, expectation, markets, movement, neutral, reports
from sentinel.model.training.augmentation.drawing import Family, draw_texts

_DIRECTED: tuple[tuple[int, Family], ...] = (
    (26, movement.moving),
    (4, movement.at_record),
    (8, movement.changing_pace),
    (9, movement.not_moving),
    (8, movement.contrast),
    (11, expectation.against_forecast),
    (8, expectation.results),
    (6, expectation.guidance),
    (6, expectation.swing),
    (10, events.threat),
    (7, events.charge),
    (10, events.goal),
    (16, reports.report),
    (5, markets.shares),
    (6, markets.prices),
    (6, markets.ratings),
)
_UNDIRECTED: tuple[tuple[int, Family], ...] = (
    (16, neutral.company),
    (14, neutral.sentence),
    (14, neutral.headline),
    (12, neutral.other),
    (8, reports.report),
    (9, expectation.results),
    (6, expectation.guidance),
    (9, events.denial),
    (12, movement.standing),
    (9, markets.prices),
    (6, markets.ratings),
)
_FAMILIES = {"negative": _DIRECTED, "neutral": _UNDIRECTED, "positive": _DIRECTED}
_SENTENCES = (reports.report, neutral.sentence)


def direction_texts(n_texts: int, *, seed: int) -> list[tuple[str, str]]:
    """Write texts about things that rise, fall, happen or do not, each with its label.

    Args:
        n_texts: how many.
        seed: of the random generator; the same seed gives the same texts.

    Returns:
        Pairs of text and label, distinct by ``sentinel.text.fingerprint``, labels in turn.

    Raises:
        ValueError: so many are asked for that no new ones are found.
    """
    return draw_texts(n_texts, _FAMILIES, sentences=_SENTENCES, seed=seed)
