"""What a day's page says of how often people read headlines as the model does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel.report.rounding import number_text
from sentinel.report.sentence import count_words

if TYPE_CHECKING:
    from sentinel.figures import LabelledShare


def labelled_lines(share: LabelledShare | None) -> list[str]:
    """Write the sentence of a page.

    Args:
        share: None where nobody was ever asked.

    Returns:
        At most one sentence: the accuracy with its interval, or that there are too few labels.
    """
    if share is None:
        return []
    drawn = f"drawn at random and labelled by people in the last {share.n_days} days"
    if share.n < share.n_needed:
        found = f"How often the model errs on these feeds is not known: {count_words(share.n, 'headline')} {drawn}, "
        return [f"{found}too few for a figure ({share.n_needed} are needed)."]
    percent = [number_text(100 * part, 0) for part in (share.n_right / share.n, share.low, share.high)]
    found = f"Of {count_words(share.n, 'headline')} {drawn}, the model reads {percent[0]}% as people do "
    return [f"{found}(95% interval {percent[1]} to {percent[2]}%)."]
