"""Keep generated texts out of what is evaluated.

Comes in: labelled texts and the fingerprints of held-out ones. Goes out: the texts that are none of them, not even
with other figures.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sentinel.text import fingerprint

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")


def without_figures(text_fingerprint: str) -> str:
    """Put a placeholder for every figure of a fingerprint."""
    return _FIGURE.sub("0", text_fingerprint)


def without_leaks(pairs: Sequence[tuple[str, str]], held_out: AbstractSet[str]) -> list[tuple[str, str]]:
    """Drop texts that are held out, in their own words or with other figures.

    Args:
        pairs: texts with labels.
        held_out: fingerprints (see ``sentinel.text.fingerprint``) that must not be trained on.

    Returns:
        The pairs that remain, in order.
    """
    shapes = {without_figures(key) for key in held_out}
    return [(text, label) for text, label in pairs if without_figures(fingerprint(text)) not in shapes]
